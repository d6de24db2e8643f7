// SPDX-License-Identifier: Apache-2.0
/* Readings become events of alarms. What one reading says is worked out for all rules at once; only
 * rules that became true and rules that have an alarm are then stepped, so a quiet fleet costs a
 * lookup per value and nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"

#define FLAGLESS_READINGS 10

static unsigned poll_group(const char *group)
{
	static const char *const names[] = { "status", "measure", "ident", "cells" };

	for (unsigned i = 0; group && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], group) == 0)
			return i;
	return CORE_POLL_GROUPS - 1;
}

/* An alarm begins, or goes on, on the word of `term`: it tells what that term saw. */
static void take_lead(struct core *c, struct alarm *a, unsigned term, const struct rule_news *news)
{
	const struct rule_term *t = rule_term(a->device->rules, term);
	char text[256];

	a->lead = (uint16_t)term;
	a->hold = &t->hold;
	if (alarm_is_active(a->st.phase))
		return;
	a->has_value = t->source >= RULE_ABOVE && t->source <= RULE_AGE;
	a->value = a->has_value ? news->value[term] : 0;
	a->limit = t->raise;
	const char *name = news->name[term], *index = news->index[term];
	snprintf(text, sizeof(text), "%s%s%s", name, *index ? "#" : "", index);
	replace_text(&a->subject, text);
	replace_text(&a->unit, t->unit);
	rule_text(t, name, a->value, text, sizeof(text));
	replace_text(&a->text, text);
}

/* Of a limit rule: what the term says goes to its level, whatever it means for the alarm. */
static void step_level(struct alarm *a, unsigned term, const struct rule_news *news, uint64_t now_ns)
{
	unsigned k = term - rule_first_term(a->device->rules, a->rule);

	if (rule_bit(&news->is.is_true, term))
		level_step(a, k, ALARM_TRUE, now_ns);
	else if (rule_bit(&news->is.is_bad, term))
		level_step(a, k, ALARM_NOT_GOOD, now_ns);
	else if (rule_bit(&news->is.is_between, term))
		level_step(a, k, ALARM_BETWEEN, now_ns);
	else
		level_step(a, k, ALARM_FALSE, now_ns);
	/* Not raised yet: it will be as bad as the worst level that holds then. */
	if (alarm_is_active((enum alarm_phase)a->st.phase) || !rule_bit(&news->is.is_true, term))
		return;
	int worst = level_worst(a);
	a->severity = (uint8_t)a->rule->term[worst >= 0 ? (unsigned)worst : k].severity;
}

/* Of many values the others are well, but this alarm's own one was not read: absence is no news. */
static bool is_about_others(const struct alarm *a, const struct rule_news *news)
{
	return a && a->subject && news->reading && !rule_reading_has(news->reading, a->subject) &&
	       (strchr(a->subject, '#') || strchr(rule_term(a->device->rules, a->lead)->point, '*'));
}

static void step_term(struct core *c, struct device *d, unsigned term, const struct rule_news *news,
	uint64_t now_ns)
{
	const struct rule *r = rule_of_term(d->rules, term);
	struct alarm *a = alarm_of(d, r->id);
	enum alarm_phase phase = a ? (enum alarm_phase)a->st.phase : PHASE_NORMAL;
	enum alarm_event ev;
	bool is_news = rule_event(d->rules, term, news, &d->memory, phase, a ? a->lead : term, &ev);

	if (!a && (!is_news || ev != ALARM_TRUE))
		return;
	if (is_news && ev == ALARM_FALSE && is_about_others(a, news))
		return;
	if (!a)
		a = alarm_new(c, d, r->id, r);
	if (r->is_levelled) {
		step_level(a, term, news, now_ns);
		level_settle(c, a, news, now_ns);
	}
	if (!is_news)
		return;
	if (ev == ALARM_NOT_GOOD) {
		alarm_set_stale(c, a, true);
	} else {
		/* A new run, in whichever direction, is led by the term that began it. */
		if (!alarm_is_waiting(a->st.phase) || ev == ALARM_TRUE)
			take_lead(c, a, term, news);
		alarm_set_stale(c, a, false);
	}
	alarm_apply(c, a, ev, NULL, now_ns);
}

static void step_terms(struct core *c, struct device *d, const struct rule_news *news,
	uint64_t now_ns)
{
	for (unsigned i = 0; i < news->n_words; i++) {
		uint64_t left = news->is.is_true.w[i] |
				((news->is.is_between.w[i] | news->is.is_false.w[i] | news->is.is_bad.w[i]) &
					d->busy.w[i]);
		for (; left; left &= left - 1)
			step_term(c, d, 64 * i + (unsigned)__builtin_ctzll(left), news, now_ns);
	}
}

static struct rule_world world_of(struct core *c, struct device *d, uint64_t at_ms)
{
	return (struct rule_world){
		.track = d->track,
		.peers = c->peers,
		.device_id = d->id,
		.at_ms = at_ms,
		.begin_ms = d->begin_ms,
	};
}

/* Only while the device answers: otherwise its silence is the news, and it is told once. */
void eval_age(struct core *c, struct device *d, uint64_t now_ns)
{
	struct rule_world w = world_of(c, d, now_ns / NS_PER_MS);
	struct rule_news news;

	if (!d->track || !rule_has_age(d->rules) || d->comm != COMM_OK || !comm_is_trusted(d) || d->missed)
		return;
	rule_read_age(d->rules, &w, &news);
	rule_remember(&d->memory, &news, false);
	step_terms(c, d, &news, now_ns);
}

