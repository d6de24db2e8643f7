// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "alarmd/rule_internal.h"
#include "common/arena.h"

static bool needs_memory(const struct rule_term *t)
{
	return t->source == RULE_RATE || t->source == RULE_DEVIATION || t->source == RULE_AGE ||
	       t->source == RULE_PEER;
}

static int term_check(const struct rule *r, const struct rule_term *t, struct bb_err *err)
{
	if (!t->point || !t->text || !t->group)
		return bb_err_set(err, "rule \"%s\" has a term without point, group or text",
			r->id);
	if (t->source == RULE_WORD && !t->words)
		return bb_err_set(err, "rule \"%s\" looks at status words but names none", r->id);
	if (t->source == RULE_TEXT && !t->n_values)
		return bb_err_set(err, "rule \"%s\" looks at a text but names no value", r->id);
	if (t->source == RULE_ABOVE && !(t->clear <= t->raise))
		return bb_err_set(err, "rule \"%s\": the clear limit lies above the raise limit",
			r->id);
	if (t->source == RULE_BELOW && !(t->clear >= t->raise))
		return bb_err_set(err, "rule \"%s\": the clear limit lies below the raise limit",
			r->id);
	if ((t->source == RULE_RATE || t->source == RULE_AGE) && !t->span_ms)
		return bb_err_set(err, "rule \"%s\" names no time", r->id);
	if ((t->source == RULE_DEVIATION || t->source == RULE_PEER) && !t->peers)
		return bb_err_set(err, "rule \"%s\" names no peers", r->id);
	return 0;
}

static int group_add(struct rule_set *s, const struct rule_term *t, unsigned k, struct bb_err *err)
{
	unsigned i = 0;

	if (!*t->group)
		return 0;
	while (i < s->n_groups && strcmp(s->groups[i].group, t->group) != 0)
		i++;
	if (i == GROUPS_MAX)
		return bb_err_set(err, "the rules name more than %d poll groups", GROUPS_MAX);
	if (i == s->n_groups)
		s->groups[s->n_groups++].group = t->group;
	rule_bit_set(&s->groups[i].terms, k, true);
	return 0;
}

static void terms_add(struct point_terms *p, unsigned k)
{
	p->term = bb_realloc(p->term, (p->n + 1) * sizeof(*p->term));
	p->term[p->n++] = (uint16_t)k;
}

static void terms_free(void *arg)
{
	struct point_terms *p = arg;

	free(p->term);
	free(p);
}

static struct point_terms *terms_of_point(struct rule_set *s, const char *point)
{
	struct point_terms *p = bb_table_get(s->by_point, point);

	if (p || strchr(point, '*'))
		return p;
	p = bb_calloc(1, sizeof(*p));
	bb_table_put(s->by_point, point, p);
	s->sketch[sketch_of(point)] = true;
	return p;
}

static struct point_terms *terms_of_wild(struct rule_set *s, const char *pattern)
{
	for (unsigned i = 0; i < s->n_wild; i++)
		if (strcmp(s->wild[i].pattern, pattern) == 0)
			return &s->wild[i].terms;
	s->wild = bb_realloc(s->wild, (s->n_wild + 1) * sizeof(*s->wild));
	s->wild[s->n_wild] = (struct wild){ .pattern = pattern };
	s->wild_sketch[wild_sketch_of(pattern)] = true;
	return &s->wild[s->n_wild++].terms;
}

static int term_add(struct rule_set *s, const struct rule *r, const struct rule_term *t,
	struct bb_err *err)
{
	unsigned k = s->n_terms;

	if (term_check(r, t, err) < 0)
		return -1;
	if (k == RULE_SET_TERMS_MAX)
		return bb_err_set(err,
			"rule \"%s\": more than %d conditions in all rules of one device", r->id,
			RULE_SET_TERMS_MAX);
	s->slot = bb_realloc(s->slot, (k + 1) * sizeof(*s->slot));
	s->slot[s->n_terms++] = (struct term_slot){ .rule = r, .term = t };
	s->n_words = k / 64 + 1;
	s->has_age |= t->source == RULE_AGE;
	s->has_track |= needs_memory(t);
	if (group_add(s, t, k, err) < 0)
		return -1;
	if (t->source == RULE_WORD)
		terms_add(&s->words, k);
	else if (t->source != RULE_COMM && t->source != RULE_EVENT)
		terms_add(strchr(t->point, '*') ? terms_of_wild(s, t->point)
						: terms_of_point(s, t->point),
			k);
	return 0;
}

