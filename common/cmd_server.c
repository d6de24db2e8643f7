// SPDX-License-Identifier: Apache-2.0
/* The answering side. A key is either being worked on (its repeats wait for the same answer), or
 * answered (its repeats get the kept answer), or new. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/bus_int.h"
#include "common/clock.h"
#include "common/cmd.h"
#include "common/cmd_int.h"
#include "common/str.h"
#include "common/table.h"

enum {
	HELLO_SOON_MS = 50, /* while busd is not connected */
	CALLS_MAX = 1000,   /* being worked on */
	ASKERS_MAX = 8,
	KEPT_MAX = 10000,
	KEPT_BYTES_MAX = 16 * 1024 * 1024,
	KEPT_REPLY_MAX = 64 * 1024,
	TEXT_MAX = 1024,
};
#define KEPT_MS (7ull * 24 * 3600 * 1000)

struct kept {
	TAILQ_ENTRY(kept) link; /* oldest first */
	uint8_t key[BB_CMD_KEY_BYTES];
	uint64_t at_ms;
	size_t len;
	uint8_t body[];
};

TAILQ_HEAD(kept_list, kept);

struct asker {
	uint8_t address[BB_CMD_ADDRESS_MAX];
	size_t len;
};

struct bb_cmd_call {
	struct bb_cmd_server *server;
	struct bb_arena *arena; /* the request */
	uint8_t key[BB_CMD_KEY_BYTES];
	struct asker askers[ASKERS_MAX];
	size_t n_askers;
};

struct bb_cmd_server {
	struct bb_bus *bus;
	struct bb_sock *sock;
	struct bb_watch *timer;
	bb_cmd_handler handler;
	void *arg;
	struct bb_table *calls; /* key -> struct bb_cmd_call */
	struct bb_table *kept;  /* key -> struct kept */
	struct kept_list order;
	size_t kept_bytes;
};

/* ---- kept replies ---- */

static void forget(struct bb_cmd_server *s, struct kept *k)
{
	TAILQ_REMOVE(&s->order, k, link);
	bb_table_del_n(s->kept, k->key, sizeof(k->key));
	s->kept_bytes -= k->len;
	free(k);
}

static void forget_old(struct bb_cmd_server *s)
{
	uint64_t now_ms = bb_clock_boot_ms();
	struct kept *k;

	while ((k = TAILQ_FIRST(&s->order))) {
		if (bb_table_count(s->kept) <= KEPT_MAX && s->kept_bytes <= KEPT_BYTES_MAX &&
			now_ms - k->at_ms <= KEPT_MS)
			return;
		forget(s, k);
	}
}

static void keep(struct bb_cmd_server *s, const uint8_t *key, const void *body, size_t len)
{
	struct kept *k;

	if (len > KEPT_REPLY_MAX)
		return;
	k = bb_malloc(sizeof(*k) + len);
	memcpy(k->key, key, sizeof(k->key));
	k->at_ms = bb_clock_boot_ms();
	k->len = len;
	memcpy(k->body, body, len);
	bb_assert(!bb_table_put_n(s->kept, k->key, sizeof(k->key), k));
	TAILQ_INSERT_TAIL(&s->order, k, link);
	s->kept_bytes += len;
	forget_old(s);
}

/* ---- replies ---- */

static void send_reply(struct bb_cmd_server *s, const struct bb_frame *to, const void *body,
	size_t len)
{
	struct bb_frame frames[3] = { bb_frame_str(BB_CMD_REPLY), *to, { body, len } };

	bb_sock_send(s->sock, frames,
		3); /* lost without busd: the client repeats and gets the kept one */
}

static void call_free(struct bb_cmd_call *c)
{
	bb_table_del_n(c->server->calls, c->key, sizeof(c->key));
	bb_arena_free(c->arena);
	free(c);
}

static void answer(struct bb_cmd_call *c, const Busbar__V1__CommandReply *reply, bool is_deed)
{
	Busbar__V1__CommandReply r = *reply;
	char text[128];
	size_t len;
	uint8_t *body;

	r.has_cmd_key = 1;
	r.cmd_key = (ProtobufCBinaryData){ sizeof(c->key), c->key };
	len = busbar__v1__command_reply__get_packed_size(&r);
	if (len > BB_WIRE_REPLY_MAX) {
		snprintf(text, sizeof(text),
			"the answer has %zu bytes, at most %d are allowed; ask for less", len,
			BB_WIRE_REPLY_MAX);
		r = (Busbar__V1__CommandReply)BUSBAR__V1__COMMAND_REPLY__INIT;
		r.has_cmd_key = r.has_code = 1;
		r.cmd_key = (ProtobufCBinaryData){ sizeof(c->key), c->key };
		r.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED;
		r.text = text;
		len = busbar__v1__command_reply__get_packed_size(&r);
	}
	body = bb_malloc(len);
	busbar__v1__command_reply__pack(&r, body);
	for (size_t i = 0; i < c->n_askers; i++)
		send_reply(c->server, &(struct bb_frame){ c->askers[i].address, c->askers[i].len },
			body, len);
	if (is_deed)
		keep(c->server, c->key, body, len);
	free(body);
	call_free(c);
}

void bb_cmd_reply(struct bb_cmd_call *c, const Busbar__V1__CommandReply *reply)
{
	answer(c, reply, true);
}

void bb_cmd_reply_look(struct bb_cmd_call *c, const Busbar__V1__CommandReply *reply)
{
	answer(c, reply, false);
}

void bb_cmd_reply_text(struct bb_cmd_call *c, unsigned code, const char *fmt, ...)
{
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	char raw[TEXT_MAX], text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	bb_text_clean(text, sizeof(text), raw, strlen(raw));
	r.has_code = 1;
	r.code = code;
	r.text = text;
	bb_cmd_reply(c, &r);
}

