# SPDX-License-Identifier: Apache-2.0
# Simulated SNMP devices, and the floor the poll bench is compared with.
sim_SRCS := $(patsubst %,tests/sim/%.c,agent ber fleet recording truth ups ups_mib verb)
TOOLS += fleetsim
fleetsim_SRCS := $(patsubst %,tests/sim/%.c,main control generate net) $(sim_SRCS)
TOOLS += pollfloor
pollfloor_SRCS := tests/sim/floor.c $(sim_SRCS)
TOOLS += trapstorm
trapstorm_SRCS := tests/sim/trapstorm.c
UNIT_TESTS += test_sim_ber test_sim_agent
test_sim_ber_SRCS := tests/unit/test_sim_ber.c tests/sim/ber.c
test_sim_agent_SRCS := tests/unit/test_sim_agent.c $(sim_SRCS)
FUZZERS += fuzz_sim_ber
fuzz_sim_ber_SRCS := tests/fuzz/fuzz_sim_ber.c $(sim_SRCS)
