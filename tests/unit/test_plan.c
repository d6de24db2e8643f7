// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/arena.h"
#include "shutdownd/plan.h"

/* A plan with two targets; durability and the socket are in the test's hands. */
struct bed {
	struct plan *p;
	struct plan_view v;
	unsigned sent[2], runs, records;
	bool is_slow_disk, is_net_down;
};

static void render(void *arg, const struct plan *p, const struct plan_target *t, struct order *o)
{
	if (t->is_shutdown)
		snprintf(o->reason, sizeof(o->reason), "refused");
	else
		snprintf(o->wire, sizeof(o->wire), "%s %llu", t->text, (unsigned long long)p->run);
}

static void run_record(void *arg, const struct plan *p)
{
	((struct bed *)arg)->runs++;
}

static void order_record(void *arg, struct plan *p, struct order *o)
{
	struct bed *b = arg;

	b->records++;
	if (!b->is_slow_disk)
		plan_order_durable(o);
}

static bool send_one(void *arg, const struct plan *p, struct order *o)
{
	struct bed *b = arg;

	if (b->is_net_down) {
		snprintf(o->reason, sizeof(o->reason), "no route");
		return false;
	}
	b->sent[o->target_id - 1]++;
	return true;
}

static void changed(void *arg, const struct plan *p, enum plan_state from, enum plan_event ev)
{
}

static const struct plan_ops ops = { .render = render,
	.run_record = run_record,
	.order_record = order_record,
	.send = send_one,
	.changed = changed };

static void turn(struct bed *b, uint64_t ms)
{
	b->v.now_ms += ms;
	plan_turn(b->p, &b->v, &ops, b);
}

static void condition(struct bed *b, enum evidence_truth t)
{
	b->v.truth = t;
	b->v.is_restored = t == EVIDENCE_FALSE;
	b->v.has_record = t == EVIDENCE_TRUE;
}

static void bed_open(struct bed *b)
{
	*b = (struct bed){ .p = plan_new(100000) };
	b->p->id = b->p->version = b->p->simulated_version = 1;
	b->p->mode = PLAN_AUTO;
	b->p->hold_ms = 60000;
	b->p->restore_hold_ms = 30000;
	b->p->validity_ms = 60000;
	b->p->n_targets = 2;
	b->p->target = bb_calloc(2, sizeof(*b->p->target));
	for (unsigned i = 0; i < 2; i++) {
		b->p->target[i].id = i + 1;
		strcpy(b->p->target[i].text, "text");
	}
	b->v = (struct plan_view){ .now_ms = 100000, .unix_s = 5000, .is_complete = true };
	condition(b, EVIDENCE_FALSE);
	turn(b, 1000);
	assert_int_equal(b->p->state, PLAN_IDLE);
}

static void bed_close(struct bed *b)
{
	plan_free(b->p);
}

static void outage(struct bed *b)
{
	condition(b, EVIDENCE_TRUE);
	turn(b, 200);
	assert_int_equal(b->p->state, PLAN_ARMED);
}

/* ---- the table ---- */

static void every_pair_of_the_table_is_as_designed(void **state)
{
	static const char letter[] = { [PLAN_HOLD] = 'H',
		[PLAN_IDLE] = 'I',
		[PLAN_ARMED] = 'A',
		[PLAN_RUNNING] = 'R',
		[PLAN_CLOSING] = 'C',
		[PLAN_ABORTED] = 'B',
		[PLAN_EXPIRED] = 'X' };
	/* TRUE FALSE UNPROVEN | FRESH FRESH_RUN FRESH_CLOSE | FIRE REHEARSE | ENDED UNSENT |
	 * RESTORED AWAY CHANGED */
	static const char *const want[PLAN_STATES] = {
		[PLAN_HOLD] = "HHH"
			      "IRC"
			      "HH"
			      "HH"
			      "HHH",
		[PLAN_IDLE] = "AII"
			      "III"
			      "II"
			      "II"
			      "IHH",
		[PLAN_ARMED] = "AIH"
			       "AAA"
			       "RC"
			       "AA"
			       "IHH",
		[PLAN_RUNNING] = "RBR"
				 "RRR"
				 "RR"
				 "CX"
				 "BHB",
		[PLAN_CLOSING] = "CCC"
				 "CCC"
				 "CC"
				 "CC"
				 "ICC",
		[PLAN_ABORTED] = "ABB"
				 "BBB"
				 "BB"
				 "BB"
				 "IHB",
		[PLAN_EXPIRED] = "AXX"
				 "XXX"
				 "XX"
				 "XX"
				 "IHX",
	};

	for (int s = 0; s < PLAN_STATES; s++) {
		assert_int_equal(strlen(want[s]), PLAN_EVENTS);
		for (int ev = 0; ev < PLAN_EVENTS; ev++)
			assert_int_equal(letter[plan_next(s, ev)], want[s][ev]);
	}
}

