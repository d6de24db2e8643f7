// SPDX-License-Identifier: Apache-2.0
#include "common/sock.h"

#include <czmq.h>
#include <errno.h>
#include <string.h>

#include "common/bus_int.h"

enum {
	BUDGET = 500, /* messages of one socket per turn: descriptors and timers get their share */
	RECONNECT_MS =
		50, /* a local connect costs next to nothing, and a restarted peer is waited for */
	RECONNECT_MAX_MS = 500,
};

struct bb_sock {
	TAILQ_ENTRY(bb_sock) link;
	struct bb_bus *bus;
	zsock_t *zsock; /* NULL: freed during a turn, released at its end */
	void *handle;
	struct bb_watch *watch;
	enum bb_sock_type type;
	void (*message)(void *arg, const struct bb_frame *frames, size_t n);
	void *arg;
};

static const int zmq_types[] = {
	[BB_SOCK_PUB] = ZMQ_PUB,
	[BB_SOCK_SUB] = ZMQ_SUB,
	[BB_SOCK_ROUTER] = ZMQ_ROUTER,
	[BB_SOCK_DEALER] = ZMQ_DEALER,
};

bool bb_frame_text(const struct bb_frame *f, char *out, size_t cap)
{
	if (f->len >= cap || memchr(f->data, 0, f->len))
		return false;
	memcpy(out, f->data, f->len);
	out[f->len] = '\0';
	return true;
}

/* The descriptor only ends the wait; the hook that runs before the next wait does the work. */
static void wake(void *arg, int fd, int what)
{
}

struct bb_sock *bb_sock_new(struct bb_bus *b, const struct bb_sock_options *o, struct bb_err *err)
{
	int hwm = o->hwm ? o->hwm : BB_SOCK_HWM;
	struct bb_sock *s;
	zsock_t *z;

	zsys_handler_set(
		NULL); /* signals are the loop's, and czmq takes them with its first socket */
	z = zsock_new(zmq_types[o->type]);
	if (!z)
		return bb_err_null(err, "cannot make a ZeroMQ socket: %s", zmq_strerror(errno));
	zsock_set_linger(z, 0);
	zsock_set_immediate(z, !o->early);
	zsock_set_sndhwm(z, hwm);
	zsock_set_rcvhwm(z, hwm);
	zsock_set_maxmsgsize(z, (int)(o->max_bytes ? o->max_bytes : BB_SOCK_MESSAGE_MAX));
	zsock_set_reconnect_ivl(z, RECONNECT_MS);
	zsock_set_reconnect_ivl_max(z, RECONNECT_MAX_MS);
	if (o->type == BB_SOCK_ROUTER)
		zsock_set_router_mandatory(z, 1);
	s = bb_calloc(1, sizeof(*s));
	s->bus = b;
	s->zsock = z;
	s->handle = zsock_resolve(z);
	s->type = o->type;
	s->message = o->message;
	s->arg = o->arg;
	s->watch = bb_loop_add_fd(b->loop, (int)zsock_fd(z), BB_READ, wake, s);
	TAILQ_INSERT_TAIL(&b->socks, s, link);
	return s;
}

static void release(struct bb_sock *s)
{
	TAILQ_REMOVE(&s->bus->socks, s, link);
	free(s);
}

void bb_sock_free(struct bb_sock *s)
{
	if (!s)
		return;
	bb_loop_cancel(s->watch);
	zsock_destroy(&s->zsock);
	if (!s->bus->is_draining)
		release(s);
}

int bb_sock_bind(struct bb_sock *s, const char *leaf, struct bb_err *err)
{
	char endpoint[160];

	if (bb_bus_endpoint(s->bus, leaf, endpoint, sizeof(endpoint), err) < 0)
		return -1;
	if (zsock_bind(s->zsock, "%s", endpoint) < 0)
		return bb_err_set(err, "cannot listen on \"%s\": %s", endpoint,
			zmq_strerror(errno));
	return 0;
}

int bb_sock_connect(struct bb_sock *s, const char *leaf, struct bb_err *err)
{
	char endpoint[160];

	if (bb_bus_endpoint(s->bus, leaf, endpoint, sizeof(endpoint), err) < 0)
		return -1;
	if (zsock_connect(s->zsock, "%s", endpoint) < 0)
		return bb_err_set(err, "cannot connect to \"%s\": %s", endpoint,
			zmq_strerror(errno));
	return 0;
}

int bb_sock_subscribe(struct bb_sock *s, const char *prefix, struct bb_err *err)
{
	if (zmq_setsockopt(s->handle, ZMQ_SUBSCRIBE, prefix, strlen(prefix)) < 0)
		return bb_err_set(err, "cannot subscribe to \"%s\": %s", prefix,
			zmq_strerror(errno));
	return 0;
}

int bb_sock_send(struct bb_sock *s, const struct bb_frame *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int flags = ZMQ_DONTWAIT | (i + 1 < n ? ZMQ_SNDMORE : 0), rc;

		do
			rc = zmq_send(s->handle, frames[i].data, frames[i].len, flags);
		while (rc < 0 && errno == EINTR);
		/* Only the first frame can be refused: libzmq takes or drops the rest with it. */
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* Receive one message. Returns its number of frames, 0 when there is none. */
static size_t receive(struct bb_sock *s, zmq_msg_t *msgs)
{
	size_t n = 0;
	bool more = true;

	while (more) {
		zmq_msg_t extra, *m = n < BB_SOCK_FRAMES_MAX ? &msgs[n] : &extra;
		int rc;

		zmq_msg_init(m);
		do
			rc = zmq_msg_recv(m, s->handle, ZMQ_DONTWAIT);
		while (rc < 0 && errno == EINTR);
		if (rc < 0) {
			zmq_msg_close(m);
			break;
		}
		more = zmq_msg_more(m);
		if (m == &extra)
			zmq_msg_close(m);
		else
			n++;
	}
	return n;
}

static bool take_one(struct bb_sock *s, bool deliver)
{
	zmq_msg_t msgs[BB_SOCK_FRAMES_MAX];
	struct bb_frame frames[BB_SOCK_FRAMES_MAX];
	size_t n = receive(s, msgs);

	for (size_t i = 0; i < n; i++)
		frames[i] = (struct bb_frame){ zmq_msg_data(&msgs[i]), zmq_msg_size(&msgs[i]) };
	if (n && deliver && s->message)
		s->message(s->arg, frames, n);
	for (size_t i = 0; i < n; i++)
		zmq_msg_close(&msgs[i]);
	return n > 0;
}

/* Asking for ZMQ_EVENTS also lets libzmq handle connections and subscriptions of a PUB, which is
 * why no socket is left out. */
static bool drain(struct bb_sock *s)
{
	if (!(zsock_events(s->zsock) & ZMQ_POLLIN))
		return false;
	for (int i = 0; i < BUDGET; i++) {
		if (!take_one(s, true) || !s->zsock)
			return false;
	}
	return true;
}

bool bb_sock_turn(void *arg)
{
	struct bb_bus *b = arg;
	struct bb_sock *s, *next;
	bool has_more = false;

	b->is_draining = true;
	TAILQ_FOREACH(s, &b->socks, link) {
		if (s->zsock && drain(s))
			has_more = true;
	}
	b->is_draining = false;
	for (s = TAILQ_FIRST(&b->socks); s; s = next) {
		next = TAILQ_NEXT(s, link);
		if (!s->zsock)
			release(s);
	}
	return has_more;
}

size_t bb_sock_discard(struct bb_sock *s)
{
	size_t n = 0;

	while (take_one(s, false))
		n++;
	return n;
}
