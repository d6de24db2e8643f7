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

/* ---- by place ---- */

static const struct profile_oid asked[] = {
	{ .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 3, 0 } },
	{ .n = 11, .id = { 1, 3, 6, 1, 2, 1, 33, 1, 2, 4, 0 } },
	{ .n = 12, .id = { 1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 200 } },
};
#define ASKED 3

/* The answer to `p`: the values (tag, length, contents) of `v` one after the other. Returns its length. */
static size_t answer_of(const struct packet *p, const uint8_t *v, uint8_t *out)
{
	uint8_t list[200];
	size_t n = 0, at = p->id_at + 4U + 6 + 2;

	for (unsigned i = 0; i < p->n; i++) {
		size_t name = p->data[at + 3] + 2U;

		list[n++] = 0x30;
		list[n++] = (uint8_t)(name + 2 + v[1]);
		memcpy(list + n, p->data + at + 2, name);
		memcpy(list + n + name, v, v[1] + 2U);
		n += name + 2 + v[1];
		at += name + 4;
		v += v[1] + 2;
	}
	memcpy(out, p->data, p->id_at + 4U);
	size_t head = p->id_at + 4U;
	memcpy(out + head, "\x02\x01\x00\x02\x01\x00\x30", 7);
	out[p->pdu_at] = 0xa2;
	out[head + 7] = (uint8_t)n;
	memcpy(out + head + 8, list, n);
	out[p->pdu_at + 1] = (uint8_t)(head + 8 + n - p->pdu_at - 2);
	out[1] = (uint8_t)(head + 8 + n - 2);
	return head + 8 + n;
}

static bool same_value(const struct codec_varbind *a, const struct codec_varbind *b)
{
	return a->type == b->type &&
	       (a->type != CODEC_NUMBER || (a->number == b->number && a->whole == b->whole)) &&
	       (a->type != CODEC_TEXT ||
		       (a->text_len == b->text_len && !memcmp(a->text, b->text, a->text_len)));
}

/* True: it was understood by place. Then net-snmp must say the same. */
static bool taken_alike(const struct packet *p, const uint8_t *data, size_t len)
{
	static struct codec_answer a, b;
	uint8_t copy[300];

	if (codec_take(p, data, len, &a))
		return false;
	memcpy(copy, data, len);
	assert_int_equal(codec_decode(copy, len, CODEC_V2C, &b), 0);
	assert_int_equal(a.n, b.n);
	assert_int_equal(a.error, b.error);
	for (unsigned i = 0; i < a.n; i++) {
		assert_int_equal(profile_oid_compare(&b.v[i].oid, &asked[i]), 0);
		assert_true(same_value(&a.v[i], &b.v[i]));
	}
	codec_answer_free(&b);
	return true;
}

static const uint8_t ordinary[] = { 0x43, 3, 1, 2, 3, 0x02, 2, 0xff, 0x38, 0x04, 2, 'O', 'L' };

static void an_ordinary_answer_is_taken_by_place(void **state)
{
	struct packet *p = codec_build(CODEC_GET, CODEC_V2C, "public", asked, ASKED, 0);
	static struct codec_answer a;
	uint8_t data[300];
	size_t n = answer_of(p, ordinary, data);

	assert_true(taken_alike(p, data, n));
	assert_int_equal(codec_take(p, data, n, &a), 0);
	assert_true(a.by_place && a.n == ASKED);
	assert_true(a.v[0].number == 0x10203 && a.v[1].number == -200);
	assert_memory_equal(a.v[2].text, "OL", 2);
	free(p);
}

static void what_is_taken_by_place_is_what_net_snmp_says(void **state)
{
	struct packet *p = codec_build(CODEC_GET, CODEC_V2C, "public", asked, ASKED, 0);
	uint8_t data[300], v[60] = { 0x43, 1, 7 };
	unsigned taken = 0;

	/* Every tag with every number of bytes, small, large and negative. */
	for (unsigned k = 0; k < 256U * 10 * 4; k++) {
		static const uint8_t first[] = { 0x00, 0x7f, 0x80, 0xff };
		uint8_t bytes = k / 4 % 10;

		v[3] = (uint8_t)(k / 40);
		v[4] = bytes;
		memset(v + 5, 0x35, bytes);
		v[5] = bytes ? first[k % 4] : 0x05;
		memcpy(v + 5 + bytes, "\x05\x00", 2);
		taken += taken_alike(p, data, answer_of(p, v, data));
	}
	assert_true(taken > 50);
	/* Every byte of the message with every value, and the message cut anywhere. */
	size_t n = answer_of(p, ordinary, data);
	for (size_t i = 0; i < n * 256; i++) {
		uint8_t was = data[i / 256];

		data[i / 256] = (uint8_t)i;
		(void)taken_alike(p, data, n);
		data[i / 256] = was;
	}
	for (size_t i = 0; i < n; i++)
		assert_false(taken_alike(p, data, i));
	free(p);
}

static void other_names_or_fewer_are_not_taken_by_place(void **state)
{
	struct packet *p = codec_build(CODEC_GET, CODEC_V2C, "public", asked, ASKED, 0);
	struct packet *fewer = codec_build(CODEC_GET, CODEC_V2C, "public", asked, ASKED - 1, 0);
	struct packet *others = codec_build(CODEC_GET, CODEC_V2C, "public", asked + 1, 2, 0);
	uint8_t data[300];
	size_t n = answer_of(p, ordinary, data);

	assert_true(taken_alike(p, data, n));
	assert_false(taken_alike(fewer, data, n));
	assert_false(taken_alike(others, data, n));
	n = answer_of(fewer, ordinary, data);
	assert_false(taken_alike(p, data, n));
	assert_false(taken_alike(others, data, n));
	free(p);
	free(fewer);
	free(others);
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
		cmocka_unit_test(an_ordinary_answer_is_taken_by_place),
		cmocka_unit_test(what_is_taken_by_place_is_what_net_snmp_says),
		cmocka_unit_test(other_names_or_fewer_are_not_taken_by_place),
	};

	return cmocka_run_group_tests_name("snmp_codec", tests, setup, NULL);
}
