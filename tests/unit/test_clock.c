// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"

static void rfc3339_prints_milliseconds_in_utc(void **state)
{
	char buf[25];

	assert_string_equal(bb_clock_rfc3339(0, buf), "1970-01-01T00:00:00.000Z");
	assert_string_equal(bb_clock_rfc3339(1795246801123999u, buf), "2026-11-21T07:40:01.123Z");
	assert_string_equal(bb_clock_rfc3339(UINT64_MAX, buf), "9999-12-31T23:59:59.999Z");
}

static const struct {
	const char *text;
	uint64_t us;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2026-11-21T07:40:01.123Z", 1795246801123000u },
	{ "2026-11-21 07:40:01.123456789z", 1795246801123456u },
	{ "2026-11-21t09:40:01.1+02:00", 1795246801100000u },
	{ "2026-11-21T00:10:01-07:30", 1795246801000000u },
	{ "2024-02-29T00:00:00Z", 1709164800000000u },
	{ "2016-12-31T23:59:60Z", 1483228800000000u },
	{ "9999-12-31T23:59:59Z", 253402300799000000u },
};

static void rfc3339_reads_fractions_and_offsets(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t us = 1;

		assert_int_equal(bb_clock_parse_rfc3339(good[i].text, &us), 0);
		assert_int_equal(us, good[i].us);
	}
}

// clang-format off
static const char *const bad[] = {
	"", "2026", "2026-11-21", "2026-11-21T07:40:01", "2026-11-21T07:40Z",
	"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
	"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
	"2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00",
	"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00+00:00x",
	"2026-01-01T00:00:00ZZ", " 2026-01-01T00:00:00Z", "+026-01-01T00:00:00Z",
	"1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "2026-1-01T00:00:00Z",
	"2026-11-21T07:40:01,5Z",
};
// clang-format on

static void rfc3339_refuses_everything_else(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t us;

		if (bb_clock_parse_rfc3339(bad[i], &us) != -1)
			fail_msg("\"%s\" was taken for a time", bad[i]);
	}
}

static void what_is_printed_reads_back(void **state)
{
	char buf[25];

	for (uint64_t ms = 1; ms < 253402300800000u; ms = ms * 3 + 7) {
		uint64_t us = 0;

		assert_int_equal(bb_clock_parse_rfc3339(bb_clock_rfc3339(ms * 1000 + 999, buf),
					 &us),
			0);
		assert_int_equal(us, ms * 1000);
	}
}

static void clocks_run_forward(void **state)
{
	uint64_t boot_ns = bb_clock_boot_ns(), mono_ms = bb_clock_mono_ms();

	assert_true(bb_clock_boot_ns() >= boot_ns);
	assert_true(bb_clock_mono_ms() >= mono_ms);
	assert_true(bb_clock_boot_ms() >= boot_ns / 1000000);
	assert_true(bb_clock_real_us() > 1700000000000000u);
}

static void boot_id_is_the_same_each_time_and_set(void **state)
{
	const uint8_t zero[16] = { 0 };

	assert_memory_not_equal(bb_clock_boot_id(), zero, 16);
	assert_ptr_equal(bb_clock_boot_id(), bb_clock_boot_id());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3339_prints_milliseconds_in_utc),
		cmocka_unit_test(rfc3339_reads_fractions_and_offsets),
		cmocka_unit_test(rfc3339_refuses_everything_else),
		cmocka_unit_test(what_is_printed_reads_back),
		cmocka_unit_test(clocks_run_forward),
		cmocka_unit_test(boot_id_is_the_same_each_time_and_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
