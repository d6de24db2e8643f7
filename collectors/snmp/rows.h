// SPDX-License-Identifier: Apache-2.0
/* Rows of a device's tables: which of them count, which line each stands for, and what the columns
 * beside the value say about it (label, unit, divisor). Pure; borrows everything it is given. */
#pragma once
#include "collectors/snmp/plan.h"

#define MAX_LINES PROFILE_MAX_ROWS

/* The rows of a table that count, ascending. */
struct rows {
	unsigned n;
	struct row_id row[MAX_LINES];
	bool is_zero[MAX_LINES];        /* no number in it is above zero; Riello writes -1 for currents of lines that do not exist */
	bool has_value[MAX_LINES];      /* not NULL throughout */
};

void rows_live(const struct plan_input *in, const struct profile_table *t, struct rows *r);
/* The row a finding belongs to. */
struct row_id rows_of(const struct profile_table *t, const struct finding *f);
/* What a column beside the values says about a row; NULL: nothing. */
const char *rows_text(const struct plan_input *in, const struct profile_table *t, unsigned role,
	const struct row_id *row);
/* Number of the line a row stands for, 0: not among the rows that count. */
unsigned rows_line(const struct profile_table *t, const struct rows *r, const struct row_id *row);
/* How many rows differ from this one in nothing but their number, itself included. */
unsigned rows_siblings(const struct profile_table *t, const struct rows *r, const struct row_id *row);
/* Rows are told apart by their label, scaled by their unit and divisor: *o is scaled. Returns false
 * when the row is not this point's. */
bool rows_fit(const struct plan_input *in, const struct profile_point *p, const struct row_id *row, struct plan_object *o);
/* The same for a point whose unit an object of its own tells. */
bool rows_unit(const struct plan_input *in, unsigned point, struct plan_object *o);
/* ... and for a value that brings its unit along, "70 F". */
bool rows_unit_in_text(const struct profile_units *u, const char *text, double *scale, double *offset);
