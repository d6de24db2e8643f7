// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/sim/fleet.h"
#include "tests/sim/recording.h"
#include "tests/sim/ups.h"

#define S(s) ((uint64_t)(s)*1000000000u)

static struct agent *ups_agent(struct fleet **f, const char *line)
{
	struct bb_err err = { .text = "" };

	*f = fleet_new();
	agent_clock(S(1000));
	if (fleet_add(*f, line, ".", S(1000), &err) < 0 || fleet_seal(*f, &err) < 0)
		fail_msg("%s", err.text);
	return fleet_at(*f, 0);
}

static bool number_of(struct agent *a, const char *oid, int64_t *num)
{
	struct ber_oid o;
	struct ber_value v;

	ber_oid_parse(&o, oid);
	if (!a->model->get(a, &o, &v))
		return false;
	*num = v.num;
	return true;
}

static int64_t number(struct agent *a, const char *oid)
{
	int64_t num = 0;

	assert_true(number_of(a, oid, &num));
	return num;
}

/* Walk with the model's own next; checks the order and that get agrees. Returns the number of
 * objects. */
static size_t walk(struct agent *a)
{
	struct ber_oid at = { .n = 2, .arc = { 0, 0 } }, name;
	struct ber_value v, again;
	size_t n = 0;

	while (a->model->next(a, &at, &name, &v)) {
		assert_int_equal(ber_oid_compare(at.arc, at.n, name.arc, name.n), -1);
		assert_true(a->model->get(a, &name, &again));
		assert_int_equal(v.tag, again.tag);
		ber_oid_copy(&at, name.arc, name.n);
		assert_true(++n < 1000);
	}
	return n;
}

static void the_table_is_in_order_and_complete(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5");
	size_t one = walk(a);

	fleet_free(f);
	a = ups_agent(&f, "127.0.0.5 phases=3");
	/* 4 input, 4 output and 3 bypass columns */
	assert_int_equal(walk(a), one + 2 * 11);
	fleet_free(f);
}

static void the_bench_asks_what_one_phase_has(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5");

	for (size_t i = 0; i < UPS_BENCH_OBJECTS; i++) {
		struct ber_oid o;
		struct ber_value v;

		ups_bench_oid(i, &o);
		assert_true(a->model->get(a, &o, &v));
	}
	fleet_free(f);
}

static void an_outage_shows_and_ends(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5 runtime_s=1000");

	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.4.1.0"), 3);
	ups_on_battery(a->ups, S(1000));
	agent_clock(S(1100));
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.4.1.0"), 5);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.2.0"), 100);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.4.0"), 90);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.3.0"), 15);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.3.3.1.3.1"), 0);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.3.1.0"), 1);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.6.1.0"), 1);
	walk(a);
	ups_on_mains(a->ups, S(1100));
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.4.1.0"), 3);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.2.0"), 0);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.6.1.0"), 0);
	assert_true(number(a, "1.3.6.1.2.1.33.1.3.3.1.3.1") > 200);
	fleet_free(f);
}

static void a_battery_is_low_only_when_told(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5 runtime_s=1000");

	ups_on_battery(a->ups, S(1000));
	agent_clock(S(90000));
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.1.0"), 2);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.4.0"), 25);
	ups_set_battery(a->ups, UPS_BATTERY_LOW, S(90000));
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.1.0"), 3);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.6.1.0"), 2);
	ups_set_battery(a->ups, UPS_BATTERY_DEPLETED, S(90000));
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.1.0"), 4);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.4.0"), 0);
	ups_on_mains(a->ups, S(90010));
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.1.0"), 2);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.6.1.0"), 0);
	fleet_free(f);
}

static void a_rebooted_card_counts_anew_and_keeps_its_alarms(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5");
	bool is_change;

	ups_alarm(a->ups, "fan.failed", true, S(1000), &is_change, NULL);
	ups_on_battery(a->ups, S(1000));
	ups_alarm(a->ups, "16", false, S(1001), &is_change, NULL);
	assert_true(is_change);
	agent_clock(S(1100));
	ups_restart_card(a->ups, S(1100));
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.2.2.0"), 0);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.4.1.0"), 5);
	assert_int_equal(number(a, "1.3.6.1.2.1.33.1.6.2.1.3.1"), 0);
	fleet_free(f);
}

/* ---- protocol ---- */

static uint8_t room[BER_HEADROOM + BER_MAX_MESSAGE];

/* One request for one OID; returns the error status, *tag and *name of the first varbind. -1:
 * silence. */
