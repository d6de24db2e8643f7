// SPDX-License-Identifier: Apache-2.0
/* What members and groups are: pure questions about the devices as they stand. */
#include "alarmd/redundancy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/point.h"
#include "common/str.h"

#define POWER_S 5

/* Rules that say that the device's own word is worth nothing. */
static const char *const blind_rules[] = { "card_link_lost" };

static void say(char *why, const char *text)
{
	if (why)
		bb_copy(why, REDUNDANCY_WHY_MAX, text);
}

bool device_is_fresh(const struct core *c, const struct device *d)
{
	if (!d || !d->is_configured || d->comm != COMM_OK || !comm_is_trusted(d))
		return false;
	for (size_t g = 0; g < CORE_POLL_GROUPS; g++)
		if (d->read_ns[g] > c->epoch_ns && (g == 0 || !d->has_status_group))
			return true;
	return false;
}

static bool is_active(const struct device *d, const char *rule, bool *is_stale)
{
	const struct alarm *a = alarm_of(d, rule);

	if (!a || a->is_test || !alarm_is_active(a->st.phase))
		return false;
	*is_stale = a->is_stale;
	return true;
}

/* A proof that it fails counts more than a doubt. */
static enum truth judge_rules(const struct device *d, const struct redundancy *r, char *why)
{
	enum truth t = TRUTH_WORKS;
	bool is_stale;

	for (size_t i = 0; i < sizeof(blind_rules) / sizeof(blind_rules[0]); i++)
		if (is_active(d, blind_rules[i], &is_stale)) {
			say(why, blind_rules[i]);
			return TRUTH_UNKNOWN;
		}
	for (size_t i = 0; i < r->n_fail_rules; i++) {
		if (!is_active(d, r->fail_rules[i], &is_stale))
			continue;
		if (!is_stale || t == TRUTH_WORKS)
			say(why, r->fail_rules[i]);
		if (!is_stale)
			return TRUTH_FAILS;
		t = TRUTH_UNKNOWN;
	}
	return t;
}

static enum truth judge_status(const struct device *d, const struct redundancy *r, char *why)
{
	char words[REDUNDANCY_WHY_MAX];

	if (!d->has_status)
		return TRUTH_WORKS; /* no UPS: its alarms tell */
	if (!d->status_is_good || (d->status & BB_ST_COMMLOST)) {
		say(why, "status is not known");
		return TRUTH_UNKNOWN;
	}
	if (d->status & r->fail_words) {
		bb_status_print(d->status & r->fail_words, words, sizeof(words));
		say(why, words);
		return TRUTH_FAILS;
	}
	if (d->status & (BB_ST_OL | BB_ST_OB))
		return TRUTH_WORKS;
	say(why, "status says neither OL nor OB");
	return TRUTH_UNKNOWN;
}

static enum truth device_truth(const struct core *c, const struct redundancy *r,
	const struct device *d, char *why)
{
	if (!device_is_fresh(c, d)) {
		say(why, !d || !d->is_configured ? "not in the configuration" : "no answer");
		return TRUTH_UNKNOWN;
	}
	enum truth status = judge_status(d, r, why);

	if (status == TRUTH_FAILS)
		return status;
	enum truth rules = judge_rules(d, r, why);
	return rules == TRUTH_WORKS ? status : rules;
}

static enum truth condition_truth(const struct core *c, const struct redundancy_member *m,
	uint64_t now_ns, char *why)
{
	const struct device *d = m->device;
	double limit;
	bool holds;

	if (!device_is_fresh(c, d)) {
		say(why, "no answer");
		return TRUTH_UNKNOWN;
	}
	const struct watch *w = watch_find(d, m->point, m->index);
	if (!w || !watch_is_known(d, w, now_ns)) {
		say(why, "value is not known");
		return TRUTH_UNKNOWN;
	}
	if (w->kind == BB_TEXT) {
		holds = condition_text(m->op, w->text, m->wanted);
		say(why, holds ? "" : w->text);
	} else {
		char text[32];

		if (strcmp(m->wanted, "true") == 0 || strcmp(m->wanted, "false") == 0)
			limit = m->wanted[0] == 't';
		else if (bb_parse_double(m->wanted, &limit) != 0)
			return TRUTH_UNKNOWN;
		holds = condition_number(m->op, w->number, limit);
		snprintf(text, sizeof(text), "%.5g", w->number);
		say(why, holds ? "" : text);
	}
	return holds ? TRUTH_WORKS : TRUTH_FAILS;
}

static enum truth member_truth(const struct core *c, const struct redundancy *r,
	const struct redundancy_member *m, const struct bb_table *failed,
	const struct redundancy_result *results, uint64_t now_ns, char *why)
{
	say(why, "");
	if (m->kind == REDUNDANCY_GROUP) {
		if (!m->group || m->group->is_cyclic)
			return TRUTH_UNKNOWN;
		return results ? results[m->group->index].truth : m->group->now.truth;
	}
	if (failed && m->device && bb_table_get_u64(failed, m->device->id)) {
		say(why, "assumed to fail");
		return TRUTH_FAILS;
	}
	return m->kind == REDUNDANCY_DEVICE ? device_truth(c, r, m->device, why)
					    : condition_truth(c, m, now_ns, why);
}

