// SPDX-License-Identifier: Apache-2.0
#include "collectors/wheel.h"

#include <stddef.h>
#include <stdlib.h>

#include "common/arena.h"

#define SLOTS       4096U /* 41 s a turn; entries further away wait for their round */
#define MAX_STEP_MS 1000  /* longer gaps count as a pause */

struct wheel {
	struct wheel_entry slot[SLOTS];
	uint64_t tick;
	uint64_t last_mono_ms;
	uint64_t rest_ms; /* time seen that does not fill a tick yet */
};

static void list_init(struct wheel_entry *head)
{
	head->prev = head->next = head;
}

static void list_append(struct wheel_entry *head, struct wheel_entry *e)
{
	e->prev = head->prev;
	e->next = head;
	head->prev->next = e;
	head->prev = e;
}

struct wheel *wheel_new(void)
{
	struct wheel *w = bb_calloc(1, sizeof(*w));

	for (unsigned i = 0; i < SLOTS; i++)
		list_init(&w->slot[i]);
	return w;
}

void wheel_free(struct wheel *w)
{
	free(w);
}

void wheel_cancel(struct wheel_entry *e)
{
	if (!e->next)
		return;
	e->prev->next = e->next;
	e->next->prev = e->prev;
	e->prev = e->next = NULL;
}

void wheel_set(struct wheel *w, struct wheel_entry *e, uint64_t ms, wheel_cb cb, void *arg)
{
	uint64_t ticks = (ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS;

	wheel_cancel(e);
	e->due = w->tick + (ticks ? ticks : 1);
	e->cb = cb;
	e->arg = arg;
	list_append(&w->slot[e->due % SLOTS], e);
}

/* The due entries move to a list of their own first, so that callbacks may arm and cancel anything. */
static void run_slot(struct wheel *w)
{
	struct wheel_entry *head = &w->slot[w->tick % SLOTS];
	struct wheel_entry due;
	struct wheel_entry *next;

	list_init(&due);
	for (struct wheel_entry *e = head->next; e != head; e = next) {
		next = e->next;
		if (e->due > w->tick)
			continue;
		wheel_cancel(e);
		list_append(&due, e);
	}
	while (due.next != &due) {
		struct wheel_entry *e = due.next;

		wheel_cancel(e);
		e->cb(e->arg);
	}
}

uint64_t wheel_advance(struct wheel *w, uint64_t mono_ms)
{
	uint64_t step =
		w->last_mono_ms && mono_ms > w->last_mono_ms ? mono_ms - w->last_mono_ms : 0;
	uint64_t away = 0;

	w->last_mono_ms = mono_ms;
	if (step > MAX_STEP_MS) {
		away = step - WHEEL_TICK_MS;
		step = WHEEL_TICK_MS;
	}
	w->rest_ms += step;
	while (w->rest_ms >= WHEEL_TICK_MS) {
		w->rest_ms -= WHEEL_TICK_MS;
		w->tick++;
		run_slot(w);
	}
	return away;
}

uint64_t wheel_now_ms(const struct wheel *w)
{
	return w->tick * WHEEL_TICK_MS;
}

uint64_t wheel_left_ms(const struct wheel *w, const struct wheel_entry *e)
{
	return wheel_armed(e) && e->due > w->tick ? (e->due - w->tick) * WHEEL_TICK_MS : 0;
}

uint64_t wheel_phase_ms(const struct wheel *w, uint64_t phase_ms, uint64_t period_ms,
	uint64_t least_ms)
{
	uint64_t earliest = wheel_now_ms(w) + least_ms;

	if (!period_ms)
		return least_ms;
	return least_ms +
	       (phase_ms % period_ms + period_ms - earliest % period_ms) % period_ms;
}
