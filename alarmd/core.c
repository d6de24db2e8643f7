// SPDX-License-Identifier: Apache-2.0
#include "alarmd/core_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/point.h"
#include "common/str.h"

/* Alarms that rules do not describe: a heartbeat lists them while they stand. */
static const struct alarm_hold own_hold = { .raise_count = 1, .clear_count = 1 };

char *alarm_id_print(const struct alarm_id *id, char *out)
{
	bb_hex(out, id->journal, sizeof(id->journal));
	snprintf(out + 32, ALARM_ID_CHARS - 32, "-%" PRIu64, id->jseq);
	return out;
}

int alarm_id_parse(const char *text, struct alarm_id *id)
{
	char hex[33];

	if (strlen(text) < 34 || strlen(text) >= ALARM_ID_CHARS || text[32] != '-')
		return -1;
	memcpy(hex, text, 32);
	hex[32] = '\0';
	if (bb_unhex(id->journal, sizeof(id->journal), hex) != (int)sizeof(id->journal))
		return -1;
	return bb_parse_u64(text + 33, "alarm id", 1, UINT64_MAX, &id->jseq, NULL);
}

struct core *core_new(const struct core_env *env, uint64_t now_ns)
{
	struct core *c = bb_calloc(1, sizeof(*c));
	struct bb_err err;

	c->rules = ruleset_new(&err);
	/* The built-in rules are ours: a test reads them. */
	bb_assert(c->rules);
	c->peers = track_peers_new();
	c->env = *env;
	c->devices = bb_table_new();
	c->open = bb_table_new();
	c->memos = bb_table_new();
	c->marks = bb_table_new();
	c->groups = group_tree_new();
	c->named_tree = group_tree_new();
	group_tree_set_plane(c->named_tree, "devgroup");
	c->named = bb_table_new();
	c->epoch_ns = now_ns;
	return c;
}

static void alarm_free(struct alarm *a)
{
	free(a->rule_id);
	free(a->subject);
	free(a->unit);
	free(a->text);
	free(a->user);
	free(a->comment);
	quiet_free(a);
	words_free(a);
	free(a);
}

static void device_fini(struct device *d)
{
	shelves_free(d);
	chatter_free(d);
	free(d->life.out_of_service);
	free(d->life.profile);
	track_free(d->track);
	free(d->life.lost_reason);
	free(d->named);
	free(d->refs);
	watch_sweep(d, 0);
	free(d->key);
	free(d);
}

void core_free(struct core *c)
{
	if (!c)
		return;
	for (struct device *d = c->all, *next; d; d = next) {
		next = d->next;
		for (struct alarm *a = d->alarms, *after; a; a = after) {
			after = a->next;
			alarm_free(a);
		}
		device_fini(d);
	}
	redundancy_free_all(c);
	for (size_t i = 0; i < CORE_MEMOS_MAX; i++) {
		free(c->ring[i].user);
		free(c->ring[i].comment);
	}
	bb_table_free(c->devices, NULL);
	bb_table_free(c->open, NULL);
	bb_table_free(c->memos, NULL);
	bb_table_free(c->marks, NULL);
	bb_table_free(c->links, NULL);
	maintenance_free(c->maintenance);
	flood_free(c->floods);
	group_tree_free(c->groups);
	ruleset_free(c->rules);
	track_peers_free(c->peers);
	named_free_all(c);
	free(c);
}

const struct core_stats *core_stats(const struct core *c)
{
	return &c->stats;
}

const struct ruleset *core_rules(const struct core *c)
{
	return c->rules;
}

const char *core_rules_error(const struct core *c)
{
	return c->rules_error;
}

bool core_knows_rule(const struct core *c, const Busbar__V1__Alarm *a)
{
	const struct device *d = core_device(c, a->device_id);

	return d && rule_find(d->rules, a->rule);
}

struct group_tree *core_groups(struct core *c)
{
	return c->groups;
}

struct device *core_device(const struct core *c, uint64_t id)
{
	return bb_table_get_u64(c->devices, id);
}

struct device *core_devices(const struct core *c)
{
	return c->all;
}

struct alarm *core_open_alarm(const struct core *c, const struct alarm_id *id)
{
	return bb_table_get_n(c->open, id, sizeof(*id));
}

