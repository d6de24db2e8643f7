// SPDX-License-Identifier: Apache-2.0
/* One turn: hooks, wait, descriptors and signals (libevent), timers, release of cancelled watches.
 *
 * Timers are our own heap over bb_clock, with one timerfd that wakes libevent: libevent's run on a
 * coarse clock and cannot be held back, but after a pause of the process nothing that "expired"
 * meanwhile may run before the discontinuity was told. For the same reason the clocks are compared
 * before the first callback after each wait. */
#include "common/loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"

enum {
	WAIT_MAX_MS = 1000, /* longest wait, so that the clocks are compared once a second */
	SUSPEND_MS = 1000,  /* reliability.md 5.3 */
	WALL_STEP_US = 2000000,
	AWAY_DEFAULT_MS = 5000,
};

enum watch_kind { WATCH_EVENT, WATCH_TIMER, WATCH_HOOK, WATCH_DISCONTINUITY };

struct bb_watch {
	/* In loop->lists[kind] while alive, in loop->dead afterwards. */
	TAILQ_ENTRY(bb_watch) link;
	struct bb_loop *loop;
	enum watch_kind kind;
	bool is_dead;
	void *arg;
	union {
		bb_fd_cb on_fd;
		bb_cb on_fire;
		bb_hook_cb on_hook;
		bb_discontinuity_cb on_discontinuity;
	};
	/* WATCH_EVENT: descriptor or signal. */
	struct event *event;
	/* WATCH_TIMER: place in the heap; `seq` keeps equal deadlines in order of making. Period 0:
	 * once. */
	uint64_t deadline_ms, seq;
	uint64_t period_ms;
	size_t heap_at;
	/* WATCH_DISCONTINUITY */
	uint64_t max_away_ms;
};

TAILQ_HEAD(watch_list, bb_watch);

struct bb_loop {
	struct event_base *base;
	struct event *wake;
	int timer_fd;
	/* When timer_fd fires; 0: not armed. */
	uint64_t armed_ms;
	struct watch_list lists[WATCH_DISCONTINUITY + 1];
	/* Freed at the end of the turn: callers may still be on the stack. */
	struct watch_list dead;
	struct bb_watch **heap;
	size_t n_heap, heap_cap;
	uint64_t next_seq, turns, now_ms;
	bool is_stopped, is_turning;
	/* The clocks were compared since this turn's wait. */
	bool has_compared;
	/* A hook or discontinuity watch was cancelled. */
	bool has_dead_walked;
	/* Clocks at the last comparison. */
	struct {
		uint64_t boot_ms, mono_ms, real_us;
		bool is_set;
	} last;
};

/* ---- timer heap ---- */

static bool timer_before(const struct bb_watch *a, const struct bb_watch *b)
{
	return a->deadline_ms != b->deadline_ms ? a->deadline_ms < b->deadline_ms : a->seq < b->seq;
}

static void heap_set(struct bb_loop *l, size_t i, struct bb_watch *w)
{
	l->heap[i] = w;
	w->heap_at = i;
}

static void heap_sift(struct bb_loop *l, size_t i)
{
	struct bb_watch *w = l->heap[i];

	for (; i > 0 && timer_before(w, l->heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap_set(l, i, l->heap[(i - 1) / 2]);
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < l->n_heap && timer_before(l->heap[child + 1], l->heap[child]))
			child++;
		if (child >= l->n_heap || !timer_before(l->heap[child], w))
			break;
		heap_set(l, i, l->heap[child]);
		i = child;
	}
	heap_set(l, i, w);
}

static void heap_add(struct bb_loop *l, struct bb_watch *w)
{
	if (l->n_heap == l->heap_cap) {
		l->heap_cap = l->heap_cap ? 2 * l->heap_cap : 64;
		l->heap = bb_realloc(l->heap, l->heap_cap * sizeof(struct bb_watch *));
	}
	l->n_heap++;
	heap_set(l, l->n_heap - 1, w);
	heap_sift(l, l->n_heap - 1);
}

static void heap_remove(struct bb_loop *l, struct bb_watch *w)
{
	size_t i = w->heap_at;

	l->n_heap--;
	if (i == l->n_heap)
		return;
	heap_set(l, i, l->heap[l->n_heap]);
	heap_sift(l, i);
}

/* ---- comparing the clocks ---- */

