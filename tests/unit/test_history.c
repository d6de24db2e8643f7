// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/arena.h"
#include "historyd/block.h"
#include "common/pgbin.h"
#include "common/day.h"
#include "historyd/merge.h"
#include "historyd/spool.h"

#define N 500

static void round_trip(const float *value, int expect_scale)
{
	static int32_t d[N];
	static bool missing[N];
	static float v[N], back[N];
	static int32_t t[N];
	struct bb_day_series s = { .d = d, .missing = missing, .v = v };

	for (int i = 0; i < N; i++)
		t[i] = i * 100;
	bb_day_encode(&s, t, value, N);
	assert_int_equal(s.scale, expect_scale);
	bb_day_decode(s.scale, d, missing, v, N, back);
	for (int i = 0; i < N; i++) {
		if (isnan(value[i]))
			assert_true(isnan(back[i]));
		else
			assert_true(back[i] == value[i]);
	}
}

static void whole_numbers_and_gaps_come_back_exactly(void **state)
{
	float v[N];

	for (int i = 0; i < N; i++)
		v[i] = i % 7 == 3 ? NAN : (float)(230 + i % 5 - 2);
	round_trip(v, 0);
}

static void tenths_use_scale_one(void **state)
{
	float v[N];

	for (int i = 0; i < N; i++)
		v[i] = (float)((500 + i % 9) / 10.0);
	round_trip(v, 1);
}

static void odd_fractions_fall_back_to_floats(void **state)
{
	float v[N];

	for (int i = 0; i < N; i++)
		v[i] = (float)i / 3.0f;
	round_trip(v, -1);
}

static void large_steps_stay_whole_numbers(void **state)
{
	float v[N];

	for (int i = 0; i < N; i++)
		v[i] = i % 2 ? 1e9f : -1e9f;
	round_trip(v, 0);
}

static void what_is_too_large_for_whole_numbers_falls_back_to_floats(void **state)
{
	float v[N];

	for (int i = 0; i < N; i++)
		v[i] = i % 2 ? 2e9f : 0.0f;
	round_trip(v, -1);
}

static void infinite_values_do_not_disturb(void **state)
{
	float v[N] = { INFINITY, -INFINITY };

	round_trip(v, -1);
}

static void hours_hold_minimum_average_maximum(void **state)
{
	int32_t d[4];
	bool missing[4];
	float v[4], value[] = { 1, 3, NAN, 10 };
	int32_t t[] = { 0, 100, 200, 36000 };
	struct bb_day_series s = { .d = d, .missing = missing, .v = v };

	bb_day_encode(&s, t, value, 4);
	assert_int_equal(s.hn[0], 2);
	assert_true(s.hmin[0] == 1 && s.havg[0] == 2 && s.hmax[0] == 3);
	assert_int_equal(s.hn[1], 1);
	assert_true(s.havg[1] == 10);
	assert_true(s.hmissing[2]);
}

static void merging_twice_changes_nothing(void **state)
{
	struct merge *m = merge_new();
	int series[] = { 7, 9 };

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 10; i++)
			assert_true(merge_add(m, i * 100, series, (float[]){ (float)i, round ? NAN : 5 }, 2));
	assert_int_equal(merge_finish(m), 10);
	assert_int_equal(merge_series_count(m), 2);
	for (int i = 0; i < 10; i++) {
		assert_true(merge_series_values(m, 0)[i] == (float)i);
		assert_true(merge_series_values(m, 1)[i] == 5);        /* a later gap does not wipe a value */
	}
	merge_free(m);
}

static void late_samples_go_between_old_ones(void **state)
{
	struct merge *m = merge_new();
	int32_t old[] = { 0, 200 };
	int series = 3, other = 4;

	merge_old_times(m, old, 2);
	merge_old_series(m, 3, (float[]){ 1, 3 }, 0, 2);
	assert_true(merge_add(m, 100, &series, (float[]){ 2 }, 1));
	assert_true(merge_add(m, 300, &other, (float[]){ 8 }, 1));
	assert_int_equal(merge_finish(m), 4);
	assert_int_equal(merge_times(m)[1], 100);
	assert_true(merge_series_values(m, 0)[1] == 2);
	assert_true(isnan(merge_series_values(m, 0)[3]));
	assert_true(isnan(merge_series_values(m, 1)[0]));
	merge_free(m);
}

static void times_outside_the_day_are_refused(void **state)
{
	struct merge *m = merge_new();
	int series = 1;

	assert_false(merge_add(m, BB_DAY_STEPS, &series, (float[]){ 1 }, 1));
	assert_false(merge_add(m, -1, &series, (float[]){ 1 }, 1));
	merge_free(m);
}

static char spool_dir[] = "/tmp/busbar-spool-XXXXXX";

static int make_dir(void **state)
{
	strcpy(spool_dir + strlen(spool_dir) - 6, "XXXXXX");
	return mkdtemp(spool_dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char cmd[100];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", spool_dir);
	return system(cmd);
}

static void spool_gives_back_in_order_after_reopening(void **state)
{
	struct spool *s = spool_open(spool_dir, 64u << 20, NULL);
	uint8_t *block;
	size_t len;

	assert_non_null(s);
	for (int i = 0; i < 5; i++)
		assert_int_equal(spool_put(s, &i, sizeof(i), NULL), 0);
	spool_close(s);
	s = spool_open(spool_dir, 64u << 20, NULL);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(spool_first(s, &block, &len), 1);
		assert_int_equal(*(int *)(void *)block, i);
		free(block);
		spool_drop_first(s);
	}
	assert_int_equal(spool_first(s, &block, &len), 0);
	spool_close(s);
}