void core_clock_step(struct core *c)
{
	c->clock_step = true;
}

void replace_text(char **at, const char *text)
{
	if (*at && text && strcmp(*at, text) == 0)
		return;
	free(*at);
	*at = text && text[0] ? bb_strdup(text) : NULL;
}

/* ---- devices ---- */

struct device *device_new(struct core *c, uint64_t id, const char *key)
{
	struct device *d = bb_calloc(1, sizeof(*d));

	d->id = id;
	d->key = bb_strdup(key);
	d->rules = ruleset_base(c->rules);
	d->next = c->all;
	c->all = d;
	d->share.severity = BUSBAR__V1__SEVERITY__SEVERITY_NORMAL;
	if (id) {
		bb_table_put_u64(c->devices, id, d);
		d->share.severity = BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
	}
	return d;
}

/* The caller has closed its alarms. */
void device_free(struct core *c, struct device *d)
{
	for (struct alarm *a = d->alarms, *next; a; a = next) {
		next = a->next;
		if (alarm_is_open(a->st.phase))
			bb_table_del_n(c->open, &a->id, sizeof(a->id));
		alarm_free(a);
	}
	for (struct device **at = &c->all; *at; at = &(*at)->next) {
		if (*at == d) {
			*at = d->next;
			break;
		}
	}
	for (struct device **at = &c->dirty; *at; at = &(*at)->next_dirty) {
		if (*at == d) {
			*at = d->next_dirty;
			break;
		}
	}
	if (d->id)
		bb_table_del_u64(c->devices, d->id);
	track_peers_forget(c->peers, d->id);
	device_fini(d);
}

static void device_mark(struct core *c, struct device *d)
{
	if (d->is_dirty)
		return;
	d->is_dirty = true;
	d->next_dirty = c->dirty;
	c->dirty = d;
}

void core_flush_changed(struct core *c, uint64_t durable_jseq,
	void (*cb)(void *arg, struct device *d), void *arg)
{
	struct device **at = &c->dirty;

	while (*at) {
		struct device *d = *at;
		if (d->jseq > durable_jseq) {
			at = &d->next_dirty;
			continue;
		}
		*at = d->next_dirty;
		d->next_dirty = NULL;
		d->is_dirty = false;
		cb(arg, d);
	}
}

static bool is_known(const struct device *d)
{
	return !d->id || (d->comm == COMM_OK && comm_is_trusted(d));
}

static struct group_share share_of(const struct device *d)
{
	struct group_share s = {
		.is_object = d->is_object,
		.severity = is_known(d) ? BUSBAR__V1__SEVERITY__SEVERITY_NORMAL
					: BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN,
	};

	for (const struct alarm *a = d->alarms; a; a = a->next) {
		if (!alarm_counts(a))
			continue;
		if (alarm_is_active(a->st.phase) && a->severity < s.severity)
			s.severity = a->severity;
		if (alarm_wire_state(a->st.phase) ==
				BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK ||
			alarm_wire_state(a->st.phase) ==
				BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK)
			s.unack = true;
	}
	return s;
}

/* Something about the device changed: tell its groups and put it on the changed list. */
void device_summarise(struct core *c, struct device *d)
{
	struct group_share now = share_of(d);

	if (d->group)
		group_change(c->groups, d->group, d->share, now, d->jseq);
	for (size_t i = 0; i < d->n_named; i++)
		group_change(c->named_tree, d->named[i], d->share, now, d->jseq);
	d->share = now;
	device_mark(c, d);
}

void core_device_state(const struct device *d, Busbar__V1__DeviceState *out, char *status,
	size_t cap)
{
	*out = (Busbar__V1__DeviceState)BUSBAR__V1__DEVICE_STATE__INIT;
	out->has_device_id = out->has_site_id = out->has_severity = true;
	out->device_id = d->id;
	out->key = d->key;
	out->site_id = d->site_id;
	status[0] = '\0';
	if (d->has_status)
		bb_status_print(d->status, status, cap);
	out->status = status;
	out->severity = d->share.severity;
	out->has_active = out->has_unack = out->has_comm = true;
	for (const struct alarm *a = d->alarms; a; a = a->next) {
		unsigned wire = alarm_wire_state(a->st.phase);
		if (!alarm_counts(a))
			continue;
		out->active += alarm_is_active(a->st.phase);
		out->unack += wire == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK ||
			      wire == BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK;
	}
	out->comm = d->comm;
	if (d->comm == COMM_OK && !comm_is_trusted(d))
		out->comm = COMM_LOST;
}

