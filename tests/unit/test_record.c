// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/alarm_world.h"

static int setup(void **state)
{
	struct world *w = bb_malloc(sizeof(*w));
	char key[32];

	world_init(w);
	for (int i = 0; i < 6; i++) {
		snprintf(key, sizeof(key), "hh/u%d", i);
		world_device(w, key, "collect-snmp");
	}
	world_configure(w);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

static void assert_same(struct world *w, const char *before)
{
	char *after = world_print(w);

	assert_string_equal(before, after);
	free(after);
}

static void read_key(struct world *w, const char *key, const char *values)
{
	world_to(w, w->now_ms + 1000);
	world_read(w, key, "status", values);
}

static void some_history(struct world *w)
{
	char id[ALARM_ID_CHARS];

	read_key(w, "hh/u0", "ups.status=OB LB");
	read_key(w, "hh/u1", "ups.status=OL;alarm.fan.failed=true");
	read_key(w, "hh/u2", "ups.status=BYPASS OL");
	alarm_id_print(&world_alarm(w, "hh/u0", "on_battery")->id, id);
	world_ack(w, id, "anna", 1, NULL);
	read_key(w, "hh/u2", "ups.status=OL");
	read_key(w, "hh/u2", "ups.status=OL");
	world_heartbeat(w, "notifyd", "notifyd", "notify_failed", 2);
}

static void a_restart_gives_the_same_alarms(void **state)
{
	struct world *w = *state;
	some_history(w);
	size_t n = w->n_records;
	char *before = world_print(w);

	world_restart(w, 0);
	assert_same(w, before);
	assert_int_equal(w->n_records, n);
	free(before);
}

static void any_snapshot_and_its_tail_give_the_same_alarms(void **state)
{
	struct world *w = *state;

	struct world_snapshot s = world_snapshot(w);
	some_history(w);
	char *before = world_print(w);
	world_restart_from(w, &s);
	assert_same(w, before);
	free(s.data);
	s = world_snapshot(w);
	world_restart_from(w, &s);
	assert_same(w, before);
	free(s.data);
	free(before);
}

static void nothing_is_raised_twice_or_cleared_by_a_restart(void **state)
{
	struct world *w = *state;

	some_history(w);
	size_t n = w->n_records;
	world_restart(w, 0);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_peer(w, "notifyd", BB_PEER_ALIVE);
	assert_true(world_alarm(w, "hh/u0", "on_battery")->is_stale);
	/* What a collector's snapshot brings was read before the start: no evidence. */
	world_read_old(w, "hh/u0", "status", "ups.status=OL", 3000);
	world_read_old(w, "hh/u0", "status", "ups.status=OL", 2000);
	world_read_old(w, "hh/u3", "status", "ups.status=OB", 2000);
	assert_int_equal(w->n_records, n);
	read_key(w, "hh/u0", "ups.status=OB LB");
	assert_int_equal(w->n_records, n);
	assert_false(world_alarm(w, "hh/u0", "on_battery")->is_stale);
}

static void a_hold_begins_again_after_a_restart(void **state)
{
	struct world *w = *state;

	world_to(w, 10000);
	world_read(w, "hh/u0", "measure", "battery.temperature=45");
	world_to(w, 15000);
	world_read(w, "hh/u0", "measure", "battery.temperature=45");
	world_restart(w, 0);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_to(w, 21000);
	world_read(w, "hh/u0", "measure", "battery.temperature=45");
	world_to(w, 26000);
	world_read(w, "hh/u0", "measure", "battery.temperature=45");
	world_to(w, 30000);
	assert_int_equal(w->n_records, 0);
	world_to(w, 31000);
	assert_int_equal(world_count(w, "hh/u0", "temperature", "raise"), 1);
}

static void an_or_is_not_cleared_by_half_of_it_after_a_restart(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 4; i++) {
		world_to(w, w->now_ms + 10000);
		world_read(w, "hh/u0", "measure", "battery.temperature=45");
		world_read(w, "hh/u0", "status", "ups.status=OL;alarm.ups.temperature=false");
	}
	assert_int_equal(w->n_records, 1);
	world_restart(w, 0);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	for (int i = 0; i < 3; i++)
		read_key(w, "hh/u0", "ups.status=OL;alarm.ups.temperature=false");
	assert_int_equal(w->n_records, 1);
}

