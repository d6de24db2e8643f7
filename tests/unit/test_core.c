// SPDX-License-Identifier: Apache-2.0
/* Who answers, own-alarms, inventory: what spans several alarms. Single alarms are told by the
 * scenarios in tests/replay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/alarm_world.h"

#define MAJOR   BUSBAR__V1__SEVERITY__SEVERITY_MAJOR
#define MINOR   BUSBAR__V1__SEVERITY__SEVERITY_MINOR
#define UNKNOWN BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN
#define NORMAL  BUSBAR__V1__SEVERITY__SEVERITY_NORMAL

static int setup(void **state)
{
	struct world *w = bb_malloc(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

static void answer_some(struct world *w, unsigned from, unsigned to)
{
	char key[32];

	for (unsigned i = from; i < to; i++) {
		snprintf(key, sizeof(key), "hh/u%u", i);
		world_read(w, key, "status", "ups.status=OL");
	}
}

/* `n` devices "hh/u<i>" of collect-snmp, all answering. */
static void fleet(struct world *w, unsigned n)
{
	char key[32];

	for (unsigned i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "hh/u%u", i);
		world_device(w, key, "collect-snmp");
	}
	world_configure(w);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_to(w, w->now_ms + 1);
	answer_some(w, 0, n);
}

static void miss_some(struct world *w, unsigned from, unsigned to, unsigned missed)
{
	char key[32];

	for (unsigned i = from; i < to; i++) {
		snprintf(key, sizeof(key), "hh/u%u", i);
		world_miss(w, key, missed);
	}
}

static void a_device_never_seen_is_unknown_not_normal(void **state)
{
	struct world *w = *state;

	world_device(w, "hh/u0", "collect-snmp");
	world_configure(w);
	assert_int_equal(world_find(w, "hh/u0")->share.severity, UNKNOWN);
	assert_int_equal(group_worst(group_find(core_groups(w->core), "hh")), UNKNOWN);
}

static void three_missed_polls_raise_comm_lost_once(void **state)
{
	struct world *w = *state;

	fleet(w, 10);
	for (unsigned m = 1; m < 8; m++) {
		world_to(w, w->now_ms + 2000);
		world_miss(w, "hh/u3", m);
		assert_int_equal(world_count(w, "hh/u3", "comm_lost", "raise"), m >= 3);
	}
	assert_int_equal(w->n_records, 1);
	assert_int_equal(world_find(w, "hh/u3")->comm, COMM_LOST);
	assert_int_equal(world_find(w, "hh/u3")->share.severity, UNKNOWN);
	world_to(w, w->now_ms + 2000);
	world_read(w, "hh/u3", "status", "ups.status=OL");
	assert_non_null(world_alarm(w, "hh/u3", "comm_lost"));
	world_to(w, w->now_ms + 2000);
	world_read(w, "hh/u3", "status", "ups.status=OL");
	assert_null(world_alarm(w, "hh/u3", "comm_lost"));
}

static void many_silent_devices_are_one_network_alarm(void **state)
{
	struct world *w = *state;

	fleet(w, 20);
	for (unsigned m = 1; m < 6; m++) {
		world_to(w, w->now_ms + 2000);
		miss_some(w, 0, 10, m);
	}
	assert_int_equal(world_count(w, "busbar/collect-snmp", "network_lost", "raise"), 1);
	assert_int_equal(world_count(w, "", "comm_lost", "raise"), 0);
	assert_int_equal(world_find(w, "hh/u0")->share.severity, UNKNOWN);
}

static void few_silent_devices_are_their_own_alarms(void **state)
{
	struct world *w = *state;

	fleet(w, 20);
	for (unsigned m = 1; m < 6; m++) {
		world_to(w, w->now_ms + 2000);
		miss_some(w, 0, 6, m);
	}
	assert_int_equal(world_count(w, "", "network_lost", "raise"), 0);
	assert_int_equal(world_count(w, "", "comm_lost", "raise"), 6);
}

