// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "tests/unit/bus_lib.h"

/* ---- what a subscriber saw ---- */

struct ear {
	struct bed *bed;
	struct bb_sub *sub;
	char log[2048]; /* "topic=body " per message, "~" in front of snapshot rows */
	struct bb_msg last;
	Busbar__V1__Heartbeat *beat; /* newest */
	struct bb_arena *beat_arena;
	char peers[512]; /* "name:state[+] " per call */
	unsigned done;
	uint64_t knocks; /* epochs of the knocking publisher heard */
	uint64_t want_knocks;
	const char *want;
};

static void on_message(void *arg, const struct bb_msg *m)
{
	struct ear *e = arg;
	size_t n = strlen(e->log);

	e->last = *m;
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT && e->beat_arena)
		e->beat = (void *)bb_unpack_heartbeat(e->beat_arena, m->body, m->body_len, NULL);
	if (m->kind != BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT)
		snprintf(e->log + n, sizeof(e->log) - n, "%s%s=%.*s ", m->from_snapshot ? "~" : "",
			m->topic, (int)m->body_len, (const char *)m->body);
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
	static const char *const names[] = { "alive", "suspect", "lost" };
	struct ear *e = arg;
	size_t n = strlen(e->peers);

	if (strcmp(publisher, "knock") == 0) {
		e->knocks += new_epoch;
		return;
	}
	snprintf(e->peers + n, sizeof(e->peers) - n, "%s:%s%s ", publisher, names[state],
		new_epoch ? "+" : "");
}

static void on_done(void *arg, const char *publisher)
{
	((struct ear *)arg)->done++;
}

static void ear_open(struct ear *e, struct bed *b, const char *bind, const char *prefix)
{
	const char *const prefixes[] = { prefix, NULL };
	struct bb_sub_options o = { .bind = bind,
		.prefixes = prefixes,
		.snapshots = true,
		.message = on_message,
		.peer = on_peer,
		.snapshot_done = on_done,
		.arg = e };

	memset(e, 0, sizeof(*e));
	e->bed = b;
	e->sub = bb_sub_new(b->bus, &o, NULL);
	assert_non_null(e->sub);
}

static bool ear_knocked(void *arg)
{
	struct ear *e = arg;

	return e->knocks >= e->want_knocks;
}

static bool ear_logged(void *arg)
{
	struct ear *e = arg;

	return strstr(e->log, e->want) != NULL;
}

static bool ear_told(void *arg)
{
	struct ear *e = arg;

	return strstr(e->peers, e->want) != NULL;
}

static bool ear_has_beat(void *arg)
{
	return ((struct ear *)arg)->beat != NULL;
}

#define heard(e, text) ((e)->want = (text), bed_until((e)->bed, ear_logged, (e)))
#define told(e, text)  ((e)->want = (text), bed_until((e)->bed, ear_told, (e)))

static bool ear_done(void *arg)
{
	return ((struct ear *)arg)->done > 0;
}

/* A publisher of its own says that everything sent before it has been taken, delivered or not. */
static void knock_once(struct raw_pub *r, uint64_t epoch)
{
	raw_send(r, &(struct raw_msg){ .publisher = "knock",
			    .topic = "knock/",
			    .epoch = epoch,
			    .seq = 1,
			    .topic_seq = 1 });
}

static void knock_through(struct raw_pub *r, struct ear *e)
{
	e->want_knocks = e->knocks + 1;
	knock_once(r, e->knocks + 1);
	assert_true(bed_until(e->bed, ear_knocked, e));
}

/* Until the connection stands a PUB drops. */
static void knock(struct raw_pub *r, struct ear *e)
{
	for (int i = 0; i < 2000 && !e->knocks; i++) {
		knock_once(r, 1);
		bed_turns(e->bed, 1);
	}
	knock_through(r, e);
}

static void pass(struct raw_pub *r, struct ear *e, const struct raw_msg *m)
{
	raw_send(r, m);
	knock_through(r, e);
}