static void discontinuities_tell(struct bb_loop *l, uint64_t suspend_ms, uint64_t gap_ms,
	int64_t step_us)
{
	struct bb_watch *w;

	if (step_us > -WALL_STEP_US && step_us < WALL_STEP_US)
		step_us = 0;
	TAILQ_FOREACH(w, &l->lists[WATCH_DISCONTINUITY], link) {
		bool was_away = suspend_ms > SUSPEND_MS || gap_ms > w->max_away_ms;
		uint64_t away_ms = was_away ? gap_ms + suspend_ms : 0;

		if (!w->is_dead && (away_ms > 0 || step_us != 0))
			w->on_discontinuity(w->arg, away_ms, step_us);
	}
}

static void clocks_compare(struct bb_loop *l)
{
	uint64_t mono_ms = bb_clock_mono_ms(), boot_ms = bb_clock_boot_ms(),
		 real_us = bb_clock_real_us();
	bool is_first = !l->last.is_set;
	uint64_t gap_ms = mono_ms - l->last.mono_ms;
	int64_t boot_gap_ms = (int64_t)(boot_ms - l->last.boot_ms);
	int64_t suspend_ms = boot_gap_ms - (int64_t)gap_ms;
	int64_t step_us = (int64_t)(real_us - l->last.real_us) - boot_gap_ms * 1000;

	l->now_ms = mono_ms;
	l->last.mono_ms = mono_ms;
	l->last.boot_ms = boot_ms;
	l->last.real_us = real_us;
	l->last.is_set = true;
	if (!is_first)
		discontinuities_tell(l, suspend_ms > 0 ? (uint64_t)suspend_ms : 0, gap_ms, step_us);
}

/* Before the first callback after a wait. */
static void compare_once(struct bb_loop *l)
{
	if (l->has_compared)
		return;
	l->has_compared = true;
	clocks_compare(l);
}

/* ---- life of a watch ---- */

static struct bb_watch *watch_new(struct bb_loop *l, enum watch_kind kind, void *arg)
{
	struct bb_watch *w = bb_calloc(1, sizeof(*w));

	w->loop = l;
	w->kind = kind;
	w->arg = arg;
	TAILQ_INSERT_TAIL(&l->lists[kind], w, link);
	return w;
}

/* Walks over hooks and discontinuity watches may be under way, so those two stay in their list,
 * marked, until the turn ends. */
void bb_loop_cancel(struct bb_watch *w)
{
	struct bb_loop *l;

	if (!w || w->is_dead)
		return;
	l = w->loop;
	w->is_dead = true;
	if (w->kind == WATCH_HOOK || w->kind == WATCH_DISCONTINUITY) {
		l->has_dead_walked = true;
		return;
	}
	if (w->event)
		event_del(w->event);
	else
		heap_remove(l, w);
	TAILQ_REMOVE(&l->lists[w->kind], w, link);
	TAILQ_INSERT_TAIL(&l->dead, w, link);
}

static void watch_free(struct watch_list *list, struct bb_watch *w)
{
	TAILQ_REMOVE(list, w, link);
	if (w->event)
		event_free(w->event);
	free(w);
}

static void list_reap(struct watch_list *list)
{
	struct bb_watch *w, *next;

	for (w = TAILQ_FIRST(list); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->is_dead)
			watch_free(list, w);
	}
}

static void dead_reap(struct bb_loop *l)
{
	list_reap(&l->dead);
	if (!l->has_dead_walked)
		return;
	l->has_dead_walked = false;
	list_reap(&l->lists[WATCH_HOOK]);
	list_reap(&l->lists[WATCH_DISCONTINUITY]);
}

/* ---- making watches ---- */

static void fd_ready(int fd, short what, void *arg)
{
	struct bb_watch *w = arg;

	compare_once(w->loop);
	if (!w->is_dead)
		w->on_fd(w->arg, fd,
			((what & EV_READ) ? BB_READ : 0) | ((what & EV_WRITE) ? BB_WRITE : 0));
}

static void signal_came(int signo, short what, void *arg)
{
	struct bb_watch *w = arg;

	compare_once(w->loop);
	if (!w->is_dead)
		w->on_fire(w->arg);
}

static short event_flags(int what)
{
	return (short)(EV_PERSIST | ((what & BB_READ) ? EV_READ : 0) |
		       ((what & BB_WRITE) ? EV_WRITE : 0));
}

