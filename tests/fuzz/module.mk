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

FUZZERS += fuzz_journal
fuzz_journal_SRCS := tests/fuzz/fuzz_journal.c

FUZZERS += fuzz_outbox
fuzz_outbox_SRCS := tests/fuzz/fuzz_outbox.c notifyd/outbox_record.c notifyd/config.c

FUZZERS += fuzz_mail
fuzz_mail_SRCS := tests/fuzz/fuzz_mail.c notifyd/template.c notifyd/mime.c notifyd/route.c
