// SPDX-License-Identifier: Apache-2.0
/* Recognising a device: which profile fits (detect.c), which of its objects and rows are there
 * (objects.c).
 * Five stages, each a list of questions that are asked in batches; the table `stages` says what to
 * make of an answer and what follows. Done at first contact, daily, when the card has started anew,
 * and when rows vanish; an old plan serves until the new one is ready. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/learn_priv.h"
#include "common/arena.h"
#include "common/str.h"

#define MAX_REQUESTS                                                                               \
	4000 /* of one recognition, for 500 blocks of a card that answers four objects at a time; a lying card must come to an end */
#define MAX_LEARNING     256 /* devices at the same time */
#define SECOND_CHANCE_MS 60000
#define HOUR_MS          3600000

/* ---- questions ---- */

struct question *learn_ask(struct learn *l, const struct profile_oid *oid, unsigned ref)
{
	l->q = bb_realloc(l->q, (l->n + 1) * sizeof(*l->q));
	l->q[l->n] = (struct question){ .oid = *oid, .ref = (uint16_t)ref };
	return &l->q[l->n++];
}

static void drop_questions(struct learn *l)
{
	free(l->q);
	l->q = NULL;
	l->n = 0;
}

static const struct stage_ops *const stages[STAGE_COUNT] = {
	[STAGE_SYSTEM] = &detect_system,
	[STAGE_PROBES] = &detect_probes,
	[STAGE_SCALARS] = &objects_scalars,
	[STAGE_BARE] = &objects_bare,
	[STAGE_COLUMNS] = &objects_columns,
};

void learn_to_stage(struct snmp_device *s, struct learn *l, enum stage stage)
{
	drop_questions(l);
	l->stage = stage;
	stages[stage]->prepare(s, l);
}

/* ---- the end: a plan ---- */

void learn_later(struct snmp_device *s, uint64_t ms, bool keep)
{
	uint64_t at = wheel_now_ms(collector_wheel(s->snmp->host)) + ms;

	if (s->relearn_at_ms && at >= s->relearn_at_ms)
		return;
	s->relearn_at_ms = at;
	s->relearn_keeps = keep;
}

void learn_vanished(struct snmp_device *s)
{
	learn_later(s, s->kept_once ? HOUR_MS : SECOND_CHANCE_MS, true);
}

static void take_plan(struct snmp_device *s, struct plan *p)
{
	struct device *d = device_of(s);
	bool is_first = !s->plan;

	if (s->plan == p) {
		plan_unref(p);
		return;
	}
	plan_unref(s->plan);
	s->plan = p;
	pass_forget_packets(s);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		s->set[g].begun = false;
	free(s->sticky);
	s->sticky = bb_calloc(p->n_checks + 1, 1);
	free(s->flag_pass);
	s->flag_pass = p->n_shared_flags ? bb_calloc(p->n_shared_flags, sizeof(*s->flag_pass))
					 : NULL;
	s->walked_count = -1;
	s->no_bulk |= p->no_bulk;
	alarms_free(s);
	device_set_layout(d, layout_ref(p->layout));
	s->is_touched = true;
	/* Flags are sent only after the alarm table was read. */
	for (unsigned i = 0; i < p->profile->alarms.n; i++) {
		if (p->alarm_slot[i] != PLAN_NO_SLOT)
			d->quality[p->alarm_slot[i]] = DEVICE_ABSENT;
	}
	if (p->alarm_text_slot != PLAN_NO_SLOT)
		d->quality[p->alarm_text_slot] = DEVICE_ABSENT;
	if (p->unrecognised_slot != PLAN_NO_SLOT)
		d->quality[p->unrecognised_slot] = DEVICE_ABSENT;
	if (!is_first)
		device_poll_soon(d, GROUP_IDENT, 0);
	device_poll_soon(d, GROUP_CELLS, 0);
}

/* Every card holds what all have in common. */
static bool holds_own(const struct learn *l)
{
	for (unsigned i = 0; i < l->found.n; i++)
		if (strcmp(l->profile->point[l->found.f[i].point]->origin->name, PROFILE_COMMON) ||
			!strcmp(l->profile->name, PROFILE_COMMON))
			return true;
	return false;
}

bool learn_finish(struct snmp_device *s, struct learn *l)
{
	bool keep = s->plan && s->relearn_keeps;
	const struct plan_input in = {
		.profile = l->profile,
		.found = &l->found,
		.row_text = l->row_text,
		.n_row_text = l->n_row_text,
		.sysobjectid = &l->sysobjectid,
		.sysdescr = learn_sysdescr(l),
		.alive = l->has_uptime ? &plan_uptime_oid
			 : l->alive.n  ? &l->alive
				       : NULL,
		.keep = keep ? s->plan : NULL,
	};
	char reason[200], who[80];

	if (!holds_own(l)) {
		snprintf(reason, sizeof(reason),
			"%s answers, but holds no object of profile \"%s\": name another profile",
			engine_peer_text(&s->peer, who, sizeof(who)), l->profile->name);
		learn_free(s);
		job_failed(s, reason);
		return false;
	}
	struct plan *p = plan_make(s->snmp->plans, &in);
	free(s->skip);
	s->skip = NULL;
	s->max_varbinds = l->most;
	take_plan(s, p);
	learn_free(s);
	job_done(s, JOB_LEARN);
	s->snmp->learnt++;
	s->relearn_at_ms = 0;
	s->kept_once = keep;
	learn_later(s,
		strcmp(p->profile->name, PROFILE_FALLBACK) ? (uint64_t)s->snmp->set->relearn_ms
							   : (uint64_t)s->snmp->set->fallback_ms,
		false);
	return false;
}

/* ---- turns ---- */

