// SPDX-License-Identifier: Apache-2.0
#include "busd/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/sock.h"
#include "common/str.h"
#include "common/wire.h"

enum {
	JOBS_MAX = 64,
	ROWS_PER_TURN = 200,
	FULL_WAIT_MS = 10, /* every asker's queue is full */
	GIVE_UP_MS = 10000,
	ADDRESS_MAX = 32,
	PREFIX_MAX = 512,
};

struct job {
	uint8_t address[ADDRESS_MAX];
	size_t address_len;
	char prefix[PREFIX_MAX];
	uint64_t request_id;
	size_t left; /* rows of the cache not looked at yet: from the last to the first */
	uint32_t rows;
	uint64_t progress_ms;
};

struct snapshot {
	struct bb_loop *loop;
	struct cache *cache;
	struct bb_sock *sock;
	struct bb_watch *timer; /* while there are jobs */
	struct bb_arena *arena;
	struct job jobs[JOBS_MAX];
	size_t n_jobs;
	uint64_t served;
};

enum progress { STUCK, MOVED, ENDED };

/* The envelope at the time of this row: what was sampled elsewhere has grown older since, what was
 * confirmed is younger. */
static struct bb_frame present_envelope(struct snapshot *s, const struct cache_row *row)
{
	struct bb_frame f = { row->envelope, row->envelope_len };
	Busbar__V1__Envelope copy;
	const Busbar__V1__Envelope *e;
	uint64_t age_ms, newer_ms = row->newer_ns / 1000000;

	bb_arena_reset(s->arena);
	e = row->is_foreign || row->newer_ns
		    ? bb_unpack_envelope(s->arena, row->envelope, row->envelope_len, NULL)
		    : NULL;
	if (!e)
		return f;
	copy = *e;
	copy.sampled_boot_ns += row->newer_ns;
	age_ms = e->age_ms + (bb_clock_boot_ms() - row->at_ms);
	age_ms = age_ms > newer_ms ? age_ms - newer_ms : 0;
	copy.has_age_ms = 1;
	copy.age_ms = age_ms < UINT32_MAX ? (uint32_t)age_ms : UINT32_MAX;
	f.data = bb_pack(s->arena, &copy, &f.len);
	return f;
}

/* Returns 0, or -1 with errno as bb_sock_send. */
static int send_row(struct snapshot *s, struct job *j, size_t i)
{
	struct cache_row row;
	struct bb_frame frames[4] = { { j->address, j->address_len } };

	cache_row(s->cache, i, &row);
	if (strncmp(row.topic, j->prefix, strlen(j->prefix)) != 0)
		return 0;
	frames[1] = (struct bb_frame){ row.topic, strlen(row.topic) };
	frames[2] = present_envelope(s, &row);
	frames[3] = (struct bb_frame){ row.body, row.body_len };
	if (bb_sock_send(s->sock, frames, 4) < 0)
		return -1;
	j->rows++;
	return 0;
}

static int send_end(struct snapshot *s, struct job *j)
{
	Busbar__V1__SnapEnd end = BUSBAR__V1__SNAP_END__INIT;
	struct bb_frame frames[2] = { { j->address, j->address_len } };

	end.has_request_id = end.has_rows = 1;
	end.request_id = j->request_id;
	end.rows = j->rows;
	bb_arena_reset(s->arena);
	frames[1].data = bb_pack(s->arena, &end, &frames[1].len);
	return bb_sock_send(s->sock, frames, 2);
}

static enum progress work(struct snapshot *s, struct job *j)
{
	enum progress p = STUCK;

	/* Rows can have been forgotten meanwhile; the last ones then took their places and were
	 * sent already. */
	if (j->left > cache_count(s->cache))
		j->left = cache_count(s->cache);
	for (int n = 0; n < ROWS_PER_TURN && j->left; n++) {
		if (send_row(s, j, j->left - 1) < 0)
			return errno == EAGAIN ? p : ENDED;
		j->left--;
		p = MOVED;
	}
	if (j->left)
		return p;
	if (send_end(s, j) < 0)
		return errno == EAGAIN ? p : ENDED;
	s->served++;
	return ENDED;
}

static void on_timer(void *arg)
{
	struct snapshot *s = arg;
	uint64_t now_ms = bb_loop_now_ms(s->loop);
	bool moved = false;

	s->timer = NULL;
	for (size_t i = s->n_jobs; i-- > 0;) {
		struct job *j = &s->jobs[i];
		enum progress p = work(s, j);

		if (p == MOVED) {
			j->progress_ms = now_ms;
			moved = true;
		} else if (p == ENDED || now_ms - j->progress_ms > GIVE_UP_MS) {
			*j = s->jobs[--s->n_jobs];
		}
	}
	if (s->n_jobs)
		s->timer = bb_loop_after(s->loop, moved ? 0 : FULL_WAIT_MS, on_timer, s);
}

static struct job *job_for(struct snapshot *s, const struct bb_frame *address)
{
	for (size_t i = 0; i < s->n_jobs; i++) {
		if (s->jobs[i].address_len == address->len &&
			memcmp(s->jobs[i].address, address->data, address->len) == 0)
			return &s->jobs[i];
	}
	return s->n_jobs < JOBS_MAX ? &s->jobs[s->n_jobs++] : NULL;
}

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct snapshot *s = arg;
	const Busbar__V1__SnapRequest *rq;
	struct job *j;

	bb_arena_reset(s->arena);
	rq = n == 2 && frames[0].len <= ADDRESS_MAX
		     ? bb_unpack_snap_request(s->arena, frames[1].data, frames[1].len, NULL)
		     : NULL;
	if (!rq || strlen(rq->prefix) >= PREFIX_MAX)
		return;
	j = job_for(s, &frames[0]);
	if (!j)
		return; /* it asks again */
	*j = (struct job){ .address_len = frames[0].len,
		.request_id = rq->request_id,
		.left = cache_count(s->cache) };
	memcpy(j->address, frames[0].data, frames[0].len);
	bb_copy(j->prefix, sizeof(j->prefix), rq->prefix);
	j->progress_ms = bb_loop_now_ms(s->loop);
	if (!s->timer)
		s->timer = bb_loop_after(s->loop, 0, on_timer, s);
}

struct snapshot *snapshot_new(struct bb_bus *b, struct bb_loop *loop, struct cache *c,
	struct bb_err *err)
{
	struct snapshot *s = bb_calloc(1, sizeof(*s));
	struct bb_sock_options o = { .type = BB_SOCK_ROUTER, .message = on_message, .arg = s };

	s->loop = loop;
	s->cache = c;
	s->arena = bb_arena_new(4096, 4 * BB_WIRE_MAX);
	s->sock = bb_sock_new(b, &o, err);
	if (!s->sock || bb_sock_bind(s->sock, "busd.snap", err) < 0) {
		snapshot_free(s);
		return NULL;
	}
	return s;
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	bb_loop_cancel(s->timer);
	bb_sock_free(s->sock);
	bb_arena_free(s->arena);
	free(s);
}

uint64_t snapshot_served(const struct snapshot *s)
{
	return s->served;
}
