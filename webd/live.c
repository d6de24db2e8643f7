// SPDX-License-Identifier: Apache-2.0
#include "webd/live.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "webd/api_system.h"
#include "webd/live_priv.h"
#include "webd/model_json.h"
#include "webd/request.h"
#include "webd/webd.h"

#define RING_EVENTS         16384
#define RING_BYTES          (32u << 20)
#define STREAMS_MAX         500
#define STREAMS_PER_SESSION 6
#define UNREAD_MAX          (1u << 20)
#define TICK_MS             100
#define CHECK_MS            30000

/* ---- frames ---- */

struct http_frame *live_frame(struct live *l, const char *event, uint64_t seq,
	const struct bb_buf *data)
{
	struct bb_buf b = { 0 };
	struct http_frame *f;

	if (seq)
		bb_buf_printf(&b, "id: %" PRIu64 "-%" PRIu64 "\n", l->epoch, seq);
	bb_buf_printf(&b, "event: %s\ndata: ", event);
	bb_buf_add(&b, data->data, data->len);
	bb_buf_str(&b, "\n\n");
	f = http_frame_new(b.data, b.len);
	bb_buf_fini(&b);
	return f;
}

static void seq_text(const struct live *l, char out[48])
{
	snprintf(out, 48, "%" PRIu64 "-%" PRIu64, l->epoch, ring_head(l->ring));
}

void live_seq_text(const struct live *l, char out[48])
{
	seq_text(l, out);
}

/* ---- one stream ---- */

static void stream_drop(struct stream *s)
{
	for (size_t i = 0; i < s->topics.n_devices; i++)
		live_unwatch(s->live, s->topics.device[i]);
	*s->prev = s->next;
	if (s->next)
		s->next->prev = s->prev;
	s->live->n_streams--;
	free(s);
}

static void on_closed(void *arg)
{
	stream_drop(arg);
}

static void send_text(struct stream *s, const char *event, const char *json)
{
	struct bb_buf data = { .data = (char *)json, .len = strlen(json) };
	struct http_frame *f = live_frame(s->live, event, 0, &data);

	http_stream_send(s->http, f);
	http_frame_unref(f);
}

static void stream_end(struct stream *s, const char *reason)
{
	char json[64];

	snprintf(json, sizeof(json), "{\"reason\":\"%s\"}", reason);
	send_text(s, "bye", json);
	http_stream_end(s->http);
	stream_drop(s);
}

bool live_send(struct stream *s, struct http_frame *f)
{
	http_stream_send(s->http, f);
	if (http_stream_unread(s->http) <= UNREAD_MAX)
		return true;
	bb_log(EV_CLIENT_CUT, BB_STR("user", s->who.user), BB_STR("address", s->address));
	s->live->n_cut++;
	stream_end(s, "overflow");
	return false;
}

/* Send to everybody who takes the topic. Streams may end meanwhile. */
void live_send_all(struct live *l, unsigned topic, struct http_frame *f)
{
	for (struct stream *s = l->streams, *next; s; s = next) {
		next = s->next;
		if (s->topics.fixed & topic)
			live_send(s, f);
	}
}

void live_log_event(struct live *l, unsigned topic, const char *event, const struct bb_buf *data)
{
	struct http_frame *f = live_frame(l, event, ring_head(l->ring) + 1, data);

	ring_put(l->ring, topic, http_frame_ref(f));
	live_send_all(l, topic, f);
	http_frame_unref(f);
}

/* ---- topics ---- */

static const struct {
	const char *name;
	unsigned bit;
	// clang-format off
} topic_names[] = {
	{ "summary", LIVE_SUMMARY }, { "alarms", LIVE_ALARMS }, { "events", LIVE_EVENTS }, { "devices", LIVE_DEVICES },
	{ "groups", LIVE_GROUPS }, { "system", LIVE_SYSTEM },
};
// clang-format on

static int parse_topic(const char *name, struct live_topics *t, struct bb_err *err)
{
	uint64_t id;

	for (size_t i = 0; i < sizeof(topic_names) / sizeof(topic_names[0]); i++)
		if (strcmp(topic_names[i].name, name) == 0) {
			t->fixed |= topic_names[i].bit;
			return 0;
		}
	if (strncmp(name, "device:", 7) != 0)
		return bb_err_set(err, "there is no topic \"%s\"", name);
	if (bb_parse_u64(name + 7, "device of the topic", 1, INT64_MAX, &id, err) != 0)
		return -1;
	for (size_t i = 0; i < t->n_devices; i++)
		if (t->device[i] == id)
			return 0;
	if (t->n_devices == LIVE_DEVICES_MAX)
		return bb_err_set(err, "a stream takes at most %d devices", LIVE_DEVICES_MAX);
	t->device[t->n_devices++] = id;
	return 0;
}

