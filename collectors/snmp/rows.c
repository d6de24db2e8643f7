// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const struct row_id *a, const struct row_id *b)
{
	for (unsigned i = 0; i < a->n && i < b->n; i++) {
		if (a->id[i] != b->id[i])
			return a->id[i] < b->id[i] ? -1 : 1;
	}
	return (int)a->n - (int)b->n;
}

struct row_id rows_of(const struct profile_table *t, const struct finding *f)
{
	struct row_id row = { .n = f->suffix_n < t->index ? f->suffix_n : t->index };

	memcpy(row.id, f->suffix, row.n * sizeof(row.id[0]));
	return row;
}

static int row_at(struct rows *r, const struct row_id *row)
{
	unsigned i = 0;

	while (i < r->n && compare(&r->row[i], row) < 0)
		i++;
	if (i < r->n && !compare(&r->row[i], row))
		return (int)i;
	if (r->n == MAX_LINES)
		return -1;
	for (unsigned k = r->n; k > i; k--) {
		r->row[k] = r->row[k - 1];
		r->is_zero[k] = r->is_zero[k - 1];
		r->has_value[k] = r->has_value[k - 1];
	}
	r->n++;
	r->row[i] = *row;
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
		struct row_id row = rows_of(t, f);
		int at = row_at(r, &row);
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

static bool row_lives(const struct rows *r, const struct row_id *row)
{
	for (unsigned i = 0; i < r->n; i++) {
		if (!compare(&r->row[i], row))
			return r->has_value[i] && !r->is_zero[i];
	}
	return false;
}

/* ---- numbers ---- */

/* Which part of the index is the number: as written, the only one, or none (rows are counted through). */
static unsigned number_part(const struct profile_table *t)
{
	return t->number ? t->number : t->index == 1 ? 1 : 0;
}

static bool are_siblings(const struct profile_table *t, const struct row_id *a,
	const struct row_id *b)
{
	unsigned part = number_part(t);

	for (unsigned i = 0; part && i < a->n && i < b->n; i++) {
		if (i != part - 1 && a->id[i] != b->id[i])
			return false;
	}
	return true;
}

unsigned rows_siblings(const struct profile_table *t, const struct rows *r,
	const struct row_id *row)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n; i++)
		n += are_siblings(t, &r->row[i], row);
	return n;
}

/* The numbers of the device, unless one of them would not do for a name. */
static unsigned own_number(const struct profile_table *t, const struct rows *r,
	const struct row_id *row)
{
	unsigned part = number_part(t);

	for (unsigned i = 0; i < r->n; i++) {
		if (!part || part > r->row[i].n || !r->row[i].id[part - 1] ||
			r->row[i].id[part - 1] > MAX_LINES)
			return 0;
	}
	return row->id[part - 1];
}

unsigned rows_line(const struct profile_table *t, const struct rows *r, const struct row_id *row)
{
	for (unsigned i = 0; i < r->n; i++) {
		if (!compare(&r->row[i], row)) {
			unsigned number = own_number(t, r, row);

			return (number ? number : i + 1) + (t->first ? t->first - 1 : 0);
		}
	}
	return 0;
}

/* ---- rows that count ---- */

static unsigned first_sibling(const struct profile_table *t, const struct rows *r, unsigned i)
{
	for (unsigned k = 0; k < i; k++) {
		if (are_siblings(t, &r->row[k], &r->row[i]))
			return k;
	}
	return i;
}

/* Rows behind the first that hold nothing are not there, unless the number of lines says so, or a
 * sister table proves the line: a phase that has failed reads zero as well and must not vanish.
 * With a dead first row nothing can be told, and all stay. */
void rows_live(const struct plan_input *in, const struct profile_table *t, struct rows *r)
{
	const struct profile_table *sister = table_named(in->profile, t->like);
	double count = count_of(in, t);
	struct rows all, other = { 0 };

	all_rows(in, t, &all);
	r->n = 0;
	if (sister)
		all_rows(in, sister, &other);
	for (unsigned i = 0; i < all.n; i++) {
		unsigned first = first_sibling(t, &all, i);
		bool dead = !all.has_value[i];

		if (t->drop_zero_rows && i != first && all.is_zero[i] && !all.is_zero[first] &&
			count < all.row[i].id[all.row[i].n - 1] && !row_lives(&other, &all.row[i]))
			dead = true;
		if (dead || r->n >= t->max_rows)
			continue;
		r->row[r->n] = all.row[i];
		r->is_zero[r->n] = all.is_zero[i];
		r->has_value[r->n++] = true;
	}
	if (r->n < t->min_rows)
		r->n = 0;
}

