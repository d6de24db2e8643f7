# SPDX-License-Identifier: Apache-2.0
PROGRAMS += busd
busd_SRCS := busd/main.c busd/proxy.c busd/cache.c busd/names.c busd/snapshot.c busd/route.c

FUZZERS += fuzz_reading_names
fuzz_reading_names_SRCS := tests/fuzz/fuzz_reading_names.c busd/cache.c busd/names.c
