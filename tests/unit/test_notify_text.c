// SPDX-License-Identifier: Apache-2.0
/* Who is told, and what the message says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notifyd/mime.h"
#include "notifyd/route.h"
#include "notifyd/template.h"

enum { NORMAL = 1, ACTIVE, ACKED, CLEARED };

struct made {
	Busbar__V1__Alarm a;
	Busbar__V1__Transition t;
};

static void make(struct made *m, unsigned from, unsigned to)
{
	busbar__v1__alarm__init(&m->a);
	busbar__v1__transition__init(&m->t);
	m->a.device_id = 7;
	m->a.key = "hh/ups-1";
	m->a.rule = "on_battery";
	m->a.subject = "ups.status";
	m->a.id = "ab-12";
	m->a.episode = 3;
	m->a.severity = 2;
	m->a.text = "the load runs on battery";
	m->a.unit = m->a.user = m->a.comment = "";
	m->t.alarm = &m->a;
	m->t.from = from;
	m->t.to = to;
	m->t.kind = "raise";
	m->t.at_unix_us = 1763710801000000;
}

static void only_what_becomes_or_ends_active_is_told(void **state)
{
	static const enum route_kind want[5][5] = {
		[0] = { [ACTIVE] = ROUTE_RAISE, [ACKED] = ROUTE_RAISE },
		[NORMAL] = { [ACTIVE] = ROUTE_RAISE, [ACKED] = ROUTE_RAISE },
		[ACTIVE] = { [0] = ROUTE_CLEAR, [NORMAL] = ROUTE_CLEAR, [CLEARED] = ROUTE_CLEAR },
		[ACKED] = { [0] = ROUTE_CLEAR, [NORMAL] = ROUTE_CLEAR, [CLEARED] = ROUTE_CLEAR },
		[CLEARED] = { [ACTIVE] = ROUTE_RAISE, [ACKED] = ROUTE_RAISE },
	};
	struct made m;

	for (unsigned from = 0; from < 5; from++) {
		for (unsigned to = 0; to < 5; to++) {
			make(&m, from, to);
			assert_int_equal(route_kind(&m.t), want[from][to]);
		}
	}
}

static void a_shelved_alarm_is_not_told_but_its_end_is_to_those_who_heard_of_it(void **state)
{
	struct made m;

	make(&m, NORMAL, ACTIVE);
	m.a.shelved_unix_us = 1000;
	m.a.raised_unix_us = 2000;
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	make(&m, ACTIVE, NORMAL);
	m.a.shelved_unix_us = 1000;
	m.a.raised_unix_us = 2000;
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	m.a.raised_unix_us = 500;
	assert_int_equal(route_kind(&m.t), ROUTE_CLEAR);
}

static void back_from_the_shelf_it_is_told_like_a_new_one(void **state)
{
	uint8_t raise[16], first[16], second[16];
	struct made m;

	make(&m, ACTIVE, ACTIVE);
	route_key(&m.t, ROUTE_RAISE, 1, "email", raise);
	m.t.kind = "unshelve";
	m.t.jseq = 7;
	assert_int_equal(route_kind(&m.t), ROUTE_RAISE);
	route_key(&m.t, ROUTE_RAISE, 1, "email", first);
	m.t.jseq = 9;
	route_key(&m.t, ROUTE_RAISE, 1, "email", second);
	assert_memory_not_equal(raise, first, 16);
	assert_memory_not_equal(first, second, 16);
	make(&m, ACKED, ACKED);
	m.t.kind = "unshelve";
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	make(&m, NORMAL, NORMAL);
	m.t.kind = "unshelve";
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
}

/* Every way to be quiet: the raise is not told, the end of the quiet is if it was the last one. */
static void a_quiet_alarm_is_told_when_the_last_quiet_ends(void **state)
{
	static const struct {
		size_t mark;
		const char *end;
	} ways[] = {
		{ offsetof(Busbar__V1__Alarm, maintenance), "maintenance_end" },
		{ offsetof(Busbar__V1__Alarm, out_of_service), "in_service" },
		{ offsetof(Busbar__V1__Alarm, suppressed_by), "unsuppress" },
	};
	struct made m;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char **mark;

		make(&m, NORMAL, ACTIVE);
		mark = (char **)((char *)&m.a + ways[i].mark);
		*mark = "because";
		assert_int_equal(route_kind(&m.t), ROUTE_NONE);
		m.t.kind = (char *)(uintptr_t)ways[i].end;
		m.t.from = ACTIVE;
		*mark = NULL;
		assert_int_equal(route_kind(&m.t), ROUTE_RAISE);
		m.a.shelved_unix_us = 1;
		assert_int_equal(route_kind(&m.t), ROUTE_NONE);
		m.a.shelved_unix_us = 0;
		m.t.from = m.t.to = ACKED;
		assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	}
}

