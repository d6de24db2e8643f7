// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "alarmd/rule.h"
#include "common/point.h"
#include "common/rulewords.h"

static struct rule_set *pack(void)
{
	struct bb_err err = { "" };
	struct rule_set *s = rule_set_of(rule_pack, rule_pack_count, &err);

	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static uint64_t bit(const struct rule_set *s, const char *rule, unsigned nth)
{
	return UINT64_C(1) << (rule_first_term(s, rule_find(s, rule)) + nth);
}

/* One reading with a status text, a flag and a number; NULL names leave them out. */
struct sample {
	const char *status, *flag, *number;
	bool flag_value;
	double value;
	uint32_t status_quality, flag_quality, number_quality;
};

static void read_sample(const struct rule_set *s, const struct sample *x, bool is_stale,
	struct rule_news *news)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	char *names[] = { "ups.status", (char *)(uintptr_t)x->flag, (char *)(uintptr_t)x->number };
	char *status = (char *)(uintptr_t)x->status;
	protobuf_c_boolean flag = x->flag_value;
	double value = x->value;
	uint32_t q[] = { x->status_quality, x->flag_quality, x->number_quality };

	r.group = "status";
	if (x->status) {
		r.n_text_name = r.n_text = r.n_text_quality = 1;
		r.text_name = &names[0];
		r.text = &status;
		r.text_quality = &q[0];
	}
	if (x->flag) {
		r.n_flag_name = r.n_flag = r.n_flag_quality = 1;
		r.flag_name = &names[1];
		r.flag = &flag;
		r.flag_quality = &q[1];
	}
	if (x->number) {
		r.n_number_name = r.n_number = r.n_number_quality = 1;
		r.number_name = &names[2];
		r.number = &value;
		r.number_quality = &q[2];
	}
	rule_read(s, &r, is_stale, NULL, news);
}

static void the_pack_has_every_rule_named_in_the_documents(void **state)
{
	static const char *const ids[] = { "on_battery", "low_battery", "depleted_battery",
		"replace_battery", "overload", "bypass", "temperature", "comm_lost", "input_bad",
		"output_bad", "bypass_bad", "output_off_requested", "ups_off_requested",
		"charger_failed", "output_off", "ups_off", "fan_failed", "fuse_failed", "ups_fault",
		"test_failed", "card_link_lost", "awaiting_power", "shutdown_pending",
		"shutdown_imminent", "test_running", "rectifier_failed", "output_voltage",
		"output_short", "input_voltage", "input_voltage_near", "battery_disconnected",
		"device_critical", "device_major", "device_minor", "device_unrecognised", "door_open", "generator_failed",
		"generator_running", "test_trap_missed" };
	struct rule_set *s = pack();

	assert_int_equal(rule_count(s), sizeof(ids) / sizeof(ids[0]));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_non_null(rule_find(s, ids[i]));
	rule_set_free(s);
}

static void every_rule_of_the_pack_says_what_to_do(void **state)
{
	for (size_t i = 0; i < rule_pack_count; i++) {
		const struct bb_rule_words *w = bb_rule_words(rule_pack[i].id);
		if (!w)
			fail_msg("rule %s has no words", rule_pack[i].id);
		assert_true(*w->title && *w->cause && *w->consequence && *w->action);
	}
	assert_null(bb_rule_words("no_such_rule"));
}

static void every_point_of_the_pack_is_registered(void **state)
{
	for (size_t i = 0; i < rule_pack_count; i++) {
		for (unsigned k = 0; k < rule_pack[i].n_terms; k++) {
			const struct rule_term *t = &rule_pack[i].term[k];
			const struct bb_point *p;
			if (t->source == RULE_COMM || t->source == RULE_EVENT)
				continue;
			p = bb_point_find(t->point);
			if (!p)
				fail_msg("rule %s looks at unknown point %s", rule_pack[i].id,
					t->point);
			if (t->unit)
				assert_string_equal(t->unit, p->unit);
		}
	}
}

