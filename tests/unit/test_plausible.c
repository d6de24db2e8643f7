// SPDX-License-Identifier: Apache-2.0
/* Implausible values without a network: a device with a layout, passes go in, findings come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include "collectors/collector.h"
#include "collectors/plausible_priv.h"
#include "common/arena.h"

static const struct plausible_limits limits = { 86400000, 900000 };

struct fixture {
	struct device *d;
	uint64_t now_ms;
};

static const struct {
	const char *name;
	unsigned group;
} points[] = {
	{ "ups.status", GROUP_STATUS },
	{ "battery.charge", GROUP_STATUS },
	{ "battery.runtime", GROUP_STATUS },
	{ "battery.time.onbattery", GROUP_STATUS },
	{ "input.voltage", GROUP_MEASURE },
	{ "input.frequency", GROUP_MEASURE },
	{ "output.L1-N.voltage", GROUP_MEASURE },
	{ "output.L2-N.voltage", GROUP_MEASURE },
	{ "output.voltage.nominal", GROUP_MEASURE },
	{ "output.frequency", GROUP_MEASURE },
	{ "battery.voltage", GROUP_MEASURE },
	{ "battery.voltage.nominal", GROUP_MEASURE },
	{ "battery.temperature", GROUP_MEASURE },
	{ "ups.load", GROUP_MEASURE },
};

static void put(struct fixture *f, const char *name, double v)
{
	device_set_number(f->d, (unsigned)layout_find(f->d->layout, name), v, BB_GOOD);
}

static void words(struct fixture *f, const char *text)
{
	device_set_text(f->d, (unsigned)f->d->status_slot, text, strlen(text), BB_GOOD);
}

static unsigned quality(struct fixture *f, const char *name)
{
	return f->d->quality[layout_find(f->d->layout, name)];
}

/* A device as it should be. */
static void put_sane(struct fixture *f)
{
	words(f, "OL");
	put(f, "battery.charge", 100);
	put(f, "battery.runtime", 1800);
	put(f, "battery.time.onbattery", 0);
	put(f, "input.voltage", 231);
	put(f, "input.frequency", 50);
	put(f, "output.L1-N.voltage", 230);
	put(f, "output.L2-N.voltage", 229);
	put(f, "output.voltage.nominal", 230);
	put(f, "output.frequency", 50);
	put(f, "battery.voltage", 54);
	put(f, "battery.voltage.nominal", 48);
	put(f, "battery.temperature", 24);
	put(f, "ups.load", 37);
}

static void pass(struct fixture *f)
{
	f->now_ms += 10000;
	plausible_pass(f->d, GROUP_STATUS, f->now_ms, 1000 + f->now_ms, &limits);
	plausible_pass(f->d, GROUP_MEASURE, f->now_ms, 1000 + f->now_ms, &limits);
}

static const struct plausible_finding *open_finding(struct fixture *f, const char *name,
	unsigned kind)
{
	for (unsigned i = 0; i < f->d->plausible->n; i++) {
		const struct plausible_finding *x = &f->d->plausible->finding[i];

		if (x->is_open && x->kind == kind &&
			!strcmp(f->d->layout->slot[x->slot].name, name))
			return x;
	}
	return NULL;
}

static unsigned count_open(struct fixture *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->d->plausible->n; i++)
		n += f->d->plausible->finding[i].is_open;
	return n;
}

static int setup(void **state)
{
	struct fixture *f = bb_calloc(1, sizeof(*f));
	struct layout_builder *b = layout_builder_new("test");

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		assert_true(layout_add(b, points[i].name, points[i].group, NULL) >= 0);
	f->d = bb_calloc(1, sizeof(*f->d));
	f->d->status_slot = -1;
	device_set_layout(f->d, layout_build(b, NULL));
	f->now_ms = 1000000;
	put_sane(f);
	*state = f;
	return 0;
}

