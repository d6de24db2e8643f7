// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/packed.h"

#define N 1000

static uint32_t seed = 5;

static int draw(int n)
{
	seed = seed * 1664525 + 1013904223;
	return (int)(seed >> 8) % n;
}

static void times_come_back(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 64, 65, 66, 129, N };
	int32_t t[N], back[N];

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		struct bb_buf b = { 0 };

		for (size_t i = 0; i < counts[c]; i++)
			t[i] = i == 0 ? draw(1000) : t[i - 1] + (i % 300 == 299 ? 200000 : 99 + draw(3));
		bb_packed_times(&b, t, counts[c]);
		assert_int_equal(bb_packed_times_read((uint8_t *)b.data, b.len, back, N), counts[c]);
		assert_memory_equal(t, back, counts[c] * sizeof(t[0]));
		assert_int_equal(bb_packed_times_read((uint8_t *)b.data, b.len - 1, back, N), -1);
		if (counts[c])
			assert_int_equal(bb_packed_times_read((uint8_t *)b.data, b.len, back, counts[c] - 1), -1);
		bb_buf_fini(&b);
	}
}

static size_t values_round_trip(const float *value, size_t n)
{
	static int32_t d[N], t[N];
	static bool missing[N];
	static float v[N], back[N];
	struct bb_day_series s = { .d = d, .missing = missing, .v = v };
	struct bb_buf b = { 0 };
	size_t len;

	for (size_t i = 0; i < n; i++)
		t[i] = (int32_t)i * 100;
	bb_day_encode(&s, t, value, n);
	bb_packed_values(&b, &s, n);
	assert_int_equal(bb_packed_values_read((uint8_t *)b.data, b.len, s.scale, back, n), 0);
	for (size_t i = 0; i < n; i++)
		assert_true(isnan(value[i]) ? isnan(back[i]) : back[i] == value[i]);
	assert_int_equal(bb_packed_values_read((uint8_t *)b.data, b.len - 1, s.scale, back, n), -1);
	assert_int_equal(bb_packed_values_read((uint8_t *)b.data, b.len, s.scale < 0 ? 0 : -1, back, n), -1);
	len = b.len;
	bb_buf_fini(&b);
	return len;
}

static void values_of_every_form_come_back_exactly(void **state)
{
	float v[N];

	for (int form = 0; form < 7; form++) {
		for (int i = 0; i < N; i++) {
			v[i] = form == 0 ? 230 : form == 1 ? (float)(draw(99) / 10.0) : form == 2 ? (float)(draw(2000) - 1000) / 3 :
				form == 3 ? (float)(draw(100000) / 1000.0) : form == 4 ? (i % 2 ? 1e9f : -1e9f) : form == 5 ? INFINITY : NAN;
			if (i % 97 == 5)
				v[i] = NAN;
		}
		for (size_t n = 1; n <= N; n = n * 3 + 1)
			values_round_trip(v, n);
		values_round_trip(v, N);
	}
}

static void what_does_not_change_costs_next_to_nothing(void **state)
{
	float v[N];

	for (int i = 0; i < N; i++)
		v[i] = 50;
	assert_in_range(values_round_trip(v, N), 1, 70);
	for (int i = 0; i < N; i++)
		v[i] = (float)(230 + draw(3));
	assert_in_range(values_round_trip(v, N), 1, N * 4 / 8);
}

static void slots_hold_minimum_average_and_maximum(void **state)
{
	static float v[N];
	static int32_t t[N];

	for (int scale = -1; scale <= 3; scale++) {
		struct bb_hour slot[BB_SLOTS];
		struct bb_buf b = { 0 };

		for (int i = 0; i < N; i++) {
			v[i] = i % 50 == 7 ? NAN : (float)((draw(4000) - 2000) / (scale < 0 ? 7 : pow(10, scale)));
			t[i] = i * 100 + (i > 500 ? 100000 : 0);
		}
		bb_packed_slots(&b, scale, t, v, N);
		assert_int_equal(bb_packed_slots_read((uint8_t *)b.data, b.len, scale, slot), 0);
		for (int k = 0; k < BB_SLOTS; k++) {
			double sum = 0, min = INFINITY, max = -INFINITY;
			int n = 0;

			for (int i = 0; i < N; i++) {
				if (t[i] / BB_SLOT_STEPS != k || isnan(v[i]))
					continue;
				sum += v[i];
				min = fmin(min, v[i]);
				max = fmax(max, v[i]);
				n++;
			}
			assert_int_equal(slot[k].n, n);
			if (n == 0)
				continue;
			assert_true(fabs(slot[k].min - min) < 1e-4 && fabs(slot[k].max - max) < 1e-4);
			assert_true(fabs(slot[k].avg - sum / n) < 1e-3);
		}
		assert_int_equal(bb_packed_slots_read((uint8_t *)b.data, b.len - 1, scale, slot), -1);
		bb_buf_fini(&b);
	}
}

static void damaged_bytes_are_refused_or_give_something_harmless(void **state)
{
	static int32_t t[N];
	static float v[N];
	struct bb_hour slot[BB_SLOTS];
	uint8_t raw[300];

	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)draw((int)sizeof(raw));

		for (size_t i = 0; i < len; i++)
			raw[i] = (uint8_t)(draw(4) ? draw(8) : draw(256));
		long n = bb_packed_times_read(raw, len, t, N);
		for (long i = 1; i < n; i++)
			assert_true(t[i] > t[i - 1] && t[i] < BB_DAY_STEPS);
		bb_packed_values_read(raw, len, draw(5) - 1, v, (size_t)draw(N));
		bb_packed_slots_read(raw, len, draw(5) - 1, slot);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_come_back),
		cmocka_unit_test(values_of_every_form_come_back_exactly),
		cmocka_unit_test(what_does_not_change_costs_next_to_nothing),
		cmocka_unit_test(slots_hold_minimum_average_and_maximum),
		cmocka_unit_test(damaged_bytes_are_refused_or_give_something_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