static int ask(struct agent *a, int version, uint8_t type, const char *community, const char *oid,
	int bulk, uint8_t *tag, struct ber_oid *name, size_t *total)
{
	static struct ber_request rq;
	uint8_t request[BER_HEADROOM + 1500];
	struct ber_answer w;
	struct ber_value null;
	const uint8_t *p;
	struct ber_oid o;
	size_t n, at;

	/* The writer of answers makes the request: a GET differs from an answer in its tag only. */
	rq = (struct ber_request){ .version = version,
		.community = (const uint8_t *)community,
		.community_len = strlen(community),
		.request_id = 99 };
	ber_oid_parse(&o, oid);
	ber_value_bytes(&null, BER_NULL, NULL, 0);
	ber_answer_begin(&w, request, 1400, &rq);
	ber_answer_add(&w, &o, &null);
	p = ber_answer_end(&w, &rq, 0, bulk, &n);
	at = (size_t)(p - request);
	request[at + 2 + 3 + 2 + strlen(community)] = type;
	p = agent_answer(a, p, n, room, &n);
	if (!p)
		return -1;
	*total = n;
	/* Back through the reader of requests, for the same reason. */
	at = (size_t)(p - room) + (p[1] & 0x80 ? 2 + (p[1] & 0x7f) : 2) + 3 + 2 + strlen(community);
	assert_int_equal(room[at], BER_RESPONSE);
	room[at] = BER_GET;
	assert_int_equal(ber_request_read(&rq, p, n), 0);
	assert_int_equal(rq.request_id, 99);
	if (rq.n) {
		size_t k = rq.varbinds[1] & 0x80 ? 2 + (rq.varbinds[1] & 0x7f) : 2;

		*tag = rq.varbinds[k + 2 + rq.varbinds[k + 1]];
		*name = rq.name[0];
	}
	*total = bulk ? rq.n : n;
	return rq.non_repeaters;
}

#define CHARGE "1.3.6.1.2.1.33.1.2.4.0"

static void missing_objects_are_answered_by_version(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5");
	struct ber_oid name;
	uint8_t tag;
	size_t n;

	assert_int_equal(ask(a, SNMP_V1, BER_GET, "public", "1.3.6.1.9.0", 0, &tag, &name, &n),
		SNMP_NO_SUCH_NAME);
	assert_int_equal(ask(a, SNMP_V2C, BER_GET, "public", "1.3.6.1.9.0", 0, &tag, &name, &n), 0);
	assert_int_equal(tag, BER_NO_SUCH_OBJECT);
	assert_int_equal(ask(a, SNMP_V2C, BER_GET, "public", "1.3.6.1.2.1.33.1.2.4.7", 0, &tag,
				 &name, &n),
		0);
	assert_int_equal(tag, BER_NO_SUCH_INSTANCE);
	assert_int_equal(ask(a, SNMP_V1, BER_GETNEXT, "public", "1.4", 0, &tag, &name, &n),
		SNMP_NO_SUCH_NAME);
	assert_int_equal(ask(a, SNMP_V2C, BER_GETNEXT, "public", "1.4", 0, &tag, &name, &n), 0);
	assert_int_equal(tag, BER_END_OF_MIB);
	fleet_free(f);
}

static void another_community_hears_nothing(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5 community=geheim");
	struct ber_oid name;
	uint8_t tag;
	size_t n;

	assert_int_equal(ask(a, SNMP_V2C, BER_GET, "public", CHARGE, 0, &tag, &name, &n), -1);
	assert_int_equal(ask(a, SNMP_V2C, BER_GET, "geheim", CHARGE, 0, &tag, &name, &n), 0);
	fleet_free(f);
}

static void nothing_can_be_written(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5");
	struct ber_oid name;
	uint8_t tag;
	size_t n;

	assert_int_equal(ask(a, SNMP_V1, BER_SET, "public", CHARGE, 0, &tag, &name, &n),
		SNMP_NO_SUCH_NAME);
	assert_int_equal(ask(a, SNMP_V2C, BER_SET, "public", CHARGE, 0, &tag, &name, &n),
		SNMP_NOT_WRITABLE);
	fleet_free(f);
}

static void a_bulk_answer_is_cut_at_the_mtu(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5 mtu=484");
	struct ber_oid name;
	uint8_t tag;
	size_t small, large;

	assert_int_equal(ask(a, SNMP_V2C, BER_GETBULK, "public", "1.3.6.1.2.1.33.1.2", 100, &tag,
				 &name, &small),
		0);
	a->max_message = 1472;
	assert_int_equal(ask(a, SNMP_V2C, BER_GETBULK, "public", "1.3.6.1.2.1.33.1.2", 100, &tag,
				 &name, &large),
		0);
	assert_true(small > 10 && small < large);
	fleet_free(f);
}