/* Too old to be evidence: three intervals and a little, counted from when the device answered. */
static bool is_out_of_date(const Busbar__V1__Reading *r, uint64_t sampled_ns, uint64_t now_ns)
{
	uint64_t limit_ms = 5000 + 3 * (uint64_t)r->interval_ms;

	return now_ns > sampled_ns && (now_ns - sampled_ns) / NS_PER_MS > limit_ms;
}

static void take_status(struct core *c, struct device *d, const struct rule_news *news)
{
	if (!news->has_status || (d->has_status && d->status == news->status))
		return;
	d->has_status = true;
	d->status = news->status;
	device_summarise(c, d);
}

/* The alarm table is walked whole or not at all, so without any flag the status group says nothing
 * about them; a device that never sends any has none. */
static bool tells_flags(struct device *d, const Busbar__V1__Reading *r)
{
	if (poll_group(r->group) != 0)
		return true;
	if (r->n_flag_name)
		d->flagless = 0;
	else if (d->flagless < FLAGLESS_READINGS)
		d->flagless++;
	return r->n_flag_name || d->flagless == FLAGLESS_READINGS;
}

static void take_values(struct core *c, struct device *d, const Busbar__V1__Reading *r,
	uint64_t sampled_ns, uint64_t now_ns)
{
	struct rule_news news;
	bool is_stale = is_out_of_date(r, sampled_ns, now_ns);
	bool is_complete = tells_flags(d, r);

	struct rule_world w = world_of(c, d, sampled_ns / NS_PER_MS);
	w.interval_ms = r->interval_ms;
	w.poll_group = poll_group(r->group);
	rule_read(d->rules, r, is_stale, d->track ? &w : NULL, &news);
	rule_remember(&d->memory, &news, is_complete);
	if (is_stale)
		c->stats.out_of_date++;
	else
		take_status(c, d, &news);
	if (poll_group(r->group) == 0)
		d->status_is_good = !is_stale && news.has_status;
	if (d->watches)
		watch_reading(d, r, poll_group(r->group), sampled_ns);
	/* Older than our start or the last pause: good to know, no evidence. */
	if (c->is_live && sampled_ns > c->epoch_ns)
		step_terms(c, d, &news, now_ns);
}

static struct device *device_for(struct core *c, uint64_t id, const struct core_source *from)
{
	struct device *d = core_device(c, id);

	if (d && d->is_configured && d->publisher &&
		strcmp(d->publisher->name, from->publisher) == 0)
		return d;
	c->stats.unknown_device++;
	return NULL;
}

void core_reading(struct core *c, const Busbar__V1__Reading *r, const struct core_source *from,
	uint64_t now_ns)
{
	struct device *d = device_for(c, r->device_id, from);
	unsigned g = poll_group(r->group);

	if (!d)
		return;
	if (from->sampled_ns <= d->read_ns[g]) {
		c->stats.out_of_date++;
		return;
	}
	d->read_ns[g] = from->sampled_ns;
	d->missing_groups = (uint8_t)((d->missing_groups & ~(1u << g)) | (r->missed ? 1u << g : 0));
	if (g == 0) {
		d->has_status_group = true;
		d->status_epoch = from->epoch;
		d->status_seq = from->topic_seq;
	}
	c->stats.evaluated++;
	if (r->profile && *r->profile &&
		(!d->life.profile || strcmp(d->life.profile, r->profile) != 0)) {
		replace_text(&d->life.profile, r->profile);
		maintenance_touch(c);
		device_profile(c, d, now_ns);
	}
	/* The status group is the quickest and smallest: when a device has it, it alone tells
	 * whether the device answers. */
	if (g == 0 || !d->has_status_group) {
		d->heard_ms = now_ns / NS_PER_MS;
		d->interval_ms = r->interval_ms;
		if (from->sampled_ns > c->epoch_ns) {
			bool was_ok = d->comm == COMM_OK;
			comm_reading(c, d, r->missed, r->lost_reason, now_ns);
			if (!was_ok && d->comm == COMM_OK)
				d->begin_ms = now_ns / NS_PER_MS;
		}
	}
	if (!r->missed)
		take_values(c, d, r, from->sampled_ns, now_ns);
	if (d->n_refs)
		redundancy_touch(c, d, now_ns);
}

/* Only the number tells that we hold the very reading that is confirmed: whoever missed a change
 * must not take the old state for a fresh one. */
static bool is_confirmed(const struct device *d, const struct core_source *from)
{
	return d->has_status_group && d->status_epoch == from->epoch &&
	       d->status_seq == from->topic_seq && !(d->missing_groups & 1u) &&
	       from->sampled_ns > d->read_ns[0];
}

void core_confirm(struct core *c, uint64_t device_id, const char *group,
	const struct core_source *from, uint64_t now_ns)
{
	struct device *d = device_for(c, device_id, from);

	if (!d)
		return;
	if (poll_group(group) != 0 || !is_confirmed(d, from)) {
		c->stats.out_of_date++;
		return;
	}
	c->stats.confirmed++;
	d->read_ns[0] = from->sampled_ns;
	d->heard_ms = now_ns / NS_PER_MS;
	if (d->track)
		track_confirm(d->track, 0, from->sampled_ns / NS_PER_MS);
	if (from->sampled_ns > c->epoch_ns)
		comm_reading(c, d, 0, NULL, now_ns);
	if (d->n_refs)
		redundancy_touch(c, d, now_ns);
}
