# SPDX-License-Identifier: Apache-2.0
# One block per fuzzer; VARIANT=fuzz only. Seeds of fuzz_x lie in corpus/x.
FUZZERS += fuzz_conf
fuzz_conf_SRCS := tests/fuzz/fuzz_conf.c

FUZZERS += fuzz_text
fuzz_text_SRCS := tests/fuzz/fuzz_text.c

FUZZERS += fuzz_wire
fuzz_wire_SRCS := tests/fuzz/fuzz_wire.c

FUZZERS += fuzz_genconf_file
fuzz_genconf_file_SRCS := tests/fuzz/fuzz_genconf_file.c