int live_topics_parse(const char *text, struct live_topics *t, struct bb_err *err)
{
	char name[48];

	*t = (struct live_topics){ 0 };
	while (*text) {
		size_t n = strcspn(text, ",");

		if (n >= sizeof(name))
			return bb_err_set(err, "a topic's name is too long");
		memcpy(name, text, n);
		name[n] = '\0';
		if (n > 0 && parse_topic(name, t, err) != 0)
			return -1;
		text += n + (text[n] == ',');
	}
	return 0;
}

bool live_id_parse(const char *text, uint64_t *epoch, uint64_t *seq)
{
	char first[24];
	size_t n = strcspn(text, "-");

	if (n == 0 || n >= sizeof(first) || text[n] != '-')
		return false;
	memcpy(first, text, n);
	first[n] = '\0';
	return bb_parse_u64(first, "epoch", 0, UINT64_MAX, epoch, NULL) == 0 &&
	       bb_parse_u64(text + n + 1, "seq", 0, UINT64_MAX, seq, NULL) == 0;
}

static bool send_latest(struct stream *s, unsigned fixed)
{
	struct live *l = s->live;
	struct http_frame *f;
	bool is_there = true;

	if (fixed & LIVE_SUMMARY) {
		f = live_summary_frame(l);
		is_there = live_send(s, f);
		http_frame_unref(f);
	}
	if (is_there && (fixed & LIVE_SYSTEM)) {
		f = live_system_frame(l);
		is_there = live_send(s, f);
		http_frame_unref(f);
	}
	for (size_t i = 0; is_there && i < s->topics.n_devices; i++) {
		f = live_values_frame(l, s->topics.device[i], true);
		is_there = !f || live_send(s, f);
		http_frame_unref(f);
	}
	return is_there;
}

static void take_topics(struct stream *s, const struct live_topics *t)
{
	for (size_t i = 0; i < t->n_devices; i++)
		live_watch(s->live, t->device[i]);
	for (size_t i = 0; i < s->topics.n_devices; i++)
		live_unwatch(s->live, s->topics.device[i]);
	s->topics = *t;
}

/* ---- opening ---- */

static void send_hello(struct stream *s, bool is_resumed)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char seq[48], epoch[24];

	seq_text(s->live, seq);
	snprintf(epoch, sizeof(epoch), "%" PRIu64, s->live->epoch);
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "stream_id", s->id);
	bb_json_str(&j, "seq", seq);
	bb_json_str(&j, "epoch", epoch);
	bb_json_str(&j, "build", BUSBAR_VERSION);
	bb_json_time(&j, "now", bb_clock_real_us());
	bb_json_bool(&j, "resumed", is_resumed);
	bb_json_arr(&j, "topics");
	for (size_t i = 0; i < sizeof(topic_names) / sizeof(topic_names[0]); i++)
		if (s->topics.fixed & topic_names[i].bit)
			bb_json_str(&j, NULL, topic_names[i].name);
	for (size_t i = 0; i < s->topics.n_devices; i++) {
		char name[40];

		snprintf(name, sizeof(name), "device:%" PRIu64, s->topics.device[i]);
		bb_json_str(&j, NULL, name);
	}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	send_text(s, "hello", b.data);
	bb_buf_fini(&b);
}

static void collect_frame(void *arg, struct http_frame *f)
{
	http_stream_send(arg, f);
}

static struct stream *stream_new(struct live *l, struct request *rq)
{
	struct stream *s = bb_calloc(1, sizeof(*s));
	uint8_t id[8];

	s->live = l;
	s->who = rq->who;
	s->who.session = NULL;
	bb_copy(s->address, sizeof(s->address), rq->http->peer.address);
	randombytes_buf(id, sizeof(id));
	bb_hex(s->id, id, sizeof(id));
	s->prev = &l->streams;
	s->next = l->streams;
	if (l->streams)
		l->streams->prev = &s->next;
	l->streams = s;
	l->n_streams++;
	s->http = http_stream_start(rq->http, "text/event-stream", on_closed, s);
	return s;
}

static unsigned same_caller(const struct live *l, const struct request *rq)
{
	unsigned n = 0;

	for (const struct stream *s = l->streams; s; s = s->next) {
		if (s->who.kind != rq->who.kind)
			continue;
		if (rq->who.kind == WHO_SESSION)
			n += memcmp(s->who.session_hash, rq->who.session_hash, 32) == 0;
		else if (rq->who.kind == WHO_TOKEN)
			n += memcmp(s->who.token_hash, rq->who.token_hash, 32) == 0;
	}
	return n;
}

