// SPDX-License-Identifier: Apache-2.0
/* Events of collectors (traps, informs, commands) as records of the alarm journal. An event changes
 * no alarm, so it is a transition from normal to normal under the rule "event".
 *
 * Exactly once: the record names the place in the collector's log it was taken from. That is the
 * cursor, durable with the record itself; what is not behind it was not recorded. The keys of the
 * newest events catch what the collector delivers twice: an inform whose answer was lost in a crash,
 * a record that was volatile there. */
#include <stdio.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

#define RULE          "event"
#define TEST_RULE     "test_trap_missed"
#define NORMAL        BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL
#define INFO          BUSBAR__V1__SEVERITY__SEVERITY_INFO
#define KEY_WINDOW_US UINT64_C(600000000) /* a later event with the same key is another one */

/* ---- cursors ---- */

static struct feed *feed_find(const struct core *c, const char *name)
{
	for (size_t i = 0; i < c->n_feeds; i++)
		if (strcmp(c->feed[i].name, name) == 0)
			return (struct feed *)(uintptr_t)&c->feed[i];
	return NULL;
}

static void feed_move(struct core *c, const char *name, const uint8_t journal_id[16], uint64_t jseq)
{
	struct feed *f = feed_find(c, name);

	if (!f) {
		if (c->n_feeds == CORE_FEEDS_MAX)
			return;
		f = &c->feed[c->n_feeds++];
		bb_copy(f->name, sizeof(f->name), name);
	}
	memcpy(f->journal_id, journal_id, sizeof(f->journal_id));
	f->jseq = jseq;
}

bool core_feed_cursor(const struct core *c, const char *feed, uint8_t journal_id[16],
	uint64_t *jseq)
{
	const struct feed *f = feed_find(c, feed);

	if (!f)
		return false;
	memcpy(journal_id, f->journal_id, sizeof(f->journal_id));
	*jseq = f->jseq;
	return true;
}

/* ---- keys ---- */

static bool mark_is_known(const struct core *c, const uint8_t key[16], uint64_t at_us)
{
	const struct event_mark *m = bb_table_get_n(c->marks, key, sizeof(m->key));

	if (!m)
		return false;
	return at_us > m->at_us ? at_us - m->at_us < KEY_WINDOW_US
				: m->at_us - at_us < KEY_WINDOW_US;
}

static void mark_add(struct core *c, const uint8_t key[16], uint64_t at_us)
{
	struct event_mark *m = bb_table_get_n(c->marks, key, sizeof(m->key));

	if (m) {
		m->at_us = at_us;
		return;
	}
	m = &c->mark[c->mark_next];
	if (m->at_us)
		bb_table_del_n(c->marks, m->key, sizeof(m->key));
	memcpy(m->key, key, sizeof(m->key));
	m->at_us = at_us ? at_us : 1;
	bb_table_put_n(c->marks, m->key, sizeof(m->key), m);
	c->mark_next = (c->mark_next + 1) % CORE_EVENT_KEYS_MAX;
}

/* ---- taking one ---- */

static bool is_taken(const struct core *c, const struct core_feed *from,
	const Busbar__V1__DeviceEvent *e)
{
	const struct feed *f = feed_find(c, from->feed);

	if (f && !from->is_volatile && from->jseq <= f->jseq &&
		memcmp(f->journal_id, from->journal_id, sizeof(f->journal_id)) == 0)
		return true;
	return e->event_key.len == 16 && mark_is_known(c, e->event_key.data, e->at_unix_us);
}

static void set_alarm(struct core *c, Busbar__V1__Alarm *m, const struct core_feed *from,
	const Busbar__V1__DeviceEvent *e, char *key, size_t cap)
{
	const struct device *d = e->device_id ? core_device(c, e->device_id) : NULL;

	snprintf(key, cap, "busbar/%.60s", from->feed);
	m->has_device_id = m->has_site_id = m->has_severity = m->has_state = m->has_jseq =
		m->has_test = true;
	m->device_id = e->device_id;
	m->site_id = d ? d->site_id : e->device_id ? e->site_id : 0;
	m->key = d ? d->key : e->device_id && *e->key ? e->key : key;
	m->rule = RULE;
	m->subject = e->code;
	m->severity = e->severity ? e->severity : INFO;
	m->state = NORMAL;
	m->text = e->text;
	m->test = e->test;
	m->jseq = c->env.next_jseq(c->env.arg);
}