static void the_end_goes_to_those_who_were_told_and_as_bad_as_it_was_told(void **state)
{
	struct recipient r = { .min_severity = 1 };
	struct made m;

	make(&m, ACTIVE, NORMAL);
	m.t.kind = "clear";
	m.a.has_told_severity = 1;
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	m.a.told_severity = 1;
	m.a.maintenance = "later";
	assert_int_equal(route_kind(&m.t), ROUTE_CLEAR);
	m.a.severity = 4;
	assert_true(route_wants(&r, &m.t, ROUTE_CLEAR));
	assert_false(route_wants(&r, &m.t, ROUTE_RAISE));
}

static void chatter_is_told_at_its_begin_and_with_the_state_at_its_end(void **state)
{
	struct made m;

	make(&m, NORMAL, ACTIVE);
	m.a.chattering = 1;
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	m.t.from = ACTIVE;
	m.t.kind = "chatter";
	assert_int_equal(route_kind(&m.t), ROUTE_RAISE);
	m.a.maintenance = "now";
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	make(&m, ACTIVE, NORMAL);
	m.a.chattering = 1;
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	make(&m, ACKED, ACKED);
	m.t.kind = "chatter_end";
	assert_int_equal(route_kind(&m.t), ROUTE_RAISE);
	make(&m, NORMAL, NORMAL);
	m.t.kind = "chatter_end";
	m.a.has_told_severity = 1;
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
	m.a.told_severity = 2;
	assert_int_equal(route_kind(&m.t), ROUTE_CLEAR);
}

static void a_rising_severity_is_told_a_falling_one_is_not(void **state)
{
	struct made m;

	make(&m, ACTIVE, ACTIVE);
	m.t.kind = "severity";
	m.t.has_from_severity = 1;
	m.t.from_severity = 4;
	assert_int_equal(route_kind(&m.t), ROUTE_RAISE);
	m.t.from_severity = 1;
	assert_int_equal(route_kind(&m.t), ROUTE_NONE);
}

static void a_recipient_wants_his_severity_and_worse(void **state)
{
	struct recipient r = { .min_severity = 2 };
	struct made m;

	make(&m, NORMAL, ACTIVE);
	assert_true(route_wants(&r, &m.t, ROUTE_RAISE));
	m.a.severity = 1;
	assert_true(route_wants(&r, &m.t, ROUTE_RAISE));
	m.a.severity = 3;
	assert_false(route_wants(&r, &m.t, ROUTE_RAISE));
	m.a.severity = 0;
	assert_true(route_wants(&r, &m.t, ROUTE_RAISE));
	r.min_severity = 0;
	m.a.severity = 6;
	assert_true(route_wants(&r, &m.t, ROUTE_RAISE));
}

static void the_key_follows_from_the_message_and_nothing_else(void **state)
{
	uint8_t key[16], other[16];
	struct made m;

	make(&m, NORMAL, ACTIVE);
	route_key(&m.t, ROUTE_RAISE, 1, "email", key);
	m.t.jseq = 99;
	m.a.text = "other words";
	m.a.key = "renamed/ups";
	route_key(&m.t, ROUTE_RAISE, 1, "email", other);
	assert_memory_equal(key, other, 16);
	route_key(&m.t, ROUTE_CLEAR, 1, "email", other);
	assert_memory_not_equal(key, other, 16);
	route_key(&m.t, ROUTE_RAISE, 2, "email", other);
	assert_memory_not_equal(key, other, 16);
	route_key(&m.t, ROUTE_RAISE, 1, "sms", other);
	assert_memory_not_equal(key, other, 16);
	m.a.episode++;
	route_key(&m.t, ROUTE_RAISE, 1, "email", other);
	assert_memory_not_equal(key, other, 16);
}