void live_open(struct live *l, struct request *rq, const struct live_topics *t, const char *last_id)
{
	uint64_t epoch, seq;
	bool is_resumed;
	struct stream *s;

	if (l->n_streams >= STREAMS_MAX || same_caller(l, rq) >= STREAMS_PER_SESSION) {
		reply_rate_limited(rq, 3);
		return;
	}
	s = stream_new(l, rq);
	take_topics(s, t);
	is_resumed = last_id && live_id_parse(last_id, &epoch, &seq) && epoch == l->epoch &&
		     ring_holds(l->ring, seq);
	send_hello(s, is_resumed);
	if (is_resumed)
		ring_each(l->ring, seq, t->fixed, collect_frame, s->http);
	else if (last_id)
		send_text(s, "reset", "{\"reason\":\"too old\"}");
	send_latest(s, t->fixed);
}

bool live_change(struct live *l, const struct request *rq, const char *stream_id,
	const struct live_topics *t)
{
	for (struct stream *s = l->streams; s; s = s->next) {
		if (strcmp(s->id, stream_id) != 0 || strcmp(s->who.user, rq->who.user) != 0 ||
			s->who.kind != rq->who.kind)
			continue;
		unsigned fresh = t->fixed & ~s->topics.fixed;

		take_topics(s, t);
		send_latest(s, fresh);
		return true;
	}
	return false;
}

/* ---- rights ---- */

void live_session_ended(struct live *l, const uint8_t session_hash[32])
{
	for (struct stream *s = l ? l->streams : NULL, *next; s; s = next) {
		next = s->next;
		if (s->who.kind == WHO_SESSION &&
			memcmp(s->who.session_hash, session_hash, 32) == 0)
			stream_end(s, "login-ended");
	}
}

void live_check_rights(struct live *l)
{
	int64_t now_s = webd_now_s();

	for (struct stream *s = l->streams, *next; s; s = next) {
		next = s->next;
		if (!auth_still_valid(&l->w->auth, &s->who, now_s))
			stream_end(s, "rights");
	}
}

/* ---- rhythm ---- */

static void on_ping(void *arg)
{
	struct live *l = arg;
	char seq[48], now[32], json[128];
	struct http_frame *f;

	seq_text(l, seq);
	snprintf(json, sizeof(json), "{\"seq\":\"%s\",\"now\":\"%s\"}", seq,
		bb_clock_rfc3339(bb_clock_real_us(), now));
	struct bb_buf data = { .data = json, .len = strlen(json) };
	f = live_frame(l, "ping", 0, &data);
	for (struct stream *s = l->streams, *next; s; s = next) {
		next = s->next;
		if (http_stream_check(s->http))
			live_send(s, f);
	}
	http_frame_unref(f);
}

static void on_check(void *arg)
{
	live_check_rights(arg);
}

static void on_tick(void *arg)
{
	struct live *l = arg;

	l->tick = NULL;
	live_flush(l);
}

void live_wake(struct live *l)
{
	if (!l->tick)
		l->tick = bb_loop_after(l->w->loop, TICK_MS, on_tick, l);
}

static void on_age(void *arg)
{
	live_flush_aged(arg);
}

static void on_system(void *arg)
{
	struct live *l = arg;
	struct http_frame *f;
	bool is_wanted = false;

	for (const struct stream *s = l->streams; s; s = s->next)
		is_wanted |= (s->topics.fixed & LIVE_SYSTEM) != 0;
	if (!is_wanted)
		return;
	f = live_system_frame(l);
	live_send_all(l, LIVE_SYSTEM, f);
	http_frame_unref(f);
}

struct live *live_new(struct webd *w, uint64_t epoch)
{
	struct live *l = bb_calloc(1, sizeof(*l));

	l->w = w;
	l->epoch = epoch;
	l->ring = ring_new(RING_EVENTS, RING_BYTES);
	l->watched = bb_table_new();
	l->timer[0] = bb_loop_every(w->loop, 3000, on_ping, l);
	l->timer[1] = bb_loop_every(w->loop, CHECK_MS, on_check, l);
	l->timer[2] = bb_loop_every(w->loop, 1000, on_age, l);
	l->timer[3] = bb_loop_every(w->loop, 2000, on_system, l);
	return l;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	while (l->streams)
		stream_end(l->streams, "stopping");
	for (size_t i = 0; i < sizeof(l->timer) / sizeof(l->timer[0]); i++)
		bb_loop_cancel(l->timer[i]);
	bb_loop_cancel(l->tick);
	ring_free(l->ring);
	bb_table_free(l->watched, NULL);
	free(l->changed);
	bb_buf_fini(&l->gone);
	bb_buf_fini(&l->groups_gone);
	bb_buf_fini(&l->named_gone);
	bb_buf_fini(&l->redundancies_gone);
	free(l);
}

bool live_is_watching(const struct live *l)
{
	return bb_table_count(l->watched) > 0;
}

size_t live_streams(const struct live *l)
{
	return l->n_streams;
}

uint64_t live_cut(const struct live *l)
{
	return l->n_cut;
}
