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
static const char *all(struct cache *c)
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

/* A status reading of device `id` with many names; `charge` differs. */
static void take_reading(struct cache *c, uint64_t id, double charge, uint64_t topic_seq)
{
	static char *flags[] = { "alarm.fan.failed", "alarm.ups.fault", "alarm.fuse.failed" };
	static char *numbers[] = { "battery.charge", "battery.runtime", "ups.alarm.count" };
	static char *texts[] = { "ups.status" };
	static char *words[] = { "OL" };
	protobuf_c_boolean is_set[] = { 0, 1, 0 };
	double values[] = { charge, 1680, 0 };
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	uint8_t body[1000];
	char topic[64], key[32];
	struct bb_msg m = { .topic = topic,
		.kind = READING,
		.publisher = "collect-x",
		.epoch = 1,
		.topic_seq = topic_seq,
		.sampled_boot_ns = 1000,
		.sampled_own_ns = 1000,
		.body = body,
		.envelope = "env",
		.envelope_len = 3 };

	snprintf(key, sizeof(key), "hh/u%d", (int)id);
	snprintf(topic, sizeof(topic), "reading/%s/status/", key);
	r.has_device_id = 1;
	r.device_id = id;
	r.key = key;
	r.n_number_name = r.n_number = 3;
	r.number_name = numbers;
	r.number = values;
	r.n_text_name = r.n_text = 1;
	r.text_name = texts;
	r.text = words;
	r.n_flag_name = r.n_flag = 3;
	r.flag_name = flags;
	r.flag = is_set;
	m.body_len = busbar__v1__reading__pack(&r, body);
	assert_true(cache_take(c, &m));
}

static Busbar__V1__Reading *reading_of(struct cache *c, size_t i)
{
	struct cache_row row;

	cache_row(c, i, &row);
	return busbar__v1__reading__unpack(NULL, row.body_len, row.body);
}

static void readings_share_their_names_and_come_back_as_they_were(void **state)
{
	struct cache *c = cache_new(1000, 1 << 20);
	size_t one, two;

	take_reading(c, 1, 98, 10);
	one = cache_bytes(c);
	take_reading(c, 2, 97, 11);
	two = cache_bytes(c);
	assert_true(two - one < one / 2);
	take_reading(c, 1, 55, 12);
	assert_int_equal(cache_bytes(c), two);
	for (size_t i = 0; i < 2; i++) {
		Busbar__V1__Reading *r = reading_of(c, i);

		assert_non_null(r);
		assert_int_equal(r->device_id, i + 1);
		assert_int_equal(r->n_number_name, 3);
		assert_string_equal(r->number_name[2], "ups.alarm.count");
		assert_true(r->number[0] == (i ? 97 : 55));
		assert_string_equal(r->text[0], "OL");
		assert_string_equal(r->flag_name[1], "alarm.ups.fault");
		assert_true(r->flag[1]);
		busbar__v1__reading__free_unpacked(r, NULL);
	}
	take(c, "reading/hh/u1/status/", GONE, 1, "");
	take(c, "reading/hh/u2/status/", GONE, 1, "");
	assert_int_equal(cache_bytes(c), 0);
	cache_free(c);
}

static uint64_t newer_ns(struct cache *c, size_t i)
{
	struct cache_row row;

	cache_row(c, i, &row);
	return row.newer_ns;
}

static void confirmed_status_grows_younger(void **state)
{
	struct cache *c = cache_new(1000, 1 << 20);

	take_reading(c, 1, 98, 10);
	take_reading(c, 2, 98, 11);
	cache_confirm(c, 1, 1, 10, 5000);
	cache_confirm(c, 1, 1, 10, 4000);
	assert_int_equal(newer_ns(c, 0), 4000);
	assert_int_equal(newer_ns(c, 1), 0);
	cache_confirm(c, 2, 1, 10, 5000);
	cache_confirm(c, 2, 2, 11, 5000);
	cache_confirm(c, 3, 1, 11, 5000);
	assert_int_equal(newer_ns(c, 1), 0);
	take_reading(c, 1, 20, 12);
	assert_int_equal(newer_ns(c, 0), 0);
	take(c, "reading/hh/u1/status/", GONE, 1, "");
	cache_confirm(c, 1, 1, 12, 9000);
	assert_int_equal(newer_ns(c, 0), 0);
	cache_free(c);
}

static void a_row_keeps_the_envelope_of_its_own_instance(void **state)
{
	static const char *const envelopes[] = { "head-of-one:1", "head-of-two:1", "he", "" };
	struct cache *c = cache_new(10, 1 << 20);
	struct bb_msg m = { .kind = 1, .publisher = "p", .body = (const void *)"" };
	static const char *const topics[] = { "a/", "b/", "c/", "d/" };
	struct cache_row row;

	for (unsigned i = 0; i < 4; i++) {
		m.topic = topics[i];
		m.envelope = envelopes[i];
		m.envelope_len = strlen(envelopes[i]);
		m.epoch = i < 2 ? i + 1 : 2;
		assert_true(cache_take(c, &m));
	}
	for (unsigned i = 0; i < 4; i++) {
		cache_row(c, i, &row);
		assert_string_equal(row.topic, topics[i]);
		assert_int_equal(row.envelope_len, strlen(envelopes[i]));
		assert_memory_equal(row.envelope, envelopes[i], row.envelope_len);
	}
	cache_free(c);
}

static void identity(struct cache *c, const char *topic, const char *text)
{
	struct bb_msg m = { .topic = topic,
		.kind = READING,
		.publisher = "collect-x",
		.epoch = 1,
		.envelope = "env",
		.envelope_len = 3,
		.body = (const uint8_t *)text,
		.body_len = strlen(text) };

	assert_true(cache_take(c, &m));
}

static void assert_body(struct cache *c, size_t i, const char *body)
{
	struct cache_row row;

	cache_row(c, i, &row);
	assert_int_equal(row.body_len, strlen(body));
	assert_memory_equal(row.body, body, row.body_len);
}

static void who_a_device_is_lies_there_once_and_each_topic_keeps_its_own(void **state)
{
	static const char first[] = "\x08\x01 serial 0123456789 0123456789 0123456789",
			  second[] = "\x08\x01 another";
	struct cache *c = cache_new(10, 1 << 20);

	identity(c, "reading/hh/u1/ident/", first);
	size_t alone = cache_bytes(c);
	identity(c, "identity/hh/u1/", first);
	assert_true(cache_bytes(c) - alone < sizeof(first));
	assert_body(c, 1, first);
	identity(c, "reading/hh/u1/ident/", second);
	assert_body(c, 0, second);
	assert_body(c, 1, first);
	identity(c, "identity/hh/u1/", second);
	assert_body(c, 1, second);
	take(c, "reading/hh/u1/ident/", GONE, 1, "");
	assert_body(c, 0, second);
	identity(c, "identity/hh/u2/", first);
	assert_body(c, 1, first);
	take(c, "identity/hh/u1/", GONE, 1, "");
	take(c, "identity/hh/u2/", GONE, 1, "");
	assert_int_equal(cache_bytes(c), 0);
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
		cmocka_unit_test(readings_share_their_names_and_come_back_as_they_were),
		cmocka_unit_test(confirmed_status_grows_younger),
		cmocka_unit_test(a_row_keeps_the_envelope_of_its_own_instance),
		cmocka_unit_test(who_a_device_is_lies_there_once_and_each_topic_keeps_its_own),
	};
	if (clock_open() < 0)
		return 1;
	return cmocka_run_group_tests_name("busd_cache", tests, NULL, NULL);
}
