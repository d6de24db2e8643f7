// SPDX-License-Identifier: Apache-2.0
#include "alarmd/publish.h"

#include <stdlib.h>
#include <string.h>

#include "alarmd/redundancy.h"
#include "common/clock.h"
#include "common/str.h"

#define GROUP_FLUSH_MS                                                                             \
	100 /* at a blackout thousands of members change; a group is told ten times a second */
#define REFRESH_SLICES 20

struct publish {
	struct bb_loop *loop;
	struct core *core;
	struct bb_pub *pub;
	struct bb_arena *arena;
	struct bb_watch *hook, *group_timer, *refresh_timer;
	uint64_t durable;
	uint64_t turn; /* of the refresh */
};

/* Who gets a message: the socket, or somebody who asked for a snapshot of `prefix`. */
struct sink {
	struct publish *p;
	bool is_repeat; /* nothing changed: it may wait for company */
	const char *prefix;
	bb_snap_emit emit;
	void *emit_arg;
};

static void put(const struct sink *k, const char *topic, unsigned kind, const void *m)
{
	size_t len;
	const uint8_t *body = bb_pack(k->p->arena, m, &len);

	if (k->emit)
		k->emit(k->emit_arg, topic, kind, body, len, bb_clock_boot_ns());
	else if (k->p->pub && k->is_repeat)
		bb_pub_send_lazy(k->p->pub, topic, kind, body, len, 0);
	else if (k->p->pub)
		bb_pub_send(k->p->pub, topic, kind, body, len, 0);
	bb_arena_reset(k->p->arena);
}

static bool wanted(const struct sink *k, const char *topic)
{
	return !k->prefix || strncmp(topic, k->prefix, strlen(k->prefix)) == 0;
}

static void put_device(const struct sink *k, struct device *d)
{
	Busbar__V1__DeviceState m;
	char topic[256], status[128];

	if (!d->id || !d->is_configured)
		return;
	bb_topic(topic, sizeof(topic), "state", d->key, NULL);
	if (!wanted(k, topic))
		return;
	core_device_state(d, &m, status, sizeof(status));
	put(k, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_DEVICE_STATE, &m);
	d->is_published = true;
}

static void put_group(const struct sink *k, struct group *g)
{
	Busbar__V1__GroupState m = BUSBAR__V1__GROUP_STATE__INIT;
	char topic[256];

	bb_topic(topic, sizeof(topic), g->plane, g->key, NULL);
	if (!wanted(k, topic))
		return;
	m.has_group_id = m.has_severity = m.has_members = m.has_unack = true;
	m.group_id = g->site_id;
	m.key = g->key;
	m.name = g->name;
	m.severity = group_worst(g);
	m.members = g->members;
	m.unack = g->unack > 0;
	m.n_severity_active = GROUP_SEVERITIES;
	m.severity_active = g->by_severity;
	m.has_flood_unix_us = m.has_flood_count = true;
	m.flood_unix_us = core_flood(k->p->core, g->key, &m.flood_count);
	put(k, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_GROUP_STATE, &m);
	g->is_published = true;
}

static void put_redundancy(const struct sink *k, struct redundancy *r)
{
	Busbar__V1__RedundancyState m;
	char topic[256];

	bb_topic(topic, sizeof(topic), "redundancy", r->key, NULL);
	if (!wanted(k, topic))
		return;
	redundancy_message(r, &m);
	put(k, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_REDUNDANCY, &m);
	r->is_published = true;
}

static void put_alarm(const struct sink *k, const struct alarm *a)
{
	Busbar__V1__Alarm m;
	char topic[512], id[ALARM_ID_CHARS];

	bb_topic(topic, sizeof(topic), "alarm", a->device->key, a->rule_id);
	if (!wanted(k, topic))
		return;
	core_alarm_message(a, &m, id);
	put(k, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_ALARM, &m);
}

/* ---- changes ---- */

static void flush_device(void *arg, struct device *d)
{
	put_device(&(struct sink){ .p = arg }, d);
}

static void flush_group(void *arg, struct group *g)
{
	put_group(&(struct sink){ .p = arg }, g);
}

static void flush_redundancy(void *arg, struct redundancy *r)
{
	put_redundancy(&(struct sink){ .p = arg }, r);
}

static bool on_turn(void *arg)
{
	struct publish *p = arg;

	if (p->pub)
		core_flush_changed(p->core, p->durable, flush_device, p);
	return false;
}

static void on_group_timer(void *arg)
{
	struct publish *p = arg;

	if (!p->pub)
		return;
	group_flush_changed(core_groups(p->core), p->durable, flush_group, p);
	group_flush_changed(core_named_tree(p->core), p->durable, flush_group, p);
	redundancy_flush_changed(p->core, p->durable, flush_redundancy, p);
}

struct refresh {
	struct publish *p;
	uint64_t slice;
};