static void running_begins_only_by_fire_or_on_the_way_back(void **state)
{
	for (int s = 0; s < PLAN_STATES; s++) {
		for (int ev = 0; ev < PLAN_EVENTS; ev++) {
			if (s == PLAN_RUNNING || plan_next(s, ev) != PLAN_RUNNING)
				continue;
			assert_true((s == PLAN_ARMED && ev == PLAN_EV_FIRE) ||
				    (s == PLAN_HOLD && ev == PLAN_EV_FRESH_RUN));
		}
	}
}

/* ---- life ---- */

static void an_outage_as_long_as_the_hold_sends_three_copies_to_each(void **state)
{
	struct bed b;

	bed_open(&b);
	outage(&b);
	turn(&b, 59800);
	assert_int_equal(b.p->state, PLAN_ARMED);
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	assert_int_equal(b.p->run, 5000);
	assert_int_equal(b.sent[0] + b.sent[1], 2);
	turn(&b, 999);
	assert_int_equal(b.sent[0], 1);
	turn(&b, 1);
	assert_int_equal(b.sent[0], 2);
	turn(&b, 1000);
	assert_int_equal(b.p->state, PLAN_CLOSING);
	for (int i = 0; i < 100; i++)
		turn(&b, 1000);
	assert_int_equal(b.sent[0], 3);
	assert_int_equal(b.sent[1], 3);
	bed_close(&b);
}

static void a_shorter_outage_sends_nothing(void **state)
{
	struct bed b;

	bed_open(&b);
	for (int i = 0; i < 100; i++) {
		outage(&b);
		turn(&b, 59000);
		condition(&b, EVIDENCE_FALSE);
		turn(&b, 200);
		assert_int_equal(b.p->state, PLAN_IDLE);
	}
	assert_int_equal(b.records, 0);
	bed_close(&b);
}

static void lost_evidence_starts_the_hold_again(void **state)
{
	struct bed b;

	bed_open(&b);
	outage(&b);
	turn(&b, 59000);
	condition(&b, EVIDENCE_UNPROVEN);
	b.v.is_complete = false;
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_HOLD);
	condition(&b, EVIDENCE_TRUE);
	turn(&b, 5000);
	assert_int_equal(b.p->state, PLAN_HOLD);
	b.v.is_complete = true;
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_ARMED);
	turn(&b, 59800);
	assert_int_equal(b.p->state, PLAN_ARMED);
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	bed_close(&b);
}

static void without_alarmds_record_nothing_leaves(void **state)
{
	struct bed b;

	bed_open(&b);
	outage(&b);
	b.v.has_record = false;
	turn(&b, 600000);
	assert_int_equal(b.p->state, PLAN_ARMED);
	b.v.has_record = true;
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	bed_close(&b);
}

static void a_dead_alarmd_is_replaced_by_twice_the_hold(void **state)
{
	struct bed b;

	bed_open(&b);
	outage(&b);
	b.v.is_alarmd_down = true;
	b.v.has_record = false;
	turn(&b, 119800);
	assert_int_equal(b.p->state, PLAN_ARMED);
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	assert_int_equal(b.sent[0], 1);
	bed_close(&b);
}

static void the_first_datagram_waits_for_the_disk_and_the_second_too(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_slow_disk = true;
	outage(&b);
	turn(&b, 60000);
	turn(&b, 5000);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	assert_int_equal(b.sent[0], 0);
	plan_order_durable(&b.p->order[0]);
	turn(&b, 200);
	assert_int_equal(b.sent[0], 1);
	turn(&b, 5000);
	assert_int_equal(b.sent[0], 1);
	plan_order_durable(&b.p->order[0]);
	turn(&b, 200);
	assert_int_equal(b.sent[0], 2);
	assert_int_equal(b.sent[1], 0);
	bed_close(&b);
}

