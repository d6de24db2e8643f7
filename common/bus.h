// SPDX-License-Identifier: Apache-2.0
/* The state plane: numbered PUB/SUB with heartbeats and snapshots; the sockets are common/sock's. Rules and
 * topics: proto/README.md.
 *
 * Nothing here blocks. Messages above 1 MiB do not arrive. Who publishes too much for a peer loses messages, and the peer notices.
 * Ages: equal boot ids: own BOOTTIME - sampled_boot_ns, else age_ms + time since the heartbeat that proved the link current. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"

struct bb_bus;              /* ZeroMQ context, run folder, own name and epoch */
struct bb_pub;
struct bb_sub;

/* `run` holds the ipc sockets. `name` is the publisher name; `role` goes into the heartbeat. One per process. */
struct bb_bus *bb_bus_new(struct bb_loop *loop, const char *run, const char *name, const char *role, uint64_t epoch, struct bb_err *err);
void bb_bus_free(struct bb_bus *b);
/* "ipc://<run>/<leaf>"; fails when the path passes 100 bytes. */
int bb_bus_endpoint(const struct bb_bus *b, const char *leaf, char *out, size_t cap, struct bb_err *err);

/* A received message. Everything borrowed until the callback returns. */
struct bb_msg {
	const char *topic;              /* NUL-terminated, ends in '/' */
	unsigned kind;                  /* Envelope.Kind */
	const char *publisher;
	uint64_t epoch, publisher_seq, topic_seq;
	uint64_t sampled_boot_ns;       /* on the publisher's boot; compare only through age_ms */
	uint64_t sampled_own_ns;        /* the same instant on our BOOTTIME clock (sampled_boot_ns when the boot ids match) */
	uint64_t age_ms;                /* at delivery */
	bool from_snapshot;
	const uint8_t *body;
	size_t body_len;
	const void *envelope;           /* as received, for forwarding */
	size_t envelope_len;
};

/* ---- publishing ---- */

/* Where this daemon's one PUB socket connects. Collectors: all three. Other daemons: BB_PUB_ALARMD | BB_PUB_BUSD (heartbeat and own
 * troubles reach alarmd). alarmd itself: BB_PUB_BUSD. */
enum { BB_PUB_ALARMD = 1, BB_PUB_SHUTDOWND = 2, BB_PUB_BUSD = 4 };

/* Emit one current row while serving a snapshot; same arguments as bb_pub_send without numbering. */
typedef void (*bb_snap_emit)(void *emit_arg, const char *topic, unsigned kind, const void *body, size_t len, uint64_t sampled_boot_ns);
struct bb_pub_options {
	unsigned connect;
	size_t devices;                 /* high-water mark = 2 x, 1,000 .. 20,000 */
	/* Owner's snapshot on <name>.snap (NULL: an empty one): emit every current topic beginning with prefix. */
	void (*snapshot)(void *arg, const char *prefix, bb_snap_emit emit, void *emit_arg);
	/* Called before each heartbeat; set metrics and troubles with the calls below. May be NULL. */
	void (*heartbeat)(void *arg, struct bb_pub *p);
	void *arg;
};
struct bb_pub *bb_pub_new(struct bb_bus *b, const struct bb_pub_options *o, struct bb_err *err);
void bb_pub_free(struct bb_pub *p);
/* Send to all. Body is copied. sampled_boot_ns 0 = now. Never blocks; a peer at its high-water mark misses it and notices. Returns
 * the message's topic_seq. */
uint64_t bb_pub_send(struct bb_pub *p, const char *topic, unsigned kind, const void *body, size_t len, uint64_t sampled_boot_ns);
/* The same for what may wait BB_PUB_LAZY_MS to leave together with others, because wake-ups cost more than messages. bb_pub_send()
 * overtakes it, but within one topic the order is that of the calls. A heartbeat and a snapshot take along what waits. */
enum { BB_PUB_LAZY_MS = 100 };
uint64_t bb_pub_send_lazy(struct bb_pub *p, const char *topic, unsigned kind, const void *body, size_t len, uint64_t sampled_boot_ns);
/* The topic ended: KIND_GONE, numbering forgotten. */
void bb_pub_gone(struct bb_pub *p, const char *topic);
void bb_pub_metric(struct bb_pub *p, const char *name, double value);            /* stays until set again */
/* An own-alarm stands while set; severity 0 removes it. */
void bb_pub_trouble(struct bb_pub *p, const char *code, unsigned severity, const char *text);
uint64_t bb_pub_seq(const struct bb_pub *p);

/* ---- subscribing ---- */

enum bb_peer_state { BB_PEER_ALIVE, BB_PEER_SUSPECT, BB_PEER_LOST };             /* 0, 3, 10 s without heartbeat */
struct bb_sub_options {
	const char *bind;               /* leaf such as "readings.alarmd" (hear publishers directly), or NULL: connect to busd.out */
	const char *const *prefixes;    /* NULL-terminated; each ends in '/'; { "", NULL } = all */
	/* Ask <publisher>.snap (bind) or busd.snap (connect) after a gap, a new epoch, a pause, and at start. */
	bool snapshots;
	void (*message)(void *arg, const struct bb_msg *m);
	/* Publisher's state changed, or it started anew (new_epoch). Its heartbeat also arrives as a message. */
	void (*peer)(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch);
	/* A snapshot of that publisher ("" = busd's, of everything) is complete. */
	void (*snapshot_done)(void *arg, const char *publisher);
	void *arg;
};
/* Late messages (epoch or seq not newer) are dropped here and never reach message(). */
struct bb_sub *bb_sub_new(struct bb_bus *b, const struct bb_sub_options *o, struct bb_err *err);
void bb_sub_free(struct bb_sub *s);
int bb_sub_add_prefix(struct bb_sub *s, const char *prefix);
/* Our own loop was away: drop what is queued, ask for snapshots. Called by the owner from its discontinuity handler. */
void bb_sub_resync(struct bb_sub *s);
struct bb_sub_stats {
	uint64_t received, dropped_late, bad, gaps, snapshots;
};
void bb_sub_stats(const struct bb_sub *s, struct bb_sub_stats *out);
