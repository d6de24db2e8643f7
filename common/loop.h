// SPDX-License-Identifier: Apache-2.0
/* Thin layer over libevent: descriptors, timers, signals, hooks. One loop per process, one thread. Callbacks may add and cancel
 * anything, themselves included. Handles are owned by the loop; bb_loop_free() releases what is left. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

struct bb_loop;
struct bb_watch;          /* a descriptor, timer, signal or hook */
struct event_base;

enum { BB_READ = 1, BB_WRITE = 2 };
typedef void (*bb_fd_cb)(void *arg, int fd, int what);
typedef void (*bb_cb)(void *arg);
/* A hook runs before each wait. It returns true when it has more to do at once (the loop then does not block). */
typedef bool (*bb_hook_cb)(void *arg);
/* Time discontinuity (reliability.md 5.3): `away_ms` the loop or host was away (0 if none), `wall_step_us` the wall clock jumped by. */
typedef void (*bb_discontinuity_cb)(void *arg, uint64_t away_ms, int64_t wall_step_us);

struct bb_loop *bb_loop_new(struct bb_err *err);
void bb_loop_free(struct bb_loop *l);
struct event_base *bb_loop_base(struct bb_loop *l);     /* for evhttp, borrowed */

struct bb_watch *bb_loop_add_fd(struct bb_loop *l, int fd, int what, bb_fd_cb cb, void *arg);
void bb_loop_set_fd(struct bb_watch *w, int what);      /* change BB_READ | BB_WRITE */
struct bb_watch *bb_loop_after(struct bb_loop *l, uint64_t ms, bb_cb cb, void *arg);     /* once; the handle dies after it ran */
struct bb_watch *bb_loop_every(struct bb_loop *l, uint64_t ms, bb_cb cb, void *arg);     /* drift-free */
struct bb_watch *bb_loop_on_signal(struct bb_loop *l, int signo, bb_cb cb, void *arg);
struct bb_watch *bb_loop_add_hook(struct bb_loop *l, bb_hook_cb cb, void *arg);
/* Compared at least once a second: suspend > 1 s, wall step > 2 s, loop away > max_away_ms (0: 5000). Runs before anything that
 * became due meanwhile: timers that "expired" in the absence can be cancelled or moved from here. */
struct bb_watch *bb_loop_on_discontinuity(struct bb_loop *l, uint64_t max_away_ms, bb_discontinuity_cb cb, void *arg);
void bb_loop_cancel(struct bb_watch *w);                /* NULL is allowed */

/* Runs until bb_loop_stop(). Returns 0. */
int bb_loop_run(struct bb_loop *l);
void bb_loop_stop(struct bb_loop *l);
/* One turn; waits at most `max_wait_ms`. For tests. */
void bb_loop_turn(struct bb_loop *l, uint64_t max_wait_ms);
/* MONOTONIC ms, taken before the first callback after each wait and again before the timers. */
uint64_t bb_loop_now_ms(struct bb_loop *l);
/* Turns so far; the watchdog proves progress with it. */
uint64_t bb_loop_turns(const struct bb_loop *l);
