// SPDX-License-Identifier: Apache-2.0
#include "busd/cache.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "busd/names.h"
#include "common/table.h"
#include "proto/reading.pb-c.h"

enum { PROBES = 8 };
#define HEARTBEAT_MS (3600ull * 1000)
#define UNRENEWED_MS (25ull * 3600 * 1000)

/* One instance of a publisher after the other. */
struct source {
	uint64_t epoch;
};

/* Names of points as they lie in many readings. */
struct run {
	uint32_t refs, len;
	uint8_t bytes[];
};

/* One block: the struct, then topic with its NUL, envelope, body without its runs. */
struct entry {
	uint64_t key, at_ms, epoch, topic_seq;
	uint64_t sampled_ns, confirmed_ns; /* of our clock */
	uint64_t device_id;                /* of a status reading, else 0 */
	const struct source *source;
	struct run *run[NAME_RUNS];
	uint16_t run_at[NAME_RUNS]; /* in the whole body; messages are at most 64 kB */
	uint16_t topic_len;
	uint32_t index; /* in cache->rows */
	uint32_t envelope_len, body_len, capacity;
	bool is_heartbeat, is_foreign;
	char data[];
};

struct cache {
	struct bb_table *entries; /* topic hash -> entry */
	struct bb_table *status;  /* device id -> entry of its status reading */
	struct bb_table *sources; /* publisher -> source */
	struct bb_table *runs;    /* bytes -> run */
	struct entry **rows;
	size_t n_rows, rows_cap;
	size_t bytes, max_topics, max_bytes;
	struct bb_buf whole; /* body of the row that is looked at */
};

struct cache *cache_new(size_t max_topics, size_t max_bytes)
{
	struct cache *c = bb_calloc(1, sizeof(*c));

	c->entries = bb_table_new();
	c->status = bb_table_new();
	c->runs = bb_table_new();
	c->sources = bb_table_new();
	c->max_topics = max_topics;
	c->max_bytes = max_bytes;
	return c;
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	bb_table_free(c->entries, free);
	bb_table_free(c->status, NULL);
	bb_table_free(c->runs, free);
	bb_buf_fini(&c->whole);
	bb_table_free(c->sources, free);
	free(c->rows);
	free(c);
}

/* The entry of a topic, or NULL and the free key for it. Two topics with one hash take
 * neighbouring keys; 0 when there is no place. */
static struct entry *find(const struct cache *c, const char *topic, uint64_t *key)
{
	size_t len = strlen(topic);
	uint64_t k = bb_hash(topic, len);

	for (int i = 0; i < PROBES; i++, k++) {
		struct entry *e = bb_table_get_u64(c->entries, k);

		*key = k;
		if (!e || (e->topic_len == len && memcmp(e->data, topic, len) == 0))
			return e;
	}
	*key = 0;
	return NULL;
}

/* ---- runs of names ---- */

static struct run *run_take(struct cache *c, const uint8_t *bytes, size_t len)
{
	struct run *r = bb_table_get_n(c->runs, bytes, len);

