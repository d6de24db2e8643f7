# SPDX-License-Identifier: Apache-2.0
# The host every collector is linked with; transports name it in their _SRCS.
collector_host_SRCS := $(addprefix collectors/,collector.c collector_cmd.c confirm.c device.c events.c layout.c plausible.c plausible_roles.c settings.c values.c wheel.c)
profile_SRCS := $(addprefix collectors/,profile.c profile_commands.c profile_extra.c profile_fields.c profile_read.c profile_rows.c)
# Plays alarmd for a collector in the integration tests.
TOOLS += collector-probe
collector-probe_SRCS := tests/integration/collector_probe.c

UNIT_TESTS += test_wheel test_profile test_plausible
test_plausible_SRCS := tests/unit/test_plausible.c collectors/layout.c collectors/plausible.c collectors/plausible_roles.c collectors/values.c
test_wheel_SRCS := tests/unit/test_wheel.c collectors/wheel.c
test_profile_SRCS := tests/unit/test_profile.c collectors/layout.c $(profile_SRCS)
FUZZERS += fuzz_profile
fuzz_profile_SRCS := tests/fuzz/fuzz_profile.c collectors/layout.c $(profile_SRCS)
