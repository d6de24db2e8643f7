// SPDX-License-Identifier: Apache-2.0
/* Between journal and alarm set. A snapshot is nothing but the transitions that still matter: the
 * newest of each open alarm and those that remembered commands caused, each with its length in
 * front; taking it up is replaying them. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "alarmd/redundancy.h"
#include "common/str.h"

#define NORMAL              BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL
#define SNAPSHOT_RECORD_MAX 65536

static struct device *owner_of(struct core *c, const Busbar__V1__Alarm *m)
{
	static const char own[] = "busbar/";

	if (!m->device_id && m->test && strncmp(m->key, own, sizeof(own) - 1) != 0)
		return trial_object(c, m->key, m->site_id);
	if (m->device_id) {
		struct device *d = core_device(c, m->device_id);
		return d ? d : device_new(c, m->device_id, m->key);
	}
	if (strncmp(m->key, REDUNDANCY_PREFIX, sizeof(REDUNDANCY_PREFIX) - 1) == 0)
		return redundancy_object(c, m->key + sizeof(REDUNDANCY_PREFIX) - 1);
	if (strncmp(m->key, own, sizeof(own) - 1) != 0)
		return NULL;
	struct publisher *p = publisher_get(c, m->key + sizeof(own) - 1);
	return p ? p->own : NULL;
}

static void fill(struct core *c, struct alarm *a, const Busbar__V1__Alarm *m)
{
	a->jseq = m->jseq;
	a->episode = m->episode;
	/* A record without one is not made by us, but must not stop us either. */
	a->severity = m->severity ? (uint8_t)m->severity : BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
	a->raised_us = m->raised_unix_us;
	a->cleared_us = m->cleared_unix_us;
	a->acked_us = m->acked_unix_us;
	a->has_value = m->has_value;
	a->value = m->value;
	a->limit = m->limit;
	a->is_stale = !rule_is_event(a->rule); /* until its device is read again */
	replace_text(&a->subject, m->subject);
	replace_text(&a->unit, m->unit);
	replace_text(&a->text, m->text);
	replace_text(&a->user, m->user);
	replace_text(&a->comment, m->comment);
	quiet_take(a, m);
	words_take(a, m);
}

static void take_alarm(struct core *c, const Busbar__V1__Alarm *m, unsigned wire_state)
{
	struct alarm_id id;
	struct device *d;

	if (!m->id || !m->key || !m->rule || alarm_id_parse(m->id, &id) < 0 ||
		!(d = owner_of(c, m)))
		return;
	struct alarm *a = alarm_of(d, m->rule);
	/* Another episode of the rule ended, one that a foreign journal knew. */
	if (wire_state == NORMAL && (!a || memcmp(&a->id, &id, sizeof(id)) != 0))
		return;
	if (!a)
		a = alarm_new(c, d, m->rule,
			d->is_object ? NULL : rule_find(d->rules, m->rule));
	if (alarm_is_open(a->st.phase))
		bb_table_del_n(c->open, &a->id, sizeof(a->id));
	a->id = id;
	fill(c, a, m);
	a->st = (struct alarm_state){ .phase = alarm_phase_of(wire_state) };
	d->jseq = m->jseq > d->jseq ? m->jseq : d->jseq;
	if (wire_state == NORMAL) {
		/* The pure step forgets it: a removed alarm needs no journal here. */
		a->st.phase = PHASE_NORMAL;
		alarm_apply(c, a, ALARM_PAUSE, NULL, c->epoch_ns);
		return;
	}
	bb_table_put_n(c->open, &a->id, sizeof(a->id), a);
	c->stats.open = (uint32_t)bb_table_count(c->open);
	if (a->rule)
		alarm_bind(d, a, a->rule);
}

void core_replay(struct core *c, const Busbar__V1__Transition *t)
{
	struct alarm_id id;

	if (t->feed && *t->feed) {
		event_replay(c, t);
		return;
	}
	if (!t->alarm)
		return;
	const char *named = t->cmd_alarm && *t->cmd_alarm ? t->cmd_alarm : t->alarm->id;
	if (t->has_cmd_key && t->cmd_key.len == 16 && named && alarm_id_parse(named, &id) == 0)
		memo_add(c, t->cmd_key.data, &id, t);
	if (flood_replay(c, t))
		return;
	struct device *d = t->alarm->key && t->alarm->rule ? owner_of(c, t->alarm) : NULL;
	if (d && chatter_replay(c, d, t))
		return;
	bool is_over = t->to == NORMAL && d && !alarm_of(d, t->alarm->rule);
	/* A snapshot's shelf has no number and says nothing of the alarm. */
	if (d && shelf_replay(d, t) && (is_over || !t->has_jseq))
		return;
	take_alarm(c, t->alarm, t->to);
}

void core_replayed(struct core *c, uint64_t now_ns)
{
	c->is_live = true;
	c->epoch_ns = now_ns;
	for (size_t i = 0; i < c->n_publishers; i++) {
		struct publisher *p = &c->publishers[i];
		p->waiting_since_ms = now_ns / NS_PER_MS;
		p->network_lost = alarm_of(p->own, "network_lost") != NULL;
		p->is_lost = alarm_of(p->own, "collector_lost") || alarm_of(p->own, "daemon_lost");
	}
	for (struct device *d = c->all; d; d = d->next) {
		d->heard_ms = now_ns / NS_PER_MS;
		/* A rule that nobody has can never clear; which ones there are the configuration says. */
		if (d->id && c->has_config)
			device_rules(c, d, now_ns);
		device_summarise(c, d);
	}
}

