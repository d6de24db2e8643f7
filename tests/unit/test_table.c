// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>

#include <cmocka.h>

#include "common/table.h"

static void put_returns_the_value_before(void **state)
{
	struct bb_table *t = bb_table_new();
	int a, b;

	assert_null(bb_table_put(t, "k", &a));
	assert_ptr_equal(bb_table_put(t, "k", &b), &a);
	assert_ptr_equal(bb_table_get(t, "k"), &b);
	assert_int_equal(bb_table_count(t), 1);
	assert_null(bb_table_get(t, "K"));
	bb_table_free(t, NULL);
}

static void keys_are_copied_and_may_hold_zeros(void **state)
{
	struct bb_table *t = bb_table_new();
	char key[] = "a\0b";
	int a, b, none;

	bb_table_put_n(t, key, 3, &a);
	bb_table_put_n(t, key, 1, &b);
	bb_table_put_n(t, key, 0, &none);
	key[0] = 'x';
	assert_ptr_equal(bb_table_get_n(t, "a\0b", 3), &a);
	assert_ptr_equal(bb_table_get(t, "a"), &b);
	assert_ptr_equal(bb_table_get(t, ""), &none);
	bb_table_free(t, NULL);
}

static void many_keys_survive_growth_and_removal(void **state)
{
	static int values[5000];
	struct bb_table *t = bb_table_new();

	for (uint64_t round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < 5000; i++)
			bb_table_put_u64(t, i * 0x9e3779b97f4a7c15u, &values[i]);
		for (uint64_t i = 0; i < 5000; i += 2)
			assert_ptr_equal(bb_table_del_u64(t, i * 0x9e3779b97f4a7c15u), &values[i]);
		assert_int_equal(bb_table_count(t), 2500);
		for (uint64_t i = 0; i < 5000; i++)
			assert_ptr_equal(bb_table_get_u64(t, i * 0x9e3779b97f4a7c15u),
				i % 2 ? &values[i] : NULL);
	}
	bb_table_free(t, NULL);
}

static void removal_of_what_is_not_there_is_harmless(void **state)
{
	struct bb_table *t = bb_table_new();

	assert_null(bb_table_del(t, "x"));
	assert_int_equal(bb_table_count(t), 0);
	bb_table_free(t, NULL);
}

static void iteration_meets_each_entry_once_while_they_are_removed(void **state)
{
	static int values[100];
	struct bb_table *t = bb_table_new();
	struct bb_table_iter i = { 0 };
	const void *key;
	size_t len, n = 0;
	int *v;

	for (uint64_t k = 0; k < 100; k++)
		bb_table_put_u64(t, k, &values[k]);
	while ((v = bb_table_next(t, &i, &key, &len))) {
		assert_int_equal(len, 8);
		assert_int_equal(++*v, 1);
		bb_table_del_n(t, key, len);
		n++;
	}
	assert_int_equal(n, 100);
	assert_int_equal(bb_table_count(t), 0);
	bb_table_free(t, NULL);
}

static void free_hands_out_the_values(void **state)
{
	struct bb_table *t = bb_table_new();

	for (uint64_t k = 0; k < 40; k++)
		bb_table_put_u64(t, k, malloc(10));
	bb_table_free(t, free);
	bb_table_free(NULL, free);
}

static void churn_does_not_grow_the_table_without_end(void **state)
{
	struct bb_table *t = bb_table_new();
	struct bb_table_iter i = { 0 };
	char key[32];
	int v;

	for (int k = 0; k < 100000; k++) {
		snprintf(key, sizeof(key), "key-%d", k);
		bb_table_put(t, key, &v);
		bb_table_del(t, key);
	}
	assert_null(bb_table_next(t, &i, NULL, NULL));
	assert_in_range(i.slot, 1, 64);
	bb_table_free(t, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_returns_the_value_before),
		cmocka_unit_test(keys_are_copied_and_may_hold_zeros),
		cmocka_unit_test(many_keys_survive_growth_and_removal),
		cmocka_unit_test(removal_of_what_is_not_there_is_harmless),
		cmocka_unit_test(iteration_meets_each_entry_once_while_they_are_removed),
		cmocka_unit_test(free_hands_out_the_values),
		cmocka_unit_test(churn_does_not_grow_the_table_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
