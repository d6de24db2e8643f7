# SPDX-License-Identifier: Apache-2.0
PROGRAMS += collect-snmp
snmp_core_SRCS := $(addprefix collectors/snmp/,cells.c choose.c codec.c codec_place.c echo.c plan.c quirk.c rows.c)
snmp_v3_SRCS := $(addprefix collectors/snmp/,v3.c usm.c usm_keys.c)
collect-snmp_SRCS := $(addprefix collectors/snmp/,main.c engine.c engine_receive.c socket.c clones.c command.c record.c requests.c job.c pass.c value.c clock.c detect.c learn.c objects.c alarms.c range.c interview.c discover.c discover_cmd.c) $(snmp_core_SRCS) $(snmp_v3_SRCS) $(collector_host_SRCS) \
	$(profile_SRCS)
collect-snmp_PKGS := netsnmp libcrypto

UNIT_TESTS += test_snmp_codec test_snmp_plan test_snmp_rows test_snmp_usm
test_snmp_usm_SRCS := tests/unit/test_snmp_usm.c collectors/snmp/codec.c $(snmp_v3_SRCS) collectors/layout.c $(profile_SRCS)
test_snmp_usm_PKGS := netsnmp libcrypto
test_snmp_codec_SRCS := tests/unit/test_snmp_codec.c collectors/snmp/codec.c collectors/snmp/codec_place.c collectors/snmp/echo.c collectors/layout.c $(profile_SRCS)
test_snmp_codec_PKGS := netsnmp
test_snmp_plan_SRCS := tests/unit/test_snmp_plan.c collectors/values.c collectors/layout.c collectors/plausible.c collectors/plausible_roles.c $(snmp_core_SRCS) $(profile_SRCS)
test_snmp_plan_PKGS := netsnmp
test_snmp_rows_SRCS := tests/unit/test_snmp_rows.c collectors/values.c collectors/layout.c collectors/plausible.c collectors/plausible_roles.c $(snmp_core_SRCS) $(profile_SRCS)
test_snmp_rows_PKGS := netsnmp
FUZZERS += fuzz_snmp_pdu fuzz_snmp_v3
fuzz_snmp_v3_SRCS := tests/fuzz/fuzz_snmp_v3.c collectors/snmp/codec.c $(snmp_v3_SRCS) collectors/layout.c $(profile_SRCS)
fuzz_snmp_v3_PKGS := netsnmp libcrypto
fuzz_snmp_pdu_SRCS := tests/fuzz/fuzz_snmp_pdu.c collectors/snmp/codec.c collectors/snmp/codec_place.c collectors/snmp/echo.c collectors/layout.c $(profile_SRCS)
fuzz_snmp_pdu_PKGS := netsnmp

UNIT_TESTS += test_device_clock
test_device_clock_SRCS := tests/unit/test_device_clock.c collectors/snmp/clock.c
FUZZERS += fuzz_device_clock
fuzz_device_clock_SRCS := tests/fuzz/fuzz_device_clock.c collectors/snmp/clock.c

UNIT_TESTS += test_range
test_range_SRCS := tests/unit/test_range.c collectors/snmp/range.c
FUZZERS += fuzz_range
fuzz_range_SRCS := tests/fuzz/fuzz_range.c collectors/snmp/range.c

truth: $(addprefix $(B)/bin/,collect-snmp collector-probe busd fleetsim) ## compare what recorded devices say with what another project reads
	$(Q)BUSBAR_BUILD=$(abspath $(B)) /usr/bin/python3 tests/integration/test_truth.py $(ARGS)

.PHONY: truth
