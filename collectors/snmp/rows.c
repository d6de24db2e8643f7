// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int row_at(struct rows *r, uint32_t row)
{
	unsigned i = 0;

	while (i < r->n && r->row[i] < row)
		i++;
	if (i < r->n && r->row[i] == row)
		return (int)i;
	if (r->n == MAX_LINES)
		return -1;
	for (unsigned k = r->n; k > i; k--) {
		r->row[k] = r->row[k - 1];
		r->is_zero[k] = r->is_zero[k - 1];
		r->has_value[k] = r->has_value[k - 1];
	}
	r->n++;
	r->row[i] = row;
	r->is_zero[i] = true;
	r->has_value[i] = false;
	return (int)i;
}

static void all_rows(const struct plan_input *in, const struct profile_table *t, struct rows *r)
{
	r->n = 0;
	for (unsigned i = 0; i < in->found->n; i++) {
		const struct finding *f = &in->found->f[i];
		const struct profile_point *p = in->profile->point[f->point];

		/* The same table may be written down in a profile and in its base. */
		if (!p->table || (p->table != t && strcmp(p->table->name, t->name)) || !f->suffix_n)
			continue;
		int at = row_at(r, f->suffix[0]);
		if (at < 0)
			continue;
		r->has_value[at] |= !f->is_null;
		r->is_zero[at] &= f->is_null || (f->is_number && f->number <= 0);
	}
}

static double count_of(const struct plan_input *in, const struct profile_table *t)
{
	for (unsigned i = 0; t->count.n && i < in->found->n; i++) {
		const struct finding *f = &in->found->f[i];

		if (f->is_number && !in->profile->point[f->point]->table &&
			!profile_oid_compare(&in->profile->point[f->point]->oid, &t->count))
			return f->number;
	}
	return 0;
}

static const struct profile_table *table_named(const struct profile *p, const char *name)
{
	for (unsigned i = 0; name && i < p->n_points; i++) {
		if (p->point[i]->table && !strcmp(p->point[i]->table->name, name))
			return p->point[i]->table;
	}
	return NULL;
}

static bool row_lives(const struct rows *r, uint32_t row)
{
	for (unsigned i = 0; i < r->n; i++) {
		if (r->row[i] == row)
			return r->has_value[i] && !r->is_zero[i];
	}
	return false;
}

/* Rows behind the first that hold nothing are not there, unless the number of lines says so, or a
 * sister table proves the line: a phase that has failed reads zero as well and must not vanish.
 * With a dead first row nothing can be told, and all stay. */
void rows_live(const struct plan_input *in, const struct profile_table *t, struct rows *r)
{
	const struct profile_table *sister = table_named(in->profile, t->like);
	double count = count_of(in, t);
	struct rows other = { 0 };
	unsigned kept = 0;

	all_rows(in, t, r);
	if (sister)
		all_rows(in, sister, &other);
	for (unsigned i = 0; i < r->n; i++) {
		bool dead = !r->has_value[i];

		if (t->drop_zero_rows && i > 0 && r->is_zero[i] && !r->is_zero[0] &&
			count < r->row[i] && !row_lives(&other, r->row[i]))
			dead = true;
		if (dead || kept >= t->max_rows)
			continue;
		r->row[kept] = r->row[i];
		r->is_zero[kept] = r->is_zero[i];
		r->has_value[kept++] = true;
	}
	r->n = kept < t->min_rows ? 0 : kept;
}

unsigned rows_line(const struct rows *r, uint32_t row)
{
	for (unsigned i = 0; i < r->n; i++) {
		if (r->row[i] == row)
			return row >= 1 && row <= MAX_LINES && r->row[r->n - 1] <= MAX_LINES &&
					       r->row[0] >= 1
				       ? row
				       : i + 1;
	}
	return 0;
}

/* ---- what a row says about itself ---- */

static const char *row_text_of(const struct plan_input *in, const struct profile_table *t,
	unsigned role, uint32_t row)
{
	const char *of_all = NULL;

	for (unsigned i = 0; i < in->n_row_text; i++) {
		const struct row_text *r = &in->row_text[i];

		if (r->table != t || r->role != role)
			continue;
		if (r->row == row)
			return r->text;
		if (r->row == 0)
			of_all = r->text; /* a scalar */
	}
	return role == ROLE_UNIT ? of_all : NULL;
}

static bool unit_fits(const struct plan_input *in, const struct profile_point *p, uint32_t row,
	struct plan_object *o)
{
	const char *text = row_text_of(in, p->table, ROLE_UNIT, row);

	for (unsigned i = 0; text && i < p->table->n_units; i++) {
		if (strcmp(p->table->units[i].text, text))
			continue;
		o->scale = p->table->units[i].scale * p->scale;
		o->offset = p->table->units[i].offset + p->offset;
		return true;
	}
	/* An unknown unit is worse than no value. */
	return false;
}

/* What the row says its numbers are to be divided by; false: it says nonsense. */
static bool divisor_fits(const struct plan_input *in, const struct profile_point *p, uint32_t row,
	struct plan_object *o)
{
	const char *text = row_text_of(in, p->table, ROLE_DIVISOR, row);
	double divisor = 1;
	char *end;

	if (text) {
		divisor = strtod(text, &end);
	} else {
		text = row_text_of(in, p->table, ROLE_DECIMALS, row);
		divisor = text ? pow(10, strtod(text, &end)) : 1;
	}
	if (text && (end == text || *end || !(divisor >= 1e-9 && divisor <= 1e9)))
		return false;
	o->scale /= divisor;
	return true;
}

bool rows_fit(const struct plan_input *in, const struct profile_point *p, uint32_t row,
	struct plan_object *o)
{
	const char *text;

	if (p->label) {
		text = row_text_of(in, p->table, ROLE_LABEL, row);
		if (!text || regexec(p->label, text, 0, NULL, 0))
			return false;
	}
	if (p->kind != BB_NUMBER)
		return true;
	return (!p->table->n_units || unit_fits(in, p, row, o)) && divisor_fits(in, p, row, o);
}
