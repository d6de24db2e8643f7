// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/sim/ber.h"
#include "tests/sim/rng.h"

/* What snmpget -v2c -c public sends for sysUpTime.0 and sysName.0. */
static const uint8_t get_two[] = {
	0x30,
	0x37,
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
	0xa0,
	0x2a,
	0x02,
	0x04,
	0x12,
	0x34,
	0x56,
	0x78,
	0x02,
	0x01,
	0x00,
	0x02,
	0x01,
	0x00,
	0x30,
	0x1c,
	0x30,
	0x0c,
	0x06,
	0x08,
	0x2b,
	0x06,
	0x01,
	0x02,
	0x01,
	0x01,
	0x03,
	0x00,
	0x05,
	0x00,
	0x30,
	0x0c,
	0x06,
	0x08,
	0x2b,
	0x06,
	0x01,
	0x02,
	0x01,
	0x01,
	0x05,
	0x00,
	0x05,
	0x00,
};

static struct ber_request rq;
static uint8_t room[BER_HEADROOM + BER_MAX_MESSAGE];

static void a_real_get_is_read(void **state)
{
	struct ber_oid up;

	assert_int_equal(ber_request_read(&rq, get_two, sizeof(get_two)), 0);
	assert_int_equal(rq.version, SNMP_V2C);
	assert_int_equal(rq.type, BER_GET);
	assert_int_equal(rq.request_id, 0x12345678);
	assert_int_equal(rq.community_len, 6);
	assert_int_equal(rq.n, 2);
	ber_oid_parse(&up, ".1.3.6.1.2.1.1.3.0");
	assert_int_equal(ber_oid_compare(rq.name[0].arc, rq.name[0].n, up.arc, up.n), 0);
}

static void every_cut_of_a_request_is_refused(void **state)
{
	for (size_t n = 0; n < sizeof(get_two); n++)
		assert_int_equal(ber_request_read(&rq, get_two, n), -1);
}

static void bytes_behind_a_request_are_refused(void **state)
{
	uint8_t longer[sizeof(get_two) + 1] = { 0 };

	memcpy(longer, get_two, sizeof(get_two));
	assert_int_equal(ber_request_read(&rq, longer, sizeof(longer)), -1);
}

static void a_version_1_bulk_and_a_response_are_refused(void **state)
{
	uint8_t p[sizeof(get_two)];

	memcpy(p, get_two, sizeof(p));
	p[13] = BER_GETBULK;
	assert_int_equal(ber_request_read(&rq, p, sizeof(p)), 0);
	p[4] = SNMP_V1;
	assert_int_equal(ber_request_read(&rq, p, sizeof(p)), -1);
	memcpy(p, get_two, sizeof(p));
	p[13] = BER_RESPONSE;
	assert_int_equal(ber_request_read(&rq, p, sizeof(p)), -1);
	memcpy(p, get_two, sizeof(p));
	p[4] = 3;
	assert_int_equal(ber_request_read(&rq, p, sizeof(p)), -1);
}

static void an_oid_survives_packing(void **state)
{
	struct rng r = { .state = 7 };

	for (int round = 0; round < 20000; round++) {
		struct ber_oid a = { .n = (uint32_t)rng_between(&r, 2, BER_OID_ARCS) }, b;
		uint8_t packed[BER_OID_ARCS * 5];
		size_t n;

		for (uint32_t i = 0; i < a.n; i++)
			a.arc[i] = (uint32_t)(rng_next(&r) >> rng_between(&r, 32, 63));
		a.arc[0] %= 3;
		if (a.arc[0] < 2)
			a.arc[1] %= 40;
		n = ber_oid_pack(packed, sizeof(packed), a.arc, a.n);
		assert_true(n > 0);
		assert_int_equal(ber_oid_unpack(&b, packed, n), 0);
		assert_int_equal(ber_oid_compare(a.arc, a.n, b.arc, b.n), 0);
		assert_int_equal(ber_oid_pack(packed, n - 1, a.arc, a.n), 0);
	}
}

static void a_bad_oid_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "", 0 },                         /* empty */
		{ "\x2b\x80\x01", 3 },             /* padded arc */
		{ "\x2b\x81", 2 },                 /* cut arc */
		{ "\x2b\x90\x80\x80\x80\x00", 6 }, /* arc of 2^32 */
		{ "\x2b\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10 },
	};
	struct ber_oid o;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ber_oid_unpack(&o, (const uint8_t *)bad[i].bytes, bad[i].n), -1);
	assert_int_equal(ber_oid_parse(&o, "1.40.3"), -1);
	assert_int_equal(ber_oid_parse(&o, "1"), -1);
	assert_int_equal(ber_oid_parse(&o, "1.3..6"), -1);
	assert_int_equal(ber_oid_parse(&o, "1.3.6."), -1);
	assert_int_equal(ber_oid_parse(&o, "1.3.4294967296"), -1);
}