static void devices_failing_one_after_another_are_not_a_network(void **state)
{
	struct world *w = *state;

	fleet(w, 20);
	for (unsigned i = 0; i < 15; i++) {
		for (unsigned m = 1; m < 4; m++) {
			world_to(w, w->now_ms + 2000);
			miss_some(w, 0, i, 100);
			miss_some(w, i, i + 1, m);
			answer_some(w, i + 1, 20);
		}
	}
	assert_int_equal(world_count(w, "", "network_lost", "raise"), 0);
	assert_int_equal(world_count(w, "", "comm_lost", "raise"), 15);
}

static void who_stays_silent_after_the_network_gets_its_own_alarm(void **state)
{
	struct world *w = *state;

	fleet(w, 20);
	for (unsigned m = 1; m < 6; m++) {
		world_to(w, w->now_ms + 2000);
		miss_some(w, 0, 20, m);
	}
	for (unsigned round = 0; round < 3; round++) {
		world_to(w, w->now_ms + 2000);
		answer_some(w, 2, 20);
		miss_some(w, 0, 2, 6 + round);
	}
	assert_int_equal(world_count(w, "", "network_lost", "clear"), 1);
	assert_int_equal(world_count(w, "", "comm_lost", "raise"), 2);
	assert_non_null(world_alarm(w, "hh/u0", "comm_lost"));
}

static void a_restart_does_not_end_a_network_alarm_before_devices_answer(void **state)
{
	struct world *w = *state;

	fleet(w, 20);
	for (unsigned m = 1; m < 6; m++) {
		world_to(w, w->now_ms + 2000);
		miss_some(w, 0, 20, m);
	}
	world_restart(w, 0);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_to(w, w->now_ms + 5000);
	miss_some(w, 0, 20, 9);
	world_to(w, w->now_ms + 5000);
	assert_non_null(world_alarm(w, "busbar/collect-snmp", "network_lost"));
	assert_int_equal(world_count(w, "", "comm_lost", "raise"), 0);
	assert_int_equal(world_count(w, "", "network_lost", ""), 1);
}

static void a_lost_collector_is_one_alarm_and_clears_nothing(void **state)
{
	struct world *w = *state;

	fleet(w, 10);
	world_to(w, w->now_ms + 2000);
	world_read(w, "hh/u0", "status", "ups.status=OB");
	world_peer(w, "collect-snmp", BB_PEER_SUSPECT);
	assert_int_equal(w->n_records, 1);
	world_peer(w, "collect-snmp", BB_PEER_LOST);
	world_to(w, w->now_ms + 300000);
	assert_int_equal(w->n_records, 2);
	assert_int_equal(world_count(w, "busbar/collect-snmp", "collector_lost", "raise"), 1);
	assert_true(world_alarm(w, "hh/u0", "on_battery")->is_stale);
	assert_int_equal(world_find(w, "hh/u1")->share.severity, UNKNOWN);
	assert_int_equal(world_find(w, "hh/u0")->share.severity, MAJOR);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	assert_int_equal(world_count(w, "busbar/collect-snmp", "collector_lost", "clear"), 1);
	assert_true(world_alarm(w, "hh/u0", "on_battery")->is_stale);
	world_to(w, w->now_ms + 1000);
	world_read(w, "hh/u0", "status", "ups.status=OB");
	assert_false(world_alarm(w, "hh/u0", "on_battery")->is_stale);
	assert_int_equal(world_find(w, "hh/u1")->share.severity, NORMAL);
}

static void an_expected_collector_that_never_comes_is_missed(void **state)
{
	struct world *w = *state;

	world_device(w, "hh/u0", "collect-snmp");
	world_configure(w);
	world_to(w, CORE_PUBLISHER_GRACE_MS - 1000);
	assert_int_equal(w->n_records, 0);
	world_to(w, CORE_PUBLISHER_GRACE_MS + 2000);
	assert_int_equal(world_count(w, "busbar/collect-snmp", "collector_lost", "raise"), 1);
	assert_int_equal(w->n_records, 1);
}

static void a_collector_without_devices_may_go(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	world_heartbeat(w, "collect-modbus", "collector", NULL, 0);
	world_peer(w, "collect-modbus", BB_PEER_ALIVE);
	world_peer(w, "collect-modbus", BB_PEER_LOST);
	assert_int_equal(w->n_records, 0);
	world_peer(w, "collect-snmp", BB_PEER_LOST);
	assert_int_equal(w->n_records, 1);
	world_remove(w, "hh/u0");
	world_configure(w);
	assert_int_equal(world_count(w, "busbar/collect-snmp", "collector_lost", "removed"), 1);
}

