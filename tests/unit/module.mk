# SPDX-License-Identifier: Apache-2.0
# One block per test, so that parts can be added side by side. cmocka is linked by itself. Tests need VARIANT debug, asan, cov or
# fuzz: those builds know the test clock.
UNIT_TESTS += test_loop
test_loop_SRCS := tests/unit/test_loop.c
UNIT_TESTS += test_journal
test_journal_SRCS := tests/unit/test_journal.c tests/unit/journal_lib.c

UNIT_TESTS += test_bus
test_bus_SRCS := tests/unit/test_bus.c tests/unit/bus_lib.c
UNIT_TESTS += test_pull
test_pull_SRCS := tests/unit/test_pull.c tests/unit/journal_lib.c tests/lib/faultfs.c
