// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "webd/model.h"
#include "webd/ring.h"

#define S 1000000000ull /* ns */

static int n_alarm, n_device, n_gone, n_event;
static unsigned last_was;

static void on_alarm(void *arg, const struct model_alarm *a, unsigned was, bool is_new_event)
{
	n_alarm++;
	n_event += is_new_event;
	last_was = was;
}

static void on_device(void *arg, struct model_device *d)
{
	n_device++;
}

static void on_device_gone(void *arg, const struct model_device *d)
{
	n_gone++;
}

static void on_values(void *arg, struct model_device *d)
{
}

static void on_group(void *arg, struct model_group *g)
{
}

static void on_group_gone(void *arg, const struct model_group *g)
{
}

static struct model *m;
static struct bb_arena *arena;

static int setup(void **state)
{
	const struct model_listener l = { .alarm = on_alarm,
		.device = on_device,
		.device_gone = on_device_gone,
		.values = on_values,
		.group = on_group,
		.group_gone = on_group_gone };

	m = model_new(&l);
	arena = bb_arena_new(4096, 0);
	n_alarm = n_device = n_gone = n_event = 0;
	return 0;
}

static int teardown(void **state)
{
	model_free(m);
	bb_arena_free(arena);
	return 0;
}

static uint64_t topic_seq; /* of the next message */

static void send(unsigned kind, const char *topic, const void *body, uint64_t at_ns)
{
	size_t len = 0;
	const uint8_t *packed = body ? bb_pack(arena, body, &len) : NULL;
	const struct bb_msg msg = { .topic = topic,
		.kind = kind,
		.publisher = "collect-snmp",
		.epoch = 1,
		.topic_seq = topic_seq,
		.sampled_own_ns = at_ns,
		.body = packed,
		.body_len = len };

	model_message(m, &msg);
}

static void configure(unsigned n)
{
	static Busbar__V1__ConfigDevice d[2] = { BUSBAR__V1__CONFIG_DEVICE__INIT,
		BUSBAR__V1__CONFIG_DEVICE__INIT };
	static char *keys[] = { "hh/a", "hh/b" };
	Busbar__V1__ConfigDevice *list[] = { &d[0], &d[1] };
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;

	for (unsigned i = 0; i < 2; i++) {
		d[i].device_id = i + 1;
		d[i].key = keys[i];
		d[i].collector = "collect-snmp";
		d[i].address = "127.0.0.1";
	}
	c.n_device = n;
	c.device = list;
	model_config(m, &c);
	model_peer(m, "collect-snmp", BB_PEER_ALIVE);
}

/* One pass of device 1 with these points. */
static void reading_of(const char *group, uint32_t missed, const char *first, const char *second,
	double v, uint64_t at_ns)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	char *names[] = { (char *)first, (char *)second };
	double values[] = { v, v };

	r.has_device_id = 1;
	r.device_id = 1;
	r.key = "hh/a";
	r.group = (char *)group;
	r.has_missed = 1;
	r.missed = missed;
	r.has_interval_ms = 1;
	r.interval_ms = 10000;
	r.n_number_name = r.n_number = second ? 2 : 1;
	r.number_name = names;
	r.number = values;
	send(BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "reading/hh/a/measure/", &r, at_ns);
}

static void reading(const char *first, const char *second, double v, uint64_t at_ns)
{
	reading_of("measure", 0, first, second, v, at_ns);
}

/* Device 1 answered its status reading `seq` again. */
static void confirm(uint64_t seq, uint64_t at_ns)
{
	Busbar__V1__Confirm c = BUSBAR__V1__CONFIRM__INIT;
	uint64_t id[] = { 77, 1 }, seqs[] = { seq, seq }, before[] = { 0, S / 10 };

	c.group = "status";
	c.n_device_id = c.n_topic_seq = c.n_before_ns = 2;
	c.device_id = id;
	c.topic_seq = seqs;
	c.before_ns = before;
	send(BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM, "confirm/collect-snmp/", &c, at_ns + S / 10);
}

static const struct model_point *point(const char *name)
{
	const struct model_device *d = model_device(m, 1);

	for (size_t i = 0; i < d->n_points; i++)
		if (strcmp(d->point[i].name, name) == 0)
			return &d->point[i];
	return NULL;
}

