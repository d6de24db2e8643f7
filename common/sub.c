// SPDX-License-Identifier: Apache-2.0
/* The hearing side: who publishes and whether it lives, gaps, late messages, ages.
 *
 * Two numbers, two jobs. publisher_seq finds gaps where we hear all of a publisher; topic_seq
 * decides what is newer, for live messages and snapshot rows alike, so that it does not matter
 * in which order the two arrive. Silence is counted in ticks of our own loop: after a pause of
 * ours nobody looks dead only because we were. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus_int.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "common/sub_topics.h"
#include "common/table.h"

enum {
	HWM = 20000,
	PREFIXES_MAX = 32,
	PEERS_MAX = 256,
	TOPICS_MAX = 500000,
	TICKS_PER_SUSPECT = 8,
	SWEEP_TICKS = 1600,   /* ten minutes with the default times */
	DRIFT_DIVISOR = 5000, /* two hosts' clocks may part by 200 ppm */
};
#define TOMBSTONE_NS (600ull * 1000000000)

struct peer {
	struct bb_sub *sub;
	char name[65];
	uint16_t number; /* among the peers */
	uint64_t epoch, last_seq;
	bool has_seq; /* heard since the start of the epoch and the last resync */
	enum bb_peer_state state;
	uint64_t silent_ms;
	/* Another host's publisher: least (our BOOTTIME - its BOOTTIME) seen in heartbeats, and
	 * our time when the last one was sent. */
	int64_t offset_ns;
	uint64_t heartbeat_own_ns;
	struct bb_snap *snap; /* bind: from <name>.snap */
};

struct bb_sub {
	struct bb_bus *bus;
	struct bb_sub_options options;
	const char *prefixes[PREFIXES_MAX + 1];
	size_t n_prefixes;
	bool hears_all; /* publisher_seq has no holes by design */
	struct bb_sock *sock;
	struct bb_watch *timer;
	struct bb_arena *arena;
	struct bb_table *peers;
	struct sub_topics *topics;
	struct bb_snap *snap; /* connect: from busd.snap */
	bool is_snap_due; /* connect: ask when a heartbeat shows that the subscriptions stand */
	uint64_t since_ns; /* nothing we hear was sent before we listened */
	uint64_t tick_ms;
	unsigned ticks;
	struct bb_sub_stats stats;
	struct bb_log_limit bad_limit, gap_limit;
};

/* A message on its way through the checks. */
struct heard {
	const struct bb_frame *frames;
	char topic[BB_TOPIC_MAX];
	const Busbar__V1__Envelope *e;
	struct peer *peer;
	bool from_snapshot;
	uint64_t now_ns, asked_ns, sampled_own_ns;
	uint64_t late_ms; /* how long the message was on its way, where that can be told */
};

/* ---- log ---- */

static void bad(struct bb_sub *s, const char *text)
{
	uint64_t repeats;

	s->stats.bad++;
	if (bb_log_due(&s->bad_limit, text, &repeats))
		bb_log(EV_BUS_BAD, BB_STR("error", text), BB_UINT("repeats", repeats));
}

static void gap(struct bb_sub *s, const struct peer *p, uint64_t missed)
{
	uint64_t repeats;

	s->stats.gaps++;
	if (bb_log_due(&s->gap_limit, p->name, &repeats))
		bb_log(EV_BUS_GAP, BB_STR("publisher", p->name), BB_UINT("missed", missed),
			BB_UINT("repeats", repeats));
}

/* ---- snapshots ---- */

static void take(struct bb_sub *s, const struct bb_frame *frames, struct peer *owner,
	uint64_t asked_ns);

static void on_peer_row(void *arg, const struct bb_frame frames[3], uint64_t asked_ns)
{
	struct peer *p = arg;

	take(p->sub, frames, p, asked_ns);
}

static void on_peer_done(void *arg)
{
	struct peer *p = arg;

	p->sub->stats.snapshots++;
	if (p->sub->options.snapshot_done)
		p->sub->options.snapshot_done(p->sub->options.arg, p->name);
}

static void on_busd_row(void *arg, const struct bb_frame frames[3], uint64_t asked_ns)
{
	take(arg, frames, NULL, asked_ns);
}

