// SPDX-License-Identifier: Apache-2.0
/* Timer wheel of 10 ms slots for tens of thousands of timers (poll phases, request time-outs). Its
 * clock follows the loop's but never jumps: after a pause of the process or host the timers go on
 * where they were, so a pause is not a burst of time-outs and the phases stay spread. Entries live
 * in the caller's structs; zero-initialise them. One thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define WHEEL_TICK_MS 10

typedef void (*wheel_cb)(void *arg);
struct wheel_entry {
	struct wheel_entry *prev, *next;        /* NULL while idle */
	uint64_t due;                           /* tick */
	wheel_cb cb;
	void *arg;
};

struct wheel;
struct wheel *wheel_new(void);
void wheel_free(struct wheel *w);
/* Arm (or re-arm) `e`: cb(arg) runs once, `ms` from the wheel's now, at the earliest in the next
 * tick. */
void wheel_set(struct wheel *w, struct wheel_entry *e, uint64_t ms, wheel_cb cb, void *arg);
void wheel_cancel(struct wheel_entry *e);
static inline bool wheel_armed(const struct wheel_entry *e)
{
	return e->next;
}
/* Ms until `e` runs; 0 when it is idle. */
uint64_t wheel_left_ms(const struct wheel *w, const struct wheel_entry *e);
/* Ms until the first instant at least `least_ms` away at which the wheel's clock is `phase_ms` past a
 * multiple of `period_ms`: whoever always asks here keeps its phase, whatever came between. */
uint64_t wheel_phase_ms(const struct wheel *w, uint64_t phase_ms, uint64_t period_ms,
	uint64_t least_ms);
/* Let the time pass up to the loop's `mono_ms`. Returns the ms that were skipped because the caller
 * was away (0 normally). */
uint64_t wheel_advance(struct wheel *w, uint64_t mono_ms);
/* The wheel's own clock in ms: grows with time, stands still over pauses. */
uint64_t wheel_now_ms(const struct wheel *w);