static void spool_drops_the_oldest_and_counts(void **state)
{
	struct spool *s = spool_open(spool_dir, 20u << 20, NULL);
	uint8_t *big = bb_calloc(1, 1 << 20), *block;
	size_t len;

	for (int i = 0; i < 40; i++) {
		big[0] = (uint8_t)i;
		assert_int_equal(spool_put(s, big, 1 << 20, NULL), 0);
	}
	assert_true(spool_bytes(s) <= 21u << 20);
	assert_true(spool_dropped(s) > 0);
	assert_int_equal(spool_first(s, &block, &len), 1);
	assert_true(block[0] > 0);
	free(block);
	free(big);
	spool_close(s);
}

static void a_torn_spool_block_is_skipped(void **state)
{
	struct spool *s = spool_open(spool_dir, 64u << 20, NULL);
	char path[200], text[] = "whole";
	uint8_t *block;
	size_t len;

	spool_put(s, text, sizeof(text), NULL);
	spool_put(s, "torn", 5, NULL);
	spool_close(s);
	snprintf(path, sizeof(path), "%s/%016x.seg", spool_dir, 1);
	assert_int_equal(truncate(path, 8 + sizeof(text) + 8 + 2), 0);
	s = spool_open(spool_dir, 64u << 20, NULL);
	assert_int_equal(spool_first(s, &block, &len), 1);
	assert_string_equal((char *)block, "whole");
	free(block);
	spool_drop_first(s);
	assert_int_equal(spool_first(s, &block, &len), 0);
	spool_close(s);
}

static void seen_layout(void *arg, const struct layout *l)
{
	assert_int_equal(l->id, 77);
	assert_string_equal(l->point[1], "b");
	assert_string_equal(l->idx[1], "s1");
	++*(int *)arg;
}

static void seen_text(void *arg, const struct block_text *t)
{
	assert_string_equal(t->point, "ups.status");
	assert_true(*(int *)arg != 1 || t->value == NULL);
	++*(int *)arg;
}

static void a_block_survives_saving(void **state)
{
	struct layout l = { .id = 77, .n = 2, .point = (char *[]){ "a", "b" }, .idx = (char *[]){ "", "s1" } };
	struct block_text on = { .site_id = 1, .device_id = 2, .at_us = 3, .point = "ups.status", .idx = "", .value = "OL" }, off = on;
	struct block *b = block_new(), *back;
	struct bb_buf out = { 0 };
	int seen = 0;

	off.value = NULL;
	block_add_layout(b, &l);
	block_add_text(b, &on);
	block_add_text(b, &off);
	bb_buf_add(&b->rows, "xyz", 3);
	b->n_rows = 1;
	block_save(b, &out);
	back = block_load((uint8_t *)out.data, out.len);
	assert_non_null(back);
	assert_int_equal(back->n_rows, 1);
	assert_int_equal(block_each_layout(back, seen_layout, &seen), 0);
	assert_int_equal(seen, 1);
	seen = 0;
	assert_int_equal(block_each_text(back, seen_text, &seen), 0);
	assert_int_equal(seen, 2);
	assert_null(block_load((uint8_t *)out.data, out.len - 1));
	bb_buf_fini(&out);
	block_free(b);
	block_free(back);
}

static void take(void *arg, size_t i, const uint8_t *p)
{
	((int *)arg)[i] = p ? bb_bin_get16(p) : -99;
}

static void copied_arrays_read_back(void **state)
{
	struct bb_buf b = { 0 };
	int16_t v[] = { 1, -2, 3 };
	bool missing[] = { false, true, false };
	int out[3] = { 0 };

	bb_bin_int2s(&b, v, missing, 3);
	assert_int_equal(bb_bin_get32(b.data), (int)b.len - 4);
	assert_int_equal(bb_bin_read_array((uint8_t *)b.data + 4, b.len - 4, 2, 3, take, out), 3);
	assert_int_equal(out[0], 1);
	assert_int_equal(out[1], -99);
	assert_int_equal(out[2], 3);
	assert_int_equal(bb_bin_read_array((uint8_t *)b.data + 4, b.len - 5, 2, 3, take, out), -1);
	assert_int_equal(bb_bin_read_array((uint8_t *)b.data + 4, b.len - 4, 2, 2, take, out), -1);
	bb_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_and_gaps_come_back_exactly),
		cmocka_unit_test(tenths_use_scale_one),
		cmocka_unit_test(odd_fractions_fall_back_to_floats),
		cmocka_unit_test(large_steps_stay_whole_numbers),
		cmocka_unit_test(what_is_too_large_for_whole_numbers_falls_back_to_floats),
		cmocka_unit_test(infinite_values_do_not_disturb),
		cmocka_unit_test(hours_hold_minimum_average_maximum),
		cmocka_unit_test(merging_twice_changes_nothing),
		cmocka_unit_test(late_samples_go_between_old_ones),
		cmocka_unit_test(times_outside_the_day_are_refused),
		cmocka_unit_test_setup_teardown(spool_gives_back_in_order_after_reopening, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(spool_drops_the_oldest_and_counts, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_torn_spool_block_is_skipped, make_dir, remove_dir),
		cmocka_unit_test(a_block_survives_saving),
		cmocka_unit_test(copied_arrays_read_back),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
