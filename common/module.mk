# SPDX-License-Identifier: Apache-2.0
# Every .c in common/ belongs to libbusbar.a, except files named *_tool.c.
common_SRCS := $(filter-out %_tool.c,$(wildcard common/*.c))

TOOLS += busbar-points busbar-events
busbar-points_SRCS := common/point_tool.c
busbar-events_SRCS := common/event_tool.c

# The registry for the web interface.
$(B)/points.json: $(B)/bin/busbar-points
	$(call say,GEN,$@)
	$(Q)$< --json >$@

docs: $(B)/bin/busbar-points $(B)/bin/busbar-events ## print docs/points.md and docs/events.md from the registries
	$(Q)$(B)/bin/busbar-points --markdown >docs/points.md
	$(Q)$(B)/bin/busbar-events >docs/events.md

.PHONY: docs

UNIT_TESTS += test_ruledef
test_ruledef_SRCS := tests/unit/test_ruledef.c
FUZZERS += fuzz_ruledef
fuzz_ruledef_SRCS := tests/fuzz/fuzz_ruledef.c
FUZZERS += fuzz_logrow
fuzz_logrow_SRCS := tests/fuzz/fuzz_logrow.c
