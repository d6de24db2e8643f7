// SPDX-License-Identifier: Apache-2.0
/* Which objects of its profile a device holds: scalars as written, scalars with another instance, and
 * the rows of columns. Stages 3 to 5 of recognising; see learn.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/learn_priv.h"
#include "common/arena.h"
#include "common/str.h"

#define MAX_JUMPS 80 /* over rows of other kinds, in one column */

/* ---- stage 3: scalars, as written in the profile ---- */

static struct finding *note(struct learn *l, unsigned point, const uint32_t *suffix, unsigned n,
	const struct codec_varbind *v)
{
	const struct profile_point *p = l->profile->point[point];
	char mac[CODEC_MAC_TEXT];

	if (p->format == PROFILE_MAC &&
		(v->type != CODEC_TEXT || !codec_mac(v->text, v->text_len, mac)))
		return NULL;
	struct finding *f = findings_add(&l->found);
	f->point = (uint16_t)point;
	f->suffix_n = (uint8_t)n;
	memcpy(f->suffix, suffix, n * sizeof(*suffix));
	f->is_null = v->type == CODEC_NULL;
	f->is_number = p->format == PROFILE_TIME ? value_drift(v, &f->number)
						 : codec_number(v, p->number_in_text, &f->number);
	if (v->type == CODEC_TEXT) {
		size_t len = v->text_len;
		const uint8_t *text = codec_trim(v->text, &len);

		f->text = bb_malloc(DEVICE_TEXT_MAX + 1);
		bb_text_clean(f->text, DEVICE_TEXT_MAX + 1, (const char *)text, len);
	}
	return f;
}

static void prepare_scalars(struct snmp_device *s, struct learn *l)
{
	for (unsigned i = 0; i < l->profile->n_points; i++) {
		if (!l->profile->point[i]->table)
			learn_ask(l, &l->profile->point[i]->oid, i);
		if (l->profile->point[i]->unit_oid.n)
			learn_ask(l, &l->profile->point[i]->unit_oid, i)->is_text = true;
	}
}

/* Labels and units: texts, or what stands for them. */
static bool text_of(const struct codec_varbind *v, char *out, size_t cap)
{
	size_t n = v->text_len;

	if (v->type == CODEC_TEXT) {
		const uint8_t *start = codec_trim(v->text, &n);

		bb_text_clean(out, cap, (const char *)start, n);
	} else if (v->type == CODEC_NUMBER) {
		snprintf(out, cap, "%.15g", v->number);
	} else if (v->type == CODEC_OID) {
		profile_oid_print(&v->value, out, cap);
	} else {
		return false;
	}
	return true;
}

static void note_text(struct learn *l, const struct row_text *what, const struct codec_varbind *v)
{
	char text[PROFILE_OID_TEXT];

	if (!text_of(v, text, sizeof(text)))
		return;
	l->row_text = bb_realloc(l->row_text, (l->n_row_text + 1) * sizeof(*l->row_text));
	l->row_text[l->n_row_text] = *what;
	l->row_text[l->n_row_text++].text = bb_strdup(text);
}

static void take_scalar(struct snmp_device *s, struct learn *l, struct question *q,
	const struct codec_varbind *v)
{
	const struct profile_oid *oid = &l->profile->point[q->ref]->oid;

	q->done = true;
	if (v->type == CODEC_MISSING || v->type == CODEC_END)
		return;
	if (q->is_text)
		note_text(l, &(struct row_text){ .column = q->oid }, v);
	else
		note(l, q->ref, &oid->id[oid->n - 1], 1, v);
}

static bool finish_scalars(struct snmp_device *s, struct learn *l)
{
	learn_to_stage(s, l, STAGE_BARE);
	return true;
}

/* ---- stage 4: some cards leave the .0 out, or have another instance ---- */

static bool is_found(const struct learn *l, unsigned point)
{
	for (unsigned i = 0; i < l->found.n; i++) {
		if (l->found.f[i].point == point)
			return true;
	}
	return false;
}

static struct profile_oid bare(const struct profile_point *p)
{
	struct profile_oid o = p->oid;

	if (!p->table)
		o.n--;
	return o;
}

static void prepare_bare(struct snmp_device *s, struct learn *l)
{
	for (unsigned i = 0; i < l->profile->n_points; i++) {
		const struct profile_point *p = l->profile->point[i];
		struct profile_oid o = bare(p);

		/* An instance that is not 0 was written down on purpose: a cell of a table. */
		if (p->table || is_found(l, i) || p->oid.id[p->oid.n - 1])
			continue;
		/* GETNEXT of the object itself would pass over an agent that answers the object
		 * without any instance. */
		if (o.id[o.n - 1])
			o.id[o.n - 1]--;
		o.id[o.n++] = UINT32_MAX >> 1;
		learn_ask(l, &o, i);
	}
}

static void take_bare(struct snmp_device *s, struct learn *l, struct question *q,
	const struct codec_varbind *v)
{
	const struct profile_point *p = l->profile->point[q->ref];
	struct profile_oid o = bare(p);

	q->done = true;
	if (v->type == CODEC_MISSING || v->type == CODEC_END || v->oid_too_long ||
		!profile_oid_within(&v->oid, &o))
		return;
	if (v->oid.n - o.n > 1)
		return;
	note(l, q->ref, v->oid.id + o.n, v->oid.n - o.n, v);
}