void device_drop_values(struct device *d);
static int teardown(void **state)
{
	struct fixture *f = *state;

	device_drop_values(f->d);
	free(f->d->set.correction);
	free(f->d);
	free(f);
	return 0;
}

static void judge(struct fixture *f, const char *point, unsigned kind, double factor)
{
	f->d->set.correction = bb_realloc(f->d->set.correction, sizeof(struct device_correction));
	f->d->set.n_corrections = 1;
	f->d->set.correction[0] =
		(struct device_correction){ (char *)point, (uint8_t)kind, factor };
}

static void a_sane_device_has_no_findings(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 20; i++) {
		put_sane(f);
		put(f, "battery.temperature", 24 + i % 3);
		pass(f);
	}
	assert_int_equal(f->d->plausible->n, 0);
	assert_false(plausible_take_change(f->d->plausible));
}

static void ten_times_the_nominal_voltage_is_found_in_three_passes_and_not_good(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		assert_null(open_finding(f, "output.L1-N.voltage", PLAUSIBLE_FACTOR));
		put_sane(f);
		put(f, "output.L1-N.voltage", 2302);
		pass(f);
	}
	const struct plausible_finding *x =
		open_finding(f, "output.L1-N.voltage", PLAUSIBLE_FACTOR);
	assert_non_null(x);
	assert_float_equal(x->factor, 0.1, 1e-9);
	assert_int_equal(quality(f, "output.L1-N.voltage"), BB_BAD);
	assert_int_equal(quality(f, "output.L2-N.voltage"), BB_GOOD);
	assert_true(plausible_take_change(f->d->plausible));
	char text[200];
	plausible_text(f->d, x, text, sizeof(text));
	assert_string_equal(text,
		"2302 V cannot be at a nominal value of 230 V; times 0.1 it would be 230.2 V");
}

static void a_confirmed_factor_makes_the_value_good_and_the_finding_end(void **state)
{
	struct fixture *f = *state;

	judge(f, "output.L1-N.voltage", PLAUSIBLE_FACTOR, 0.1);
	for (int i = 0; i < 4; i++) {
		put_sane(f);
		put(f, "output.L1-N.voltage", 2302);
		pass(f);
	}
	assert_int_equal(count_open(f), 0);
	assert_int_equal(quality(f, "output.L1-N.voltage"), BB_GOOD);
	assert_float_equal(f->d->value[layout_find(f->d->layout, "output.L1-N.voltage")].number,
		230.2, 1e-6);
}

static void a_value_judged_right_stays_good(void **state)
{
	struct fixture *f = *state;

	judge(f, "output.L1-N.voltage", PLAUSIBLE_FACTOR, 0);
	for (int i = 0; i < 4; i++) {
		put_sane(f);
		put(f, "output.L1-N.voltage", 2302);
		device_set_number(f->d, (unsigned)layout_find(f->d->layout, "output.L1-N.voltage"),
			900, BB_GOOD);
		pass(f);
	}
	assert_int_equal(count_open(f), 0);
	assert_int_equal(quality(f, "output.L1-N.voltage"), BB_GOOD);
}

static void a_tenth_of_mains_counts_on_mains_only(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++) {
		put_sane(f);
		words(f, "OB");
		put(f, "input.voltage", 23.1);
		pass(f);
	}
	assert_null(open_finding(f, "input.voltage", PLAUSIBLE_FACTOR));
	for (int i = 0; i < 4; i++) {
		put_sane(f);
		put(f, "input.voltage", 23.1);
		pass(f);
	}
	assert_float_equal(open_finding(f, "input.voltage", PLAUSIBLE_FACTOR)->factor, 10, 1e-9);
}

static void a_dead_line_is_no_scale(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++) {
		put_sane(f);
		put(f, "input.voltage", 0);
		put(f, "output.L2-N.voltage", 3);
		pass(f);
	}
	assert_int_equal(count_open(f), 0);
}

