// SPDX-License-Identifier: Apache-2.0
#include "busd/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/index.h"
#include "busd/names.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "common/table.h"
#include "proto/reading.pb-c.h"

#define HEARTBEAT_MS (3600ull * 1000)
#define UNRENEWED_MS (25ull * 3600 * 1000)
enum { HEAD_MAX = 255 };

/* One instance of a publisher after the other. */
struct source {
	uint64_t epoch; /* the greatest */
	struct instance *last;
};

/* All envelopes of an instance begin alike: with the schema, its name and its epoch. */
struct instance {
	struct source *source;
	uint64_t epoch;
	uint32_t refs;
	uint8_t head_len;
	char head[];
};

/* Names of points as they lie in many readings: numbers, texts, flags, one after the other. */
struct run {
	uint32_t refs, len;
	uint32_t part[NAME_RUNS]; /* lengths, 0: not there */
	uint8_t bytes[];
};

/* What is left of a body without its names, where two topics may hold the same: who a device is goes out twice,
 * as reading/<key>/ident/ and identity/<key>/. */
struct rest {
	uint32_t refs, len;
	char bytes[];
};

/* One block: the struct, then topic with its NUL, envelope without its head, body without its runs or the
 * address of its rest. There are five for each device. */
struct entry {
	struct instance *from;
	uint64_t at_ms, topic_seq;
	uint64_t sampled_ns, confirmed_ns; /* of our clock */
	uint64_t device_id;                /* of a status reading, else 0 */
	struct run *run;                   /* NULL: none */
	uint16_t run_at[NAME_RUNS];        /* in the whole body; messages are at most 64 kB */
	uint16_t topic_len;
	uint32_t hash;
	uint32_t index; /* in cache->rows */
	uint32_t body_len, capacity;
	uint32_t envelope_len; /* without head */
	uint8_t head_len;
	bool is_heartbeat, is_foreign;
	bool is_apart; /* a struct rest */
	char data[];
};

struct cache {
	struct bb_index *entries;    /* topics of the rows */
	struct bb_table *status;  /* device id -> entry of its status reading */
	struct bb_table *sources; /* publisher -> source */
	struct bb_table *runs;    /* parts and bytes -> run */
	struct entry **rows;
	size_t n_rows, rows_cap;
	size_t bytes, max_topics, max_bytes;
	struct bb_buf whole, envelope; /* of the row that is looked at */
	struct bb_buf key;             /* of runs */
};

/* ---- rests ---- */

static struct rest *rest_of(const struct entry *e)
{
	struct rest *r = NULL;

	if (e && e->is_apart)
		memcpy(&r, e->data + e->topic_len + 1 + e->envelope_len, sizeof(struct rest *));
	return r;
}

static void rest_drop(struct cache *c, struct rest *r)
{
	if (!r || --r->refs)
		return;
	c->bytes -= r->len;
	free(r);
}

/* ---- life ---- */

struct cache *cache_new(size_t max_topics, size_t max_bytes)
{
	struct cache *c = bb_calloc(1, sizeof(*c));

	c->entries = bb_index_new();
	c->status = bb_table_new();
	c->runs = bb_table_new();
	c->sources = bb_table_new();
	c->max_topics = max_topics < UINT32_MAX ? max_topics : UINT32_MAX - 1;
	c->max_bytes = max_bytes;
	return c;
}

static void instance_drop(struct instance *i)
{
	if (i && !--i->refs)
		free(i);
}

static void source_free(void *p)
{
	struct source *s = p;

	instance_drop(s->last);
	free(s);
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_rows; i++) {
		instance_drop(c->rows[i]->from);
		rest_drop(c, rest_of(c->rows[i]));
		free(c->rows[i]);
	}
	bb_index_free(c->entries);
	bb_table_free(c->status, NULL);
	bb_table_free(c->runs, free);
	bb_buf_fini(&c->whole);
	bb_buf_fini(&c->envelope);
	bb_buf_fini(&c->key);
	bb_table_free(c->sources, source_free);
	free(c->rows);
	free(c);
}

/* The entry of a topic, or NULL. */
static struct entry *find(const struct cache *c, const char *topic, size_t len, uint32_t hash)
{
	size_t at = 0;
	uint32_t row;

	while (bb_index_next(c->entries, hash, &at, &row)) {
		struct entry *e = c->rows[row];

		if (e->topic_len == len && memcmp(e->data, topic, len) == 0)
			return e;
	}
	return NULL;
}