static bool finish_bare(struct snmp_device *s, struct learn *l)
{
	learn_to_stage(s, l, STAGE_COLUMNS);
	return true;
}

/* ---- stage 5: columns, walked row by row, all at the same time ---- */

static bool same_rows(const struct profile_table *a, const struct profile_table *b)
{
	return (a ? a->where_at : 0) == (b ? b->where_at : 0) &&
	       (a ? a->where_is : 0) == (b ? b->where_is : 0);
}

/* A column that several points and conditions look at is walked once. */
static struct question *ask_column(struct learn *l, const struct profile_oid *column, unsigned ref,
	const struct profile_table *t)
{
	unsigned most = t && t->max_rows > PROFILE_USUAL_ROWS ? t->max_rows : PROFILE_USUAL_ROWS;
	struct question *q = NULL;

	for (unsigned i = 0; i < l->n && !q; i++) {
		if (!profile_oid_compare(&l->q[i].column, column) && same_rows(l->q[i].table, t))
			q = &l->q[i];
	}
	if (!q) {
		q = learn_ask(l, column, ref);
		q->column = *column;
		q->table = t;
	}
	if (q->most < most)
		q->most = (uint16_t)most;
	return q;
}

static void ask_text(struct learn *l, const struct profile_oid *column,
	const struct profile_table *t)
{
	if (column->n)
		ask_column(l, column, 0, t)->is_text = true;
}

static void ask_only(struct learn *l, const struct profile_only *only, unsigned n,
	const struct profile_table *t)
{
	for (unsigned i = 0; i < n; i++)
		ask_text(l, &only[i].column, t);
}

static void prepare_columns(struct snmp_device *s, struct learn *l)
{
	const struct profile *p = l->profile;

	for (unsigned i = 0; i < p->n_points; i++) {
		const struct profile_table *t = p->point[i]->table;

		ask_only(l, p->point[i]->only, p->point[i]->n_only, t);
		if (!t)
			continue;
		ask_column(l, &p->point[i]->oid, i, t)->is_point = true;
		ask_text(l, &t->label, t);
		ask_text(l, &t->unit, t);
		ask_text(l, &t->divisor, t);
		ask_text(l, &t->decimals, t);
		ask_text(l, &t->factor, t);
		ask_text(l, &t->string, t);
		ask_text(l, &t->block, t);
		ask_only(l, t->only, t->n_only, t);
		ask_only(l, t->begins, t->n_begins, t);
	}
}

static void note_row_text(struct learn *l, const struct question *q, const uint32_t *suffix,
	unsigned n, const struct codec_varbind *v)
{
	struct row_text what = {
		.column = q->column,
		.row.n = (uint8_t)(n < SUFFIX_MAX ? n : SUFFIX_MAX),
	};

	memcpy(what.row.id, suffix, what.row.n * sizeof(what.row.id[0]));
	note_text(l, &what, v);
}

/* Rows of other kinds that stand between those the table is about are jumped over. */
static bool jump(struct question *q, const struct codec_varbind *v)
{
	const struct profile_table *t = q->table;
	unsigned at = q->column.n + (t ? t->where_at : 0); /* behind the number to look at */

	if (!t || !t->where_at || v->oid.n < at || v->oid.id[at - 1] == t->where_is)
		return false;
	uint32_t is = v->oid.id[at - 1];
	q->oid = v->oid;
	q->oid.n = (uint8_t)at;
	q->oid.id[at - 1] = is > t->where_is ? UINT32_MAX >> 1 : t->where_is;
	q->done = is > q->oid.id[at - 1] && is > t->where_is;
	return true;
}

static void take_column(struct snmp_device *s, struct learn *l, struct question *q,
	const struct codec_varbind *v)
{
	const struct profile *p = l->profile;

	/* Out of the column, or backwards (a lying card): the end. */
	if (v->type == CODEC_MISSING || v->type == CODEC_END || v->oid_too_long ||
		!profile_oid_within(&v->oid, &q->column) || v->oid.n == q->column.n ||
		profile_oid_compare(&v->oid, &q->oid) <= 0 || ++q->steps > q->most + MAX_JUMPS) {
		q->done = true;
		return;
	}
	if (jump(q, v))
		return;
	const uint32_t *suffix = v->oid.id + q->column.n;
	unsigned n = v->oid.n - q->column.n;
	if (++q->rows > q->most) {
		q->done = true;
		return;
	}
	if (q->is_text)
		note_row_text(l, q, suffix, n, v);
	for (unsigned i = q->ref; q->is_point && n <= SUFFIX_MAX && i < p->n_points; i++) {
		if (p->point[i]->table && same_rows(p->point[i]->table, q->table) &&
			!profile_oid_compare(&p->point[i]->oid, &q->column))
			/* The first interface that has an address is the card. */
			q->done |= note(l, i, suffix, n, v) && p->point[i]->format == PROFILE_MAC;
	}
	q->oid = v->oid;
}

const struct stage_ops objects_scalars = { CODEC_GET, prepare_scalars, take_scalar,
	finish_scalars };
const struct stage_ops objects_bare = { CODEC_NEXT, prepare_bare, take_bare, finish_bare };
const struct stage_ops objects_columns = { CODEC_NEXT, prepare_columns, take_column, learn_finish };
