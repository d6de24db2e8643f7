// SPDX-License-Identifier: Apache-2.0
#include "busd/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cmd_int.h"
#include "common/log.h"
#include "common/sock.h"
#include "common/str.h"
#include "common/wire.h"

enum {
	DAEMONS_MAX = 64,
	KNOWN_MS = 5000,
};

/* Frames; the first is the ROUTER's address of the sender or receiver. */
enum { PEER, WHAT, ADDRESS, BODY, FRAMES };

struct daemon {
	char name[65];
	uint8_t id[BB_CMD_ADDRESS_MAX];
	size_t id_len;
	uint64_t seen_ms;
};

struct route {
	struct bb_loop *loop;
	struct bb_sock *sock;
	struct bb_arena *arena;
	struct daemon daemons[DAEMONS_MAX];
	size_t n_daemons;
	struct route_stats stats;
	struct bb_log_limit limit;
};

static void bad(struct route *r, const char *text)
{
	uint64_t repeats;

	r->stats.bad++;
	if (bb_log_due(&r->limit, text, &repeats))
		bb_log(EV_BUS_BAD, BB_STR("error", text), BB_UINT("repeats", repeats));
}

static bool is_from(const struct daemon *d, const struct bb_frame *sender)
{
	return d->id_len == sender->len && memcmp(d->id, sender->data, sender->len) == 0;
}

static bool is_known(const struct route *r, const struct daemon *d)
{
	return bb_loop_now_ms(r->loop) - d->seen_ms <= KNOWN_MS;
}

static struct daemon *find(struct route *r, const char *name)
{
	for (size_t i = 0; i < r->n_daemons; i++) {
		if (strcmp(r->daemons[i].name, name) == 0)
			return &r->daemons[i];
	}
	return NULL;
}

static struct daemon *add(struct route *r, const char *name)
{
	struct daemon *d = NULL;

	for (size_t i = 0; i < r->n_daemons && !d; i++) {
		if (!is_known(r, &r->daemons[i]))
			d = &r->daemons[i];
	}
	if (!d && r->n_daemons == DAEMONS_MAX)
		return NULL;
	if (!d)
		d = &r->daemons[r->n_daemons++];
	bb_copy(d->name, sizeof(d->name), name);
	return d;
}

/* ---- what comes in ---- */

static void on_hello(struct route *r, const struct bb_frame *frames)
{
	struct bb_err err;
	const Busbar__V1__CommandHello *h =
		bb_unpack_command_hello(r->arena, frames[BODY].data, frames[BODY].len, &err);
	struct daemon *d;

	if (!h) {
		bad(r, err.text);
		return;
	}
	d = find(r, h->daemon);
	if (!d)
		d = add(r, h->daemon);
	if (!d) {
		bad(r, "too many daemons say hello");
		return;
	}
	memcpy(d->id, frames[PEER].data, frames[PEER].len);
	d->id_len = frames[PEER].len;
	d->seen_ms = bb_loop_now_ms(r->loop);
}

static void unavailable(struct route *r, const struct bb_frame *client,
	const Busbar__V1__CommandRequest *rq, const char *text)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;
	struct bb_frame out[FRAMES] = { *client, bb_frame_str(BB_CMD_REPLY), bb_frame_str("") };

	r->stats.unavailable++;
	reply.has_cmd_key = reply.has_code = 1;
	reply.cmd_key = rq->cmd_key;
	reply.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE;
	reply.text = (char *)text;
	out[BODY].data = bb_pack(r->arena, &reply, &out[BODY].len);
	bb_sock_send(r->sock, out, FRAMES);
}

static void on_request(struct route *r, const struct bb_frame *frames)
{
	struct bb_err err;
	const Busbar__V1__CommandRequest *rq =
		bb_unpack_command_request(r->arena, frames[BODY].data, frames[BODY].len, &err);
	char name[65], text[200];
	struct daemon *d;

	if (!rq || !bb_frame_text(&frames[ADDRESS], name, sizeof(name)) ||
		!bb_daemon_name_valid(name)) {
		bad(r, rq ? "a request has no daemon's name" : err.text);
		return;
	}
	r->stats.requests++;
	d = find(r, name);
	if (!d || !is_known(r, d)) {
		snprintf(text, sizeof(text), "%s is not connected to the bus, see whether it runs",
			name);
		unavailable(r, &frames[PEER], rq, text);
		return;
	}
	struct bb_frame out[FRAMES] = { { d->id, d->id_len }, bb_frame_str(BB_CMD_REQUEST),
		frames[PEER], frames[BODY] };

	if (bb_sock_send(r->sock, out, FRAMES) < 0) {
		snprintf(text, sizeof(text),
			"%s has just gone from the bus or does not take requests, try again", name);
		unavailable(r, &frames[PEER], rq, text);
	}
}

static void on_reply(struct route *r, const struct bb_frame *frames)
{
	struct bb_frame out[FRAMES] = { frames[ADDRESS], bb_frame_str(BB_CMD_REPLY),
		bb_frame_str(""), frames[BODY] };

	for (size_t i = 0; i < r->n_daemons; i++) {
		if (is_from(&r->daemons[i], &frames[PEER])) {
			r->stats.replies++;
			bb_sock_send(r->sock, out,
				FRAMES); /* a client that is gone needs no answer */
			return;
		}
	}
	bad(r, "a reply came from somebody who never said hello");
}

static const struct {
	const char *what;
	void (*handle)(struct route *r, const struct bb_frame *frames);
} handlers[] = {
	{ BB_CMD_HELLO, on_hello },
	{ BB_CMD_REQUEST, on_request },
	{ BB_CMD_REPLY, on_reply },
};

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct route *r = arg;
	char what[16];

	bb_arena_reset(r->arena);
	if (n == FRAMES && frames[PEER].len <= BB_CMD_ADDRESS_MAX &&
		bb_frame_text(&frames[WHAT], what, sizeof(what))) {
		for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
			if (strcmp(handlers[i].what, what) == 0) {
				handlers[i].handle(r, frames);
				return;
			}
		}
	}
	bad(r, "a command message is not of a known form");
}

/* ---- life ---- */

struct route *route_new(struct bb_bus *b, struct bb_loop *loop, struct bb_err *err)
{
	struct route *r = bb_calloc(1, sizeof(*r));
	struct bb_sock_options o = { .type = BB_SOCK_ROUTER,
		.max_bytes = BB_WIRE_REPLY_MAX,
		.message = on_message,
		.arg = r };

	r->loop = loop;
	r->arena = bb_arena_new(4096, 4 * BB_WIRE_BATCH_MAX);
	r->sock = bb_sock_new(b, &o, err);
	if (!r->sock || bb_sock_bind(r->sock, "busd.cmd", err) < 0) {
		route_free(r);
		return NULL;
	}
	return r;
}

void route_free(struct route *r)
{
	if (!r)
		return;
	bb_sock_free(r->sock);
	bb_arena_free(r->arena);
	free(r);
}

void route_stats(const struct route *r, struct route_stats *out)
{
	*out = r->stats;
	for (size_t i = 0; i < r->n_daemons; i++)
		out->daemons += is_known(r, &r->daemons[i]);
}
