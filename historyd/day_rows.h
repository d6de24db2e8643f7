// SPDX-License-Identifier: Apache-2.0
/* Makes rows of sample_day and sample_time of the parts of days that are over, a few devices in one transaction, and drops the emptied
 * partition of parts. For the folding thread: blocks. Killed at any point a device's day is in parts or in day rows, never in both. What
 * comes late is united with the rows that are there. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <libpq-fe.h>

#include "historyd/merge.h"
#include "historyd/part.h"

/* Returns the number of days made, -1 with the reason in `text`. Stops between devices when *quit. */
int day_rows_make(PGconn *db, struct part_work *work, struct merge *merge, const atomic_bool *quit, char *text, size_t cap);
