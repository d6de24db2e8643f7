# SPDX-License-Identifier: Apache-2.0
# What a developer types; deploy/test is what decides.
PY := /usr/bin/python3
SEED ?= $(shell date +%s)
ROUNDS ?= 50

run: ## a live demo, as deploy/run
	deploy/run

test: ## everything, as deploy/test
	deploy/test

bench: ## the figures of the README, each beside its floor (about six minutes)
	deploy/install-packages build run test
	$(MAKE) VARIANT=release all
	$(PY) tests/bench/bench.py

nemesis: ## kill each part ROUNDS times (50) while a fleet toggles
	deploy/install-packages build run test
	$(MAKE) VARIANT=debug all && $(MAKE) VARIANT=release all ui
	$(PY) tests/lib/nemesis.py --rounds $(ROUNDS) --seed $(SEED)

fuzz: ## every fuzz target for 60 s
	$(PY) tests/run.py --only fuzz --fuzz-seconds 60

asan: ## unit and integration tests with every daemon under ASan and UBSan
	$(MAKE) VARIANT=asan all units && $(MAKE) VARIANT=release all ui && $(MAKE) VARIANT=debug all
	BUSBAR_BUILD=$(CURDIR)/build/asan $(PY) tests/run.py --only unit
	BUSBAR_BUILD=$(CURDIR)/build/asan $(PY) tests/run.py --only integration

lint: ## format and types: clang-format, shellcheck, the interface's own checks
	@git ls-files '*.c' '*.h' | xargs clang-format --dry-run 2>&1 | grep -c warning: | sed 's/^/clang-format differences: /'
	@command -v shellcheck >/dev/null && shellcheck deploy/stack deploy/run deploy/build deploy/test deploy/install-packages deploy/demo-fleet deploy/busbarctl || true
	$(MAKE) ui-check

cov: ## unit tests with coverage, lcov report in build/cov/html
	$(MAKE) VARIANT=cov units && $(MAKE) VARIANT=cov unit
	lcov -q -c -d build/cov -o build/cov/cov.info && genhtml -q build/cov/cov.info -o build/cov/html

.PHONY: run test bench nemesis fuzz asan lint cov
