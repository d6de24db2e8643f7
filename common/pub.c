// SPDX-License-Identifier: Apache-2.0
/* The publishing side: numbering, heartbeat, and the owner's answers to snapshot requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bus_int.h"
#include "common/clock.h"
#include "common/str.h"
#include "common/table.h"

enum {
	HWM_MIN = 1000,
	HWM_MAX = 20000,
	SNAP_HWM = 200000, /* rows one asker may leave unread before its snapshot is broken off */
	LAZY_BYTES = 96 * 1024, /* as much waits at most */
	METRICS_MAX = 64,
	TROUBLES_MAX = 32,
	TROUBLE_TEXT_MAX = 512,
};

struct metric {
	char name[64];
	double value;
};

struct trouble {
	char code[64];
	unsigned severity;
	char text[TROUBLE_TEXT_MAX];
};

struct bb_pub {
	struct bb_bus *bus;
	struct bb_pub_options options;
	struct bb_sock *out, *snap;
	struct bb_watch *timer;
	struct bb_arena *arena;  /* one message */
	struct bb_table *topics; /* topic hash -> its last topic_seq */
	uint64_t seq;
	/* Messages that wait for company, each a struct waiting, its topic with NUL, its body. */
	struct bb_buf lazy;
	struct bb_watch *lazy_timer;
	uint64_t start_unix_ms;
	struct metric metrics[METRICS_MAX];
	size_t n_metrics;
	struct trouble troubles[TROUBLES_MAX];
	size_t n_troubles;
};

/* ---- numbering ---- */

static uint64_t topic_key(const char *topic)
{
	return bb_hash(topic, strlen(topic));
}

/* A topic's numbers begin at the publisher's next number, which is larger than any number the same
 * topic had before it was gone: who missed the end still takes the new beginning. */
static uint64_t topic_seq_next(struct bb_pub *p, const char *topic, uint64_t first)
{
	uint64_t key = topic_key(topic);
	uint64_t seq = (uintptr_t)bb_table_get_u64(p->topics, key);

	seq = seq ? seq + 1 : first;
	bb_table_put_u64(p->topics, key, (void *)(uintptr_t)seq);
	return seq;
}

/* The number of the topic's newest message, for a row of a snapshot. A topic that was not sent
 * since the start (an alarm that did not change) gets its first number here. */
static uint64_t topic_seq_held(struct bb_pub *p, const char *topic)
{
	uint64_t seq = (uintptr_t)bb_table_get_u64(p->topics, topic_key(topic));

	return seq ? seq : topic_seq_next(p, topic, p->seq);
}

struct stamp {
	unsigned kind;
	uint64_t publisher_seq, topic_seq, sampled_boot_ns;
};

static struct bb_frame pack_envelope(struct bb_pub *p, const struct stamp *st)
{
	Busbar__V1__Envelope e = BUSBAR__V1__ENVELOPE__INIT;
	uint64_t now = bb_clock_boot_ns();
	uint64_t sampled =
		st->sampled_boot_ns && st->sampled_boot_ns < now ? st->sampled_boot_ns : now;
	uint64_t age_ms = (now - sampled) / 1000000;
	struct bb_frame f;

	e.has_schema = e.has_source_epoch = e.has_publisher_seq = e.has_topic_seq = 1;
	e.has_boot_id = e.has_sampled_boot_ns = e.has_age_ms = e.has_kind = 1;
	e.schema = 1;
	e.publisher = p->bus->name;
	e.source_epoch = p->bus->epoch;
	e.publisher_seq = st->publisher_seq;
	e.topic_seq = st->topic_seq;
	e.boot_id = (ProtobufCBinaryData){ .len = 16, .data = (uint8_t *)bb_clock_boot_id() };
	e.sampled_boot_ns = sampled;
	e.age_ms = age_ms < UINT32_MAX ? (uint32_t)age_ms : UINT32_MAX;
	e.kind = (Busbar__V1__Envelope__Kind)st->kind;
	f.data = bb_pack(p->arena, &e, &f.len);
	return f;
}

/* The publisher's number is given here, so the numbers of what leaves have no holes, whatever overtook
 * what. */
static void send_now(struct bb_pub *p, const char *topic, struct stamp *st, const void *body,
	size_t len)
{
	struct bb_frame frames[3];

	st->publisher_seq = ++p->seq;
	bb_arena_reset(p->arena);
	frames[0] = bb_frame_str(topic);
	frames[1] = pack_envelope(p, st);
	frames[2] = (struct bb_frame){ len ? body : "", len };
	bb_sock_send(p->out, frames, 3);
}