static void on_busd_done(void *arg)
{
	struct bb_sub *s = arg;

	s->stats.snapshots++;
	if (s->options.snapshot_done)
		s->options.snapshot_done(s->options.arg, "");
}

static void ask_busd(struct bb_sub *s)
{
	struct bb_snap_options o = { .leaf = "busd.snap",
		.prefixes = s->prefixes,
		.row = on_busd_row,
		.done = on_busd_done,
		.arg = s };

	if (!s->snap)
		s->snap = bb_snap_new(s->bus, &o);
	bb_snap_ask(s->snap);
}

static void ask_peer(struct peer *p)
{
	struct bb_snap_options o = { .prefixes = p->sub->prefixes,
		.row = on_peer_row,
		.done = on_peer_done,
		.arg = p };
	char leaf[80];

	/* busd owns nothing but its heartbeat; busd.snap is everybody's cache. */
	if (strcmp(p->name, "busd") == 0 || strcmp(p->name, p->sub->bus->name) == 0)
		return;
	snprintf(leaf, sizeof(leaf), "%s.snap", p->name);
	o.leaf = leaf;
	if (!p->snap)
		p->snap = bb_snap_new(p->sub->bus, &o);
	bb_snap_ask(p->snap);
}

static void ask(struct peer *p)
{
	if (!p->sub->options.snapshots)
		return;
	if (p->sub->options.bind)
		ask_peer(p);
	else if (!p->sub->is_snap_due)
		ask_busd(p->sub);
}

/* ---- publishers ---- */

static void tell_peer(struct peer *p, bool new_epoch)
{
	if (p->sub->options.peer)
		p->sub->options.peer(p->sub->options.arg, p->name, p->state, new_epoch);
}

static struct peer *peer_get(struct bb_sub *s, const char *name)
{
	struct peer *p = bb_table_get(s->peers, name);

	if (p)
		return p;
	if (bb_table_count(s->peers) >= PEERS_MAX) {
		bad(s, "too many publishers");
		return NULL;
	}
	p = bb_calloc(1, sizeof(*p));
	p->sub = s;
	bb_copy(p->name, sizeof(p->name), name);
	p->heartbeat_own_ns = s->since_ns;
	p->number = (uint16_t)bb_table_count(s->peers);
	bb_table_put(s->peers, name, p);
	return p;
}

/* Heard of only by a row of busd's cache it may be dead for long: suspect until its heartbeat
 * comes. */
static void peer_new_epoch(struct heard *h)
{
	struct peer *p = h->peer;
	bool is_restart = p->epoch != 0;

	p->epoch = h->e->source_epoch;
	p->last_seq = h->e->publisher_seq;
	p->has_seq = !h->from_snapshot;
	p->offset_ns = 0;
	p->silent_ms = h->from_snapshot ? p->sub->bus->times.suspect_ms : 0;
	p->state = h->from_snapshot ? BB_PEER_SUSPECT : BB_PEER_ALIVE;
	tell_peer(p, true);
	if (!h->from_snapshot && (is_restart || p->sub->options.bind))
		ask(p);
}

static void peer_state_update(struct peer *p)
{
	const struct bb_bus_times *t = &p->sub->bus->times;
	enum bb_peer_state state = p->silent_ms >= t->lost_ms      ? BB_PEER_LOST
				   : p->silent_ms >= t->suspect_ms ? BB_PEER_SUSPECT
								   : BB_PEER_ALIVE;
	bool was_lost = p->state == BB_PEER_LOST;

	if (state == p->state)
		return;
	p->state = state;
	if (state == BB_PEER_LOST && p->snap)
		bb_snap_stop(p->snap);
	tell_peer(p, false);
	if (was_lost)
		ask(p);
}

/* A heartbeat that was long on its way says little about now, but never makes it look worse. */
static void peer_heartbeat(struct heard *h)
{
	struct peer *p = h->peer;

	if (h->late_ms < p->silent_ms)
		p->silent_ms = h->late_ms;
	peer_state_update(p);
	if (p->sub->is_snap_due && p->sub->options.snapshots) {
		p->sub->is_snap_due = false;
		ask_busd(p->sub);
	}
}

