// SPDX-License-Identifier: Apache-2.0
/* The consumer's side of the log plane; see pull.h. A socket lives as long as answers come; a
 * new one begins after what was received, so that a batch of an earlier connection can only
 * repeat, never skip. */
#include "common/pull.h"

#include <stdlib.h>
#include <string.h>

#include "common/bus_int.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

enum {
	CREDIT = 1024,
	TICK_MS = 200, /* while the owner is away: the next try */
	PULL_MS = 1000,
	SILENT_MS = 5000,
};

struct bb_pull_client {
	struct bb_bus *bus;
	struct bb_pull_client_options o;
	char leaf[64], consumer[64];
	struct bb_sock *sock;
	struct bb_watch *tick, *soon;
	struct bb_arena *arena;
	uint8_t journal_id[16];
	uint64_t received; /* newest handed over that is durable at the owner */
	uint64_t done;     /* newest the owner of the client has dealt with */
	uint64_t head;
	uint64_t pulled_ms, answered_ms, opened_ms;
	bool has_answer, has_pulled;
	struct bb_log_limit limit;
};

static void send_pull(struct bb_pull_client *c)
{
	Busbar__V1__LogPull p = BUSBAR__V1__LOG_PULL__INIT;
	struct bb_frame f;

	if (!c->sock)
		return;
	p.consumer = c->consumer;
	p.has_journal_id = p.has_after_jseq = p.has_durable_jseq = p.has_credit = p.has_done_jseq =
		1;
	p.journal_id = (ProtobufCBinaryData){ sizeof(c->journal_id), c->journal_id };
	p.after_jseq = c->received;
	p.durable_jseq = c->done < c->received ? c->done : c->received;
	p.done_jseq = c->done;
	p.credit = CREDIT;
	bb_arena_reset(c->arena);
	f.data = bb_pack(c->arena, &p, &f.len);
	c->has_pulled = bb_sock_send(c->sock, &f, 1) == 0;
	if (c->has_pulled)
		c->pulled_ms = bb_clock_mono_ms();
}

/* ---- answers ---- */

static void take_restart(struct bb_pull_client *c, const Busbar__V1__LogBatch *b)
{
	uint64_t first = b->n_record ? b->record[0]->jseq : b->head_jseq + 1;

	memcpy(c->journal_id, b->journal_id.data, sizeof(c->journal_id));
	c->received = c->done = first - 1;
	c->o.restart(c->o.arg, c->journal_id, first);
}

/* Durable records come once. Volatile ones are handed over whenever they come: after a crash of
 * the owner another record may have the number, and nothing tells the two apart. */
static void take_record(struct bb_pull_client *c, const Busbar__V1__LogRecord *r)
{
	if (!r->volatile_record) {
		if (r->jseq <= c->received)
			return;
		c->received = r->jseq;
	}
	if (r->jseq <= c->done)
		c->done = r->jseq - 1;
	c->o.record(c->o.arg, c->journal_id, r->jseq, r->type, r->body.data, r->body.len,
		!r->volatile_record);
}

/* Numbers must grow inside a batch. */
static int check_batch(const Busbar__V1__LogBatch *b, struct bb_err *err)
{
	uint64_t at = 0;

	if (b->journal_id.len != 16)
		return bb_err_set(err, "a log batch has no journal id");
	for (size_t i = 0; i < b->n_record; i++) {
		if (b->record[i]->jseq <= at)
			return bb_err_set(err, "a log batch is out of order");
		at = b->record[i]->jseq;
	}
	return 0;
}

