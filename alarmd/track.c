// SPDX-License-Identifier: Apache-2.0
#include "alarmd/track.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/point.h"
#include "common/str.h"
#include "common/table.h"

#define SLICES        16    /* of the time a change is looked for in */
#define PEER_FRESH_MS 60000 /* at least; otherwise three intervals */

/* One value a term follows. */
struct followed {
	const struct rule_term *term;
	char name[96], index[16];
	unsigned poll_group;
	uint64_t at_ms; /* newest good value */
	uint64_t fresh_ms;
	double value;
	uint64_t first_ms; /* of the run without a gap longer than the span */
	/* Least value (or greatest, for one that must not fall) of each slice of time. */
	double extreme[SLICES];
	uint64_t slice[SLICES]; /* number of the slice, + 1; 0: empty */
};

struct track {
	struct bb_table *values; /* by term, name and index */
};

struct peer {
	uint64_t device_id, at_ms, fresh_ms;
	double value;
};
struct peer_list {
	size_t n;
	struct peer peer[TRACK_PEERS_MAX];
};
struct track_peers {
	struct bb_table *lists; /* by group, newline, point */
};

struct track *track_new(void)
{
	struct track *t = bb_calloc(1, sizeof(*t));

	t->values = bb_table_new();
	return t;
}

void track_free(struct track *t)
{
	if (!t)
		return;
	bb_table_free(t->values, free);
	free(t);
}

static bool has_term(const struct rule_set *s, const struct rule_term *t)
{
	for (size_t i = 0; i < rule_count(s); i++) {
		const struct rule *r = rule_at(s, i);
		for (unsigned k = 0; k < r->n_terms; k++)
			if (&r->term[k] == t)
				return true;
	}
	return false;
}

void track_keep(struct track *t, const struct rule_set *s)
{
	struct followed *f;
	const void *key;
	size_t n;

	for (struct bb_table_iter i = { 0 }; (f = bb_table_next(t->values, &i, &key, &n));) {
		if (has_term(s, f->term))
			continue;
		bb_table_del_n(t->values, key, n);
		free(f);
	}
}

static struct followed *follow(struct track *t, const struct rule_term *term,
	const struct bb_value *v)
{
	const char *index = v->index ? v->index : "";
	struct {
		const struct rule_term *term;
		char text[120];
	} key = { .term = term };
	int n = snprintf(key.text, sizeof(key.text), "%.95s#%.15s", v->name, index);
	struct followed *f = bb_table_get_n(t->values, &key, sizeof(key.term) + (size_t)n);

	if (f || bb_table_count(t->values) == TRACK_VALUES_MAX)
		return f;
	f = bb_calloc(1, sizeof(*f));
	f->term = term;
	bb_copy(f->name, sizeof(f->name), v->name);
	bb_copy(f->index, sizeof(f->index), index);
	bb_table_put_n(t->values, &key, sizeof(key.term) + (size_t)n, f);
	return f;
}

void track_confirm(struct track *t, unsigned poll_group, uint64_t at_ms)
{
	struct followed *f;

	for (struct bb_table_iter i = { 0 }; (f = bb_table_next(t->values, &i, NULL, NULL));)
		if (f->poll_group == poll_group && at_ms > f->at_ms)
			f->at_ms = at_ms;
}

/* ---- change in a time ---- */

/* The change against the least (greatest) value of the span. A span is cut into slices, so it
 * reaches back up to one slice more than asked for: a rise that fits the span is never missed. */
static enum track_verdict rate_value(const struct rule_world *w, struct followed *f, double v,
	double *out)
{
	const struct rule_term *t = f->term;
	uint64_t width = t->span_ms / (SLICES - 1) + 1, now = w->at_ms / width + 1;
	bool rises = t->raise > 0;
	double extreme = v;

	if (!f->first_ms || w->at_ms - f->at_ms > t->span_ms)
		f->first_ms = w->at_ms;
	for (unsigned i = 0; i < SLICES; i++)
		if (f->slice[i] && f->slice[i] + SLICES > now &&
			(rises ? f->extreme[i] < extreme : f->extreme[i] > extreme))
			extreme = f->extreme[i];
	unsigned at = (unsigned)(now % SLICES);
	if (f->slice[at] != now || (rises ? v < f->extreme[at] : v > f->extreme[at])) {
		f->slice[at] = now;
		f->extreme[at] = v;
	}
	*out = v - extreme;
	return w->at_ms - f->first_ms >= t->span_ms / 2 ? TRACK_VALUE : TRACK_SHORT;
}

