// SPDX-License-Identifier: Apache-2.0
/* What people are told of a redundancy group: its alarms, and its state for lookers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "alarmd/redundancy.h"
#include "common/str.h"

#define TELL_POWER_MS 5000 /* at most so often, and when it moved by more than this share */
#define TELL_POWER    0.01

/* "hh/ups1 (BYPASS), hh/ups2 (no answer)": members that are `t`, as many as fit. */
static void list_members(const struct core *c, const struct redundancy *r, enum truth t,
	uint64_t now_ns, char *out, size_t cap)
{
	char why[REDUNDANCY_WHY_MAX];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->n_members; i++) {
		const struct redundancy_member *m = &r->member[i];
		if (redundancy_member_truth(c, r, m, now_ns, why) != t)
			continue;
		const char *name = m->kind == REDUNDANCY_GROUP ? m->group ? m->group->name : "?"
				   : m->device                 ? m->device->key
							       : "?";
		int w = snprintf(out + n, cap - n, "%s%s%s%s%s%s%s", n ? ", " : "", name,
			m->point ? " " : "", m->point ? m->point : "", *why ? " (" : "", why,
			*why ? ")" : "");
		if (w < 0 || (size_t)w >= cap - n) {
			snprintf(out + n, cap - n, "%s", cap - n > 5 ? " ..." : "");
			return;
		}
		n += (size_t)w;
	}
}

static void describe(const struct core *c, const struct redundancy *r, enum kofn_alarm which,
	uint64_t now_ns, char *out, size_t cap)
{
	static const enum truth of[KOFN_ALARMS] = { TRUTH_FAILS, TRUTH_FAILS, TRUTH_UNKNOWN };
	const struct kofn *k = &r->now.count;
	uint32_t total = k->working + k->failed + k->unknown;
	char list[160];

	list_members(c, r, of[which], now_ns, list, sizeof(list));
	if (which == KOFN_UNKNOWN)
		snprintf(out, cap, "whether %u of %u work cannot be told, %u certainly do: %s",
			r->need, total, k->working, list);
	else if (which == KOFN_LOST)
		snprintf(out, cap, "%u of %u must work, %s%u do: %s", r->need, total,
			k->unknown ? "at most " : "only ", k->working + k->unknown, list);
	else
		snprintf(out, cap, "%u of %u work, %u must: %s%u more may fail: %s", k->working,
			total, r->need, k->working > r->need ? "" : "none, ", k->working - r->need,
			list);
}

static void alarm_tell(struct core *c, struct redundancy *r, struct alarm *a, enum kofn_alarm which,
	bool is_new, uint64_t now_ns)
{
	char text[256];

	a->has_value = true;
	a->value = r->now.count.working;
	a->limit = r->need;
	replace_text(&a->subject, r->key);
	describe(c, r, which, now_ns, text, sizeof(text));
	if (a->text && strcmp(a->text, text) == 0)
		return;
	replace_text(&a->text, text);
	if (!is_new && alarm_is_open(a->st.phase) && c->env.remark)
		c->env.remark(c->env.arg, a);
}

/* Why a member is unknown; of several members the first of these counts. */
enum why_unknown {
	UNKNOWN_ITSELF,  /* it has an alarm of its own */
	UNKNOWN_YET,     /* nothing was heard of it since our start or the last pause */
	UNKNOWN_BY_CAUSE /* one cause has an alarm, and nobody hears of this one besides */
};

/* *cause is set when the device's own alarm names it. */
static enum why_unknown why_of(const struct core *c, const struct device *d, uint64_t now_ns,
	const char **cause)
{
	const struct publisher *p = d ? d->publisher : NULL;
	const struct alarm *a =
		d && rule_comm(d->rules) ? alarm_of(d, rule_comm(d->rules)->id) : NULL;
	bool is_told = a && alarm_is_active(a->st.phase);
	const char *lost;

	if (is_told && a->quiet[QUIET_SUPPRESSED]) {
		*cause = a->quiet[QUIET_SUPPRESSED];
		return UNKNOWN_BY_CAUSE;
	}
	if (p && (p->is_lost || p->network_lost))
		return UNKNOWN_BY_CAUSE;
	if (d && d->comm == COMM_LOST)
		return !is_told && parent_verdict(c, d, now_ns, &lost) == PARENT_WAIT
			       ? UNKNOWN_BY_CAUSE
			       : UNKNOWN_ITSELF;
	return d && d->is_configured && !device_is_fresh(c, d) ? UNKNOWN_YET : UNKNOWN_ITSELF;
}

static enum why_unknown why_unknown(const struct core *c, const struct redundancy *r,
	uint64_t now_ns, const char **cause)
{
	enum why_unknown worst = r->is_cyclic ? UNKNOWN_ITSELF : UNKNOWN_BY_CAUSE;

	for (size_t i = 0; i < r->n_members && worst != UNKNOWN_ITSELF; i++) {
		const struct redundancy_member *m = &r->member[i];
		enum why_unknown why;

		if (m->truth != TRUTH_UNKNOWN)
			continue;
		if (m->kind != REDUNDANCY_GROUP)
			why = why_of(c, m->device, now_ns, cause);
		else if (m->group && !m->group->is_cyclic)
			why = why_unknown(c, m->group, now_ns, cause);
		else
			why = UNKNOWN_ITSELF;
		worst = why < worst ? why : worst;
	}
	return worst;
}