static void any_other_daemon_that_was_seen_is_missed(void **state)
{
	struct world *w = *state;

	world_configure(w);
	world_heartbeat(w, "historyd", "historyd", NULL, 0);
	world_peer(w, "historyd", BB_PEER_ALIVE);
	world_peer(w, "historyd", BB_PEER_LOST);
	assert_int_equal(world_count(w, "busbar/historyd", "daemon_lost", "raise"), 1);
	assert_int_equal(world_alarm(w, "busbar/historyd", "daemon_lost")->severity, MAJOR);
	world_restart(w, 0);
	world_to(w, w->now_ms + 60000);
	assert_int_equal(w->n_records, 1);
	world_peer(w, "historyd", BB_PEER_ALIVE);
	assert_int_equal(world_count(w, "busbar/historyd", "daemon_lost", "clear"), 1);
}

static void a_silent_device_of_a_living_collector_is_lost(void **state)
{
	struct world *w = *state;

	fleet(w, 2);
	for (int s = 0; s < 60; s++) {
		world_to(w, w->now_ms + 1000);
		world_read(w, "hh/u1", "status", "ups.status=OL");
	}
	assert_int_equal(world_count(w, "hh/u0", "comm_lost", "raise"), 1);
	assert_int_equal(world_count(w, "hh/u1", "comm_lost", "raise"), 0);
}

static void trouble_of_a_heartbeat_stands_while_listed(void **state)
{
	struct world *w = *state;

	world_heartbeat(w, "notifyd", "notifyd", "notify_failed", MINOR);
	assert_int_equal(world_alarm(w, "busbar/notifyd", "notify_failed")->severity, MINOR);
	world_heartbeat(w, "notifyd", "notifyd", "notify_failed", MAJOR);
	assert_int_equal(world_count(w, "busbar/notifyd", "notify_failed", "severity"), 1);
	world_heartbeat(w, "notifyd", "notifyd", NULL, 0);
	assert_non_null(world_alarm(w, "busbar/notifyd", "notify_failed"));
	world_heartbeat(w, "notifyd", "notifyd", NULL, 0);
	assert_null(world_alarm(w, "busbar/notifyd", "notify_failed"));
	assert_int_equal(w->n_records, 3);
}

static void a_heartbeat_cannot_raise_our_own_codes_or_odd_ones(void **state)
{
	struct world *w = *state;

	world_heartbeat(w, "notifyd", "notifyd", "collector_lost", MAJOR);
	world_heartbeat(w, "notifyd", "notifyd", "No Such Code/", MAJOR);
	world_heartbeat(w, "../etc", "notifyd", "x", MAJOR);
	assert_int_equal(w->n_records, 0);
}

static void flooding_with_names_and_codes_is_bounded(void **state)
{
	struct world *w = *state;
	char name[32];
	size_t n;

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		world_heartbeat(w, name, "x", "a_code", MAJOR);
		snprintf(name, sizeof(name), "code_%d", i);
		for (int k = 0; k < 1; k++)
			world_heartbeat(w, "p1", "x", name, MAJOR);
	}
	core_publishers(w->core, &n);
	assert_int_equal(n, CORE_PUBLISHERS_MAX);
}

static void only_the_devices_own_collector_is_believed(void **state)
{
	struct world *w = *state;
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;

	fleet(w, 1);
	r.has_device_id = 1;
	r.device_id = 1;
	r.key = "hh/u0";
	r.group = "status";
	r.has_missed = 1;
	r.missed = 9;
	world_to(w, 5000);
	core_reading(w->core, &r,
		&(struct core_source){ .publisher = "collect-modbus",
			.sampled_ns = UINT64_C(6000000000) },
		UINT64_C(6000000000));
	assert_int_equal(w->n_records, 0);
	assert_int_equal(core_stats(w->core)->unknown_device, 1);
}