struct bb_watch *bb_loop_add_fd(struct bb_loop *l, int fd, int what, bb_fd_cb cb, void *arg)
{
	struct bb_watch *w = watch_new(l, WATCH_EVENT, arg);

	w->on_fd = cb;
	w->event = event_new(l->base, fd, event_flags(what), fd_ready, w);
	bb_assert(w->event && (what == 0 || event_add(w->event, NULL) == 0));
	return w;
}

void bb_loop_set_fd(struct bb_watch *w, int what)
{
	if (w->is_dead)
		return;
	event_del(w->event);
	bb_assert(event_assign(w->event, w->loop->base, event_get_fd(w->event), event_flags(what),
			  fd_ready, w) == 0);
	bb_assert(what == 0 || event_add(w->event, NULL) == 0);
}

static struct bb_watch *timer_new(struct bb_loop *l, uint64_t ms, uint64_t period_ms, bb_cb cb,
	void *arg)
{
	struct bb_watch *w = watch_new(l, WATCH_TIMER, arg);
	uint64_t now_ms = bb_clock_mono_ms();

	w->on_fire = cb;
	w->deadline_ms = ms < UINT64_MAX - now_ms ? now_ms + ms : UINT64_MAX;
	w->period_ms = period_ms;
	w->seq = l->next_seq++;
	heap_add(l, w);
	return w;
}

struct bb_watch *bb_loop_after(struct bb_loop *l, uint64_t ms, bb_cb cb, void *arg)
{
	return timer_new(l, ms, 0, cb, arg);
}

struct bb_watch *bb_loop_every(struct bb_loop *l, uint64_t ms, bb_cb cb, void *arg)
{
	bb_assert(ms > 0);
	return timer_new(l, ms, ms, cb, arg);
}

struct bb_watch *bb_loop_on_signal(struct bb_loop *l, int signo, bb_cb cb, void *arg)
{
	struct bb_watch *w = watch_new(l, WATCH_EVENT, arg);

	w->on_fire = cb;
	w->event = evsignal_new(l->base, signo, signal_came, w);
	bb_assert(w->event && event_add(w->event, NULL) == 0);
	return w;
}

struct bb_watch *bb_loop_add_hook(struct bb_loop *l, bb_hook_cb cb, void *arg)
{
	struct bb_watch *w = watch_new(l, WATCH_HOOK, arg);

	w->on_hook = cb;
	return w;
}

struct bb_watch *bb_loop_on_discontinuity(struct bb_loop *l, uint64_t max_away_ms,
	bb_discontinuity_cb cb, void *arg)
{
	struct bb_watch *w = watch_new(l, WATCH_DISCONTINUITY, arg);

	w->on_discontinuity = cb;
	w->max_away_ms = max_away_ms ? max_away_ms : AWAY_DEFAULT_MS;
	return w;
}

/* ---- the turn ---- */

static bool hooks_run(struct bb_loop *l)
{
	bool is_busy = false;
	struct bb_watch *w;

	TAILQ_FOREACH(w, &l->lists[WATCH_HOOK], link) {
		if (!w->is_dead && w->on_hook(w->arg))
			is_busy = true;
	}
	return is_busy;
}

/* A periodic timer keeps its phase; rounds that were missed are not made up for. */
static void timer_renew(struct bb_loop *l, struct bb_watch *w)
{
	w->deadline_ms += w->period_ms;
	if (w->deadline_ms <= l->now_ms)
		w->deadline_ms +=
			(l->now_ms - w->deadline_ms) / w->period_ms * w->period_ms + w->period_ms;
	w->seq = l->next_seq++;
	heap_sift(l, w->heap_at);
}

/* Timers made by these callbacks wait for the next turn, so that bb_loop_after(0) cannot starve the
 * descriptors. */
static void timers_run(struct bb_loop *l)
{
	uint64_t seq_end = l->next_seq;

	while (l->n_heap > 0 && l->heap[0]->deadline_ms <= l->now_ms && l->heap[0]->seq < seq_end) {
		struct bb_watch *w = l->heap[0];

		if (w->period_ms > 0)
			timer_renew(l, w);
		w->on_fire(w->arg);
		if (w->period_ms == 0)
			bb_loop_cancel(w);
	}
}