static void a_set_value_hides_the_models(void **state)
{
	struct fleet *f;
	struct agent *a = ups_agent(&f, "127.0.0.5");
	struct ber_oid name, next;
	uint8_t tag;
	size_t n;

	agent_set(a, CHARGE, "4:full", NULL);
	ask(a, SNMP_V2C, BER_GET, "public", CHARGE, 0, &tag, &name, &n);
	assert_int_equal(tag, BER_OCTETS);
	agent_set(a, CHARGE, "absent", NULL);
	ask(a, SNMP_V2C, BER_GET, "public", CHARGE, 0, &tag, &name, &n);
	assert_int_equal(tag, BER_NO_SUCH_OBJECT);
	ask(a, SNMP_V2C, BER_GETNEXT, "public", "1.3.6.1.2.1.33.1.2.3.0", 0, &tag, &next, &n);
	assert_int_equal(next.arc[9], 5);
	agent_set(a, "1.3.6.1.2.1.33.1.2.3.7", "65:12", NULL);
	ask(a, SNMP_V2C, BER_GETNEXT, "public", "1.3.6.1.2.1.33.1.2.3.0", 0, &tag, &next, &n);
	assert_int_equal(next.arc[9], 3);
	assert_int_equal(tag, BER_COUNTER32);
	agent_unset(a);
	ask(a, SNMP_V2C, BER_GET, "public", CHARGE, 0, &tag, &name, &n);
	assert_int_equal(tag, BER_INTEGER);
	fleet_free(f);
}

/* ---- recordings ---- */

static void a_recording_is_served_sorted(void **state)
{
	static const char text[] =
		"1.3.6.1.2.1.1.5.0|4|zwei|drei\r\n\n# remark\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9 \n"
		"1.3.6.1.2.1.1.9.0|70|18446744073709551615\n1.3.6.1.2.1.1.1.0|4x|00ff41\n"
		"1.3.6.1.2.1.1.6.0|5|\n1.3.6.1.2.1.1.5.0|4|vier\n.1.3.6.1.2.1.1.7.0|64|<private>\n";
	char path[] = "/tmp/busbar-recording-XXXXXX", line[128];
	int fd = mkstemp(path);
	struct fleet *f;
	struct agent *a;
	struct ber_oid name;
	struct ber_value v;
	uint8_t tag;
	size_t n;

	assert_true(fd >= 0 && write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1);
	close(fd);
	snprintf(line, sizeof(line), "127.0.0.9 model=recording file=%s", path);
	a = ups_agent(&f, line);
	unlink(path);
	assert_int_equal(recording_count(a->recording), 5);
	assert_int_equal(walk(a), 5);
	ber_oid_parse(&name, "1.3.6.1.2.1.1.5.0");
	assert_true(a->model->get(a, &name, &v));
	assert_int_equal(v.len, 4);
	assert_memory_equal(v.bytes, "vier", 4);
	/* Counter64 does not exist for version 1. */
	assert_int_equal(ask(a, SNMP_V1, BER_GETNEXT, "public", "1.3.6.1.2.1.1.6.0", 0, &tag, &name,
				 &n),
		SNMP_NO_SUCH_NAME);
	ask(a, SNMP_V2C, BER_GETNEXT, "public", "1.3.6.1.2.1.1.6.0", 0, &tag, &name, &n);
	assert_int_equal(tag, BER_COUNTER64);
	ask(a, SNMP_V1, BER_GET, "public", "1.3.6.1.2.1.1.6.0", 0, &tag, &name, &n);
	assert_int_equal(tag, BER_NULL);
	fleet_free(f);
}

static void a_description_names_what_is_wrong(void **state)
{
	static const char *const bad[] = {
		"10.0.0.1",
		"127.0.0.1-126.0.0.1",
		"127.0.0.9-127.0.0.1",
		"127.0.0.1 phases=2",
		"127.0.0.1 model=apc",
		"127.0.0.1 model=recording",
		"127.0.0.1 file=x",
		"127.0.0.1 loss=101",
		"127.0.0.1 colour=red",
		"127.0.0.1 mtu",
		"127.0.0.1-127.255.255.255",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fleet *f = fleet_new();
		struct bb_err err = { .text = "" };

		assert_int_equal(fleet_add(f, bad[i], ".", 0, &err), -1);
		assert_true(err.text[0] != '\0');
		fleet_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_in_order_and_complete),
		cmocka_unit_test(the_bench_asks_what_one_phase_has),
		cmocka_unit_test(an_outage_shows_and_ends),
		cmocka_unit_test(a_battery_is_low_only_when_told),
		cmocka_unit_test(a_rebooted_card_counts_anew_and_keeps_its_alarms),
		cmocka_unit_test(missing_objects_are_answered_by_version),
		cmocka_unit_test(another_community_hears_nothing),
		cmocka_unit_test(nothing_can_be_written),
		cmocka_unit_test(a_bulk_answer_is_cut_at_the_mtu),
		cmocka_unit_test(a_set_value_hides_the_models),
		cmocka_unit_test(a_recording_is_served_sorted),
		cmocka_unit_test(a_description_names_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