/* ---- alarms ---- */

struct alarm *alarm_of(const struct device *d, const char *rule_id)
{
	for (struct alarm *a = d->alarms; a; a = a->next)
		if (strcmp(a->rule_id, rule_id) == 0)
			return a;
	return NULL;
}

struct alarm *alarm_new(struct core *c, struct device *d, const char *rule_id, const struct rule *r)
{
	struct alarm *a = bb_calloc(1, sizeof(*a));

	a->device = d;
	a->rule = r;
	a->rule_id = bb_strdup(rule_id);
	a->hold = r ? &r->term[0].hold : &own_hold;
	a->severity = r ? (uint8_t)r->severity : BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
	a->next = d->alarms;
	d->alarms = a;
	if (r)
		rule_mark(d->rules, r, &d->busy, true);
	return a;
}

static void alarm_drop(struct core *c, struct alarm *a)
{
	struct device *d = a->device;

	for (struct alarm **at = &d->alarms; *at; at = &(*at)->next) {
		if (*at == a) {
			*at = a->next;
			break;
		}
	}
	if (a->rule)
		rule_mark(d->rules, a->rule, &d->busy, false);
	alarm_free(a);
}

void core_alarm_message(const struct alarm *a, Busbar__V1__Alarm *m, char *id)
{
	*m = (Busbar__V1__Alarm)BUSBAR__V1__ALARM__INIT;
	m->id = alarm_id_print(&a->id, id);
	m->has_device_id = m->has_site_id = m->has_episode = m->has_severity = m->has_state =
		m->has_jseq = true;
	m->device_id = a->device->id;
	m->key = a->device->key;
	m->site_id = a->device->site_id;
	m->rule = a->rule_id;
	m->subject = a->subject;
	m->episode = a->episode;
	m->severity = a->severity;
	m->state = alarm_wire_state(a->st.phase);
	m->has_raised_unix_us = a->raised_us != 0;
	m->raised_unix_us = a->raised_us;
	m->has_cleared_unix_us = a->cleared_us != 0;
	m->cleared_unix_us = a->cleared_us;
	m->has_acked_unix_us = a->acked_us != 0;
	m->acked_unix_us = a->acked_us;
	m->user = a->user;
	m->comment = a->comment;
	m->text = a->text;
	m->has_value = m->has_limit = a->has_value;
	m->value = a->value;
	m->limit = a->limit;
	m->unit = a->unit;
	m->has_stale = true;
	m->stale = a->is_stale;
	m->jseq = a->jseq;
	quiet_fill(a, m);
	chatter_fill(a, m);
	words_fill(a, m);
	m->has_rule_entry = a->rule && a->rule->entry;
	m->rule_entry = a->rule ? a->rule->entry : 0;
	const struct shelf *s = shelf_of(a->device, a->rule_id);
	if (s)
		shelf_fill(s, m);
}

uint64_t core_emit_as(struct core *c, Busbar__V1__Transition *t, const Busbar__V1__Alarm *m,
	const char *kind, unsigned from, unsigned to, uint64_t now_ns)
{
	t->has_journal_id = t->has_jseq = t->has_at_unix_us = t->has_boot_id = t->has_at_boot_ns =
		true;
	t->journal_id =
		(ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)c->env.journal_id, .len = 16 };
	t->jseq = c->env.next_jseq(c->env.arg);
	t->at_unix_us = c->env.wall_us(c->env.arg);
	t->boot_id =
		(ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)c->env.boot_id, .len = 16 };
	t->at_boot_ns = now_ns;
	t->has_from = t->has_to = true;
	t->from = from;
	t->to = to;
	t->kind = (char *)(uintptr_t)kind;
	t->alarm = (Busbar__V1__Alarm *)(uintptr_t)m;
	t->has_clock_step = c->clock_step;
	t->clock_step = c->clock_step;
	c->clock_step = false;
	t->has_time_unsynced = t->time_unsynced = comm_clock_is_doubtful(c);
	uint64_t jseq = c->env.append(c->env.arg, t);
	bb_assert(jseq == t->jseq);
	return jseq;
}