static uint64_t at_ns(const char *name)
{
	return model_sampled_ns(model_device(m, 1), point(name));
}

static void confirmed_values_are_as_young_as_their_confirmation(void **state)
{
	configure(1);
	topic_seq = 8;
	reading("input.voltage", NULL, 230, 100 * S);
	topic_seq = 9;
	reading_of("status", 0, "battery.charge", NULL, 98, 100 * S);
	confirm(9, 130 * S);
	assert_true(at_ns("battery.charge") == 130 * S);
	assert_true(at_ns("input.voltage") == 100 * S);
	assert_true(model_device(m, 1)->answered_ns == 130 * S);
	confirm(9, 120 * S);
	confirm(8, 140 * S);
	assert_true(at_ns("battery.charge") == 130 * S);
	topic_seq = 10;
	reading_of("status", 1, "battery.charge", NULL, 0, 150 * S);
	confirm(10, 160 * S);
	confirm(9, 160 * S);
	assert_true(at_ns("battery.charge") == 130 * S);
	assert_int_equal(model_device(m, 1)->missed, 1);
	/* A newer reading without it: neither that nor what confirms that makes it younger, or older. */
	topic_seq = 11;
	reading_of("status", 0, "ups.load", NULL, 7, 170 * S);
	confirm(11, 180 * S);
	assert_true(at_ns("battery.charge") == 130 * S);
	assert_true(at_ns("ups.load") == 180 * S);
	assert_int_equal(model_bad(m), 0);
}

static void forgotten_values_come_back_with_a_reading_only(void **state)
{
	configure(1);
	topic_seq = 9;
	reading_of("status", 0, "battery.charge", NULL, 98, 100 * S);
	model_values_forget(m);
	assert_int_equal(model_device(m, 1)->n_points, 0);
	confirm(9, 130 * S);
	assert_int_equal(model_device(m, 1)->n_points, 0);
	topic_seq = 10;
	reading_of("status", 0, "battery.charge", NULL, 97, 140 * S);
	assert_true(point("battery.charge")->number == 97);
	assert_true(at_ns("battery.charge") == 140 * S);
}

static void values_age_from_good_to_stale_to_unknown(void **state)
{
	const struct model_device *d;

	configure(1);
	reading("ups.load", NULL, 50, 100 * S);
	d = model_device(m, 1);
	assert_int_equal(model_quality(d, point("ups.load"), 100 * S), BB_GOOD);
	assert_int_equal(model_quality(d, point("ups.load"), 120 * S), BB_GOOD);
	assert_int_equal(model_quality(d, point("ups.load"), 122 * S), BB_STALE);
	assert_int_equal(model_quality(d, point("ups.load"), 152 * S), BB_UNKNOWN);
}

static void vanished_point_stays_with_its_old_time(void **state)
{
	configure(1);
	reading("ups.load", "battery.charge", 50, 100 * S);
	reading("ups.load", NULL, 60, 110 * S);
	assert_true(point("ups.load")->sampled_ns == 110 * S);
	assert_true(point("battery.charge")->sampled_ns == 100 * S);
	assert_true(point("battery.charge")->number == 50);
}

static void failed_pass_keeps_values_and_tells_why(void **state)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;

	configure(1);
	reading("ups.load", NULL, 50, 100 * S);
	r.has_device_id = 1;
	r.device_id = 1;
	r.key = "hh/a";
	r.group = "measure";
	r.has_interval_ms = 1;
	r.interval_ms = 10000;
	r.has_missed = 1;
	r.missed = 3;
	r.lost_reason = "no answer";
	send(BUSBAR__V1__ENVELOPE__KIND__KIND_READING, "reading/hh/a/measure/", &r, 130 * S);
	assert_int_equal(model_device(m, 1)->missed, 3);
	assert_string_equal(model_device(m, 1)->lost_reason, "no answer");
	assert_true(point("ups.load")->sampled_ns == 100 * S);
	reading("ups.load", NULL, 50, 140 * S);
	assert_string_equal(model_device(m, 1)->lost_reason, "");
}

