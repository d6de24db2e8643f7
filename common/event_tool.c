// SPDX-License-Identifier: Apache-2.0
/* busbar-events: prints the log events as a table for people. */
#include <stdio.h>

#include "common/log.h"

static const struct {
	enum bb_level level;
	const char *name, *meaning, *action;
} events[] = {
#define EVENT(id, level, name, meaning, action) { level, name, meaning, action },
#include "common/event.def"
#undef EVENT
};

static const char *const levels[] = {
	[BB_ERR] = "error",
	[BB_WARN] = "warning",
	[BB_INFO] = "info",
	[BB_DEBUG] = "debug",
};

int main(void)
{
	printf("# Log events\n\n"
	       "Printed from `common/event.def` by `make docs`; do not edit.\n\n"
	       "Under systemd each line is a journal entry with the field `BUSBAR_EVENT` and one `BUSBAR_<FIELD>` per value:\n"
	       "`journalctl BUSBAR_EVENT=device_lost`. An error needs a person, a warning may, info is a change of state.\n\n"
	       "| event | level | what it means | what to do |\n|---|---|---|---|\n");
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		printf("| `%s` | %s | %s | %s |\n", events[i].name, levels[events[i].level],
			events[i].meaning, events[i].action);
	return fflush(stdout) == 0 ? 0 : 1;
}