uint64_t core_emit(struct core *c, const Busbar__V1__Alarm *m, const char *kind, unsigned from,
	unsigned to, const struct core_ack *ack, uint64_t now_ns)
{
	Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;

	if (ack) {
		t.user = (char *)(uintptr_t)ack->user;
		t.comment = (char *)(uintptr_t)ack->comment;
		t.has_cmd_key = ack->cmd_key != NULL;
		t.cmd_key = (ProtobufCBinaryData){ .data = (uint8_t *)(uintptr_t)ack->cmd_key,
			.len = ack->cmd_key ? 16 : 0 };
		if (ack->named && strcmp(ack->named, m->id) != 0)
			t.cmd_alarm = (char *)(uintptr_t)ack->named;
	}
	t.has_from_severity = c->from_severity != 0;
	t.from_severity = c->from_severity;
	c->from_severity = 0;
	uint64_t jseq = core_emit_as(c, &t, m, kind, from, to, now_ns);
	if (ack && ack->cmd_key) {
		struct alarm_id id;
		if (alarm_id_parse(t.cmd_alarm && *t.cmd_alarm ? t.cmd_alarm : m->id, &id) == 0)
			memo_add(c, ack->cmd_key, &id, &t);
	}
	return jseq;
}

/* Carry the action into the alarm's own data. */
static void alarm_note(struct core *c, struct alarm *a, enum alarm_action action,
	const struct core_ack *ack, uint64_t jseq)
{
	uint64_t wall_us = c->env.wall_us(c->env.arg);

	a->jseq = jseq;
	switch (action) {
	case ALARM_RAISE:
		memcpy(a->id.journal, c->env.journal_id, sizeof(a->id.journal));
		a->id.jseq = a->episode = jseq;
		a->raised_us = wall_us;
		a->cleared_us = a->acked_us = 0;
		a->told_severity = 0;
		replace_text(&a->user, NULL);
		replace_text(&a->comment, NULL);
		a->is_stale = false;
		c->stats.raised++;
		break;
	case ALARM_CLEAR:
	case ALARM_CLOSE:
		a->cleared_us = wall_us;
		c->stats.cleared++;
		break;
	case ALARM_UNACKED:
		a->acked_us = 0;
		replace_text(&a->user, NULL);
		break;
	case ALARM_TAKEN:
	case ALARM_ACKED:
		a->acked_us = wall_us;
		replace_text(&a->user, ack ? ack->user : NULL);
		replace_text(&a->comment, ack ? ack->comment : NULL);
		break;
	case ALARM_SEVERITY:
	case ALARM_NOTHING:
	case ALARM_REFUSE_CLEARED:
	case ALARM_REFUSE_TWICE:
	case ALARM_REFUSE_UNACKED: break;
	}
}

static bool is_worse(const struct core *c, const struct alarm *a, enum alarm_action action)
{
	return action == ALARM_SEVERITY && a->severity < c->from_severity;
}

