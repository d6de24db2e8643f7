// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/logrow.h"

static uint8_t journal[16] = "0123456789abcdef";
static uint8_t boot[16] = "fedcba9876543210";

struct world {
	struct bb_arena *arena;
	Busbar__V1__Transition t;
	Busbar__V1__Alarm a;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->arena = bb_arena_new(8192, 0);
	busbar__v1__transition__init(&w->t);
	busbar__v1__alarm__init(&w->a);
	w->t.alarm = &w->a;
	w->t.has_journal_id = w->t.has_jseq = w->t.has_at_unix_us = w->t.has_from = w->t.has_to = 1;
	w->t.has_boot_id = w->t.has_at_boot_ns = 1;
	w->t.journal_id = (ProtobufCBinaryData){ 16, journal };
	w->t.boot_id = (ProtobufCBinaryData){ 16, boot };
	w->t.jseq = 77;
	w->t.at_unix_us = UINT64_C(1767225600123456);
	w->t.at_boot_ns = UINT64_C(123456789012);
	w->t.from = 1;
	w->t.to = 2;
	w->t.kind = "raise";
	w->a.has_device_id = w->a.has_site_id = w->a.has_severity = w->a.has_state = 1;
	w->a.has_raised_unix_us = w->a.has_value = w->a.has_limit = w->a.has_jseq = 1;
	w->a.id = "30313233343536373839616263646566-77";
	w->a.key = "hh/ups-1";
	w->a.device_id = 4;
	w->a.site_id = 2;
	w->a.rule = "load_high";
	w->a.subject = "ups.load";
	w->a.severity = 2;
	w->a.state = 2;
	w->a.raised_unix_us = w->t.at_unix_us;
	w->a.value = 81.7;
	w->a.limit = 80;
	w->a.unit = "%";
	w->a.text = "load 81.7 % is above 80 %";
	w->a.jseq = 77;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	bb_arena_free(w->arena);
	free(w);
	return 0;
}

/* Packs the transition, splits it, and gives back whether it comes together again. */
static uint8_t *again(struct world *w, struct bb_logrow *row, size_t *len, uint8_t form)
{
	size_t n, rest_len;
	uint8_t *record = bb_pack(w->arena, &w->t, &n);
	uint8_t *rest = bb_logrow_rest(w->arena, record, n, &rest_len);
	const Busbar__V1__Transition *t = bb_unpack_transition(w->arena, record, n, NULL);
	struct bb_err err = { 0 };

	assert_non_null(t);
	bb_logrow_of(t, row);
	assert_int_equal(rest[0], form);
	uint8_t *back = bb_logrow_record(w->arena, row, journal, rest, rest_len, len, &err);
	assert_non_null(back);
	assert_int_equal(*len, n);
	assert_memory_equal(back, record, n);
	return rest;
}

static void record_comes_back_from_row_and_rest(void **state)
{
	struct world *w = *state;
	struct bb_logrow row;
	size_t n, whole;

	bb_pack(w->arena, &w->t, &whole);
	again(w, &row, &n, 1);
	assert_string_equal(row.device, "hh/ups-1");
	assert_null(row.user_name);
	assert_true(row.has_value && row.value == 81.7);
	w->t.user = "anna";
	w->t.comment = "";
	again(w, &row, &n, 1);
	assert_string_equal(row.user_name, "anna");
	assert_null(row.comment);
}

static void event_of_a_collector_comes_back(void **state)
{
	struct world *w = *state;
	struct bb_logrow row;
	size_t n;

	w->t.feed = "collect-snmptrap";
	w->t.source = "10.0.0.7";
	w->t.has_event_unix_us = w->t.has_count = w->t.has_feed_jseq = 1;
	w->t.event_unix_us = w->t.at_unix_us - 5;
	w->a.rule = "event";
	w->a.has_raised_unix_us = 0;
	for (uint32_t count = 0; count < 3; count++) {
		w->t.count = count;
		again(w, &row, &n, count ? 1 : 0);
		assert_int_equal(row.count, count > 1 ? count : 0);
	}
	assert_int_equal(row.raised_us, 0);
	assert_string_equal(row.source, "10.0.0.7");
}

static void what_columns_cannot_give_back_is_kept_whole(void **state)
{
	struct world *w = *state;
	struct bb_logrow row;
	size_t n;

	w->a.text = "bell\a";
	again(w, &row, &n, 0);
	w->a.text = "fine";
	w->a.value = __builtin_inf();
	again(w, &row, &n, 0);
	assert_false(row.has_value);
}

static void changed_column_changes_the_record(void **state)
{
	struct world *w = *state;
	struct bb_logrow row, other;
	size_t n, rest_len, len;
	uint8_t *record = bb_pack(w->arena, &w->t, &n);
	uint8_t *rest = bb_logrow_rest(w->arena, record, n, &rest_len);

	again(w, &row, &len, 1);
	other = row;
	other.severity = 5;
	uint8_t *back = bb_logrow_record(w->arena, &other, journal, rest, rest_len, &len, NULL);
	assert_false(len == n && memcmp(back, record, n) == 0);
	assert_string_equal(bb_logrow_difference(&row, &other), "severity");
	other = row;
	assert_null(bb_logrow_difference(&row, &other));
	other.user_name = "x";
	assert_string_equal(bb_logrow_difference(&row, &other), "user_name");
}

static void rest_that_is_none_is_refused(void **state)
{
	struct world *w = *state;
	static const struct bb_logrow row = { .device = "" };
	struct bb_err err;
	size_t n;

	assert_null(bb_logrow_record(w->arena, &row, journal, "", 0, &n, &err));
	assert_null(bb_logrow_record(w->arena, &row, journal, "\x02", 1, &n, &err));
	assert_null(bb_logrow_record(w->arena, &row, journal, "\x01\xff\xff", 3, &n, &err));
	assert_null(bb_logrow_record(w->arena, &row, journal, "\x01", 1, &n, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(record_comes_back_from_row_and_rest, setup,
			teardown),
		cmocka_unit_test_setup_teardown(event_of_a_collector_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(what_columns_cannot_give_back_is_kept_whole, setup,
			teardown),
		cmocka_unit_test_setup_teardown(changed_column_changes_the_record, setup, teardown),
		cmocka_unit_test_setup_teardown(rest_that_is_none_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
