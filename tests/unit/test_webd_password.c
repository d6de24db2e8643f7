// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/loop.h"
#include "webd/password.h"
#include "webd/throttle.h"

static void first_tries_are_free_then_waits_double_up_to_a_quarter_hour(void **state)
{
	struct throttle *t = throttle_new();
	unsigned expected[] = { 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900 };
	uint64_t now_ms = 5000;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		throttle_try(t, "k", 2, now_ms);
		assert_int_equal(throttle_wait_s(t, "k", now_ms), expected[i]);
		now_ms += expected[i] * 1000;
		assert_int_equal(throttle_wait_s(t, "k", now_ms), 0);
	}
	assert_int_equal(throttle_wait_s(t, "other", now_ms), 0);
	throttle_forget(t, "k");
	throttle_try(t, "k", 2, now_ms);
	assert_int_equal(throttle_wait_s(t, "k", now_ms), 0);
	throttle_free(t);
}

static void many_names_do_not_fill_the_memory(void **state)
{
	struct throttle *t = throttle_new();
	char name[16];

	for (int i = 0; i < 30000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		throttle_try(t, name, 0, 1000);
	}
	/* full: a new name is not remembered until old waits are over */
	assert_int_equal(throttle_wait_s(t, "n29999", 1000), 0);
	throttle_try(t, "late", 0, 10000);
	assert_int_equal(throttle_wait_s(t, "late", 10000), 1);
	throttle_free(t);
}

static void weak_passwords_are_refused(void **state)
{
	static const char *const bad[] = { "short", "busbarbusbarbusbar", "annaannaannaanna",
		"password1234567", "aaaaaaaaaaaaaaaaaaaa", "Administrator123456",
		"12345678901234567890" };
	struct bb_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(password_policy(bad[i], "anna", &err), -1);
	assert_int_equal(password_policy("correct horse battery staple", "anna", &err), 0);
	assert_int_equal(password_policy("Rübe im Regal 17", "anna", &err), 0);
}

static void one_time_passwords_differ(void **state)
{
	char a[PASSWORD_ONE_TIME_MAX], b[PASSWORD_ONE_TIME_MAX];

	password_one_time(a);
	password_one_time(b);
	assert_int_equal(strlen(a), 19);
	assert_string_not_equal(a, b);
}

struct outcome {
	char hash[PASSWORD_HASH_MAX];
	int n_right, n_wrong, n_hashed;
};

static void on_hash(void *arg, const char *hash)
{
	struct outcome *o = arg;

	assert_non_null(hash);
	snprintf(o->hash, sizeof(o->hash), "%s", hash);
	o->n_hashed++;
}

static void on_verify(void *arg, bool is_right)
{
	struct outcome *o = arg;

	if (is_right)
		o->n_right++;
	else
		o->n_wrong++;
}

static void right_passwords_verify_and_nobody_never_does(void **state)
{
	struct bb_err err;
	struct bb_loop *loop = bb_loop_new(&err);
	struct password_pool *p = password_pool_new(loop, &err);
	struct outcome o = { 0 };
	char longer[PASSWORD_MAX + 20];

	assert_non_null(p);
	assert_int_equal(password_hash(p, "correct horse", on_hash, &o), 0);
	while (o.n_hashed < 1)
		bb_loop_turn(loop, 1000);
	assert_memory_equal(o.hash, "$argon2id$", 10);
	password_verify(p, o.hash, "correct horse", on_verify, &o);
	password_verify(p, o.hash, "correct horsf", on_verify, &o);
	password_verify(p, NULL, "correct horse", on_verify, &o);
	/* what is too long must not be cut to what fits */
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	password_verify(p, o.hash, longer, on_verify, &o);
	while (o.n_right + o.n_wrong < 4)
		bb_loop_turn(loop, 1000);
	assert_int_equal(o.n_right, 1);
	password_pool_free(p);
	bb_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_tries_are_free_then_waits_double_up_to_a_quarter_hour),
		cmocka_unit_test(many_names_do_not_fill_the_memory),
		cmocka_unit_test(weak_passwords_are_refused),
		cmocka_unit_test(one_time_passwords_differ),
		cmocka_unit_test(right_passwords_verify_and_nobody_never_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