/* The topic's next number, in the order of the calls: of one topic nothing newer leaves before what
 * waits. */
static struct stamp stamp_next(struct bb_pub *p, const char *topic, unsigned kind,
	uint64_t sampled_boot_ns)
{
	struct stamp st = { .kind = kind, .sampled_boot_ns = sampled_boot_ns };

	bb_assert(strlen(topic) < BB_TOPIC_MAX && topic[0] && topic[strlen(topic) - 1] == '/');
	st.topic_seq = topic_seq_next(p, topic, p->seq + 1);
	return st;
}

/* ---- what may wait ---- */

struct waiting {
	struct stamp stamp;
	uint64_t key;
	size_t topic_len, len;
};

static bool is_waiting(const struct bb_pub *p, const char *topic)
{
	uint64_t key = p->lazy.len ? topic_key(topic) : 0;
	struct waiting w;

	for (size_t at = 0; at < p->lazy.len; at += sizeof(w) + w.topic_len + 1 + w.len) {
		memcpy(&w, p->lazy.data + at, sizeof(w));
		if (w.key == key)
			return true;
	}
	return false;
}

static void lazy_flush(void *arg)
{
	struct bb_pub *p = arg;

	bb_loop_cancel(p->lazy_timer);
	p->lazy_timer = NULL;
	for (size_t at = 0; at < p->lazy.len;) {
		struct waiting w;
		const char *topic = p->lazy.data + at + sizeof(w);

		memcpy(&w, p->lazy.data + at, sizeof(w));
		send_now(p, topic, &w.stamp, topic + w.topic_len + 1, w.len);
		at += sizeof(w) + w.topic_len + 1 + w.len;
	}
	bb_buf_reset(&p->lazy);
}

uint64_t bb_pub_send_lazy(struct bb_pub *p, const char *topic, unsigned kind, const void *body,
	size_t len, uint64_t sampled_boot_ns)
{
	struct waiting w = { .key = topic_key(topic), .topic_len = strlen(topic), .len = len };

	w.stamp =
		stamp_next(p, topic, kind, sampled_boot_ns ? sampled_boot_ns : bb_clock_boot_ns());
	bb_buf_add(&p->lazy, &w, sizeof(w));
	bb_buf_add(&p->lazy, topic, w.topic_len + 1);
	bb_buf_add(&p->lazy, body, len);
	if (p->lazy.len >= LAZY_BYTES)
		lazy_flush(p);
	else if (!p->lazy_timer)
		p->lazy_timer = bb_loop_after(p->bus->loop, BB_PUB_LAZY_MS, lazy_flush, p);
	return w.stamp.topic_seq;
}

uint64_t bb_pub_send(struct bb_pub *p, const char *topic, unsigned kind, const void *body,
	size_t len, uint64_t sampled_boot_ns)
{
	struct stamp st = stamp_next(p, topic, kind, sampled_boot_ns);

	/* An alarm does not queue behind samples. */
	if (is_waiting(p, topic))
		lazy_flush(p);
	send_now(p, topic, &st, body, len);
	return st.topic_seq;
}

void bb_pub_gone(struct bb_pub *p, const char *topic)
{
	bb_pub_send(p, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_GONE, NULL, 0, 0);
	bb_table_del_u64(p->topics, topic_key(topic));
}

uint64_t bb_pub_seq(const struct bb_pub *p)
{
	return p->seq;
}

/* ---- heartbeat ---- */

void bb_pub_metric(struct bb_pub *p, const char *name, double value)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		if (strcmp(p->metrics[i].name, name) == 0) {
			p->metrics[i].value = value;
			return;
		}
	}
	bb_assert(p->n_metrics < METRICS_MAX);
	bb_copy(p->metrics[p->n_metrics].name, sizeof(p->metrics[0].name), name);
	p->metrics[p->n_metrics++].value = value;
}

static struct trouble *trouble_find(struct bb_pub *p, const char *code)
{
	for (size_t i = 0; i < p->n_troubles; i++) {
		if (strcmp(p->troubles[i].code, code) == 0)
			return &p->troubles[i];
	}
	return NULL;
}

void bb_pub_trouble(struct bb_pub *p, const char *code, unsigned severity, const char *text)
{
	struct trouble *t = trouble_find(p, code);

	if (!severity) {
		if (t)
			*t = p->troubles[--p->n_troubles];
		return;
	}
	if (!t) {
		bb_assert(p->n_troubles < TROUBLES_MAX);
		t = &p->troubles[p->n_troubles++];
		bb_copy(t->code, sizeof(t->code), code);
	}
	t->severity = severity;
	bb_text_clean(t->text, sizeof(t->text), text, strlen(text));
}

