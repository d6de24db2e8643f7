// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"
#include "webd/bands.h"
#include "webd/chart.h"

#define S 1000000LL
#define HOUR (3600 * S)
#define DAY (24 * HOUR)

static char text[65536];

static const char *print(struct chart *c, unsigned want)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	chart_print(c, want, &j);
	bb_json_end_obj(&j);
	bb_copy(text, sizeof(text), b.data);
	bb_buf_fini(&b);
	chart_fini(c);
	return text;
}

static struct chart chart_of(int64_t from_us, int64_t to_us, unsigned parts)
{
	struct chart_span span = { from_us, to_us, parts };
	struct chart c;

	chart_init(&c, &span);
	return c;
}

static void few_samples_come_out_as_they_are_in_order_of_time(void **state)
{
	struct chart c = chart_of(0, 10 * S, 5);

	chart_sample_add(&c, 7 * S + 1500, 230.1F);
	chart_sample_add(&c, 1 * S, 0.5F);
	assert_string_equal(print(&c, CHART_MIN | CHART_AVG),
		"{\"raw\":true,\"t\":[1000,7001],\"min\":[0.5,230.1],\"avg\":[0.5,230.1],\"n\":[1,1]}");
}

static void more_samples_than_parts_become_minimum_average_maximum(void **state)
{
	struct chart c = chart_of(0, 10 * S, 2);

	chart_sample_add(&c, 0, 1);
	chart_sample_add(&c, 5 * S - 1, 4);
	chart_sample_add(&c, 5 * S, -3);
	assert_string_equal(print(&c, CHART_MIN | CHART_AVG | CHART_MAX),
		"{\"raw\":false,\"t\":[0,5000],\"min\":[1,-3],\"avg\":[2.5,-3],\"max\":[4,-3],\"n\":[2,1]}");
}

static void what_lies_outside_or_is_no_number_does_not_count(void **state)
{
	struct chart c = chart_of(10 * S, 20 * S, 4);

	chart_sample_add(&c, 10 * S - 1, 1);
	chart_sample_add(&c, 20 * S, 1);
	chart_sample_add(&c, 15 * S, NAN);
	chart_sample_add(&c, 15 * S, INFINITY);
	assert_string_equal(print(&c, CHART_MAX), "{\"raw\":true,\"t\":[],\"max\":[],\"n\":[]}");
}

static void parts_without_samples_have_no_entry(void **state)
{
	struct chart c = chart_of(0, 100 * S, 3);

	for (int i = 0; i < 20; i++)
		chart_sample_add(&c, (i < 10 ? i : 80 + i % 10) * S, (float)i);
	assert_string_equal(print(&c, CHART_MAX), "{\"raw\":false,\"t\":[0,66666],\"max\":[9,19],\"n\":[10,10]}");
}

static void the_hour_in_which_the_span_begins_counts_in_its_first_part(void **state)
{
	struct chart c = chart_of(HOUR + HOUR / 2, HOUR * 49 + HOUR / 2, 2);
	struct bb_hour peak = { 1, 2, 99, 360 }, calm = { 1, 2, 3, 360 };

	chart_hour_add(&c, 0, &peak); /* over before */
	chart_hour_add(&c, 1, &peak);
	chart_hour_add(&c, 48, &calm);
	chart_hour_add(&c, 50, &peak); /* begins behind the end */
	assert_string_equal(print(&c, CHART_MAX | CHART_AVG),
		"{\"raw\":false,\"t\":[5400000,91800000],\"avg\":[2,2],\"max\":[99,3],\"n\":[360,360]}");
}

static void hours_weigh_by_their_number_of_samples(void **state)
{
	struct chart c = chart_of(0, DAY, 1);
	struct bb_hour many = { 10, 10, 10, 300 }, few = { 50, 50, 50, 100 }, none = { 0 };

	chart_hour_add(&c, 0, &many);
	chart_hour_add(&c, 5, &few);
	chart_hour_add(&c, 6, &none);
	assert_string_equal(print(&c, CHART_MIN | CHART_AVG | CHART_MAX),
		"{\"raw\":false,\"t\":[0],\"min\":[10],\"avg\":[20],\"max\":[50],\"n\":[400]}");
}

