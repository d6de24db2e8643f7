// SPDX-License-Identifier: Apache-2.0
/* One pass over a poll group: plain GETs of learnt instances, in pieces the card can answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/quirk.h"
#include "collectors/snmp/rows.h"
#include "collectors/snmp/snmp.h"
#include "common/arena.h"
#include "common/str.h"

#define MEASURE_TRIES   2
#define STATUS_VARBINDS 12 /* any card can answer so many */
#define MAX_GENERAL_ERRORS                                                                         \
	3 /* objects a pass may lose to genErr before the card itself is blamed */
#define RELEARN_REFUSED_MS 3600000

/* ---- requests ---- */

/* A pass that runs goes on with the packets built next, from its first piece. */
static void set_free(struct packet_set *set)
{
	requests_unref(set->requests);
	set->requests = NULL;
	set->p = NULL;
	set->n = set->next = 0;
}

void pass_forget_packets(struct snmp_device *s)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		set_free(&s->set[g]);
}

static bool skipped(const struct snmp_device *s, unsigned object)
{
	return s->skip && s->skip[object];
}

static void build_set(struct snmp_device *s, unsigned group)
{
	struct packet_set *set = &s->set[group];
	const struct requests_input in = {
		.plan = s->plan,
		.group = group,
		.most = group == GROUP_STATUS && s->max_varbinds > STATUS_VARBINDS
				? STATUS_VARBINDS
				: s->max_varbinds,
		.skip = s->skip,
		.version = (enum codec_version)s->peer.version,
		.community = s->peer.community,
	};

	set_free(set);
	set->requests = requests_get(s->snmp->requests, &in);
	set->p = set->requests->p;
	set->n = set->requests->n;
	if (group == GROUP_STATUS)
		s->peer.echo.len = 0;
}

/* The object that varbind `k` of the packet asks for. */
static unsigned object_of(const struct snmp_device *s, const struct packet *packet, unsigned k)
{
	unsigned i = packet->first;

	for (;; i++) {
		if (skipped(s, i))
			continue;
		if (!k--)
			return i;
	}
}

static void skip_object(struct snmp_device *s, unsigned object)
{
	const struct plan_object *o = &s->plan->object[object];

	if (!s->skip)
		s->skip = bb_calloc(s->plan->n_objects, 1);
	s->skip[object] = 1;
	if (o->slot != PLAN_NO_SLOT) {
		device_of(s)->quality[o->slot] = BB_UNKNOWN;
		value_flags_unknown(s, o);
	}
	/* The pieces before this one stay as they are. */
	uint16_t next = s->set[o->group].next;
	build_set(s, o->group);
	s->set[o->group].next = next;
}

static enum job job_of(unsigned group)
{
	static const enum job job[GROUP_COUNT] = {
		[GROUP_STATUS] = JOB_STATUS,
		[GROUP_MEASURE] = JOB_MEASURE,
		[GROUP_IDENT] = JOB_IDENT,
		[GROUP_CELLS] = JOB_CELLS,
	};

	return job[group];
}

/* ---- what follows from the values ---- */

static void derive(struct snmp_device *s, const struct plan_derived *r)
{
	struct device *d = device_of(s);
	double v = 0;
	unsigned quality = BB_GOOD;

	for (unsigned i = 0; i < r->n; i++) {
		double x = d->value[r->from[i]].number;

		if (d->quality[r->from[i]] != BB_GOOD)
			quality = BB_UNKNOWN;
		v = r->how == PROFILE_SUM ? v + x : !i || (r->how == PROFILE_MAX && x > v) ? x : v;
		if (r->how == PROFILE_FIRST)
			break;
	}
	device_set_number(d, r->slot, quality == BB_GOOD ? v : 0, quality);
}

static bool hears_nothing(const struct snmp_device *s)
{
	return (s->alarm_words | s->words) & BB_ST_COMMLOST;
}

/* The card does not hear its UPS: what it goes on saying may be old. */
void pass_mark_stale(struct snmp_device *s, unsigned group)
{
	struct device *d = device_of(s);
	const struct layout *l = d->layout;

	if (!hears_nothing(s) || group == GROUP_IDENT)
		return;
	for (unsigned i = 0; i < l->n; i++) {
		if (l->slot[i].group != group || d->quality[i] != BB_GOOD ||
			i == s->plan->alarm_count_slot)
			continue;
		if (i == s->plan->alarm_text_slot || i == s->plan->unrecognised_slot ||
			!strcmp(l->slot[i].name, "alarm.comm.lost") ||
			!strcmp(l->slot[i].name, "ups.comm.status"))
			continue;
		d->quality[i] = BB_STALE;
	}
	s->is_touched = true;
	/* The same answer will mean something else when the card hears its UPS again. */
	if (group == GROUP_STATUS)
		s->peer.echo.len = 0;
}

/* ---- echoes ---- */

