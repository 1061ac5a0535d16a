# Steward. `make help` lists the targets.
SHELL := /bin/bash
export CGO_ENABLED ?= 0

REPOS   ?= .
DATA    ?= $(HOME)/.local/share/steward
LISTEN  ?= 127.0.0.1:7411
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
GO_LD   := -ldflags "-s -w -X main.version=$(VERSION)"
TOOLS   := cd tools && go tool

.PHONY: help run build test unit e2e check bench generate feature migration clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: build ## build Steward and run it on REPOS (default: this repository)
	./bin/steward up --data $(DATA) --listen $(LISTEN) $(REPOS)

build: ## build bin/steward
	@command -v go >/dev/null || { echo "steward: Go is missing: install Go 1.26 or later and run make again"; exit 3; }
	go build -trimpath $(GO_LD) -o bin/steward ./cmd/steward

test: ## install what the tests need when it is missing, and run all of them
	./test/install.sh
	$(MAKE) unit e2e

unit: ## unit tests, both databases, command-line stories
	CGO_ENABLED=1 go test -count=1 -timeout 30m -race ./internal/platform/... ./internal/feature/estate/...
	go test -timeout 30m ./...

e2e: build ## browser tests in Chromium over the real binary
	cd test/e2e && go test -count=1 -timeout 45m ./...

check: ## format, vet, staticcheck, shape, generated files
	@out=$$($(TOOLS) gofumpt -l ../cmd ../internal ../test); [ -z "$$out" ] || { echo "not formatted (run: make generate):"; echo "$$out"; exit 1; }
	go vet ./...
	cd test/e2e && go vet ./...
	go -C tools tool staticcheck -version >/dev/null && ./test/staticcheck.sh
	go test -count=1 ./internal/arch
	./test/generated.sh

bench: build ## measure, and write doc/benchmarks.md
	cd bench && go run .

generate: ## format, and renew what is generated
	go -C tools tool gofumpt -w ../cmd ../internal ../test
	go generate ./...

feature: ## NAME=word [READS=estate,people]: a folder for a new capability
	@go run ./internal/tool/feature $(if $(READS),-reads $(READS)) $(NAME)

migration: ## NAME=feature_word: a new migration of a feature
	@go run ./internal/tool/feature -migration "$(NAME)"

clean: ## remove what was built
	rm -rf bin