static void refresh_group(void *arg, struct group *g)
{
	const struct refresh *r = arg;

	if (bb_hash(g->key, strlen(g->key)) % REFRESH_SLICES == r->slice &&
		g->jseq <= r->p->durable)
		put_group(&(struct sink){ .p = r->p, .is_repeat = true }, g);
}

/* `slice`: of the refresh, or REFRESH_SLICES for all of them. */
static void put_redundancies(const struct sink *k, uint64_t slice)
{
	size_t n;
	struct redundancy *const *list = core_redundancies(k->p->core, &n);

	for (size_t i = 0; i < n; i++)
		if ((slice == REFRESH_SLICES || i % REFRESH_SLICES == slice) &&
			list[i]->object->jseq <= k->p->durable)
			put_redundancy(k, list[i]);
}

/* Everything goes out once per period whether it changed or not, a slice at a time. */
static void on_refresh(void *arg)
{
	struct publish *p = arg;
	struct refresh r = { .p = p, .slice = p->turn++ % REFRESH_SLICES };

	if (!p->pub)
		return;
	for (struct device *d = core_devices(p->core); d; d = d->next)
		if (d->id % REFRESH_SLICES == r.slice && d->jseq <= p->durable)
			put_device(&(struct sink){ .p = p, .is_repeat = true }, d);
	group_each(core_groups(p->core), refresh_group, &r);
	group_each(core_named_tree(p->core), refresh_group, &r);
	put_redundancies(&(struct sink){ .p = p, .is_repeat = true }, r.slice);
}

struct publish *publish_new(struct bb_loop *loop, struct core *core, uint64_t refresh_ms)
{
	struct publish *p = bb_calloc(1, sizeof(*p));
	uint64_t slice_ms = refresh_ms / REFRESH_SLICES;

	p->loop = loop;
	p->core = core;
	p->arena = bb_arena_new(8192, 0);
	p->hook = bb_loop_add_hook(loop, on_turn, p);
	p->group_timer = bb_loop_every(loop, GROUP_FLUSH_MS, on_group_timer, p);
	p->refresh_timer = bb_loop_every(loop, slice_ms ? slice_ms : 1, on_refresh, p);
	return p;
}

void publish_free(struct publish *p)
{
	if (!p)
		return;
	bb_loop_cancel(p->hook);
	bb_loop_cancel(p->group_timer);
	bb_loop_cancel(p->refresh_timer);
	bb_arena_free(p->arena);
	free(p);
}

void publish_socket(struct publish *p, struct bb_pub *pub)
{
	p->pub = pub;
}

void publish_durable(struct publish *p, uint64_t jseq)
{
	p->durable = jseq;
}

void publish_alarm(struct publish *p, const char *topic, const void *body, size_t len, bool is_over)
{
	if (!p->pub)
		return;
	bb_pub_send(p->pub, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_ALARM, body, len, 0);
	/* Caches keep open alarms only. */
	if (is_over)
		bb_pub_gone(p->pub, topic);
}

void publish_remark(struct publish *p, const struct alarm *a)
{
	if (p->pub && a->jseq <= p->durable)
		put_alarm(&(struct sink){ .p = p }, a);
}

void publish_device_gone(struct publish *p, const struct device *d)
{
	char topic[512];

	if (!p->pub)
		return;
	for (const struct alarm *a = d->alarms; a; a = a->next) {
		bb_topic(topic, sizeof(topic), "alarm", d->key, a->rule_id);
		bb_pub_gone(p->pub, topic);
	}
	bb_topic(topic, sizeof(topic), "state", d->key, NULL);
	bb_pub_gone(p->pub, topic);
}

void publish_group_gone(struct publish *p, const struct group *g)
{
	char topic[256];

	if (!p->pub || !g->is_published)
		return;
	bb_topic(topic, sizeof(topic), g->plane, g->key, NULL);
	bb_pub_gone(p->pub, topic);
}

void publish_redundancy_gone(struct publish *p, const char *key)
{
	char topic[256];

	bb_topic(topic, sizeof(topic), "redundancy", key, NULL);
	if (p->pub)
		bb_pub_gone(p->pub, topic);
}

static void put_group_any(void *arg, struct group *g)
{
	const struct sink *k = arg;

	if (g->jseq <= k->p->durable)
		put_group(k, g);
}

void publish_snapshot(struct publish *p, const char *prefix, bb_snap_emit emit, void *emit_arg)
{
	struct sink k = { .p = p, .prefix = prefix, .emit = emit, .emit_arg = emit_arg };

	for (struct device *d = core_devices(p->core); d; d = d->next) {
		/* What is not durable yet is told when it is, with a higher number than this
		 * snapshot. */
		if (d->jseq <= p->durable)
			put_device(&k, d);
		for (const struct alarm *a = d->alarms; a; a = a->next)
			if (alarm_is_open(a->st.phase) && a->jseq <= p->durable)
				put_alarm(&k, a);
	}
	group_each(core_groups(p->core), put_group_any, &k);
	group_each(core_named_tree(p->core), put_group_any, &k);
	put_redundancies(&k, REFRESH_SLICES);
}