/* Content octets of the first value of an answer. */
static size_t answered_value(const struct ber_value *v, const uint8_t **content)
{
	struct ber_answer a;
	const uint8_t *p;
	size_t len;

	ber_request_read(&rq, get_two, sizeof(get_two));
	ber_answer_begin(&a, room, 1472, &rq);
	assert_true(ber_answer_add(&a, &rq.name[0], v));
	p = ber_answer_end(&a, &rq, 0, 0, &len);
	assert_int_equal(p[1], len - 2);
	/* The value stands behind the OID, at the end. */
	for (size_t at = 0; at + 10 < len; at++) {
		if (!memcmp(p + at, "\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00", 10)) {
			assert_int_equal(p[at + 10], v->tag);
			*content = p + at + 12;
			assert_int_equal(p[at + 11], len - at - 12);
			return p[at + 11];
		}
	}
	fail();
	return 0;
}

static void numbers_take_the_fewest_octets(void **state)
{
	static const struct {
		uint8_t tag;
		int64_t num;
		const char *octets;
		size_t n;
	} cases[] = {
		{ BER_INTEGER, 0, "\x00", 1 },
		{ BER_INTEGER, 127, "\x7f", 1 },
		{ BER_INTEGER, 128, "\x00\x80", 2 },
		{ BER_INTEGER, -1, "\xff", 1 },
		{ BER_INTEGER, -128, "\x80", 1 },
		{ BER_INTEGER, -129, "\xff\x7f", 2 },
		{ BER_INTEGER, INT32_MIN, "\x80\x00\x00\x00", 4 },
		{ BER_GAUGE32, UINT32_MAX, "\x00\xff\xff\xff\xff", 5 },
		{ BER_TIMETICKS, 0x7fffffff, "\x7f\xff\xff\xff", 4 },
		{ BER_COUNTER64, -1, "\x00\xff\xff\xff\xff\xff\xff\xff\xff", 9 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ber_value v;
		const uint8_t *content = NULL;

		ber_value_number(&v, cases[i].tag, cases[i].num);
		assert_int_equal(answered_value(&v, &content), cases[i].n);
		assert_memory_equal(content, cases[i].octets, cases[i].n);
	}
}

static void exceptions_have_no_content(void **state)
{
	struct ber_value v;
	const uint8_t *content = NULL;

	ber_value_bytes(&v, BER_NO_SUCH_INSTANCE, NULL, 0);
	assert_int_equal(answered_value(&v, &content), 0);
	ber_value_bytes(&v, BER_NULL, "x", 1);
	assert_int_equal(answered_value(&v, &content), 0);
}

static void an_answer_never_passes_its_limit(void **state)
{
	struct rng r = { .state = 3 };
	uint8_t text[400] = { 0 };

	ber_request_read(&rq, get_two, sizeof(get_two));
	for (int round = 0; round < 2000; round++) {
		size_t limit = rng_between(&r, 128, 2000), len, n = 0;
		struct ber_answer a;
		struct ber_value v;

		ber_answer_begin(&a, room, limit, &rq);
		do {
			ber_value_bytes(&v, BER_OCTETS, text, rng_between(&r, 0, sizeof(text)));
		} while (ber_answer_add(&a, &rq.name[0], &v) && ++n < 200);
		ber_answer_end(&a, &rq, 0, 0, &len);
		assert_true(len <= limit);
	}
}

static void an_error_repeats_the_request(void **state)
{
	struct ber_answer a;
	const uint8_t *p;
	size_t len;

	ber_request_read(&rq, get_two, sizeof(get_two));
	ber_answer_begin(&a, room, 1472, &rq);
	assert_true(ber_answer_repeat(&a, &rq));
	p = ber_answer_end(&a, &rq, SNMP_NO_SUCH_NAME, 2, &len);
	assert_int_equal(len, sizeof(get_two));
	assert_int_equal(p[13], BER_RESPONSE);
	assert_int_equal(p[23], SNMP_NO_SUCH_NAME);
	assert_int_equal(p[26], 2);
	assert_memory_equal(p + 27, get_two + 27, sizeof(get_two) - 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_get_is_read),
		cmocka_unit_test(every_cut_of_a_request_is_refused),
		cmocka_unit_test(bytes_behind_a_request_are_refused),
		cmocka_unit_test(a_version_1_bulk_and_a_response_are_refused),
		cmocka_unit_test(an_oid_survives_packing),
		cmocka_unit_test(a_bad_oid_is_refused),
		cmocka_unit_test(numbers_take_the_fewest_octets),
		cmocka_unit_test(exceptions_have_no_content),
		cmocka_unit_test(an_answer_never_passes_its_limit),
		cmocka_unit_test(an_error_repeats_the_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
