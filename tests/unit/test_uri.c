// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "webd/uri.h"

static struct uri u;
static struct bb_err err;

static void path_is_decoded_once(void **state)
{
	assert_int_equal(uri_parse(&u, "/a%20b/%2541?x=1", &err), 0);
	assert_string_equal(u.path, "/a b/%41");
}

static void dot_segments_are_refused_in_every_spelling(void **state)
{
	static const char *const bad[] = { "/..", "/a/../b", "/.", "/a/.", "/%2e%2e/x", "/a/%2E",
		"/..%2fetc" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(uri_parse(&u, bad[i], &err), -1);
	assert_int_equal(uri_parse(&u, "/a..b/...", &err), 0);
}

static void nul_control_backslash_and_encoded_slash_are_refused(void **state)
{
	static const char *const bad[] = { "/a%00b", "/a%0ab", "/a%7f", "/a\\b", "/a%2fb", "/a%2Fb",
		"/a\tb", "/%c3%28", "/a%", "/a%4", "/a%zz" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(uri_parse(&u, bad[i], &err), -1);
}

static void only_absolute_paths_are_taken(void **state)
{
	assert_int_equal(uri_parse(&u, "http://x/a", &err), -1);
	assert_int_equal(uri_parse(&u, "*", &err), -1);
	assert_int_equal(uri_parse(&u, "", &err), -1);
}

static void parameters_are_decoded_and_found(void **state)
{
	assert_int_equal(uri_parse(&u, "/a?filter=key%3Ahh%2Fups&q=a+b&flag#frag", &err), 0);
	assert_string_equal(uri_param(&u, "filter"), "key:hh/ups");
	assert_string_equal(uri_param(&u, "q"), "a b");
	assert_string_equal(uri_param(&u, "flag"), "");
	assert_null(uri_param(&u, "frag"));
}

static void repeated_and_too_many_parameters_are_refused(void **state)
{
	assert_int_equal(uri_parse(&u, "/a?x=1&x=2", &err), -1);
	assert_int_equal(uri_parse(&u, "/?a&b&c&d&e&f&g&h&i&j&k&l", &err), 0);
	assert_int_equal(uri_parse(&u, "/?a&b&c&d&e&f&g&h&i&j&k&l&m", &err), -1);
}

static void too_long_addresses_are_refused(void **state)
{
	char text[URI_QUERY_MAX + URI_PATH_MAX];

	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[URI_PATH_MAX - 1] = '\0';
	assert_int_equal(uri_parse(&u, text, &err), 0);
	text[URI_PATH_MAX - 1] = 'a';
	text[URI_PATH_MAX] = '\0';
	assert_int_equal(uri_parse(&u, text, &err), -1);
	memset(text, 'a', sizeof(text));
	memcpy(text, "/?x=", 4);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(uri_parse(&u, text, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_is_decoded_once),
		cmocka_unit_test(dot_segments_are_refused_in_every_spelling),
		cmocka_unit_test(nul_control_backslash_and_encoded_slash_are_refused),
		cmocka_unit_test(only_absolute_paths_are_taken),
		cmocka_unit_test(parameters_are_decoded_and_found),
		cmocka_unit_test(repeated_and_too_many_parameters_are_refused),
		cmocka_unit_test(too_long_addresses_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
