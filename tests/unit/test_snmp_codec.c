// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/codec.h"
#include "collectors/snmp/echo.h"
#include "common/arena.h"

static const struct profile_oid charge = { .n = 11, .id = { 1, 3, 6, 1, 2, 1, 33, 1, 2, 4, 0 } };

/* SNMPv2c response, community "public", id 0x40000007, charge = 98. */
static const uint8_t answer98[] = {
	0x30,
	0x2d,
	0x02,
	0x01,
	0x01,
	0x04,
	0x06,
	'p',
	'u',
	'b',
	'l',
	'i',
	'c',
	0xa2,
	0x20,
	0x02,
	0x04,
	0x40,
	0x00,
	0x00,
	0x07,
	0x02,
	0x01,
	0x00,
	0x02,
	0x01,
	0x00,
	0x30,
	0x12,
	0x30,
	0x10,
	0x06,
	0x0a,
	0x2b,
	0x06,
	0x01,
	0x02,
	0x01,
	0x21,
	0x01,
	0x02,
	0x04,
	0x00,
	0x02,
	0x02,
	0x00,
	0x62,
};

/* Offsets in answer98: the id, the value's contents. */
enum { ID_AT = 17, VALUE_AT = 45, VALUE_N = 2 };

static void a_value_is_found_without_decoding(void **state)
{
	struct codec_place at;

	assert_int_equal(codec_place(answer98, sizeof(answer98), 0, &at), 0);
	assert_int_equal(at.at, VALUE_AT);
	assert_int_equal(at.n, VALUE_N);
	assert_int_equal(codec_place(answer98, sizeof(answer98), 1, &at), -1);
	for (size_t n = 0; n < sizeof(answer98); n++)
		assert_int_equal(codec_place(answer98, n, 0, &at), -1);
}

static void an_echo_is_the_same_answer_to_another_request(void **state)
{
	uint8_t next[sizeof(answer98)];
	struct echo e;

	memcpy(next, answer98, sizeof(next));
	echo_keep(&e, answer98, sizeof(answer98), -1);
	next[ID_AT + 3] = 0x99;
	assert_true(echo_is(&e, next, sizeof(next)));
	assert_false(echo_is(&e, next, sizeof(next) - 1));
	for (size_t i = 0; i < sizeof(next); i++) {
		next[i] ^= 1;
		assert_int_equal(echo_is(&e, next, sizeof(next)), i >= ID_AT && i < ID_AT + 4);
		next[i] ^= 1;
	}
}

static void one_value_of_an_echo_may_differ_and_is_told(void **state)
{
	uint8_t next[sizeof(answer98)];
	struct echo e;

	memcpy(next, answer98, sizeof(next));
	echo_keep(&e, answer98, sizeof(answer98), 0);
	next[VALUE_AT] = 0x01;
	next[VALUE_AT + 1] = 0x02;
	assert_true(echo_is(&e, next, sizeof(next)));
	assert_int_equal(echo_number(&e, next), 0x102);
	next[VALUE_AT - 2] ^= 1; /* its type */
	assert_false(echo_is(&e, next, sizeof(next)));
	echo_keep(&e, answer98, sizeof(answer98), 7);
	assert_false(echo_is(&e, answer98, sizeof(answer98)));
	echo_keep(&e, answer98, sizeof(answer98) - 1, -1);
	assert_false(echo_is(&e, answer98, sizeof(answer98) - 1));
}

static void a_request_carries_the_id_that_was_patched_in(void **state)
{
	struct packet *p = codec_build(CODEC_GET, CODEC_V2C, "public", &charge, 1, 0);
	struct codec_head h;

	assert_non_null(p);
	codec_id(CODEC_ID_BIT | 0x3ff12345U, p->data + p->id_at);
	assert_int_equal(codec_peek(p->data, p->len, &h), 0);
	assert_int_equal(h.id, CODEC_ID_BIT | 0x3ff12345U);
	assert_int_equal(h.version, CODEC_V2C);
	assert_int_equal(h.pdu, 0xa0);
	assert_memory_equal(h.community, "public", 6);
	free(p);
}

static void every_operation_and_version_can_be_built(void **state)
{
	static const uint8_t
		tag[] = { [CODEC_GET] = 0xa0, [CODEC_NEXT] = 0xa1, [CODEC_BULK] = 0xa5 };
	struct codec_head h;

	for (unsigned op = CODEC_GET; op <= CODEC_BULK; op++) {
		for (unsigned v = op == CODEC_BULK ? CODEC_V2C : CODEC_V1; v <= CODEC_V2C; v++) {
			struct packet *p = codec_build((enum codec_op)op, (enum codec_version)v,
				"x", &charge, 1, 10);

			assert_non_null(p);
			assert_int_equal(codec_peek(p->data, p->len, &h), 0);
			assert_int_equal(h.pdu, tag[op]);
			assert_int_equal(h.version, v);
			free(p);
		}
	}
}

