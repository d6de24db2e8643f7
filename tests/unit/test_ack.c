// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/alarm_world.h"

#define OK        BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define REFUSED   BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define NOT_KNOWN BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

static char id[ALARM_ID_CHARS];

/* One device on battery; `id` is its alarm. */
static int setup(void **state)
{
	struct world *w = bb_malloc(sizeof(*w));

	world_init(w);
	world_device(w, "hh/u0", "collect-snmp");
	world_configure(w);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_to(w, 1000);
	world_read(w, "hh/u0", "status", "ups.status=OB");
	alarm_id_print(&world_alarm(w, "hh/u0", "on_battery")->id, id);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

static void read_status(struct world *w, const char *values)
{
	world_to(w, w->now_ms + 2000);
	world_read(w, "hh/u0", "status", values);
}

static void ack_is_a_transition_with_user_and_comment(void **state)
{
	struct world *w = *state;
	struct core_ack_result r;

	assert_int_equal(world_ack(w, id, "anna", 1, &r), OK);
	assert_int_equal(r.jseq, 2);
	assert_string_equal(w->records[1].t->kind, "ack");
	assert_string_equal(w->records[1].t->user, "anna");
	assert_string_equal(w->records[1].t->alarm->comment, "seen");
	assert_int_equal(w->records[1].t->cmd_key.len, 16);
	assert_int_equal(w->records[1].t->to, BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK);
	assert_false(world_find(w, "hh/u0")->share.unack);
}

static void the_second_ack_gets_the_first_ones_data(void **state)
{
	struct world *w = *state;
	struct core_ack_result r;

	world_ack(w, id, "anna", 1, NULL);
	assert_int_equal(world_ack(w, id, "bert", 2, &r), OK);
	assert_non_null(strstr(r.text, "anna"));
	assert_int_equal(r.jseq, 2);
	assert_int_equal(w->n_records, 2);
}

static void a_repeated_command_gets_the_same_answer(void **state)
{
	struct world *w = *state;
	struct core_ack_result first, again;

	world_ack(w, id, "anna", 1, &first);
	assert_int_equal(world_ack(w, id, "anna", 1, &again), OK);
	assert_string_equal(first.text, again.text);
	assert_int_equal(w->n_records, 2);
}

static void a_repeat_after_a_restart_gets_the_same_answer_even_when_cleared(void **state)
{
	struct world *w = *state;
	struct core_ack_result first, again;

	world_ack(w, id, "anna", 1, &first);
	read_status(w, "ups.status=OL");
	read_status(w, "ups.status=OL");
	assert_null(world_alarm(w, "hh/u0", "on_battery"));
	struct world_snapshot s = world_snapshot(w);
	world_restart_from(w, &s);
	assert_int_equal(world_ack(w, id, "anna", 1, &again), OK);
	assert_string_equal(first.text, again.text);
	world_restart(w, 0);
	assert_int_equal(world_ack(w, id, "anna", 1, &again), OK);
	assert_string_equal(first.text, again.text);
	assert_int_equal(world_ack(w, id, "bert", 2, &again), REFUSED);
	free(s.data);
}

static void an_old_episode_is_refused(void **state)
{
	struct world *w = *state;
	struct core_ack_result r;

	read_status(w, "ups.status=OL");
	read_status(w, "ups.status=OL");
	read_status(w, "ups.status=OB");
	assert_non_null(world_alarm(w, "hh/u0", "on_battery"));
	assert_int_equal(world_ack(w, id, "anna", 1, &r), REFUSED);
	assert_non_null(strstr(r.text, "already cleared"));
	assert_int_equal(world_alarm(w, "hh/u0", "on_battery")->st.phase, PHASE_ACTIVE);
}

static void an_id_nobody_ever_had_is_unknown(void **state)
{
	struct world *w = *state;
	static const char *const ids[] = { "", "1", "nonsense", "-5",
		"abababababababababababababababab-99", "abababababababababababababababab-",
		"abababababababababababababababab-1x", "zzababababababababababababababab-1" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_int_equal(world_ack(w, ids[i], "anna", 1, NULL), NOT_KNOWN);
	assert_int_equal(w->n_records, 1);
}

static void ack_does_not_end_the_fault(void **state)
{
	struct world *w = *state;

	world_ack(w, id, "anna", 1, NULL);
	read_status(w, "ups.status=OB");
	assert_int_equal(world_alarm(w, "hh/u0", "on_battery")->st.phase, PHASE_ACTIVE_ACK);
	assert_int_equal(world_find(w, "hh/u0")->share.severity,
		BUSBAR__V1__SEVERITY__SEVERITY_MAJOR);
}

static void an_ack_in_the_clearing_hold_survives_a_relapse(void **state)
{
	struct world *w = *state;

	read_status(w, "ups.status=OL");
	world_ack(w, id, "anna", 1, NULL);
	read_status(w, "ups.status=OB");
	assert_int_equal(world_alarm(w, "hh/u0", "on_battery")->st.phase, PHASE_ACTIVE_ACK);
	assert_int_equal(w->n_records, 2);
}

static void a_new_episode_begins_unacknowledged(void **state)
{
	struct world *w = *state;

	world_ack(w, id, "anna", 1, NULL);
	read_status(w, "ups.status=OL");
	read_status(w, "ups.status=OL");
	read_status(w, "ups.status=OB");
	struct alarm *a = world_alarm(w, "hh/u0", "on_battery");
	assert_int_equal(a->st.phase, PHASE_ACTIVE);
	assert_null(a->user);
	assert_int_equal(a->acked_us, 0);
	assert_true(a->episode > 1);
}

static void a_worse_severity_takes_the_ack_back(void **state)
{
	struct world *w = *state;

	world_heartbeat(w, "notifyd", "notifyd", "spool_full",
		BUSBAR__V1__SEVERITY__SEVERITY_MINOR);
	struct alarm *a = world_alarm(w, "busbar/notifyd", "spool_full");
	alarm_id_print(&a->id, id);
	world_ack(w, id, "anna", 1, NULL);
	world_heartbeat(w, "notifyd", "notifyd", "spool_full", BUSBAR__V1__SEVERITY__SEVERITY_INFO);
	assert_int_equal(a->st.phase, PHASE_ACTIVE_ACK);
	world_heartbeat(w, "notifyd", "notifyd", "spool_full",
		BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL);
	assert_int_equal(a->st.phase, PHASE_ACTIVE);
}

static void remembered_commands_are_bounded(void **state)
{
	struct world *w = *state;
	struct core_ack_result r;

	for (unsigned i = 0; i < 12000; i++) {
		uint8_t key[16] = { (uint8_t)i, (uint8_t)(i >> 8), 1 };
		struct core_ack ack = { .user = "anna", .cmd_key = key };
		world_heartbeat(w, "notifyd", "notifyd", "flaps", 2);
		alarm_id_print(&world_alarm(w, "busbar/notifyd", "flaps")->id, id);
		core_ack(w->core, id, &ack, &r, w->now_ms * 1000000);
		assert_int_equal(r.code, OK);
		world_heartbeat(w, "notifyd", "notifyd", NULL, 0);
		world_heartbeat(w, "notifyd", "notifyd", NULL, 0);
	}
	struct world_snapshot s = world_snapshot(w);
	assert_true(s.len < 2000000);
	free(s.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ack_is_a_transition_with_user_and_comment),
		TEST(the_second_ack_gets_the_first_ones_data),
		TEST(a_repeated_command_gets_the_same_answer),
		TEST(a_repeat_after_a_restart_gets_the_same_answer_even_when_cleared),
		TEST(an_old_episode_is_refused),
		TEST(an_id_nobody_ever_had_is_unknown),
		TEST(ack_does_not_end_the_fault),
		TEST(an_ack_in_the_clearing_hold_survives_a_relapse),
		TEST(a_new_episode_begins_unacknowledged),
		TEST(a_worse_severity_takes_the_ack_back),
		TEST(remembered_commands_are_bounded),
	};

	return cmocka_run_group_tests_name("ack", tests, NULL, NULL);
}
