// SPDX-License-Identifier: Apache-2.0
/* What the files of the bus share (bus.c sock.c pub.c sub.c snap.c cmd.c genconf.c) and tests
 * shorten. Nobody else includes it. */
#pragma once
#include <sys/queue.h>

#include "common/arena.h"
#include "common/bus.h"
#include "common/sock.h"
#include "common/wire.h"

struct bb_bus_times {
	uint64_t heartbeat_ms;        /* own heartbeat, hello, resend of a configuration request */
	uint64_t suspect_ms, lost_ms; /* silence of a publisher */
	uint64_t snap_retry_ms;       /* no row and no end for so long: ask again */
	uint64_t snap_space_ms;       /* between two snapshots of one owner; doubles with gaps */
};

TAILQ_HEAD(bb_sock_list, bb_sock);

struct bb_bus {
	struct bb_loop *loop;
	struct bb_watch *hook;
	struct bb_sock_list socks;
	bool is_draining; /* sockets freed now are released after the turn */
	char run[108];
	char name[65], role[33];
	uint64_t epoch;
	struct bb_bus_times times;
	struct bb_pub *pub; /* the process's one publisher, for the verb "metrics" */
};

/* The hook: drain all sockets. True while one of them has more. */
bool bb_sock_turn(void *bus);

enum { BB_TOPIC_MAX = 512 };

/* Metrics and troubles of the heartbeat as JSON, for the verb "metrics". */
struct bb_buf;
void bb_pub_json(const struct bb_pub *p, struct bb_buf *out);

/* ---- snapshots, asking side (snap.c) ---- */

/* Rows of one owner, prefix by prefix. Asks again when nothing comes for snap_retry_ms or rows
 * are missing. */
struct bb_snap;
struct bb_snap_options {
	const char *leaf;            /* "collect-snmp.snap"; copied */
	const char *const *prefixes; /* NULL-terminated, borrowed for the life of the snapshot */
	/* A row, as in a live message; sent after asked_boot_ns of our clock. */
	void (*row)(void *arg, const struct bb_frame frames[3], uint64_t asked_boot_ns);
	void (*done)(void *arg);
	void *arg;
};
struct bb_snap *bb_snap_new(struct bb_bus *b, const struct bb_snap_options *o);
void bb_snap_free(struct bb_snap *s);
/* Ask for a snapshot now, or once more after the running one. Never more often than allowed. */
void bb_snap_ask(struct bb_snap *s);
/* Give up the running one (the owner is gone). */
void bb_snap_stop(struct bb_snap *s);
