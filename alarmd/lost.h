// SPDX-License-Identifier: Apache-2.0
/* Records that a damaged journal file lost, asked of PostgreSQL when the damage is found.
 *
 * Blocks: all questions about one damage together at most ten seconds at the start, before the alarm set is taken up, and as long as the
 * caller says later; a quarter of it for the connection. Without the database alarmd goes on with what the file still gives (refill.h then
 * makes up for the rest). */
#pragma once
#include "common/journal.h"

struct lost;
struct lost *lost_new(const char *conninfo); /* does not connect yet */
void lost_free(struct lost *l);
/* Close the connection; the next damage may take so long. */
void lost_rest(struct lost *l, uint64_t limit_ms);
/* For bb_journal_options.lost. */
void lost_ask(struct lost *l, const uint8_t id[16], uint64_t first, uint64_t last,
	void (*put)(void *to, const struct bb_record *r), void *to);