static int rule_add(struct rule_set *s, const struct rule *r, struct bb_err *err)
{
	struct rule_slot *slot = &s->rules[s->n_rules];

	if (!r->id || !r->n_terms || r->n_terms > RULE_TERMS_MAX || r->severity < 1 ||
		r->severity > BUSBAR__V1__SEVERITY__SEVERITY_NORMAL)
		return bb_err_set(err, "rule %zu (\"%s\") is not complete", s->n_rules,
			r->id ? r->id : "");
	*slot = (struct rule_slot){ .rule = r, .first = s->n_terms };
	if (bb_table_put(s->by_id, r->id, slot))
		return bb_err_set(err, "rule \"%s\" appears twice", r->id);
	s->n_rules++;
	for (unsigned k = 0; k < r->n_terms; k++)
		if (term_add(s, r, &r->term[k], err) < 0)
			return -1;
	if (rule_is_comm(r))
		s->comm = r;
	return 0;
}

struct rule_set *rule_set_new(const struct rule *const *rules, size_t n, struct bb_err *err)
{
	struct rule_set *s = bb_calloc(1, sizeof(*s));

	s->sketch[sketch_of("ups.status")] = true;
	s->by_point = bb_table_new();
	s->by_id = bb_table_new();
	s->rules = bb_calloc(n + 1, sizeof(*s->rules));
	for (size_t i = 0; i < n; i++) {
		if (rule_add(s, rules[i], err) < 0) {
			rule_set_free(s);
			return NULL;
		}
	}
	return s;
}

struct rule_set *rule_set_of(const struct rule *rules, size_t n, struct bb_err *err)
{
	const struct rule **list = bb_calloc(n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = &rules[i];
	struct rule_set *s = rule_set_new(list, n, err);
	free(list);
	return s;
}

void rule_set_free(struct rule_set *s)
{
	if (!s)
		return;
	bb_table_free(s->by_point, terms_free);
	bb_table_free(s->by_id, NULL);
	for (unsigned i = 0; i < s->n_wild; i++)
		free(s->wild[i].terms.term);
	free(s->wild);
	free(s->words.term);
	free(s->slot);
	free(s->rules);
	free(s);
}

size_t rule_count(const struct rule_set *s)
{
	return s->n_rules;
}

const struct rule *rule_at(const struct rule_set *s, size_t i)
{
	bb_assert(i < s->n_rules);
	return s->rules[i].rule;
}

const struct rule *rule_find(const struct rule_set *s, const char *id)
{
	const struct rule_slot *slot = bb_table_get(s->by_id, id);

	return slot ? slot->rule : NULL;
}

const struct rule *rule_comm(const struct rule_set *s)
{
	return s->comm;
}

unsigned rule_words(const struct rule_set *s)
{
	return s->n_words;
}

bool rule_has_age(const struct rule_set *s)
{
	return s->has_age;
}

bool rule_has_track(const struct rule_set *s)
{
	return s->has_track;
}

unsigned rule_first_term(const struct rule_set *s, const struct rule *r)
{
	const struct rule_slot *slot = bb_table_get(s->by_id, r->id);

	bb_assert(slot && slot->rule == r);
	return slot->first;
}

void rule_mark(const struct rule_set *s, const struct rule *r, struct rule_bits *b, bool on)
{
	unsigned first = rule_first_term(s, r);

	for (unsigned k = 0; k < r->n_terms; k++)
		rule_bit_set(b, first + k, on);
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

bool rule_point_fits(const char *pattern, const char *name, size_t name_len)
{
	const char *end = name + name_len;

	while (*pattern) {
		if (*pattern == '*') {
			while (name < end && *name != '.')
				name++;
			pattern++;
		} else if (name == end || *pattern++ != *name++) {
			return false;
		}
	}
	return name == end;
}

int rule_term_of_point(const struct rule_set *s, const struct rule *r, const char *point)
{
	unsigned first = rule_first_term(s, r);
	size_t n = strcspn(point, "#"); /* the index of a battery block may follow */

	for (unsigned k = 0; k < r->n_terms; k++)
		if (rule_point_fits(r->term[k].point, point, n))
			return (int)(first + k);
	return -1;
}