static void on_tick(void *arg)
{
	struct bb_sub *s = arg;
	struct bb_table_iter i = { 0 };
	uint64_t now_ms = bb_loop_now_ms(s->bus->loop), passed_ms = now_ms - s->tick_ms;
	uint64_t most_ms = 2 * s->bus->times.suspect_ms / TICKS_PER_SUSPECT;
	struct peer *p;

	s->tick_ms = now_ms;
	if (passed_ms > most_ms)
		passed_ms = most_ms;
	while ((p = bb_table_next(s->peers, &i, NULL, NULL))) {
		p->silent_ms += passed_ms;
		peer_state_update(p);
	}
	if (++s->ticks % SWEEP_TICKS)
		return;
	uint64_t now_ns = bb_clock_boot_ns();

	for (size_t k = sub_topics_count(s->topics); k-- > 0;) {
		const struct sub_topic *t = sub_topics_at(s->topics, k);

		if (t->is_gone && now_ns - t->sampled_own_ns > TOMBSTONE_NS)
			sub_topics_remove(s->topics, k);
	}
}

/* ---- numbers ---- */

/* The publisher's own numbering. False: from an instance that is no more. */
static bool check_publisher(struct heard *h)
{
	struct peer *p = h->peer;
	const Busbar__V1__Envelope *e = h->e;

	if (e->source_epoch > p->epoch) {
		peer_new_epoch(h);
		return true;
	}
	/* busd's cache keeps what the instance before told until the new one tells it again. */
	if (e->source_epoch < p->epoch)
		return h->from_snapshot && !p->sub->options.bind;
	if (h->from_snapshot)
		return true;
	if (!p->has_seq) {
		p->has_seq = true;
		p->last_seq = e->publisher_seq;
		if (p->sub->options.bind)
			ask(p);
		return true;
	}
	if (e->publisher_seq <= p->last_seq)
		return true; /* the topic's number decides */
	if (p->sub->hears_all && e->publisher_seq > p->last_seq + 1) {
		gap(p->sub, p, e->publisher_seq - p->last_seq - 1);
		ask(p);
	}
	p->last_seq = e->publisher_seq;
	return true;
}

static bool is_newer(const struct sub_topic *t, const struct heard *h)
{
	const Busbar__V1__Envelope *e = h->e;

	if (t->peer != h->peer->number) { /* the device moved to another collector */
		if (e->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_GONE)
			return false;
		return t->is_gone || h->sampled_own_ns >= t->sampled_own_ns;
	}
	if (e->source_epoch != t->epoch)
		return e->source_epoch > t->epoch;
	return h->from_snapshot ? e->topic_seq >= t->seq : e->topic_seq > t->seq;
}

/* The topic's numbering. False: not newer than what was delivered. */
static bool check_topic(struct bb_sub *s, const struct heard *h)
{
	uint64_t key = bb_hash(h->topic, strlen(h->topic));
	struct sub_topic *t = sub_topics_get(s->topics, key);

	if (!t) {
		if (sub_topics_count(s->topics) >= TOPICS_MAX) {
			bad(s, "too many topics");
			return false;
		}
		t = sub_topics_add(s->topics, key);
	} else if (!is_newer(t, h)) {
		return false;
	} else if (!s->hears_all && !h->from_snapshot && t->peer == h->peer->number &&
		   t->epoch == h->e->source_epoch && h->e->topic_seq > t->seq + 1) {
		gap(s, h->peer, h->e->topic_seq - t->seq - 1);
		ask(h->peer);
	}
	*t = (struct sub_topic){
		.key = key,
		.peer = h->peer->number,
		.epoch = h->e->source_epoch,
		.seq = h->e->topic_seq,
		.sampled_own_ns = h->sampled_own_ns,
		.is_gone = h->e->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_GONE,
	};
	return true;
}

/* ---- ages ---- */

/* Another host: its clock says nothing here, but the fastest heartbeat so far tells how far the
 * two clocks are apart, and so how long this one was on its way. */
