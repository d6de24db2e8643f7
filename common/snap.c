// SPDX-License-Identifier: Apache-2.0
/* The asking side of a snapshot: idle -> (waiting for its turn) -> running -> idle. A socket
 * lives for one attempt, so rows of an attempt that was given up cannot mix with the next one's. */
#include <stdlib.h>
#include <string.h>

#include "common/bus_int.h"
#include "common/clock.h"
#include "common/str.h"

enum {
	SPACE_MAX_MS = 30000,
	CALM_MS = 60000, /* no snapshot needed for so long: the spacing starts anew */
	ROWS_HWM = 200000,
};

struct bb_snap {
	struct bb_bus *bus;
	struct bb_snap_options options;
	char leaf[80];
	struct bb_arena *arena;
	struct bb_sock *sock;          /* not NULL while running */
	struct bb_watch *retry, *wait; /* running: no answer; waiting: next attempt allowed */
	size_t prefix;                 /* index of the one being served */
	uint64_t request_id;
	uint32_t rows;
	uint64_t asked_ns;
	uint64_t progress_ms;
	uint64_t done_ms, space_ms; /* 0: never */
	bool is_asked_again;
};

static void start(struct bb_snap *s);

static void stop_timer(struct bb_watch **w)
{
	bb_loop_cancel(*w);
	*w = NULL;
}

static void finish(struct bb_snap *s)
{
	stop_timer(&s->retry);
	bb_sock_free(s->sock);
	s->sock = NULL;
}

static void send_request(struct bb_snap *s)
{
	Busbar__V1__SnapRequest rq = BUSBAR__V1__SNAP_REQUEST__INIT;
	struct bb_frame f;

	rq.prefix = (char *)s->options.prefixes[s->prefix];
	rq.has_request_id = 1;
	rq.request_id = ++s->request_id;
	s->rows = 0;
	s->asked_ns = bb_clock_boot_ns();
	bb_arena_reset(s->arena);
	f.data = bb_pack(s->arena, &rq, &f.len);
	bb_sock_send(s->sock, &f,
		1); /* queued; should it get lost all the same, the retry timer asks again */
}

static void on_retry(void *arg)
{
	struct bb_snap *s = arg;
	uint64_t idle_ms = bb_loop_now_ms(s->bus->loop) - s->progress_ms;

	s->retry = NULL;
	if (idle_ms < s->bus->times.snap_retry_ms) {
		s->retry = bb_loop_after(s->bus->loop, s->bus->times.snap_retry_ms - idle_ms,
			on_retry, s);
		return;
	}
	finish(s);
	start(s);
}

static void on_end(struct bb_snap *s, const struct bb_frame *f)
{
	const Busbar__V1__SnapEnd *end;

	bb_arena_reset(s->arena);
	end = bb_unpack_snap_end(s->arena, f->data, f->len, NULL);
	if (!end || end->request_id != s->request_id || end->rows != s->rows)
		return; /* incomplete: silence follows, and the retry */
	if (s->options.prefixes[s->prefix + 1]) {
		s->prefix++;
		send_request(s);
		return;
	}
	finish(s);
	s->done_ms = bb_loop_now_ms(s->bus->loop);
	s->options.done(s->options.arg);
	if (s->is_asked_again)
		bb_snap_ask(s);
}

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_snap *s = arg;

	s->progress_ms = bb_loop_now_ms(s->bus->loop);
	if (n == 1)
		on_end(s, frames);
	if (n != 3)
		return;
	s->rows++;
	s->options.row(s->options.arg, frames, s->asked_ns);
}

static void start(struct bb_snap *s)
{
	struct bb_sock_options o = { .type = BB_SOCK_DEALER,
		.early = true,
		.hwm = ROWS_HWM,
		.message = on_message,
		.arg = s };

	s->is_asked_again = false;
	s->prefix = 0;
	s->progress_ms = bb_loop_now_ms(s->bus->loop);
	s->retry = bb_loop_after(s->bus->loop, s->bus->times.snap_retry_ms, on_retry, s);
	s->sock = bb_sock_new(s->bus, &o, NULL);
	if (!s->sock || bb_sock_connect(s->sock, s->leaf, NULL) < 0) {
		bb_sock_free(s->sock); /* out of sockets: the retry timer tries again */
		s->sock = NULL;
		return;
	}
	send_request(s);
}

static void on_wait(void *arg)
{
	struct bb_snap *s = arg;

	s->wait = NULL;
	start(s);
}

/* Snapshots that follow each other closely mean overload, which they must not feed. */
static uint64_t wait_ms(struct bb_snap *s)
{
	uint64_t since_ms = bb_loop_now_ms(s->bus->loop) - s->done_ms;

	if (!s->done_ms || since_ms > CALM_MS) {
		s->space_ms = s->bus->times.snap_space_ms;
		return 0;
	}
	if (since_ms >= s->space_ms)
		return 0;
	uint64_t left_ms = s->space_ms - since_ms;

	s->space_ms = s->space_ms * 2 < SPACE_MAX_MS ? s->space_ms * 2 : SPACE_MAX_MS;
	return left_ms;
}

void bb_snap_ask(struct bb_snap *s)
{
	uint64_t ms;

	if (s->retry) {
		s->is_asked_again = true;
		return;
	}
	if (s->wait)
		return;
	ms = wait_ms(s);
	if (ms)
		s->wait = bb_loop_after(s->bus->loop, ms, on_wait, s);
	else
		start(s);
}

void bb_snap_stop(struct bb_snap *s)
{
	stop_timer(&s->wait);
	finish(s);
	s->is_asked_again = false;
}

struct bb_snap *bb_snap_new(struct bb_bus *b, const struct bb_snap_options *o)
{
	struct bb_snap *s = bb_calloc(1, sizeof(*s));

	s->bus = b;
	s->options = *o;
	s->arena = bb_arena_new(1024, 0);
	bb_copy(s->leaf, sizeof(s->leaf), o->leaf);
	return s;
}

void bb_snap_free(struct bb_snap *s)
{
	if (!s)
		return;
	bb_snap_stop(s);
	bb_arena_free(s->arena);
	free(s);
}
