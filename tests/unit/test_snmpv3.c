// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/snmpv3.h"

static const char *field;
static struct bb_err err;

static void usual_spellings_mean_one_name(void **state)
{
	assert_string_equal(bb_v3_auth_name(bb_v3_auth_find("sha256")), "SHA-256");
	assert_string_equal(bb_v3_auth_name(bb_v3_auth_find("sha-1")), "SHA");
	assert_string_equal(bb_v3_priv_name(bb_v3_priv_find("aes")), "AES-128");
	assert_string_equal(bb_v3_priv_name(bb_v3_priv_find("AES256c")), "AES-256-C");
	assert_string_equal(bb_v3_auth_name(bb_v3_auth_find("")), "");
	assert_int_equal(bb_v3_auth_find("SHA-3"), -1);
	assert_int_equal(bb_v3_priv_find("3DES"), -1);
}

static void seven_characters_are_too_few(void **state)
{
	struct bb_v3_input in = { .auth_password = "1234567" };

	assert_int_equal(bb_v3_check(&in, &field, &err), -1);
	assert_string_equal(field, "v3_auth_password");
	assert_non_null(strstr(err.text, "8 characters"));
	in.auth_password = "12345678";
	assert_int_equal(bb_v3_check(&in, &field, &err), 0);
	in.priv_password = "";
	assert_int_equal(bb_v3_check(&in, &field, &err), -1);
	assert_string_equal(field, "v3_priv_password");
}

static void encryption_without_authentication_is_refused(void **state)
{
	struct bb_v3_input in = { .user = "u", .auth = "", .priv = "AES" };

	assert_int_equal(bb_v3_check(&in, &field, &err), -1);
	assert_string_equal(field, "v3_auth");
	in.auth = "SHA";
	assert_int_equal(bb_v3_check(&in, &field, &err), 0);
}

static void an_engine_id_has_5_to_32_bytes(void **state)
{
	struct bb_v3_input in = { .engine_id = "80001f88" };

	assert_int_equal(bb_v3_check(&in, &field, &err), -1);
	in.engine_id = "80001f8880";
	assert_int_equal(bb_v3_check(&in, &field, &err), 0);
	in.engine_id = "80001f888x";
	assert_int_equal(bb_v3_check(&in, &field, &err), -1);
}

static void weak_ones_are_named(void **state)
{
	assert_string_equal(bb_v3_weak(BB_V3_MD5, BB_V3_DES), "MD5 and DES");
	assert_string_equal(bb_v3_weak(BB_V3_SHA1, BB_V3_DES), "DES");
	assert_null(bb_v3_weak(BB_V3_SHA1, BB_V3_AES128));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_spellings_mean_one_name),
		cmocka_unit_test(seven_characters_are_too_few),
		cmocka_unit_test(encryption_without_authentication_is_refused),
		cmocka_unit_test(an_engine_id_has_5_to_32_bytes),
		cmocka_unit_test(weak_ones_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
