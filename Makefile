# configdrive-bridge. `make run` and `make test` bring what they need; see README.md.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.NOTPARALLEL:
# npm and tsc would leave a folder in /tmp.
export NODE_DISABLE_COMPILE_CACHE := 1
export PATH := $(CURDIR)/.tools/node/node_modules/.bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: run test test-rigs test-all unit check build setup clean distclean

## make run [ONCE=1] [TRANSPORT_URL=rabbit://…]: the whole path on real parts, told as a story
run: build
	@tools/need --file integration/run/packages
	@exec setpriv --pdeathsig TERM node dist/integration/run/main.js

## make test: unit tests, then every suite's short form; make test SUITE=name: one suite in full
test: build
	@node tools/test.ts $(if $(SUITE),--suite $(SUITE),--short)

## make test-rigs: the suites that need containers
test-rigs: build
	@node tools/test.ts --rigs

## make rig-nova [RELEASE=bookworm|trixie|newest] [COMPUTES=1|2]: a real nova in containers to try things on, until Ctrl-C
.PHONY: rig-nova
rig-nova: build
	@tools/need --file integration/nova/packages
	@exec setpriv --pdeathsig TERM node dist/integration/nova/rig.js

## make test-all: everything in full, with 1,000 schedules of the crash suite (some hours; their logs stay in .cache/crash)
test-all: build
	@SEEDS=$${SEEDS:-1000} node tools/test.ts --all

## make unit: unit tests alone
unit: build
	@node tools/test.ts --unit

## make check: types, lint, format, the contract's rules
check: build
	biome check .
	node tools/check-lock.ts
	buf lint
	buf breaking --against proto/baseline.binpb

## make baseline: the contract as it stands becomes what later ones may not break (at a release; docs/contract.md)
.PHONY: baseline docs
baseline: build
	buf build --exclude-source-info -o proto/baseline.binpb

## make docs: the pages that are made from tables in the code
docs: build
	node dist/src/api/write-errors-page.js
	node dist/src/api/policy/write-policy-page.js
	node dist/src/daemon/config/write-page.js
	node dist/adapters/write-proven-page.js

## make conformance TARGET=unix:/path|host:port|rabbit://… [INSTANCES=id,id]: the contract's cases against a service that runs
.PHONY: conformance
conformance: build
	@[ -n "$(TARGET)" ] || { echo "which? make conformance TARGET=unix:/run/configdrive/grpc.sock"; exit 64; }
	@TARGET='$(TARGET)' INSTANCES='$(INSTANCES)' NODE_OPTIONS="--experimental-vm-modules --disable-warning=ExperimentalWarning" \
	  jest --runInBand --verbose integration/conformance/contract.test.ts

## make bench SUITE=images [ROUNDS=0.1] [STRICT=1]: us beside what a user would take instead, on one core (bench/README.md)
.PHONY: bench
bench: build
	@[ -n "$(SUITE)" ] || { echo "which? make bench SUITE=images"; exit 64; }
	@tools/need --file bench/$(SUITE)/packages
	@taskset -c $$(($$(nproc) - 1)) node dist/bench/$(SUITE)/main.js

build: src/gen/.stamp
	@tsc -p .
	@cp src/gen/contract.binpb dist/src/gen/

# What generates the code comes with the npm packages, so those first.
src/gen/.stamp: $(shell find proto -name '*.proto') buf.gen.yaml package-lock.json Makefile | setup
	buf generate
	buf build --as-file-descriptor-set --exclude-source-info -o src/gen/contract.binpb
	touch $@

## make setup: Node.js and the npm packages, where missing or old
setup:
	@tools/node

clean:
	rm -rf dist src/gen coverage .cache bench/results

distclean: clean
	rm -rf .tools node_modules
