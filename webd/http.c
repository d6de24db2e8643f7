// SPDX-License-Identifier: Apache-2.0
#include "webd/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADERS_MAX    (16u << 10)
#define BODY_MAX_TCP   (1u << 20)
#define BODY_MAX_LOCAL (16u << 20) /* imports and restores come this way */
#define TIMEOUT_S      30

/* A request that is being answered: linked so that a stop can release it. */
struct pending {
	struct http_req rq; /* first: http_req and pending are the same address */
	struct pending *next, **prev;
};

struct http_server {
	struct bb_loop *loop;
	struct evhttp *tcp, *local;
	http_handler handler;
	void *arg;
	struct pending *open;
	struct pending *answered; /* freed at the next turn, so that a handler may still look */
	struct bb_watch *reaper;
};

struct http_stream {
	struct evhttp_request *ev;
	struct evhttp_connection *conn;
	void (*closed)(void *arg);
	void *arg;
};

struct http_frame {
	unsigned refs;
	size_t len;
	char data[];
};

static const struct {
	const char *name, *value;
	// clang-format off
} security_headers[] = {
	{ "Content-Security-Policy",
		"default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
		"style-src 'self'; font-src 'self'; media-src 'self' blob:; manifest-src 'self'; object-src 'none'; "
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};
// clang-format on

/* ---- requests ---- */

static enum http_method method_of(struct evhttp_request *ev)
{
	switch (evhttp_request_get_command(ev)) {
	case EVHTTP_REQ_GET: return HTTP_GET;
	case EVHTTP_REQ_POST: return HTTP_POST;
	case EVHTTP_REQ_PUT: return HTTP_PUT;
	case EVHTTP_REQ_PATCH: return HTTP_PATCH;
	case EVHTTP_REQ_DELETE: return HTTP_DELETE;
	default: return HTTP_OTHER;
	}
}

static int connection_fd(struct evhttp_request *ev)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(ev);

	return conn ? (int)bufferevent_getfd(evhttp_connection_get_bufferevent(conn)) : -1;
}

static bool fill_peer(struct http_peer *peer, struct evhttp_request *ev, bool is_local)
{
	char *address = NULL;
	uint16_t port = 0;

	peer->is_local = is_local;
	if (is_local) {
		struct ucred cred;
		socklen_t len = sizeof(cred);

		if (getsockopt(connection_fd(ev), SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
			return false;
		peer->uid = cred.uid;
		bb_copy(peer->address, sizeof(peer->address), "local");
		return true;
	}
	peer->uid = (uid_t)-1;
	evhttp_connection_get_peer(evhttp_request_get_connection(ev), &address, &port);
	bb_copy(peer->address, sizeof(peer->address), address ? address : "");
	return true;
}

static void request_free(struct http_req *rq)
{
	struct pending *p = (struct pending *)rq;

	*p->prev = p->next;
	if (p->next)
		p->next->prev = p->prev;
	bb_arena_free(rq->arena);
}

static void link_in(struct pending **list, struct pending *p)
{
	p->prev = list;
	p->next = *list;
	if (*list)
		(*list)->prev = &p->next;
	*list = p;
}

static void on_reap(void *arg)
{
	struct http_server *s = arg;

	s->reaper = NULL;
	while (s->answered)
		request_free(&s->answered->rq);
}

/* Answered: libevent owns its part now. */
static void request_done(struct http_req *rq)
{
	struct pending *p = (struct pending *)rq;
	struct http_server *s = rq->server;

	rq->ev = NULL;
	*p->prev = p->next;
	if (p->next)
		p->next->prev = p->prev;
	link_in(&s->answered, p);
	if (!s->reaper)
		s->reaper = bb_loop_after(s->loop, 0, on_reap, s);
}

static struct http_req *request_new(struct http_server *s, struct evhttp_request *ev)
{
	struct bb_arena *arena = bb_arena_new(8192, 0);
	struct pending *p = bb_arena_alloc(arena, sizeof(*p));
	struct evbuffer *in = evhttp_request_get_input_buffer(ev);
	size_t len = evbuffer_get_length(in);
	char *body = bb_arena_alloc(arena, len + 1);
	uint8_t id[8];

	evbuffer_copyout(in, body, len);
	randombytes_buf(id, sizeof(id));
	bb_hex(p->rq.id, id, sizeof(id));
	p->rq.arena = arena;
	p->rq.ev = ev;
	p->rq.body = body;
	p->rq.body_len = len;
	p->rq.method = method_of(ev);
	p->rq.server = s;
	link_in(&s->open, p);
	return &p->rq;
}

static void refuse(struct http_req *rq, const char *reason)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "type", "/problems/validation");
	bb_json_str(&j, "title", "The request cannot be read");
	bb_json_int(&j, "status", 400);
	bb_json_str(&j, "detail", reason);
	bb_json_str(&j, "request_id", rq->id);
	bb_json_end_obj(&j);
	http_reply(rq, 400, "application/problem+json", &b);
	bb_buf_fini(&b);
}