/* ---- runs of names ---- */

static bool is_run(const struct run *r, const uint8_t *body, const struct names *names)
{
	const uint8_t *at = r->bytes;

	for (unsigned i = 0; i < NAME_RUNS; i++) {
		size_t len = i < names->n ? names->run[i].len : 0;

		if (r->part[i] != len || (len && memcmp(at, body + names->run[i].at, len)))
			return false;
		at += len;
	}
	return true;
}

/* `was` is what the topic had before, which is the same nearly always. */
static struct run *run_take(struct cache *c, struct run *was, const uint8_t *body,
	const struct names *names)
{
	uint32_t part[NAME_RUNS] = { 0 };
	struct run *r;

	if (!names->n)
		return NULL;
	if (was && is_run(was, body, names)) {
		was->refs++;
		return was;
	}
	for (unsigned i = 0; i < names->n; i++)
		part[i] = (uint32_t)names->run[i].len;
	bb_buf_reset(&c->key);
	bb_buf_add(&c->key, part, sizeof(part));
	for (unsigned i = 0; i < names->n; i++)
		bb_buf_add(&c->key, body + names->run[i].at, names->run[i].len);
	r = bb_table_get_n(c->runs, c->key.data, c->key.len);
	if (!r) {
		size_t len = c->key.len - sizeof(part);

		r = bb_malloc(sizeof(*r) + len);
		*r = (struct run){ .len = (uint32_t)len };
		memcpy(r->part, part, sizeof(part));
		memcpy(r->bytes, c->key.data + sizeof(part), len);
		bb_table_put_n(c->runs, c->key.data, c->key.len, r);
		c->bytes += 2 * len;
	}
	r->refs++;
	return r;
}

static void run_drop(struct cache *c, struct run *r)
{
	if (!r || --r->refs)
		return;
	c->bytes -= 2 * (size_t)r->len;
	bb_buf_reset(&c->key);
	bb_buf_add(&c->key, r->part, sizeof(r->part));
	bb_buf_add(&c->key, r->bytes, r->len);
	bb_table_del_n(c->runs, c->key.data, c->key.len);
	free(r);
}

/* The body as it came: into c->whole. */
static void whole_body(struct cache *c, const struct entry *e)
{
	const char *rest = e->is_apart ? rest_of(e)->bytes
				       : e->data + e->topic_len + 1 + e->envelope_len;
	const uint8_t *names = e->run ? e->run->bytes : NULL;

	bb_buf_reset(&c->whole);
	for (size_t i = 0; i < NAME_RUNS && e->run && e->run->part[i]; i++) {
		size_t between = e->run_at[i] - c->whole.len;

		bb_buf_add(&c->whole, rest, between);
		rest += between;
		bb_buf_add(&c->whole, names, e->run->part[i]);
		names += e->run->part[i];
	}
	bb_buf_add(&c->whole, rest, e->body_len - c->whole.len);
}

/* ---- publishers ---- */