static void an_order_that_cannot_leave_in_time_expires_and_the_plan_arms_anew(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_slow_disk = true;
	outage(&b);
	turn(&b, 60000);
	turn(&b, 60000);
	assert_int_equal(b.sent[0] + b.sent[1], 0);
	assert_int_equal(b.p->order[0].state, ORDER_EXPIRED);
	assert_int_equal(b.p->state, PLAN_ARMED);
	assert_false(b.p->has_open_run);
	b.is_slow_disk = false;
	turn(&b, 60000);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	assert_int_equal(b.p->run, 5001);
	bed_close(&b);
}

static void mains_back_before_an_order_left_withdraws_it(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_slow_disk = true;
	outage(&b);
	turn(&b, 60000);
	condition(&b, EVIDENCE_FALSE);
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_ABORTED);
	assert_int_equal(b.p->order[0].state, ORDER_WITHDRAWN);
	plan_order_durable(&b.p->order[0]);
	for (int i = 0; i < 50; i++)
		turn(&b, 1000);
	assert_int_equal(b.sent[0], 0);
	assert_int_equal(b.p->state, PLAN_IDLE);
	bed_close(&b);
}

static void mains_back_between_the_copies_stops_them(void **state)
{
	struct bed b;

	bed_open(&b);
	outage(&b);
	turn(&b, 60000);
	condition(&b, EVIDENCE_FALSE);
	turn(&b, 1000);
	assert_int_equal(b.p->state, PLAN_CLOSING);
	condition(&b, EVIDENCE_TRUE);
	for (int i = 0; i < 200; i++)
		turn(&b, 1000);
	assert_int_equal(b.sent[0], 1);
	assert_int_equal(b.p->state, PLAN_CLOSING);
	bed_close(&b);
}

static void a_new_outage_is_a_new_run_only_after_the_restore_hold(void **state)
{
	struct bed b;

	bed_open(&b);
	outage(&b);
	for (int i = 0; i < 63; i++)
		turn(&b, 1000);
	assert_int_equal(b.p->state, PLAN_CLOSING);
	for (int flap = 0; flap < 50; flap++) {
		condition(&b, EVIDENCE_FALSE);
		turn(&b, 200);
		turn(&b, 29800);
		condition(&b, EVIDENCE_TRUE);
		turn(&b, 200);
		turn(&b, 80000);
	}
	assert_int_equal(b.sent[0], 3);
	condition(&b, EVIDENCE_FALSE);
	turn(&b, 200);
	turn(&b, 30000);
	assert_int_equal(b.p->state, PLAN_IDLE);
	outage(&b);
	turn(&b, 60000);
	assert_int_equal(b.p->run, 5001);
	assert_int_equal(b.sent[0], 4);
	bed_close(&b);
}

static void a_pause_of_the_process_executes_nothing_that_came_due(void **state)
{
	struct bed b;

	bed_open(&b);
	outage(&b);
	turn(&b, 30000);
	b.v.now_ms += 60000;
	plan_away(b.p, b.v.now_ms, &ops, &b);
	assert_int_equal(b.p->state, PLAN_HOLD);
	condition(&b, EVIDENCE_UNPROVEN);
	b.v.is_complete = false;
	turn(&b, 200);
	condition(&b, EVIDENCE_FALSE);
	b.v.is_complete = true;
	turn(&b, 2000);
	assert_int_equal(b.p->state, PLAN_IDLE);
	assert_int_equal(b.sent[0], 0);
	bed_close(&b);
}

static void a_pause_in_the_middle_of_a_run_waits_for_fresh_evidence(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_slow_disk = true;
	outage(&b);
	turn(&b, 60000);
	plan_order_durable(&b.p->order[0]);
	b.v.now_ms += 10000;
	plan_away(b.p, b.v.now_ms, &ops, &b);
	b.v.is_complete = false;
	turn(&b, 200);
	assert_int_equal(b.sent[0], 0);
	b.v.is_complete = true;
	turn(&b, 2000);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	assert_int_equal(b.sent[0], 1);
	bed_close(&b);
}

