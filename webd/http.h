// SPDX-License-Identifier: Apache-2.0
/* HTTP/1.1 server: all that webd knows of libevent's evhttp, so that it can be replaced. One
 * thread, nothing blocks.
 *
 * A request is answered exactly once, at any later time, with http_reply() or
 * http_stream_start(); until then it and everything in its arena stays valid, whether or not the
 * client is still there, and afterwards until the loop turns. Every answer gets the security
 * headers. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/arena.h"
#include "common/loop.h"
#include "common/str.h"
#include "webd/uri.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OTHER };

struct http_peer {
	bool is_local; /* came over the unix socket: uid is the kernel's word */
	uid_t uid;
	char address[64];
};

struct http_req {
	enum http_method method;
	struct uri uri;
	const char *body; /* NUL-terminated copy, never NULL */
	size_t body_len;
	struct http_peer peer;
	struct bb_arena *arena;    /* dies with the request */
	char id[17];               /* for the log and the error page */
	struct evhttp_request *ev; /* http.c only; NULL once answered */
	struct http_server *server;
};

typedef void (*http_handler)(void *arg, struct http_req *rq);

struct http_server;
/* TCP: bodies up to 1 MiB; unix socket: up to 16 MiB. */
struct http_server *http_new(struct bb_loop *loop, http_handler handler, void *arg);
void http_free(struct http_server *s); /* open requests are dropped */

/* Serve a listening socket, which is taken over. */
void http_serve(struct http_server *s, int fd, bool is_local);

const char *http_header(const struct http_req *rq, const char *name); /* NULL: not sent */
void http_set_header(struct http_req *rq, const char *name, const char *value);
/* Answer and free the request. `body` may be NULL; its bytes are taken over and the buffer is
 * left empty. */
void http_reply(struct http_req *rq, int status, const char *type, struct bb_buf *body);
/* Answer with `len` bytes of an open file, which is closed afterwards. */
void http_reply_file(struct http_req *rq, const char *type, int fd, size_t len);

/* ---- streams ---- */

/* Bytes shared by many streams. */
struct http_frame;
struct http_frame *http_frame_new(const void *data, size_t len); /* copied; one reference */
struct http_frame *http_frame_ref(struct http_frame *f);
void http_frame_unref(struct http_frame *f);
size_t http_frame_len(const struct http_frame *f);

struct http_stream;
/* Start a 200 answer of that type; the request is freed. `closed` runs once when the client is gone,
 * but not after http_stream_end() or http_stream_abort(). */
struct http_stream *http_stream_start(struct http_req *rq, const char *type,
	void (*closed)(void *arg), void *arg);
void http_stream_send(struct http_stream *st, struct http_frame *f);
size_t http_stream_unread(const struct http_stream *st); /* bytes the client has not taken */
/* Notice a client that hung up; may run closed(). Returns false when it is gone. */
bool http_stream_check(struct http_stream *st);
/* End in order: what was sent goes out while the client still reads; after 30 s without progress
 * the connection is cut. */
void http_stream_end(struct http_stream *st);
/* The rest cannot be had: cut the connection without the final chunk, so that nobody takes a part
 * for the whole. */
void http_stream_abort(struct http_stream *st);