static size_t alike(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

static struct source *source_get(struct cache *c, const char *publisher)
{
	struct source *s = bb_table_get(c->sources, publisher);

	if (!s) {
		s = bb_calloc(1, sizeof(*s));
		bb_table_put(c->sources, publisher, s);
	}
	return s;
}

/* With a reference for the caller. */
static struct instance *instance_take(struct cache *c, const struct bb_msg *m)
{
	struct source *s = source_get(c, m->publisher);
	size_t n = m->envelope_len < HEAD_MAX ? m->envelope_len : HEAD_MAX;

	if (m->epoch > s->epoch)
		s->epoch = m->epoch;
	if (!s->last || s->last->epoch != m->epoch) {
		instance_drop(s->last);
		s->last = bb_malloc(sizeof(*s->last) + n);
		*s->last = (struct instance){ .source = s,
			.epoch = m->epoch,
			.refs = 1,
			.head_len = (uint8_t)n };
		memcpy(s->last->head, m->envelope, n);
	}
	s->last->refs++;
	return s->last;
}

/* ---- entries ---- */

static void forget(struct cache *c, struct entry *e)
{
	struct entry *last = c->rows[--c->n_rows];

	run_drop(c, e->run);
	rest_drop(c, rest_of(e));
	instance_drop(e->from);
	if (e->device_id && bb_table_get_u64(c->status, e->device_id) == e)
		bb_table_del_u64(c->status, e->device_id);
	bb_index_del(c->entries, e->hash, e->index);
	if (last != e) {
		bb_index_move(c->entries, last->hash, last->index, e->index);
		c->rows[e->index] = last;
		last->index = e->index;
	}
	c->bytes -= e->capacity;
	free(e);
}

static void add_row(struct cache *c, struct entry *e)
{
	if (c->n_rows == c->rows_cap) {
		c->rows_cap = c->rows_cap ? c->rows_cap * 2 : 1024;
		c->rows = bb_realloc(c->rows, c->rows_cap * sizeof(*c->rows));
	}
	e->index = (uint32_t)c->n_rows;
	c->rows[c->n_rows++] = e;
	bb_index_put(c->entries, e->hash, e->index);
}

/* An entry that can hold `need` bytes, in its place in index and rows. NULL: a limit is reached. */
static struct entry *make_room(struct cache *c, struct entry *e, uint32_t hash, size_t need)
{
	size_t old = e ? e->capacity : 0;
	bool is_new = !e, was_status;

	if (e && need <= old && need * 2 > old)
		return e;
	if (c->bytes - old + need > c->max_bytes || (is_new && c->n_rows >= c->max_topics))
		return NULL;
	was_status = e && e->device_id && bb_table_get_u64(c->status, e->device_id) == e;
	e = bb_realloc(e, sizeof(*e) + need);
	if (is_new)
		*e = (struct entry){ .hash = hash };
	e->capacity = (uint32_t)need;
	c->bytes += need - old;
	if (was_status)
		bb_table_put_u64(c->status, e->device_id, e);
	if (is_new)
		add_row(c, e);
	else
		c->rows[e->index] = e;
	return e;
}

/* A reading whose topic ends so. */
static bool is_reading(const struct bb_msg *m, const char *tail)
{
	size_t len = strlen(m->topic), n = strlen(tail);

	return m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING && len > n &&
	       memcmp(m->topic + len - n, tail, n) == 0;
}

/* What of the body is not in a run. */
static size_t rest_len(const struct bb_msg *m, const struct names *names)
{
	size_t n = m->body_len;

	for (unsigned i = 0; i < names->n; i++)
		n -= names->run[i].len;
	return n;
}

static void fill_rest(char *to, const struct bb_msg *m, const struct names *names)
{
	size_t at = 0;

	for (unsigned i = 0; i < names->n; i++) {
		const struct name_run *r = &names->run[i];

		memcpy(to, m->body + at, r->at - at);
		to += r->at - at;
		at = r->at + r->len;
	}
	memcpy(to, m->body + at, m->body_len - at);
}

#define IDENTITY "identity/"

/* NULL: it lies in the entry itself. Else with a reference for the caller. */
static struct rest *rest_take(struct cache *c, const struct bb_msg *m, const struct names *names)
{
	bool is_second = is_reading(m, "/") && !strncmp(m->topic, IDENTITY, strlen(IDENTITY));
	char first[600];
	struct rest *r;

	if (!is_second && !is_reading(m, "/ident/"))
		return NULL;
	if (is_second) {
		snprintf(first, sizeof(first), "reading/%sident/", m->topic + strlen(IDENTITY));
		size_t n = strlen(first);
		struct entry *e = find(c, first, n, bb_index_hash(first, n));

		r = rest_of(e);
		if (r)
			whole_body(c, e);
		if (r && c->whole.len == m->body_len && !memcmp(c->whole.data, m->body, m->body_len)) {
			r->refs++;
			return r;
		}
	}
	size_t len = rest_len(m, names);
	r = bb_malloc(sizeof(*r) + len);
	*r = (struct rest){ .refs = 1, .len = (uint32_t)len };
	fill_rest(r->bytes, m, names);
	c->bytes += len;
	return r;
}

static void fill(struct cache *c, struct entry *e, const struct bb_msg *m,
	const struct names *names, struct rest *rest)
{
	size_t topic_len = strlen(m->topic);
	char *to = e->data + topic_len + 1 + m->envelope_len - e->head_len;

	e->topic_len = (uint16_t)topic_len;
	e->envelope_len = (uint32_t)m->envelope_len - e->head_len;
	e->body_len = (uint32_t)m->body_len;
	memcpy(e->data, m->topic, topic_len + 1);
	memcpy(e->data + topic_len + 1, (const char *)m->envelope + e->head_len, e->envelope_len);
	e->is_apart = rest;
	if (rest)
		memcpy(to, &rest, sizeof(struct rest *));
	else
		fill_rest(to, m, names);
	for (unsigned i = 0; i < names->n; i++)
		e->run_at[i] = (uint16_t)names->run[i].at;
	e->at_ms = bb_clock_boot_ms();
	e->topic_seq = m->topic_seq;
	e->sampled_ns = e->confirmed_ns = m->sampled_own_ns;
	e->is_heartbeat = m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT;
	e->is_foreign = m->sampled_own_ns != m->sampled_boot_ns;
	if (!is_reading(m, "/status/") || e->device_id == names->device_id)
		return;
	if (e->device_id && bb_table_get_u64(c->status, e->device_id) == e)
		bb_table_del_u64(c->status, e->device_id);
	e->device_id = names->device_id;
	if (e->device_id)
		bb_table_put_u64(c->status, e->device_id, e);
}

/* Also when a limit hinders it: then there is no entry afterwards, because none is better than an old one that
 * looks like the last. */
static bool keep(struct cache *c, struct entry *e, uint32_t hash, const struct bb_msg *m)
{
	size_t topic_len = strlen(m->topic);
	struct instance *from = instance_take(c, m);
	struct names names = { .n = 0 };
	struct entry *room;

	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING && m->body_len <= UINT16_MAX)
		names_find(m->body, m->body_len, &names);
	size_t most = m->envelope_len < from->head_len ? m->envelope_len : from->head_len;
	size_t head_len = alike(from->head, m->envelope, most);
	struct rest *was = rest_of(e), *rest = rest_take(c, m, &names);
	room = make_room(c, e, hash,
		topic_len + 1 + m->envelope_len - head_len +
			(rest ? sizeof(struct rest *) : rest_len(m, &names)));
	if (!room) {
		instance_drop(from);
		rest_drop(c, rest);
		if (e)
			forget(c, e);
		return false;
	}
	struct run *run = run_take(c, room->run, m->body, &names);
	run_drop(c, room->run);
	room->run = run;
	instance_drop(room->from);
	room->from = from;
	room->head_len = (uint8_t)head_len;
	fill(c, room, m, &names, rest);
	rest_drop(c, was);
	return true;
}

