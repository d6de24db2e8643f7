// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collectors/snmp/clock.h"

#define NOW UINT64_C(1792224000000000) /* 2026-10-17T08:00:00Z */

static double drift;

static bool text(const char *s)
{
	drift = 12345;
	return clock_drift((const uint8_t *)s, strlen(s), NOW, &drift);
}

static bool bytes(const char *s, size_t n)
{
	drift = 12345;
	return clock_drift((const uint8_t *)s, n, NOW, &drift);
}

static void date_and_time_with_a_zone_is_exact(void **state)
{
	assert_true(bytes("\x07\xea\x0a\x11\x08\x00\x05\x00+\x00\x00", 11));
	assert_true(drift == 5);
	assert_true(bytes("\x07\xea\x0a\x11\x0a\x00\x00\x00+\x02\x00", 11));
	assert_true(drift == 0);
	assert_true(bytes("\x07\xea\x0a\x11\x02\x1e\x00\x00-\x05\x1e", 11));
	assert_true(drift == 0);
	assert_true(bytes("\x07\xea\x0a\x11\x09\x00\x00\x00+\x00\x00", 11));
	assert_true(drift == 3600);
}

static void without_a_zone_quarters_of_an_hour_do_not_count(void **state)
{
	assert_true(bytes("\x07\xea\x0a\x11\x0a\x00\x03\x00", 8));
	assert_true(drift == 3);
	assert_true(bytes("\x07\xea\x0a\x11\x0d\x2d\x00\x00", 8)); /* Nepal */
	assert_true(drift == 0);
	assert_true(text("10/17/2026 03:57:30"));
	assert_true(drift == -150);
}

static void a_clock_that_was_never_set_is_years_off(void **state)
{
	assert_true(bytes("\x07\xb2\x01\x01\x00\x00\x00\x00", 8));
	assert_true(drift == -1792224000.0);
	assert_true(text("01/01/2000 00:00:00"));
	assert_true(drift < -8.4e8);
}

static void texts_as_vendors_write_them(void **state)
{
	assert_true(text("10/17/2026:10:00:00"));
	assert_true(drift == 0);
	assert_true(text("2026-10-17 08:00:09"));
	assert_true(drift == 9);
	assert_true(text("2026-10-17T09:00:00Z"));
	assert_true(drift == 3600);
	assert_true(text("2026-10-17 08:00:09  "));
	assert_true(drift == 9);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = { "", "17/10/2026 08:00:00", "2026-13-01 00:00:00", "2026-10-17", "2026-10-17 24:00:00", "10/17/26 08:00:00",
		"aa/bb/cccc dd:ee:ff", "2026-10-17 08:00", "2026-10-17 08:00:0x", "00/00/0000 00:00:00", "1969-12-31 00:00:00" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (text(bad[i]))
			fail_msg("\"%s\" was taken as a time", bad[i]);
	assert_false(bytes("\x07\xea\x00\x11\x0a\x00\x03\x00", 8));
	assert_false(bytes("\x07\xea\x0a\x11\x08\x00\x05\x00*\x00\x00", 11));
	assert_false(bytes("\x07\xea\x0a\x11\x08\x00\x05", 7));
	assert_false(clock_drift_number(-1, NOW, &drift));
}

static void unix_seconds_are_a_time(void **state)
{
	assert_true(clock_drift_number(1792224000 - 7, NOW, &drift));
	assert_true(drift == -7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date_and_time_with_a_zone_is_exact),
		cmocka_unit_test(without_a_zone_quarters_of_an_hour_do_not_count),
		cmocka_unit_test(a_clock_that_was_never_set_is_years_off),
		cmocka_unit_test(texts_as_vendors_write_them),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(unix_seconds_are_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