static void status_words_tell_all_word_rules_at_once(void **state)
{
	struct rule_set *s = pack();
	struct rule_news n;

	read_sample(s, &(struct sample){ .status = "OB LB" }, false, &n);
	assert_true(n.is.is_true.w[0] & bit(s, "on_battery", 0));
	assert_true(n.is.is_true.w[0] & bit(s, "low_battery", 0));
	assert_true(n.is.is_false.w[0] & bit(s, "bypass", 0));
	assert_true(n.has_status);
	rule_set_free(s);
}

static void no_status_word_at_all_is_not_all_clear(void **state)
{
	struct rule_set *s = pack();
	struct rule_news n;

	read_sample(s, &(struct sample){ .status = "" }, false, &n);
	assert_int_equal(n.is.is_false.w[0], 0);
	assert_true(n.is.is_bad.w[0] & bit(s, "on_battery", 0));
	rule_set_free(s);
}

static void any_quality_but_good_is_no_evidence(void **state)
{
	struct rule_set *s = pack();
	struct rule_news n;

	for (uint32_t q = BB_STALE; q <= BB_UNKNOWN; q++) {
		struct sample x = { "OB", "alarm.fan.failed", "battery.temperature", true, 60, q, q,
			q };
		read_sample(s, &x, false, &n);
		assert_int_equal(n.is.is_true.w[0] | n.is.is_false.w[0] | n.is.is_between.w[0], 0);
	}
	read_sample(s,
		&(struct sample){ "OB", "alarm.fan.failed", "battery.temperature", true, 60, 0, 0,
			0 },
		true, &n);
	assert_int_equal(n.is.is_true.w[0] | n.is.is_false.w[0] | n.is.is_between.w[0], 0);
	rule_set_free(s);
}

static void a_limit_has_a_dead_band(void **state)
{
	static const struct {
		double value;
		char verdict;
	} cases[] = { { 41, 't' }, { 40.001, 't' }, { 40, 'b' }, { 39, 'b' }, { 38, 'b' },
		{ 37.999, 'f' }, { -10, 'f' }, { NAN, 'x' }, { INFINITY, 'x' } };
	struct rule_set *s = pack();
	uint64_t b = bit(s, "temperature", 1);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rule_news n;
		read_sample(s,
			&(struct sample){ .number = "battery.temperature",
				.value = cases[i].value },
			false, &n);
		assert_int_equal(!!(n.is.is_true.w[0] & b), cases[i].verdict == 't');
		assert_int_equal(!!(n.is.is_between.w[0] & b), cases[i].verdict == 'b');
		assert_int_equal(!!(n.is.is_false.w[0] & b), cases[i].verdict == 'f');
		assert_int_equal(!!(n.is.is_bad.w[0] & b), cases[i].verdict == 'x');
	}
	rule_set_free(s);
}

static void a_point_of_the_wrong_kind_is_ignored(void **state)
{
	struct rule_set *s = pack();
	struct rule_news n;

	read_sample(s,
		&(struct sample){ .number = "alarm.fan.failed",
			.value = 1,
			.flag = "battery.temperature",
			.flag_value = true },
		false, &n);
	assert_int_equal(n.is.is_true.w[0] | n.is.is_false.w[0] | n.is.is_between.w[0] | n.is.is_bad.w[0], 0);
	rule_set_free(s);
}

static void or_clears_only_when_every_known_term_is_false(void **state)
{
	struct rule_set *s = pack();
	struct rule_memory m = { 0 };
	struct rule_news flag, hot;
	enum alarm_event ev;
	unsigned t = rule_first_term(s, rule_find(s, "temperature"));

	read_sample(s, &(struct sample){ .number = "battery.temperature", .value = 45 }, false,
		&hot);
	rule_remember(&m, &hot, true);
	read_sample(s, &(struct sample){ .flag = "alarm.ups.temperature", .flag_value = false },
		false, &flag);
	rule_remember(&m, &flag, true);
	assert_false(rule_event(s, t, &flag, &m, PHASE_ACTIVE, t, &ev));
	read_sample(s, &(struct sample){ .number = "battery.temperature", .value = 20 }, false,
		&hot);
	rule_remember(&m, &hot, true);
	assert_true(rule_event(s, t + 1, &hot, &m, PHASE_ACTIVE, t, &ev));
	assert_int_equal(ev, ALARM_FALSE);
	rule_set_free(s);
}

