// SPDX-License-Identifier: Apache-2.0
/* Who was told of an alarm, when, and with which result, as events in the log: a spool that alarmd reads (collectors/events.h).
 * It never holds a mail back: without a spool mails go out and the log does not say so. */
#pragma once
#include <stdbool.h>

#include "collectors/events.h"
#include "notifyd/task.h"

/* `text` is the server's answer or the reason. `e` may be NULL. The arena is used, not reset. */
void trail_put(struct events *e, struct bb_arena *a, const struct task *t, bool was_taken,
	const char *text);
