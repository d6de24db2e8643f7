// SPDX-License-Identifier: Apache-2.0
/* Inside of live: streams (live.c) and what is told to them (live_feed.c). */
#pragma once
#include "common/loop.h"
#include "common/str.h"
#include "common/table.h"
#include "webd/auth.h"
#include "webd/live.h"
#include "webd/ring.h"

struct stream {
	struct live *live;
	struct stream *next, **prev;
	struct http_stream *http;
	char id[17], address[64];
	struct identity who; /* session is NULL: it may end before the stream does */
	struct live_topics topics;
};

struct live {
	struct webd *w;
	uint64_t epoch;
	struct ring *ring;
	struct stream *streams;
	size_t n_streams;
	uint64_t n_cut;
	struct bb_table *watched; /* device id -> number of streams that show it */
	struct bb_watch *timer[4], *tick;
	/* what waits for the next tick */
	uint64_t *changed; /* device ids */
	size_t n_changed, cap_changed;
	struct bb_buf gone, groups_gone, named_gone, redundancies_gone; /* JSON strings, comma separated */
	bool is_summary_due, are_groups_due;
};

struct http_frame *live_frame(struct live *l, const char *event, uint64_t seq,
	const struct bb_buf *data);
/* false: the client was cut off and the stream is gone. */
bool live_send(struct stream *s, struct http_frame *f);
void live_send_all(struct live *l, unsigned topic, struct http_frame *f);
/* Number, keep and send. */
void live_log_event(struct live *l, unsigned topic, const char *event, const struct bb_buf *data);
void live_wake(struct live *l);

struct http_frame *live_summary_frame(struct live *l);
struct http_frame *live_system_frame(struct live *l);
struct http_frame *live_values_frame(struct live *l, uint64_t device_id,
	bool is_full); /* NULL: no such device */
void live_watch(struct live *l, uint64_t device_id);
void live_unwatch(struct live *l, uint64_t device_id);
void live_flush(struct live *l);
void live_flush_aged(struct live *l);
