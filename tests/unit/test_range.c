// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collectors/snmp/range.h"

static void holds(const char *text, uint32_t count, const char *first, const char *last)
{
	struct range_list l = { 0 };
	char buf[INET6_ADDRSTRLEN];
	struct bb_err err;

	assert_int_equal(range_list_add(&l, text, &err), 0);
	assert_int_equal(l.count, count);
	assert_string_equal(range_list_address(&l, 0, buf), first);
	assert_string_equal(range_list_address(&l, count - 1, buf), last);
	range_list_fini(&l);
}

static void networks_leave_out_network_and_broadcast(void **state)
{
	holds("10.1.0.0/22", 1022, "10.1.0.1", "10.1.3.254");
	holds("10.1.2.77/22", 1022, "10.1.0.1", "10.1.3.254");
	holds("10.1.0.0/16", 65534, "10.1.0.1", "10.1.255.254");
	holds("10.1.0.4/31", 2, "10.1.0.4", "10.1.0.5");
	holds("10.1.0.4/32", 1, "10.1.0.4", "10.1.0.4");
}

static void spans_and_single_addresses_are_taken_as_written(void **state)
{
	holds("10.1.0.250-10.1.1.4", 11, "10.1.0.250", "10.1.1.4");
	holds("10.1.0.5-9", 5, "10.1.0.5", "10.1.0.9");
	holds("203.0.113.7", 1, "203.0.113.7", "203.0.113.7");
	holds("fd00:0::5", 1, "fd00::5", "fd00::5");
}

static void what_is_no_range_is_refused_with_the_remedy(void **state)
{
	static const struct {
		const char *text, *reason;
	} bad[] = {
		{ "", "is empty" },
		{ "10.0.0.0/15", "larger than a /16" },
		{ "10.0.0.0/33", "write it like 10.1.0.0/22" },
		{ "10.0.0.0/", "write it like 10.1.0.0/22" },
		{ "10.0.0/24", "write it like 10.1.0.0/22" },
		{ "10.0.0.9-10.0.0.1", "ends before it begins" },
		{ "10.0.0.9-300", "write it like 10.1.0.5-10.1.0.99" },
		{ "10.0.0.0-10.1.0.0", "more than 65,536 addresses" },
		{ "ups1.example.org", "names are not looked up" },
		{ "fd00::/64", "name single IPv6 addresses" },
		{ "ff02::1", "no address a card can have" },
		{ "0.0.0.0", "no card can have" },
		{ "239.1.2.3", "no card can have" },
		{ "10.0.0.1 ", "names are not looked up" },
		{ "255.255.255.0/24", "no card can have" },
	};
	struct range r;
	struct bb_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(range_parse(bad[i].text, &r, &err), -1);
		if (!strstr(err.text, bad[i].reason))
			fail_msg("\"%s\": %s", bad[i].text, err.text);
	}
}

static void overlaps_are_gone_through_once(void **state)
{
	struct range_list l = { 0 };
	char buf[INET6_ADDRSTRLEN];
	struct bb_err err;

	assert_int_equal(range_list_add(&l, "10.1.0.20-30", &err), 0);
	assert_int_equal(range_list_add(&l, "fd00::1", &err), 0);
	assert_int_equal(range_list_add(&l, "10.1.0.5-20", &err), 0);
	assert_int_equal(range_list_add(&l, "10.1.0.25", &err), 0);
	assert_int_equal(range_list_add(&l, "fd00::1", &err), 0);
	assert_int_equal(l.count, 27);
	assert_string_equal(range_list_address(&l, 0, buf), "10.1.0.5");
	assert_string_equal(range_list_address(&l, 25, buf), "10.1.0.30");
	assert_string_equal(range_list_address(&l, 26, buf), "fd00::1");
	range_list_fini(&l);
}

static void ranges_together_are_no_more_than_a_16(void **state)
{
	struct range_list l = { 0 };
	struct bb_err err;

	assert_int_equal(range_list_add(&l, "10.1.0.0/16", &err), 0);
	assert_int_equal(range_list_add(&l, "10.2.0.0/24", &err), -1);
	assert_non_null(strstr(err.text, "together, more than 65,536"));
	range_list_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_leave_out_network_and_broadcast),
		cmocka_unit_test(spans_and_single_addresses_are_taken_as_written),
		cmocka_unit_test(what_is_no_range_is_refused_with_the_remedy),
		cmocka_unit_test(overlaps_are_gone_through_once),
		cmocka_unit_test(ranges_together_are_no_more_than_a_16),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
