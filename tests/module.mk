# SPDX-License-Identifier: Apache-2.0
# What a developer types; deploy/test is what decides.
PY := /usr/bin/python3
SEED ?= $(shell date +%s)
ROUNDS ?= 50
SUITES ?= 3
HOURS ?= 1

run: ## a live demo, as deploy/run
	deploy/run

test: ## everything, as deploy/test
	deploy/test

bench: ## the figures of the README, each beside its floor (ARGS="--only poll,memory": these parts; --help names them)
	deploy/install-packages build run test
	$(MAKE) VARIANT=release all
	$(PY) tests/bench/bench.py $(ARGS)

nemesis: ## 100,000 histories, faults at 500 writes, then ROUNDS (50) x 20 kills of alarmd, 4 crashes of PostgreSQL, 1 kill of all others, in SUITES (3) side by side
	deploy/install-packages build run test
	$(MAKE) VARIANT=debug all build/debug/unit/test_alarm_random && $(MAKE) VARIANT=release all ui
	BUSBAR_FIRST=$(SEED) BUSBAR_HISTORIES=100000 build/debug/unit/test_alarm_random
	BUSBAR_ROUNDS=500 $(PY) -m pytest -q -p no:cacheprovider tests/integration/test_faults.py
	BUSBAR_ROUNDS=100 BUSBAR_PAUSE_S=30 $(PY) -m pytest -q -p no:cacheprovider tests/integration/test_damage.py tests/integration/test_pause.py
	$(PY) tests/lib/nemesis.py --rounds $(ROUNDS) --suites $(SUITES) --seed $(SEED)

soak: ## one suite under load for HOURS (1): memory of each daemon every minute, slope of the second half
	deploy/install-packages build run test
	$(MAKE) VARIANT=release all ui
	$(PY) tests/lib/soak.py --hours $(HOURS)

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

.PHONY: run test bench nemesis soak fuzz asan lint cov
