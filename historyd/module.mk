# SPDX-License-Identifier: Apache-2.0
PROGRAMS += historyd
historyd_SRCS := $(addprefix historyd/,main.c ingest.c writer.c block.c fold.c part.c day_rows.c merge.c pack.c spool.c)
historyd_PKGS := libpq

UNIT_TESTS += test_history test_ingest
test_history_SRCS := tests/unit/test_history.c $(addprefix historyd/,block.c merge.c spool.c)
test_ingest_SRCS := tests/unit/test_ingest.c historyd/ingest.c
UNIT_TESTS += test_packed
test_packed_SRCS := tests/unit/test_packed.c
FUZZERS += fuzz_packed
fuzz_packed_SRCS := tests/fuzz/fuzz_packed.c
FUZZERS += fuzz_history_block fuzz_copy_array
fuzz_history_block_SRCS := tests/fuzz/fuzz_history_block.c historyd/block.c
fuzz_copy_array_SRCS := tests/fuzz/fuzz_copy_array.c