static bool is_elsewhere(const struct plan *p, unsigned slot)
{
	return slot != PLAN_NO_SLOT && p->layout->slot[slot].group != GROUP_STATUS;
}

/* Does the status depend on values of other groups? */
static bool looks_elsewhere(const struct plan *p)
{
	for (unsigned i = p->n_raw_checks; i < p->n_checks; i++) {
		const struct plan_check *c = &p->check[i];

		if (p->object[c->object].group == GROUP_STATUS &&
			(is_elsewhere(p, c->with_slot) || is_elsewhere(p, c->voltage_slot) ||
				is_elsewhere(p, c->current_slot)))
			return true;
	}
	for (unsigned i = 0; i < p->n_derived; i++) {
		const struct plan_derived *r = &p->derived[i];

		for (unsigned k = 0; r->group == GROUP_STATUS && k < r->n; k++) {
			if (is_elsewhere(p, r->from[k]))
				return true;
		}
	}
	return false;
}

/* A status that is asked for in one piece, was understood whole and left nothing behind that the next
 * pass would look at: then the same bytes say the same. */
static void keep_echo(struct snmp_device *s, const struct codec_answer *a, int uptime)
{
	const struct packet_set *set = &s->set[GROUP_STATUS];

	if (set->n == 1 && !set->odd && !hears_nothing(s) && !looks_elsewhere(s->plan))
		echo_keep(&s->peer.echo, a->raw, a->raw_len, uptime);
}

bool pass_echoes(const struct peer *p, const uint8_t *data)
{
	const struct snmp_device *s = (const struct snmp_device *)p;
	const struct packet_set *set = &s->set[GROUP_STATUS];

	return s->job == JOB_STATUS && set->begun && set->n == 1 && set->p[0] == p->packet &&
	       !hears_nothing(s) &&
	       (!p->echo.free_n || echo_number(&p->echo, data) >= s->uptime_cs);
}

/* What follows from the values of a whole pass. */
static void work_out(struct snmp_device *s, unsigned group)
{
	if (group == GROUP_STATUS)
		s->words = s->pass_words;
	quirk_pass(device_of(s), s->plan, group, s->words, s->sticky);
	for (unsigned i = 0; i < s->plan->n_derived; i++) {
		if (s->plan->derived[i].group == group)
			derive(s, &s->plan->derived[i]);
	}
}

/* Alarms that were read with this group, and travel with the status: what they say now goes out at once. */
static void send_far_flags(struct snmp_device *s, unsigned group)
{
	if (group == GROUP_STATUS || !s->plan->has_far_flags)
		return;
	pass_mark_stale(s, GROUP_STATUS);
	s->is_touched = true;
	device_update(device_of(s), GROUP_STATUS);
}

/* The group could not be read: nobody knows what its alarms do. */
static void forget_far_flags(struct snmp_device *s, unsigned group)
{
	struct device *d = device_of(s);

	if (group == GROUP_STATUS || !s->plan->has_far_flags)
		return;
	for (unsigned i = s->plan->first[group]; i < s->plan->first[group] + s->plan->count[group];
		i++) {
		const struct plan_object *o = &s->plan->object[i];

		value_flags_unknown(s, o);
		if (o->slot != PLAN_NO_SLOT && d->layout->slot[o->slot].group != group &&
			d->quality[o->slot] == BB_GOOD)
			d->quality[o->slot] = BB_UNKNOWN;
	}
	send_far_flags(s, group);
}

static void finish(struct snmp_device *s, unsigned group, bool is_echo)
{
	struct device *d = device_of(s);

	if (is_echo) {
		alarms_consider_echo(s);
		job_succeeded(s);
	} else if (group == GROUP_STATUS) {
		alarms_set_status(s);
		alarms_consider(s);
		job_succeeded(s);
	}
	pass_mark_stale(s, group);
	if (group == GROUP_MEASURE)
		s->measure_fails = 0;
	job_done(s, job_of(group));
	s->set[group].next = 0;
	s->set[group].begun = false;
	if (group == GROUP_IDENT || group == GROUP_CELLS)
		set_free(&s->set[group]); /* the next one is far away */
	if (is_echo && !s->is_touched)
		device_pass_repeated(d, group, s->pass_ns);
	else
		device_pass_done(d, group, s->pass_ns);
	s->is_touched &= group != GROUP_STATUS;
	send_far_flags(s, group);
}

/* ---- events ---- */

static void fail(struct snmp_device *s, unsigned group, const char *reason)
{
	s->set[group].begun = false;
	if (group == GROUP_STATUS) {
		job_failed(s, reason);
		return;
	}
	job_done(s, job_of(group));
	forget_far_flags(s, group);
	device_pass_failed(device_of(s), group, reason);
}