static void an_answer_is_decoded(void **state)
{
	struct codec_answer a;
	uint8_t data[sizeof(answer98)];
	double v;

	memcpy(data, answer98, sizeof(data));
	assert_int_equal(codec_decode(data, sizeof(data), CODEC_V2C, &a), 0);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.error, 0);
	assert_int_equal(profile_oid_compare(&a.v[0].oid, &charge), 0);
	assert_true(codec_number(&a.v[0], false, &v));
	assert_true(v == 98);
	codec_answer_free(&a);
}

static void an_answer_cut_anywhere_is_refused(void **state)
{
	struct codec_answer a;
	struct codec_head h;

	for (size_t n = 0; n < sizeof(answer98); n++) {
		uint8_t *data = bb_malloc(n + 1);

		memcpy(data, answer98, n);
		assert_true(codec_peek(data, n, &h) || codec_decode(data, n, CODEC_V2C, &a));
		free(data);
	}
}

static void another_version_or_a_request_is_no_answer(void **state)
{
	struct codec_answer a;
	uint8_t data[sizeof(answer98)];

	memcpy(data, answer98, sizeof(data));
	assert_int_equal(codec_decode(data, sizeof(data), CODEC_V1, &a), -1);
	memcpy(data, answer98, sizeof(data));
	data[13] = 0xa0;
	assert_int_equal(codec_decode(data, sizeof(data), CODEC_V2C, &a), -1);
}

static struct codec_varbind text(const char *s, size_t n)
{
	return (struct codec_varbind){ .type = CODEC_TEXT,
		.text = (const uint8_t *)s,
		.text_len = n };
}

static void numbers_written_as_text_are_numbers(void **state)
{
	// clang-format off
	static const struct {
		const char *text;
		bool plain, in_text;
		double value;
	} cases[] = {
		{ "54.3", true, true, 54.3 },
		{ " 12 ", true, true, 12 },
		{ "-7", true, true, -7 },
		{ "230.1 V", false, true, 230.1 },
		{ "0x10", false, true, 0 },
		{ "nan", false, false, 0 },
		{ "inf", false, false, 0 },
		{ "", false, false, 0 },
		{ "12 V 13", false, true, 12 },
		{ "1-2", false, false, 0 },
	};
	// clang-format on
	double v;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct codec_varbind b = text(cases[i].text, strlen(cases[i].text));

		assert_int_equal(codec_number(&b, false, &v), cases[i].plain);
		assert_true(!cases[i].plain || v == cases[i].value);
		assert_int_equal(codec_number(&b, true, &v), cases[i].in_text);
		assert_true(!cases[i].in_text || v == cases[i].value);
	}
	struct codec_varbind padded = text("\0 42\0\0", 6), hole = text("4\0002", 3);
	assert_true(codec_number(&padded, false, &v) && v == 42);
	assert_false(codec_number(&hole, false, &v));
}

static void an_oid_written_as_text_is_an_oid(void **state)
{
	struct codec_varbind b = text(".1.3.6.1.4.1.935", 16), bad = text("enterprises.935", 15);
	struct profile_oid o;

	assert_true(codec_oid(&b, &o));
	assert_int_equal(o.n, 7);
	assert_int_equal(o.id[6], 935);
	assert_false(codec_oid(&bad, &o));
}

static int setup(void **state)
{
	codec_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_found_without_decoding),
		cmocka_unit_test(an_echo_is_the_same_answer_to_another_request),
		cmocka_unit_test(one_value_of_an_echo_may_differ_and_is_told),
		cmocka_unit_test(a_request_carries_the_id_that_was_patched_in),
		cmocka_unit_test(every_operation_and_version_can_be_built),
		cmocka_unit_test(an_answer_is_decoded),
		cmocka_unit_test(an_answer_cut_anywhere_is_refused),
		cmocka_unit_test(another_version_or_a_request_is_no_answer),
		cmocka_unit_test(numbers_written_as_text_are_numbers),
		cmocka_unit_test(an_oid_written_as_text_is_an_oid),
	};

	return cmocka_run_group_tests_name("snmp_codec", tests, setup, NULL);
}
