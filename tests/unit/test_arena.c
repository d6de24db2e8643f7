// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	struct bb_arena *a = bb_arena_new(64, 0);
	unsigned char *before = NULL;

	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 600; n += 7) {
			unsigned char *p = bb_arena_alloc(a, n);

			assert_int_equal((uintptr_t)p % 16, 0);
			assert_ptr_not_equal(p, before);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xff, n);
			before = p;
		}
		bb_arena_reset(a);
		assert_int_equal(bb_arena_used(a), 0);
	}
	bb_arena_free(a);
}

static void limit_is_refused_not_exceeded(void **state)
{
	struct bb_arena *a = bb_arena_new(0, 1000);

	assert_non_null(bb_arena_alloc(a, 500));
	assert_null(bb_arena_alloc(a, 600));
	assert_non_null(bb_arena_alloc(a, 400));
	assert_null(bb_arena_alloc(a, SIZE_MAX));
	assert_null(bb_arena_alloc(a, SIZE_MAX / 2));
	assert_null(bb_arena_printf(a, "%200s", "x"));
	bb_arena_reset(a);
	assert_non_null(bb_arena_alloc(a, 990));
	bb_arena_free(a);
}

static void large_piece_gets_its_own_block(void **state)
{
	struct bb_arena *a = bb_arena_new(256, 0);
	char *small = bb_arena_strdup(a, "small");
	char *large = bb_arena_alloc(a, 5000000);

	memset(large, 'x', 5000000);
	bb_arena_alloc(a, 16);
	assert_string_equal(small, "small");
	bb_arena_reset(a);
	/* The largest block was kept: the same piece comes from it. */
	assert_ptr_equal(bb_arena_alloc(a, 5000000), large);
	bb_arena_free(a);
}

static void copies_are_copies(void **state)
{
	struct bb_arena *a = bb_arena_new(0, 0);
	char text[] = "abcdef";
	char *s = bb_arena_strndup(a, text, 3), *all = bb_arena_strndup(a, text, 100),
	     *m = bb_arena_memdup(a, text, 7);

	text[0] = 'X';
	assert_string_equal(s, "abc");
	assert_string_equal(all, "abcdef");
	assert_string_equal(m, "abcdef");
	assert_string_equal(bb_arena_printf(a, "%s-%d", s, 42), "abc-42");
	bb_arena_free(a);
}

static void autofree_frees(void **state)
{
	bb_autofree char *s = bb_strdup("leak checkers see whether this is freed");

	assert_non_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(limit_is_refused_not_exceeded),
		cmocka_unit_test(large_piece_gets_its_own_block),
		cmocka_unit_test(copies_are_copies),
		cmocka_unit_test(autofree_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
