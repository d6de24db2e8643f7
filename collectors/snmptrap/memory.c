// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/memory.h"

#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/table.h"

#define TELL_MS 600000

/* ---- informs ---- */

struct inform {
	struct inform_key key;
	uint64_t at_ms;
	enum inform_state state; /* INFORM_NEW: free */
};
struct informs {
	struct inform ring[INFORMS_MAX];
	size_t next;
	struct bb_table *by_key;
};

struct informs *informs_new(void)
{
	struct informs *m = bb_calloc(1, sizeof(*m));

	m->by_key = bb_table_new();
	return m;
}

void informs_free(struct informs *m)
{
	if (!m)
		return;
	bb_table_free(m->by_key, NULL);
	free(m);
}

static void inform_forget(struct informs *m, struct inform *i)
{
	if (i->state != INFORM_NEW)
		bb_table_del_n(m->by_key, &i->key, sizeof(i->key));
	i->state = INFORM_NEW;
}

enum inform_state informs_hear(struct informs *m, const struct inform_key *k, uint64_t now_ms,
	uint64_t keep_ms)
{
	struct inform *i = bb_table_get_n(m->by_key, k, sizeof(*k));

	/* A pending one has no time limit: its record is under way. */
	if (i && (i->state == INFORM_PENDING || now_ms - i->at_ms < keep_ms))
		return i->state;
	if (i)
		inform_forget(m, i);
	i = &m->ring[m->next];
	m->next = (m->next + 1) % INFORMS_MAX;
	inform_forget(m, i);
	*i = (struct inform){ .key = *k, .at_ms = now_ms, .state = INFORM_PENDING };
	bb_table_put_n(m->by_key, &i->key, sizeof(i->key), i);
	return INFORM_NEW;
}

void informs_settle(struct informs *m, const struct inform_key *k, bool stored)
{
	struct inform *i = bb_table_get_n(m->by_key, k, sizeof(*k));

	if (i && stored)
		i->state = INFORM_STORED;
	else if (i)
		inform_forget(m, i);
}

/* ---- repetitions ---- */

struct repeats {
	struct repeat ring[REPEATS_MAX]; /* device_id 0: free */
	size_t next, n_used;
	struct bb_table *by_key;
	void (*tell)(void *arg, const struct repeat *r);
	void *arg;
};
struct repeat_key {
	uint64_t device_id, hash;
};

struct repeats *repeats_new(void (*tell)(void *arg, const struct repeat *r), void *arg)
{
	struct repeats *m = bb_calloc(1, sizeof(*m));

	m->by_key = bb_table_new();
	m->tell = tell;
	m->arg = arg;
	return m;
}

void repeats_free(struct repeats *m)
{
	if (!m)
		return;
	bb_table_free(m->by_key, NULL);
	free(m);
}

static void repeat_tell(struct repeats *m, struct repeat *r)
{
	if (r->count)
		m->tell(m->arg, r);
	r->count = 0;
}

static void repeat_end(struct repeats *m, struct repeat *r)
{
	const struct repeat_key key = { r->device_id, r->hash };

	repeat_tell(m, r);
	bb_table_del_n(m->by_key, &key, sizeof(key));
	r->device_id = 0;
	m->n_used--;
}

bool repeats_hear(struct repeats *m, const struct repeat *in, uint64_t now_ms)
{
	const struct repeat_key key = { in->device_id, in->hash };
	struct repeat *r = bb_table_get_n(m->by_key, &key, sizeof(key));

	if (r && now_ms - r->last_ms < r->keep_ms) {
		r->last_ms = now_ms;
		r->count++;
		return true;
	}
	if (r)
		repeat_end(m, r);
	r = &m->ring[m->next];
	m->next = (m->next + 1) % REPEATS_MAX;
	if (r->device_id)
		repeat_end(m, r);
	*r = *in;
	r->first_ms = r->last_ms = now_ms;
	r->count = 0;
	m->n_used++;
	bb_table_put_n(m->by_key, &key, sizeof(key), r);
	return false;
}

void repeats_tick(struct repeats *m, uint64_t now_ms)
{
	for (size_t i = 0; m->n_used && i < REPEATS_MAX; i++) {
		struct repeat *r = &m->ring[i];

		if (!r->device_id)
			continue;
		if (now_ms - r->last_ms >= r->keep_ms) {
			repeat_end(m, r);
		} else if (now_ms - r->first_ms >= TELL_MS) {
			repeat_tell(m, r);
			r->first_ms = now_ms;
		}
	}
}

void repeats_flush(struct repeats *m)
{
	for (size_t i = 0; i < REPEATS_MAX; i++) {
		if (m->ring[i].device_id)
			repeat_end(m, &m->ring[i]);
	}
}

/* ---- strangers ---- */

struct strangers {
	struct stranger list[STRANGERS_MAX];
	size_t n;
};

struct strangers *strangers_new(void)
{
	return bb_calloc(1, sizeof(struct strangers));
}

void strangers_free(struct strangers *m)
{
	free(m);
}

uint64_t strangers_hear(struct strangers *m, const struct stranger *s)
{
	struct stranger *oldest = &m->list[0];

	for (size_t i = 0; i < m->n; i++) {
		struct stranger *x = &m->list[i];

		if (!memcmp(&x->from, &s->from, sizeof(x->from)) && !strcmp(x->reason, s->reason)) {
			uint64_t first = x->first_us, count = x->count + 1;
			*x = *s;
			x->first_us = first;
			return x->count = count;
		}
		if (x->last_us < oldest->last_us)
			oldest = x;
	}
	if (m->n < STRANGERS_MAX)
		oldest = &m->list[m->n++];
	*oldest = *s;
	return oldest->count = 1;
}

static int by_last(const void *a, const void *b)
{
	const struct stranger *const *x = a, *const *y = b;

	return (*x)->last_us < (*y)->last_us ? 1 : (*x)->last_us > (*y)->last_us ? -1 : 0;
}

size_t strangers_list(const struct strangers *m, const struct stranger **out, size_t cap)
{
	size_t n = m->n < cap ? m->n : cap;

	for (size_t i = 0; i < n; i++)
		out[i] = &m->list[i];
	qsort(out, n, sizeof(*out), by_last);
	return n;
}
