#!/usr/bin/env bash
# Fails when a generated file is not what its generator makes.
set -euo pipefail
cd "$(dirname "$0")/.."
before=$(git status --porcelain)
go generate ./...
after=$(git status --porcelain)
if [ "$before" != "$after" ]; then
  echo "generated files are not current; run: make generate, and commit" >&2
  git status --short >&2
  exit 1
fi