/* ---- snapshot ---- */

static void put_record(struct bb_buf *b, struct bb_arena *arena, const Busbar__V1__Transition *t)
{
	size_t len;
	uint8_t *data = bb_pack(arena, t, &len);
	uint8_t head[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
		(uint8_t)len };

	bb_buf_add(b, head, sizeof(head));
	bb_buf_add(b, data, len);
	bb_arena_reset(arena);
}

static void put_memo(struct bb_buf *b, struct bb_arena *arena, const struct memo *m)
{
	Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
	Busbar__V1__Alarm alarm = BUSBAR__V1__ALARM__INIT;
	char id[ALARM_ID_CHARS];

	alarm.id = alarm_id_print(&m->id, id);
	t.alarm = &alarm;
	t.has_jseq = t.has_at_unix_us = t.has_cmd_key = true;
	t.jseq = m->jseq;
	t.at_unix_us = m->acked_us;
	t.kind = (char *)(uintptr_t)memo_kind(m);
	t.user = m->user;
	t.comment = m->comment;
	t.cmd_key = (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)m->cmd_key,
		.len = sizeof(m->cmd_key) };
	put_record(b, arena, &t);
}

static void put_shelf(struct bb_buf *b, struct bb_arena *arena, const struct device *d,
	const struct shelf *s)
{
	Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];

	/* Of the episode it was shelved in: another one may stand now. */
	shelf_own_message(d, s, &m, id);
	t.has_from = t.has_to = true;
	t.from = t.to = m.state;
	t.kind = "shelve";
	t.alarm = &m;
	put_record(b, arena, &t);
}

struct event_list {
	struct bb_buf *b;
	struct bb_arena *arena;
};

static void put_event(void *arg, const Busbar__V1__Transition *t)
{
	struct event_list *l = arg;

	put_record(l->b, l->arena, t);
}

void core_snapshot(const struct core *c, uint8_t **data, size_t *len)
{
	struct bb_arena *arena = bb_arena_new(4096, 0);
	struct bb_buf b = { 0 };
	struct alarm *a;

	for (struct bb_table_iter i = { 0 }; (a = bb_table_next(c->open, &i, NULL, NULL));) {
		Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
		Busbar__V1__Alarm m;
		char id[ALARM_ID_CHARS];
		core_alarm_message(a, &m, id);
		t.has_jseq = t.has_from = t.has_to = true;
		t.jseq = a->jseq;
		t.from = t.to = m.state;
		t.kind = "snapshot";
		t.alarm = &m;
		put_record(&b, arena, &t);
	}
	for (const struct device *d = c->all; d; d = d->next)
		for (const struct shelf *s = d->shelves; s; s = s->next)
			put_shelf(&b, arena, d, s);
	for (size_t i = 0; i < CORE_MEMOS_MAX; i++) {
		const struct memo *m = &c->ring[(c->memo_next + i) % CORE_MEMOS_MAX];
		if (m->jseq)
			put_memo(&b, arena, m);
	}
	for (const struct device *d = c->all; d; d = d->next)
		chatter_each(c, d, put_event, &(struct event_list){ .b = &b, .arena = arena });
	flood_each(c, put_event, &(struct event_list){ .b = &b, .arena = arena });
	event_each(c, put_event, &(struct event_list){ .b = &b, .arena = arena });
	bb_arena_free(arena);
	*data = (uint8_t *)b.data;
	*len = b.len;
}

int core_restore(struct core *c, const uint8_t *data, size_t len, struct bb_err *err)
{
	struct bb_arena *arena = bb_arena_new(4096, 0);
	int rc = -1;

	for (size_t at = 0; at < len;) {
		if (len - at < 4) {
			bb_err_set(err, "snapshot of the alarm set ends in the middle of a length");
			goto out;
		}
		size_t n = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 |
			   (size_t)data[at + 2] << 8 | data[at + 3];
		at += 4;
		if (n > len - at || n > SNAPSHOT_RECORD_MAX) {
			bb_err_set(err,
				"snapshot of the alarm set: a record of %zu bytes does not fit", n);
			goto out;
		}
		const Busbar__V1__Transition *t = bb_unpack_transition(arena, data + at, n, err);
		if (!t) {
			bb_err_prefix(err, "snapshot of the alarm set");
			goto out;
		}
		core_replay(c, t);
		bb_arena_reset(arena);
		at += n;
	}
	rc = 0;
out:
	bb_arena_free(arena);
	return rc;
}

/* ---- alarms of another journal ---- */

void core_carry(struct core *c, const Busbar__V1__Alarm *from, uint64_t now_ns)
{
	Busbar__V1__Alarm m = *from;

	m.jseq = c->env.next_jseq(c->env.arg);
	m.has_jseq = true;
	core_emit(c, &m, "carried", m.state, m.state, NULL, now_ns);
	take_alarm(c, &m, m.state);
	struct device *d = owner_of(c, &m);
	if (d && c->is_live)
		device_summarise(c, d);
}

void core_close_foreign(struct core *c, const Busbar__V1__Alarm *from, uint64_t now_ns)
{
	Busbar__V1__Alarm m = *from;

	m.jseq = c->env.next_jseq(c->env.arg);
	m.has_jseq = m.has_state = m.has_cleared_unix_us = true;
	m.state = NORMAL;
	m.cleared_unix_us = c->env.wall_us(c->env.arg);
	core_emit(c, &m, "removed", from->state, NORMAL, NULL, now_ns);
}
