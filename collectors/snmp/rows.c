// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"

/* What the columns say, by place. */
struct row_texts {
	const struct row_text **by_place;
	unsigned n;
};

struct rows_of_device {
	const struct plan_input *in;
	struct row_texts text;
	struct rows *rows;
	unsigned n;
};

/* ---- what columns say ---- */

static int compare(const struct row_id *a, const struct row_id *b)
{
	for (unsigned i = 0; i < a->n && i < b->n; i++) {
		if (a->id[i] != b->id[i])
			return a->id[i] < b->id[i] ? -1 : 1;
	}
	return (int)a->n - (int)b->n;
}

static int text_order(const void *a, const void *b)
{
	const struct row_text *x = *(const struct row_text *const *)a;
	const struct row_text *y = *(const struct row_text *const *)b;
	int c = profile_oid_compare(&x->column, &y->column);

	return c ? c : compare(&x->row, &y->row);
}

static void texts_init(struct row_texts *t, const struct row_text *text, unsigned n)
{
	t->n = n;
	t->by_place = bb_calloc(n + 1, sizeof(*t->by_place));
	for (unsigned i = 0; i < n; i++)
		t->by_place[i] = &text[i];
	qsort(t->by_place, n, sizeof(*t->by_place), text_order);
}

/* The first text at or behind this place. */
static unsigned place_of(const struct row_texts *t, const struct row_text *wanted)
{
	unsigned low = 0, high = t->n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (text_order(&t->by_place[mid], &wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_in(const struct row_texts *t, unsigned i, const struct profile_oid *column)
{
	return i < t->n && !profile_oid_compare(&t->by_place[i]->column, column);
}

static struct row_id shortened(const struct row_id *k, unsigned n)
{
	struct row_id key = *k;

	key.n = (uint8_t)(n < key.n ? n : key.n);
	return key;
}

/* What the column says in this row; where it is a scalar, what it says at all. NULL: nothing. */
static const char *row_text_at(const struct row_texts *t, const struct profile_oid *column,
	const struct row_id *row)
{
	struct row_text wanted = { .column = *column };
	unsigned first = place_of(t, &wanted);

	/* A column may have a longer index than the table of the point, or a shorter one. */
	for (unsigned n = row->n; n > 0; n--) {
		wanted.row = shortened(row, n);
		unsigned i = place_of(t, &wanted);

		if (!is_in(t, i, column))
			continue;
		struct row_id start = shortened(&t->by_place[i]->row, n);
		if (!compare(&start, &wanted.row) && (n == row->n || t->by_place[i]->row.n == n))
			return t->by_place[i]->text;
	}
	/* A scalar: asked for with its instance, perhaps several times, or found as the only row 0. */
	if (!is_in(t, first, column))
		return NULL;
	const struct row_text *only = t->by_place[first];
	return !only->row.n || (only->row.n == 1 && !only->row.id[0] &&
				       !is_in(t, first + 1, column))
		       ? only->text
		       : NULL;
}

/* ---- conditions ---- */

static bool is_one_of(const char *text, const int64_t *list, unsigned n)
{
	double v;

	for (unsigned i = 0; i < n; i++) {
		if (!bb_parse_double(text, &v) && v == (double)list[i])
			return true;
	}
	return false;
}

/* A column that says nothing about the row fulfils only what forbids something. */
static bool holds(const struct profile_only *w, const char *text)
{
	if ((w->n_is || w->match) && !text)
		return false;
	if (w->n_is && !is_one_of(text, w->is, w->n_is))
		return false;
	if (w->match && regexec(w->match, text, 0, NULL, 0))
		return false;
	return !text || (!is_one_of(text, w->is_not, w->n_is_not) &&
				(!w->unless || regexec(w->unless, text, 0, NULL, 0)));
}

static bool row_only(const struct row_texts *t, const struct profile_only *only, unsigned n,
	const struct row_id *row)
{
	for (unsigned i = 0; i < n; i++) {
		if (!holds(&only[i], row_text_at(t, &only[i].column, row)))
			return false;
	}
	return true;
}

/* ---- rows that count ---- */

static struct row_id key_of(const uint32_t *suffix, unsigned n, unsigned parts)
{
	struct row_id k = { .n = (uint8_t)(n < parts ? n : parts) };

	memcpy(k.id, suffix, k.n * sizeof(k.id[0]));
	return k;
}

static unsigned place_in(const struct rows *r, const struct row_id *key)
{
	unsigned low = 0, high = r->n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (compare(&r->row[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct row *find(const struct rows *r, const struct row_id *key)
{
	unsigned i = place_in(r, key);

	return i < r->n && !compare(&r->row[i].key, key) ? &r->row[i] : NULL;
}

static struct row *row_at(struct rows *r, const struct row_id *key)
{
	unsigned i = place_in(r, key);

	if (i < r->n && !compare(&r->row[i].key, key))
		return &r->row[i];
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		r->row = bb_realloc(r->row, r->cap * sizeof(*r->row));
	}
	memmove(&r->row[i + 1], &r->row[i], (r->n - i) * sizeof(*r->row));
	r->n++;
	r->row[i] = (struct row){ .key = *key, .is_zero = true };
	return &r->row[i];
}

static void all_rows(struct rows *r, const struct plan_input *in, const struct row_texts *text,
	const struct profile_table *t)
{
	for (unsigned i = 0; i < in->found->n; i++) {
		const struct finding *f = &in->found->f[i];
		const struct profile_point *p = in->profile->point[f->point];

		/* The same table may be written down in a profile and in its base. */
		if (!p->table || (p->table != t && strcmp(p->table->name, t->name)) || !f->suffix_n)
			continue;
		struct row_id key = key_of(f->suffix, f->suffix_n, t->index);
		if (!row_only(text, t->only, t->n_only, &key))
			continue;
		struct row *row = row_at(r, &key);
		row->has_value |= !f->is_null;
		row->is_zero &= f->is_null || (f->is_number && f->number <= 0);
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

static bool lives_in(const struct rows *r, const struct row_id *key)
{
	const struct row *row = find(r, key);

	return row && row->has_value && !row->is_zero;
}

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

/* The first row that differs from this one in nothing but its number. */
static unsigned first_sibling(const struct rows *r, unsigned i)
{
	for (unsigned k = 0; k < i; k++) {
		if (are_siblings(r->table, &r->row[k].key, &r->row[i].key))
			return k;
	}
	return i;
}

/* Rows behind the first that hold nothing are not there, unless the number of lines says so, or a
 * sister table proves the line: a phase that has failed reads zero as well and must not vanish.
 * With a dead first row nothing can be told, and all stay. */
static void drop_dead(struct rows *r, const struct plan_input *in, const struct row_texts *text)
{
	const struct profile_table *t = r->table, *sister = table_named(in->profile, t->like);
	double count = count_of(in, t);
	struct rows all = *r, other = { 0 };

	if (sister)
		all_rows(&other, in, text, sister);
	*r = (struct rows){ .table = t, .cap = all.n + 1 };
	r->row = bb_calloc(r->cap, sizeof(*r->row));
	for (unsigned i = 0; i < all.n; i++) {
		const struct row *row = &all.row[i];
		unsigned first = t->drop_zero_rows ? first_sibling(&all, i) : i;
		bool dead = !row->has_value;

		if (i != first && row->is_zero && !all.row[first].is_zero &&
			count < row->key.id[row->key.n - 1] && !lives_in(&other, &row->key))
			dead = true;
		if (!dead && r->n < t->max_rows)
			r->row[r->n++] = *row;
	}
	free(all.row);
	free(other.row);
	if (r->n < t->min_rows)
		r->n = 0;
}

/* ---- numbers ---- */

static bool same_block(const struct row_id *a, const struct row_id *b, unsigned parts)
{
	return !memcmp(a->id, b->id, parts * sizeof(a->id[0]));
}

/* Which thing of its block a row belongs to, from 0 on; things begin where the table says. -1: none. */
static void find_things(const struct rows *r, const struct row_texts *text, int *thing)
{
	const struct profile_table *t = r->table;
	int at = -1;

	for (unsigned i = 0; i < r->n; i++) {
		if (i && !same_block(&r->row[i].key, &r->row[i - 1].key, t->index - 1))
			at = -1;
		at += row_only(text, t->begins, t->n_begins, &r->row[i].key);
		thing[i] = at;
	}
}

/* The number that follows from the index alone: it does not depend on which other rows are there, so
 * it stays when one more probe is plugged in. */
static int number_by_index(const struct profile_table *t, const struct row_id *key,
	const int *thing)
{
	unsigned at = 0, part = number_part(t);

	if (!t->n_parts) {
		uint32_t id = part && part <= key->n ? key->id[part - 1] : 0;

		return id >= 1 && id <= t->span ? (int)(t->first + id - 1) : -1;
	}
	if (key->n < t->n_parts)
		return -1;
	for (unsigned i = 0; i < t->n_parts; i++) {
		bool is_thing = thing && i + 1 == t->n_parts;
		uint32_t from = is_thing ? 0 : t->from;
		uint32_t id = is_thing ? (uint32_t)*thing : key->id[i];

		if (id < from || id - from >= (uint32_t)t->parts[i])
			return -1;
		at = at * (uint32_t)t->parts[i] + (id - from);
	}
	return (int)(t->first + at);
}

static void set_numbers(struct rows *r, const struct row_texts *text)
{
	const struct profile_table *t = r->table;
	int *thing = t->n_begins ? bb_calloc(r->n + 1, sizeof(int)) : NULL;
	bool fits = true;
	unsigned next = 0;

	if (thing)
		find_things(r, text, thing);
	for (unsigned i = 0; i < r->n && fits; i++)
		fits = (thing && thing[i] < 0) ||
		       number_by_index(t, &r->row[i].key, thing ? &thing[i] : NULL) > 0;
	for (unsigned i = 0; i < r->n; i++) {
		if (thing && thing[i] < 0)
			continue;
		next += !thing || !i || thing[i] != thing[i - 1] || !next ||
			!same_block(&r->row[i].key, &r->row[i - 1].key, t->index - 1);
		/* Indices that are no small numbers: counted through. */
		r->row[i].number = (uint16_t)(fits ? (unsigned)number_by_index(t, &r->row[i].key,
							     thing ? &thing[i] : NULL)
						   : t->first + next - 1);
	}
	free(thing);
}

/* ---- a device ---- */

struct rows_of_device *rows_new(const struct plan_input *in)
{
	struct rows_of_device *d = bb_calloc(1, sizeof(*d));

	d->in = in;
	texts_init(&d->text, in->row_text, in->n_row_text);
	return d;
}

void rows_free(struct rows_of_device *d)
{
	for (unsigned i = 0; i < d->n; i++)
		free(d->rows[i].row);
	free(d->rows);
	free(d->text.by_place);
	free(d);
}

const struct rows *rows_live(struct rows_of_device *d, const struct profile_table *t)
{
	for (unsigned i = 0; i < d->n; i++) {
		if (d->rows[i].table == t)
			return &d->rows[i];
	}
	d->rows = bb_realloc(d->rows, (d->n + 1) * sizeof(*d->rows));
	struct rows *r = &d->rows[d->n++];
	*r = (struct rows){ .table = t };
	all_rows(r, d->in, &d->text, t);
	drop_dead(r, d->in, &d->text);
	set_numbers(r, &d->text);
	return r;
}

const struct row *rows_get(const struct rows *r, const uint32_t *suffix, unsigned n)
{
	struct row_id key = key_of(suffix, n, r->table->index);

	return n ? find(r, &key) : NULL;
}

struct row_id rows_id(const struct profile_table *t, const uint32_t *suffix, unsigned n)
{
	return key_of(suffix, n, t->index);
}

const char *rows_text(const struct rows_of_device *d, const struct profile_oid *column,
	const struct row_id *row)
{
	return row_text_at(&d->text, column, row);
}

const struct plan_input *rows_input(const struct rows_of_device *d)
{
	return d->in;
}

unsigned rows_siblings(const struct rows *r, const struct row *row)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n; i++)
		n += are_siblings(r->table, &r->row[i].key, &row->key);
	return n;
}

/* ---- what a row says about itself ---- */

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

/* What the row says its numbers are to be divided by; false: it says nonsense. */
static bool divisor_fits(const struct row_texts *text, const struct profile_table *t,
	const struct row_id *key, struct plan_object *o)
{
	const char *says = NULL;
	double v = 0;
	unsigned i = 0;
	const struct profile_oid *const column[] = { &t->divisor, &t->decimals, &t->factor };

	while (i < 3 && (!column[i]->n || !(says = row_text_at(text, column[i], key))))
		i++;
	if (!says)
		return true;
	if (bb_parse_double(says, &v))
		return false;
	double divisor = i == 0 ? v : i == 1 ? pow(10, v) : v < 0 ? -v : v == 0 ? 1 : 1 / v;
	if (!(divisor >= 1e-9 && divisor <= 1e9))
		return false;
	o->scale /= divisor;
	return true;
}

static bool label_fits(const struct row_texts *text, const struct profile_point *p,
	const struct row_id *key)
{
	const struct profile_table *t = p->table;
	const char *label = t->label.n ? row_text_at(text, &t->label, key) : NULL;

	for (unsigned i = 0; label && i < t->n_skip; i++) {
		if (!strcmp(label, t->skip[i]))
			return false;
	}
	return !p->label || (label && !regexec(p->label, label, 0, NULL, 0));
}

/* The unit that an object of its own tells; one that was not answered reads as "". */
static bool own_unit_fits(const struct row_texts *text, const struct profile_point *p,
	struct plan_object *o)
{
	const struct row_id whole = { .n = 0 };
	const char *unit = p->unit_oid.n ? row_text_at(text, &p->unit_oid, &whole) : NULL;

	return !p->units || !p->unit_oid.n ||
	       apply(p->units->unit, p->units->n, unit ? unit : "", &o->scale, &o->offset);
}

bool rows_fit(const struct rows_of_device *d, const struct profile_point *p,
	const struct row_id *key, struct plan_object *o)
{
	const struct row_texts *text = &d->text;
	const struct profile_table *t = p->table;
	bool needs_unit = t && t->n_units && (p->kind == BB_NUMBER || t->unit_of_texts);

	if (!row_only(text, p->only, p->n_only, key) || !own_unit_fits(text, p, o) ||
		(t && !label_fits(text, p, key)))
		return false;
	if (needs_unit && !apply(t->units, t->n_units, row_text_at(text, &t->unit, key), &o->scale,
				  &o->offset))
		return false;
	return !t || p->kind != BB_NUMBER || divisor_fits(text, t, key, o);
}