static void mode_simulate_records_everything_and_sends_nothing(void **state)
{
	struct bed b;

	bed_open(&b);
	b.p->mode = PLAN_SIMULATE;
	b.p->version = 2;
	outage(&b);
	turn(&b, 60000);
	assert_int_equal(b.p->state, PLAN_CLOSING);
	assert_int_equal(b.p->order[1].state, ORDER_SIMULATED);
	assert_int_equal(b.p->simulated_version, 2);
	assert_int_equal(b.sent[0] + b.sent[1], 0);
	assert_int_equal(b.runs, 1);
	bed_close(&b);
}

static void auto_without_a_simulation_of_this_version_only_simulates(void **state)
{
	struct bed b;

	bed_open(&b);
	b.p->version = 2;
	outage(&b);
	turn(&b, 60000);
	turn(&b, 5000);
	assert_int_equal(b.sent[0], 0);
	assert_int_equal(b.p->simulated_version, 2);
	condition(&b, EVIDENCE_FALSE);
	turn(&b, 200);
	turn(&b, 30000);
	outage(&b);
	turn(&b, 60000);
	assert_int_equal(b.sent[0], 1);
	bed_close(&b);
}

static void confirm_waits_for_the_operator_and_for_this_run(void **state)
{
	struct bed b;

	bed_open(&b);
	b.p->mode = PLAN_CONFIRM;
	outage(&b);
	assert_false(plan_confirm(b.p, 5000));
	turn(&b, 60000);
	assert_true(b.p->is_awaiting);
	turn(&b, 600000);
	assert_int_equal(b.sent[0], 0);
	assert_false(plan_confirm(b.p, 4999));
	assert_true(plan_confirm(b.p, 5000));
	turn(&b, 200);
	assert_int_equal(b.p->state, PLAN_RUNNING);
	assert_int_equal(b.p->run, 5000);
	assert_int_equal(b.sent[0], 1);
	bed_close(&b);
}

static void a_confirmation_does_not_outlive_its_outage(void **state)
{
	struct bed b;

	bed_open(&b);
	b.p->mode = PLAN_CONFIRM;
	outage(&b);
	turn(&b, 60000);
	condition(&b, EVIDENCE_FALSE);
	turn(&b, 200);
	assert_false(plan_confirm(b.p, 5000));
	outage(&b);
	turn(&b, 60000);
	assert_false(plan_confirm(b.p, 5000));
	turn(&b, 200);
	assert_int_equal(b.sent[0], 0);
	assert_int_equal(b.p->run, 5001);
	bed_close(&b);
}

static void a_confirmation_that_came_too_late_does_not_count_for_the_next_run(void **state)
{
	struct bed b;

	bed_open(&b);
	b.p->mode = PLAN_CONFIRM;
	outage(&b);
	turn(&b, 60000);
	assert_true(plan_confirm(b.p, 5000));
	condition(&b, EVIDENCE_FALSE);
	turn(&b, 200);
	outage(&b);
	turn(&b, 60000);
	turn(&b, 200);
	assert_true(b.p->is_awaiting);
	assert_int_equal(b.sent[0], 0);
	bed_close(&b);
}

static void an_order_of_another_version_never_leaves(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_slow_disk = true;
	outage(&b);
	turn(&b, 60000);
	b.p->version++;
	plan_order_durable(&b.p->order[0]);
	turn(&b, 200);
	assert_int_equal(b.sent[0], 0);
	bed_close(&b);
}

static void three_crashes_do_not_make_a_fourth_datagram(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_slow_disk = true;
	outage(&b);
	turn(&b, 60000);
	b.p->order[0].copies = ORDER_COPIES;
	plan_order_durable(&b.p->order[0]);
	turn(&b, 200);
	assert_int_equal(b.sent[0], 0);
	bed_close(&b);
}

static void a_changed_plan_withdraws_and_starts_anew(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_slow_disk = true;
	outage(&b);
	turn(&b, 60000);
	plan_changing(b.p, b.v.now_ms, &ops, &b);
	b.p->version = 2;
	assert_int_equal(b.p->order[0].state, ORDER_WITHDRAWN);
	assert_int_equal(b.p->state, PLAN_ABORTED);
	for (int i = 0; i < 3; i++)
		plan_order_durable(&b.p->order[i % 2]);
	turn(&b, 5000);
	assert_int_equal(b.sent[0], 0);
	bed_close(&b);
}

