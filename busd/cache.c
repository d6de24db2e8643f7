// SPDX-License-Identifier: Apache-2.0
#include "busd/cache.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "common/table.h"
#include "proto/reading.pb-c.h"

enum { PROBES = 8 };
#define HEARTBEAT_MS (3600ull * 1000)
#define UNRENEWED_MS (25ull * 3600 * 1000)

/* One instance of a publisher after the other. */
struct source {
	uint64_t epoch;
};

/* One block: the struct, then topic with its NUL, envelope, body. */
struct entry {
	uint64_t key, at_ms, epoch;
	const struct source *source;
	size_t index; /* in cache->rows */
	uint32_t topic_len, envelope_len, body_len, capacity;
	bool is_heartbeat, is_foreign;
	char data[];
};

struct cache {
	struct bb_table *entries; /* topic hash -> entry */
	struct bb_table *sources; /* publisher -> source */
	struct entry **rows;
	size_t n_rows, rows_cap;
	size_t bytes, max_topics, max_bytes;
};

struct cache *cache_new(size_t max_topics, size_t max_bytes)
{
	struct cache *c = bb_calloc(1, sizeof(*c));

	c->entries = bb_table_new();
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

static void forget(struct cache *c, struct entry *e)
{
	struct entry *last = c->rows[--c->n_rows];

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
	e->index = c->n_rows;
	c->rows[c->n_rows++] = e;
}

/* An entry that can hold `need` bytes, in its place in table and rows. NULL: a limit is reached. */
static struct entry *make_room(struct cache *c, struct entry *e, uint64_t key, size_t need)
{
	size_t old = e ? e->capacity : 0;
	bool is_new = !e;

	if (e && need <= old && need * 2 > old)
		return e;
	if (c->bytes - old + need > c->max_bytes || (is_new && c->n_rows >= c->max_topics) || !key)
		return NULL;
	e = bb_realloc(e, sizeof(*e) + need);
	e->key = key;
	e->capacity = (uint32_t)need;
	c->bytes += need - old;
	bb_table_put_u64(c->entries, key, e);
	if (is_new)
		add_row(c, e);
	else
		c->rows[e->index] = e;
	return e;
}

static void fill(struct entry *e, const struct bb_msg *m)
{
	e->topic_len = (uint32_t)strlen(m->topic);
	e->envelope_len = (uint32_t)m->envelope_len;
	e->body_len = (uint32_t)m->body_len;
	memcpy(e->data, m->topic, e->topic_len + 1);
	memcpy(e->data + e->topic_len + 1, m->envelope, e->envelope_len);
	memcpy(e->data + e->topic_len + 1 + e->envelope_len, m->body, e->body_len);
	e->at_ms = bb_clock_boot_ms();
	e->epoch = m->epoch;
	e->is_heartbeat = m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT;
	e->is_foreign = m->sampled_own_ns != m->sampled_boot_ns;
}

bool cache_take(struct cache *c, const struct bb_msg *m)
{
	struct source *s = source_get(c, m->publisher);
	uint64_t key;
	struct entry *e = find(c, m->topic, &key);

	if (m->epoch > s->epoch)
		s->epoch = m->epoch;
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_GONE) {
		if (e)
			forget(c, e);
		return true;
	}
	struct entry *room =
		make_room(c, e, key, strlen(m->topic) + 1 + m->envelope_len + m->body_len);

	if (!room) {
		if (e)
			forget(c, e); /* better none than an old one that looks like the last */
		return false;
	}
	fill(room, m);
	room->source = s;
	return true;
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

void cache_row(const struct cache *c, size_t i, struct cache_row *out)
{
	const struct entry *e = c->rows[i];

	*out = (struct cache_row){
		.topic = e->data,
		.envelope = e->data + e->topic_len + 1,
		.envelope_len = e->envelope_len,
		.body = e->data + e->topic_len + 1 + e->envelope_len,
		.body_len = e->body_len,
		.at_ms = e->at_ms,
		.is_foreign = e->is_foreign,
	};
}