/* ---- distance from the median ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static enum track_verdict distance(double *others, size_t n, double v, double *out)
{
	if (n < TRACK_PEERS_MIN)
		return TRACK_NOTHING;
	*out = fabs(v - median(others, n));
	return TRACK_VALUE;
}

static uint64_t fresh_ms(const struct rule_world *w)
{
	return 3 * (uint64_t)w->interval_ms > PEER_FRESH_MS ? 3 * (uint64_t)w->interval_ms
							    : PEER_FRESH_MS;
}

static bool is_fresh(const struct rule_world *w, uint64_t at_ms, uint64_t limit_ms)
{
	return at_ms + limit_ms >= w->at_ms;
}

static enum track_verdict among_blocks(const struct rule_world *w, const struct rule_term *t,
	double v, double *out)
{
	double others[TRACK_VALUES_MAX];
	const struct followed *f;
	size_t n = 0;

	for (struct bb_table_iter i = { 0 }; (f = bb_table_next(w->track->values, &i, NULL, NULL));)
		if (f->term == t && is_fresh(w, f->at_ms, f->fresh_ms))
			others[n++] = f->value;
	return distance(others, n, v, out);
}

static struct peer_list *list_of(struct track_peers *p, const struct rule_term *t)
{
	char key[320];
	struct peer_list *l;

	snprintf(key, sizeof(key), "%s\n%s", t->peers, t->point);
	l = bb_table_get(p->lists, key);
	if (!l) {
		l = bb_calloc(1, sizeof(*l));
		bb_table_put(p->lists, key, l);
	}
	return l;
}

static void peer_value(const struct rule_world *w, const struct rule_term *t, double v)
{
	struct peer_list *l = list_of(w->peers, t);
	size_t i = 0;

	while (i < l->n && l->peer[i].device_id != w->device_id)
		i++;
	if (i == TRACK_PEERS_MAX)
		return;
	l->n += i == l->n;
	l->peer[i] = (struct peer){
		.device_id = w->device_id,
		.at_ms = w->at_ms,
		.fresh_ms = fresh_ms(w),
		.value = v,
	};
}

static enum track_verdict among_peers(const struct rule_world *w, const struct rule_term *t,
	double v, double *out)
{
	const struct peer_list *l = list_of(w->peers, t);
	double others[TRACK_PEERS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (is_fresh(w, l->peer[i].at_ms, l->peer[i].fresh_ms))
			others[n++] = l->peer[i].value;
	return distance(others, n, v, out);
}

struct track_peers *track_peers_new(void)
{
	struct track_peers *p = bb_calloc(1, sizeof(*p));

	p->lists = bb_table_new();
	return p;
}

void track_peers_free(struct track_peers *p)
{
	if (!p)
		return;
	bb_table_free(p->lists, free);
	free(p);
}

void track_peers_forget(struct track_peers *p, uint64_t device_id)
{
	struct peer_list *l;

	for (struct bb_table_iter i = { 0 }; (l = bb_table_next(p->lists, &i, NULL, NULL));)
		for (size_t k = 0; k < l->n; k++)
			if (l->peer[k].device_id == device_id) {
				l->peer[k] = l->peer[--l->n];
				break;
			}
}

/* ---- values ---- */

enum track_verdict track_value(const struct rule_world *w, const struct rule_term *t,
	const struct bb_value *v, double *out)
{
	bool is_group = t->source == RULE_PEER ||
			(t->source == RULE_DEVIATION && strcmp(t->peers, ".") != 0);
	struct followed *f;
	enum track_verdict is = TRACK_NOTHING;

	if (t->source == RULE_PEER)
		peer_value(w, t, v->number);
	if (is_group)
		return t->source == RULE_PEER ? TRACK_NOTHING : among_peers(w, t, v->number, out);
	f = follow(w->track, t, v);
	if (!f)
		return TRACK_NOTHING;
	if (t->source == RULE_RATE)
		is = rate_value(w, f, v->number, out);
	f->poll_group = w->poll_group;
	f->at_ms = w->at_ms;
	f->fresh_ms = fresh_ms(w);
	f->value = v->kind == BB_NUMBER ? v->number : 0;
	if (t->source == RULE_DEVIATION)
		is = among_blocks(w, t, v->number, out);
	return is;
}

uint64_t track_age_ms(const struct rule_world *w, const struct rule_term *t, const char **name,
	const char **index)
{
	const struct followed *f;
	uint64_t oldest = UINT64_MAX;

	*name = t->point;
	*index = "";
	for (struct bb_table_iter i = { 0 };
		(f = bb_table_next(w->track->values, &i, NULL, NULL));) {
		uint64_t at = f->at_ms > w->begin_ms ? f->at_ms : w->begin_ms;
		if (f->term != t || at >= oldest)
			continue;
		oldest = at;
		*name = f->name;
		*index = f->index;
	}
	if (oldest == UINT64_MAX)
		oldest = w->begin_ms;
	return w->at_ms > oldest ? w->at_ms - oldest : 0;
}