static void track_link(struct heard *h)
{
	struct peer *p = h->peer;
	int64_t apart_ns = (int64_t)(h->now_ns - h->e->sampled_boot_ns);
	int64_t crept_ns =
		p->offset_ns + (int64_t)((h->now_ns - p->heartbeat_own_ns) / DRIFT_DIVISOR);

	p->offset_ns = p->offset_ns && crept_ns < apart_ns ? crept_ns : apart_ns;
	p->heartbeat_own_ns = h->e->sampled_boot_ns + (uint64_t)p->offset_ns;
	h->late_ms = (h->now_ns - p->heartbeat_own_ns) / 1000000;
}

static void set_age(struct heard *h)
{
	const Busbar__V1__Envelope *e = h->e;
	bool is_beat = e->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT && !h->from_snapshot;

	if (e->boot_id.len == 16 && memcmp(e->boot_id.data, bb_clock_boot_id(), 16) == 0) {
		h->sampled_own_ns = e->sampled_boot_ns < h->now_ns ? e->sampled_boot_ns : h->now_ns;
		h->late_ms = (h->now_ns - h->sampled_own_ns) / 1000000;
		return;
	}
	uint64_t current_ns = h->from_snapshot ? h->asked_ns : h->peer->heartbeat_own_ns;
	uint64_t age_ns = e->age_ms * 1000000ull;

	h->sampled_own_ns = age_ns < current_ns ? current_ns - age_ns : 1;
	if (is_beat)
		track_link(h);
}

/* ---- one message ---- */

static bool is_wanted(const struct bb_sub *s, const char *topic)
{
	for (size_t i = 0; i < s->n_prefixes; i++) {
		if (strncmp(topic, s->prefixes[i], strlen(s->prefixes[i])) == 0)
			return true;
	}
	return false;
}

static void deliver(struct bb_sub *s, const struct heard *h)
{
	struct bb_msg m = {
		.topic = h->topic,
		.kind = h->e->kind,
		.publisher = h->peer->name,
		.epoch = h->e->source_epoch,
		.publisher_seq = h->e->publisher_seq,
		.topic_seq = h->e->topic_seq,
		.sampled_boot_ns = h->e->sampled_boot_ns,
		.sampled_own_ns = h->sampled_own_ns,
		.age_ms = (h->now_ns - h->sampled_own_ns) / 1000000,
		.from_snapshot = h->from_snapshot,
		.body = h->frames[2].data,
		.body_len = h->frames[2].len,
		.envelope = h->frames[1].data,
		.envelope_len = h->frames[1].len,
	};

	s->options.message(s->options.arg, &m);
}

/* Frames to a message whose envelope is sound. */
static bool parse(struct bb_sub *s, struct heard *h)
{
	struct bb_err err;
	size_t n;

	if (!bb_frame_text(&h->frames[0], h->topic, sizeof(h->topic)) || !(n = strlen(h->topic)) ||
		h->topic[n - 1] != '/' || !bb_utf8_valid(h->topic, n)) {
		bad(s, "a topic is not text that ends in '/'");
		return false;
	}
	bb_arena_reset(s->arena);
	h->e = bb_unpack_envelope(s->arena, h->frames[1].data, h->frames[1].len, &err);
	if (!h->e) {
		bad(s, err.text);
		return false;
	}
	return true;
}

/* A live message (owner NULL, asked_ns 0) or a row of a snapshot: of `owner`, or of busd (NULL). */
static void take(struct bb_sub *s, const struct bb_frame *frames, struct peer *owner,
	uint64_t asked_ns)
{
	struct heard h = { .frames = frames,
		.from_snapshot = asked_ns != 0,
		.now_ns = bb_clock_boot_ns(),
		.asked_ns = asked_ns };

	if (!parse(s, &h))
		return;
	h.peer = peer_get(s, h.e->publisher);
	if (!h.peer || (owner && h.peer != owner))
		return;
	if (!check_publisher(&h)) {
		s->stats.dropped_late++;
		return;
	}
	set_age(&h);
	if (h.e->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT && !h.from_snapshot)
		peer_heartbeat(&h);
	if (!is_wanted(s, h.topic))
		return;
	if (h.e->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_UNSPECIFIED ||
		h.e->kind > BUSBAR__V1__ENVELOPE__KIND__KIND_REDUNDANCY) {
		bad(s, "a message is of a kind unknown here");
		return;
	}
	if (check_topic(s, &h))
		deliver(s, &h);
	else
		s->stats.dropped_late++;
}

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_sub *s = arg;

	s->stats.received++;
	if (n == 3)
		take(s, frames, NULL, 0);
	else
		bad(s, "a message has not three frames");
}