static void a_refused_target_fails_and_does_not_stop_the_other(void **state)
{
	struct bed b;

	bed_open(&b);
	b.p->target[0].is_shutdown = true;
	outage(&b);
	for (int i = 0; i < 70; i++)
		turn(&b, 1000);
	assert_int_equal(b.p->order[0].state, ORDER_FAILED);
	assert_int_equal(b.sent[0], 0);
	assert_int_equal(b.sent[1], 3);
	assert_int_equal(b.p->state, PLAN_CLOSING);
	bed_close(&b);
}

static void a_send_error_is_tried_again_each_second_and_fails_at_the_end(void **state)
{
	struct bed b;

	bed_open(&b);
	b.is_net_down = true;
	outage(&b);
	turn(&b, 60000);
	turn(&b, 10000);
	assert_int_equal(b.p->order[0].state, ORDER_INTENT);
	b.is_net_down = false;
	turn(&b, 1000);
	assert_int_equal(b.sent[0], 1);
	bed_close(&b);

	bed_open(&b);
	b.is_net_down = true;
	outage(&b);
	for (int i = 0; i < 125; i++)
		turn(&b, 1000);
	assert_int_equal(b.p->order[0].state, ORDER_FAILED);
	assert_int_equal(b.p->state, PLAN_CLOSING);
	bed_close(&b);
}

static void run_numbers_grow_whatever_the_wall_clock_does(void **state)
{
	struct bed b;
	uint64_t last = 0;

	bed_open(&b);
	for (int i = 0; i < 20; i++) {
		b.v.unix_s = i % 3 ? 10 : 5000 + (uint64_t)i * 7;
		outage(&b);
		turn(&b, 60000);
		assert_true(b.p->run > last);
		last = b.p->run;
		condition(&b, EVIDENCE_FALSE);
		turn(&b, 200);
		turn(&b, 30000);
	}
	bed_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_the_table_is_as_designed),
		cmocka_unit_test(running_begins_only_by_fire_or_on_the_way_back),
		cmocka_unit_test(an_outage_as_long_as_the_hold_sends_three_copies_to_each),
		cmocka_unit_test(a_shorter_outage_sends_nothing),
		cmocka_unit_test(lost_evidence_starts_the_hold_again),
		cmocka_unit_test(without_alarmds_record_nothing_leaves),
		cmocka_unit_test(a_dead_alarmd_is_replaced_by_twice_the_hold),
		cmocka_unit_test(the_first_datagram_waits_for_the_disk_and_the_second_too),
		cmocka_unit_test(an_order_that_cannot_leave_in_time_expires_and_the_plan_arms_anew),
		cmocka_unit_test(mains_back_before_an_order_left_withdraws_it),
		cmocka_unit_test(mains_back_between_the_copies_stops_them),
		cmocka_unit_test(a_new_outage_is_a_new_run_only_after_the_restore_hold),
		cmocka_unit_test(a_pause_of_the_process_executes_nothing_that_came_due),
		cmocka_unit_test(a_pause_in_the_middle_of_a_run_waits_for_fresh_evidence),
		cmocka_unit_test(mode_simulate_records_everything_and_sends_nothing),
		cmocka_unit_test(auto_without_a_simulation_of_this_version_only_simulates),
		cmocka_unit_test(confirm_waits_for_the_operator_and_for_this_run),
		cmocka_unit_test(a_confirmation_does_not_outlive_its_outage),
		cmocka_unit_test(a_confirmation_that_came_too_late_does_not_count_for_the_next_run),
		cmocka_unit_test(an_order_of_another_version_never_leaves),
		cmocka_unit_test(three_crashes_do_not_make_a_fourth_datagram),
		cmocka_unit_test(a_changed_plan_withdraws_and_starts_anew),
		cmocka_unit_test(a_refused_target_fails_and_does_not_stop_the_other),
		cmocka_unit_test(a_send_error_is_tried_again_each_second_and_fails_at_the_end),
		cmocka_unit_test(run_numbers_grow_whatever_the_wall_clock_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