static void on_request(struct http_server *s, struct evhttp_request *ev, bool is_local)
{
	struct http_req *rq = request_new(s, ev);
	struct bb_err err;

	if (!fill_peer(&rq->peer, ev, is_local))
		refuse(rq, "the caller of the local socket is not known");
	else if (uri_parse(&rq->uri, evhttp_request_get_uri(ev), &err) != 0)
		refuse(rq, err.text);
	else
		s->handler(s->arg, rq);
}

static void on_tcp_request(struct evhttp_request *ev, void *arg)
{
	on_request(arg, ev, false);
}

static void on_local_request(struct evhttp_request *ev, void *arg)
{
	on_request(arg, ev, true);
}

const char *http_header(const struct http_req *rq, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(rq->ev), name);
}

void http_set_header(struct http_req *rq, const char *name, const char *value)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(rq->ev);

	evhttp_remove_header(out, name);
	evhttp_add_header(out, name, value);
}

static void add_headers(struct http_req *rq, const char *type)
{
	for (size_t i = 0; i < sizeof(security_headers) / sizeof(security_headers[0]); i++)
		http_set_header(rq, security_headers[i].name, security_headers[i].value);
	if (type)
		http_set_header(rq, "Content-Type", type);
	if (!evhttp_find_header(evhttp_request_get_output_headers(rq->ev), "Cache-Control"))
		http_set_header(rq, "Cache-Control", "no-store");
}

static void free_bytes(const void *data, size_t len, void *arg)
{
	free(arg);
}

void http_reply(struct http_req *rq, int status, const char *type, struct bb_buf *body)
{
	struct evbuffer *out = evbuffer_new();

	bb_assert(rq->ev != NULL); /* one answer each */
	if (body && body->len > 0) {
		evbuffer_add_reference(out, body->data, body->len, free_bytes, body->data);
		*body = (struct bb_buf){ 0 };
	}
	add_headers(rq, type);
	evhttp_send_reply(rq->ev, status, NULL, out);
	evbuffer_free(out);
	request_done(rq);
}

void http_reply_file(struct http_req *rq, const char *type, int fd, size_t len)
{
	struct evbuffer *out = evbuffer_new();

	if (len > 0)
		evbuffer_add_file(out, fd, 0, (ev_off_t)len);
	else
		close(fd);
	add_headers(rq, type);
	evhttp_send_reply(rq->ev, 200, NULL, out);
	evbuffer_free(out);
	request_done(rq);
}

/* ---- listening ---- */

static struct evhttp *make(struct http_server *s, size_t body_max,
	void (*cb)(struct evhttp_request *, void *))
{
	struct evhttp *e = evhttp_new(bb_loop_base(s->loop));

	bb_assert(e != NULL);
	evhttp_set_gencb(e, cb, s);
	evhttp_set_timeout(e, TIMEOUT_S);
	evhttp_set_max_headers_size(e, HEADERS_MAX);
	evhttp_set_max_body_size(e, (ev_ssize_t)body_max);
	evhttp_set_default_content_type(e, NULL);
	/* HEAD and OPTIONS get our own 405, the rest libevent's 501 */
	evhttp_set_allowed_methods(e, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
					      EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE |
					      EVHTTP_REQ_HEAD | EVHTTP_REQ_OPTIONS);
	return e;
}

