// SPDX-License-Identifier: Apache-2.0
/* Packs the hours of closed weeks into sample_week, so that a chart of a year reads 52 rows instead of 365. For the folding thread:
 * blocks. A week is one transaction; killed within it is done again. A week waits a day after its end, for late rows. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <libpq-fe.h>

/* At most one whole week, and some devices whose week changed after it was packed. Returns how many were packed, -1 with the reason in
 * `text`. Stops between devices when *quit. */
int pack_weeks(PGconn *read, PGconn *write, const atomic_bool *quit, char *text, size_t cap);
