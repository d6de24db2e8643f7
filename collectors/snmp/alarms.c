// SPDX-License-Identifier: Apache-2.0
/* The device's own alarm table. A row says that an alarm stands; an alarm ends by leaving the
 * table. So only a walk that came to the end of the table tells anything, and a walk that found
 * fewer rows than the device counts is not believed the first time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/snmp.h"
#include "common/arena.h"
#include "common/str.h"

#define MAX_ROWS  256
#define MAX_CODES 200

struct walk {
	struct packet *packet;
	struct profile_oid at;
	unsigned seen_rows, rows, unrecognised; /* all; those that stand; those no profile knows */
	bool is_bulk;
	bool seen[MAX_CODES];
	char text[DEVICE_TEXT_MAX + 1];
};

static uint64_t now_ms(const struct snmp_device *s)
{
	return wheel_now_ms(collector_wheel(s->snmp->host));
}

void alarms_free(struct snmp_device *s)
{
	if (!s->walk)
		return;
	free(s->walk->packet);
	free(s->walk);
	s->walk = NULL;
}

/* ---- ups.status ---- */

/* Where output source and battery status tell how the load is fed, they decide; the alarm table is
 * older and fills the gaps. */
void alarms_set_status(struct snmp_device *s)
{
	enum { FED = BB_ST_OL | BB_ST_OB | BB_ST_OFF | BB_ST_BYPASS };
	struct device *d = device_of(s);
	unsigned words = s->words, from_alarms = s->alarm_words;
	char text[128];

	if (s->plan->status_slot == PLAN_NO_SLOT)
		return;
	if (words & FED)
		from_alarms &= ~(unsigned)FED;
	words |= from_alarms;
	bb_status_print(words, text, sizeof(text));
	device_set_text(d, s->plan->status_slot, text, strlen(text), words ? BB_GOOD : BB_UNKNOWN);
}

/* ---- when to read it ---- */

static bool count_of(struct snmp_device *s, double *count)
{
	unsigned slot = s->plan->alarm_count_slot;

	*count = slot != PLAN_NO_SLOT ? device_of(s)->value[slot].number : 0;
	return slot != PLAN_NO_SLOT && device_of(s)->quality[slot] == BB_GOOD;
}

/* Flags that may be wrong by now are not sent: absent keeps alarms as they are. */
static void withhold(struct snmp_device *s)
{
	struct device *d = device_of(s);

	s->is_touched = true;
	for (unsigned i = 0; i < s->plan->profile->alarms.n; i++) {
		if (s->plan->alarm_slot[i] != PLAN_NO_SLOT)
			d->quality[s->plan->alarm_slot[i]] = DEVICE_ABSENT;
	}
	if (s->plan->alarm_text_slot != PLAN_NO_SLOT)
		d->quality[s->plan->alarm_text_slot] = DEVICE_ABSENT;
	if (s->plan->unrecognised_slot != PLAN_NO_SLOT)
		d->quality[s->plan->unrecognised_slot] = DEVICE_ABSENT;
}

void alarms_consider(struct snmp_device *s)
{
	const struct snmp_settings *set = s->snmp->set;
	double count;
	bool counted = count_of(s, &count);

	s->walk_due_ms = 0;
	if (!s->plan->profile->alarms.column.n)
		return;
	if (counted && count != s->walked_count) {
		withhold(s);
	} else if (s->walked_count >= 0) {
		s->walk_due_ms = s->walked_at_ms + (uint64_t)(counted && count > 0
								      ? set->alarm_walk_ms
								      : set->alarm_idle_walk_ms);
		if (now_ms(s) < s->walk_due_ms)
			return;
	}
	job_want(s, JOB_ALARMS);
}

void alarms_consider_echo(struct snmp_device *s)
{
	if (s->is_touched || now_ms(s) >= s->walk_due_ms)
		alarms_consider(s);
}

/* ---- the walk ---- */

void alarms_begin(struct snmp_device *s)
{
	struct walk *w = s->walk;

	if (!w) {
		w = s->walk = bb_calloc(1, sizeof(*w));
		w->at = s->plan->profile->alarms.column;
	}
	free(w->packet);
	w->is_bulk = job_bulk(s) > 0;
	w->packet = codec_build(w->is_bulk ? CODEC_BULK : CODEC_NEXT,
		(enum codec_version)s->peer.version, s->peer.community, &w->at, 1, job_bulk(s));
	bb_assert(w->packet);
	engine_ask(s->snmp->engine, &s->peer, w->packet, ENGINE_TRIES);
}

static bool is_zero_oid(const struct profile_oid *o)
{
	for (unsigned i = 0; i < o->n; i++) {
		if (o->id[i])
			return false;
	}
	return true;
}

