// SPDX-License-Identifier: Apache-2.0
/* Which rules a device has, and what happens to its alarms and to what is known when that changes:
 * a rule that stayed the same goes on as if nothing had been, a changed one keeps its open alarm
 * and looks anew, one that is gone ends its alarm. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

static const struct rule_map *map_of(struct core *c, const struct rule_set *from,
	const struct rule_set *to)
{
	struct rule_map *m = &c->map;

	if (m->from == from && m->to == to)
		return m;
	*m = (struct rule_map){ .from = from, .to = to };
	for (size_t i = 0; i < rule_count(to); i++) {
		const struct rule *r = rule_at(to, i);
		if (rule_find(from, r->id) != r)
			continue;
		unsigned old = rule_first_term(from, r), first = rule_first_term(to, r);
		for (unsigned k = 0; k < r->n_terms; k++)
			m->term[old + k] = (uint16_t)(1 + first + k);
	}
	return m;
}

/* What is known of the terms that both sets have. */
static void carry_memory(const struct rule_map *map, const struct rule_memory *from,
	struct rule_memory *to)
{
	const struct rule_bits *const old[] = { &from->known, &from->is_true, &from->is_between,
		&from->is_bad, &from->assumed };
	struct rule_bits *const now[] = { &to->known, &to->is_true, &to->is_between, &to->is_bad,
		&to->assumed };

	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		for (unsigned w = 0; w < rule_words(map->from); w++)
			for (uint64_t left = old[i]->w[w]; left; left &= left - 1) {
				unsigned k = 64 * w + (unsigned)__builtin_ctzll(left);
				if (map->term[k])
					rule_bit_set(now[i], map->term[k] - 1u, true);
			}
}

void alarm_bind(struct device *d, struct alarm *a, const struct rule *r)
{
	int term = a->subject ? rule_term_of_point(d->rules, r, a->subject) : -1;

	a->rule = r;
	a->lead = (uint16_t)(term >= 0 ? (unsigned)term : rule_first_term(d->rules, r));
	a->hold = &rule_term(d->rules, a->lead)->hold;
	level_restore(a);
	rule_mark(d->rules, r, &d->busy, true);
	if (!rule_is_comm(r) && !rule_is_event(r))
		rule_assume(d->rules, r, &d->memory);
}

/* An alarm whose rule was another one until now, or was not known. */
static void rebind(struct core *c, struct device *d, struct alarm *a, const struct rule *r,
	uint64_t now_ns)
{
	bool is_known = a->rule != NULL;

	alarm_bind(d, a, r);
	if (is_known && !r->is_levelled)
		alarm_set_severity(c, a, r->severity, now_ns);
	if (alarm_is_waiting((enum alarm_phase)a->st.phase))
		alarm_apply(c, a, ALARM_PAUSE, NULL, now_ns);
}

static void change_rules(struct core *c, struct device *d, const struct rule_set *to,
	uint64_t now_ns)
{
	const struct rule_set *old = d->rules;
	struct rule_memory m = { 0 };
	struct rule_bits busy = { 0 };

	carry_memory(map_of(c, old, to), &d->memory, &m);
	for (struct alarm *a = d->alarms; a; a = a->next) {
		const struct rule *r = rule_find(to, a->rule_id);
		if (!r || r != a->rule)
			continue;
		a->lead = (uint16_t)(a->lead - rule_first_term(old, r) + rule_first_term(to, r));
		rule_mark(to, r, &busy, true);
	}
	/* Rules that are not in the set any more may end with it: nobody may look at them from here on. */
	for (struct alarm *a = d->alarms; a; a = a->next)
		if (a->rule && rule_find(to, a->rule_id) != a->rule)
			a->hold = &rule_at(ruleset_base(c->rules), 0)->term[0].hold;
	d->rules = to;
	d->memory = m;
	d->busy = busy;
	if (d->track)
		track_keep(d->track, to);
	if (rule_has_track(to) && !d->track)
		d->track = track_new();
	for (struct alarm *a = d->alarms, *next; a; a = next) {
		const struct rule *r = rule_find(to, a->rule_id);
		next = a->next;
		if (r && r != a->rule)
			rebind(c, d, a, r, now_ns);
		else if (!r)
			a->rule = NULL;
	}
}

/* Alarms that no rule stands for any more. A rule that may come back as soon as the device tells
 * its profile is waited for. */
static void end_orphans(struct core *c, struct device *d, const struct ruleset_place *at,
	uint64_t now_ns)
{
	for (struct alarm *a = d->alarms, *next; a; a = next) {
		next = a->next;
		if (a->rule || a->is_test || ruleset_awaits_profile(c->rules, at, a->rule_id))
			continue;
		const struct core_ack by = { .user = ruleset_ended_by(c->rules, at, a->rule_id) };
		alarm_apply(c, a, ALARM_REMOVED, &by, now_ns);
	}
}

void device_rules(struct core *c, struct device *d, uint64_t now_ns)
{
	const char **groups = bb_calloc(d->n_named + 1, sizeof(*groups));
	struct ruleset_place at = {
		.key = d->key,
		.site = d->group ? d->group->key : "",
		.profile = d->life.profile ? d->life.profile : "",
		.groups = groups,
		.n_groups = d->n_named,
	};
	struct bb_err err;

	for (size_t i = 0; i < d->n_named; i++)
		groups[i] = d->named[i]->key;
	err.text[0] = '\0';
	const struct rule_set *to = ruleset_for(c->rules, &at, &err);
	if (err.text[0])
		bb_copy(c->rules_error, sizeof(c->rules_error), err.text);
	if (to != d->rules)
		change_rules(c, d, to, now_ns);
	/* Taken up from a record before there was a configuration. */
	for (struct alarm *a = d->alarms; a; a = a->next)
		if (!a->rule && rule_find(d->rules, a->rule_id))
			alarm_bind(d, a, rule_find(d->rules, a->rule_id));
	if (c->is_live)
		end_orphans(c, d, &at, now_ns);
	free(groups);
}

void rules_config(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns)
{
	struct bb_err err;
	size_t bad = ruleset_config(c->rules, conf, &err);

	bb_copy(c->rules_error, sizeof(c->rules_error), bad ? err.text : "");
	for (struct device *d = c->all; d; d = d->next)
		if (d->id)
			device_rules(c, d, now_ns);
	ruleset_sweep(c->rules);
	/* A set that comes later may have the address of one that went. */
	c->map = (struct rule_map){ 0 };
}

void device_profile(struct core *c, struct device *d, uint64_t now_ns)
{
	if (ruleset_needs_profile(c->rules))
		device_rules(c, d, now_ns);
}