enum truth redundancy_member_truth(const struct core *c, const struct redundancy *r,
	const struct redundancy_member *m, uint64_t now_ns, char *why)
{
	return member_truth(c, r, m, NULL, NULL, now_ns, why);
}

/* Load and capacity are known when every device that may carry something tells. */
static void add_power(const struct core *c, const struct redundancy_leaf *l,
	const struct bb_table *failed, uint64_t now_ns, struct redundancy_result *out)
{
	enum truth t = failed && bb_table_get_u64(failed, l->device->id)
			       ? TRUTH_FAILS
			       : device_truth(c, l->by, l->device, NULL);
	double w;

	if (redundancy_load(l->device, now_ns, &w))
		out->load_w += w;
	else if (t != TRUTH_FAILS)
		out->has_load = false;
	if (t == TRUTH_WORKS && redundancy_capacity(l->device, now_ns, &w))
		out->capacity_w += w;
	else if (t != TRUTH_FAILS)
		out->has_capacity = false;
}

void redundancy_evaluate(const struct core *c, const struct redundancy *r,
	const struct bb_table *failed, const struct redundancy_result *results, uint64_t now_ns,
	struct redundancy_result *out)
{
	*out = (struct redundancy_result){ .count.need = r->need,
		.has_load = r->n_leaves > 0,
		.has_capacity = r->n_leaves > 0 };
	for (size_t i = 0; i < r->n_members; i++)
		kofn_add(&out->count, r->is_cyclic ? TRUTH_UNKNOWN
						   : member_truth(c, r, &r->member[i], failed,
							     results, now_ns, NULL));
	out->truth = kofn_truth(&out->count);
	for (size_t i = 0; i < r->n_leaves; i++)
		add_power(c, &r->leaf[i], failed, now_ns, out);
}

void redundancy_what_if(const struct core *c, const struct bb_table *failed, uint64_t now_ns,
	struct redundancy_result *out)
{
	for (size_t i = 0; i < c->n_redundancies; i++)
		redundancy_evaluate(c, c->redundancies[i], failed, out, now_ns, &out[i]);
}

/* ---- the groups as they are ---- */

struct redundancy *const *core_redundancies(const struct core *c, size_t *n)
{
	*n = c->n_redundancies;
	return c->redundancies;
}

struct redundancy *core_redundancy(const struct core *c, const char *key)
{
	for (size_t i = 0; i < c->n_redundancies; i++)
		if (strcmp(c->redundancies[i]->key, key) == 0)
			return c->redundancies[i];
	return NULL;
}

/* Power moves without anything else: looked at now and then, not all groups in the same second. */
static bool is_power_due(const struct redundancy *r, uint64_t now_ns)
{
	return (now_ns / NS_PER_S + r->index) % POWER_S == 0;
}

/* Groups come after those they hold, so one pass is enough. */
static void run(struct core *c, bool is_all, uint64_t now_ns)
{
	for (size_t i = 0; i < c->n_redundancies; i++) {
		struct redundancy *r = c->redundancies[i];
		bool due = r->is_due || r->told_jseq != r->object->jseq ||
			   (is_all && is_power_due(r, now_ns));

		for (size_t k = 0; k < r->n_members; k++) {
			struct redundancy_member *m = &r->member[k];
			if (!is_all && m->kind != REDUNDANCY_GROUP)
				continue;
			enum truth t = redundancy_member_truth(c, r, m, now_ns, NULL);
			due |= t != m->truth;
			m->truth = t;
		}
		r->is_due = false;
		if (!due)
			continue;
		struct redundancy_result was = r->now;
		redundancy_evaluate(c, r, NULL, NULL, now_ns, &r->now);
		redundancy_settle(c, r, &was, now_ns);
	}
	c->is_redundancy_due = false;
}

void redundancy_touch(struct core *c, struct device *d, uint64_t now_ns)
{
	for (size_t i = 0; i < d->n_refs; i++) {
		struct member_ref *ref = &d->refs[i];
		struct redundancy_member *m = &ref->r->member[ref->member];
		enum truth t = redundancy_member_truth(c, ref->r, m, now_ns, NULL);

		if (t == m->truth)
			continue;
		m->truth = t;
		ref->r->is_due = c->is_redundancy_due = true;
	}
	if (c->is_redundancy_due && c->is_live)
		run(c, false, now_ns);
}

/* Values age, collectors die, holds end: nothing is read then. */
void redundancy_tick(struct core *c, uint64_t now_ns)
{
	if (c->n_redundancies)
		run(c, true, now_ns);
}
