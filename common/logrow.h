// SPDX-License-Identifier: Apache-2.0
/* A record of alarmd's journal as a row of table `events`, and back to the byte.
 *
 * The row has columns for what people look for and `rest` for everything else, so that from both the
 * record is made again and the journal's chain hash over it can be checked for ever, long after the
 * journal's files are gone. Pure; strings live in the arena. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/wire.h"

enum bb_log_mark {
	BB_MARK_SHELVED = 1,
	BB_MARK_SUPPRESSED = 2,
	BB_MARK_MAINTENANCE = 4,
	BB_MARK_OUT_OF_SERVICE = 8,
	BB_MARK_TIME_UNSYNCED = 16,
};

/* Columns. Texts that may be NULL in the table are NULL when there are none, never "". */
struct bb_logrow {
	uint64_t jseq, at_us, site_id, device_id;
	const char *device, *alarm_id, *rule, *subject, *kind;
	uint32_t from_state, to_state, severity;
	const char *user_name, *comment, *text, *unit, *source;
	bool has_value, test, clock_step;
	double value;
	uint64_t source_at_us, raised_us; /* 0: NULL */
	uint32_t count;                   /* 0: NULL */
	/* enum bb_log_mark; -1: NULL, it was not written down. The record is made from `rest` alone. */
	int marks;
};

/* The columns of a checked record. */
void bb_logrow_of(const Busbar__V1__Transition *t, struct bb_logrow *row);

/* What the columns do not hold: in the arena, *len bytes. It is the whole record where columns and rest
 * would not give it back (texts that were made printable ...). */
uint8_t *bb_logrow_rest(struct bb_arena *a, const void *record, size_t record_len, size_t *len);

/* The record again, from a row that may have been tampered with. NULL with the reason. */
uint8_t *bb_logrow_record(struct bb_arena *a, const struct bb_logrow *row,
	const uint8_t journal_id[16], const void *rest, size_t rest_len, size_t *len,
	struct bb_err *err);

/* Name of the first column in which the rows differ, or NULL. */
const char *bb_logrow_difference(const struct bb_logrow *x, const struct bb_logrow *y);
