// SPDX-License-Identifier: Apache-2.0
/* Records of alarmd's journal out of the tables events and refused: the query, its rows, and each row as the record it was. Pure; bytes
 * live in the arena. */
#pragma once
#include <libpq-fe.h>

#include "common/journal.h"
#include "common/logrow.h"

/* $1: journal id in hexadecimal, $2 and $3: records with $2 < number <= $3, in order. */
extern const char bb_logrow_pg_sql[];

/* Strings are borrowed from the result. */
void bb_logrow_pg_columns(const PGresult *r, int row, struct bb_logrow *out);
/* The tables did not take it; it is kept as it was, and the columns say nothing. */
bool bb_logrow_pg_is_refused(const PGresult *r, int row);
/* NULL: the row has none. */
const uint8_t *bb_logrow_pg_chain(struct bb_arena *a, const PGresult *r, int row, size_t *len);
/* Number, type and bytes; -1 with the reason why it is none. The caller checks the chain hash. */
int bb_logrow_pg_record(struct bb_arena *a, const PGresult *r, int row,
	const struct bb_logrow *columns, const uint8_t journal_id[16], struct bb_record *out,
	struct bb_err *err);
