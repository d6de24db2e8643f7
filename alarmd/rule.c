// SPDX-License-Identifier: Apache-2.0
#include "alarmd/rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/point.h"
#include "common/str.h"
#include "common/table.h"

struct term_slot {
	const struct rule *rule;
	const struct rule_term *term;
};

/* The terms of one poll group. */
struct group_terms {
	const char *group;
	uint64_t terms;
};

enum { GROUPS_MAX = 8, SKETCH = 256 };

struct rule_set {
	const struct rule *rules;
	size_t n_rules;
	unsigned n_terms;
	struct term_slot slot[RULE_SET_TERMS_MAX];
	uint64_t word_terms;
	struct group_terms groups[GROUPS_MAX];
	unsigned n_groups;
	/* Whether any point of a term sketches like that: most points of a reading are nobody's. */
	bool sketch[SKETCH];
	struct bb_table *by_point; /* point -> struct point_terms */
	struct bb_table *by_id;
};

/* The terms that look at one point. */
struct point_terms {
	uint64_t terms;
};

static int term_check(const struct rule *r, const struct rule_term *t, struct bb_err *err)
{
	if (!t->point || !t->text || !t->group)
		return bb_err_set(err, "rule \"%s\" has a term without point, group or text",
			r->id);
	if (t->source == RULE_WORD && !t->words)
		return bb_err_set(err, "rule \"%s\" looks at status words but names none", r->id);
	if (t->source == RULE_ABOVE && !(t->clear <= t->raise))
		return bb_err_set(err, "rule \"%s\": the clear limit lies above the raise limit",
			r->id);
	if (t->source == RULE_BELOW && !(t->clear >= t->raise))
		return bb_err_set(err, "rule \"%s\": the clear limit lies below the raise limit",
			r->id);
	return 0;
}

static unsigned sketch_of(const char *point)
{
	size_t n = strlen(point);

	return n ? ((unsigned char)point[0] + 3 * (unsigned char)point[n - 1] +
			   7 * (unsigned char)point[n / 2] + 31 * (unsigned)n) %
			       SKETCH
		 : 0;
}

static int group_add(struct rule_set *s, const struct rule_term *t, uint64_t bit,
	struct bb_err *err)
{
	unsigned i = 0;

	while (i < s->n_groups && strcmp(s->groups[i].group, t->group) != 0)
		i++;
	if (i == GROUPS_MAX)
		return bb_err_set(err, "the rules name more than %d poll groups", GROUPS_MAX);
	if (i == s->n_groups)
		s->groups[s->n_groups++].group = t->group;
	s->groups[i].terms |= bit;
	return 0;
}

static int term_add(struct rule_set *s, const struct rule *r, const struct rule_term *t,
	struct bb_err *err)
{
	if (term_check(r, t, err) < 0)
		return -1;
	if (s->n_terms == RULE_SET_TERMS_MAX)
		return bb_err_set(err, "rule \"%s\": more than %d terms in all rules", r->id,
			RULE_SET_TERMS_MAX);
	uint64_t bit = UINT64_C(1) << s->n_terms;
	s->slot[s->n_terms++] = (struct term_slot){ .rule = r, .term = t };
	if (group_add(s, t, bit, err) < 0)
		return -1;
	s->sketch[sketch_of(t->point)] = true;
	if (t->source == RULE_WORD) {
		s->word_terms |= bit;
	} else if (t->source != RULE_COMM && t->source != RULE_EVENT) {
		struct point_terms *p = bb_table_get(s->by_point, t->point);
		if (!p) {
			p = bb_calloc(1, sizeof(*p));
			bb_table_put(s->by_point, t->point, p);
		}
		p->terms |= bit;
	}
	return 0;
}

struct rule_set *rule_set_new(const struct rule *rules, size_t n, struct bb_err *err)
{
	struct rule_set *s = bb_calloc(1, sizeof(*s));

	s->rules = rules;
	s->n_rules = n;
	s->sketch[sketch_of("ups.status")] = true;
	s->by_point = bb_table_new();
	s->by_id = bb_table_new();
	for (size_t i = 0; i < n; i++) {
		const struct rule *r = &rules[i];
		if (!r->id || !r->n_terms || r->n_terms > RULE_TERMS_MAX || r->severity < 1 ||
			r->severity > BUSBAR__V1__SEVERITY__SEVERITY_NORMAL) {
			bb_err_set(err, "rule %zu (\"%s\") is not complete", i, r->id ? r->id : "");
			goto fail;
		}
		if (bb_table_put(s->by_id, r->id, (void *)(uintptr_t)r)) {
			bb_err_set(err, "rule \"%s\" appears twice", r->id);
			goto fail;
		}
		for (unsigned k = 0; k < r->n_terms; k++)
			if (term_add(s, r, &r->term[k], err) < 0)
				goto fail;
	}
	return s;
fail:
	rule_set_free(s);
	return NULL;
}

void rule_set_free(struct rule_set *s)
{
	if (!s)
		return;
	bb_table_free(s->by_point, free);
	bb_table_free(s->by_id, NULL);
	free(s);
}

size_t rule_count(const struct rule_set *s)
{
	return s->n_rules;
}