/* Whoever has answered the first question waits here for its turn: when ten thousand devices are
 * new at the same time, memory and requests stay bounded. The dead never get here, so they keep
 * nobody waiting. */
static bool take_turn(struct snmp_device *s, struct learn *l)
{
	struct snmp *t = s->snmp;

	if (l->has_turn)
		return true;
	s->waits = true;
	s->next_waiting = NULL;
	if (t->last_waiting)
		t->last_waiting->next_waiting = s;
	else
		t->first_waiting = s;
	t->last_waiting = s;
	return false;
}

static void leave_turn(struct snmp_device *s, struct learn *l)
{
	struct snmp *t = s->snmp;
	struct snmp_device *before = NULL;

	if (l->has_turn)
		t->n_learning--;
	if (!s->waits)
		return;
	for (struct snmp_device *at = t->first_waiting; at != s; at = at->next_waiting)
		before = at;
	if (before)
		before->next_waiting = s->next_waiting;
	else
		t->first_waiting = s->next_waiting;
	if (t->last_waiting == s)
		t->last_waiting = before;
	s->waits = false;
}

void learn_grant_turns(struct snmp *t)
{
	while (t->first_waiting && t->n_learning < MAX_LEARNING) {
		struct snmp_device *s = t->first_waiting;

		t->first_waiting = s->next_waiting;
		if (!t->first_waiting)
			t->last_waiting = NULL;
		t->n_learning++;
		s->waits = false;
		s->learn->has_turn = true;
		job_next(s);
	}
}

/* ---- requests ---- */

void learn_free(struct snmp_device *s)
{
	struct learn *l = s->learn;

	if (!l)
		return;
	for (unsigned i = 0; i < l->n_row_text; i++)
		free(l->row_text[i].text);
	free(l->row_text);
	findings_free(&l->found);
	drop_questions(l);
	free(l->candidate);
	free(l->sysdescr);
	free(l->packet);
	s->learn = NULL;
	leave_turn(s, l);
	free(l);
}

static void build_request(struct snmp_device *s, struct learn *l)
{
	struct profile_oid oid[CODEC_MAX_VARBINDS];

	l->n_asked = 0;
	for (unsigned i = 0; i < l->n && l->n_asked < l->most; i++) {
		if (l->q[i].done)
			continue;
		l->asked[l->n_asked] = (uint16_t)i;
		oid[l->n_asked++] = l->q[i].oid;
	}
	free(l->packet);
	l->packet = NULL;
	if (!l->n_asked)
		return;
	l->packet = codec_build(stages[l->stage]->op, (enum codec_version)s->peer.version,
		s->peer.community, oid, l->n_asked, 0);
	bb_assert(l->packet);
}

static void give_up(struct snmp_device *s, const char *what)
{
	char reason[200], who[80];

	snprintf(reason, sizeof(reason), "%s cannot be recognised: %s",
		engine_peer_text(&s->peer, who, sizeof(who)), what);
	learn_free(s);
	job_done(s, JOB_LEARN);
	if (s->plan) {
		s->relearn_at_ms = 0;
		learn_later(s, HOUR_MS, s->relearn_keeps);
	} else {
		job_failed(s, reason);
	}
}

void learn_begin(struct snmp_device *s)
{
	struct learn *l = s->learn;

	if (!l) {
		l = s->learn = bb_calloc(1, sizeof(*l));
		l->most = (uint8_t)s->snmp->set->max_varbinds;
		learn_to_stage(s, l, STAGE_SYSTEM);
	}
	if (l->requests++ > MAX_REQUESTS) {
		give_up(s, "its tables do not come to an end");
		return;
	}
	/* A stage without questions left passes on to the next. */
	for (build_request(s, l); !l->packet; build_request(s, l)) {
		if (l->stage == STAGE_SYSTEM && !take_turn(s, l))
			return;
		if (!stages[l->stage]->finish(s, l))
			return;
	}
	engine_ask(s->snmp->engine, &s->peer, l->packet, ENGINE_TRIES);
}

/* One question less, or fewer at a time, until every question stands alone. */
static void refused(struct snmp_device *s, struct learn *l, const struct codec_answer *a)
{
	if (a->error == CODEC_NOSUCHNAME && a->index >= 1 && a->index <= l->n_asked)
		l->q[l->asked[a->index - 1]].done = true;
	else if (l->n_asked > 1)
		l->most = (uint8_t)(l->n_asked / 2);
	else
		l->q[l->asked[0]].done = true;
}

void learn_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns)
{
	struct learn *l = s->learn;

	device_alive(device_of(s));
	if (a->error) {
		refused(s, l, a);
		return;
	}
	if (a->n != l->n_asked) {
		s->snmp->bad_answers++;
		give_up(s, "it answers other objects than were asked for");
		return;
	}
	for (unsigned i = 0; i < a->n; i++) {
		struct question *q = &l->q[l->asked[i]];

		/* A GET names what was asked; anything else is an answer to something else. */
		if (stages[l->stage]->op == CODEC_GET &&
			(a->v[i].oid_too_long || profile_oid_compare(&a->v[i].oid, &q->oid)))
			q->done = true;
		else
			stages[l->stage]->take(s, l, q, &a->v[i]);
	}
}

void learn_silent(struct snmp_device *s)
{
	struct learn *l = s->learn;
	char reason[200];

	/* It answered before and is silent to a large request: perhaps it is the size. */
	if (l->requests > 1 && l->n_asked > 1) {
		l->most = (uint8_t)(l->n_asked / 2);
		return;
	}
	job_reason_silent(s, reason, sizeof(reason));
	if (s->plan)
		give_up(s, "it falls silent");
	else
		job_failed(s, reason);
}