struct http_server *http_new(struct bb_loop *loop, http_handler handler, void *arg)
{
	struct http_server *s = bb_calloc(1, sizeof(*s));

	s->loop = loop;
	s->handler = handler;
	s->arg = arg;
	s->tcp = make(s, BODY_MAX_TCP, on_tcp_request);
	s->local = make(s, BODY_MAX_LOCAL, on_local_request);
	return s;
}

void http_serve(struct http_server *s, int fd, bool is_local)
{
	bb_assert(evhttp_accept_socket(is_local ? s->local : s->tcp, fd) == 0);
}

void http_free(struct http_server *s)
{
	if (!s)
		return;
	evhttp_free(s->tcp);
	evhttp_free(s->local);
	while (s->open)
		request_free(&s->open->rq);
	bb_loop_cancel(s->reaper);
	on_reap(s);
	free(s);
}

/* ---- streams ---- */

struct http_frame *http_frame_new(const void *data, size_t len)
{
	struct http_frame *f = bb_malloc(sizeof(*f) + len);

	f->refs = 1;
	f->len = len;
	memcpy(f->data, data, len);
	return f;
}

struct http_frame *http_frame_ref(struct http_frame *f)
{
	f->refs++;
	return f;
}

void http_frame_unref(struct http_frame *f)
{
	if (f && --f->refs == 0)
		free(f);
}

size_t http_frame_len(const struct http_frame *f)
{
	return f->len;
}

static void release_frame(const void *data, size_t len, void *arg)
{
	http_frame_unref(arg);
}

static void on_stream_closed(struct evhttp_connection *conn, void *arg)
{
	struct http_stream *st = arg;

	st->closed(st->arg);
	free(st);
}

struct http_stream *http_stream_start(struct http_req *rq, const char *type,
	void (*closed)(void *arg), void *arg)
{
	struct http_stream *st = bb_calloc(1, sizeof(*st));
	int one = 1;

	st->ev = rq->ev;
	st->conn = evhttp_request_get_connection(rq->ev);
	st->closed = closed;
	st->arg = arg;
	add_headers(rq, type);
	http_set_header(rq, "X-Accel-Buffering", "no");
	http_set_header(rq, "Connection", "close");
	if (!rq->peer.is_local) /* small frames must not wait for an acknowledgement */
		setsockopt(connection_fd(rq->ev), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	evhttp_connection_set_closecb(st->conn, on_stream_closed, st);
	evhttp_send_reply_start(rq->ev, 200, "OK");
	request_done(rq);
	return st;
}

void http_stream_send(struct http_stream *st, struct http_frame *f)
{
	struct evbuffer *out = evbuffer_new();

	evbuffer_add_reference(out, f->data, f->len, release_frame, http_frame_ref(f));
	evhttp_send_reply_chunk(st->ev, out);
	evbuffer_free(out);
}

size_t http_stream_unread(const struct http_stream *st)
{
	return evbuffer_get_length(
		bufferevent_get_output(evhttp_connection_get_bufferevent(st->conn)));
}

bool http_stream_check(struct http_stream *st)
{
	char c;
	ssize_t n = recv(connection_fd(st->ev), &c, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	evhttp_connection_free(st->conn); /* runs on_stream_closed() */
	return false;
}

void http_stream_end(struct http_stream *st)
{
	evhttp_connection_set_closecb(st->conn, NULL, NULL);
	evhttp_send_reply_end(st->ev);
	free(st);
}

void http_stream_abort(struct http_stream *st)
{
	evhttp_connection_set_closecb(st->conn, NULL, NULL);
	evhttp_connection_free(st->conn);
	free(st);
}