static void on_batch(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_pull_client *c = arg;
	static const uint8_t none[16];
	/* An arena of its own: the callbacks below may send. */
	struct bb_arena *a;
	const Busbar__V1__LogBatch *b;
	struct bb_err err = { 0 };
	uint64_t repeats;

	if (n != 1)
		return;
	a = bb_arena_new(frames[0].len + 1024, 0);
	b = bb_unpack_log_batch(a, frames[0].data, frames[0].len, &err);
	if (!b || check_batch(b, &err) != 0) {
		if (bb_log_due(&c->limit, err.text, &repeats))
			bb_log(EV_BUS_BAD, BB_ERRTEXT(&err), BB_UINT("repeats", repeats));
		goto out;
	}
	if (memcmp(c->journal_id, none, 16) == 0)
		memcpy(c->journal_id, b->journal_id.data, 16);
	else if (b->restart)
		take_restart(c, b);
	else if (memcmp(c->journal_id, b->journal_id.data, 16) != 0)
		goto out; /* left over from the owner's former journal */
	c->has_answer = true;
	c->answered_ms = bb_clock_mono_ms();
	c->head = b->head_jseq;
	for (size_t i = 0; i < b->n_record; i++)
		take_record(c, b->record[i]);
out:
	bb_arena_free(a);
}

/* ---- connection ---- */

static void open_socket(struct bb_pull_client *c)
{
	struct bb_sock_options o = { .type = BB_SOCK_DEALER, .message = on_batch, .arg = c };
	struct bb_err err = { 0 };
	uint64_t repeats;

	bb_sock_free(c->sock);
	c->has_pulled = false;
	c->opened_ms = bb_clock_mono_ms();
	c->sock = bb_sock_new(c->bus, &o, &err);
	if (c->sock && bb_sock_connect(c->sock, c->leaf, &err) == 0)
		return;
	if (bb_log_due(&c->limit, err.text, &repeats))
		bb_log(EV_NOTE, BB_ERRTEXT(&err), BB_UINT("repeats", repeats));
	bb_sock_free(c->sock);
	c->sock = NULL;
}

static void on_tick(void *arg)
{
	struct bb_pull_client *c = arg;
	uint64_t now = bb_clock_mono_ms();
	uint64_t alive = c->answered_ms > c->opened_ms ? c->answered_ms : c->opened_ms;

	if (now - alive >= SILENT_MS)
		open_socket(c);
	if (!c->has_pulled || now - c->pulled_ms >= PULL_MS)
		send_pull(c);
}

static void on_soon(void *arg)
{
	struct bb_pull_client *c = arg;

	c->soon = NULL;
	send_pull(c);
}

struct bb_pull_client *bb_pull_client_new(struct bb_bus *b, const struct bb_pull_client_options *o,
	struct bb_err *err)
{
	struct bb_pull_client *c = bb_calloc(1, sizeof(*c));
	char endpoint[160];

	c->bus = b;
	c->o = *o;
	memcpy(c->journal_id, o->journal_id, sizeof(c->journal_id));
	c->received = c->done = o->after_jseq;
	if (!bb_copy(c->leaf, sizeof(c->leaf), o->leaf) ||
		!bb_copy(c->consumer, sizeof(c->consumer), o->consumer) ||
		bb_bus_endpoint(b, c->leaf, endpoint, sizeof(endpoint), err) != 0) {
		free(c);
		return NULL;
	}
	c->arena = bb_arena_new(1024, 0);
	open_socket(c);
	c->tick = bb_loop_every(b->loop, TICK_MS, on_tick, c);
	c->soon = bb_loop_after(b->loop, 0, on_soon, c);
	return c;
}

void bb_pull_client_free(struct bb_pull_client *c)
{
	if (!c)
		return;
	bb_loop_cancel(c->tick);
	bb_loop_cancel(c->soon);
	bb_sock_free(c->sock);
	bb_arena_free(c->arena);
	free(c);
}

void bb_pull_client_durable(struct bb_pull_client *c, uint64_t jseq)
{
	if (jseq <= c->done)
		return;
	c->done = jseq;
	/* Many records become durable in one turn: one pull tells of all. */
	if (!c->soon)
		c->soon = bb_loop_after(c->bus->loop, 0, on_soon, c);
}

uint64_t bb_pull_client_head(const struct bb_pull_client *c)
{
	return c->head;
}

bool bb_pull_client_connected(const struct bb_pull_client *c)
{
	return c->has_answer && bb_clock_mono_ms() - c->answered_ms < SILENT_MS;
}