/* I23: an unknown term may not do what one of its real values would not do. */
static void unknown_term_never_clears_more_than_a_true_one_would(void **state)
{
	struct rule_set *s = pack();
	struct rule_memory m = { 0 };
	struct rule_news n;
	enum alarm_event ev;
	unsigned t = rule_first_term(s, rule_find(s, "temperature"));

	read_sample(s, &(struct sample){ .number = "battery.temperature", .value = 20 }, false, &n);
	rule_remember(&m, &n, true);
	read_sample(s,
		&(struct sample){ .number = "battery.temperature",
			.value = 20,
			.number_quality = BB_STALE },
		false, &n);
	rule_remember(&m, &n, true);
	read_sample(s, &(struct sample){ .flag = "alarm.ups.temperature", .flag_value = false },
		false, &n);
	rule_remember(&m, &n, true);
	assert_false(rule_event(s, t, &n, &m, PHASE_ACTIVE, t, &ev));
	rule_set_free(s);
}

static void a_slow_terms_run_is_not_touched_by_another_term(void **state)
{
	struct rule_set *s = pack();
	struct rule_memory m = { 0 };
	struct rule_news n;
	enum alarm_event ev;
	unsigned t = rule_first_term(s, rule_find(s, "temperature"));

	read_sample(s, &(struct sample){ .flag = "alarm.ups.temperature", .flag_value = false },
		false, &n);
	assert_false(rule_event(s, t, &n, &m, PHASE_PENDING, t + 1, &ev));
	read_sample(s, &(struct sample){ .flag = "alarm.ups.temperature", .flag_value = true },
		false, &n);
	assert_true(rule_event(s, t, &n, &m, PHASE_PENDING, t + 1, &ev));
	assert_int_equal(ev, ALARM_TRUE);
	rule_set_free(s);
}

static void the_text_names_value_and_limit(void **state)
{
	struct rule_set *s = pack();
	const struct rule *r = rule_find(s, "temperature");
	char text[128], small[8];

	rule_text(&r->term[1], NULL, 43.25, text, sizeof(text));
	assert_string_equal(text, "battery temperature 43.25 °C is above 40 °C");
	rule_text(&r->term[1], NULL, 43.25, small, sizeof(small));
	assert_true(strlen(small) < sizeof(small));
	rule_set_free(s);
}

static void a_wrong_row_is_refused_with_its_name(void **state)
{
	static const struct {
		struct rule rule;
		const char *why;
	} cases[] = {
		{ { .id = "a",
			  .severity = 2,
			  .n_terms = 1,
			  .term = { { .source = RULE_WORD, .point = "ups.status", .group = "status", .text = "x" } } },
			"names none" },
		{ { .id = "b",
			  .severity = 2,
			  .n_terms = 1,
			  .term = { { .source = RULE_ABOVE, .point = "x", .group = "measure", .raise = 1, .clear = 2,
				  .text = "x" } } },
			"above" },
		{ { .id = "c",
			  .severity = 2,
			  .n_terms = 1,
			  .term = { { .source = RULE_BELOW, .point = "x", .group = "measure", .raise = 2, .clear = 1,
				  .text = "x" } } },
			"below" },
		{ { .id = "d",
			  .severity = 9,
			  .n_terms = 1,
			  .term = { { .source = RULE_FLAG, .point = "x", .group = "status", .text = "x" } } },
			"not complete" },
		{ { .id = "e", .severity = 2, .n_terms = 0 }, "not complete" },
		{ { .id = "f",
			  .severity = 2,
			  .n_terms = 1,
			  .term = { { .source = RULE_FLAG, .point = NULL, .group = "status", .text = "x" } } },
			"without point" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bb_err err = { "" };
		assert_null(rule_set_of(&cases[i].rule, 1, &err));
		assert_non_null(strstr(err.text, cases[i].why));
		assert_non_null(strstr(err.text, cases[i].rule.id));
	}
}

/* Blocks 1.. of string 2, one voltage each. */
static void read_blocks(const struct rule_set *s, double *volts, uint32_t *quality, size_t n,
	struct rule_news *news)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	Busbar__V1__Row row = BUSBAR__V1__ROW__INIT, *rows[] = { &row };

	row.name = "battery.block.voltage";
	row.index_prefix = "s2.b";
	row.first = 1;
	row.value = volts;
	row.quality = quality;
	row.n_value = row.n_quality = n;
	r.group = "cells";
	r.row = rows;
	r.n_row = 1;
	rule_read(s, &r, false, NULL, news);
}

