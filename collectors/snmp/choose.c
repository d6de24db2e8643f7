// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/choose.h"

#include <stdlib.h>

#include "collectors/snmp/quirk.h"
#include "collectors/snmp/rows.h"
#include "common/arena.h"

/* Is what the device said here a value, or its word for "I do not know"? */
static bool says_something(const struct plan_input *in, const bool *active, const struct finding *f)
{
	const struct profile *pr = in->profile;
	const struct profile_point *p = pr->point[f->point];

	if (p->kind == BB_TEXT && !p->map)
		return f->is_number || (f->text && *f->text);
	if (!f->is_number)
		return !f->is_null && f->text && *f->text;
	for (unsigned i = 0; i < pr->n_quirks; i++) {
		const struct profile_quirk *q = &pr->quirk[i];

		if (!active[i] || !quirk_names(q, p) ||
			(pr->quirk_origin[i] != pr && p->origin != pr->quirk_origin[i]))
			continue;
		if ((q->kind == QUIRK_SENTINEL || q->kind == QUIRK_UNSET) &&
			quirk_lists(q, f->number))
			return false;
		if (q->kind == QUIRK_NEGATIVE && f->number < 0)
			return false;
	}
	return true;
}

static bool is_its_row(const struct plan_input *in, const struct finding *f)
{
	const struct profile_point *p = in->profile->point[f->point];
	struct plan_object o = { .scale = 1 };

	if (!p->table || !p->label)
		return true;
	struct row_id row = rows_of(p->table, f);
	return rows_fit(in, p, &row, &o);
}

static bool has_rows(const struct plan_input *in, const struct profile_point *p)
{
	struct rows rows;

	if (!p->table)
		return true;
	rows_live(in, p->table, &rows);
	return rows.n;
}

/* 2: the device holds a value there, 1: the object only, 0: nothing. */
static int worth(const struct plan_input *in, const bool *active, unsigned point)
{
	int best = 0;

	for (unsigned i = 0; i < in->found->n && best < 2; i++) {
		const struct finding *f = &in->found->f[i];

		if (f->point == point && is_its_row(in, f) &&
			best < 1 + says_something(in, active, f))
			best = 1 + says_something(in, active, f);
	}
	return best && has_rows(in, in->profile->point[point]) ? best : 0;
}

/* Rows of a table that are told apart by labels may share a name. */
static bool is_same_source(const struct profile_point *a, const struct profile_point *b)
{
	return a->origin == b->origin && a->table == b->table && a->label && b->label &&
	       !a->instead && !b->instead;
}

bool *choose_points(const struct plan_input *in, const bool *active)
{
	const struct profile *pr = in->profile;
	bool *serves = bb_calloc(pr->n_points + 1, sizeof(*serves));
	int *best = bb_calloc(pr->n_points + 1, sizeof(*best));
	uint16_t *who = bb_calloc(pr->n_points + 1, sizeof(*who));

	for (unsigned i = 0; i < pr->n_points; i++) {
		unsigned g = pr->first_of_name[i];

		if (!pr->has_others[g])
			continue;
		int w = worth(in, active, i);
		if (w > best[g]) {
			best[g] = w;
			who[g] = (uint16_t)i;
		}
	}
	for (unsigned i = 0; i < pr->n_points; i++) {
		unsigned g = pr->first_of_name[i];

		serves[i] = !pr->has_others[g] || who[g] == i ||
			    is_same_source(pr->point[i], pr->point[who[g]]);
	}
	free(best);
	free(who);
	return serves;
}
