// SPDX-License-Identifier: Apache-2.0
#include "webd/ring.h"

#include <stdlib.h>

struct entry {
	struct http_frame *frame;
	unsigned topic;
};

/* Invariant: entries for numbers first .. head lie at number % capacity. */
struct ring {
	size_t capacity, bytes, max_bytes;
	uint64_t first, head;
	struct entry entry[];
};

struct ring *ring_new(size_t capacity, size_t max_bytes)
{
	struct ring *r = bb_calloc(1, sizeof(*r) + capacity * sizeof(struct entry));

	r->capacity = capacity;
	r->max_bytes = max_bytes;
	r->first = 1;
	return r;
}

static void drop_first(struct ring *r)
{
	struct entry *e = &r->entry[r->first % r->capacity];

	r->bytes -= http_frame_len(e->frame);
	http_frame_unref(e->frame);
	e->frame = NULL;
	r->first++;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	while (r->first <= r->head)
		drop_first(r);
	free(r);
}

void ring_put(struct ring *r, unsigned topic, struct http_frame *f)
{
	if (r->head + 1 - r->first == r->capacity)
		drop_first(r);
	r->head++;
	r->entry[r->head % r->capacity] = (struct entry){ .frame = f, .topic = topic };
	r->bytes += http_frame_len(f);
	while (r->bytes > r->max_bytes && r->first < r->head)
		drop_first(r);
}

uint64_t ring_head(const struct ring *r)
{
	return r->head;
}

bool ring_holds(const struct ring *r, uint64_t seq)
{
	return seq <= r->head && seq + 1 >= r->first;
}

void ring_each(const struct ring *r, uint64_t seq, unsigned topics,
	void (*cb)(void *arg, struct http_frame *f), void *arg)
{
	for (uint64_t i = seq + 1 > r->first ? seq + 1 : r->first; i <= r->head; i++) {
		const struct entry *e = &r->entry[i % r->capacity];

		if (e->topic & topics)
			cb(arg, e->frame);
	}
}
