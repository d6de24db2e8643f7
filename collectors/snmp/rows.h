// SPDX-License-Identifier: Apache-2.0
/* Rows of a device's tables: which of them count, which line each stands for, and what the columns
 * beside the value say about it (label, unit, divisor). Pure; borrows everything it is given. */
#pragma once
#include "collectors/snmp/plan.h"

#define MAX_LINES 64

/* The rows of a table that count. */
struct rows {
	unsigned n;
	uint32_t row[MAX_LINES];
	bool is_zero[MAX_LINES];        /* no number in it is above zero; Riello writes -1 for currents of lines that do not exist */
	bool has_value[MAX_LINES];      /* not NULL throughout */
};

void rows_live(const struct plan_input *in, const struct profile_table *t, struct rows *r);
/* Number of the line a row stands for, 0: not among the rows that count. */
unsigned rows_line(const struct rows *r, uint32_t row);
/* Rows are told apart by their label, scaled by their unit and divisor: *o is scaled. Returns false
 * when the row is not this point's. */
bool rows_fit(const struct plan_input *in, const struct profile_point *p, uint32_t row, struct plan_object *o);