static void a_device_without_flags_is_not_waited_for_for_ever(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 4; i++) {
		world_to(w, w->now_ms + 10000);
		world_read(w, "hh/u0", "measure", "battery.temperature=45");
	}
	world_restart(w, 0);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	for (int i = 0; i < 12; i++) {
		read_key(w, "hh/u0", "ups.status=OL");
		world_read(w, "hh/u0", "measure", "battery.temperature=25");
	}
	world_to(w, w->now_ms + 10000);
	world_read(w, "hh/u0", "measure", "battery.temperature=25");
	assert_int_equal(world_count(w, "hh/u0", "temperature", "clear"), 1);
}

static void a_damaged_snapshot_is_refused(void **state)
{
	struct world *w = *state;
	struct bb_err err;

	some_history(w);
	struct world_snapshot s = world_snapshot(w);
	for (size_t cut = 1; cut < s.len; cut += 7) {
		struct world other;
		world_init(&other);
		/* Whole records in front are fine; what is cut must be noticed or end at a
		 * border. */
		core_restore(other.core, s.data, cut, &err);
		world_fini(&other);
	}
	s.data[0] = 0xff;
	struct world other;
	world_init(&other);
	assert_int_equal(core_restore(other.core, s.data, s.len, &err), -1);
	assert_non_null(strstr(err.text, "snapshot"));
	world_fini(&other);
	free(s.data);
}

static void an_alarm_of_another_journal_goes_on_under_its_id(void **state)
{
	struct world *w = *state;
	Busbar__V1__Alarm m = BUSBAR__V1__ALARM__INIT;
	char id[] = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd-77";

	m.id = id;
	m.has_device_id = m.has_severity = m.has_state = m.has_raised_unix_us = m.has_episode = 1;
	m.device_id = 1;
	m.key = "hh/u0";
	m.rule = "on_battery";
	m.subject = "ups.status";
	m.severity = 2;
	m.state = BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK;
	m.raised_unix_us = 5;
	m.episode = 77;
	core_carry(w->core, &m, 2000000000);
	assert_string_equal(w->records[0].t->kind, "carried");
	assert_string_equal(w->records[0].t->alarm->id, id);
	assert_int_equal(world_alarm(w, "hh/u0", "on_battery")->st.phase, PHASE_ACTIVE_ACK);
	char *before = world_print(w);
	world_restart(w, 0);
	assert_same(w, before);
	free(before);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	read_key(w, "hh/u0", "ups.status=OL");
	read_key(w, "hh/u0", "ups.status=OL");
	assert_string_equal(w->records[1].t->kind, "clear");
	assert_string_equal(w->records[1].t->alarm->id, id);
}

static void closing_a_foreign_alarm_leaves_our_own_alone(void **state)
{
	struct world *w = *state;
	Busbar__V1__Alarm m = BUSBAR__V1__ALARM__INIT;

	read_key(w, "hh/u0", "ups.status=OB");
	m.id = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd-77";
	m.has_device_id = m.has_severity = m.has_state = 1;
	m.device_id = 1;
	m.key = "hh/u0";
	m.rule = "on_battery";
	m.severity = 2;
	m.state = BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK;
	core_close_foreign(w->core, &m, 3000000000);
	assert_string_equal(w->records[1].t->kind, "removed");
	assert_non_null(world_alarm(w, "hh/u0", "on_battery"));
	world_restart(w, 0);
	assert_non_null(world_alarm(w, "hh/u0", "on_battery"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_restart_gives_the_same_alarms),
		TEST(any_snapshot_and_its_tail_give_the_same_alarms),
		TEST(nothing_is_raised_twice_or_cleared_by_a_restart),
		TEST(a_hold_begins_again_after_a_restart),
		TEST(an_or_is_not_cleared_by_half_of_it_after_a_restart),
		TEST(a_device_without_flags_is_not_waited_for_for_ever),
		TEST(a_damaged_snapshot_is_refused),
		TEST(an_alarm_of_another_journal_goes_on_under_its_id),
		TEST(closing_a_foreign_alarm_leaves_our_own_alone),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