/* ---- life ---- */

static int add_prefix(struct bb_sub *s, const char *prefix, struct bb_err *err)
{
	if (s->n_prefixes == PREFIXES_MAX)
		return bb_err_set(err, "cannot subscribe to \"%s\": at most %d prefixes", prefix,
			PREFIXES_MAX);
	if (strlen(prefix) >= BB_TOPIC_MAX || (*prefix && prefix[strlen(prefix) - 1] != '/'))
		return bb_err_set(err, "cannot subscribe to \"%s\": a prefix ends in '/'", prefix);
	if (!s->options.bind && bb_sock_subscribe(s->sock, prefix, err) < 0)
		return -1;
	s->prefixes[s->n_prefixes++] = bb_strdup(prefix);
	if (!*prefix)
		s->hears_all = true;
	return 0;
}

/* Where publishers come to us we hear all of them and filter here: a filter at the publisher
 * would look like gaps. */
static int open_socket(struct bb_sub *s, struct bb_err *err)
{
	struct bb_sock_options o = { .type = BB_SOCK_SUB,
		.hwm = HWM,
		.message = on_message,
		.arg = s };

	s->sock = bb_sock_new(s->bus, &o, err);
	if (!s->sock)
		return -1;
	for (const char *const *p = s->options.prefixes; *p; p++) {
		if (add_prefix(s, *p, err) < 0)
			return -1;
	}
	/* Last, because its arrival shows that busd has all the others. */
	if (bb_sock_subscribe(s->sock, s->options.bind ? "" : "heartbeat/", err) < 0)
		return -1;
	return s->options.bind ? bb_sock_bind(s->sock, s->options.bind, err)
			       : bb_sock_connect(s->sock, "busd.out", err);
}

struct bb_sub *bb_sub_new(struct bb_bus *b, const struct bb_sub_options *o, struct bb_err *err)
{
	struct bb_sub *s = bb_calloc(1, sizeof(*s));

	s->bus = b;
	s->options = *o;
	s->hears_all = o->bind != NULL;
	s->is_snap_due = !o->bind;
	s->arena = bb_arena_new(4096, 4 * BB_WIRE_MAX);
	s->peers = bb_table_new();
	s->topics = sub_topics_new();
	s->since_ns = bb_clock_boot_ns();
	s->tick_ms = bb_loop_now_ms(b->loop);
	if (open_socket(s, err) < 0) {
		bb_sub_free(s);
		return NULL;
	}
	s->timer = bb_loop_every(b->loop, b->times.suspect_ms / TICKS_PER_SUSPECT, on_tick, s);
	return s;
}

static void peer_free(void *arg)
{
	struct peer *p = arg;

	bb_snap_free(p->snap);
	free(p);
}

void bb_sub_free(struct bb_sub *s)
{
	if (!s)
		return;
	bb_loop_cancel(s->timer);
	bb_snap_free(s->snap);
	bb_table_free(s->peers, peer_free);
	sub_topics_free(s->topics);
	bb_sock_free(s->sock);
	bb_arena_free(s->arena);
	for (size_t i = 0; i < s->n_prefixes; i++)
		free((char *)s->prefixes[i]);
	free(s);
}

static void ask_all(struct bb_sub *s)
{
	struct bb_table_iter i = { 0 };
	struct peer *p;

	s->is_snap_due = !s->options.bind;
	while ((p = bb_table_next(s->peers, &i, NULL, NULL)))
		p->has_seq = false; /* its next message asks for its snapshot */
}

int bb_sub_add_prefix(struct bb_sub *s, const char *prefix)
{
	if (add_prefix(s, prefix, NULL) < 0)
		return -1;
	ask_all(s);
	return 0;
}

void bb_sub_resync(struct bb_sub *s)
{
	bb_sock_discard(s->sock);
	ask_all(s);
}

void bb_sub_stats(const struct bb_sub *s, struct bb_sub_stats *out)
{
	*out = s->stats;
}
