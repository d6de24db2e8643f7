// SPDX-License-Identifier: Apache-2.0
#include "notifyd/queue.h"

#include <stdlib.h>

#include "common/arena.h"
#include "common/table.h"

struct queue {
	struct task **heap; /* binary heap, the earliest first */
	size_t n, cap;
	struct bb_table *last; /* order -> last task of it */
};

struct queue *queue_new(void)
{
	struct queue *q = bb_calloc(1, sizeof(*q));

	q->last = bb_table_new();
	return q;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	bb_table_free(q->last, NULL);
	free(q->heap);
	free(q);
}

static bool is_before(const struct task *a, const struct task *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->id < b->id;
}

static void put(struct queue *q, size_t i, struct task *t)
{
	q->heap[i] = t;
	t->heap_at = i + 1;
}

static void rise(struct queue *q, size_t i, struct task *t)
{
	while (i > 0 && is_before(t, q->heap[(i - 1) / 2])) {
		put(q, i, q->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(q, i, t);
}

static void sink(struct queue *q, struct task *t)
{
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < q->n && is_before(q->heap[child + 1], q->heap[child]))
			child++;
		if (child >= q->n || !is_before(q->heap[child], t))
			break;
		put(q, i, q->heap[child]);
		i = child;
	}
	put(q, i, t);
}

static void push(struct queue *q, struct task *t, uint64_t due_ms)
{
	if (q->n == q->cap) {
		q->cap = q->cap ? 2 * q->cap : 64;
		q->heap = bb_realloc(q->heap, q->cap * sizeof(*q->heap));
	}
	t->due_ms = due_ms;
	rise(q, q->n++, t);
}

void queue_add(struct queue *q, struct task *t)
{
	struct task *last = bb_table_put_u64(q->last, t->order, t);

	t->behind = NULL;
	if (last)
		last->behind = t;
	else
		push(q, t, 0);
}

struct task *queue_take(struct queue *q, uint64_t now_ms)
{
	struct task *t;

	if (!q->n || q->heap[0]->due_ms > now_ms)
		return NULL;
	t = q->heap[0];
	q->n--;
	if (q->n)
		sink(q, q->heap[q->n]);
	t->heap_at = 0;
	return t;
}

void queue_postpone(struct queue *q, struct task *t, uint64_t due_ms)
{
	bb_assert(!t->heap_at);
	push(q, t, due_ms);
}

void queue_remove(struct queue *q, struct task *t)
{
	bb_assert(!t->heap_at);
	if (t->behind)
		push(q, t->behind, 0);
	else
		bb_table_del_u64(q->last, t->order);
	t->behind = NULL;
}

uint64_t queue_next_ms(const struct queue *q)
{
	return q->n ? q->heap[0]->due_ms : UINT64_MAX;
}