const struct rule *rule_at(const struct rule_set *s, size_t i)
{
	bb_assert(i < s->n_rules);
	return &s->rules[i];
}

const struct rule *rule_find(const struct rule_set *s, const char *id)
{
	return bb_table_get(s->by_id, id);
}

unsigned rule_index(const struct rule_set *s, const struct rule *r)
{
	return (unsigned)(r - s->rules);
}

unsigned rule_first_term(const struct rule_set *s, const struct rule *r)
{
	for (unsigned k = 0; k < s->n_terms; k++)
		if (s->slot[k].rule == r)
			return k;
	bb_assert(!"rule without terms");
}

uint64_t rule_terms(const struct rule_set *s, const struct rule *r)
{
	return ((UINT64_C(1) << r->n_terms) - 1) << rule_first_term(s, r);
}

const struct rule *rule_of_term(const struct rule_set *s, unsigned term)
{
	bb_assert(term < s->n_terms);
	return s->slot[term].rule;
}

const struct rule_term *rule_term(const struct rule_set *s, unsigned term)
{
	bb_assert(term < s->n_terms);
	return s->slot[term].term;
}

int rule_term_of_point(const struct rule_set *s, const struct rule *r, const char *point)
{
	unsigned first = rule_first_term(s, r);
	size_t n = strcspn(point, "#"); /* the index of a battery block may follow */

	for (unsigned k = 0; k < r->n_terms; k++)
		if (strncmp(r->term[k].point, point, n) == 0 && !r->term[k].point[n])
			return (int)(first + k);
	return -1;
}

struct read_ctx {
	const struct rule_set *s;
	struct rule_news *out;
	struct rule_news *cells; /* words of values with an index, until all were seen */
	bool is_stale;
};

static uint64_t *verdict_number(const struct rule_term *t, double v, struct rule_news *out)
{
	bool above = t->source == RULE_ABOVE;

	if (above ? v > t->raise : v < t->raise)
		return &out->is_true;
	/* Without a dead band (clear == raise) everything that does not raise clears. */
	if (above ? v < t->clear || t->clear == t->raise : v > t->clear || t->clear == t->raise)
		return &out->is_false;
	return &out->is_between;
}

/* Returns the word the value belongs to, NULL when the point has another kind than the term
 * expects: no news then. */
static uint64_t *verdict(const struct rule_term *t, const struct bb_value *v, struct rule_news *out)
{
	switch (t->source) {
	case RULE_FLAG:
		if (v->kind != BB_FLAG)
			return NULL;
		return v->flag ? &out->is_true : &out->is_false;
	case RULE_ABOVE:
	case RULE_BELOW:
		if (v->kind != BB_NUMBER)
			return NULL;
		return isfinite(v->number) ? verdict_number(t, v->number, out) : &out->is_bad;
	case RULE_WORD:
	case RULE_COMM:
	case RULE_EVENT: break;
	}
	return NULL;
}

static void read_status(const struct read_ctx *c, const struct bb_value *v)
{
	struct rule_news *out = c->out;

	if (v->kind != BB_TEXT)
		return;
	/* No word at all is not "all clear": the collector knows nothing then. */
	if (c->is_stale || v->quality != BB_GOOD || !v->text || !v->text[0]) {
		out->is_bad |= c->s->word_terms;
		return;
	}
	out->has_status = true;
	out->status = bb_status_parse(v->text);
	for (uint64_t left = c->s->word_terms; left; left &= left - 1) {
		unsigned k = (unsigned)__builtin_ctzll(left);
		uint64_t bit = UINT64_C(1) << k;
		if (c->s->slot[k].term->words & out->status)
			out->is_true |= bit;
		else
			out->is_false |= bit;
	}
}

static void keep_value(struct rule_news *out, unsigned k, const struct bb_value *v)
{
	out->value[k] = v->number;
	bb_copy(out->index[k], RULE_INDEX_MAX, v->index ? v->index : "");
}

/* The first one with an index is; later ones where they are further beyond the limit. */
static bool is_worse(const struct read_ctx *c, unsigned k, double v)
{
	uint64_t bit = UINT64_C(1) << k;
	const struct rule_news *w = c->cells;
	bool above = c->s->slot[k].term->source == RULE_ABOVE;

	if (!((w->is_true | w->is_between | w->is_false) & bit))
		return true;
	return above ? v > c->out->value[k] : v < c->out->value[k];
}

/* One block beyond its limit is enough to raise; to clear, all must be there and be well. */
static void merge_cells(const struct rule_news *cells, struct rule_news *out)
{
	uint64_t bad = cells->is_bad & ~cells->is_true;
	uint64_t between = cells->is_between & ~cells->is_true & ~bad;

	out->is_true |= cells->is_true;
	out->is_bad |= bad;
	out->is_between |= between;
	out->is_false |= cells->is_false & ~cells->is_true & ~bad & ~between;
}

