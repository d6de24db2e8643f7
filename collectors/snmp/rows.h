// SPDX-License-Identifier: Apache-2.0
/* Rows of a device's tables: which of them count, which number each of them has in names, and what the
 * columns beside the value say about it (conditions, label, unit, divisor). Pure; borrows everything it
 * is given. */
#pragma once
#include "collectors/snmp/plan.h"

struct row {
	struct row_id key;
	bool is_zero;           /* no number in it is above zero; Riello writes -1 for currents of lines that do not exist */
	bool has_value;         /* not NULL throughout */
	uint16_t number;        /* in names; 0: it stands before the first thing of its table */
};
/* The rows of a table that count, ascending. */
struct rows {
	const struct profile_table *table;
	unsigned n, cap;
	struct row *row;
};

/* All tables of one device; each is looked through once. */
struct rows_of_device;
struct rows_of_device *rows_new(const struct plan_input *in);
void rows_free(struct rows_of_device *d);
/* Valid until the next call. */
const struct rows *rows_live(struct rows_of_device *d, const struct profile_table *t);
/* The row of an instance; NULL: not among those that count. */
const struct row *rows_get(const struct rows *r, const uint32_t *suffix, unsigned n);
/* The row an instance belongs to, whether it counts or not. */
struct row_id rows_id(const struct profile_table *t, const uint32_t *suffix, unsigned n);
/* What a column beside the values says about a row; NULL: nothing. */
const char *rows_text(const struct rows_of_device *d, const struct profile_oid *column, const struct row_id *row);
const struct plan_input *rows_input(const struct rows_of_device *d);
/* How many rows differ from this one in nothing but their number, itself included. */
unsigned rows_siblings(const struct rows *r, const struct row *row);
/* Rows are told apart by their label and conditions, scaled by their unit and divisor: *o is scaled.
 * Returns false when the row is not this point's. `key` is empty for scalars. */
bool rows_fit(const struct rows_of_device *d, const struct profile_point *p, const struct row_id *key, struct plan_object *o);
/* The unit of a value that brings it along, "70 F". */
bool rows_unit_in_text(const struct profile_units *u, const char *text, double *scale, double *offset);
