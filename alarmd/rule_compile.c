// SPDX-License-Identifier: Apache-2.0
/* From what people say about a rule to what is evaluated. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/ruleset.h"
#include "common/point.h"

#define MINOR BUSBAR__V1__SEVERITY__SEVERITY_MINOR

/* One allocation holds all that a compiled rule points to. */
struct compiled {
	struct rule rule; /* first: what is handed out */
	struct bb_arena *arena;
};

/* A value must hold on both sides; what the device says itself is believed at once, its end after
 * two readings. */
static struct alarm_hold hold_of(const struct bb_ruledef *d)
{
	bool is_measured =
		d->kind == BB_RULE_LIMIT || d->kind == BB_RULE_RATE || d->kind == BB_RULE_DEVIATION;
	struct alarm_hold h = {
		.raise_ms = is_measured ? 10000 : 0,
		.clear_ms = is_measured ? 10000 : 0,
		.raise_count = is_measured ? 2 : 1,
		.clear_count = 2,
		.latch = d->latch,
	};

	if (d->has_on_delay)
		h.raise_ms = (uint32_t)d->on_delay_s * 1000;
	if (d->has_off_delay)
		h.clear_ms = (uint32_t)d->off_delay_s * 1000;
	if (d->has_raise_count)
		h.raise_count = (uint8_t)d->raise_count;
	if (d->has_clear_count)
		h.clear_count = (uint8_t)d->clear_count;
	return h;
}

static const char *text_or(struct bb_arena *a, const struct bb_ruledef *d, const char *fallback)
{
	return bb_arena_strdup(a, *d->text ? d->text : fallback);
}

static void compile_limit(struct bb_arena *a, const struct bb_ruledef *d, struct rule *r,
	struct rule_term base)
{
	r->is_levelled = true;
	r->severity = BUSBAR__V1__SEVERITY__SEVERITY_INFO;
	/* The outer levels first: when both sides of a step come at once, the alarm begins as the worse one. */
	static const unsigned order[BB_RULE_LEVELS] = { 0, 3, 1, 2 };

	for (unsigned i = 0; i < BB_RULE_LEVELS; i++) {
		unsigned k = order[i];
		const struct bb_rule_level *l = &d->level[k];
		if (!l->is_set)
			continue;
		struct rule_term *t = &r->term[r->n_terms++];
		*t = base;
		t->source = bb_rule_level_is_high(k) ? RULE_ABOVE : RULE_BELOW;
		t->raise = l->raise;
		t->clear = l->clear;
		t->severity = l->severity;
		t->text = text_or(a, d,
			bb_rule_level_is_high(k)
				? "{point} {value} {unit} is above {limit} {unit}"
				: "{point} {value} {unit} is below {limit} {unit}");
		if (l->severity < r->severity)
			r->severity = l->severity;
	}
}

static void compile_state(struct bb_arena *a, const struct bb_ruledef *d, struct rule *r,
	struct rule_term base)
{
	struct rule_term *t = &r->term[r->n_terms++];
	struct bb_buf b = { 0 };
	const char **values = bb_arena_alloc(a, d->n_values * sizeof(*values));

	*t = base;
	t->source = strcmp(d->point, "ups.status") == 0 ? RULE_WORD : RULE_TEXT;
	bb_buf_printf(&b, "{point} says ");
	for (unsigned i = 0; i < d->n_values; i++) {
		values[i] = bb_arena_strdup(a, d->value[i]);
		t->words |= t->source == RULE_WORD ? bb_status_parse(d->value[i]) : 0;
		bb_buf_printf(&b, "%s%s", i ? " or " : "", d->value[i]);
	}
	t->values = values;
	t->n_values = d->n_values;
	t->text = text_or(a, d, b.data);
	bb_buf_fini(&b);
}

static void compile_other(struct bb_arena *a, const struct bb_ruledef *d, struct rule *r,
	struct rule_term base)
{
	struct rule_term *t = &r->term[r->n_terms++];