void pass_begin(struct snmp_device *s, unsigned group)
{
	static const uint8_t tries[GROUP_COUNT] = {
		[GROUP_STATUS] = ENGINE_TRIES,
		[GROUP_MEASURE] = MEASURE_TRIES,
		[GROUP_IDENT] = MEASURE_TRIES,
		[GROUP_CELLS] = MEASURE_TRIES,
	};
	struct packet_set *set = &s->set[group];

	if (!set->p)
		build_set(s, group);
	if (!set->begun) {
		set->begun = true;
		set->pass++;
		set->odd = false;
		set->next = 0;
		set->general_errors = 0;
		if (group == GROUP_STATUS)
			s->pass_words = 0;
	}
	if (set->next < set->n) {
		engine_ask(s->snmp->engine, &s->peer, set->p[set->next],
			s->fails >= ENGINE_TRIES ? 1 : tries[group]);
		return;
	}
	if (group == GROUP_STATUS) {
		fail(s, group, "the card refuses every object that would tell its state");
		return;
	}
	/* The card has nothing of this group. */
	s->pass_ns = 0;
	work_out(s, group);
	finish(s, group, false);
}
static void shrink(struct snmp_device *s)
{
	if (s->max_varbinds > 1)
		s->max_varbinds /= 2;
	pass_forget_packets(s);
}

/* The card refused. Whatever can be mended by asking differently is tried at once. */
static void refused(struct snmp_device *s, unsigned group, const struct packet *packet,
	const struct codec_answer *a)
{
	char reason[160], who[80];
	bool alone = packet->n == 1;

	if (a->error == CODEC_NOSUCHNAME && a->index >= 1 && a->index <= packet->n) {
		skip_object(s, object_of(s, packet, a->index - 1));
		learn_later(s, RELEARN_REFUSED_MS, true);
	} else if (!alone) {
		shrink(s);
	} else if (s->set[group].general_errors++ < MAX_GENERAL_ERRORS) {
		skip_object(s, packet->first);
		learn_later(s, RELEARN_REFUSED_MS, true);
	} else {
		free(s->skip);
		s->skip = NULL;
		pass_forget_packets(s);
		snprintf(reason, sizeof(reason),
			"%s refuses single objects with SNMP error %d: see the card's own log",
			engine_peer_text(&s->peer, who, sizeof(who)), a->error);
		fail(s, group, reason);
	}
}

static bool answers_what_was_asked(const struct snmp_device *s, const struct packet *packet,
	const struct codec_answer *a)
{
	if (a->n != packet->n)
		return false;
	if (a->by_place)
		return true;
	for (unsigned k = 0, i = packet->first; k < a->n; i++) {
		if (skipped(s, i))
			continue;
		if (a->v[k].oid_too_long ||
			profile_oid_compare(&a->v[k].oid, &s->plan->object[i].oid))
			return false;
		k++;
	}
	return true;
}

void pass_answered(struct snmp_device *s, unsigned group, const struct codec_answer *a,
	uint64_t sampled_boot_ns)
{
	struct packet_set *set = &s->set[group];
	const struct packet *packet = set->p[set->next];
	char reason[160], who[80];
	int uptime = -1;

	device_alive(device_of(s));
	if (!a) {
		s->pass_ns = sampled_boot_ns;
		if (s->peer.echo.free_n)
			s->uptime_cs = s->peer.echo.number;
		finish(s, group, true);
		return;
	}
	if (group == GROUP_STATUS)
		s->peer.echo.len = 0;
	if (a->error) {
		refused(s, group, packet, a);
		return;
	}
	if (!answers_what_was_asked(s, packet, a)) {
		s->snmp->bad_answers++;
		snprintf(reason, sizeof(reason),
			"%s answers other objects than were asked for: see the card's firmware",
			engine_peer_text(&s->peer, who, sizeof(who)));
		fail(s, group, reason);
		return;
	}
	if (!set->next)
		s->pass_ns = sampled_boot_ns;
	uint64_t memory = group == GROUP_STATUS ? bb_hash(s->sticky, s->plan->n_checks) : 0;
	for (unsigned k = 0, i = packet->first; k < a->n; i++) {
		if (skipped(s, i))
			continue;
		if (a->v[k].type == CODEC_NUMBER && value_is_uptime(&s->plan->object[i]))
			uptime = (int)k;
		value_put(s, i, &a->v[k++]);
	}
	if (++set->next < set->n)
		return;
	work_out(s, group);
	if (group == GROUP_STATUS && memory == bb_hash(s->sticky, s->plan->n_checks))
		keep_echo(s, a, uptime);
	finish(s, group, false);
}

void pass_silent(struct snmp_device *s, unsigned group)
{
	char reason[200];
	bool large = s->set[group].p[s->set[group].next]->n > STATUS_VARBINDS / 2;

	job_reason_silent(s, reason, sizeof(reason));
	/* It answers small requests but not this large one, twice: ask for less at a time. */
	if ((group == GROUP_MEASURE || group == GROUP_CELLS) && large && ++s->measure_fails >= 2) {
		s->measure_fails = 0;
		shrink(s);
	}
	fail(s, group, reason);
}
