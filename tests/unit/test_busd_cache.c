// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "busd/cache.h"
#include "common/clock.h"
#include "proto/reading.pb-c.h"

/* The clock of this program: offsets in ns to BOOTTIME, MONOTONIC, REALTIME. */
static int64_t *clock_offsets;

static int clock_open(void)
{
	char file[] = "/tmp/test_busd_cache.XXXXXX";
	int fd = mkstemp(file);

	if (fd < 0 || ftruncate(fd, 3 * sizeof(int64_t)) < 0)
		return -1;
	clock_offsets = mmap(NULL, 3 * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	setenv("BUSBAR_TEST_CLOCK", file, 1);
	bb_clock_boot_ms(); /* maps the file */
	unlink(file);
	close(fd);
	return 0;
}

static void pass_hours(int64_t hours)
{
	clock_offsets[0] += hours * 3600 * 1000000000;
}

static bool take(struct cache *c, const char *topic, unsigned kind, uint64_t epoch,
	const char *body)
{
	struct bb_msg m = {
		.topic = topic,
		.kind = kind,
		.publisher = "collect-x",
		.epoch = epoch,
		.body = (const uint8_t *)body,
		.body_len = strlen(body),
		.envelope = "env",
		.envelope_len = 3,
	};

	return cache_take(c, &m);
}

#define READING   BUSBAR__V1__ENVELOPE__KIND__KIND_READING
#define HEARTBEAT BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT
#define GONE      BUSBAR__V1__ENVELOPE__KIND__KIND_GONE

/* "topic=body " of all rows from the last to the first. */
static const char *all(const struct cache *c)
{
	static char text[512];
	struct cache_row r;

	text[0] = '\0';
	for (size_t i = cache_count(c); i-- > 0;) {
		size_t n = strlen(text);

		cache_row(c, i, &r);
		snprintf(text + n, sizeof(text) - n, "%s=%.*s ", r.topic, (int)r.body_len,
			(const char *)r.body);
	}
	return text;
}

static void newest_message_of_a_topic_stays(void **state)
{
	struct cache *c = cache_new(10, 1000);
	size_t bytes;

	take(c, "a/", READING, 1, "1");
	take(c, "b/", READING, 1, "a longer one than before");
	take(c, "a/", READING, 1, "and a longer one here");
	assert_string_equal(all(c), "b/=a longer one than before a/=and a longer one here ");
	bytes = cache_bytes(c);
	take(c, "a/", READING, 1, "x");
	assert_true(cache_bytes(c) < bytes); /* a topic that shrank gives memory back */
	cache_free(c);
}

static void ended_topic_leaves(void **state)
{
	struct cache *c = cache_new(10, 1000);

	take(c, "a/", READING, 1, "1");
	take(c, "b/", READING, 1, "2");
	take(c, "c/", READING, 1, "3");
	take(c, "a/", GONE, 1, "");
	take(c, "never/", GONE, 1, "");
	assert_string_equal(all(c), "b/=2 c/=3 ");
	take(c, "b/", GONE, 1, "");
	take(c, "c/", GONE, 1, "");
	assert_int_equal(cache_count(c), 0);
	assert_int_equal(cache_bytes(c), 0);
	cache_free(c);
}

static void limits_hold_and_an_old_value_never_passes_for_the_last(void **state)
{
	struct cache *c = cache_new(2, 40);

	assert_true(take(c, "a/", READING, 1, "1"));
	assert_true(take(c, "b/", READING, 1, "2"));
	assert_false(take(c, "c/", READING, 1, "3"));
	assert_string_equal(all(c), "b/=2 a/=1 ");
	assert_false(take(c, "a/", READING, 1, "much too long for forty bytes, all together"));
	assert_string_equal(all(c), "b/=2 ");
	cache_free(c);
}

static void heartbeat_leaves_after_an_hour(void **state)
{
	struct cache *c = cache_new(10, 1000);

	take(c, "heartbeat/x/", HEARTBEAT, 1, "h");
	take(c, "a/", READING, 1, "1");
	cache_sweep(c);
	assert_int_equal(cache_count(c), 2);
	pass_hours(2);
	cache_sweep(c);
	assert_string_equal(all(c), "a/=1 ");
	cache_free(c);
}

static void topic_of_an_earlier_instance_leaves_when_nobody_renews_it(void **state)
{
	struct cache *c = cache_new(10, 1000);

	take(c, "removed/", READING, 1, "1");
	take(c, "standing/", READING, 2, "2");
	pass_hours(24);
	cache_sweep(c);
	assert_int_equal(cache_count(c), 2);
	pass_hours(2);
	cache_sweep(c);
	assert_string_equal(all(c), "standing/=2 ");
	cache_free(c);
}

/* What snapshot.c relies on. */
static void walk_from_the_end_sees_every_row_that_stays(void **state)
{
	struct cache *c = cache_new(1000, 100000);
	bool seen[100] = { false };
	struct cache_row r;
	char topic[16];

	for (int i = 0; i < 100; i++) {
		snprintf(topic, sizeof(topic), "t%d/", i);
		take(c, topic, READING, 1, "x");
	}
	srand(1);
	for (size_t left = 100; left;) {
		if (left > cache_count(c)) {
			left = cache_count(c);
			continue;
		}
		cache_row(c, --left, &r);
		seen[atoi(r.topic + 1)] = true;
		snprintf(topic, sizeof(topic), "t%d/", rand() % 50 * 2); /* only even ones end */
		take(c, topic, GONE, 1, "");
	}
	for (int i = 1; i < 100; i += 2)
		assert_true(seen[i]);
	cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_message_of_a_topic_stays),
		cmocka_unit_test(ended_topic_leaves),
		cmocka_unit_test(limits_hold_and_an_old_value_never_passes_for_the_last),
		cmocka_unit_test(heartbeat_leaves_after_an_hour),
		cmocka_unit_test(topic_of_an_earlier_instance_leaves_when_nobody_renews_it),
		cmocka_unit_test(walk_from_the_end_sees_every_row_that_stays),
	};
	if (clock_open() < 0)
		return 1;
	return cmocka_run_group_tests_name("busd_cache", tests, NULL, NULL);
}
