// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shutdownd/rccmd.h"

#define FRONT "CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT "

static const struct rccmd_words words = { .device = "hh/ups-1",
	.plan = "hh/servers",
	.run = 1763712345 };

static void the_line_is_the_proven_form_without_terminator(void **state)
{
	char line[1024];

	assert_int_equal(rccmd_line(line, sizeof(line), false, false, "Powerfail", &words, NULL),
		0);
	assert_string_equal(line, FRONT "Powerfail");
}

static void words_are_replaced_and_others_stay(void **state)
{
	char line[1024];

	rccmd_line(line, sizeof(line), false, false, "#DEVICE/#PLAN #RUN #RUN# #OTHER 5%s", &words,
		NULL);
	assert_string_equal(line, FRONT "hh/ups-1/hh/servers 1763712345 1763712345# #OTHER 5%s");
}

static void a_word_inside_a_value_is_not_replaced_again(void **state)
{
	const struct rccmd_words tricky = { .device = "#PLAN", .plan = "p", .run = 1 };
	char line[1024];

	rccmd_line(line, sizeof(line), false, false, "#DEVICE", &tricky, NULL);
	assert_string_equal(line, FRONT "#PLAN");
}

static void control_characters_and_bad_utf8_are_harmless(void **state)
{
	char line[1024];

	rccmd_line(line, sizeof(line), false, false,
		"a\r\nb\x1b[31m\xff Stra\xc3\x9f"
		"e",
		&words, NULL);
	assert_string_equal(line, FRONT "a??b?[31m? Stra\xc3\x9f"
					"e");
}

static void a_long_text_is_cut(void **state)
{
	char line[1024], text[4000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(rccmd_line(line, sizeof(line), false, false, text, &words, NULL), 0);
	assert_int_equal(strlen(line), strlen(FRONT) + RCCMD_TEXT_MAX);
}

static void the_unverified_template_is_refused_unless_allowed(void **state)
{
	struct bb_err err;
	char line[1024];

	assert_int_equal(rccmd_line(line, sizeof(line), true, false, "x", &words, &err), -1);
	assert_non_null(strstr(err.text, "allow_unverified_templates"));
	assert_int_equal(rccmd_line(line, sizeof(line), true, true, "x", &words, &err), 0);
	assert_string_equal(line, "CONNECT TO RCCMD (SEND) SHUTDOWN");
}

static void only_numeric_addresses_are_targets(void **state)
{
	assert_int_equal(rccmd_address_check("192.0.2.1", NULL), 0);
	assert_int_equal(rccmd_address_check("2001:db8::1", NULL), 0);
	assert_int_equal(rccmd_address_check("localhost", NULL), -1);
	assert_int_equal(rccmd_address_check("", NULL), -1);
	assert_int_equal(rccmd_address_check("192.0.2.1:6003", NULL), -1);
}

static void broadcast_is_not_sent(void **state)
{
	struct bb_err err;
	struct rccmd *r = rccmd_new("127.0.0.1", &err);

	assert_non_null(r);
	assert_int_equal(rccmd_send(r, "255.255.255.255", 6003, "x", &err), -1);
	rccmd_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_is_the_proven_form_without_terminator),
		cmocka_unit_test(words_are_replaced_and_others_stay),
		cmocka_unit_test(a_word_inside_a_value_is_not_replaced_again),
		cmocka_unit_test(control_characters_and_bad_utf8_are_harmless),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(the_unverified_template_is_refused_unless_allowed),
		cmocka_unit_test(only_numeric_addresses_are_targets),
		cmocka_unit_test(broadcast_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
