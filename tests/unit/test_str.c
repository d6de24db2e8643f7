// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <float.h>
#include <math.h>

#include <cmocka.h>

#include "common/str.h"

static void buffer_grows_and_stays_terminated(void **state)
{
	struct bb_buf b = { 0 };

	for (int i = 0; i < 1000; i++) {
		bb_buf_printf(&b, "%d,", i);
		assert_int_equal(b.data[b.len], '\0');
	}
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	bb_buf_reset(&b);
	bb_buf_add(&b, "a\0b", 3);
	bb_buf_str(&b, "c");
	assert_memory_equal(b.data, "a\0bc", 5);
	bb_buf_fini(&b);
	assert_null(b.data);
}

static void long_printf_fits(void **state)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "%5000d", 7);
	assert_int_equal(b.len, 5000);
	assert_int_equal(b.data[4999], '7');
	bb_buf_fini(&b);
}

static void json_sets_commas_and_nests(void **state)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "s", "x");
	bb_json_arr(&j, "a");
	bb_json_int(&j, NULL, -3);
	bb_json_obj(&j, NULL);
	bb_json_end_obj(&j);
	bb_json_bool(&j, NULL, true);
	bb_json_end_arr(&j);
	bb_json_null(&j, "n");
	bb_json_str(&j, "z", NULL);
	bb_json_time(&j, "t", 1795246801123999u);
	bb_json_time(&j, "t0", 0);
	bb_json_raw(&j, "r", "[1]");
	bb_json_end_obj(&j);
	assert_string_equal(b.data, "{\"s\":\"x\",\"a\":[-3,{},true],\"n\":null,\"z\":null,"
				    "\"t\":\"2026-11-21T07:40:01.123Z\",\"t0\":null,\"r\":[1]}");
	bb_buf_fini(&b);
}

static void json_string_is(const char *in, const char *out)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_str(&j, NULL, in);
	assert_string_equal(b.data, out);
	bb_buf_fini(&b);
}

static void json_escapes_text_and_replaces_bad_bytes(void **state)
{
	json_string_is("a\"b\\c\n\x01", "\"a\\\"b\\\\c\\u000a\\u0001\"");
	json_string_is("21 °C Ω \xf0\x9f\x94\x8b", "\"21 °C Ω \xf0\x9f\x94\x8b\"");
	json_string_is("°\xff°", "\"°\xef\xbf\xbd°\"");
	json_string_is("x\xe2\x82", "\"x\xef\xbf\xbd\xef\xbf\xbd\"");
	json_string_is("", "\"\"");
}

static void json_number_is(double in, const char *out)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_num(&j, NULL, in);
	assert_string_equal(b.data, out);
	if (isfinite(in))
		assert_true(strtod(b.data, NULL) == in);
	bb_buf_fini(&b);
}

static void json_numbers_are_short_and_exact(void **state)
{
	json_number_is(0, "0");
	json_number_is(-0.0, "0");
	json_number_is(230, "230");
	json_number_is(230.1, "230.1");
	json_number_is(1.0 / 3, "0.3333333333333333");
	json_number_is(0.1 + 0.2, "0.30000000000000004");
	json_number_is(1e300, "1e+300");
	json_number_is(DBL_MIN, "2.2250738585072014e-308");
	json_number_is(NAN, "null");
	json_number_is(-INFINITY, "null");
}

static void whole_numbers_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x10", "1.0", "ten",
		"18446744073709551616" };
	struct bb_err err;
	uint64_t v;

	assert_int_equal(bb_parse_u64("18446744073709551615", "n", 0, UINT64_MAX, &v, &err), 0);
	assert_true(v == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bb_parse_u64(bad[i], "n", 0, UINT64_MAX, &v, &err), -1);
	assert_int_equal(bb_parse_u64("70000", "port", 1, 65535, &v, &err), -1);
	assert_string_equal(err.text, "port 70000 is not within 1 to 65535");
}