static const struct rule block_low[] = {
	{ .id = "block_low", .severity = 3, .n_terms = 1,
		.term = { { .source = RULE_BELOW, .point = "battery.block.voltage", .group = "cells",
			.raise = 10.5, .clear = 11, .unit = "V", .text = "a block has {value} {unit}" } } },
};

static void one_block_beyond_the_limit_raises_and_is_named(void **state)
{
	struct bb_err err = { "" };
	struct rule_set *s = rule_set_of(block_low, 1, &err);
	struct rule_news news;
	uint32_t good[] = { BB_GOOD, BB_GOOD, BB_GOOD, BB_GOOD };

	assert_non_null(s);
	read_blocks(s, (double[]){ 12.1, 10.4, 9.8, 12 }, good, 4, &news);
	assert_true(news.is.is_true.w[0] == 1 && !news.is.is_bad.w[0] && !news.is.is_false.w[0]);
	assert_string_equal(news.index[0], "s2.b3");
	assert_true(news.value[0] == 9.8);
	assert_int_equal(rule_term_of_point(s, rule_at(s, 0), "battery.block.voltage#s2.b3"), 0);
	rule_set_free(s);
}

static void all_blocks_must_be_well_to_clear(void **state)
{
	struct bb_err err = { "" };
	struct rule_set *s = rule_set_of(block_low, 1, &err);
	struct rule_news news;
	uint32_t good[] = { BB_GOOD, BB_GOOD, BB_GOOD }, lost[] = { BB_GOOD, BB_UNKNOWN, BB_GOOD };

	read_blocks(s, (double[]){ 12.1, 12, 12.2 }, good, 3, &news);
	assert_true(news.is.is_false.w[0] == 1 && !news.is.is_true.w[0] && !news.is.is_bad.w[0] && !news.is.is_between.w[0]);
	read_blocks(s, (double[]){ 12.1, 10.8, 12.2 }, good, 3, &news);
	assert_true(news.is.is_between.w[0] == 1 && !news.is.is_false.w[0]);
	read_blocks(s, (double[]){ 12.1, 0, 12.2 }, lost, 3, &news);
	assert_true(news.is.is_bad.w[0] == 1 && !news.is.is_false.w[0] && !news.is.is_true.w[0]);
	read_blocks(s, (double[]){ 12.1, 0, 9 }, lost, 3, &news);
	assert_true(news.is.is_true.w[0] == 1 && !news.is.is_bad.w[0]);
	assert_string_equal(news.index[0], "s2.b3");
	rule_set_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_block_beyond_the_limit_raises_and_is_named),
		cmocka_unit_test(all_blocks_must_be_well_to_clear),
		cmocka_unit_test(the_pack_has_every_rule_named_in_the_documents),
		cmocka_unit_test(every_rule_of_the_pack_says_what_to_do),
		cmocka_unit_test(every_point_of_the_pack_is_registered),
		cmocka_unit_test(status_words_tell_all_word_rules_at_once),
		cmocka_unit_test(no_status_word_at_all_is_not_all_clear),
		cmocka_unit_test(any_quality_but_good_is_no_evidence),
		cmocka_unit_test(a_limit_has_a_dead_band),
		cmocka_unit_test(a_point_of_the_wrong_kind_is_ignored),
		cmocka_unit_test(or_clears_only_when_every_known_term_is_false),
		cmocka_unit_test(unknown_term_never_clears_more_than_a_true_one_would),
		cmocka_unit_test(a_slow_terms_run_is_not_touched_by_another_term),
		cmocka_unit_test(the_text_names_value_and_limit),
		cmocka_unit_test(a_wrong_row_is_refused_with_its_name),
	};

	return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}
