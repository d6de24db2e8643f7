# SPDX-License-Identifier: Apache-2.0
PROGRAMS += shutdownd
shutdownd_CORE := $(patsubst %,shutdownd/%.c,evidence past plan rccmd)
shutdownd_SRCS := $(patsubst %,shutdownd/%.c,act alarmlog command config dump ledger main testkill) $(shutdownd_CORE)
shutdownd_PKGS := jansson

UNIT_TESTS += test_evidence test_past test_plan test_plan_random test_plan_redundancy test_rccmd
test_evidence_SRCS := tests/unit/test_evidence.c shutdownd/evidence.c
test_plan_SRCS := tests/unit/test_plan.c shutdownd/plan.c
test_rccmd_SRCS := tests/unit/test_rccmd.c shutdownd/rccmd.c
test_plan_random_SRCS := tests/unit/test_plan_random.c $(patsubst %,shutdownd/%.c,evidence past plan)
test_plan_random_PKGS := jansson
test_plan_redundancy_SRCS := tests/unit/test_plan_redundancy.c shutdownd/evidence.c shutdownd/plan.c
test_past_SRCS := tests/unit/test_past.c $(patsubst %,shutdownd/%.c,evidence past plan)
test_past_PKGS := jansson
