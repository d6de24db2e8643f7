# SPDX-License-Identifier: Apache-2.0
# One block per test, so that parts can be added side by side. cmocka is linked by itself. Tests need VARIANT debug, asan, cov or
# fuzz: those builds know the test clock.
UNIT_TESTS += test_err
test_err_SRCS := tests/unit/test_err.c

UNIT_TESTS += test_arena
test_arena_SRCS := tests/unit/test_arena.c

UNIT_TESTS += test_str
test_str_SRCS := tests/unit/test_str.c

UNIT_TESTS += test_table
test_table_SRCS := tests/unit/test_table.c

UNIT_TESTS += test_clock
test_clock_SRCS := tests/unit/test_clock.c

UNIT_TESTS += test_log
test_log_SRCS := tests/unit/test_log.c

UNIT_TESTS += test_point
test_point_SRCS := tests/unit/test_point.c

UNIT_TESTS += test_conf
test_conf_SRCS := tests/unit/test_conf.c

UNIT_TESTS += test_snmpv3
test_snmpv3_SRCS := tests/unit/test_snmpv3.c

UNIT_TESTS += test_seal
test_seal_SRCS := tests/unit/test_seal.c

UNIT_TESTS += test_service
test_service_SRCS := tests/unit/test_service.c

UNIT_TESTS += test_loop
test_loop_SRCS := tests/unit/test_loop.c
UNIT_TESTS += test_journal
test_journal_SRCS := tests/unit/test_journal.c tests/unit/journal_lib.c

UNIT_TESTS += test_bus
test_bus_SRCS := tests/unit/test_bus.c tests/unit/bus_lib.c
UNIT_TESTS += test_pull
test_pull_SRCS := tests/unit/test_pull.c tests/unit/journal_lib.c tests/lib/faultfs.c
UNIT_TESTS += test_journal_faults
test_journal_faults_SRCS := tests/unit/test_journal_faults.c tests/unit/journal_lib.c tests/lib/faultfs.c
UNIT_TESTS += test_journal_damage
test_journal_damage_SRCS := tests/unit/test_journal_damage.c tests/unit/journal_lib.c tests/lib/faultfs.c

UNIT_TESTS += test_cmd
test_cmd_SRCS := tests/unit/test_cmd.c tests/unit/bus_lib.c busd/route.c

UNIT_TESTS += test_genconf
test_genconf_SRCS := tests/unit/test_genconf.c tests/unit/bus_lib.c

UNIT_TESTS += test_wire
test_wire_SRCS := tests/unit/test_wire.c

UNIT_TESTS += test_busd_cache
test_busd_cache_SRCS := tests/unit/test_busd_cache.c busd/cache.c busd/names.c

UNIT_TESTS += test_notify_text
test_notify_text_SRCS := tests/unit/test_notify_text.c $(notifyd_CORE)

UNIT_TESTS += test_outbox
test_outbox_SRCS := tests/unit/test_outbox.c tests/unit/journal_lib.c $(notifyd_CORE)

UNIT_TESTS += test_identity
test_identity_SRCS := tests/unit/test_identity.c

UNIT_TESTS += test_logrow
test_logrow_SRCS := tests/unit/test_logrow.c

UNIT_TESTS += test_sub_topics
test_sub_topics_SRCS := tests/unit/test_sub_topics.c