bool cache_take(struct cache *c, const struct bb_msg *m)
{
	size_t topic_len = strlen(m->topic);
	uint32_t hash = bb_index_hash(m->topic, topic_len);
	struct entry *e = find(c, m->topic, topic_len, hash);

	if (m->kind != BUSBAR__V1__ENVELOPE__KIND__KIND_GONE)
		return keep(c, e, hash, m);
	instance_drop(instance_take(c, m));
	if (e)
		forget(c, e);
	return true;
}

void cache_confirm(struct cache *c, uint64_t device_id, uint64_t epoch, uint64_t topic_seq,
	uint64_t sampled_own_ns)
{
	struct entry *e = bb_table_get_u64(c->status, device_id);

	if (e && e->from->epoch == epoch && e->topic_seq == topic_seq && sampled_own_ns > e->confirmed_ns)
		e->confirmed_ns = sampled_own_ns;
}

void cache_sweep(struct cache *c)
{
	uint64_t now_ms = bb_clock_boot_ms();

	for (size_t i = c->n_rows; i-- > 0;) {
		struct entry *e = c->rows[i];
		uint64_t age_ms = now_ms - e->at_ms;

		if ((e->is_heartbeat && age_ms > HEARTBEAT_MS) ||
			(e->from->epoch != e->from->source->epoch && age_ms > UNRENEWED_MS))
			forget(c, e);
	}
}

size_t cache_count(const struct cache *c)
{
	return c->n_rows;
}

size_t cache_bytes(const struct cache *c)
{
	return c->bytes;
}

void cache_row(struct cache *c, size_t i, struct cache_row *out)
{
	const struct entry *e = c->rows[i];

	whole_body(c, e);
	bb_buf_reset(&c->envelope);
	bb_buf_add(&c->envelope, e->from->head, e->head_len);
	bb_buf_add(&c->envelope, e->data + e->topic_len + 1, e->envelope_len);
	*out = (struct cache_row){
		.topic = e->data,
		.envelope = c->envelope.data,
		.envelope_len = c->envelope.len,
		.body = c->whole.data,
		.body_len = c->whole.len,
		.at_ms = e->at_ms,
		.newer_ns = e->confirmed_ns - e->sampled_ns,
		.is_foreign = e->is_foreign,
	};
}