/* What can be told of it is told by the alarm of the cause; the group shows it all the same. */
static enum alarm_event judge_unknown(struct core *c, struct redundancy *r, struct alarm *a,
	uint64_t now_ns)
{
	const char *cause = NULL;
	enum why_unknown why = why_unknown(c, r, now_ns, &cause);

	if (a && why == UNKNOWN_ITSELF)
		quiet_mark(c, a, QUIET_SUPPRESSED, NULL, now_ns);
	else if (a && why == UNKNOWN_BY_CAUSE && cause)
		quiet_mark(c, a, QUIET_SUPPRESSED, cause, now_ns);
	return why == UNKNOWN_BY_CAUSE ? ALARM_BETWEEN : ALARM_TRUE;
}

static void alarm_judge(struct core *c, struct redundancy *r, enum kofn_alarm which, bool is_news,
	uint64_t now_ns)
{
	enum alarm_event ev = kofn_event(&r->now.count, which);
	struct alarm *a = alarm_of(r->object, kofn_alarm_rule(which));
	bool is_new = !a;

	if (which == KOFN_UNKNOWN && ev == ALARM_TRUE)
		ev = judge_unknown(c, r, a, now_ns);
	if (!a && ev != ALARM_TRUE)
		return;
	if (!a) {
		a = alarm_new(c, r->object, kofn_alarm_rule(which), NULL);
		a->severity = r->severity[which];
	}
	a->hold = &r->hold[which];
	alarm_set_severity(c, a, r->severity[which], now_ns);
	if (ev == ALARM_TRUE && (is_new || is_news))
		alarm_tell(c, r, a, which, is_new, now_ns);
	alarm_set_stale(c, a, ev == ALARM_NOT_GOOD);
	alarm_apply(c, a, ev, NULL, now_ns);
}

static bool moved(double now, double was)
{
	return fabs(now - was) > TELL_POWER * fmax(fabs(now), fabs(was));
}

static bool is_other_count(const struct kofn *a, const struct kofn *b)
{
	return a->need != b->need || a->working != b->working || a->failed != b->failed ||
	       a->unknown != b->unknown;
}

/* Power moves all the time: it is told now and then, everything else at once. */
static bool is_worth_telling(struct redundancy *r, uint64_t now_ms)
{
	const struct redundancy_result *n = &r->now, *t = &r->told;

	if (n->truth != t->truth || is_other_count(&n->count, &t->count) ||
		n->has_load != t->has_load || n->has_capacity != t->has_capacity)
		return true;
	return now_ms - r->told_ms >= TELL_POWER_MS &&
	       (moved(n->load_w, t->load_w) || moved(n->capacity_w, t->capacity_w));
}

/* Since when: a loss that was recorded knows it, whatever happened to us meanwhile. */
static void date(struct core *c, struct redundancy *r, const struct redundancy_result *was)
{
	const struct alarm *a = alarm_of(r->object, kofn_alarm_rule(KOFN_LOST));

	if (r->now.truth == was->truth)
		return;
	if (r->now.truth == TRUTH_FAILS && a && alarm_is_active(a->st.phase))
		r->since_us = a->raised_us;
	else
		r->since_us = r->is_from_start ? 0 : c->env.wall_us(c->env.arg);
	if (r->now.truth != TRUTH_UNKNOWN)
		r->is_from_start = false;
}

void redundancy_settle(struct core *c, struct redundancy *r, const struct redundancy_result *was,
	uint64_t now_ns)
{
	bool is_news = r->now.truth != was->truth || is_other_count(&r->now.count, &was->count);

	date(c, r, was);
	/* First the worse one: who is told of an end is told of what came instead before. */
	for (enum kofn_alarm a = 0; c->is_live && a < KOFN_ALARMS; a++)
		alarm_judge(c, r, a, is_news, now_ns);
	if (r->told_jseq != r->object->jseq || is_worth_telling(r, now_ns / NS_PER_MS)) {
		r->is_changed = true;
		r->told = r->now;
		r->told_jseq = r->object->jseq;
		r->told_ms = now_ns / NS_PER_MS;
	}
}

void redundancy_bind_alarms(struct redundancy *r)
{
	for (enum kofn_alarm k = 0; k < KOFN_ALARMS; k++) {
		struct alarm *a = alarm_of(r->object, kofn_alarm_rule(k));

		if (a)
			a->hold = &r->hold[k];
	}
}

/* ---- lookers ---- */

void redundancy_flush_changed(struct core *c, uint64_t durable_jseq,
	void (*cb)(void *arg, struct redundancy *r), void *arg)
{
	for (size_t i = 0; i < c->n_redundancies; i++) {
		struct redundancy *r = c->redundancies[i];

		if (!r->is_changed || r->object->jseq > durable_jseq)
			continue;
		r->is_changed = false;
		cb(arg, r);
	}
}

void redundancy_message(const struct redundancy *r, Busbar__V1__RedundancyState *m)
{
	const struct redundancy_result *n = &r->now;

	*m = (Busbar__V1__RedundancyState)BUSBAR__V1__REDUNDANCY_STATE__INIT;
	m->has_redundancy_id = m->has_site_id = m->has_result = m->has_need = m->has_working =
		m->has_failed = m->has_unknown = m->has_severity = m->has_unack = true;
	m->redundancy_id = r->id;
	m->key = r->key;
	m->name = r->name;
	m->site_id = r->object->site_id;
	m->result = n->truth;
	m->need = r->need;
	m->working = n->count.working;
	m->failed = n->count.failed;
	m->unknown = n->count.unknown;
	m->has_load_w = n->has_load;
	m->load_w = n->load_w;
	m->has_capacity_w = n->has_capacity;
	m->capacity_w = n->capacity_w;
	m->has_since_unix_us = r->since_us != 0;
	m->since_unix_us = r->since_us;
	m->severity = r->object->share.severity;
	if (n->truth == TRUTH_UNKNOWN && m->severity > BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN)
		m->severity = BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
	m->unack = r->object->share.unack;
}