static void reading_before_the_configuration_is_kept_but_not_shown(void **state)
{
	size_t n;

	reading("ups.load", NULL, 50, 100 * S);
	model_devices(m, &n);
	assert_int_equal(n, 0);
	assert_null(model_device(m, 1));
	configure(1);
	model_devices(m, &n);
	assert_int_equal(n, 1);
	assert_non_null(point("ups.load"));
}

static void removed_device_is_gone(void **state)
{
	configure(2);
	reading("ups.load", NULL, 50, 100 * S);
	configure(0);
	assert_null(model_device(m, 1));
	assert_null(model_device_by_key(m, "hh/b"));
	assert_int_equal(n_gone, 2);
}

static void state_with_comm(unsigned comm, unsigned severity)
{
	Busbar__V1__DeviceState s = BUSBAR__V1__DEVICE_STATE__INIT;

	s.has_device_id = 1;
	s.device_id = 1;
	s.key = "hh/a";
	s.status = "OL";
	s.has_comm = 1;
	s.comm = comm;
	s.has_severity = 1;
	s.severity = severity;
	send(BUSBAR__V1__ENVELOPE__KIND__KIND_DEVICE_STATE, "state/hh/a/", &s, 1);
}

static void values_of_a_lost_device_are_unknown_at_once(void **state)
{
	configure(1);
	reading("ups.load", NULL, 50, 100 * S);
	state_with_comm(COMM_LOST, 3);
	assert_int_equal(model_quality(model_device(m, 1), point("ups.load"), 100 * S), BB_UNKNOWN);
}

static void values_are_stale_while_their_collector_is_silent(void **state)
{
	configure(1);
	model_peer(m, "collect-snmp", BB_PEER_ALIVE);
	reading("ups.load", NULL, 50, 100 * S);
	model_peer(m, "collect-snmp", BB_PEER_LOST);
	assert_int_equal(model_quality(model_device(m, 1), point("ups.load"), 100 * S), BB_STALE);
}

static void nothing_is_normal_while_alarmd_is_lost(void **state)
{
	configure(1);
	state_with_comm(COMM_OK, 6);
	assert_int_equal(model_severity(m, 6), 3);
	model_peer(m, "alarmd", BB_PEER_ALIVE);
	assert_int_equal(model_severity(m, 6), 6);
	n_device = 0;
	model_peer(m, "alarmd", BB_PEER_LOST);
	assert_int_equal(model_severity(m, 6), 3);
	assert_int_equal(n_device, 1);
}

static void alarm(const char *id, unsigned state, uint64_t jseq)
{
	Busbar__V1__Alarm a = BUSBAR__V1__ALARM__INIT;

	a.id = (char *)id;
	a.has_device_id = 1;
	a.device_id = 1;
	a.key = "hh/a";
	a.rule = "on_battery";
	a.has_severity = 1;
	a.severity = 2;
	a.has_state = 1;
	a.state = state;
	a.has_jseq = 1;
	a.jseq = jseq;
	a.has_raised_unix_us = 1;
	a.raised_unix_us = 1000000;
	send(BUSBAR__V1__ENVELOPE__KIND__KIND_ALARM, "alarm/hh/a/on_battery/", &a, 1);
}

static void alarm_lives_from_raise_to_normal(void **state)
{
	alarm("j-1", 2, 1);
	assert_non_null(model_alarm(m, "j-1"));
	alarm("j-1", 3, 2);
	assert_int_equal(last_was, 2);
	alarm("j-1", 1, 3);
	assert_null(model_alarm(m, "j-1"));
	assert_int_equal(n_event, 3);
}

static void late_and_repeated_messages_change_nothing(void **state)
{
	alarm("j-1", 3, 5);
	alarm("j-1", 2, 4);
	alarm("j-1", 3, 5);
	assert_int_equal(model_alarm(m, "j-1")->state, 3);
	assert_int_equal(n_alarm, 1);
	alarm("j-9", 1, 6);
	assert_int_equal(n_alarm, 1);
}