static void parts_of_a_key_do_not_run_into_each_other(void **state)
{
	uint8_t key[16], other[16];
	struct made m;

	make(&m, NORMAL, ACTIVE);
	m.a.rule = "ab";
	m.a.subject = "c";
	route_key(&m.t, ROUTE_RAISE, 1, "email", key);
	m.a.rule = "a";
	m.a.subject = "bc";
	route_key(&m.t, ROUTE_RAISE, 1, "email", other);
	assert_memory_not_equal(key, other, 16);
}

static void own_alarms_of_two_daemons_are_two(void **state)
{
	uint8_t key[16], other[16];
	struct made m;

	make(&m, NORMAL, ACTIVE);
	m.a.device_id = 0;
	m.a.key = "busbar/historyd";
	route_key(&m.t, ROUTE_RAISE, 1, "email", key);
	m.a.key = "busbar/busd";
	route_key(&m.t, ROUTE_RAISE, 1, "email", other);
	assert_memory_not_equal(key, other, 16);
}

/* ---- text ---- */

static void header_is(const char *value, const char *want)
{
	struct bb_buf b = { 0 };

	mime_header(&b, "Subject", value);
	assert_string_equal(b.data, want);
	bb_buf_fini(&b);
}

static void long_headers_are_folded_at_spaces(void **state)
{
	header_is("short", "Subject: short\r\n");
	header_is(
		"one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
		"Subject: one two three four five six seven eight nine ten eleven twelve\r\n"
		" thirteen fourteen\r\n");
}

static void line_ends_in_a_value_do_not_make_a_header(void **state)
{
	header_is("a\r\nBcc: evil@example.org", "Subject: a??Bcc: evil@example.org\r\n");
}

static void other_letters_become_encoded_words(void **state)
{
	header_is("\xc3\x9c"
		  "berlast",
		"Subject: =?UTF-8?B?w5xiZXJsYXN0?=\r\n");
	header_is("=?UTF-8?B?ZXZpbA==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP1pYWnBiQT09Pz0=?=\r\n");
}

static void no_line_is_longer_than_78(void **state)
{
	char text[600];
	struct bb_buf b = { 0 };

	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xbc", 3);
	mime_header(&b, "X-Busbar-Alarm", text);
	mime_mailbox(&b, "To", text, "a@example.org");
	mime_body(&b, text);
	memset(text, 'x', 590);
	text[590] = '\0';
	mime_header(&b, "Subject", text);
	mime_body(&b, text);
	for (char *line = b.data, *end; (end = strstr(line, "\r\n")); line = end + 2)
		assert_true(end - line <= 78);
	bb_buf_fini(&b);
}

static void body_is_quoted_printable(void **state)
{
	struct bb_buf b = { 0 };

	mime_body(&b, "a=b \n.\nFrom here\x01\n\xc3\xbc");
	assert_string_equal(b.data, "a=3Db=20\r\n.\r\nFrom here?\r\n=C3=BC\r\n");
	bb_buf_fini(&b);
}

static void names_in_addresses_are_quoted_or_encoded(void **state)
{
	struct bb_buf b = { 0 };

	mime_mailbox(&b, "To", "Ops, night", "ops@example.org");
	mime_mailbox(&b, "To", "a \"b\"", "b@example.org");
	assert_string_equal(b.data, "To: \"Ops, night\"\r\n <ops@example.org>\r\n"
				    "To: =?UTF-8?B?YSAiYiI=?=\r\n <b@example.org>\r\n");
	bb_buf_fini(&b);
}

static char *rendered(struct made *m, enum route_kind kind, unsigned attempt, struct bb_buf *b)
{
	static const uint8_t key[16] = { 1, 2, 3 };

	template_render(&(struct letter){ .transition = &m->t,
				.kind = kind,
				.from = "busbar@example.net",
				.to = "ops@example.org",
				.to_name = "Ops",
				.key = key,
				.recipient_id = 1,
				.install_id = "00112233445566778899aabbccddeeff",
				.attempt = attempt },
		b);
	return b->data;
}

