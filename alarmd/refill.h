// SPDX-License-Identifier: Apache-2.0
/* What a damaged file of the journal held and nobody could put back when it was found (lost.h), taken from PostgreSQL later: for every alarm with a transition in the lost numbers that is
 * newer than anything the journal still has of it, its final state is journalled anew ("carried") under its old id. What was not in
 * PostgreSQL yet is lost; fresh readings raise it again. Shelves and remembered commands are not in PostgreSQL. */
#pragma once
#include <libpq-fe.h>

#include "alarmd/core.h"
#include "common/journal.h"

/* $1: journal id, $2: first lost number. Columns: those of project_row_read(), then the number of the newest transition. */
extern const char refill_query[];

/* Tell `cb` each row that is news. Reads the journal from `missing` on. Returns 0, or -1 and err. */
int refill_rows(struct bb_journal *j, uint64_t missing, const PGresult *res,
	void (*cb)(void *arg, const Busbar__V1__Alarm *a), void *arg, struct bb_err *err);
/* Make the core's alarms what the row says. */
void refill_take(struct core *c, const Busbar__V1__Alarm *a, uint64_t now_ns);