static void frequency_battery_voltage_charge_and_load_have_their_factors(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		put_sane(f);
		put(f, "output.frequency", 500);
		put(f, "battery.voltage", 540);
		put(f, "battery.charge", 980);
		put(f, "ups.load", 370);
		pass(f);
	}
	assert_float_equal(open_finding(f, "output.frequency", PLAUSIBLE_FACTOR)->factor, 0.1,
		1e-9);
	assert_float_equal(open_finding(f, "battery.voltage", PLAUSIBLE_FACTOR)->factor, 0.1, 1e-9);
	assert_float_equal(open_finding(f, "battery.charge", PLAUSIBLE_FACTOR)->factor, 0.1, 1e-9);
	assert_float_equal(open_finding(f, "ups.load", PLAUSIBLE_FACTOR)->factor, 0.1, 1e-9);
}

static void four_hundred_hertz_is_a_frequency(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++) {
		put_sane(f);
		put(f, "output.frequency", 400);
		pass(f);
	}
	assert_null(open_finding(f, "output.frequency", PLAUSIBLE_FACTOR));
}

static void not_available_as_a_number_is_unknown_at_once(void **state)
{
	struct fixture *f = *state;

	put(f, "battery.runtime", 65535.0 * 60);
	put(f, "battery.temperature", 3276.7);
	pass(f);
	assert_int_equal(quality(f, "battery.runtime"), BB_UNKNOWN);
	plausible_again(f->d, GROUP_STATUS);
	plausible_again(f->d, GROUP_STATUS);
	assert_non_null(open_finding(f, "battery.runtime", PLAUSIBLE_SENTINEL));
}

static void seconds_on_battery_count_through_every_number(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++) {
		put_sane(f);
		words(f, "OB DISCHRG");
		put(f, "battery.time.onbattery", 32767);
		pass(f);
	}
	assert_int_equal(count_open(f), 0);
	assert_int_equal(quality(f, "battery.time.onbattery"), BB_GOOD);
}

static void seconds_left_over_on_mains_are_not_good(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		put_sane(f);
		put(f, "battery.time.onbattery", 340);
		pass(f);
		assert_int_equal(quality(f, "battery.time.onbattery"), BB_BAD);
	}
	assert_non_null(open_finding(f, "battery.time.onbattery", PLAUSIBLE_LEFTOVER));
	put_sane(f);
	pass(f);
	assert_int_equal(count_open(f), 0);
}

static void a_battery_that_does_not_fall_while_it_feeds_the_load_is_stuck(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 95; i++) {
		put_sane(f);
		words(f, "OB");
		pass(f);
	}
	assert_non_null(open_finding(f, "battery.charge", PLAUSIBLE_STUCK));
	assert_non_null(open_finding(f, "battery.runtime", PLAUSIBLE_STUCK));
	put_sane(f);
	words(f, "OB");
	put(f, "battery.charge", 90);
	pass(f);
	assert_null(open_finding(f, "battery.charge", PLAUSIBLE_STUCK));
}

static void mains_that_stands_still_for_a_day_is_stuck(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 8639; i++) {
		put_sane(f);
		pass(f);
	}
	assert_null(open_finding(f, "input.voltage", PLAUSIBLE_STUCK));
	for (int i = 0; i < 3; i++) {
		put_sane(f);
		pass(f);
	}
	assert_non_null(open_finding(f, "input.voltage", PLAUSIBLE_STUCK));
	assert_int_equal(quality(f, "input.voltage"), BB_GOOD);
}

static void a_jump_of_temperature_counts_when_it_stays(void **state)
{
	struct fixture *f = *state;

	put_sane(f);
	pass(f);
	put_sane(f);
	put(f, "battery.temperature", 85);
	pass(f);
	assert_int_equal(quality(f, "battery.temperature"), BB_BAD);
	assert_non_null(open_finding(f, "battery.temperature", PLAUSIBLE_JUMP));
	put(f, "battery.temperature", 85);
	pass(f);
	assert_int_equal(quality(f, "battery.temperature"), BB_GOOD);
	/* Told for an hour, so that somebody sees it. */
	assert_non_null(open_finding(f, "battery.temperature", PLAUSIBLE_JUMP));
	f->now_ms += 3600000;
	put(f, "battery.temperature", 85);
	pass(f);
	assert_int_equal(count_open(f), 0);
}

