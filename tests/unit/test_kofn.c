// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "alarmd/kofn.h"

#define N 7

static enum truth of(uint32_t need, uint32_t working, uint32_t failed, uint32_t unknown)
{
	const struct kofn k = { need, working, failed, unknown };

	return kofn_truth(&k);
}

static void enough_that_work_are_enough_whatever_the_others_do(void **state)
{
	assert_int_equal(of(2, 2, 1, 0), TRUTH_WORKS);
	assert_int_equal(of(2, 2, 0, 5), TRUTH_WORKS);
	assert_int_equal(of(2, 1, 2, 0), TRUTH_FAILS);
	assert_int_equal(of(2, 1, 1, 1), TRUTH_UNKNOWN);
	assert_int_equal(of(2, 0, 1, 2), TRUTH_UNKNOWN);
	assert_int_equal(of(3, 0, 1, 2), TRUTH_FAILS);
	assert_int_equal(of(1, 0, 0, 0), TRUTH_FAILS);
}

/* I23, every case up to seven members. */
static void knowing_more_never_turns_a_certain_result(void **state)
{
	for (uint32_t need = 1; need <= N; need++)
		for (uint32_t w = 0; w <= N; w++)
			for (uint32_t f = 0; w + f < N; f++)
				for (uint32_t u = 1; w + f + u <= N; u++) {
					enum truth t = of(need, w, f, u);
					enum truth up = of(need, w + 1, f, u - 1),
						   down = of(need, w, f + 1, u - 1);
					if (t != TRUTH_UNKNOWN) {
						assert_int_equal(up, t);
						assert_int_equal(down, t);
					}
					/* ... and what is unknown is no better than the best, no worse
					 * than the worst of what it may be. */
					assert_true(up != TRUTH_FAILS || t == TRUTH_FAILS);
					assert_true(down != TRUTH_WORKS || t == TRUTH_WORKS);
				}
}

/* I24 */
static void one_more_working_member_never_costs_anything(void **state)
{
	for (uint32_t need = 1; need <= N; need++)
		for (uint32_t w = 0; w <= N; w++)
			for (uint32_t f = 0; w + f <= N; f++)
				for (uint32_t u = 0; w + f + u <= N; u++) {
					enum truth t = of(need, w, f, u),
						   more = of(need, w + 1, f, u);
					if (t == TRUTH_WORKS)
						assert_int_equal(more, TRUTH_WORKS);
					if (more == TRUTH_FAILS)
						assert_int_equal(t, TRUTH_FAILS);
				}
}

static enum alarm_event event(enum kofn_alarm a, uint32_t working, uint32_t failed,
	uint32_t unknown)
{
	const struct kofn k = { 2, working, failed, unknown };

	return kofn_event(&k, a);
}

static void not_knowing_neither_raises_nor_clears_a_loss(void **state)
{
	assert_int_equal(event(KOFN_LOST, 1, 2, 0), ALARM_TRUE);
	assert_int_equal(event(KOFN_LOST, 1, 1, 1), ALARM_NOT_GOOD);
	assert_int_equal(event(KOFN_LOST, 2, 0, 1), ALARM_FALSE);
	assert_int_equal(event(KOFN_UNKNOWN, 1, 1, 1), ALARM_TRUE);
	assert_int_equal(event(KOFN_UNKNOWN, 1, 2, 0), ALARM_FALSE);
	assert_int_equal(event(KOFN_UNKNOWN, 2, 0, 1), ALARM_FALSE);
}

static void a_spare_that_is_used_stays_used_until_everything_is_known_to_work(void **state)
{
	assert_int_equal(event(KOFN_REDUCED, 2, 1, 0), ALARM_TRUE);
	assert_int_equal(event(KOFN_REDUCED, 2, 1, 1), ALARM_TRUE);
	assert_int_equal(event(KOFN_REDUCED, 2, 0, 1), ALARM_NOT_GOOD);
	assert_int_equal(event(KOFN_REDUCED, 1, 1, 1), ALARM_NOT_GOOD);
	assert_int_equal(event(KOFN_REDUCED, 1, 2, 0), ALARM_BETWEEN);
	assert_int_equal(event(KOFN_REDUCED, 3, 0, 0), ALARM_FALSE);
}

static void a_word_is_a_whole_word(void **state)
{
	assert_true(condition_text(CONDITION_HAS, "OL CHRG", "OL"));
	assert_true(condition_text(CONDITION_HAS, "OL CHRG", "CHRG"));
	assert_false(condition_text(CONDITION_HAS, "OLD  CHRG", "OL"));
	assert_false(condition_text(CONDITION_HAS, "", "OL"));
	assert_true(condition_text(CONDITION_UNEQUAL, "OB", "OL"));
	assert_false(condition_text(CONDITION_LESS, "1", "2"));
}

static void operators_are_what_they_say(void **state)
{
	static const char *const names[] = { "=", "!=", "<", "<=", ">", ">=", "has" };
	static const bool lower[] = { false, true, true, true, false, false, false },
			  same[] = { true, false, false, true, false, true, false };

	for (int i = 0; i < CONDITION_OPS; i++) {
		assert_int_equal(condition_op_parse(names[i]), i);
		assert_int_equal(condition_number((enum condition_op)i, 1, 2), lower[i]);
		assert_int_equal(condition_number((enum condition_op)i, 2, 2), same[i]);
	}
	assert_int_equal(condition_op_parse("=="), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enough_that_work_are_enough_whatever_the_others_do),
		cmocka_unit_test(knowing_more_never_turns_a_certain_result),
		cmocka_unit_test(one_more_working_member_never_costs_anything),
		cmocka_unit_test(not_knowing_neither_raises_nor_clears_a_loss),
		cmocka_unit_test(a_spare_that_is_used_stays_used_until_everything_is_known_to_work),
		cmocka_unit_test(a_word_is_a_whole_word),
		cmocka_unit_test(operators_are_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