static void fill_metrics(struct bb_pub *p, Busbar__V1__Heartbeat *h)
{
	h->n_metric = h->n_metric_name = p->n_metrics;
	h->metric_name = bb_arena_alloc(p->arena, (p->n_metrics + 1) * sizeof(*h->metric_name));
	h->metric = bb_arena_alloc(p->arena, (p->n_metrics + 1) * sizeof(*h->metric));
	for (size_t i = 0; i < p->n_metrics; i++) {
		h->metric_name[i] = p->metrics[i].name;
		h->metric[i] = p->metrics[i].value;
	}
}

static void fill_troubles(struct bb_pub *p, Busbar__V1__Heartbeat *h)
{
	Busbar__V1__Trouble *t = bb_arena_alloc(p->arena, (p->n_troubles + 1) * sizeof(*t));

	h->n_trouble = p->n_troubles;
	h->trouble = bb_arena_alloc(p->arena, (p->n_troubles + 1) * sizeof(*h->trouble));
	for (size_t i = 0; i < p->n_troubles; i++) {
		busbar__v1__trouble__init(&t[i]);
		t[i].code = p->troubles[i].code;
		t[i].text = p->troubles[i].text;
		t[i].has_severity = 1;
		t[i].severity = p->troubles[i].severity;
		h->trouble[i] = &t[i];
	}
}

static void beat(void *arg)
{
	struct bb_pub *p = arg;
	Busbar__V1__Heartbeat h = BUSBAR__V1__HEARTBEAT__INIT;
	char topic[128];
	bb_autofree void *body = NULL;
	size_t len;

	if (p->options.heartbeat)
		p->options.heartbeat(p->options.arg, p);
	lazy_flush(p);
	bb_arena_reset(p->arena);
	h.publisher = p->bus->name;
	h.has_last_publisher_seq = h.has_start_unix_ms = h.has_pid = 1;
	h.last_publisher_seq = p->seq;
	h.start_unix_ms = p->start_unix_ms;
	h.pid = (uint32_t)getpid();
	h.role = p->bus->role;
	h.build = (char *)BUSBAR_VERSION;
	fill_metrics(p, &h);
	fill_troubles(p, &h);
	/* Not from the arena: bb_pub_send uses that for the envelope. */
	len = busbar__v1__heartbeat__get_packed_size(&h);
	body = bb_malloc(len);
	busbar__v1__heartbeat__pack(&h, body);
	bb_topic(topic, sizeof(topic), "heartbeat", p->bus->name, NULL);
	bb_pub_send(p, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT, body, len, 0);
}

