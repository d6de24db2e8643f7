# SPDX-License-Identifier: Apache-2.0
PROGRAMS += busbarctl
busbarctl_SRCS := $(wildcard deploy/ctl/*.c)
busbarctl_PKGS := jansson libcurl libpq

UNIT_TESTS += test_import_row
test_import_row_SRCS := tests/unit/test_import_row.c deploy/ctl/csv.c deploy/ctl/import_row.c
test_import_row_PKGS := jansson

FUZZERS += fuzz_csv
fuzz_csv_SRCS := tests/fuzz/fuzz_csv.c deploy/ctl/csv.c deploy/ctl/import_row.c
fuzz_csv_PKGS := jansson
