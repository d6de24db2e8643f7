# SPDX-License-Identifier: Apache-2.0
PROGRAMS += collect-snmp
snmp_core_SRCS := $(addprefix collectors/snmp/,codec.c plan.c quirk.c)
collect-snmp_SRCS := $(addprefix collectors/snmp/,main.c engine.c job.c pass.c learn.c alarms.c) $(snmp_core_SRCS) $(collector_host_SRCS) \
	$(profile_SRCS)
collect-snmp_PKGS := netsnmp

truth: $(addprefix $(B)/bin/,collect-snmp collector-probe busd fleetsim) ## compare what recorded devices say with what another project reads
	$(Q)BUSBAR_BUILD=$(abspath $(B)) /usr/bin/python3 tests/integration/test_truth.py

.PHONY: truth