/* ---- what a row says about itself ---- */

/* A label may stand in another table with a shorter index, or with a longer one on cards that append
 * zeros: what both have must agree. A unit may be a scalar. */
const char *rows_text(const struct plan_input *in, const struct profile_table *t,
	unsigned role, const struct row_id *row)
{
	const char *of_all = NULL;

	for (unsigned i = 0; i < in->n_row_text; i++) {
		const struct row_text *r = &in->row_text[i];
		unsigned n = r->row.n < row->n ? r->row.n : row->n;

		if (r->table != t || r->role != role || !n)
			continue;
		if (!memcmp(r->row.id, row->id, n * sizeof(row->id[0])))
			return r->text;
		if (!r->row.id[0])
			of_all = r->text;
	}
	return role == ROLE_UNIT ? of_all : NULL;
}

/* The value in the unit that was told: first what the point says, then what the unit means. */
static bool apply(const struct profile_unit *unit, unsigned n, const char *text, double *scale,
	double *offset)
{
	for (unsigned i = 0; text && i < n; i++) {
		if (strcmp(unit[i].text, text))
			continue;
		*scale *= unit[i].scale;
		*offset = *offset * unit[i].scale + unit[i].offset;
		return true;
	}
	/* An unknown unit is worse than no value. */
	return false;
}

bool rows_unit_in_text(const struct profile_units *u, const char *text, double *scale,
	double *offset)
{
	text += strspn(text, "+-0123456789.");
	return apply(u->unit, u->n, text + strspn(text, " "), scale, offset);
}

/* An object that was not answered reads as "". */
static const char *unit_of_point(const struct plan_input *in, unsigned point)
{
	for (unsigned i = 0; i < in->n_row_text; i++) {
		if (!in->row_text[i].table && in->row_text[i].point == point)
			return in->row_text[i].text;
	}
	return "";
}

bool rows_unit(const struct plan_input *in, unsigned point, struct plan_object *o)
{
	const struct profile_point *p = in->profile->point[point];

	return !p->units || !p->unit_oid.n ||
	       apply(p->units->unit, p->units->n, unit_of_point(in, point), &o->scale, &o->offset);
}

/* What the row says its numbers are to be divided by; false: it says nonsense. */
static bool divisor_fits(const struct plan_input *in, const struct profile_point *p,
	const struct row_id *row, struct plan_object *o)
{
	const char *text = rows_text(in, p->table, ROLE_DIVISOR, row);
	double divisor = 1;
	char *end;

	if (text) {
		divisor = strtod(text, &end);
	} else {
		text = rows_text(in, p->table, ROLE_DECIMALS, row);
		divisor = text ? pow(10, strtod(text, &end)) : 1;
	}
	if (text && (end == text || *end || !(divisor >= 1e-9 && divisor <= 1e9)))
		return false;
	o->scale /= divisor;
	return true;
}

static bool label_fits(const struct plan_input *in, const struct profile_point *p,
	const struct row_id *row)
{
	const char *text = rows_text(in, p->table, ROLE_LABEL, row);

	for (unsigned i = 0; text && i < p->table->n_skip; i++) {
		if (!strcmp(text, p->table->skip[i]))
			return false;
	}
	return !p->label || (text && !regexec(p->label, text, 0, NULL, 0));
}

bool rows_fit(const struct plan_input *in, const struct profile_point *p, const struct row_id *row,
	struct plan_object *o)
{
	const struct profile_table *t = p->table;

	if (!label_fits(in, p, row))
		return false;
	if (p->kind != BB_NUMBER)
		return !t->unit_of_texts ||
		       apply(t->units, t->n_units, rows_text(in, t, ROLE_UNIT, row), &o->scale,
			       &o->offset);
	return (!t->n_units || apply(t->units, t->n_units, rows_text(in, t, ROLE_UNIT, row),
				       &o->scale, &o->offset)) &&
	       divisor_fits(in, p, row, o);
}