static void decimal_numbers_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "0x10", "inf", "nan", "1e999", "1,5",
		"-", "1e", "--1" };
	double v;

	assert_int_equal(bb_parse_double("-12.5e1", &v), 0);
	assert_true(v == -125);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bb_parse_double(bad[i], &v) != -1)
			fail_msg("\"%s\" was taken for a number", bad[i]);
	}
}

static void utf8_refuses_what_rfc_3629_refuses(void **state)
{
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xe2\x82", "a\xff", "\xc3" };

	assert_true(bb_utf8_valid("a°€\xf0\x9f\x94\x8b\xf4\x8f\xbf\xbf", 14));
	assert_true(bb_utf8_valid("", 0));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(bb_utf8_valid(bad[i], strlen(bad[i])));
}

static void cleaned_text_is_cut_at_a_character(void **state)
{
	char out[8];

	bb_text_clean(out, sizeof(out), "abcde€f", 9);
	assert_string_equal(out, "abcde");
	bb_text_clean(out, sizeof(out), "abcd€f", 8);
	assert_string_equal(out, "abcd€");
	bb_text_clean(out, 1, "abc", 3);
	assert_string_equal(out, "");
}

static void cleaned_text_has_no_control_characters(void **state)
{
	char out[32];

	bb_text_clean(out, sizeof(out),
		"a\n\0\x1b\x7f\xff"
		"b\xc2\x9b"
		"c°",
		12);
	assert_string_equal(out, "a?????b?c°");
}

static void hex_goes_there_and_back(void **state)
{
	unsigned char bytes[4];
	char text[9];

	bb_hex(text, "\x00\xff\x1a\x2b", 4);
	assert_string_equal(text, "00ff1a2b");
	assert_int_equal(bb_unhex(bytes, sizeof(bytes), "00FF1a2b"), 4);
	assert_memory_equal(bytes, "\x00\xff\x1a\x2b", 4);
	assert_int_equal(bb_unhex(bytes, sizeof(bytes), "00f"), -1);
	assert_int_equal(bb_unhex(bytes, sizeof(bytes), "0g"), -1);
	assert_int_equal(bb_unhex(bytes, sizeof(bytes), "0011223344"), -1);
}

static void hash_is_fnv_1a(void **state)
{
	assert_true(bb_hash("", 0) == 0xcbf29ce484222325u);
	assert_true(bb_hash("foobar", 6) == 0x85944171f73967e8u);
}

static void keys_are_paths_of_small_words(void **state)
{
	static const char *const bad[] = { "", "/", "a/", "/a", "a//b", "A", "a b", "a\xc3\xa4",
		"a:b" };
	char longest[202];

	assert_true(bb_key_valid("de/hamburg/ups-1.a_b"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(bb_key_valid(bad[i]));
	memset(longest, 'a', 201);
	longest[201] = '\0';
	assert_false(bb_key_valid(longest));
	longest[200] = '\0';
	assert_true(bb_key_valid(longest));
}

static void copy_tells_when_it_cut(void **state)
{
	char out[4];

	assert_true(bb_copy(out, sizeof(out), "abc"));
	assert_false(bb_copy(out, sizeof(out), "abcd"));
	assert_string_equal(out, "abc");
	assert_false(bb_copy(out, 0, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffer_grows_and_stays_terminated),
		cmocka_unit_test(long_printf_fits),
		cmocka_unit_test(json_sets_commas_and_nests),
		cmocka_unit_test(json_escapes_text_and_replaces_bad_bytes),
		cmocka_unit_test(json_numbers_are_short_and_exact),
		cmocka_unit_test(whole_numbers_are_read_strictly),
		cmocka_unit_test(decimal_numbers_are_read_strictly),
		cmocka_unit_test(utf8_refuses_what_rfc_3629_refuses),
		cmocka_unit_test(cleaned_text_is_cut_at_a_character),
		cmocka_unit_test(cleaned_text_has_no_control_characters),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(hash_is_fnv_1a),
		cmocka_unit_test(keys_are_paths_of_small_words),
		cmocka_unit_test(copy_tells_when_it_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