static void take_row(struct snmp_device *s, struct walk *w, const struct codec_varbind *v)
{
	const struct profile_alarms *a = &s->plan->profile->alarms;
	char text[PROFILE_OID_TEXT];
	struct profile_oid what;
	size_t len = strlen(w->text);

	/* CE+T TSI keeps 24 rows with the OID 0.0.0 for alarms that do not stand. */
	if (!codec_oid(v, &what) || is_zero_oid(&what))
		return;
	w->rows++;
	for (unsigned i = 0; i < a->n && i < MAX_CODES; i++) {
		/* Some agents append an instance. */
		if (profile_oid_within(&what, &a->code[i].oid) && what.n <= a->code[i].oid.n + 1 &&
			(what.n == a->code[i].oid.n || !what.id[what.n - 1])) {
			w->seen[i] = true;
			return;
		}
	}
	w->unrecognised++;
	profile_oid_print(&what, text, sizeof(text));
	if (len + strlen(text) + 2 < sizeof(w->text)) {
		if (len)
			w->text[len++] = ' ';
		memcpy(w->text + len, text, strlen(text) + 1);
	}
}

static void publish(struct snmp_device *s, const struct walk *w, unsigned hidden)
{
	const struct profile_alarms *a = &s->plan->profile->alarms;
	struct device *d = device_of(s);
	bool changed = false;

	s->is_touched = true;
	s->alarm_words = 0;
	for (unsigned i = 0; i < a->n && i < MAX_CODES; i++) {
		unsigned slot = s->plan->alarm_slot[i];
		bool stands = false;

		if (w->seen[i])
			s->alarm_words |= a->code[i].status;
		if (slot == PLAN_NO_SLOT)
			continue;
		for (unsigned k = 0; k < a->n && k < MAX_CODES; k++)
			stands |= w->seen[k] && s->plan->alarm_slot[k] == slot;
		changed |= d->quality[slot] != BB_GOOD || device_flag(d, slot) != stands;
		device_set_flag(d, slot, stands, BB_GOOD);
	}
	if (s->plan->alarm_text_slot != PLAN_NO_SLOT)
		device_set_text(d, s->plan->alarm_text_slot, w->text, strlen(w->text), BB_GOOD);
	if (s->plan->unrecognised_slot != PLAN_NO_SLOT)
		device_set_number(d, s->plan->unrecognised_slot, w->unrecognised + hidden, BB_GOOD);
	alarms_set_status(s);
	pass_mark_stale(s, GROUP_STATUS);
	if (changed)
		device_update(d, GROUP_STATUS);
}

static void complete(struct snmp_device *s)
{
	struct walk *w = s->walk;
	double count;
	bool counted = count_of(s, &count);
	unsigned hidden = counted && count > w->rows ? (unsigned)count - w->rows : 0;

	s->snmp->alarm_walks++;
	job_done(s, JOB_ALARMS);
	/* A table that is there must have a count or rows; a card without the alarm group says
	 * nothing about alarms. */
	bool silent = !counted && !w->rows;
	/* Fewer rows than counted: read again with the next pass. The second time the rest counts
	 * as unrecognised. */
	if (hidden && !s->mismatches++) {
		alarms_free(s);
		return;
	}
	if (!hidden)
		s->mismatches = 0;
	if (!silent)
		publish(s, w, hidden);
	s->walked_count = counted ? count : 0;
	s->walked_at_ms = now_ms(s);
	alarms_free(s);
}

/* The walk broke off: nothing is known, the next status pass begins another one. */
static void broken(struct snmp_device *s)
{
	withhold(s);
	s->walked_count = -1;
	alarms_free(s);
	job_done(s, JOB_ALARMS);
}

void alarms_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns)
{
	const struct profile_oid *column = &s->plan->profile->alarms.column;
	struct walk *w = s->walk;

	device_alive(device_of(s));
	if (a->error) {
		/* Version 1 says noSuchName at the end of everything. */
		if (a->error == CODEC_NOSUCHNAME) {
			complete(s);
			return;
		}
		if (w->is_bulk)
			job_bulk_less(s);
		broken(s);
		return;
	}
	for (unsigned i = 0; i < a->n; i++) {
		const struct codec_varbind *v = &a->v[i];

		if (v->type == CODEC_END || v->type == CODEC_MISSING ||
			(!v->oid_too_long && !profile_oid_within(&v->oid, column))) {
			complete(s);
			return;
		}
		if (v->oid_too_long || profile_oid_compare(&v->oid, &w->at) <= 0 ||
			++w->seen_rows > MAX_ROWS) {
			broken(s);
			return;
		}
		take_row(s, w, v);
		w->at = v->oid;
	}
	if (!a->n)
		broken(s);
}

void alarms_silent(struct snmp_device *s)
{
	if (s->walk->is_bulk)
		job_bulk_less(s);
	broken(s);
}