static void a_late_sample_widens_but_is_not_counted_twice(void **state)
{
	struct chart c = chart_of(0, 2 * DAY, 2);
	struct bb_hour hour = { 10, 10, 10, 360 };

	chart_hour_add(&c, 3, &hour);
	chart_sample_late(&c, 3 * HOUR, 10);
	chart_sample_late(&c, 4 * HOUR, 77);
	chart_sample_late(&c, DAY + HOUR, 5); /* nothing else there */
	assert_string_equal(print(&c, CHART_MIN | CHART_AVG | CHART_MAX),
		"{\"raw\":false,\"t\":[0,86400000],\"min\":[10,5],\"avg\":[10,5],\"max\":[77,5],\"n\":[360,1]}");
}

/* Against a plain loop, over times of every sign and odd spans. */
static void random_samples_agree_with_a_plain_loop(void **state)
{
	enum { N = 3000, PARTS = 37 };
	static int64_t at[N];
	static float v[N];
	int64_t from = -123456789, to = from + 86400 * S * 7 + 12345;
	struct chart c = chart_of(from, to, PARTS);

	srandom(7);
	for (int i = 0; i < N; i++) {
		at[i] = from + (random() * (int64_t)RAND_MAX + random()) % (to - from);
		v[i] = (float)(random() % 10000) / 10;
		chart_sample_add(&c, at[i], v[i]);
	}
	for (int k = 0; k < PARTS; k++) {
		double sum = 0, min = INFINITY, max = -INFINITY;
		unsigned n = 0;

		for (int i = 0; i < N; i++) {
			long double x = (long double)(at[i] - from) * PARTS / (to - from);

			if (x < k || x >= k + 1)
				continue;
			sum += v[i];
			min = fmin(min, v[i]);
			max = fmax(max, v[i]);
			n++;
		}
		assert_int_equal(c.part[k].n, n);
		assert_true(c.part[k].min == (float)min && c.part[k].max == (float)max);
		assert_true(fabs(c.part[k].sum - sum) < 1e-6);
	}
	chart_fini(&c);
}

static void number_is(double value, const char *expect)
{
	char out[33];

	out[chart_number(out, value)] = '\0';
	assert_string_equal(out, expect);
}

static void numbers_have_as_few_digits_as_give_the_same_float(void **state)
{
	number_is(0, "0");
	number_is(230, "230");
	number_is(-0.5, "-0.5");
	number_is((double)230.1F, "230.1");
	number_is((double)13.125F, "13.125");
	number_is((double)-273.15F, "-273.15");
	number_is(12345678, "12345678");
	number_is(999999999, "999999999");
	number_is(0.05, "0.05");
	number_is(100, "100");
	number_is(1e12, "1e+12");
	number_is(-0.001, "-0.001");
	number_is(NAN, "null");
	number_is(-INFINITY, "null");
}

static void every_number_reads_back_as_the_same_float(void **state)
{
	char out[33];

	srandom(11);
	for (int i = 0; i < 200000; i++) {
		float v = (float)((random() - RAND_MAX / 2) / pow(10, random() % 12));
		size_t n = chart_number(out, (double)v);

		out[n] = '\0';
		if (strtof(out, NULL) != v && fabsf(strtof(out, NULL) - v) > 1e-6F * fabsf(v))
			fail_msg("%.9g was printed as %s", (double)v, out);
	}
}

/* ---- bands ---- */

static const char *bands_text(struct bands *b, int64_t from, int64_t to, unsigned parts)
{
	struct bb_buf buf = { 0 };
	struct bb_json j = { .out = &buf };

	bb_json_obj(&j, NULL);
	bands_print(b, from, to, parts, &j, "b");
	bb_json_end_obj(&j);
	bb_copy(text, sizeof(text), buf.data);
	bb_buf_fini(&buf);
	bands_fini(b);
	return text;
}

static void status_words_are_bands(void **state)
{
	assert_int_equal(band_of("OL CHRG"), BAND_MAINS);
	assert_int_equal(band_of("OL TEST DISCHRG"), BAND_MAINS);
	assert_int_equal(band_of("OB LB DISCHRG"), BAND_BATTERY);
	assert_int_equal(band_of("OL BYPASS"), BAND_BYPASS);
	assert_int_equal(band_of("OFF"), BAND_OFF);
	assert_int_equal(band_of("OB OFF"), BAND_OFF);
	assert_int_equal(band_of("OL COMMLOST"), BAND_UNKNOWN);
	assert_int_equal(band_of("CHRG"), BAND_UNKNOWN);
	assert_int_equal(band_of("soup"), BAND_UNKNOWN);
	assert_int_equal(band_of(""), BAND_UNKNOWN);
	assert_int_equal(band_of(NULL), BAND_UNKNOWN);
}

