// SPDX-License-Identifier: Apache-2.0
/* ZeroMQ sockets hooked into the loop: what pub, sub, snapshots, commands, configuration and the
 * log plane stand on. The only file that calls ZeroMQ is sock.c. ZMQ_FD is edge-triggered, so
 * one hook per process asks every socket for its events before each wait and drains it with a
 * budget. LINGER 0, ZMTP heartbeats on TCP, no call blocks. Not thread-safe: the loop's thread
 * only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "common/bus.h"

enum bb_sock_type { BB_SOCK_PUB, BB_SOCK_SUB, BB_SOCK_ROUTER, BB_SOCK_DEALER };
enum { BB_SOCK_FRAMES_MAX = 5, BB_SOCK_MESSAGE_MAX = 1024 * 1024, BB_SOCK_HWM = 1000 };

struct bb_frame {
	const void *data;
	size_t len;
};

/* As text: copied and NUL-terminated. False when too long or with a NUL inside. */
bool bb_frame_text(const struct bb_frame *f, char *out, size_t cap);
#define bb_frame_str(s) ((struct bb_frame){ (s), strlen(s) })

struct bb_sock;
struct bb_sock_options {
	enum bb_sock_type type;
	int hwm; /* messages per peer and side; 0 = BB_SOCK_HWM */
	size_t max_bytes; /* of a frame, or the peer is cut off; 0 = BB_SOCK_MESSAGE_MAX */
	/* Queue before the connection stands, instead of EAGAIN; for sockets that do not live long. */
	bool early;
	/* A whole message. Frames are borrowed until the callback returns; those beyond
	 * BB_SOCK_FRAMES_MAX are dropped. A ROUTER's first frame is the sender's address. May
	 * close its own socket. NULL: whatever comes is thrown away. */
	void (*message)(void *arg, const struct bb_frame *frames, size_t n);
	void *arg;
};
struct bb_sock *bb_sock_new(struct bb_bus *b, const struct bb_sock_options *o, struct bb_err *err);
void bb_sock_free(struct bb_sock *s); /* NULL is allowed */

/* `leaf` in the run folder, see bb_bus_endpoint. Connecting to what is not there yet is fine: it
 * is tried again every 50 .. 500 ms. */
int bb_sock_bind(struct bb_sock *s, const char *leaf, struct bb_err *err);
int bb_sock_connect(struct bb_sock *s, const char *leaf, struct bb_err *err);
int bb_sock_subscribe(struct bb_sock *s, const char *prefix, struct bb_err *err);

/* Send a copy. Returns 0, or -1 with errno EAGAIN (no peer is connected, or its queue is full)
 * or EHOSTUNREACH (a ROUTER's address is gone). A PUB always returns 0: what a peer cannot take
 * is lost, and noticed there by its numbers. */
int bb_sock_send(struct bb_sock *s, const struct bb_frame *frames, size_t n);
/* Throw away what is queued for reading. Returns the number of messages. */
size_t bb_sock_discard(struct bb_sock *s);
