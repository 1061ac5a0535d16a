#!/usr/bin/env bash
# Runs staticcheck at the version that tools/go.mod pins over the product and the browser tests.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin
go build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
./bin/staticcheck ./...
cd test/e2e && ../../bin/staticcheck ./...