/* A test that failed stands as an alarm of the device until one succeeds, or is expected no more. Before
 * the event's own record: a crash in between brings the event again, and the alarm is there already. */
static void judge_test(struct core *c, const Busbar__V1__DeviceEvent *e, uint64_t now_ns)
{
	struct device *d = e->device_id ? core_device(c, e->device_id) : NULL;
	const struct rule *r = d ? rule_find(d->rules, TEST_RULE) : NULL;
	struct alarm *a = d ? alarm_of(d, TEST_RULE) : NULL;
	bool missed = strcmp(e->code, "missed") == 0;

	if (!d || !r || !d->is_configured || strcmp(e->kind, "test_window") != 0 || (!a && !missed))
		return;
	if (!a) {
		a = alarm_new(c, d, r->id, r);
		a->lead = (uint16_t)rule_first_term(d->rules, r);
		replace_text(&a->subject, r->term[0].point);
	}
	if (missed)
		replace_text(&a->text, e->text);
	alarm_apply(c, a, missed ? ALARM_TRUE : ALARM_FALSE, NULL, now_ns);
}

void event_expect(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns)
{
	for (struct device *d = c->all; d; d = d->next) {
		struct alarm *a = d->id ? alarm_of(d, TEST_RULE) : NULL;
		bool expected = false;

		for (size_t i = 0; a && i < conf->n_trap_window; i++)
			expected |= conf->trap_window[i]->device_id == d->id;
		if (a && !expected)
			alarm_apply(c, a, ALARM_REMOVED, NULL, now_ns);
	}
}

uint64_t core_event(struct core *c, const struct core_feed *from, const Busbar__V1__DeviceEvent *e,
	uint64_t now_ns)
{
	Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
	Busbar__V1__Alarm m = BUSBAR__V1__ALARM__INIT;
	char id[ALARM_ID_CHARS], key[80];

	if (is_taken(c, from, e))
		return 0;
	judge_test(c, e, now_ns);
	set_alarm(c, &m, from, e, key, sizeof(key));
	struct alarm_id own = { .jseq = m.jseq };
	memcpy(own.journal, c->env.journal_id, sizeof(own.journal));
	m.id = alarm_id_print(&own, id);
	t.feed = (char *)(uintptr_t)from->feed;
	t.has_feed_journal_id = t.has_event_key = t.has_event_unix_us = t.has_count = true;
	t.feed_journal_id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)from->journal_id };
	t.has_feed_jseq = !from->is_volatile;
	t.feed_jseq = from->jseq;
	t.event_key = e->event_key;
	t.has_cmd_key = e->cmd_key.len == 16;
	t.cmd_key = e->cmd_key;
	t.source = e->source;
	t.user = e->user;
	t.comment = e->comment;
	t.event_unix_us = e->at_unix_us;
	t.count = e->count ? e->count : 1;
	uint64_t jseq = core_emit_as(c, &t, &m, e->kind, NORMAL, NORMAL, now_ns);
	event_replay(c, &t);
	c->stats.events++;
	return jseq;
}

/* ---- records and snapshots ---- */

void event_replay(struct core *c, const Busbar__V1__Transition *t)
{
	if (t->has_feed_jseq && t->feed_journal_id.len == 16)
		feed_move(c, t->feed, t->feed_journal_id.data, t->feed_jseq);
	if (t->event_key.len == 16)
		mark_add(c, t->event_key.data, t->event_unix_us);
}

void event_each(const struct core *c, void (*cb)(void *arg, const Busbar__V1__Transition *t),
	void *arg)
{
	for (size_t i = 0; i < c->n_feeds; i++) {
		Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
		t.feed = (char *)(uintptr_t)c->feed[i].name;
		t.has_feed_journal_id = t.has_feed_jseq = true;
		t.feed_journal_id =
			(ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)c->feed[i].journal_id };
		t.feed_jseq = c->feed[i].jseq;
		cb(arg, &t);
	}
	for (size_t i = 0; i < CORE_EVENT_KEYS_MAX; i++) {
		const struct event_mark *m = &c->mark[(c->mark_next + i) % CORE_EVENT_KEYS_MAX];
		Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
		if (!m->at_us)
			continue;
		t.feed = "-"; /* the key alone counts here */
		t.has_event_key = t.has_event_unix_us = true;
		t.event_key = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)m->key };
		t.event_unix_us = m->at_us;
		cb(arg, &t);
	}
}