void bb_pub_json(const struct bb_pub *p, struct bb_buf *out)
{
	struct bb_json j = { .out = out };

	bb_json_obj(&j, NULL);
	bb_json_obj(&j, "metrics");
	for (size_t i = 0; i < p->n_metrics; i++)
		bb_json_num(&j, p->metrics[i].name, p->metrics[i].value);
	bb_json_end_obj(&j);
	bb_json_arr(&j, "troubles");
	for (size_t i = 0; i < p->n_troubles; i++) {
		bb_json_obj(&j, NULL);
		bb_json_str(&j, "code", p->troubles[i].code);
		bb_json_int(&j, "severity", p->troubles[i].severity);
		bb_json_str(&j, "text", p->troubles[i].text);
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
}

/* ---- snapshots ---- */

struct answer {
	struct bb_pub *pub;
	struct bb_frame to;
	const char *prefix;
	uint32_t rows;
	bool is_broken; /* the asker does not read or is gone: no end mark, it will ask again */
};

static void emit_row(void *arg, const char *topic, unsigned kind, const void *body, size_t len,
	uint64_t sampled_boot_ns)
{
	struct answer *a = arg;
	struct stamp st = { .kind = kind,
		.publisher_seq = a->pub->seq,
		.sampled_boot_ns = sampled_boot_ns };
	struct bb_frame frames[4];

	if (a->is_broken || strncmp(topic, a->prefix, strlen(a->prefix)) != 0)
		return;
	st.topic_seq = topic_seq_held(a->pub, topic);
	bb_arena_reset(a->pub->arena);
	frames[0] = a->to;
	frames[1] = bb_frame_str(topic);
	frames[2] = pack_envelope(a->pub, &st);
	frames[3] = (struct bb_frame){ len ? body : "", len };
	if (bb_sock_send(a->pub->snap, frames, 4) < 0)
		a->is_broken = true;
	else
		a->rows++;
}

static void send_end(struct answer *a, uint64_t request_id)
{
	Busbar__V1__SnapEnd end = BUSBAR__V1__SNAP_END__INIT;
	struct bb_frame frames[2] = { a->to };

	end.has_request_id = end.has_source_epoch = end.has_publisher_seq = end.has_rows = 1;
	end.request_id = request_id;
	end.publisher = a->pub->bus->name;
	end.source_epoch = a->pub->bus->epoch;
	end.publisher_seq = a->pub->seq;
	end.rows = a->rows;
	bb_arena_reset(a->pub->arena);
	frames[1].data = bb_pack(a->pub->arena, &end, &frames[1].len);
	bb_sock_send(a->pub->snap, frames, 2);
}

static void on_snap_request(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_pub *p = arg;
	struct answer a = { .pub = p, .to = frames[0] };
	const Busbar__V1__SnapRequest *rq;
	char prefix[BB_TOPIC_MAX];
	uint64_t request_id;

	bb_arena_reset(p->arena);
	rq = n == 2 ? bb_unpack_snap_request(p->arena, frames[1].data, frames[1].len, NULL) : NULL;
	if (!rq || !bb_copy(prefix, sizeof(prefix), rq->prefix))
		return;
	request_id = rq->request_id;
	a.prefix = prefix;
	/* Rows have the number of the topic's newest message, so that one is on its way by then. */
	lazy_flush(p);
	if (p->options.snapshot)
		p->options.snapshot(p->options.arg, prefix, emit_row, &a);
	if (!a.is_broken)
		send_end(&a, request_id);
}

/* ---- life ---- */

static int open_out(struct bb_pub *p, struct bb_err *err)
{
	static const struct {
		unsigned bit;
		const char *leaf;
	} ends[] = {
		{ BB_PUB_ALARMD, "readings.alarmd" },
		{ BB_PUB_SHUTDOWND, "readings.shutdownd" },
		{ BB_PUB_BUSD, "busd.in" },
	};
	size_t hwm = p->options.devices * 2;
	struct bb_sock_options o = { .type = BB_SOCK_PUB };

	o.hwm = (int)(hwm < HWM_MIN ? HWM_MIN : hwm > HWM_MAX ? HWM_MAX : hwm);
	p->out = bb_sock_new(p->bus, &o, err);
	if (!p->out)
		return -1;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if ((p->options.connect & ends[i].bit) &&
			bb_sock_connect(p->out, ends[i].leaf, err) < 0)
			return -1;
	}
	return 0;
}

/* Also without own topics, so that nobody asks in vain. busd.snap serves lookers and is busd's
 * own business. */
static int open_snap(struct bb_pub *p, struct bb_err *err)
{
	struct bb_sock_options o = { .type = BB_SOCK_ROUTER,
		.hwm = SNAP_HWM,
		.message = on_snap_request,
		.arg = p };
	char leaf[80];

	if (strcmp(p->bus->name, "busd") == 0)
		return 0;
	p->snap = bb_sock_new(p->bus, &o, err);
	if (!p->snap)
		return -1;
	snprintf(leaf, sizeof(leaf), "%s.snap", p->bus->name);
	return bb_sock_bind(p->snap, leaf, err);
}

struct bb_pub *bb_pub_new(struct bb_bus *b, const struct bb_pub_options *o, struct bb_err *err)
{
	struct bb_pub *p = bb_calloc(1, sizeof(*p));

	bb_assert(!b->pub);
	p->bus = b;
	p->options = *o;
	p->arena = bb_arena_new(4096, 0);
	p->seq = 1; /* 0 stands for "no number" among the topics */
	p->topics = bb_table_new();
	p->start_unix_ms = bb_clock_real_us() / 1000;
	if (open_out(p, err) < 0 || open_snap(p, err) < 0) {
		bb_pub_free(p);
		return NULL;
	}
	p->timer = bb_loop_every(b->loop, b->times.heartbeat_ms, beat, p);
	b->pub = p;
	return p;
}

void bb_pub_free(struct bb_pub *p)
{
	if (!p)
		return;
	if (p->bus->pub == p)
		p->bus->pub = NULL;
	lazy_flush(p);
	bb_buf_fini(&p->lazy);
	bb_loop_cancel(p->timer);
	bb_sock_free(p->snap);
	bb_sock_free(p->out);
	bb_table_free(p->topics, NULL);
	bb_arena_free(p->arena);
	free(p);
}