static void list_of_alarmd_ends_what_it_does_not_name(void **state)
{
	struct bb_err err;
	uint64_t later_ms = bb_clock_mono_ms() + 1000;

	alarm("j-1", 2, 1);
	alarm("j-2", 2, 2);
	assert_int_equal(
		model_alarm_list(m,
			"[{\"id\":\"j-2\",\"device\":\"hh/a\",\"severity\":\"major\",\"state\":\"active_unack\",\"jseq\":2},"
			"{\"id\":\"j-3\",\"device\":\"hh/a\",\"severity\":\"minor\",\"state\":\"active_ack\",\"jseq\":3}]",
			later_ms, &err),
		0);
	assert_null(model_alarm(m, "j-1"));
	assert_non_null(model_alarm(m, "j-2"));
	assert_int_equal(model_alarm(m, "j-3")->severity, 4);
}

static void list_does_not_end_what_came_after_the_question(void **state)
{
	struct bb_err err;

	alarm("j-1", 2, 1);
	assert_int_equal(model_alarm_list(m, "[]", 0, &err), 0);
	assert_non_null(model_alarm(m, "j-1"));
	assert_int_equal(model_alarm_list(m, "{\"no\":1}", 0, &err), -1);
	assert_int_equal(model_alarm_list(m, "x", 0, &err), -1);
}

static void bad_messages_are_counted_and_dropped(void **state)
{
	const struct bb_msg msg = { .topic = "reading/x/",
		.kind = BUSBAR__V1__ENVELOPE__KIND__KIND_READING,
		.publisher = "p",
		.body = (const uint8_t *)"\xff\xff\xff",
		.body_len = 3 };

	model_message(m, &msg);
	send(99, "x/", NULL, 0);
	assert_int_equal(model_bad(m), 2);
}

/* ---- ring ---- */

static int n_frames;

static void count_frame(void *arg, struct http_frame *f)
{
	n_frames++;
}

static unsigned frames_after(const struct ring *r, uint64_t seq, unsigned topics)
{
	n_frames = 0;
	ring_each(r, seq, topics, count_frame, NULL);
	return (unsigned)n_frames;
}

static void ring_keeps_the_newest_and_says_what_it_lost(void **state)
{
	static const char big[1000];
	struct ring *r = ring_new(4, 1000);

	assert_true(ring_holds(r, 0));
	for (int i = 0; i < 6; i++)
		ring_put(r, 1u << (i % 2), http_frame_new("x", 1));
	assert_int_equal(ring_head(r), 6);
	assert_false(ring_holds(r, 1));
	assert_true(ring_holds(r, 2));
	assert_true(ring_holds(r, 6));
	assert_false(ring_holds(r, 7));
	assert_int_equal(frames_after(r, 2, 3), 4);
	assert_int_equal(frames_after(r, 4, 1), 1);
	assert_int_equal(frames_after(r, 6, 3), 0);
	ring_put(r, 1, http_frame_new(big, sizeof(big)));
	assert_false(ring_holds(r, 5));
	assert_int_equal(frames_after(r, 6, 1), 1);
	ring_free(r);
}

#define MODEL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(confirmed_values_are_as_young_as_their_confirmation),
		MODEL_TEST(forgotten_values_come_back_with_a_reading_only),
		MODEL_TEST(values_age_from_good_to_stale_to_unknown),
		MODEL_TEST(vanished_point_stays_with_its_old_time),
		MODEL_TEST(failed_pass_keeps_values_and_tells_why),
		MODEL_TEST(reading_before_the_configuration_is_kept_but_not_shown),
		MODEL_TEST(removed_device_is_gone),
		MODEL_TEST(values_of_a_lost_device_are_unknown_at_once),
		MODEL_TEST(values_are_stale_while_their_collector_is_silent),
		MODEL_TEST(nothing_is_normal_while_alarmd_is_lost),
		MODEL_TEST(alarm_lives_from_raise_to_normal),
		MODEL_TEST(late_and_repeated_messages_change_nothing),
		MODEL_TEST(list_of_alarmd_ends_what_it_does_not_name),
		MODEL_TEST(list_does_not_end_what_came_after_the_question),
		MODEL_TEST(bad_messages_are_counted_and_dropped),
		cmocka_unit_test(ring_keeps_the_newest_and_says_what_it_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