static int read_value(void *arg, const struct bb_value *v)
{
	const struct read_ctx *c = arg;

	bool is_cell = v->index && v->index[0];

	if (!c->s->sketch[sketch_of(v->name)])
		return 1;
	if (!is_cell && strcmp(v->name, "ups.status") == 0) {
		read_status(c, v);
		return 1;
	}
	const struct point_terms *p = bb_table_get(c->s->by_point, v->name);
	if (!p)
		return 1;
	for (uint64_t left = p->terms; left; left &= left - 1) {
		unsigned k = (unsigned)__builtin_ctzll(left);
		struct rule_news *words = is_cell ? c->cells : c->out;
		uint64_t *word = verdict(c->s->slot[k].term, v, words);
		if (!word)
			continue;
		if (c->is_stale || v->quality != BB_GOOD)
			word = &words->is_bad;
		if (!is_cell || (word != &words->is_bad && is_worse(c, k, v->number)))
			keep_value(c->out, k, v);
		*word |= UINT64_C(1) << k;
	}
	return 1;
}

void rule_read(const struct rule_set *s, const Busbar__V1__Reading *r, bool is_stale,
	struct rule_news *out)
{
	struct rule_news cells;
	struct read_ctx c = { .s = s, .out = out, .cells = &cells, .is_stale = is_stale };

	cells.is_true = cells.is_between = cells.is_false = cells.is_bad = 0;
	out->is_true = out->is_between = out->is_false = out->is_bad = 0;
	out->has_status = false;
	out->status = 0;
	bb_reading_each(r, read_value, &c);
	merge_cells(&cells, out);
	/* A point sent twice in one reading with different answers is no evidence. */
	uint64_t torn = (out->is_true & (out->is_false | out->is_between)) |
			(out->is_false & out->is_between) |
			(out->is_bad & (out->is_true | out->is_false | out->is_between));
	out->is_true &= ~torn;
	out->is_false &= ~torn;
	out->is_between &= ~torn;
	out->is_bad |= torn;
	out->seen_groups = 0;
	for (unsigned i = 0; r->group && i < s->n_groups; i++)
		if (strcmp(s->groups[i].group, r->group) == 0)
			out->seen_groups = s->groups[i].terms;
}

void rule_remember(struct rule_memory *m, const struct rule_news *news, bool is_complete)
{
	uint64_t good = news->is_true | news->is_between | news->is_false;

	m->known |= good;
	m->is_true = (m->is_true & ~good) | news->is_true;
	m->is_between = (m->is_between & ~good) | news->is_between;
	m->is_bad = (m->is_bad & ~good) | (news->is_bad & m->known);
	/* An assumed term that its own group does not bring was never there. */
	uint64_t settled =
		good | (is_complete ? m->assumed & news->seen_groups & ~news->is_bad : 0);
	uint64_t absent = m->assumed & settled & ~good;
	m->known &= ~absent;
	m->is_bad &= ~absent;
	m->assumed &= ~settled;
}

static bool is_pending(enum alarm_phase p)
{
	return p == PHASE_PENDING || p == PHASE_LATCHED_PENDING;
}

static bool is_instant(const struct alarm_hold *h)
{
	return h->raise_count <= 1 && !h->raise_ms;
}

bool rule_event(const struct rule_set *s, unsigned term, const struct rule_news *news,
	const struct rule_memory *m, enum alarm_phase phase, unsigned lead, enum alarm_event *event)
{
	uint64_t bit = UINT64_C(1) << term;
	uint64_t others = rule_terms(s, s->slot[term].rule) & ~bit;
	bool other_leads = alarm_is_waiting(phase) && lead != term;

	if (news->is_true & bit) {
		*event = ALARM_TRUE;
		/* A slow term does not lengthen or shorten the run of another; one that is believed
		 * at once ends it. */
		return !(is_pending(phase) && other_leads) || is_instant(&s->slot[term].term->hold);
	}
	if (is_pending(phase) && other_leads)
		return false;
	if (news->is_bad & bit) {
		*event = ALARM_NOT_GOOD;
		return true;
	}
	if (news->is_between & bit) {
		*event = ALARM_BETWEEN;
		return true;
	}
	if (!(news->is_false & bit))
		return false;
	*event = ALARM_FALSE;
	if (is_pending(phase))
		return true;
	/* "Any of them" is false only when all are known to be. */
	if ((m->is_true | m->is_between | m->is_bad) & m->known & others)
		return false;
	return !other_leads;
}

void rule_text(const struct rule_term *t, double value, char *out, size_t cap)
{
	size_t n = 0;

	for (const char *p = t->text; *p && n + 1 < cap;) {
		int w = -1;
		if (strncmp(p, "{value}", 7) == 0) {
			w = snprintf(out + n, cap - n, "%.4g", value);
			p += 7;
		} else if (strncmp(p, "{limit}", 7) == 0) {
			w = snprintf(out + n, cap - n, "%.4g", t->raise);
			p += 7;
		} else if (strncmp(p, "{unit}", 6) == 0) {
			w = snprintf(out + n, cap - n, "%s", t->unit ? t->unit : "");
			p += 6;
		} else {
			out[n++] = *p++;
			continue;
		}
		n = w < 0 || (size_t)w >= cap - n ? cap - 1 : n + (size_t)w;
	}
	out[n < cap ? n : cap - 1] = '\0';
}