static void a_row_that_vanishes_while_the_rest_answers_is_found(void **state)
{
	struct fixture *f = *state;

	put_sane(f);
	pass(f);
	for (int i = 0; i < 3; i++) {
		put_sane(f);
		device_set_number(f->d, (unsigned)layout_find(f->d->layout, "output.L2-N.voltage"),
			0, BB_UNKNOWN);
		pass(f);
	}
	assert_float_equal(open_finding(f, "output.L2-N.voltage", PLAUSIBLE_VANISHED)->value, 229,
		1e-6);
}

static void a_negative_runtime_is_bad_at_once(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		put_sane(f);
		put(f, "battery.runtime", -60);
		pass(f);
		assert_int_equal(quality(f, "battery.runtime"), BB_BAD);
	}
	assert_non_null(open_finding(f, "battery.runtime", PLAUSIBLE_NEGATIVE));
}

static void an_empty_battery_with_hours_of_runtime_contradicts_itself(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		put_sane(f);
		put(f, "battery.charge", 8);
		put(f, "battery.runtime", 36000);
		pass(f);
	}
	assert_non_null(open_finding(f, "battery.charge", PLAUSIBLE_CONTRADICTION));
	assert_int_equal(quality(f, "battery.charge"), BB_GOOD);
}

static void every_code_in_every_scale_is_seen_and_nothing_beside_it(void **state)
{
	static const double codes[] = { 65535, 655350, 32767, -32768, 2147483647, -2147483648.0,
		4294967295 };
	static const double ordinary[] = { 0, 1, 12.5, 50, 100, 230.1, -32.767, 32.768, 400, 655,
		3276, 6553, 32766, 65534, 1e6, 2147483640, 4294967280, 1e12 };

	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		for (double scale = 1; scale > 0.0005; scale /= 10) {
			double code = plausible_sentinel(codes[i] * scale, false);

			/* 655.35 may be two of them. */
			assert_true(fabs(remainder(log10(codes[i] / code), 1)) < 1e-9);
		}
		assert_true(plausible_sentinel(codes[i] * 60, true) == codes[i]);
		assert_true(plausible_sentinel(codes[i] * 60, false) == 0);
	}
	for (unsigned i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
		assert_true(plausible_sentinel(ordinary[i], true) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		TEST(a_sane_device_has_no_findings),
		TEST(ten_times_the_nominal_voltage_is_found_in_three_passes_and_not_good),
		TEST(a_confirmed_factor_makes_the_value_good_and_the_finding_end),
		TEST(a_value_judged_right_stays_good),
		TEST(a_tenth_of_mains_counts_on_mains_only),
		TEST(a_dead_line_is_no_scale),
		TEST(frequency_battery_voltage_charge_and_load_have_their_factors),
		TEST(four_hundred_hertz_is_a_frequency),
		TEST(not_available_as_a_number_is_unknown_at_once),
		TEST(seconds_on_battery_count_through_every_number),
		TEST(seconds_left_over_on_mains_are_not_good),
		TEST(a_battery_that_does_not_fall_while_it_feeds_the_load_is_stuck),
		TEST(mains_that_stands_still_for_a_day_is_stuck),
		TEST(a_jump_of_temperature_counts_when_it_stays),
		TEST(a_row_that_vanishes_while_the_rest_answers_is_found),
		TEST(a_negative_runtime_is_bad_at_once),
		TEST(an_empty_battery_with_hours_of_runtime_contradicts_itself),
		TEST(every_code_in_every_scale_is_seen_and_nothing_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
