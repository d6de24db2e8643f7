// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/arena.h"
#include "common/clock.h"
#include "shutdownd/past.h"

struct bed {
	struct past *past;
	struct plan *plan;
	struct bb_buf buf;
};

static void bed_open(struct bed *b)
{
	*b = (struct bed){ .past = past_new(), .plan = plan_new(0) };
	b->plan->id = 3;
	strcpy(b->plan->key, "hh/servers");
	b->plan->order = bb_calloc(2, sizeof(struct order));
}

static void bed_close(struct bed *b)
{
	past_free(b->past);
	plan_free(b->plan);
	bb_buf_fini(&b->buf);
}

static void run(struct bed *b, uint64_t number, bool is_open, enum plan_state s)
{
	b->plan->run = number;
	b->plan->run_version = 7;
	b->plan->has_open_run = is_open;
	b->plan->state = s;
	past_run_record(&b->buf, b->plan, "[]");
	assert_true(past_apply(b->past, b->buf.data, b->buf.len));
}

static void order(struct bed *b, uint64_t target, enum order_state s, unsigned copies)
{
	struct order o = { .target_id = target,
		.state = s,
		.copies = copies,
		.expires_ms = 4242,
		.port = 6003 };

	strcpy(o.address, "192.0.2.1");
	strcpy(o.wire, "line \"with\" quotes\\");
	past_order_record(&b->buf, b->plan, &o);
	assert_true(past_apply(b->past, b->buf.data, b->buf.len));
}

static struct plan *recovered(const struct past *past)
{
	struct plan *p = plan_new(0);

	p->id = 3;
	past_recover(past, p);
	return p;
}

static void a_run_and_its_orders_come_back(void **state)
{
	struct bed b;
	struct plan *p;

	bed_open(&b);
	run(&b, 500, true, PLAN_RUNNING);
	order(&b, 1, ORDER_INTENT, 0);
	order(&b, 2, ORDER_INTENT, 0);
	order(&b, 2, ORDER_SENT, 1);
	p = recovered(b.past);
	assert_int_equal(p->run, 500);
	assert_int_equal(p->last_run, 500);
	assert_int_equal(p->run_version, 7);
	assert_true(p->has_open_run && p->is_recovered);
	assert_int_equal(p->state, PLAN_HOLD);
	assert_int_equal(p->n_orders, 2);
	/* May have left once before the crash. */
	assert_int_equal(plan_order(p, 1)->copies, 1);
	assert_false(order_is_ended(plan_order(p, 1)));
	assert_int_equal(plan_order(p, 1)->expires_ms, 4242);
	assert_string_equal(plan_order(p, 1)->wire, "line \"with\" quotes\\");
	assert_string_equal(plan_order(p, 1)->address, "192.0.2.1");
	assert_int_equal(plan_order(p, 2)->state, ORDER_SENT);
	assert_true(order_is_ended(plan_order(p, 2)));
	plan_free(p);
	bed_close(&b);
}

static void a_new_run_begins_without_the_old_orders(void **state)
{
	struct bed b;
	struct plan *p;

	bed_open(&b);
	run(&b, 500, true, PLAN_RUNNING);
	order(&b, 1, ORDER_SENT, 3);
	run(&b, 500, false, PLAN_IDLE);
	run(&b, 501, true, PLAN_RUNNING);
	p = recovered(b.past);
	assert_int_equal(p->n_orders, 0);
	assert_true(p->is_recovered);
	plan_free(p);
	run(&b, 501, false, PLAN_ABORTED);
	p = recovered(b.past);
	assert_false(p->has_open_run || p->is_recovered);
	assert_int_equal(p->last_run, 501);
	plan_free(p);
	bed_close(&b);
}

static void an_order_of_another_boot_has_expired(void **state)
{
	struct bed b;
	struct plan *p;
	char boot[33], *at;

	bed_open(&b);
	run(&b, 500, true, PLAN_RUNNING);
	order(&b, 1, ORDER_INTENT, 0);
	bb_hex(boot, bb_clock_boot_id(), 16);
	at = strstr(b.buf.data, boot);
	assert_non_null(at);
	at[0] = at[0] == 'a' ? 'b' : 'a';
	assert_true(past_apply(b.past, b.buf.data, b.buf.len));
	p = recovered(b.past);
	assert_int_equal(p->order[0].expires_ms, 0);
	plan_free(p);
	bed_close(&b);
}

static void a_snapshot_holds_what_the_records_held(void **state)
{
	static const int64_t changes[] = { 5, 6, -5, 9 };
	const uint8_t id[16] = { 1, 2, 3 };
	struct bb_buf one = { 0 };
	struct past *again = past_new();
	uint8_t id_again[16];
	struct bed b;

	bed_open(&b);
	run(&b, 500, true, PLAN_RUNNING);
	order(&b, 1, ORDER_INTENT, 0);
	past_word_record(&b.buf, "simulated", b.plan, "version", 7, "anna");
	assert_true(past_apply(b.past, b.buf.data, b.buf.len));
	past_cursor_set(b.past, id, 4711);
	past_alarms_record(&b.buf, b.past, changes, 4, false);
	assert_true(past_apply(b.past, b.buf.data, b.buf.len));
	past_snapshot(b.past, &one);
	assert_true(past_apply_snapshot(again, one.data, one.len));
	assert_int_equal(past_simulated_version(again, 3), 7);
	assert_int_equal(past_cursor(again, id_again), 4711);
	assert_memory_equal(id, id_again, 16);
	assert_int_equal(past_alarms_open(again), 2);
	assert_true(past_alarm_is_open(again, 6) && past_alarm_is_open(again, 9) &&
		    !past_alarm_is_open(again, 5));
	/* Twice the same record is once. */
	assert_true(past_apply(again, b.buf.data, b.buf.len));
	assert_int_equal(past_alarms_open(again), 2);
	struct plan *p = recovered(again);
	assert_true(p->is_recovered);
	assert_int_equal(p->n_orders, 1);
	plan_free(p);
	past_free(again);
	bb_buf_fini(&one);
	bed_close(&b);
}

static void another_journal_of_alarmd_voids_its_alarms(void **state)
{
	static const int64_t one[] = { 5 };
	struct bed b;

	bed_open(&b);
	past_alarms_record(&b.buf, b.past, one, 1, false);
	past_apply(b.past, b.buf.data, b.buf.len);
	assert_true(past_alarm_is_open(b.past, 5));
	past_alarms_record(&b.buf, b.past, NULL, 0, true);
	past_apply(b.past, b.buf.data, b.buf.len);
	assert_false(past_alarm_is_open(b.past, 5));
	bed_close(&b);
}

static void what_is_not_ours_changes_nothing(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "{}", "{\"t\":\"x\"}", "{\"t\":5}",
		"{\"t\":\"order\",\"plan\":1,\"run\":9}" };
	struct past *p = past_new();

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(past_apply(p, bad[i], strlen(bad[i])));
		assert_false(past_apply_snapshot(p, bad[i], strlen(bad[i])));
	}
	past_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_and_its_orders_come_back),
		cmocka_unit_test(a_new_run_begins_without_the_old_orders),
		cmocka_unit_test(an_order_of_another_boot_has_expired),
		cmocka_unit_test(a_snapshot_holds_what_the_records_held),
		cmocka_unit_test(another_journal_of_alarmd_voids_its_alarms),
		cmocka_unit_test(what_is_not_ours_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