static void a_raise_says_what_where_and_how_bad(void **state)
{
	struct bb_buf b = { 0 };
	struct made m;
	char *text;

	make(&m, NORMAL, ACTIVE);
	text = rendered(&m, ROUTE_RAISE, 1, &b);
	assert_non_null(
		strstr(text, "\r\nSubject: [MAJOR] hh/ups-1: the load runs on battery\r\n"));
	assert_non_null(strstr(text, "Date: Fri, 21 Nov 2025 07:40:01 +0000\r\n"));
	assert_non_null(strstr(text, "Message-ID: <01020300000000000000000000000000@"
				     "00112233445566778899aabbccddeeff.busbar>\r\n"));
	assert_non_null(strstr(text, "X-Busbar-Alarm: ab-12\r\n"));
	assert_null(strstr(text, "X-Busbar-Attempt"));
	assert_null(strstr(text, "In-Reply-To"));
	bb_buf_fini(&b);
}

static void a_repeat_differs_only_in_its_attempt(void **state)
{
	struct bb_buf first = { 0 }, second = { 0 };
	struct made m;
	char *at;

	make(&m, NORMAL, ACTIVE);
	rendered(&m, ROUTE_RAISE, 1, &first);
	rendered(&m, ROUTE_RAISE, 2, &second);
	at = strstr(second.data, "X-Busbar-Attempt: 2\r\n");
	assert_non_null(at);
	memmove(at, at + 21, strlen(at + 21) + 1);
	assert_string_equal(first.data, second.data);
	bb_buf_fini(&first);
	bb_buf_fini(&second);
}

static void a_clear_answers_its_raise(void **state)
{
	struct bb_buf b = { 0 };
	uint8_t key[16];
	char hex[33];
	struct made m;

	make(&m, ACTIVE, NORMAL);
	rendered(&m, ROUTE_CLEAR, 1, &b);
	route_key(&m.t, ROUTE_RAISE, 1, "email", key);
	bb_hex(hex, key, sizeof(key));
	assert_non_null(strstr(strstr(b.data, "In-Reply-To: <"), hex));
	assert_non_null(strstr(b.data, "Subject: [cleared] hh/ups-1"));
	bb_buf_fini(&b);
}

static void a_test_says_that_it_is_one(void **state)
{
	struct bb_buf b = { 0 };
	struct made m;

	make(&m, NORMAL, ACTIVE);
	m.a.test = 1;
	assert_non_null(strstr(rendered(&m, ROUTE_RAISE, 1, &b), "Subject: [TEST] [MAJOR]"));
	bb_buf_fini(&b);
}

static void addresses_with_anything_odd_are_refused(void **state)
{
	static const char *const bad[] = { "", "a", "@b", "a@", "a b@c", "a@b>c", "a@b\r\nRCPT",
		"a@\xc3\xbc", "<a@b>", "a,b@c", "\"a\"@b" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(config_address_valid(bad[i]));
	assert_true(config_address_valid("first.last+tag@mail.example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_becomes_or_ends_active_is_told),
		cmocka_unit_test(
			a_shelved_alarm_is_not_told_but_its_end_is_to_those_who_heard_of_it),
		cmocka_unit_test(back_from_the_shelf_it_is_told_like_a_new_one),
		cmocka_unit_test(a_quiet_alarm_is_told_when_the_last_quiet_ends),
		cmocka_unit_test(the_end_goes_to_those_who_were_told_and_as_bad_as_it_was_told),
		cmocka_unit_test(chatter_is_told_at_its_begin_and_with_the_state_at_its_end),
		cmocka_unit_test(a_rising_severity_is_told_a_falling_one_is_not),
		cmocka_unit_test(a_recipient_wants_his_severity_and_worse),
		cmocka_unit_test(the_key_follows_from_the_message_and_nothing_else),
		cmocka_unit_test(parts_of_a_key_do_not_run_into_each_other),
		cmocka_unit_test(own_alarms_of_two_daemons_are_two),
		cmocka_unit_test(long_headers_are_folded_at_spaces),
		cmocka_unit_test(line_ends_in_a_value_do_not_make_a_header),
		cmocka_unit_test(other_letters_become_encoded_words),
		cmocka_unit_test(no_line_is_longer_than_78),
		cmocka_unit_test(body_is_quoted_printable),
		cmocka_unit_test(names_in_addresses_are_quoted_or_encoded),
		cmocka_unit_test(a_raise_says_what_where_and_how_bad),
		cmocka_unit_test(a_repeat_differs_only_in_its_attempt),
		cmocka_unit_test(a_clear_answers_its_raise),
		cmocka_unit_test(a_test_says_that_it_is_one),
		cmocka_unit_test(addresses_with_anything_odd_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
