// SPDX-License-Identifier: Apache-2.0
/* The owner's side of the log plane; see pull.h. A connection (ROUTER address) has a position in
 * the journal; a consumer (name) has a durable cursor and outlives its connections. */
#include "common/pull.h"

#include <stdlib.h>
#include <string.h>

#include "common/bus_int.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "common/table.h"

enum {
	CONNECTIONS_MAX = 64,
	CONSUMERS_MAX = 24, /* below the journal's cursors, some of which are its owner's */
	CREDIT_MAX = 1024,
	BATCH_RECORDS = 256,
	BATCH_BYTES = 256 * 1024,
	SILENT_MS = 30000, /* a connection that does not pull for so long is forgotten */
	SWEEP_MS = 5000,
};

struct connection {
	uint8_t address[64];
	size_t address_len;
	uint64_t sent, done; /* jseq */
	uint32_t credit;
	bool restart; /* to be told with the next batch */
	uint64_t pulled_ms;
};

struct bb_pull_server {
	struct bb_loop *loop;
	struct bb_journal *journal;
	struct bb_sock *sock;
	struct bb_watch *sweep;
	struct bb_table *connections;
	struct bb_arena *arena;
	struct bb_consumer_info consumer[CONSUMERS_MAX];
	uint64_t pulled_ms[CONSUMERS_MAX];
	size_t consumers;
	struct bb_log_limit limit;
};

struct batch {
	Busbar__V1__LogBatch msg;
	Busbar__V1__LogRecord *record[BATCH_RECORDS];
	struct bb_arena *arena;
	size_t bytes;
};

static bool batch_add(void *arg, const struct bb_record *r)
{
	struct batch *b = arg;
	Busbar__V1__LogRecord *m = bb_arena_alloc(b->arena, sizeof(*m));

	busbar__v1__log_record__init(m);
	m->has_jseq = m->has_type = m->has_body = 1;
	m->jseq = r->jseq;
	m->type = r->type;
	m->body.len = r->len;
	m->body.data = bb_arena_memdup(b->arena, r->data, r->len);
	m->has_volatile_record = m->volatile_record = !r->durable;
	b->record[b->msg.n_record++] = m;
	b->bytes += r->len;
	return b->bytes < BATCH_BYTES;
}

/* Send one batch. Returns 1 when there may be more, 0 when there is not, -1 when the peer is
 * gone. */
static int send_batch(struct bb_pull_server *s, struct connection *c)
{
	struct batch b = { .arena = s->arena };
	struct bb_frame f[2] = { { c->address, c->address_len } };
	uint64_t in_flight = c->sent - c->done;
	size_t room = in_flight < c->credit ? (size_t)(c->credit - in_flight) : 0;
	struct bb_err err = { 0 };
	uint64_t repeats;

	bb_arena_reset(s->arena);
	busbar__v1__log_batch__init(&b.msg);
	b.msg.record = b.record;
	room = room < BATCH_RECORDS ? room : BATCH_RECORDS;
	if (room && bb_journal_read(s->journal, c->sent, room, batch_add, &b, &err) < 0) {
		if (bb_log_due(&s->limit, err.text, &repeats))
			bb_log(EV_NOTE, BB_ERRTEXT(&err), BB_UINT("repeats", repeats));
	}
	b.msg.has_journal_id = b.msg.has_head_jseq = 1;
	b.msg.journal_id = (ProtobufCBinaryData){ 16, (uint8_t *)bb_journal_id(s->journal) };
	b.msg.head_jseq = bb_journal_head(s->journal);
	b.msg.has_restart = b.msg.restart = c->restart;
	f[1].data = bb_pack(s->arena, &b.msg, &f[1].len);
	if (bb_sock_send(s->sock, f, 2) != 0)
		return -1;
	c->restart = false;
	if (b.msg.n_record)
		c->sent = b.record[b.msg.n_record - 1]->jseq;
	return b.msg.n_record == room && room > 0;
}

/* A peer whose queue is full is treated like one that is gone: it pulls again. */
static void serve(struct bb_pull_server *s, struct connection *c)
{
	int rc;

	do
		rc = send_batch(s, c);
	while (rc > 0);
	if (rc < 0) {
		bb_table_del_n(s->connections, c->address, c->address_len);
		free(c);
	}
}

static void on_commit(void *arg)
{
	struct bb_pull_server *s = arg;
	struct bb_table_iter i = { 0 };
	struct connection *c;

	while ((c = bb_table_next(s->connections, &i, NULL, NULL)))
		if (c->sent - c->done < c->credit)
			serve(s, c);
}

/* Where a new connection begins. A cursor of another journal, older than what is kept, or ahead
 * of what is there (a restored owner) starts anew and is told so. */
static void place(struct bb_pull_server *s, struct connection *c, const Busbar__V1__LogPull *p)
{
	uint64_t first = bb_journal_first(s->journal), head = bb_journal_head(s->journal);
	static const uint8_t none[16];
	bool is_first = p->journal_id.len != 16 || memcmp(p->journal_id.data, none, 16) == 0;
	bool is_ours = !is_first && memcmp(p->journal_id.data, bb_journal_id(s->journal), 16) == 0;

	c->sent = first - 1;
	c->restart = !is_first;
	if (is_ours && p->after_jseq > head) {
		c->sent = head;
	} else if (is_ours && p->after_jseq + 1 >= first) {
		c->sent = p->after_jseq;
		c->restart = false;
	}
	c->done = c->sent;
}

