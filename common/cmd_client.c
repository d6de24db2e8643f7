// SPDX-License-Identifier: Apache-2.0
/* The asking side. A request that could not be handed over yet is tried again until its time is
 * up; one that was handed over is never sent twice: the caller repeats it with the same cmd_key
 * if he wants. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/bus_int.h"
#include "common/cmd.h"
#include "common/cmd_int.h"
#include "common/str.h"

enum { RETRY_MS = 50, TIMEOUT_DEFAULT_MS = 5000, TIMEOUT_MAX_MS = 600000 };

struct call {
	TAILQ_ENTRY(call) link;
	struct bb_cmd_client *client;
	struct bb_watch *timer; /* the end */
	uint8_t key[BB_CMD_KEY_BYTES];
	char daemon[65];
	void *body;
	size_t len;
	bool is_sent;
	uint64_t serial;
	unsigned code; /* what the timer answers */
	char text[160];
	bb_cmd_done done;
	void *arg;
};

TAILQ_HEAD(call_list, call);

struct bb_cmd_client {
	struct bb_bus *bus;
	struct bb_sock *sock;
	struct bb_watch *retry; /* while a call waits to be handed over */
	struct call_list calls; /* oldest first */
	uint64_t serial;        /* of the newest */
};

static void call_free(struct call *c)
{
	bb_loop_cancel(c->timer);
	TAILQ_REMOVE(&c->client->calls, c, link);
	free(c->body);
	free(c);
}

static void finish(struct call *c, const Busbar__V1__CommandReply *reply)
{
	bb_cmd_done done = c->done;
	void *arg = c->arg;

	call_free(c);
	done(arg, reply);
}

static void on_end(void *arg)
{
	struct call *c = arg;
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	uint8_t key[BB_CMD_KEY_BYTES];
	char text[sizeof(c->text) + 128];

	c->timer = NULL;
	memcpy(key, c->key, sizeof(key));
	if (c->code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED)
		bb_copy(text, sizeof(text), c->text);
	else if (c->is_sent)
		snprintf(text, sizeof(text),
			"%s did not answer in time; the request may still be carried out",
			c->daemon);
	else
		snprintf(text, sizeof(text),
			"the request was not sent: busd does not answer, see whether it runs");
	r.has_cmd_key = r.has_code = 1;
	r.cmd_key = (ProtobufCBinaryData){ sizeof(key), key };
	r.code = c->code;
	r.text = text;
	r.json = (char *)"";
	finish(c, &r);
}

static void try_send(struct call *c)
{
	struct bb_frame frames[3] = { bb_frame_str(BB_CMD_REQUEST), bb_frame_str(c->daemon),
		{ c->body, c->len } };

	if (!c->is_sent && c->body)
		c->is_sent = bb_sock_send(c->client->sock, frames, 3) == 0;
}

static void on_retry(void *arg)
{
	struct bb_cmd_client *cl = arg;
	struct call *c;

	cl->retry = NULL;
	TAILQ_FOREACH(c, &cl->calls, link) {
		try_send(c);
		if (!c->is_sent && c->body && !cl->retry)
			cl->retry = bb_loop_after(cl->bus->loop, RETRY_MS, on_retry, cl);
	}
}

static void pack_request(struct call *c, const Busbar__V1__CommandRequest *rq)
{
	Busbar__V1__CommandRequest copy = *rq;
	size_t len;

	if (rq->cmd_key.len == sizeof(c->key))
		memcpy(c->key, rq->cmd_key.data, sizeof(c->key));
	else
		randombytes_buf(c->key, sizeof(c->key));
	copy.has_cmd_key = 1;
	copy.cmd_key = (ProtobufCBinaryData){ sizeof(c->key), c->key };
	len = busbar__v1__command_request__get_packed_size(&copy);
	if (!bb_daemon_name_valid(c->daemon)) {
		snprintf(c->text, sizeof(c->text), "\"%s\" is not a daemon's name", c->daemon);
	} else if (len > BB_WIRE_BATCH_MAX) {
		snprintf(c->text, sizeof(c->text),
			"the request has %zu bytes, at most %d are allowed", len,
			BB_WIRE_BATCH_MAX);
	} else {
		c->body = bb_malloc(len);
		c->len = busbar__v1__command_request__pack(&copy, c->body);
	}
}

void bb_cmd_send(struct bb_cmd_client *cl, const char *daemon, const Busbar__V1__CommandRequest *rq,
	bb_cmd_done cb, void *arg)
{
	struct call *c = bb_calloc(1, sizeof(*c));
	uint64_t timeout_ms = rq->timeout_ms ? rq->timeout_ms : TIMEOUT_DEFAULT_MS;

	c->client = cl;
	c->serial = ++cl->serial;
	c->done = cb;
	c->arg = arg;
	c->code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE;
	bb_copy(c->daemon, sizeof(c->daemon), daemon);
	pack_request(c, rq);
	if (!c->body) {
		c->code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED;
		timeout_ms = 0;
	}
	TAILQ_INSERT_TAIL(&cl->calls, c, link);
	c->timer = bb_loop_after(cl->bus->loop,
		timeout_ms < TIMEOUT_MAX_MS ? timeout_ms : TIMEOUT_MAX_MS, on_end, c);
	try_send(c);
	if (!c->is_sent && c->body && !cl->retry)
		cl->retry = bb_loop_after(cl->bus->loop, RETRY_MS, on_retry, cl);
}

static struct call *call_find(struct bb_cmd_client *cl, const ProtobufCBinaryData *key,
	uint64_t newest)
{
	struct call *c;

	TAILQ_FOREACH(c, &cl->calls, link) {
		if (c->serial > newest)
			break;
		if (key->len == sizeof(c->key) && memcmp(key->data, c->key, sizeof(c->key)) == 0)
			return c;
	}
	return NULL;
}

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_cmd_client *cl = arg;
	struct bb_arena *a;
	const Busbar__V1__CommandReply *r;
	struct call *c;
	uint64_t newest;

	if (n != 3)
		return;
	a = bb_arena_new(4096, 4 * BB_WIRE_REPLY_MAX);
	r = bb_unpack_command_reply(a, frames[2].data, frames[2].len, NULL);
	newest = cl->serial;
	/* One key can be asked for twice; both get the answer, but not what a callback asks now. */
	while (r && (c = call_find(cl, &r->cmd_key, newest)))
		finish(c, r);
	bb_arena_free(a);
}

struct bb_cmd_client *bb_cmd_client_new(struct bb_bus *b, struct bb_err *err)
{
	struct bb_cmd_client *cl = bb_calloc(1, sizeof(*cl));
	struct bb_sock_options o = { .type = BB_SOCK_DEALER,
		.max_bytes = BB_WIRE_REPLY_MAX,
		.message = on_message,
		.arg = cl };

	cl->bus = b;
	TAILQ_INIT(&cl->calls);
	cl->sock = bb_sock_new(b, &o, err);
	if (!cl->sock || bb_sock_connect(cl->sock, "busd.cmd", err) < 0) {
		bb_cmd_client_free(cl);
		return NULL;
	}
	return cl;
}

void bb_cmd_client_free(struct bb_cmd_client *cl)
{
	struct call *c;

	if (!cl)
		return;
	while ((c = TAILQ_FIRST(&cl->calls)))
		call_free(c);
	bb_loop_cancel(cl->retry);
	bb_sock_free(cl->sock);
	free(cl);
}
