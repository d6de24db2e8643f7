# SPDX-License-Identifier: Apache-2.0
PROGRAMS += collect-snmptrap
# Everything but life, socket and bus: what tests and the fuzz target drive.
snmptrap_CORE := $(addprefix collectors/snmptrap/,ber.c message.c usm.c meaning.c memory.c senders.c windows.c identity.c)
collect-snmptrap_SRCS := $(addprefix collectors/snmptrap/,main.c receive.c handle.c v3.c hint.c command.c) $(snmptrap_CORE) collectors/events.c
collect-snmptrap_PKGS := netsnmp