static void confirm_for(struct world *w, uint64_t from_ms, uint64_t to_ms, uint64_t topic_seq)
{
	for (uint64_t ms = from_ms; ms <= to_ms; ms += 2000) {
		world_to(w, ms);
		world_confirm(w, "hh/u0", topic_seq);
	}
}

static void a_confirmed_device_is_not_silent(void **state)
{
	struct world *w = *state;
	uint64_t read_ns;

	fleet(w, 1);
	world_to(w, 2000);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_read(w, "hh/u0", "status", "ups.status=OL");
	read_ns = world_find(w, "hh/u0")->read_ns[0];
	confirm_for(w, 4000, 120000, w->topic_seq);
	assert_int_equal(w->n_records, 0);
	assert_int_equal(core_stats(w->core)->confirmed, 59);
	assert_int_equal(world_find(w, "hh/u0")->comm, COMM_OK);
	assert_int_equal(world_find(w, "hh/u0")->read_ns[0] - read_ns, UINT64_C(118000000000));
}

static void a_confirmation_of_another_reading_means_nothing(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	world_to(w, 2000);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_read(w, "hh/u0", "status", "ups.status=OL");
	confirm_for(w, 4000, 60000, w->topic_seq + 1);
	assert_int_equal(core_stats(w->core)->confirmed, 0);
	assert_non_null(world_alarm(w, "hh/u0", "comm_lost"));
}

static void a_confirmation_never_takes_back_a_missed_poll(void **state)
{
	struct world *w = *state;
	uint64_t answered;

	fleet(w, 1);
	world_to(w, 2000);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_read(w, "hh/u0", "status", "ups.status=OL");
	answered = w->topic_seq;
	for (unsigned i = 1; i <= 3; i++) {
		world_to(w, 2000 + 2000 * i);
		world_miss(w, "hh/u0", i);
	}
	confirm_for(w, 10000, 14000, answered);
	confirm_for(w, 16000, 20000, w->topic_seq);
	assert_non_null(world_alarm(w, "hh/u0", "comm_lost"));
	assert_int_equal(world_find(w, "hh/u0")->comm, COMM_LOST);
}

static void an_older_reading_never_overrules_a_newer_one(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	world_to(w, 10000);
	world_read(w, "hh/u0", "status", "ups.status=OB");
	world_read_old(w, "hh/u0", "status", "ups.status=OL", 1000);
	world_read_old(w, "hh/u0", "status", "ups.status=OL", 500);
	world_read_old(w, "hh/u0", "status", "ups.status=OL", 0);
	assert_int_equal(w->n_records, 1);
	assert_non_null(world_alarm(w, "hh/u0", "on_battery"));
}

static void a_reading_too_old_on_arrival_is_no_evidence(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	world_to(w, 100000);
	world_read_old(w, "hh/u0", "status", "ups.status=OB", 30000);
	assert_int_equal(world_count(w, "hh/u0", "on_battery", ""), 0);
}

static void removing_a_device_closes_its_alarms_and_ends_its_topics(void **state)
{
	struct world *w = *state;

	fleet(w, 2);
	world_to(w, 5000);
	world_read(w, "hh/u0", "status", "ups.status=OB LB");
	world_remove(w, "hh/u0");
	world_configure(w);
	assert_int_equal(world_count(w, "hh/u0", "", "removed"), 2);
	assert_int_equal(w->records[3].t->to, BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL);
	assert_null(world_find(w, "hh/u0"));
	assert_int_equal(w->gone, 1);
	assert_int_equal(group_find(core_groups(w->core), "hh")->members, 1);
}

static void renaming_keeps_alarm_id_and_history(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	world_to(w, 5000);
	world_read(w, "hh/u0", "status", "ups.status=OB");
	uint64_t jseq = world_alarm(w, "hh/u0", "on_battery")->id.jseq;
	world_rename(w, "hh/u0", "berlin/new");
	world_configure(w);
	assert_int_equal(w->n_records, 1);
	assert_int_equal(world_alarm(w, "berlin/new", "on_battery")->id.jseq, jseq);
	assert_null(group_find(core_groups(w->core), "hh"));
	assert_int_equal(group_worst(group_find(core_groups(w->core), "berlin")), MAJOR);
	assert_true(w->remarks > 0);
}