static void bands_have_no_holes_and_begin_unknown(void **state)
{
	struct bands b = { 0 };

	bands_add(&b, 3 * S, BAND_MAINS);
	bands_add(&b, 4 * S, BAND_MAINS);
	bands_add(&b, 5 * S, BAND_BATTERY);
	assert_string_equal(bands_text(&b, 0, 10 * S, 100),
		"{\"b\":[{\"from\":0,\"to\":3000,\"state\":\"unknown\"},{\"from\":3000,\"to\":5000,\"state\":\"mains\"},"
		"{\"from\":5000,\"to\":10000,\"state\":\"battery\"}]}");
}

static void the_state_before_the_span_goes_on_into_it(void **state)
{
	struct bands b = { 0 };

	bands_add(&b, -50 * S, BAND_BATTERY);
	bands_add(&b, 0, BAND_MAINS);
	bands_add(&b, 20 * S, BAND_OFF);
	assert_string_equal(bands_text(&b, 0, 10 * S, 100), "{\"b\":[{\"from\":0,\"to\":10000,\"state\":\"mains\"}]}");
}

static void a_second_on_battery_is_seen_in_a_year(void **state)
{
	struct bands b = { 0 };

	for (int i = 0; i < 5000; i++) {
		bands_add(&b, i * HOUR, BAND_MAINS);
		if (i == 2000)
			bands_add(&b, i * HOUR + 30 * S, BAND_BATTERY);
		if (i == 2000)
			bands_add(&b, i * HOUR + 31 * S, BAND_MAINS);
		bands_add(&b, i * HOUR + HOUR / 2, BAND_BYPASS);
	}
	assert_non_null(strstr(bands_text(&b, 0, 365 * DAY, 365), "\"state\":\"battery\""));
}

static void too_many_changes_give_the_worst_of_each_part(void **state)
{
	struct bands b = { 0 };

	for (int i = 0; i < 10; i++) {
		bands_add(&b, i * S, BAND_MAINS);
		bands_add(&b, i * S + S / 2, i == 7 ? BAND_OFF : BAND_UNKNOWN);
	}
	assert_string_equal(bands_text(&b, 0, 10 * S, 2),
		"{\"b\":[{\"from\":0,\"to\":5000,\"state\":\"unknown\"},{\"from\":5000,\"to\":10000,\"state\":\"off\"}]}");
}

/* ---- packed weeks ---- */

static void hours_of_a_week_come_back(void **state)
{
	static uint8_t week[BB_WEEK_BYTES];
	struct bb_hour first = { -1.5F, 0.25F, 7e9F, 360 }, last = { 1, 2, 3, 32767 }, back;

	bb_week_put(week, 0, &first);
	bb_week_put(week, BB_WEEK_HOURS - 1, &last);
	back = bb_week_get(week, 0);
	assert_memory_equal(&back, &first, sizeof(back));
	back = bb_week_get(week, BB_WEEK_HOURS - 1);
	assert_memory_equal(&back, &last, sizeof(back));
	assert_int_equal(bb_week_get(week, 77).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_samples_come_out_as_they_are_in_order_of_time),
		cmocka_unit_test(more_samples_than_parts_become_minimum_average_maximum),
		cmocka_unit_test(what_lies_outside_or_is_no_number_does_not_count),
		cmocka_unit_test(parts_without_samples_have_no_entry),
		cmocka_unit_test(the_hour_in_which_the_span_begins_counts_in_its_first_part),
		cmocka_unit_test(hours_weigh_by_their_number_of_samples),
		cmocka_unit_test(a_late_sample_widens_but_is_not_counted_twice),
		cmocka_unit_test(random_samples_agree_with_a_plain_loop),
		cmocka_unit_test(numbers_have_as_few_digits_as_give_the_same_float),
		cmocka_unit_test(every_number_reads_back_as_the_same_float),
		cmocka_unit_test(status_words_are_bands),
		cmocka_unit_test(bands_have_no_holes_and_begin_unknown),
		cmocka_unit_test(the_state_before_the_span_goes_on_into_it),
		cmocka_unit_test(a_second_on_battery_is_seen_in_a_year),
		cmocka_unit_test(too_many_changes_give_the_worst_of_each_part),
		cmocka_unit_test(hours_of_a_week_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
