// SPDX-License-Identifier: Apache-2.0
#include "collectors/events.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/pull.h"
#include "common/str.h"

#define CONSUMER      "alarmd"
#define RESERVE_BYTES (4U << 20)
#define RETAIN_MS     60000
#define NAME_MAX_LEN  255 /* of what is no free text, see wire.c */
#define TEXT_MAX_LEN  2000
#define VALUE_MAX_LEN 512
#define EVENT_MAX     32768

struct waiting {
	struct waiting *next;
	events_done done;
	void *arg;
};

struct events {
	struct events_options o;
	struct bb_loop *loop;
	struct bb_journal *journal;
	struct bb_pull_server *server;
	struct bb_watch *retain;
	struct bb_arena *arena;
	struct waiting *first, **last; /* one for each record that is on its way, in order */
	uint64_t stored;
	size_t n_waiting;
};

static void on_health(void *arg, enum bb_journal_health health, const struct bb_err *err)
{
	struct events *e = arg;
	const char *why = err && err->text[0] ? err->text : "the disk of the event spool";

	e->o.trouble(e->o.arg, "events_emergency",
		health == BB_JOURNAL_EMERGENCY ? BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL : 0, why);
	e->o.trouble(e->o.arg, "events_tight",
		health == BB_JOURNAL_TIGHT ? BUSBAR__V1__SEVERITY__SEVERITY_MAJOR : 0, why);
}

static void on_damage(void *arg, const char *file, uint64_t first, uint64_t last)
{
	struct events *e = arg;
	char text[400], what[100] = "all of it was put back";

	if (first)
		snprintf(what, sizeof(what),
			"events %llu to %llu are missing unless alarmd has them",
			(unsigned long long)first, (unsigned long long)last);
	snprintf(text, sizeof(text),
		"event spool file \"%.200s\" is damaged and was set aside: %s; keep the file and check the disk",
		file, what);
	e->o.trouble(e->o.arg, "events_damaged", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR, text);
}

static void on_retain(void *arg)
{
	bb_journal_retain(((struct events *)arg)->journal);
}

struct events *events_open(struct bb_bus *bus, struct bb_loop *loop, const struct events_options *o,
	struct bb_err *err)
{
	struct events *e = bb_calloc(1, sizeof(*e));
	char dir[400], leaf[96];
	struct bb_journal_options jo = { .dir = dir,
		.reserve_bytes = RESERVE_BYTES,
		.on_health = on_health,
		.on_damage = on_damage,
		.arg = e };

	e->o = *o;
	e->loop = loop;
	e->last = &e->first;
	e->arena = bb_arena_new(8192, 0);
	snprintf(dir, sizeof(dir), "%s/events", o->lib);
	snprintf(leaf, sizeof(leaf), "%s.events", o->name);
	e->journal = bb_journal_open(loop, &jo, err);
	if (e->journal)
		e->server = bb_pull_server_new(bus, leaf, e->journal, err);
	if (!e->server) {
		events_free(e);
		return NULL;
	}
	/* Known from the first day, so that nothing goes before alarmd had it. */
	bb_journal_cursor_set(e->journal, CONSUMER, bb_journal_cursor_get(e->journal, CONSUMER));
	e->retain = bb_loop_every(loop, RETAIN_MS, on_retain, e);
	return e;
}

void events_free(struct events *e)
{
	if (!e)
		return;
	bb_loop_cancel(e->retain);
	bb_pull_server_free(e->server);
	bb_journal_close(e->journal);
	for (struct waiting *w = e->first, *next; w; w = next) {
		next = w->next;
		free(w);
	}
	bb_arena_free(e->arena);
	free(e);
}

/* ---- one event as a message ---- */

/* At most `max` bytes, UTF-8, without control characters: what a name on the wire may be. */
static char *printable(struct bb_arena *a, const char *s, size_t max)
{
	size_t n = s ? strlen(s) : 0;

	if (n > max)
		n = max;
	/* Do not cut inside a character. */
	while (s && n && n < strlen(s) && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	char *out = bb_arena_alloc(a, n + 1);

	if (n)
		memcpy(out, s, n);
	out[n] = '\0';
	bool valid = bb_utf8_valid(out, n);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)out[i];
		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !valid))
			out[i] = '?';
	}
	return out;
}

static void put_varbinds(struct events *e, Busbar__V1__DeviceEvent *m,
	const struct device_event *ev)
{
	size_t n = ev->n_varbind < EVENTS_VARBINDS_MAX ? ev->n_varbind : EVENTS_VARBINDS_MAX;

	m->varbind = bb_arena_alloc(e->arena, (n + 1) * sizeof(*m->varbind));
	for (size_t i = 0; i < n; i++) {
		Busbar__V1__EventVarbind *v = bb_arena_alloc(e->arena, sizeof(*v));

		busbar__v1__event_varbind__init(v);
		v->oid = printable(e->arena, ev->varbind[i].oid, NAME_MAX_LEN);
		v->type = printable(e->arena, ev->varbind[i].type, NAME_MAX_LEN);
		v->value = printable(e->arena, ev->varbind[i].value, VALUE_MAX_LEN);
		m->varbind[m->n_varbind++] = v;
	}
}