	if (!r) {
		r = bb_malloc(sizeof(*r) + len);
		*r = (struct run){ .len = (uint32_t)len };
		memcpy(r->bytes, bytes, len);
		bb_table_put_n(c->runs, bytes, len, r);
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
	bb_table_del_n(c->runs, r->bytes, r->len);
	free(r);
}

/* The body as it came: into c->whole. */
static void whole_body(struct cache *c, const struct entry *e)
{
	const char *rest = e->data + e->topic_len + 1 + e->envelope_len;

	bb_buf_reset(&c->whole);
	for (size_t i = 0; i < NAME_RUNS && e->run[i]; i++) {
		size_t between = e->run_at[i] - c->whole.len;

		bb_buf_add(&c->whole, rest, between);
		rest += between;
		bb_buf_add(&c->whole, e->run[i]->bytes, e->run[i]->len);
	}
	bb_buf_add(&c->whole, rest, e->body_len - c->whole.len);
}

/* ---- entries ---- */

static void runs_drop(struct cache *c, struct entry *e)
{
	for (size_t i = 0; i < NAME_RUNS; i++) {
		run_drop(c, e->run[i]);
		e->run[i] = NULL;
	}
}

static void forget(struct cache *c, struct entry *e)
{
	struct entry *last = c->rows[--c->n_rows];

	runs_drop(c, e);
	if (e->device_id && bb_table_get_u64(c->status, e->device_id) == e)
		bb_table_del_u64(c->status, e->device_id);

	c->rows[e->index] = last;
	last->index = e->index;
	c->bytes -= e->capacity;
	bb_table_del_u64(c->entries, e->key);
	free(e);
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

static void add_row(struct cache *c, struct entry *e)
{
	if (c->n_rows == c->rows_cap) {
		c->rows_cap = c->rows_cap ? c->rows_cap * 2 : 1024;
		c->rows = bb_realloc(c->rows, c->rows_cap * sizeof(*c->rows));
	}
	e->index = (uint32_t)c->n_rows;
	c->rows[c->n_rows++] = e;
}

/* An entry that can hold `need` bytes, in its place in table and rows, without runs. NULL: a limit is reached. */
static struct entry *make_room(struct cache *c, struct entry *e, uint64_t key, size_t need)
{
	size_t old = e ? e->capacity : 0;
	bool is_new = !e, was_status;

	if (e && need <= old && need * 2 > old)
		return e;
	if (c->bytes - old + need > c->max_bytes || (is_new && c->n_rows >= c->max_topics) || !key)
		return NULL;
	was_status = e && e->device_id && bb_table_get_u64(c->status, e->device_id) == e;
	e = bb_realloc(e, sizeof(*e) + need);
	if (is_new)
		*e = (struct entry){ .key = key };
	e->capacity = (uint32_t)need;
	c->bytes += need - old;
	bb_table_put_u64(c->entries, key, e);
	if (was_status)
		bb_table_put_u64(c->status, e->device_id, e);
	if (is_new)
		add_row(c, e);
	else
		c->rows[e->index] = e;
	return e;
}

static bool is_status(const struct bb_msg *m, size_t topic_len)
{
	static const char tail[] = "/status/";
	const size_t n = sizeof(tail) - 1;

	return m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING && topic_len > n &&
	       memcmp(m->topic + topic_len - n, tail, n) == 0;
}

/* What of the body is not in a run. */
static size_t rest_len(const struct bb_msg *m, const struct names *names)
{
	size_t n = m->body_len;

	for (unsigned i = 0; i < names->n; i++)
		n -= names->run[i].len;
	return n;
}

static void fill_body(struct cache *c, struct entry *e, const struct bb_msg *m,
	const struct names *names)
{
	char *to = e->data + e->topic_len + 1 + e->envelope_len;
	size_t at = 0;

	for (unsigned i = 0; i < names->n; i++) {
		const struct name_run *r = &names->run[i];

		memcpy(to, m->body + at, r->at - at);
		to += r->at - at;
		at = r->at + r->len;
		e->run[i] = run_take(c, m->body + r->at, r->len);
		e->run_at[i] = (uint16_t)r->at;
	}
	memcpy(to, m->body + at, m->body_len - at);
}

static void fill(struct cache *c, struct entry *e, const struct bb_msg *m,
	const struct names *names, size_t topic_len)
{
	e->topic_len = (uint16_t)topic_len;
	e->envelope_len = (uint32_t)m->envelope_len;
	e->body_len = (uint32_t)m->body_len;
	memcpy(e->data, m->topic, topic_len + 1);
	memcpy(e->data + topic_len + 1, m->envelope, m->envelope_len);
	fill_body(c, e, m, names);
	e->at_ms = bb_clock_boot_ms();
	e->epoch = m->epoch;
	e->topic_seq = m->topic_seq;
	e->sampled_ns = e->confirmed_ns = m->sampled_own_ns;
	e->is_heartbeat = m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT;
	e->is_foreign = m->sampled_own_ns != m->sampled_boot_ns;
	if (!is_status(m, topic_len) || e->device_id == names->device_id)
		return;
	if (e->device_id && bb_table_get_u64(c->status, e->device_id) == e)
		bb_table_del_u64(c->status, e->device_id);
	e->device_id = names->device_id;
	if (e->device_id)
		bb_table_put_u64(c->status, e->device_id, e);
}

bool cache_take(struct cache *c, const struct bb_msg *m)
{
	struct source *s = source_get(c, m->publisher);
	size_t topic_len = strlen(m->topic);
	struct names names = { .n = 0 };
	uint64_t key;
	struct entry *e = find(c, m->topic, &key), *room;

	if (m->epoch > s->epoch)
		s->epoch = m->epoch;
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_GONE) {
		if (e)
			forget(c, e);
		return true;
	}
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING && m->body_len <= UINT16_MAX)
		names_find(m->body, m->body_len, &names);
	if (e)
		runs_drop(c, e);
	room = make_room(c, e, key, topic_len + 1 + m->envelope_len + rest_len(m, &names));
	if (!room) {
		if (e)
			forget(c, e); /* better none than an old one that looks like the last */
		return false;
	}
	fill(c, room, m, &names, topic_len);
	room->source = s;
	return true;
}

void cache_confirm(struct cache *c, uint64_t device_id, uint64_t epoch, uint64_t topic_seq,
	uint64_t sampled_own_ns)
{
	struct entry *e = bb_table_get_u64(c->status, device_id);

	if (e && e->epoch == epoch && e->topic_seq == topic_seq && sampled_own_ns > e->confirmed_ns)
		e->confirmed_ns = sampled_own_ns;
}

void cache_sweep(struct cache *c)
{
	uint64_t now_ms = bb_clock_boot_ms();

	for (size_t i = c->n_rows; i-- > 0;) {
		struct entry *e = c->rows[i];
		uint64_t age_ms = now_ms - e->at_ms;

		if ((e->is_heartbeat && age_ms > HEARTBEAT_MS) ||
			(e->epoch != e->source->epoch && age_ms > UNRENEWED_MS))
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
	*out = (struct cache_row){
		.topic = e->data,
		.envelope = e->data + e->topic_len + 1,
		.envelope_len = e->envelope_len,
		.body = c->whole.data,
		.body_len = c->whole.len,
		.at_ms = e->at_ms,
		.newer_ns = e->confirmed_ns - e->sampled_ns,
		.is_foreign = e->is_foreign,
	};
}
