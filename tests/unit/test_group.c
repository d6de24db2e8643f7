// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "alarmd/group.h"
#include "proto/reading.pb-c.h"

#define CRITICAL BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL
#define MAJOR    BUSBAR__V1__SEVERITY__SEVERITY_MAJOR
#define UNKNOWN  BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN
#define NORMAL   BUSBAR__V1__SEVERITY__SEVERITY_NORMAL

static const struct group_share normal = { NORMAL, false }, major = { MAJOR, true },
				unknown = { UNKNOWN, false };

static void every_prefix_of_a_path_is_a_group(void **state)
{
	struct group_tree *t = group_tree_new();

	group_join(t, group_get(t, "de/hamburg/b"), normal);
	assert_int_equal(group_find(t, "de")->members, 1);
	assert_int_equal(group_find(t, "de/hamburg")->members, 1);
	assert_null(group_find(t, "de/hamburg/b/c"));
	assert_string_equal(group_find(t, "de/hamburg")->name, "hamburg");
	group_tree_free(t);
}

static void a_member_counts_once_in_each_group_above(void **state)
{
	struct group_tree *t = group_tree_new();

	group_join(t, group_get(t, "de/a"), normal);
	group_join(t, group_get(t, "de/b"), major);
	group_join(t, group_get(t, "de"), unknown);
	struct group *de = group_find(t, "de");
	assert_int_equal(de->members, 3);
	assert_int_equal(de->by_severity[MAJOR], 1);
	assert_int_equal(de->by_severity[UNKNOWN], 1);
	assert_int_equal(de->unack, 1);
	assert_int_equal(group_worst(de), MAJOR);
	group_tree_free(t);
}

static void unknown_is_worse_than_normal_and_never_hidden(void **state)
{
	struct group_tree *t = group_tree_new();

	for (int i = 0; i < 100; i++)
		group_join(t, group_get(t, "x"), normal);
	group_join(t, group_get(t, "x"), unknown);
	assert_int_equal(group_worst(group_find(t, "x")), UNKNOWN);
	group_tree_free(t);
}

static void an_object_makes_its_groups_as_bad_as_it_is_and_is_counted_nowhere(void **state)
{
	struct group_tree *t = group_tree_new();
	struct group_share was = { NORMAL, false, true }, lost = { CRITICAL, true, true };

	group_join(t, group_get(t, "de/a"), normal);
	group_join(t, group_get(t, "de/a"), was);
	struct group *de = group_find(t, "de");
	assert_int_equal(de->members, 1);
	assert_int_equal(group_worst(de), NORMAL);
	group_change(t, group_find(t, "de/a"), was, lost, 7);
	assert_int_equal(de->members, 1);
	assert_int_equal(de->by_severity[CRITICAL], 0);
	assert_int_equal(group_worst(de), CRITICAL);
	assert_int_equal(de->unack, 1);
	assert_int_equal(de->jseq, 7);
	group_leave(t, group_find(t, "de/a"), normal);
	group_tree_sweep(t, NULL, NULL);
	assert_ptr_equal(group_find(t, "de"), de);
	group_leave(t, group_find(t, "de/a"), lost);
	group_tree_sweep(t, NULL, NULL);
	assert_null(group_find(t, "de"));
	group_tree_free(t);
}

static void worst_follows_changes_up_and_down(void **state)
{
	struct group_tree *t = group_tree_new();
	struct group *g = group_get(t, "a/b");

	group_join(t, g, normal);
	group_change(t, g, normal, (struct group_share){ CRITICAL, true }, 7);
	assert_int_equal(group_worst(group_find(t, "a")), CRITICAL);
	group_change(t, g, (struct group_share){ CRITICAL, true }, normal, 8);
	assert_int_equal(group_worst(group_find(t, "a")), NORMAL);
	assert_int_equal(group_find(t, "a")->unack, 0);
	group_tree_free(t);
}