	*t = base;
	switch (d->kind) {
	case BB_RULE_FLAG:
		t->source = RULE_FLAG;
		t->text = text_or(a, d, "{point} is set");
		break;
	case BB_RULE_RATE:
		t->source = RULE_RATE;
		t->raise = d->over;
		t->clear = d->has_clear ? d->clear : d->over;
		t->span_ms = (uint32_t)(d->per_s * 1000);
		t->text = text_or(a, d,
			bb_arena_printf(a, "{point} changed by {value} {unit} within %.10g s",
				d->per_s));
		break;
	case BB_RULE_AGE:
		t->source = RULE_AGE;
		t->unit = "s";
		t->raise = (double)d->max_age_s;
		t->span_ms = (uint32_t)((uint64_t)d->max_age_s * 1000 > UINT32_MAX
						? UINT32_MAX
						: d->max_age_s * 1000);
		t->text = text_or(a, d, "{point} had no good value for more than {limit} s");
		break;
	case BB_RULE_DEVIATION:
		t->source = RULE_DEVIATION;
		t->raise = d->difference;
		t->clear = d->has_clear ? d->clear : d->difference;
		t->peers = bb_arena_strdup(a, d->group);
		t->text = text_or(a, d,
			"{point} is {value} {unit} away from the median of its group");
		break;
	case BB_RULE_NONE:
	case BB_RULE_LIMIT:
	case BB_RULE_STATE:
	case BB_RULE_KINDS: break;
	}
}

static void compile_kind(struct bb_arena *a, const struct bb_ruledef *d, struct rule *r)
{
	const struct bb_point *p = bb_ruledef_point(d->point);
	struct rule_term base = {
		.point = bb_arena_strdup(a, d->point),
		.group = "",
		.unit = p && p->kind == BB_NUMBER ? p->unit : NULL,
		.hold = hold_of(d),
	};

	r->severity = d->severity ? d->severity : MINOR;
	if (d->kind == BB_RULE_LIMIT)
		compile_limit(a, d, r, base);
	else if (d->kind == BB_RULE_STATE)
		compile_state(a, d, r, base);
	else
		compile_other(a, d, r, base);
}

/* A built-in rule with some things said anew. */
static bool compile_change(struct bb_arena *a, const struct bb_ruledef *d, struct rule *r)
{
	for (size_t i = 0; i < rule_pack_count; i++) {
		if (strcmp(rule_pack[i].id, d->id) != 0)
			continue;
		*r = rule_pack[i];
		r->severity = d->severity ? d->severity : r->severity;
		for (unsigned k = 0; k < r->n_terms; k++) {
			struct alarm_hold *h = &r->term[k].hold, own = hold_of(d);
			h->raise_ms = d->has_on_delay ? own.raise_ms : h->raise_ms;
			h->clear_ms = d->has_off_delay ? own.clear_ms : h->clear_ms;
			h->raise_count = d->has_raise_count ? own.raise_count : h->raise_count;
			h->clear_count = d->has_clear_count ? own.clear_count : h->clear_count;
			h->latch = d->has_latch ? d->latch : h->latch;
			if (*d->text)
				r->term[k].text = bb_arena_strdup(a, d->text);
		}
		return true;
	}
	return false;
}

const struct rule *rule_compile(const struct bb_ruledef *d, uint64_t entry)
{
	struct bb_arena *a = d->enabled ? bb_arena_new(1024, 0) : NULL;
	struct compiled *c = a ? bb_arena_alloc(a, sizeof(*c)) : NULL;

	if (!c)
		return NULL;
	c->arena = a;
	if (d->kind != BB_RULE_NONE)
		compile_kind(a, d, &c->rule);
	else if (!compile_change(a, d, &c->rule)) {
		bb_arena_free(a);
		return NULL;
	}
	c->rule.id = bb_arena_strdup(a, d->id);
	c->rule.entry = entry;
	c->rule.words[RULE_CAUSE] = *d->cause ? bb_arena_strdup(a, d->cause) : NULL;
	c->rule.words[RULE_CONSEQUENCE] =
		*d->consequence ? bb_arena_strdup(a, d->consequence) : NULL;
	c->rule.words[RULE_ACTION] = *d->action ? bb_arena_strdup(a, d->action) : NULL;
	return &c->rule;
}

void rule_compiled_free(const struct rule *r)
{
	if (r)
		bb_arena_free(((const struct compiled *)r)->arena);
}
