# SPDX-License-Identifier: Apache-2.0
PROGRAMS += collect-snmptrap
# Everything but life, socket and bus: what tests and the fuzz target drive.
snmptrap_CORE := $(addprefix collectors/snmptrap/,ber.c message.c usm.c meaning.c memory.c senders.c windows.c identity.c)
collect-snmptrap_SRCS := $(addprefix collectors/snmptrap/,main.c receive.c handle.c v3.c hint.c command.c) $(snmptrap_CORE) collectors/events.c
collect-snmptrap_PKGS := netsnmp

UNIT_TESTS += test_trap_parts
test_trap_parts_SRCS := tests/unit/test_trap_parts.c $(snmptrap_CORE)
test_trap_parts_PKGS := netsnmp
FUZZERS += fuzz_trap
fuzz_trap_SRCS := tests/fuzz/fuzz_trap.c $(snmptrap_CORE)
fuzz_trap_PKGS := netsnmp
