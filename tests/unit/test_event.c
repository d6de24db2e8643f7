// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/alarm_world.h"

static const uint8_t spool_a[16] = { 1 }, spool_b[16] = { 2 };

static int setup(void **state)
{
	struct world *w = bb_malloc(sizeof(*w));

	world_init(w);
	world_device(w, "hh/u0", "collect-snmp");
	world_configure(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

static uint64_t event_at(struct world *w, const uint8_t *spool, uint64_t jseq, uint8_t key,
	uint64_t at_us, bool is_volatile)
{
	uint8_t event_key[16] = { key };
	Busbar__V1__DeviceEvent e = BUSBAR__V1__DEVICE_EVENT__INIT;
	const struct core_feed from = { .feed = "collect-snmptrap",
		.journal_id = spool,
		.jseq = jseq,
		.is_volatile = is_volatile };

	e.device_id = 1;
	e.has_device_id = 1;
	e.key = "hh/old-name";
	e.kind = "trap";
	e.code = "upsTrapOnBattery";
	e.text = "the UPS runs on battery";
	e.source = "10.0.0.7";
	e.user = e.comment = "";
	e.severity = 2;
	e.at_unix_us = at_us;
	e.event_key = (ProtobufCBinaryData){ 16, event_key };
	return core_event(w->core, &from, &e, 5);
}

static uint64_t event(struct world *w, const uint8_t *spool, uint64_t jseq, uint8_t key)
{
	return event_at(w, spool, jseq, key, 1000000 * (uint64_t)key, false);
}

static void an_event_is_a_record_that_changes_no_alarm(void **state)
{
	struct world *w = *state;

	assert_int_equal(event(w, spool_a, 1, 1), 1);
	const Busbar__V1__Transition *t = w->records[0].t;
	assert_string_equal(t->kind, "trap");
	assert_string_equal(t->alarm->key, "hh/u0");
	assert_string_equal(t->alarm->rule, "event");
	assert_string_equal(t->alarm->subject, "upsTrapOnBattery");
	assert_string_equal(t->source, "10.0.0.7");
	assert_int_equal(t->from, t->to);
	assert_int_equal(core_stats(w->core)->open, 0);
	assert_null(world_find(w, "hh/u0")->alarms);
}

static void a_record_taken_before_is_not_taken_again(void **state)
{
	struct world *w = *state;

	assert_int_equal(event(w, spool_a, 5, 1), 1);
	assert_int_equal(event(w, spool_a, 4, 2), 0);
	assert_int_equal(event(w, spool_a, 5, 3), 0);
	assert_int_equal(event(w, spool_a, 6, 4), 2);
	/* Another journal begins its numbers anew. */
	assert_int_equal(event(w, spool_b, 1, 5), 3);
}

static void a_restart_knows_where_it_was(void **state)
{
	struct world *w = *state;
	uint8_t id[16];
	uint64_t jseq;

	event(w, spool_a, 1, 1);
	event(w, spool_a, 2, 2);
	world_restart(w, 0);
	assert_true(core_feed_cursor(w->core, "collect-snmptrap", id, &jseq));
	assert_int_equal(jseq, 2);
	assert_memory_equal(id, spool_a, 16);
	assert_int_equal(event(w, spool_a, 2, 2), 0);

	struct world_snapshot s = world_snapshot(w);
	world_restart_from(w, &s);
	free(s.data);
	assert_true(core_feed_cursor(w->core, "collect-snmptrap", id, &jseq));
	assert_int_equal(jseq, 2);
	assert_int_equal(event(w, spool_a, 1, 1), 0);
	assert_int_equal(event(w, spool_a, 3, 2), 0); /* the key of a second delivery */
	assert_int_equal(event(w, spool_a, 4, 4), 3);
}

static void a_volatile_event_that_comes_again_is_recorded_once(void **state)
{
	struct world *w = *state;

	event(w, spool_a, 1, 1);
	assert_int_equal(event_at(w, spool_a, 2, 2, 50, true), 2);
	/* The spool lost it, its number went to another event, and then it came again. */
	assert_int_equal(event_at(w, spool_a, 2, 3, 60, false), 3);
	assert_int_equal(event_at(w, spool_a, 3, 2, 50, false), 0);
}

static void the_same_key_is_another_event_ten_minutes_later(void **state)
{
	struct world *w = *state;

	assert_int_equal(event_at(w, spool_a, 1, 1, 1000, false), 1);
	assert_int_equal(event_at(w, spool_a, 2, 1, 599000000, false), 0);
	assert_int_equal(event_at(w, spool_a, 3, 1, 601000000, false), 2);
}

static void an_event_of_an_unknown_device_keeps_its_key(void **state)
{
	struct world *w = *state;

	world_remove(w, "hh/u0");
	world_configure(w);
	assert_int_equal(event(w, spool_a, 1, 1), 1);
	assert_string_equal(w->records[0].t->alarm->key, "hh/old-name");
	world_restart(w, 0);
	assert_null(core_device(w->core, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_event_is_a_record_that_changes_no_alarm, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_record_taken_before_is_not_taken_again, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_restart_knows_where_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(a_volatile_event_that_comes_again_is_recorded_once,
			setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_key_is_another_event_ten_minutes_later,
			setup, teardown),
		cmocka_unit_test_setup_teardown(an_event_of_an_unknown_device_keeps_its_key, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