static void incomplete_alarm_walk_never_clears(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	world_to(w, 5000);
	world_read(w, "hh/u0", "status",
		"ups.status=OL;alarm.fan.failed=true;alarm.fuse.failed=false");
	for (int i = 0; i < 20; i++) {
		world_to(w, w->now_ms + 2000);
		world_read(w, "hh/u0", "status", "ups.status=OL");
	}
	assert_non_null(world_alarm(w, "hh/u0", "fan_failed"));
	assert_int_equal(w->n_records, 1);
}

static void the_flag_and_the_limit_are_one_temperature_alarm(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	for (int i = 0; i < 5; i++) {
		world_to(w, w->now_ms + 10000);
		world_read(w, "hh/u0", "measure", "battery.temperature=45");
		world_read(w, "hh/u0", "status", "ups.status=OL;alarm.ups.temperature=true");
	}
	assert_int_equal(world_count(w, "hh/u0", "temperature", "raise"), 1);
	for (int i = 0; i < 3; i++) {
		world_to(w, w->now_ms + 2000);
		world_read(w, "hh/u0", "status", "ups.status=OL;alarm.ups.temperature=false");
	}
	assert_int_equal(world_count(w, "hh/u0", "temperature", "clear"), 0);
	for (int i = 0; i < 3; i++) {
		world_to(w, w->now_ms + 10000);
		world_read(w, "hh/u0", "measure", "battery.temperature=25");
		world_read(w, "hh/u0", "status", "ups.status=OL;alarm.ups.temperature=false");
	}
	assert_int_equal(world_count(w, "hh/u0", "temperature", "clear"), 1);
	assert_int_equal(w->n_records, 2);
}

static void the_wall_clock_decides_nothing(void **state)
{
	struct world *w = *state;

	fleet(w, 1);
	for (int i = 0; i < 50; i++) {
		w->wall_step_us = (i % 2 ? -1 : 1) * INT64_C(315360000000000);
		core_clock_step(w->core);
		world_to(w, w->now_ms + 2000);
		world_read(w, "hh/u0", "status", i == 20 ? "ups.status=OB" : "ups.status=OL");
	}
	assert_int_equal(w->n_records, 2);
	assert_true(w->records[0].t->clock_step);
	assert_true(w->records[1].t->jseq > w->records[0].t->jseq);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_device_never_seen_is_unknown_not_normal),
		TEST(three_missed_polls_raise_comm_lost_once),
		TEST(many_silent_devices_are_one_network_alarm),
		TEST(few_silent_devices_are_their_own_alarms),
		TEST(devices_failing_one_after_another_are_not_a_network),
		TEST(who_stays_silent_after_the_network_gets_its_own_alarm),
		TEST(a_restart_does_not_end_a_network_alarm_before_devices_answer),
		TEST(a_lost_collector_is_one_alarm_and_clears_nothing),
		TEST(an_expected_collector_that_never_comes_is_missed),
		TEST(a_collector_without_devices_may_go),
		TEST(any_other_daemon_that_was_seen_is_missed),
		TEST(a_silent_device_of_a_living_collector_is_lost),
		TEST(trouble_of_a_heartbeat_stands_while_listed),
		TEST(a_heartbeat_cannot_raise_our_own_codes_or_odd_ones),
		TEST(flooding_with_names_and_codes_is_bounded),
		TEST(only_the_devices_own_collector_is_believed),
		TEST(a_confirmed_device_is_not_silent),
		TEST(a_confirmation_of_another_reading_means_nothing),
		TEST(a_confirmation_never_takes_back_a_missed_poll),
		TEST(an_older_reading_never_overrules_a_newer_one),
		TEST(a_reading_too_old_on_arrival_is_no_evidence),
		TEST(removing_a_device_closes_its_alarms_and_ends_its_topics),
		TEST(renaming_keeps_alarm_id_and_history),
		TEST(incomplete_alarm_walk_never_clears),
		TEST(the_flag_and_the_limit_are_one_temperature_alarm),
		TEST(the_wall_clock_decides_nothing),
	};

	return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
