// SPDX-License-Identifier: Apache-2.0
/* What a rule would have done: stored history is fed to alarmd's own core (the part without I/O,
 * linked here), with the rule as the only entry of its configuration and a clock that is that of
 * the samples. Works in a thread with its own connection, because it may take seconds; at most
 * PREVIEW_WORK_MS. The loop is never blocked. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/ruledef.h"

#define PREVIEW_WORK_MS  20000
#define PREVIEW_DAYS_MAX 31

struct preview_device {
	char key[208];
	uint64_t id;
	uint32_t interval_ms;
	bool is_asked; /* in the scope; otherwise it is only there for the median of its group */
	uint64_t raises, alarm_us;
	uint64_t raised_us; /* of the alarm that stands; 0: none */
};

struct preview_result {
	struct preview_device *device;
	size_t n_devices;
	size_t done; /* devices looked at to the end */
	uint64_t samples, raises, alarm_us;
	uint64_t day_raises[PREVIEW_DAYS_MAX + 2];
	bool is_complete;
	char error[512]; /* "" when it worked */
};

struct preview_question {
	const char *conninfo;
	const struct bb_ruledef *def; /* copied */
	uint64_t from_us, to_us;
};

/* It looks at texts or flags: what is stored of them are the changes. */
bool preview_is_of_states(const struct bb_ruledef *def);
/* It looks at flags, of which only the alarms are stored that were raised because of them. */
bool preview_is_of_flags(const struct bb_ruledef *def);

/* Why nothing can be said of it: what it looks at is not stored. NULL: it can. */
const char *preview_refusal(const struct bb_ruledef *def);

struct preview;
/* `done` runs in the loop, once, unless preview_free() comes first; `result` is borrowed. */
typedef void (*preview_done)(void *arg, const struct preview_question *q,
	const struct preview_result *result);
struct preview *preview_start(struct bb_loop *loop, const struct preview_question *q,
	preview_done done, void *arg);
/* Stops a thread that still works. NULL is nothing. */
void preview_free(struct preview *p);
