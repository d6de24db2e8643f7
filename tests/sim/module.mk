# SPDX-License-Identifier: Apache-2.0
# Simulated SNMP devices, and the floor the poll bench is compared with.
sim_SRCS := $(patsubst %,tests/sim/%.c,agent ber fleet recording truth ups ups_mib verb)
TOOLS += fleetsim
fleetsim_SRCS := $(patsubst %,tests/sim/%.c,main control generate net) $(sim_SRCS)
TOOLS += pollfloor
pollfloor_SRCS := tests/sim/floor.c $(sim_SRCS)