static struct bb_consumer_info *consumer_get(struct bb_pull_server *s, const char *name)
{
	for (size_t i = 0; i < s->consumers; i++)
		if (strcmp(s->consumer[i].name, name) == 0)
			return &s->consumer[i];
	if (s->consumers == CONSUMERS_MAX || strlen(name) >= sizeof(s->consumer[0].name))
		return NULL;
	struct bb_consumer_info *c = &s->consumer[s->consumers++];

	bb_copy(c->name, sizeof(c->name), name);
	c->durable_jseq = bb_journal_cursor_get(s->journal, name);
	return c;
}

/* Take over what the consumer has made durable, if it speaks of this journal and of records that
 * exist. */
static bool note_consumer(struct bb_pull_server *s, const Busbar__V1__LogPull *p)
{
	struct bb_consumer_info *c = consumer_get(s, p->consumer);

	if (!c)
		return false;
	s->pulled_ms[c - s->consumer] = bb_clock_mono_ms();
	if (p->journal_id.len == 16 &&
		memcmp(p->journal_id.data, bb_journal_id(s->journal), 16) == 0 &&
		p->durable_jseq <= bb_journal_head(s->journal))
		c->durable_jseq = p->durable_jseq;
	return bb_journal_cursor_set(s->journal, c->name, c->durable_jseq);
}

static struct connection *connection_new(struct bb_pull_server *s, const struct bb_frame *address,
	const Busbar__V1__LogPull *p)
{
	struct connection *c;

	if (bb_table_count(s->connections) >= CONNECTIONS_MAX || address->len > sizeof(c->address))
		return NULL;
	c = bb_calloc(1, sizeof(*c));
	memcpy(c->address, address->data, address->len);
	c->address_len = address->len;
	place(s, c, p);
	bb_table_put_n(s->connections, c->address, c->address_len, c);
	return c;
}

static void on_pull(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_pull_server *s = arg;
	const Busbar__V1__LogPull *p;
	struct connection *c;
	struct bb_err err = { 0 };
	uint64_t repeats;

	if (n != 2)
		return;
	bb_arena_reset(s->arena);
	p = bb_unpack_log_pull(s->arena, frames[1].data, frames[1].len, &err);
	if (p && !note_consumer(s, p))
		bb_err_set(&err, "too many log consumers, \"%s\" is refused", p->consumer);
	if (err.text[0]) {
		if (bb_log_due(&s->limit, err.text, &repeats))
			bb_log(EV_BUS_BAD, BB_ERRTEXT(&err), BB_UINT("repeats", repeats));
		return;
	}
	c = bb_table_get_n(s->connections, frames[0].data, frames[0].len);
	if (!c)
		c = connection_new(s, &frames[0], p);
	else if (p->done_jseq > c->done && p->done_jseq <= c->sent)
		c->done = p->done_jseq;
	if (!c)
		return;
	c->credit = p->credit && p->credit < CREDIT_MAX ? p->credit : CREDIT_MAX;
	c->pulled_ms = bb_clock_mono_ms();
	serve(s, c);
}

static void on_sweep(void *arg)
{
	struct bb_pull_server *s = arg;
	struct bb_table_iter i = { 0 };
	struct connection *c;

	while ((c = bb_table_next(s->connections, &i, NULL, NULL))) {
		if (bb_clock_mono_ms() - c->pulled_ms < SILENT_MS)
			continue;
		bb_table_del_n(s->connections, c->address, c->address_len);
		free(c);
	}
}

struct bb_pull_server *bb_pull_server_new(struct bb_bus *b, const char *leaf, struct bb_journal *j,
	struct bb_err *err)
{
	struct bb_pull_server *s = bb_calloc(1, sizeof(*s));
	struct bb_sock_options o = { .type = BB_SOCK_ROUTER, .message = on_pull, .arg = s };

	s->loop = b->loop;
	s->journal = j;
	s->connections = bb_table_new();
	s->arena = bb_arena_new(64 * 1024, 0);
	s->sock = bb_sock_new(b, &o, err);
	if (!s->sock || bb_sock_bind(s->sock, leaf, err) != 0) {
		bb_pull_server_free(s);
		return NULL;
	}
	s->sweep = bb_loop_every(s->loop, SWEEP_MS, on_sweep, s);
	bb_journal_on_commit(j, on_commit, s);
	return s;
}

void bb_pull_server_free(struct bb_pull_server *s)
{
	if (!s)
		return;
	bb_journal_off_commit(s->journal, on_commit, s);
	bb_loop_cancel(s->sweep);
	bb_sock_free(s->sock);
	bb_table_free(s->connections, free);
	bb_arena_free(s->arena);
	free(s);
}

size_t bb_pull_consumers(const struct bb_pull_server *s, struct bb_consumer_info *out, size_t max)
{
	size_t n = s->consumers < max ? s->consumers : max;

	for (size_t i = 0; i < n; i++) {
		out[i] = s->consumer[i];
		out[i].silent_ms = bb_clock_mono_ms() - s->pulled_ms[i];
	}
	return n;
}
