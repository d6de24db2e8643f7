// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cells_span span_of(struct cells *c, const struct plan_input *in, const char *table)
{
	struct cells_span s = { .table = table, .from = UINT32_MAX, .second_from = UINT32_MAX };
	uint32_t to = 0;

	for (unsigned i = 0; i < c->n; i++) {
		if (!strcmp(c->span[i].table, table))
			return c->span[i];
	}
	for (unsigned i = 0; i < in->found->n; i++) {
		const struct finding *f = &in->found->f[i];
		const struct profile_point *p = in->profile->point[f->point];

		if (!p->table || strcmp(p->table->name, table) || !f->suffix_n)
			continue;
		s.from = f->suffix[0] < s.from ? f->suffix[0] : s.from;
		to = f->suffix[0] > to ? f->suffix[0] : to;
		if (f->suffix_n > 1 && f->suffix[1] < s.second_from)
			s.second_from = f->suffix[1];
	}
	s.n = to < s.from ? 0 : to - s.from + 1;
	if (c->n < sizeof(c->span) / sizeof(c->span[0]))
		c->span[c->n++] = s;
	return s;
}

/* Strings in parallel share their voltage, so they have equally many blocks, and cards number these
 * through. Where the division leaves a rest all blocks stay in string 1, numbered as by the card. */
static void split(struct cells *c, const struct plan_input *in, const struct profile_table *t,
	uint32_t number[2])
{
	struct cells_span blocks = span_of(c, in, t->name);
	struct cells_span strings = span_of(c, in, t->split_like);
	uint32_t at = number[0] - blocks.from;
	bool even = strings.n && !(blocks.n % strings.n);

	number[0] = even ? at / (blocks.n / strings.n) + 1 : 1;
	number[1] = even ? at % (blocks.n / strings.n) + 1 : at + 1;
}

/* What a column of the row says, 0: nothing that could be a number of a string or block. */
static uint32_t column_number(const struct rows_of_device *rows, const struct profile_oid *column,
	const struct row_id *row)
{
	const char *text = rows_text(rows, column, row);
	long v = text ? strtol(text, NULL, 10) : 0;

	return v >= 1 && v <= PROFILE_MAX_CELLS ? (uint32_t)v : 0;
}

static bool print_index(const char *pattern, const uint32_t number[2], char *out)
{
	size_t at = 0;

	for (const char *c = pattern; *c; c++) {
		bool is_number = *c == '{';
		uint32_t x = is_number ? number[c[1] - '1'] : 0;

		if ((is_number && !x) || x > 9999 || at + 6 >= LAYOUT_INDEX_MAX)
			return false;
		if (is_number)
			at += (size_t)snprintf(out + at, LAYOUT_INDEX_MAX - at, "%u", x);
		else
			out[at++] = *c;
		c += is_number ? 2 : 0;
	}
	out[at] = '\0';
	return bb_point_index_valid(out);
}

bool cells_index(struct cells *c, const struct rows_of_device *d, const struct finding *f,
	char out[LAYOUT_INDEX_MAX])
{
	const struct plan_input *in = rows_input(d);
	const struct profile_table *t = in->profile->point[f->point]->table;
	const struct cells_span rows = span_of(c, in, t->name);
	const struct row_id row = rows_id(t, f->suffix, f->suffix_n);
	uint32_t number[2] = { f->suffix_n ? f->suffix[0] : 0, f->suffix_n > 1 ? f->suffix[1] : 0 };

	if (!f->suffix_n || rows.n > t->max_rows)
		return false;
	if (t->split_like)
		split(c, in, t, number);
	/* Numbers from 0 on are raised by one. */
	if (!t->split_like) {
		number[0] += rows.from == 0;
		number[1] += rows.second_from == 0;
	}
	if (t->string.n)
		number[0] = column_number(d, &t->string, &row);
	if (t->block.n)
		number[1] = column_number(d, &t->block, &row);
	return print_index(t->cell, number, out);
}
