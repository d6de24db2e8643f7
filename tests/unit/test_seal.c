// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/seal.h"
#include "common/str.h"

static char etc[64];

static const char *path(const char *leaf)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s/%s", etc, leaf);
	return text;
}

static void put(const char *leaf, const char *text)
{
	FILE *f = fopen(path(leaf), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int setup(void **state)
{
	snprintf(etc, sizeof(etc), "/tmp/test_seal.XXXXXX");
	return mkdtemp(etc) && bb_seal_make_keys(etc, "notifyd", NULL) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const leaves[] = { "keys/notifyd.pub", "secret/notifyd.key",
		"keys/webd.pub", "secret/webd.key", "notifyd.key" };

	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
		unlink(path(leaves[i]));
	rmdir(path("keys"));
	rmdir(path("secret"));
	return rmdir(etc);
}

static void what_is_sealed_opens_only_with_the_secret_key(void **state)
{
	struct bb_sealer *s = bb_sealer_load(etc, "notifyd", NULL);
	struct bb_opener *o = bb_opener_load(etc, "notifyd", NULL), *other;
	uint8_t box[128], again[128];
	char plain[32];
	size_t n = bb_seal_size(6);

	assert_int_equal(bb_seal(s, "public", 6, box, NULL), 0);
	assert_int_equal(bb_seal(s, "public", 6, again, NULL), 0);
	assert_memory_not_equal(box, again, n);
	assert_int_equal(bb_seal_open(o, box, n, plain, sizeof(plain), NULL), 6);
	assert_string_equal(plain, "public");
	assert_int_equal(bb_seal_make_keys(etc, "webd", NULL), 0);
	other = bb_opener_load(etc, "webd", NULL);
	assert_int_equal(bb_seal_open(other, box, n, plain, sizeof(plain), NULL), -1);
	bb_sealer_free(s);
	bb_opener_free(o);
	bb_opener_free(other);
}

static void damaged_or_short_or_large_boxes_are_refused(void **state)
{
	struct bb_sealer *s = bb_sealer_load(etc, "notifyd", NULL);
	struct bb_opener *o = bb_opener_load(etc, "notifyd", NULL);
	struct bb_err err;
	uint8_t box[128];
	char plain[32];
	size_t n = bb_seal_size(6);

	bb_seal(s, "public", 6, box, NULL);
	for (size_t i = 0; i < n; i++) {
		box[i] ^= 1;
		assert_int_equal(bb_seal_open(o, box, n, plain, sizeof(plain), NULL), -1);
		box[i] ^= 1;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bb_seal_open(o, box, i, plain, sizeof(plain), &err), -1);
	bb_seal_open(o, box, bb_seal_size(0) - 1, plain, sizeof(plain), &err);
	assert_non_null(strstr(err.text, "is too short"));
	/* Six bytes and the NUL need seven. */
	assert_int_equal(bb_seal_open(o, box, n, plain, 6, NULL), -1);
	assert_int_equal(bb_seal_open(o, box, n, plain, 7, NULL), 6);
	bb_sealer_free(s);
	bb_opener_free(o);
}

static void secret_key_is_for_its_owner_alone(void **state)
{
	struct stat st;

	assert_int_equal(stat(path("secret/notifyd.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(path("keys/notifyd.pub"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(stat(path("secret"), &st), 0);
	assert_int_equal(st.st_mode & 0077, 0);
}

static void keys_that_exist_stay(void **state)
{
	struct bb_opener *o;
	struct bb_sealer *s = bb_sealer_load(etc, "notifyd", NULL);
	uint8_t box[64];
	char plain[8];

	bb_seal(s, "x", 1, box, NULL);
	assert_int_equal(bb_seal_make_keys(etc, "notifyd", NULL), 0);
	o = bb_opener_load(etc, "notifyd", NULL);
	assert_int_equal(bb_seal_open(o, box, bb_seal_size(1), plain, sizeof(plain), NULL), 1);
	bb_sealer_free(s);
	bb_opener_free(o);
}

static void lost_public_key_is_computed_again(void **state)
{
	char before[80] = "", after[80] = "";
	FILE *f = fopen(path("keys/notifyd.pub"), "r");

	assert_non_null(fgets(before, sizeof(before), f));
	fclose(f);
	unlink(path("keys/notifyd.pub"));
	assert_int_equal(bb_seal_make_keys(etc, "notifyd", NULL), 0);
	f = fopen(path("keys/notifyd.pub"), "r");
	assert_non_null(fgets(after, sizeof(after), f));
	fclose(f);
	assert_string_equal(before, after);
}

static void lost_secret_key_is_told_not_replaced(void **state)
{
	struct bb_err err;

	unlink(path("secret/notifyd.key"));
	assert_int_equal(bb_seal_make_keys(etc, "notifyd", &err), -1);
	assert_non_null(strstr(err.text, "restore it"));
	assert_int_equal(access(path("secret/notifyd.key"), F_OK), -1);
}

static void damaged_key_file_is_refused(void **state)
{
	struct bb_err err;

	put("keys/notifyd.pub", "0123\n");
	assert_null(bb_sealer_load(etc, "notifyd", &err));
	assert_non_null(strstr(err.text, "does not hold 64 hex digits"));
	put("keys/notifyd.pub",
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0\n");
	assert_null(bb_sealer_load(etc, "notifyd", &err));
	assert_null(bb_sealer_load(etc, "nobody", &err));
	assert_non_null(strstr(err.text, "No such file"));
}

static void credential_is_used_before_the_file(void **state)
{
	struct bb_sealer *s = bb_sealer_load(etc, "notifyd", NULL);
	struct bb_opener *o;
	uint8_t box[64];
	char plain[8], from[128];

	bb_seal(s, "x", 1, box, NULL);
	snprintf(from, sizeof(from), "%s", path("secret/notifyd.key"));
	assert_int_equal(rename(from, path("notifyd.key")), 0);
	setenv("CREDENTIALS_DIRECTORY", etc, 1);
	o = bb_opener_load(etc, "notifyd", NULL);
	assert_non_null(o);
	assert_int_equal(bb_seal_open(o, box, bb_seal_size(1), plain, sizeof(plain), NULL), 1);
	bb_opener_free(o);
	put("notifyd.key", "damaged");
	put("secret/notifyd.key",
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	assert_null(bb_opener_load(etc, "notifyd", NULL));
	unsetenv("CREDENTIALS_DIRECTORY");
	bb_sealer_free(s);
}

static void blake2b_matches_a_known_value(void **state)
{
	uint8_t hash[32];
	char hex[65];

	bb_blake2b_256("abc", 3, hash);
	bb_hex(hex, hash, 32);
	assert_string_equal(hex,
		"bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_sealed_opens_only_with_the_secret_key,
			setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_or_short_or_large_boxes_are_refused, setup,
			teardown),
		cmocka_unit_test_setup_teardown(secret_key_is_for_its_owner_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_that_exist_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_public_key_is_computed_again, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_secret_key_is_told_not_replaced, setup,
			teardown),
		cmocka_unit_test_setup_teardown(damaged_key_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(credential_is_used_before_the_file, setup,
			teardown),
		cmocka_unit_test(blake2b_matches_a_known_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