/* Let timer_fd fire at `deadline_ms` or before. An earlier firing only costs a turn; setting it
 * each turn would cost more. */
static void timer_fd_arm(struct bb_loop *l, uint64_t now_ms, uint64_t deadline_ms)
{
	uint64_t wait_ms = deadline_ms - now_ms;
	struct itimerspec at = { 0 };

	if (l->armed_ms > now_ms && l->armed_ms <= deadline_ms)
		return;
	at.it_value.tv_sec = (time_t)(wait_ms / 1000);
	at.it_value.tv_nsec = (long)(wait_ms % 1000) * 1000000;
	bb_assert(timerfd_settime(l->timer_fd, 0, &at, NULL) == 0);
	l->armed_ms = deadline_ms;
}

/* Setting the timer again clears its readiness, so nothing is read. */
static void timer_fd_fired(int fd, short what, void *arg)
{
	struct bb_loop *l = arg;

	l->armed_ms = 0;
}

static void wait_and_dispatch(struct bb_loop *l, uint64_t max_wait_ms, bool is_busy)
{
	uint64_t now_ms = bb_clock_mono_ms();
	uint64_t deadline_ms = now_ms + (max_wait_ms < WAIT_MAX_MS ? max_wait_ms : WAIT_MAX_MS);

	if (l->n_heap > 0 && l->heap[0]->deadline_ms < deadline_ms)
		deadline_ms = l->heap[0]->deadline_ms;
	if (is_busy || l->is_stopped || deadline_ms <= now_ms) {
		event_base_loop(l->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		return;
	}
	timer_fd_arm(l, now_ms, deadline_ms);
	event_base_loop(l->base, EVLOOP_ONCE);
}

void bb_loop_turn(struct bb_loop *l, uint64_t max_wait_ms)
{
	bool is_busy;

	bb_assert(!l->is_turning);
	l->is_turning = true;
	clocks_compare(l);
	is_busy = hooks_run(l);
	l->has_compared = false;
	wait_and_dispatch(l, max_wait_ms, is_busy);
	/* Again: the descriptors' callbacks may have taken long, or the process may have been
	 * stopped in them. */
	clocks_compare(l);
	timers_run(l);
	dead_reap(l);
	l->turns++;
	l->is_turning = false;
}

int bb_loop_run(struct bb_loop *l)
{
	while (!l->is_stopped)
		bb_loop_turn(l, WAIT_MAX_MS);
	l->is_stopped = false;
	return 0;
}

void bb_loop_stop(struct bb_loop *l)
{
	l->is_stopped = true;
}

uint64_t bb_loop_now_ms(struct bb_loop *l)
{
	return l->last.is_set ? l->now_ms : bb_clock_mono_ms();
}

uint64_t bb_loop_turns(const struct bb_loop *l)
{
	return l->turns;
}

struct event_base *bb_loop_base(struct bb_loop *l)
{
	return l->base;
}

/* ---- life of the loop ---- */

struct bb_loop *bb_loop_new(struct bb_err *err)
{
	struct bb_loop *l = bb_calloc(1, sizeof(*l));

	for (size_t i = 0; i < sizeof(l->lists) / sizeof(l->lists[0]); i++)
		TAILQ_INIT(&l->lists[i]);
	TAILQ_INIT(&l->dead);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	l->base = event_base_new();
	if (l->timer_fd < 0 || !l->base) {
		bb_err_errno(err, "cannot make the event loop");
		bb_loop_free(l);
		return NULL;
	}
	l->wake = event_new(l->base, l->timer_fd, EV_READ | EV_PERSIST, timer_fd_fired, l);
	bb_assert(l->wake && event_add(l->wake, NULL) == 0);
	return l;
}

void bb_loop_free(struct bb_loop *l)
{
	struct bb_watch *w;

	if (!l)
		return;
	for (size_t i = 0; i < sizeof(l->lists) / sizeof(l->lists[0]); i++) {
		while ((w = TAILQ_FIRST(&l->lists[i])))
			watch_free(&l->lists[i], w);
	}
	while ((w = TAILQ_FIRST(&l->dead)))
		watch_free(&l->dead, w);
	if (l->wake)
		event_free(l->wake);
	if (l->base)
		event_base_free(l->base);
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	free(l->heap);
	free(l);
}
