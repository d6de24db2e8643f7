// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "common/index.h"
#include "common/sub_topics.h"

enum { ROWS = 3000 };

static bool has(const struct bb_index *x, uint32_t hash, uint32_t row)
{
	size_t at = 0;
	uint32_t seen;

	while (bb_index_next(x, hash, &at, &seen)) {
		if (seen == row)
			return true;
	}
	return false;
}

/* Hashes from few values, so that rows crowd and wrap around the end of the table. */
static uint32_t crowded(uint32_t row)
{
	return row % 7 ? UINT32_MAX - row % 50 : row * 2654435761U;
}

static void an_index_finds_what_is_there_and_nothing_else(void **state)
{
	static bool there[2 * ROWS];
	struct bb_index *x = bb_index_new();
	unsigned seed = 7;

	memset(there, 0, sizeof(there));
	for (unsigned i = 0; i < 20 * ROWS; i++) {
		seed = seed * 1103515245U + 12345U;
		uint32_t row = (seed >> 8) % ROWS;

		if (!there[row]) {
			bb_index_put(x, crowded(row), row);
		} else if (seed & 1) {
			bb_index_del(x, crowded(row), row);
		} else {
			bb_index_move(x, crowded(row), row, row + ROWS);
			assert_true(has(x, crowded(row), row + ROWS));
			assert_false(has(x, crowded(row), row));
			bb_index_del(x, crowded(row), row + ROWS);
		}
		there[row] = !there[row];
	}
	for (uint32_t row = 0; row < ROWS; row++)
		assert_int_equal(has(x, crowded(row), row), there[row]);
	bb_index_free(x);
}

static void topics_are_found_until_they_are_removed(void **state)
{
	static uint64_t seq[ROWS]; /* 0: not there */
	struct sub_topics *t = sub_topics_new();
	unsigned seed = 11;
	size_t n = 0;

	memset(seq, 0, sizeof(seq));
	for (unsigned i = 1; i < 20 * ROWS; i++) {
		seed = seed * 1103515245U + 12345U;
		uint64_t key = (seed >> 8) % ROWS;
		struct sub_topic *row = sub_topics_get(t, key);

		assert_int_equal(row != NULL, seq[key] != 0);
		if (row) {
			size_t at = 0;

			assert_int_equal(row->seq, seq[key]);
			while (sub_topics_at(t, at)->key != key)
				at++;
			sub_topics_remove(t, at);
			seq[key] = 0;
			n--;
		} else {
			row = sub_topics_add(t, key);
			assert_int_equal(row->key, key);
			row->seq = seq[key] = i;
			n++;
		}
		assert_int_equal(sub_topics_count(t), n);
	}
	sub_topics_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_finds_what_is_there_and_nothing_else),
		cmocka_unit_test(topics_are_found_until_they_are_removed),
	};

	return cmocka_run_group_tests_name("sub_topics", tests, NULL, NULL);
}
