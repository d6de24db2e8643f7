// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alarmd/host_clock.h"
#include "common/wire.h"

#define BUILT UINT64_C(1795000000000000)
#define HOLD 900000
#define MINOR BUSBAR__V1__SEVERITY__SEVERITY_MINOR
#define MAJOR BUSBAR__V1__SEVERITY__SEVERITY_MAJOR

static struct host_clock_verdict v;

static void judge(struct host_clock_state *s, bool synced, uint64_t real_us, uint64_t now_ms)
{
	struct host_clock_reading r = { .is_readable = true, .is_synced = synced, .real_us = real_us, .service = "chrony" };

	host_clock_judge(s, &r, BUILT, HOLD, now_ms, &v);
}

static void a_kept_clock_is_no_alarm(void **state)
{
	struct host_clock_state s = { 0 };

	judge(&s, true, BUILT, 1000);
	judge(&s, true, BUILT + 1, 99999999);
	assert_int_equal(v.unsynced, 0);
	assert_int_equal(v.not_set, 0);
}

static void an_unsynced_clock_is_an_alarm_after_the_hold_and_none_at_once_when_kept_again(void **state)
{
	struct host_clock_state s = { 0 };

	judge(&s, false, BUILT, 1000);
	judge(&s, false, BUILT, 1000 + HOLD - 1);
	assert_int_equal(v.unsynced, 0);
	judge(&s, false, BUILT, 1000 + HOLD);
	assert_int_equal(v.unsynced, MINOR);
	assert_non_null(strstr(v.unsynced_text, "chrony"));
	judge(&s, true, BUILT, 1000 + HOLD + 1);
	assert_int_equal(v.unsynced, 0);
}

static void the_hold_begins_again_after_a_synced_moment(void **state)
{
	struct host_clock_state s = { 0 };

	judge(&s, false, BUILT, 1000);
	judge(&s, true, BUILT, 500000);
	judge(&s, false, BUILT, 500001);
	judge(&s, false, BUILT, 1000 + HOLD);
	assert_int_equal(v.unsynced, 0);
	judge(&s, false, BUILT, 500001 + HOLD);
	assert_int_equal(v.unsynced, MINOR);
}

static void without_a_service_the_text_says_what_to_install(void **state)
{
	struct host_clock_state s = { .unsynced_ms = 1 };
	struct host_clock_reading r = { .is_readable = true, .real_us = BUILT };

	host_clock_judge(&s, &r, BUILT, HOLD, HOLD + 1, &v);
	assert_non_null(strstr(v.unsynced_text, "install chrony"));
}

static void a_kernel_that_does_not_tell_is_said_and_is_not_taken_for_fine(void **state)
{
	struct host_clock_state s = { .unsynced_ms = 1 };
	struct host_clock_reading r = { .is_readable = false, .is_synced = true, .real_us = BUILT };

	host_clock_judge(&s, &r, BUILT, HOLD, HOLD + 1, &v);
	assert_int_equal(v.unsynced, BUSBAR__V1__SEVERITY__SEVERITY_INFO);
	assert_non_null(strstr(v.unsynced_text, "does not tell"));
}

static void a_time_before_the_build_is_not_set_after_a_minute(void **state)
{
	struct host_clock_state s = { 0 };

	judge(&s, true, BUILT - 1, 5000);
	judge(&s, true, 0, 64999);
	assert_int_equal(v.not_set, 0);
	judge(&s, true, 0, 65000);
	assert_int_equal(v.not_set, MAJOR);
	assert_non_null(strstr(v.not_set_text, "1970-01-01"));
	assert_int_equal(v.unsynced, 0);
	judge(&s, true, BUILT, 65001);
	assert_int_equal(v.not_set, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kept_clock_is_no_alarm),
		cmocka_unit_test(an_unsynced_clock_is_an_alarm_after_the_hold_and_none_at_once_when_kept_again),
		cmocka_unit_test(the_hold_begins_again_after_a_synced_moment),
		cmocka_unit_test(without_a_service_the_text_says_what_to_install),
		cmocka_unit_test(a_kernel_that_does_not_tell_is_said_and_is_not_taken_for_fine),
		cmocka_unit_test(a_time_before_the_build_is_not_set_after_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