enum alarm_action alarm_apply(struct core *c, struct alarm *a, enum alarm_event ev,
	const struct core_ack *ack, uint64_t now_ns)
{
	bool was_open = alarm_is_open(a->st.phase);
	struct alarm_actions done = alarm_step(&a->st, ev, a->hold, now_ns / NS_PER_MS);
	const char *kind = alarm_action_name(done.action);

	if (kind[0]) {
		Busbar__V1__Alarm m;
		char id[ALARM_ID_CHARS];
		/* A latched alarm seen again before anybody looked keeps its episode; any other
		 * raise begins one. */
		struct alarm_id old = a->id;
		uint64_t old_raised = a->raised_us;
		uint8_t old_told = a->told_severity;
		bool is_called = done.action == ALARM_RAISE || is_worse(c, a, done.action);
		if (is_called)
			chatter_raised(c, a, now_ns);
		else if (done.action == ALARM_CLEAR || done.action == ALARM_CLOSE)
			chatter_cleared(c, a, now_ns);
		alarm_note(c, a, done.action, ack, c->env.next_jseq(c->env.arg));
		if (done.action == ALARM_RAISE && was_open) {
			a->id = old;
			a->episode = old.jseq;
			a->raised_us = old_raised;
			a->told_severity = old_told;
		}
		if (done.action == ALARM_RAISE && !was_open) {
			quiet_begin(c, a);
			words_begin(a);
		}
		if (is_called && !chatter_is_on(a->device, a->rule_id))
			quiet_tell(a);
		if (done.to == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK &&
			done.action == ALARM_SEVERITY)
			a->acked_us = 0;
		core_alarm_message(a, &m, id);
		a->device->jseq = core_emit(c, &m, kind, done.from, done.to, ack, now_ns);
		if (is_called)
			chatter_announce(c, a, now_ns);
		if (done.action == ALARM_RAISE)
			flood_raised(c, a, now_ns);
	}
	bool is_open = alarm_is_open(a->st.phase);
	if (is_open && !was_open)
		bb_table_put_n(c->open, &a->id, sizeof(a->id), a);
	if (was_open && !is_open)
		bb_table_del_n(c->open, &a->id, sizeof(a->id));
	c->stats.open = (uint32_t)bb_table_count(c->open);
	struct device *d = a->device;
	if (a->st.phase == PHASE_NORMAL)
		alarm_drop(c, a);
	if (kind[0])
		device_summarise(c, d);
	return done.action;
}

void alarm_set_severity(struct core *c, struct alarm *a, unsigned severity, uint64_t now_ns)
{
	enum alarm_event ev = severity < a->severity ? ALARM_WORSE : ALARM_MILDER;

	/* What is over, and only waits for somebody to look, stays as bad as it was. */
	if (severity == a->severity ||
		(alarm_is_open(a->st.phase) && !alarm_is_active(a->st.phase)))
		return;
	c->from_severity = a->severity;
	a->severity = (uint8_t)severity;
	alarm_apply(c, a, ev, NULL, now_ns);
	c->from_severity = 0;
}

void alarm_set_stale(struct core *c, struct alarm *a, bool is_stale)
{
	if (a->is_stale == is_stale)
		return;
	a->is_stale = is_stale;
	if (alarm_is_open(a->st.phase) && c->env.remark)
		c->env.remark(c->env.arg, a);
}

/* comm_lost itself stands on what the collector says, not on the device's values. */
void device_set_stale(struct core *c, struct device *d, bool is_stale)
{
	for (struct alarm *a = d->alarms; a; a = a->next)
		if (!rule_is_event(a->rule) && !rule_is_comm(a->rule))
			alarm_set_stale(c, a, is_stale);
}

/* ---- time ---- */

void device_waiting(struct core *c, struct device *d, enum alarm_event ev, uint64_t now_ns)
{
	for (struct alarm *a = d->alarms, *next; a; a = next) {
		next = a->next;
		level_all(a, ev, now_ns);
		level_settle(c, a, NULL, now_ns);
		if (alarm_is_waiting(a->st.phase))
			alarm_apply(c, a, ev, NULL, now_ns);
	}
}

void core_tick(struct core *c, uint64_t now_ns)
{
	if (!c->is_live)
		return;
	comm_tick(c, now_ns);
	maintenance_tick(c, now_ns);
	flood_tick(c, now_ns);
	/* A hold may end between two readings, but not while readings are missing: then nobody
	 * knows whether it still holds. */
	for (struct device *d = c->all; d; d = d->next) {
		if (d->alarms && (!d->id || (!d->missing_groups && comm_is_trusted(d))))
			device_waiting(c, d, ALARM_TICK, now_ns);
		comm_tick_device(c, d, now_ns);
		eval_age(c, d, now_ns);
		shelves_tick(c, d, now_ns);
		chatter_tick(c, d, now_ns);
		trial_tick(c, d, now_ns);
	}
	redundancy_tick(c, now_ns);
}

void core_pause(struct core *c, uint64_t now_ns)
{
	c->epoch_ns = now_ns;
	for (struct device *d = c->all; d; d = d->next) {
		device_waiting(c, d, ALARM_PAUSE, now_ns);
		if (d->id)
			device_set_stale(c, d, true);
		d->heard_ms = now_ns / NS_PER_MS;
	}
	for (size_t i = 0; i < c->n_publishers; i++)
		c->publishers[i].waiting_since_ms = now_ns / NS_PER_MS;
}