/* ---- requests ---- */

static void reply_metrics(struct bb_cmd_call *c)
{
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	struct bb_buf json = { 0 };

	bb_pub_json(c->server->bus->pub, &json);
	r.has_code = 1;
	r.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;
	r.json = json.data;
	bb_cmd_reply_look(c, &r);
	bb_buf_fini(&json);
}

/* Answer without a call: nothing was done, so nothing is kept. */
static void turn_away(struct bb_cmd_server *s, const struct bb_frame *to,
	const ProtobufCBinaryData *key, unsigned code, const char *text)
{
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	uint8_t body[1024];

	r.has_cmd_key = r.has_code = 1;
	r.cmd_key = *key;
	r.code = code;
	r.text = (char *)text;
	bb_assert(busbar__v1__command_reply__get_packed_size(&r) <= sizeof(body));
	send_reply(s, to, body, busbar__v1__command_reply__pack(&r, body));
}

static void add_asker(struct bb_cmd_call *c, const struct bb_frame *from)
{
	struct asker *a = &c->askers[c->n_askers];

	if (c->n_askers == ASKERS_MAX)
		return;
	memcpy(a->address, from->data, from->len);
	a->len = from->len;
	c->n_askers++;
}

static void begin(struct bb_cmd_server *s, struct bb_arena *a, const struct bb_frame *from,
	const Busbar__V1__CommandRequest *rq)
{
	struct bb_cmd_call *c = bb_calloc(1, sizeof(*c));

	c->server = s;
	c->arena = a;
	memcpy(c->key, rq->cmd_key.data, sizeof(c->key));
	add_asker(c, from);
	bb_table_put_n(s->calls, c->key, sizeof(c->key), c);
	if (strcmp(rq->verb, "metrics") == 0 && s->bus->pub)
		reply_metrics(c);
	else
		s->handler(s->arg, c, rq);
}

/* Returns true when the arena was handed on. */
static bool on_request(struct bb_cmd_server *s, struct bb_arena *a, const struct bb_frame *from,
	const struct bb_frame *body)
{
	struct bb_err err;
	const Busbar__V1__CommandRequest *rq =
		bb_unpack_command_request(a, body->data, body->len, &err);
	struct bb_cmd_call *c;
	struct kept *k;

	if (!rq)
		return false; /* busd checked it: only a bug of ours comes here */
	forget_old(s);
	k = bb_table_get_n(s->kept, rq->cmd_key.data, rq->cmd_key.len);
	if (k) {
		send_reply(s, from, k->body, k->len);
		return false;
	}
	c = bb_table_get_n(s->calls, rq->cmd_key.data, rq->cmd_key.len);
	if (c) {
		add_asker(c, from);
		return false;
	}
	if (bb_table_count(s->calls) >= CALLS_MAX) {
		turn_away(s, from, &rq->cmd_key, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE,
			"too many requests are being worked on, try again");
		return false;
	}
	begin(s, a, from, rq);
	return true;
}

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_cmd_server *s = arg;
	struct bb_arena *a;
	char what[16];

	if (n != 3 || !bb_frame_text(&frames[0], what, sizeof(what)) ||
		strcmp(what, BB_CMD_REQUEST) != 0 || frames[1].len > BB_CMD_ADDRESS_MAX)
		return;
	a = bb_arena_new(1024, 4 * BB_WIRE_BATCH_MAX);
	if (!on_request(s, a, &frames[1], &frames[2]))
		bb_arena_free(a);
}

/* ---- life ---- */

static void hello(void *arg)
{
	struct bb_cmd_server *s = arg;
	Busbar__V1__CommandHello h = BUSBAR__V1__COMMAND_HELLO__INIT;
	uint8_t body[128];
	struct bb_frame frames[3] = { bb_frame_str(BB_CMD_HELLO), bb_frame_str(""), { body, 0 } };
	uint64_t next_ms = s->bus->times.heartbeat_ms;

	h.daemon = s->bus->name;
	frames[2].len = busbar__v1__command_hello__pack(&h, body);
	if (bb_sock_send(s->sock, frames, 3) < 0)
		next_ms = HELLO_SOON_MS;
	s->timer = bb_loop_after(s->bus->loop, next_ms, hello, s);
}

struct bb_cmd_server *bb_cmd_server_new(struct bb_bus *b, bb_cmd_handler handler, void *arg,
	struct bb_err *err)
{
	struct bb_cmd_server *s = bb_calloc(1, sizeof(*s));
	struct bb_sock_options o = { .type = BB_SOCK_DEALER,
		.max_bytes = BB_WIRE_BATCH_MAX,
		.message = on_message,
		.arg = s };

	s->bus = b;
	s->handler = handler;
	s->arg = arg;
	s->calls = bb_table_new();
	s->kept = bb_table_new();
	TAILQ_INIT(&s->order);
	s->sock = bb_sock_new(b, &o, err);
	if (!s->sock || bb_sock_connect(s->sock, "busd.cmd", err) < 0) {
		bb_cmd_server_free(s);
		return NULL;
	}
	s->timer = bb_loop_after(b->loop, 0, hello, s);
	return s;
}

static void drop_call(void *arg)
{
	struct bb_cmd_call *c = arg;

	bb_arena_free(c->arena);
	free(c);
}

void bb_cmd_server_free(struct bb_cmd_server *s)
{
	if (!s)
		return;
	bb_loop_cancel(s->timer);
	bb_sock_free(s->sock);
	bb_table_free(s->calls, drop_call);
	bb_table_free(s->kept, free);
	free(s);
}
