// SPDX-License-Identifier: Apache-2.0
/* A row of the event log as JSON and as a line of CSV, from one table of columns: what a file holds
 * is what the screen shows. */
#pragma once
#include <libpq-fe.h>
#include <stdbool.h>

#include "common/str.h"

/* One page of the log as text. $1 filter, $2 newest first, $3 $4 $5 place (microseconds, jseq,
 * journal in hexadecimal; $3 NULL: from the beginning), $6 rows, $7 milliseconds. */
extern const char event_page_sql[];

/* What of the query is the place of a row, for a cursor. */
struct event_place {
	const char *at_us, *jseq, *journal;
};
struct event_place event_place_of(const PGresult *r, int row);
/* The last row may say how far the search came, in place of an event. */
bool event_is_mark(const PGresult *r, int row);
const char *event_at(const PGresult *r, int row);

void event_write_json(struct bb_json *j, const PGresult *r, int row);
void event_write_csv_names(struct bb_buf *out);
void event_write_csv(struct bb_buf *out, const PGresult *r, int row);
/* One cell: quoted where RFC 4180 needs it, and never a formula. */
void event_csv_cell(struct bb_buf *out, const char *text);
