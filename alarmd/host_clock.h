// SPDX-License-Identifier: Apache-2.0
/* Is the clock of this host set, and does a time service keep it? Own-alarms clock_not_set and clock_unsynced. No decision compares
 * the wall clock; people read it, and a log whose times nobody can trust is half a log.
 * host_clock_judge() is pure; the rest reads the kernel's state every ten seconds (adjtimex(2) without changing anything: no network,
 * no capability). Test builds read it from the file named by BUSBAR_TEST_TIMEX ("synced", "unsynced" or "refused"). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"

struct host_clock_reading {
	bool is_readable, is_synced;
	uint64_t real_us;
	const char *service; /* name of the time service that is there; NULL: none known */
};

/* Since when it is wrong, in ms of CLOCK_BOOTTIME; 0: it is not. */
struct host_clock_state {
	uint64_t unsynced_ms, not_set_ms;
};

struct host_clock_verdict {
	unsigned unsynced, not_set; /* severity, 0: fine */
	char unsynced_text[200], not_set_text[200];
};

/* `hold_ms`: unsynced for so long is an alarm, not set for so long or a minute, whichever is less. */
void host_clock_judge(struct host_clock_state *s, const struct host_clock_reading *r, uint64_t build_us, uint64_t hold_ms, uint64_t now_ms,
	struct host_clock_verdict *out);

struct host_clock;
typedef void (*host_clock_trouble)(void *arg, const char *code, unsigned severity, const char *text);
struct host_clock *host_clock_new(struct bb_loop *loop, uint64_t hold_ms, host_clock_trouble trouble, void *arg);
void host_clock_free(struct host_clock *h);
