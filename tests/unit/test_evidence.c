// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/point.h"
#include "shutdownd/evidence.h"

static const uint64_t three[] = { 1, 2, 3 };

static bool put(struct evidence *e, uint64_t id, const char *status, uint64_t sampled_ms,
	uint64_t now_ms)
{
	struct evidence_sample s = { .sampled_ms = sampled_ms,
		.interval_ms = 2000,
		.has_status = true,
		.status = bb_status_parse(status) };

	return evidence_put(e, id, &s, now_ms);
}

static void put_missed(struct evidence *e, uint64_t id, uint32_t missed, uint64_t at_ms)
{
	struct evidence_sample s = { .sampled_ms = at_ms, .interval_ms = 2000, .missed = missed };

	evidence_put(e, id, &s, at_ms);
}

static enum evidence_truth truth(struct evidence *e, size_t need, uint64_t now_ms)
{
	return evidence_judge(e, three, 3, need, 0, now_ms).truth;
}

static void only_on_battery_fails(void **state)
{
	static const struct {
		const char *status;
		enum evidence_power power;
	} cases[] = {
		{ "OL", POWER_ONLINE },
		{ "OL LB", POWER_ONLINE },
		{ "OL RB OVER", POWER_ONLINE },
		{ "OB", POWER_ON_BATTERY },
		{ "OB DISCHRG", POWER_ON_BATTERY },
		{ "OB LB", POWER_LOW_BATTERY },
		{ "OB TEST", POWER_OTHER },
		{ "OB CAL", POWER_OTHER },
		{ "OB LB CAL", POWER_OTHER },
		{ "OFF", POWER_OTHER },
		{ "OFF OB", POWER_OTHER },
		{ "BYPASS", POWER_OTHER },
		{ "OL BYPASS", POWER_OTHER },
		{ "OL OB", POWER_UNKNOWN },
		{ "OB COMMLOST", POWER_UNKNOWN },
		{ "COMMLOST", POWER_UNKNOWN },
		{ "LB", POWER_UNKNOWN },
		{ "RB DEPLETED", POWER_UNKNOWN },
		{ "", POWER_UNKNOWN },
		{ "FSD WHATEVER", POWER_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(evidence_power_of(bb_status_parse(cases[i].status)),
			cases[i].power);
}

static void a_reading_counts_for_three_intervals(void **state)
{
	struct evidence *e = evidence_new();

	put(e, 1, "OB", 10000, 10000);
	assert_int_equal(evidence_power(e, 1, 16000, NULL), POWER_ON_BATTERY);
	assert_int_equal(evidence_power(e, 1, 16001, NULL), POWER_UNKNOWN);
	evidence_free(e);
}

static void put_numbered(struct evidence *e, const char *status, uint32_t missed,
	uint64_t topic_seq, uint64_t sampled_ms)
{
	struct evidence_sample s = { .sampled_ms = sampled_ms,
		.interval_ms = 2000,
		.missed = missed,
		.has_status = !missed,
		.status = missed ? 0 : bb_status_parse(status),
		.epoch = 5,
		.topic_seq = topic_seq };

	evidence_put(e, 1, &s, sampled_ms);
}

static void a_confirmed_answer_counts_from_its_repetition(void **state)
{
	struct evidence *e = evidence_new();

	put_numbered(e, "OL", 0, 40, 10000);
	assert_true(evidence_confirm(e, 1, 5, 40, 12000, 12100));
	assert_int_equal(evidence_power(e, 1, 18000, NULL), POWER_ONLINE);
	assert_int_equal(evidence_power(e, 1, 18001, NULL), POWER_UNKNOWN);
	assert_false(evidence_confirm(e, 1, 5, 40, 11000, 12100));
	assert_false(evidence_confirm(e, 1, 5, 40, 14000, 13000));
	evidence_free(e);
}

static void a_confirmation_of_another_message_is_no_evidence(void **state)
{
	struct evidence *e = evidence_new();

	assert_false(evidence_confirm(e, 1, 5, 40, 12000, 12000));
	put_numbered(e, "OB", 0, 41, 10000);
	assert_false(evidence_confirm(e, 1, 5, 42, 12000, 12000));
	assert_false(evidence_confirm(e, 1, 5, 40, 12000, 12000));
	assert_false(evidence_confirm(e, 1, 6, 41, 12000, 12000));
	put_numbered(e, "", 1, 43, 12000);
	assert_false(evidence_confirm(e, 1, 5, 43, 14000, 14000));
	assert_false(evidence_confirm(e, 1, 5, 41, 14000, 14000));
	assert_int_equal(evidence_power(e, 1, 16001, NULL), POWER_UNKNOWN);
	evidence_free(e);
}

static void a_confirmation_from_before_a_pause_is_no_evidence(void **state)
{
	struct evidence *e = evidence_new();

	put_numbered(e, "OB", 0, 41, 10000);
	evidence_discontinuity(e, 12000);
	assert_false(evidence_confirm(e, 1, 5, 41, 11900, 12100));
	assert_int_equal(evidence_power(e, 1, 12100, NULL), POWER_UNKNOWN);
	assert_true(evidence_confirm(e, 1, 5, 41, 12050, 12100));
	assert_int_equal(evidence_power(e, 1, 12100, NULL), POWER_ON_BATTERY);
	evidence_free(e);
}

static void no_reading_counts_longer_than_thirty_seconds(void **state)
{
	struct evidence *e = evidence_new();
	struct evidence_sample s = { .sampled_ms = 10000,
		.interval_ms = 60000,
		.has_status = true,
		.status = BB_ST_OB };

	evidence_put(e, 1, &s, 10000);
	assert_int_equal(evidence_power(e, 1, 40000, NULL), POWER_ON_BATTERY);
	assert_int_equal(evidence_power(e, 1, 40001, NULL), POWER_UNKNOWN);
	evidence_free(e);
}

static void age_counts_from_sampling_not_from_arrival(void **state)
{
	struct evidence *e = evidence_new();

	assert_true(put(e, 1, "OB", 10000, 16500));
	assert_int_equal(evidence_power(e, 1, 16500, NULL), POWER_UNKNOWN);
	evidence_free(e);
}

static void a_reading_from_the_future_or_the_past_is_not_taken(void **state)
{
	struct evidence *e = evidence_new();

	assert_false(put(e, 1, "OB", 20000, 19999));
	assert_true(put(e, 1, "OL", 20000, 20000));
	assert_false(put(e, 1, "OB", 19000, 20000));
	assert_int_equal(evidence_power(e, 1, 20000, NULL), POWER_ONLINE);
	evidence_free(e);
}

static void an_answer_without_status_takes_back_what_was_said(void **state)
{
	struct evidence *e = evidence_new();
	struct evidence_sample s = { .sampled_ms = 11000, .interval_ms = 2000 };

	put(e, 1, "OB", 10000, 10000);
	evidence_put(e, 1, &s, 11000);
	assert_int_equal(evidence_power(e, 1, 11000, NULL), POWER_UNKNOWN);
	evidence_free(e);
}

static void after_a_discontinuity_only_new_samples_count(void **state)
{
	struct evidence *e = evidence_new();

	put(e, 1, "OB", 10000, 10000);
	evidence_discontinuity(e, 11000);
	assert_int_equal(evidence_power(e, 1, 11000, NULL), POWER_UNKNOWN);
	assert_false(put(e, 1, "OB", 10999, 11000));
	assert_true(put(e, 1, "OB", 11000, 11000));
	assert_int_equal(evidence_power(e, 1, 11000, NULL), POWER_ON_BATTERY);
	evidence_free(e);
}

static void unknown_makes_a_condition_unproven_but_never_true(void **state)
{
	struct evidence *e = evidence_new();

	assert_int_equal(truth(e, 1, 1000), EVIDENCE_UNPROVEN);
	put(e, 1, "OB", 1000, 1000);
	put(e, 2, "OL", 1000, 1000);
	assert_int_equal(truth(e, 1, 1000), EVIDENCE_TRUE);
	assert_int_equal(truth(e, 2, 1000), EVIDENCE_UNPROVEN);
	assert_int_equal(truth(e, 3, 1000), EVIDENCE_FALSE);
	assert_int_equal(truth(e, 0, 1000), EVIDENCE_FALSE);
	put(e, 3, "BYPASS", 1000, 1000);
	assert_int_equal(truth(e, 2, 1000), EVIDENCE_FALSE);
	evidence_free(e);
}

/* Replacing an unknown by either real value never contradicts the verdict, for all 4^3 fleets and
 * every need. */
static void three_valued_logic_is_monotone(void **state)
{
	static const char *const words[] = { "", "OL", "OB", "BYPASS" };

	for (unsigned mix = 0; mix < 64; mix++) {
		for (size_t need = 1; need <= 3; need++) {
			enum evidence_truth with_unknown, best, worst;
			struct evidence *e[3] = { evidence_new(), evidence_new(), evidence_new() };

			for (unsigned i = 0; i < 3; i++) {
				const char *w = words[mix >> (2 * i) & 3];

				put(e[0], i + 1, w, 1000, 1000);
				put(e[1], i + 1, *w ? w : "OL", 1000, 1000);
				put(e[2], i + 1, *w ? w : "OB", 1000, 1000);
			}
			with_unknown = truth(e[0], need, 1000);
			best = truth(e[1], need, 1000);
			worst = truth(e[2], need, 1000);
			if (best == worst)
				assert_int_equal(with_unknown, best);
			else
				assert_int_equal(with_unknown, EVIDENCE_UNPROVEN);
			for (int i = 0; i < 3; i++)
				evidence_free(e[i]);
		}
	}
}

static void a_plan_without_devices_is_never_true(void **state)
{
	struct evidence *e = evidence_new();
	struct evidence_verdict v = evidence_judge(e, NULL, 0, 0, 0, 1000);

	assert_int_equal(v.truth, EVIDENCE_FALSE);
	assert_false(v.is_restored);
	evidence_free(e);
}

static void restored_means_online_not_merely_not_failing(void **state)
{
	struct evidence *e = evidence_new();

	put(e, 1, "OFF", 1000, 1000);
	put(e, 2, "OL", 1000, 1000);
	put(e, 3, "OB", 1000, 1000);
	assert_true(evidence_judge(e, three, 3, 3, 0, 1000).is_restored);
	assert_false(evidence_judge(e, three, 3, 2, 0, 1000).is_restored);
	put(e, 1, "OL", 1500, 1500);
	assert_true(evidence_judge(e, three, 3, 2, 0, 1500).is_restored);
	assert_false(evidence_judge(e, three, 3, 1, 0, 1500).is_restored);
	evidence_free(e);
}

static void complete_needs_a_reading_since_then_or_a_loss(void **state)
{
	struct evidence *e = evidence_new();

	put(e, 1, "OL", 900, 900);
	put(e, 2, "OL", 1100, 1100);
	put(e, 3, "OL", 1100, 1100);
	assert_false(evidence_judge(e, three, 3, 0, 1000, 1200).is_complete);
	put(e, 1, "OL", 1200, 1200);
	assert_true(evidence_judge(e, three, 3, 0, 1000, 1200).is_complete);
	put(e, 2, "OL", 1300, 1300);
	put(e, 3, "OL", 1300, 1300);
	put_missed(e, 1, 2, 1300);
	assert_false(evidence_judge(e, three, 3, 0, 1250, 1300).is_complete);
	put_missed(e, 1, 3, 1400);
	put(e, 2, "OL", 1400, 1400);
	put(e, 3, "OL", 1400, 1400);
	assert_true(evidence_judge(e, three, 3, 0, 1250, 1400).is_complete);
	evidence_free(e);
}

static void thirty_seconds_of_silence_are_a_loss(void **state)
{
	struct evidence *e = evidence_new();

	assert_false(evidence_judge(e, three, 3, 0, 1000, 30999).is_complete);
	assert_true(evidence_judge(e, three, 3, 0, 1000, 31000).is_complete);
	assert_int_equal(truth(e, 1, 31000), EVIDENCE_UNPROVEN);
	evidence_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_on_battery_fails),
		cmocka_unit_test(a_reading_counts_for_three_intervals),
		cmocka_unit_test(a_confirmed_answer_counts_from_its_repetition),
		cmocka_unit_test(a_confirmation_of_another_message_is_no_evidence),
		cmocka_unit_test(a_confirmation_from_before_a_pause_is_no_evidence),
		cmocka_unit_test(no_reading_counts_longer_than_thirty_seconds),
		cmocka_unit_test(age_counts_from_sampling_not_from_arrival),
		cmocka_unit_test(a_reading_from_the_future_or_the_past_is_not_taken),
		cmocka_unit_test(an_answer_without_status_takes_back_what_was_said),
		cmocka_unit_test(after_a_discontinuity_only_new_samples_count),
		cmocka_unit_test(unknown_makes_a_condition_unproven_but_never_true),
		cmocka_unit_test(three_valued_logic_is_monotone),
		cmocka_unit_test(a_plan_without_devices_is_never_true),
		cmocka_unit_test(restored_means_online_not_merely_not_failing),
		cmocka_unit_test(complete_needs_a_reading_since_then_or_a_loss),
		cmocka_unit_test(thirty_seconds_of_silence_are_a_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