static void fill(struct events *e, Busbar__V1__DeviceEvent *m, const struct device_event *ev,
	uint8_t key[EVENTS_KEY_BYTES])
{
	struct bb_arena *a = e->arena;

	busbar__v1__device_event__init(m);
	m->has_device_id = m->has_site_id = m->has_severity = m->has_count = m->has_at_unix_us =
		m->has_event_key = m->has_boot_id = m->has_at_boot_ns = m->has_authenticated =
			m->has_test = true;
	m->device_id = ev->device_id;
	m->site_id = ev->site_id;
	m->key = printable(a, ev->key, NAME_MAX_LEN);
	m->kind = printable(a, ev->kind, NAME_MAX_LEN);
	m->code = printable(a, ev->code, NAME_MAX_LEN);
	m->text = printable(a, ev->text, TEXT_MAX_LEN);
	m->source = printable(a, ev->source, NAME_MAX_LEN);
	m->user = printable(a, ev->user, NAME_MAX_LEN);
	m->comment = printable(a, ev->comment, TEXT_MAX_LEN);
	m->oid = printable(a, ev->oid, NAME_MAX_LEN);
	m->severity = ev->severity ? ev->severity : BUSBAR__V1__SEVERITY__SEVERITY_INFO;
	m->count = ev->count ? ev->count : 1;
	m->at_unix_us = ev->at_unix_us ? ev->at_unix_us : bb_clock_real_us();
	m->boot_id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)bb_clock_boot_id() };
	m->at_boot_ns = bb_clock_boot_ns();
	m->authenticated = ev->is_authenticated;
	m->test = ev->is_test;
	if (ev->event_key)
		memcpy(key, ev->event_key, EVENTS_KEY_BYTES);
	else
		randombytes_buf(key, EVENTS_KEY_BYTES);
	m->event_key = (ProtobufCBinaryData){ EVENTS_KEY_BYTES, key };
	m->has_cmd_key = ev->cmd_key != NULL;
	m->cmd_key =
		(ProtobufCBinaryData){ ev->cmd_key ? 16 : 0, (uint8_t *)(uintptr_t)ev->cmd_key };
	put_varbinds(e, m, ev);
	while (m->n_varbind && protobuf_c_message_get_packed_size(&m->base) > EVENT_MAX)
		m->n_varbind--;
}

/* ---- the spool ---- */

static void on_done(void *arg, uint64_t jseq, bool durable)
{
	struct events *e = arg;
	struct waiting *w = e->first;

	e->first = w->next;
	if (!e->first)
		e->last = &e->first;
	e->n_waiting--;
	e->stored += durable;
	if (w->done)
		w->done(w->arg, durable);
	free(w);
}

void events_put(struct events *e, const struct device_event *ev, events_done done, void *arg)
{
	Busbar__V1__DeviceEvent m;
	uint8_t key[EVENTS_KEY_BYTES];
	struct waiting *w = bb_calloc(1, sizeof(*w));
	size_t len;

	fill(e, &m, ev, key);
	const uint8_t *data = bb_pack(e->arena, &m, &len);
	w->done = done;
	w->arg = arg;
	*e->last = w;
	e->last = &w->next;
	e->n_waiting++;
	bb_journal_append(e->journal, EVENTS_RECORD, data, len, on_done, e);
	bb_arena_reset(e->arena);
}

struct look {
	struct bb_arena *arena;
	bool (*cb)(void *arg, const Busbar__V1__DeviceEvent *ev);
	void *arg;
	uint64_t at;
	bool ended;
};

static bool look_at(void *arg, const struct bb_record *r)
{
	struct look *l = arg;

	bb_arena_reset(l->arena);
	l->at = r->jseq;
	const Busbar__V1__DeviceEvent *ev =
		r->type == EVENTS_RECORD ? bb_unpack_device_event(l->arena, r->data, r->len, NULL)
					 : NULL;
	l->ended = ev && !l->cb(l->arg, ev);
	return !l->ended;
}

void events_recent(struct events *e, size_t max,
	bool (*cb)(void *arg, const Busbar__V1__DeviceEvent *ev), void *arg)
{
	uint64_t head = bb_journal_head(e->journal);
	struct look l = { .arena = e->arena,
		.cb = cb,
		.arg = arg,
		.at = head > max ? head - max : 0 };
	struct bb_err err;

	while (!l.ended && l.at < head &&
		bb_journal_read(e->journal, l.at, 1000, look_at, &l, &err) > 0)
		;
	bb_arena_reset(e->arena);
}

void events_stats(const struct events *e, struct events_stats *out)
{
	*out = (struct events_stats){
		.stored = e->stored,
		.head = bb_journal_head(e->journal),
		.taken = bb_journal_cursor_get(e->journal, CONSUMER),
		.waiting = e->n_waiting,
	};
}
