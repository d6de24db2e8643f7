// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>

#include <cmocka.h>

#include "common/point.h"

static void pattern_is(const char *name, const char *pattern)
{
	const struct bb_point *p = bb_point_find(name);

	if (!p)
		fail_msg("\"%s\" is not found", name);
	else
		assert_string_equal(p->pattern, pattern);
}

static void names_find_their_pattern(void **state)
{
	pattern_is("ups.status", "ups.status");
	pattern_is("input.voltage", "input.voltage");
	pattern_is("input.L1-N.voltage", "input.{phase}.voltage");
	pattern_is("input.L3-L1.voltage", "input.{phase}.voltage");
	pattern_is("output.L2.power.percent", "output.{phase}.power.percent");
	pattern_is("input.bypass.L3.realpower", "input.bypass.{phase}.realpower");
	pattern_is("ambient.temperature", "ambient.temperature");
	pattern_is("ambient.17.temperature", "ambient.{n}.temperature");
	pattern_is("ambient.1.contacts.999.status", "ambient.{n}.contacts.{x}.status");
	pattern_is("alarm.ups.on_battery", "alarm.ups.on_battery");
}

static void other_names_are_unknown(void **state)
{
	static const char *const bad[] = {
		"", ".", "ups", "ups.status.", "ups.status.x", "UPS.STATUS", "input.L4.voltage",
		"input.L1-L3.voltage", "input.L1 L2.voltage", "input.{phase}.voltage",
		"ambient.0.temperature", "ambient.01.temperature", "ambient.1000.temperature",
		"ambient.{n}.temperature", "output.1.voltage", "ambient.L1.temperature",
		"very.long.very.long.very.long.very.long.very.long.very.long.very.long.very.long.very.long.very.long.name"
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bb_point_find(bad[i]))
			fail_msg("\"%s\" was found", bad[i]);
	}
}

static void every_entry_is_well_formed(void **state)
{
	static const char *const units[] = { "", "V", "A", "Hz", "W", "VA", "Wh", "Ah", "%", "°C",
		"s", "Ω", "Pa" };

	for (size_t i = 0; i < bb_point_count(); i++) {
		const struct bb_point *p = bb_point_at(i);
		bool has_unit = false;

		for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++)
			has_unit = has_unit || strcmp(p->unit, units[u]) == 0;
		if (!has_unit)
			fail_msg("%s has the unknown unit \"%s\"", p->pattern, p->unit);
		if (p->kind != BB_NUMBER && (*p->unit || p->min <= p->max))
			fail_msg("%s is no number, but has a unit or range", p->pattern);
		if (!*p->description)
			fail_msg("%s has no description", p->pattern);
	}
	assert_null(bb_point_at(bb_point_count()));
}

static void every_pattern_is_found_by_an_example_of_it(void **state)
{
	for (size_t i = 0; i < bb_point_count(); i++) {
		const char *from = bb_point_at(i)->pattern;
		char name[128] = "";

		while (*from) {
			size_t n = strlen(name);

			if (*from == '{') {
				snprintf(name + n, sizeof(name) - n, "%s",
					from[1] == 'p' ? "L2-L3" : "12");
				from = strchr(from, '}') + 1;
			} else {
				snprintf(name + n, sizeof(name) - n, "%c", *from++);
			}
		}
		pattern_is(name, bb_point_at(i)->pattern);
	}
}

static void all_alarms_of_a_device_are_flags(void **state)
{
	size_t n = 0;

	for (size_t i = 0; i < bb_point_count(); i++) {
		const struct bb_point *p = bb_point_at(i);

		if (strncmp(p->pattern, "alarm.", 6) != 0)
			continue;
		assert_int_equal(p->kind, BB_FLAG);
		n++;
	}
	assert_true(n >= 24); /* RFC 1628 alone */
}

static void index_names_strings_and_blocks(void **state)
{
	static const char *const bad[] = { "s", "s0", "s01", "s1000", "b1", "s1.", "s1.b", "s1.b0",
		"s1.b1.c1", "s1b1", "S1", "s1.c1", " s1", "s1 " };

	assert_true(bb_point_index_valid(""));
	assert_true(bb_point_index_valid("s3"));
	assert_true(bb_point_index_valid("s999.b999"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(bb_point_index_valid(bad[i]));
}

static void status_words_go_there_and_back(void **state)
{
	char buf[128];

	assert_int_equal(bb_status_parse("OB  LB NEW DISCHRG "),
		BB_ST_OB | BB_ST_LB | BB_ST_DISCHRG);
	assert_int_equal(bb_status_parse(""), 0);
	assert_int_equal(bb_status_parse("O OBX ob"), 0);
	assert_string_equal(bb_status_print(BB_ST_DEPLETED | BB_ST_OB | BB_ST_LB, buf, sizeof(buf)),
		"OB LB DEPLETED");
	for (unsigned bit = 0; bit < 18; bit++)
		assert_int_equal(bb_status_parse(bb_status_print(1u << bit, buf, sizeof(buf))),
			1u << bit);
	assert_int_equal(bb_status_parse(bb_status_print((1u << 18) - 1, buf, sizeof(buf))),
		(1u << 18) - 1);
	assert_string_equal(bb_status_print(0, buf, sizeof(buf)), "");
	assert_string_equal(bb_status_print(BB_ST_OL | BB_ST_TEST, buf, 4), "OL");
}

static void wire_names_go_there_and_back(void **state)
{
	for (unsigned i = 1; i <= 6; i++)
		assert_int_equal(bb_severity_parse(bb_severity_name(i)), i);
	assert_string_equal(bb_severity_name(1), "critical");
	assert_string_equal(bb_severity_name(0), "unknown");
	assert_string_equal(bb_severity_name(7), "unknown");
	assert_int_equal(bb_severity_parse("bad"), -1);
	for (unsigned i = 1; i <= 4; i++)
		assert_int_equal(bb_alarm_state_parse(bb_alarm_state_name(i)), i);
	assert_string_equal(bb_alarm_state_name(2), "active_unack");
	assert_int_equal(bb_alarm_state_parse("unspecified"), -1);
	assert_string_equal(bb_quality_name(BB_STALE), "stale");
	assert_string_equal(bb_quality_name(9), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_find_their_pattern),
		cmocka_unit_test(other_names_are_unknown),
		cmocka_unit_test(every_entry_is_well_formed),
		cmocka_unit_test(every_pattern_is_found_by_an_example_of_it),
		cmocka_unit_test(all_alarms_of_a_device_are_flags),
		cmocka_unit_test(index_names_strings_and_blocks),
		cmocka_unit_test(status_words_go_there_and_back),
		cmocka_unit_test(wire_names_go_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
