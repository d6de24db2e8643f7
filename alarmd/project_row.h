// SPDX-License-Identifier: Apache-2.0
/* A transition as the JSON object events_apply() takes, and a row of alarm_state as an Alarm.
 * Pure. */
#pragma once
#include <libpq-fe.h>

#include "common/journal.h"
#include "common/str.h"
#include "common/wire.h"

/* `t` is what `r` holds. The arena holds scraps. */
void project_row_write(struct bb_json *j, struct bb_arena *arena, const struct bb_record *r,
	const Busbar__V1__Transition *t);

/* Columns in the order project_row_read() expects. */
#define PROJECT_STATE_COLUMNS                                                                                     \
	"alarm_id, site_id, device_id, device, rule, subject, episode, severity, state, "                         \
	"(extract(epoch FROM raised_at) * 1000000)::bigint, (extract(epoch FROM cleared_at) * 1000000)::bigint, " \
	"(extract(epoch FROM acked_at) * 1000000)::bigint, user_name, comment, text, value, unit"
/* Fill `a` from row n; its strings are the result's. */
void project_row_read(const PGresult *res, int n, Busbar__V1__Alarm *a);