#define MSG(t, s, ts, x)                                                                           \
	&(struct raw_msg)                                                                          \
	{                                                                                          \
		.publisher = "collect-x", .topic = (t), .epoch = 7, .seq = (s), .topic_seq = (ts), \
		.text = (x)                                                                        \
	}

struct pair {
	struct ear ear;
	struct raw_pub raw;
};

static void pair_open(struct pair *p, struct bed *b)
{
	ear_open(&p->ear, b, "readings.alarmd", "reading/");
	raw_open(&p->raw, b, "collect-x", "collect-x.snap", NULL);
	knock(&p->raw, &p->ear);
}

static void pair_close(struct pair *p)
{
	raw_close(&p->raw);
	bb_sub_free(p->ear.sub);
}

static struct bb_sub_stats stats(struct pair *p)
{
	struct bb_sub_stats st;

	bb_sub_stats(p->ear.sub, &st);
	return st;
}

/* ---- the real publisher ---- */

static void emit_two(void *arg, const char *prefix, bb_snap_emit emit, void *emit_arg)
{
	emit(emit_arg, "reading/a/status/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "old", 3,
		bb_clock_boot_ns() - 5000000000ull);
	emit(emit_arg, "reading/b/status/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "b", 1, 0);
}

static void publisher_arriving_brings_its_snapshot_and_its_messages(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct bb_bus *bus = bed_bus(b, "collect-snmp");
	struct bb_pub_options o = { .connect = BB_PUB_ALARMD, .devices = 2, .snapshot = emit_two };
	struct bb_pub *p;
	uint64_t seq;

	ear_open(&e, b, "readings.alarmd", "reading/");
	p = bb_pub_new(bus, &o, NULL);
	assert_non_null(p);
	assert_true(bed_until(b, ear_done, &e));
	assert_string_equal(e.log, "~reading/a/status/=old ~reading/b/status/=b ");
	assert_string_equal(e.peers, "collect-snmp:alive+ ");
	bb_pub_send(p, "reading/a/status/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "new", 3,
		bb_clock_boot_ns() - 2000000000ull);
	seq = bb_pub_seq(p);
	assert_true(heard(&e, " reading/a/status/=new"));
	assert_true(e.last.age_ms >= 2000 && e.last.age_ms < 60000);
	assert_int_equal(e.last.publisher_seq, seq);
	assert_false(e.last.from_snapshot);
	bb_pub_free(p);
	bb_bus_free(bus);
	bb_sub_free(e.sub);
}

static void topic_that_returns_after_its_end_is_heard(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct bb_bus *bus = bed_bus(b, "collect-snmp");
	struct bb_pub_options o = { .connect = BB_PUB_ALARMD, .devices = 2 };
	struct bb_pub *p;

	ear_open(&e, b, "readings.alarmd", "reading/");
	p = bb_pub_new(bus, &o, NULL);
	assert_true(bed_until(b, ear_done, &e));
	for (int i = 0; i < 5; i++)
		bb_pub_send(p, "reading/a/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "x", 1, 0);
	bb_pub_gone(p, "reading/a/");
	bb_pub_send(p, "reading/a/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "back", 4, 0);
	assert_true(heard(&e, "reading/a/= reading/a/=back"));
	bb_pub_free(p);
	bb_bus_free(bus);
	bb_sub_free(e.sub);
}

static void lazy_messages_leave_by_themselves_in_order(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct bb_bus *bus = bed_bus(b, "collect-snmp");
	struct bb_pub_options o = { .connect = BB_PUB_ALARMD, .devices = 2 };
	struct bb_pub *p;
	struct bb_sub_stats st;
	uint64_t sampled_ns = bb_clock_boot_ns();

	ear_open(&e, b, "readings.alarmd", "reading/");
	p = bb_pub_new(bus, &o, NULL);
	assert_true(bed_until(b, ear_done, &e));
	bb_pub_send_lazy(p, "reading/a/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "1", 1, 0);
	bb_pub_send_lazy(p, "reading/a/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "2", 1, sampled_ns);
	assert_true(heard(&e, "reading/a/=1 reading/a/=2"));
	assert_int_equal(e.last.sampled_boot_ns, sampled_ns);
	bb_sub_stats(e.sub, &st);
	assert_int_equal(st.gaps, 0);
	bb_pub_free(p);
	bb_bus_free(bus);
	bb_sub_free(e.sub);
}

static void what_cannot_wait_overtakes_other_topics(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct bb_bus *bus = bed_bus(b, "collect-snmp");
	struct bb_pub_options o = { .connect = BB_PUB_ALARMD, .devices = 2, .snapshot = emit_two };
	struct bb_pub *p;
	uint64_t first, gone;

	ear_open(&e, b, "readings.alarmd", "reading/");
	p = bb_pub_new(bus, &o, NULL);
	assert_true(bed_until(b, ear_done, &e));
	e.log[0] = '\0';
	bb_pub_send_lazy(p, "reading/b/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "1", 1, 0);
	bb_pub_send_lazy(p, "reading/b/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "2", 1, 0);
	bb_pub_send_lazy(p, "reading/c/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "3", 1, 0);
	first = bb_pub_seq(p) + 1;
	bb_pub_send(p, "reading/a/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "now", 3, 0);
	assert_true(heard(&e, "reading/a/=now"));
	assert_int_equal(e.last.publisher_seq, first);
	assert_true(heard(&e, "reading/c/=3"));
	assert_string_equal(e.log, "reading/a/=now reading/b/=1 reading/b/=2 reading/c/=3 ");
	assert_int_equal(e.last.publisher_seq, first + 3);
	/* The numbers of a topic grow over its end, whatever waits. */
	bb_pub_send_lazy(p, "reading/c/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "4", 1, 0);
	bb_pub_gone(p, "reading/b/");
	assert_true(heard(&e, "reading/b/= "));
	gone = e.last.topic_seq;
	assert_true(bb_pub_send_lazy(p, "reading/b/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "5", 1, 0) > gone);
	bb_pub_gone(p, "reading/b/");
	assert_true(heard(&e, "reading/b/=5 reading/b/= "));
	bb_pub_free(p);
	bb_bus_free(bus);
	bb_sub_free(e.sub);
}

static void a_newer_message_of_a_topic_takes_along_what_waits(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct bb_bus *bus = bed_bus(b, "collect-snmp");
	struct bb_pub_options o = { .connect = BB_PUB_ALARMD, .devices = 2, .snapshot = emit_two };
	struct bb_pub *p;
	uint64_t lazy;

	ear_open(&e, b, "readings.alarmd", "reading/");
	p = bb_pub_new(bus, &o, NULL);
	assert_true(bed_until(b, ear_done, &e));
	e.log[0] = '\0';
	lazy = bb_pub_send_lazy(p, "reading/a/status/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "lazy", 4, 0);
	assert_int_equal(bb_pub_send(p, "reading/a/status/", BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "now", 3, 0), lazy + 1);
	assert_true(heard(&e, "reading/a/status/=now"));
	assert_string_equal(e.log, "reading/a/status/=lazy reading/a/status/=now ");
	assert_int_equal(e.last.topic_seq, lazy + 1);
	bb_pub_free(p);
	bb_bus_free(bus);
	bb_sub_free(e.sub);
}

static void heartbeat_carries_metrics_and_standing_troubles(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct bb_bus *bus = bed_bus(b, "collect-snmp");
	struct bb_pub_options o = { .connect = BB_PUB_ALARMD };
	struct bb_pub *p = bb_pub_new(bus, &o, NULL);

	ear_open(&e, b, "readings.alarmd", "heartbeat/");
	e.beat_arena = bb_arena_new(1024, 0);
	bb_pub_metric(p, "queue_depth", 3);
	bb_pub_metric(p, "queue_depth", 4);
	bb_pub_trouble(p, "database_down", 2, "no\nanswer");
	bb_pub_trouble(p, "other", 2, "x");
	bb_pub_trouble(p, "other", 0, "");
	assert_true(bed_until(b, ear_has_beat, &e));
	assert_int_equal(e.beat->n_metric, 1);
	assert_string_equal(e.beat->metric_name[0], "queue_depth");
	assert_true(e.beat->metric[0] == 4);
	assert_int_equal(e.beat->n_trouble, 1);
	assert_string_equal(e.beat->trouble[0]->code, "database_down");
	assert_string_equal(e.beat->trouble[0]->text, "no?answer");
	assert_string_equal(e.beat->role, "test");
	bb_arena_free(e.beat_arena);
	bb_pub_free(p);
	bb_bus_free(bus);
	bb_sub_free(e.sub);
}

/* ---- numbers ---- */

static void gap_is_noticed_and_repaired_by_a_snapshot(void **state)
{
	struct pair p;

	pair_open(&p, *state);
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	assert_true(p.raw.requests >= 1);
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/b/", 3, 1, "lost");
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/a/", 3, 2, "2");
	pass(&p.raw, &p.ear, MSG("reading/a/", 3, 2, "2"));
	assert_true(heard(&p.ear, "~reading/b/=lost"));
	assert_int_equal(stats(&p).gaps, 1);
	assert_true(p.raw.requests >= 2);
	assert_string_equal(p.raw.prefix, "reading/");
	pair_close(&p);
}

static void heartbeat_ahead_shows_a_lost_tail(void **state)
{
	struct pair p;

	pair_open(&p, *state);
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	raw_heartbeat(&p.raw, "collect-x", 7, 2);
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/a/", 3, 2, "tail");
	raw_heartbeat(&p.raw, "collect-x", 7, 4);
	assert_true(heard(&p.ear, "~reading/a/=tail"));
	assert_int_equal(stats(&p).gaps, 1);
	pair_close(&p);
}

static void late_message_is_dropped(void **state)
{
	struct pair p;

	pair_open(&p, *state);
	pass(&p.raw, &p.ear, MSG("reading/a/", 5, 5, "new"));
	pass(&p.raw, &p.ear, MSG("reading/a/", 4, 4, "late"));
	pass(&p.raw, &p.ear, MSG("reading/a/", 5, 5, "twice"));
	assert_string_equal(p.ear.log, "reading/a/=new ");
	assert_int_equal(stats(&p).dropped_late, 2);
	pair_close(&p);
}

static void new_epoch_is_told_and_the_old_one_is_heard_no_more(void **state)
{
	struct pair p;
	struct raw_msg m = *MSG("reading/a/", 1, 1, "young");

	pair_open(&p, *state);
	pass(&p.raw, &p.ear, MSG("reading/a/", 5, 5, "old"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	m.epoch = 8;
	p.ear.done = 0;
	pass(&p.raw, &p.ear, &m);
	pass(&p.raw, &p.ear, MSG("reading/a/", 6, 6, "ghost"));
	pass(&p.raw, &p.ear, MSG("reading/b/", 7, 7, "ghost"));
	assert_string_equal(p.ear.log, "reading/a/=old reading/a/=young ");
	assert_string_equal(p.ear.peers, "collect-x:alive+ collect-x:alive+ ");
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	assert_true(p.raw.requests >= 2);
	pair_close(&p);
}

static void snapshot_row_never_overwrites_a_newer_message(void **state)
{
	struct pair p;

	pair_open(&p, *state);
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/a/", 4, 4, "older");
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/b/", 4, 4, "b");
	pass(&p.raw, &p.ear, MSG("reading/a/", 5, 5, "new"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	assert_string_equal(p.ear.log, "reading/a/=new ~reading/b/=b ");
	pair_close(&p);
}

static void ended_topic_is_not_revived_by_a_row_on_its_way(void **state)
{
	struct pair p;
	struct raw_msg gone = *MSG("reading/a/", 6, 6, NULL);

	pair_open(&p, *state);
	gone.kind = BUSBAR__V1__ENVELOPE__KIND__KIND_GONE;
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/a/", 5, 5, "ghost");
	pass(&p.raw, &p.ear, &gone);
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	assert_string_equal(p.ear.log, "reading/a/= ");
	pair_close(&p);
}

static void snapshot_without_answer_is_asked_again(void **state)
{
	struct pair p;

	pair_open(&p, *state);
	p.raw.ignore = 1;
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	assert_true(p.raw.requests >= 2);
	pair_close(&p);
}

static void snapshot_with_missing_rows_is_asked_again(void **state)
{
	struct pair p;

	pair_open(&p, *state);
	p.raw.rows_withheld = 1;
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	assert_true(p.raw.requests >= 2);
	pair_close(&p);
}

static void rows_of_another_publisher_are_not_taken_from_an_owner(void **state)
{
	struct pair p;

	pair_open(&p, *state);
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/b/", 1, 1, "forged");
	p.raw.rows[0].publisher = "collect-y";
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	assert_string_equal(p.ear.log, "reading/a/=1 ");
	pair_close(&p);
}

static void resync_asks_for_snapshots_and_counts_no_gap(void **state)
{
	struct pair p;
	struct bb_sub_stats st;

	pair_open(&p, *state);
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	assert_true(bed_until(p.ear.bed, ear_done, &p.ear));
	p.ear.done = 0;
	st = stats(&p);
	bb_sub_resync(p.ear.sub);
	p.raw.rows[p.raw.n_rows++] = *MSG("reading/a/", 50, 50, "now");
	pass(&p.raw, &p.ear, MSG("reading/b/", 51, 1, "b"));
	assert_true(heard(&p.ear, "~reading/a/=now"));
	assert_int_equal(stats(&p).gaps, st.gaps);
	pair_close(&p);
}

/* ---- hostile and foreign ---- */

static void broken_messages_are_counted_and_dropped(void **state)
{
	struct pair p;
	struct raw_msg m = *MSG("reading/a/", 1, 1, "1");
	struct bb_frame one = bb_frame_str("reading/a/");
	struct bb_frame three[] = { bb_frame_str("reading/a/"), bb_frame_str("\xff\xff\xff"),
		bb_frame_str("") };

	pair_open(&p, *state);
	bb_sock_send(p.raw.out, &one, 1);
	bb_sock_send(p.raw.out, three, 3);
	m.publisher = "../etc";
	raw_send(&p.raw, &m);
	m.publisher = "collect-x";
	m.topic = "reading/a";
	raw_send(&p.raw, &m);
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "sound"));
	assert_true(heard(&p.ear, "sound"));
	assert_string_equal(p.ear.log, "reading/a/=sound ");
	assert_int_equal(stats(&p).bad, 4);
	pair_close(&p);
}

static void unknown_kind_is_counted_but_is_no_gap(void **state)
{
	struct pair p;
	struct raw_msg m = *MSG("reading/a/", 2, 2, "future");

	pair_open(&p, *state);
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	m.kind = 99;
	pass(&p.raw, &p.ear, &m);
	pass(&p.raw, &p.ear, MSG("reading/a/", 3, 3, "3"));
	assert_string_equal(p.ear.log, "reading/a/=1 reading/a/=3 ");
	assert_int_equal(stats(&p).bad, 1);
	assert_int_equal(stats(&p).gaps, 0);
	pair_close(&p);
}

static void message_over_1_mib_does_not_arrive(void **state)
{
	struct pair p;
	char *huge = malloc(BB_SOCK_MESSAGE_MAX + 2);

	pair_open(&p, *state);
	memset(huge, 'x', BB_SOCK_MESSAGE_MAX + 1);
	huge[BB_SOCK_MESSAGE_MAX + 1] = '\0';
	raw_send(&p.raw, MSG("reading/huge/", 1, 1, huge));
	/* The connection is cut and made again. */
	for (unsigned i = 2; i < 2000 && !strstr(p.ear.log, "small"); i++) {
		raw_send(&p.raw, MSG("reading/a/", i, i, "small"));
		bed_turns(p.ear.bed, 1);
	}
	assert_non_null(strstr(p.ear.log, "small"));
	assert_null(strstr(p.ear.log, "huge"));
	free(huge);
	pair_close(&p);
}

static void age_of_another_host_counts_from_its_heartbeat(void **state)
{
	static const uint8_t other_boot[16] = { 1 };
	struct pair p;
	struct raw_msg beat = *MSG("heartbeat/collect-x/", 1, 1, NULL),
		       m = *MSG("reading/a/", 2, 1, "1");

	pair_open(&p, *state);
	beat.kind = BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT;
	beat.boot_id = m.boot_id = other_boot;
	beat.sampled_boot_ns = 100000000000ull;
	m.sampled_boot_ns = 900000000;
	m.age_ms = 4000;
	pass(&p.raw, &p.ear, &beat);
	pass(&p.raw, &p.ear, &m);
	assert_true(p.ear.last.age_ms >= 4000 && p.ear.last.age_ms < 9000);
	/* This heartbeat says that the host sent it 60 s before it reached us: the link is that
	 * late. */
	beat.seq = 3;
	beat.topic_seq = 2;
	beat.sampled_boot_ns -= 60000000000ull;
	pass(&p.raw, &p.ear, &beat);
	m.seq = 4;
	m.topic_seq = 2;
	pass(&p.raw, &p.ear, &m);
	assert_true(p.ear.last.age_ms >= 64000);
	pair_close(&p);
}

static void reading_from_the_future_is_as_old_as_its_arrival(void **state)
{
	struct pair p;
	struct raw_msg m = *MSG("reading/a/", 1, 1, "1");

	pair_open(&p, *state);
	m.sampled_boot_ns = bb_clock_boot_ns() + 3600000000000ull;
	pass(&p.raw, &p.ear, &m);
	assert_true(p.ear.last.sampled_own_ns <= bb_clock_boot_ns());
	pair_close(&p);
}

/* ---- life and death of publishers ---- */

static void silent_publisher_is_suspect_then_lost_then_back(void **state)
{
	struct bed *b = *state;
	struct pair p;

	b->bus->times.suspect_ms = 60;
	b->bus->times.lost_ms = 200;
	pair_open(&p, b);
	pass(&p.raw, &p.ear, MSG("reading/a/", 1, 1, "1"));
	assert_true(told(&p.ear, "collect-x:alive+ "));
	assert_true(told(&p.ear, "collect-x:suspect "));
	assert_true(told(&p.ear, "collect-x:lost "));
	/* One that is late itself makes it suspect only. */
	for (uint64_t seq = 2; seq < 2000 && !strstr(strstr(p.ear.peers, "lost"), "alive"); seq++) {
		raw_heartbeat(&p.raw, "collect-x", 7, seq);
		bed_turns(b, 1);
	}
	assert_non_null(strstr(strstr(p.ear.peers, "lost"), "alive"));
	pair_close(&p);
}

/* ---- lookers ---- */

static void looker_asks_busd_when_a_heartbeat_shows_that_it_hears(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct raw_pub busd;
	struct bb_sub_stats st;
	uint64_t n = 1;

	raw_open(&busd, b, "busd", "busd.snap", "busd.out");
	ear_open(&e, b, NULL, "reading/a/");
	busd.rows[busd.n_rows++] = *MSG("reading/a/status/", 3, 3, "cached");
	do
		raw_heartbeat(&busd, "busd", 1, n++);
	while (bed_turns(b, 1), !e.done && n < 2000);
	assert_string_equal(e.log, "~reading/a/status/=cached ");
	assert_string_equal(busd.prefix, "reading/a/");
	assert_non_null(strstr(e.peers, "collect-x:suspect+"));
	raw_send(&busd, MSG("reading/a/status/", 9, 4, "live"));
	assert_true(heard(&e, "live"));
	bb_sub_stats(e.sub, &st);
	assert_int_equal(st.gaps, 0); /* it filters, so holes in publisher_seq mean nothing */
	e.done = 0;
	raw_send(&busd, MSG("reading/a/status/", 19, 6, "jump"));
	assert_true(heard(&e, "jump"));
	bb_sub_stats(e.sub, &st);
	assert_int_equal(st.gaps, 1);
	assert_true(bed_until(b, ear_done, &e));
	raw_close(&busd);
	bb_sub_free(e.sub);
}

static void looker_takes_from_busd_what_an_earlier_instance_told(void **state)
{
	struct bed *b = *state;
	struct ear e;
	struct raw_pub busd;
	struct raw_msg m = *MSG("reading/a/", 1, 1, "young");
	uint64_t n = 1;

	raw_open(&busd, b, "busd", "busd.snap", "busd.out");
	ear_open(&e, b, NULL, "");
	m.epoch = 8;
	busd.rows[busd.n_rows++] = m;
	busd.rows[busd.n_rows++] = *MSG("reading/a/", 3, 3, "superseded");
	busd.rows[busd.n_rows++] = *MSG("reading/b/", 3, 3, "not polled since");
	do
		raw_heartbeat(&busd, "busd", 1, n++);
	while (bed_turns(b, 1), !e.done && n < 2000);
	assert_string_equal(e.log, "~reading/a/=young ~reading/b/=not polled since ");
	raw_close(&busd);
	bb_sub_free(e.sub);
}

static void run_folder_too_long_for_sockets_is_refused(void **state)
{
	struct bed *b = *state;
	char run[120];
	struct bb_err err;

	memset(run, 'x', sizeof(run));
	run[sizeof(run) - 1] = '\0';
	assert_null(bb_bus_new(b->loop, run, "alarmd", "alarmd", 1, &err));
	assert_non_null(strstr(err.text, "choose a shorter one"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bed_setup, bed_teardown)
	const struct CMUnitTest tests[] = {
		T(publisher_arriving_brings_its_snapshot_and_its_messages),
		T(topic_that_returns_after_its_end_is_heard),
		T(lazy_messages_leave_by_themselves_in_order),
		T(what_cannot_wait_overtakes_other_topics),
		T(a_newer_message_of_a_topic_takes_along_what_waits),
		T(heartbeat_carries_metrics_and_standing_troubles),
		T(gap_is_noticed_and_repaired_by_a_snapshot),
		T(heartbeat_ahead_shows_a_lost_tail),
		T(late_message_is_dropped),
		T(new_epoch_is_told_and_the_old_one_is_heard_no_more),
		T(snapshot_row_never_overwrites_a_newer_message),
		T(ended_topic_is_not_revived_by_a_row_on_its_way),
		T(snapshot_without_answer_is_asked_again),
		T(snapshot_with_missing_rows_is_asked_again),
		T(rows_of_another_publisher_are_not_taken_from_an_owner),
		T(resync_asks_for_snapshots_and_counts_no_gap),
		T(broken_messages_are_counted_and_dropped),
		T(unknown_kind_is_counted_but_is_no_gap),
		T(message_over_1_mib_does_not_arrive),
		T(age_of_another_host_counts_from_its_heartbeat),
		T(reading_from_the_future_is_as_old_as_its_arrival),
		T(silent_publisher_is_suspect_then_lost_then_back),
		T(looker_asks_busd_when_a_heartbeat_shows_that_it_hears),
		T(looker_takes_from_busd_what_an_earlier_instance_told),
		T(run_folder_too_long_for_sockets_is_refused),
	};
	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