static void count_changed(void *arg, struct group *g)
{
	++*(int *)arg;
}

static void a_change_is_told_only_when_its_record_is_durable(void **state)
{
	struct group_tree *t = group_tree_new();
	struct group *g = group_get(t, "a/b");
	int told = 0;

	group_join(t, g, normal);
	group_flush_changed(t, 0, count_changed, &told);
	assert_int_equal(told, 2);
	group_change(t, g, normal, major, 5);
	told = 0;
	group_flush_changed(t, 4, count_changed, &told);
	assert_int_equal(told, 0);
	group_flush_changed(t, 5, count_changed, &told);
	assert_int_equal(told, 2);
	group_flush_changed(t, 5, count_changed, &told);
	assert_int_equal(told, 2);
	group_tree_free(t);
}

static void empty_groups_go_sites_stay(void **state)
{
	struct group_tree *t = group_tree_new();
	struct group *site = group_get(t, "site/kept");

	group_set_site(t, site, 9, "Kept");
	struct group *g = group_get(t, "old/place");
	group_join(t, g, normal);
	group_leave(t, g, normal);
	group_tree_sweep(t, NULL, NULL);
	assert_null(group_find(t, "old"));
	assert_null(group_find(t, "old/place"));
	assert_non_null(group_find(t, "site/kept"));
	assert_string_equal(group_find(t, "site/kept")->name, "Kept");
	group_tree_free(t);
}

/* The counts are a pure function of who joined with what: compare with counting from scratch. */
static void random_moves_keep_counts_true(void **state)
{
	static const char *const keys[] = { "a", "a/b", "a/b/c", "a/d", "e", "e/f/g" };
	enum { MEMBERS = 40, KEYS = 6 };
	struct group_tree *t = group_tree_new();
	int at[MEMBERS];
	struct group_share share[MEMBERS];

	srand(4711);
	for (int i = 0; i < MEMBERS; i++) {
		at[i] = rand() % KEYS;
		share[i] = (struct group_share){ (uint8_t)(1 + rand() % 6), rand() % 2 };
		group_join(t, group_get(t, keys[at[i]]), share[i]);
	}
	for (int step = 0; step < 5000; step++) {
		int i = rand() % MEMBERS;
		struct group_share now = { (uint8_t)(1 + rand() % 6), rand() % 2 };
		if (rand() % 3) {
			group_change(t, group_get(t, keys[at[i]]), share[i], now, 0);
		} else {
			group_leave(t, group_get(t, keys[at[i]]), share[i]);
			at[i] = rand() % KEYS;
			group_join(t, group_get(t, keys[at[i]]), now);
		}
		share[i] = now;
	}
	for (int k = 0; k < KEYS; k++) {
		struct group *g = group_get(t, keys[k]);
		uint32_t members = 0, by[GROUP_SEVERITIES] = { 0 }, unack = 0;
		size_t n = strlen(keys[k]);
		for (int i = 0; i < MEMBERS; i++) {
			const char *key = keys[at[i]];
			if (strncmp(key, keys[k], n) != 0 || (key[n] && key[n] != '/'))
				continue;
			members++;
			by[share[i].severity]++;
			unack += share[i].unack;
		}
		assert_int_equal(g->members, members);
		assert_int_equal(g->unack, unack);
		assert_memory_equal(g->by_severity, by, sizeof(by));
	}
	group_tree_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix_of_a_path_is_a_group),
		cmocka_unit_test(a_member_counts_once_in_each_group_above),
		cmocka_unit_test(unknown_is_worse_than_normal_and_never_hidden),
		cmocka_unit_test(an_object_makes_its_groups_as_bad_as_it_is_and_is_counted_nowhere),
		cmocka_unit_test(worst_follows_changes_up_and_down),
		cmocka_unit_test(a_change_is_told_only_when_its_record_is_durable),
		cmocka_unit_test(empty_groups_go_sites_stay),
		cmocka_unit_test(random_moves_keep_counts_true),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
