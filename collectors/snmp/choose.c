// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/choose.h"

#include <stdlib.h>

#include "collectors/snmp/quirk.h"
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
		const struct profile_quirk *q = pr->quirk[i];

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

/* Is what was found here a value of this point at all? */
static bool belongs(struct rows_of_device *rows, const struct profile_point *p,
	const struct finding *f)
{
	const struct row_id no_row = { 0 };
	struct plan_object ignored = { .scale = 1 };
	const struct row *row =
		p->table ? rows_get(rows_live(rows, p->table), f->suffix, f->suffix_n) : NULL;

	return (row || !p->table) && rows_fit(rows, p, row ? &row->key : &no_row, &ignored);
}

/* 2: the device holds a value there, 1: the object only, 0: nothing. */
static int worth(const struct plan_input *in, struct rows_of_device *rows, const bool *active,
	unsigned point)
{
	int best = 0;

	for (unsigned i = 0; i < in->found->n && best < 2; i++) {
		const struct finding *f = &in->found->f[i];

		if (f->point == point && belongs(rows, in->profile->point[point], f) &&
			best < 1 + says_something(in, active, f))
			best = 1 + says_something(in, active, f);
	}
	return best;
}

/* Rows of several tables, or told apart by labels and conditions, may share a name. */
static bool is_same_source(const struct profile_point *a, const struct profile_point *b)
{
	return a->origin == b->origin && !a->instead && !b->instead;
}

bool *choose_points(const struct plan_input *in, struct rows_of_device *rows, const bool *active)
{
	const struct profile *pr = in->profile;
	bool *serves = bb_calloc(pr->n_points + 1, sizeof(*serves));
	int *best = bb_calloc(pr->n_points + 1, sizeof(*best));
	uint16_t *who = bb_calloc(pr->n_points + 1, sizeof(*who));

	for (unsigned i = 0; i < pr->n_points; i++) {
		unsigned g = pr->first_of_name[i];

		if (!pr->has_others[g])
			continue;
		int w = worth(in, rows, active, i);
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
