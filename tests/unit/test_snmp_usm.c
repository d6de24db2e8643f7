// SPDX-License-Identifier: Apache-2.0
/* SNMPv3 against the RFC's vectors and against messages that are not what they seem. Real agents:
 * tests/integration/test_snmpv3.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/v3.h"
#include "common/str.h"

static const uint8_t engine[] = { 0x80, 0, 0x1f, 0x88, 4, 1, 2, 3 };
static const uint8_t other_engine[] = { 0x80, 0, 0x1f, 0x88, 4, 9, 9, 9 };
static const uint8_t rfc_engine[12] = { [11] = 2 };
static const uint8_t id[4] = { 0x41, 2, 3, 4 }, other_id[4] = { 0x41, 2, 3, 5 };
/* Response, request id from the outside, sysUpTime.0 = 7. */
static const uint8_t response[] = { 0xa2, 0x1d, 2, 4, 0, 0, 0, 0, 2, 1, 0, 2, 1, 0, 0x30, 15, 0x30, 13, 6, 8, 0x2b,
	6, 1, 2, 1, 1, 3, 0, 0x43, 1, 7 };
static struct usm_kus *kus;
static struct v3_counts counts;

static void hex_is(const uint8_t *data, const char *hex)
{
	char text[2 * USM_KEY_MAX + 1];

	bb_hex(text, data, strlen(hex) / 2);
	assert_string_equal(text, hex);
}

static void keys_are_those_of_rfc_3414(void **state)
{
	struct usm_keys k;
	uint8_t ku[USM_KEY_MAX];

	assert_int_equal(usm_password_key(BB_V3_MD5, "maplesyrup", ku, NULL), 0);
	hex_is(ku, "9faf3283884e92834ebc9847d8edd963");
	usm_localise(&k, BB_V3_MD5, 0, ku, NULL, rfc_engine, 12, NULL);
	hex_is(k.auth_key, "526f5eed9fcce26f8964c2930787d82b");
	assert_int_equal(usm_password_key(BB_V3_SHA1, "maplesyrup", ku, NULL), 0);
	hex_is(ku, "9fb5cc0381497b3793528939ff788d5d79145211");
	usm_localise(&k, BB_V3_SHA1, 0, ku, NULL, rfc_engine, 12, NULL);
	hex_is(k.auth_key, "6695febc9288e36282235fc7151f128497b38f3f");
}

/* ---- messages of a card ---- */

struct card {
	const uint8_t *engine;
	uint32_t boots, time;
	const char *user, *password;
	int auth, priv;
	const uint8_t *id;
	const uint8_t *pdu;
	size_t pdu_n;
};

static const struct card honest = { engine, 3, 1000, "ops", "authentic", BB_V3_SHA256, BB_V3_AES128, id, response,
	sizeof(response) };

static size_t say(const struct card *c, uint8_t *out)
{
	struct usm_keys k;
	const uint8_t *ku = usm_ku(kus, BB_V3_SHA256, c->password, true);

	usm_localise(&k, c->auth, c->priv, ku, ku, c->engine, sizeof(engine), NULL);
	const struct usm_message m = { .msg_id = 5,
		.keys = c->auth ? &k : NULL,
		.engine_id = c->engine,
		.engine_id_n = sizeof(engine),
		.boots = c->boots,
		.time = c->time,
		.user = c->user,
		.context = "",
		.salt = 77,
		.pdu = c->pdu,
		.pdu_n = c->pdu_n,
		.id_at = 4,
		.id = c->id };
	long n = usm_seal(&m, out, USM_MAX_MESSAGE);

	assert_true(n > 0);
	return (size_t)n;
}

static struct v3_peer *asker(void)
{
	const struct v3_settings s = { .user = "ops",
		.auth = "SHA-256",
		.priv = "AES",
		.auth_password = "authentic",
		.priv_password = "authentic",
		.engine_id = engine,
		.engine_id_n = sizeof(engine) };
	struct v3_peer *v = v3_new(&s, NULL);

	assert_non_null(v);
	assert_true(v3_keys(v, kus, true));
	v3_begin(v);
	return v;
}

static enum v3_verdict hear_bytes(struct v3_peer *v, uint8_t *data, size_t n, uint64_t now_s)
{
	uint8_t *plain;
	size_t plain_n;
	struct usm_head h;

	if (usm_peek(data, n, &h))
		return V3_DROP;
	return v3_take(v, &counts, data, n, &h, id, now_s * 1000000000, &plain, &plain_n);
}

static enum v3_verdict hear(struct v3_peer *v, const struct card *c, uint64_t now_s)
{
	uint8_t data[USM_MAX_MESSAGE];
	size_t n = say(c, data);

	return hear_bytes(v, data, n, now_s);
}

static void an_honest_answer_is_read_as_v2c(void **state)
{
	struct v3_peer *v = asker();
	uint8_t data[USM_MAX_MESSAGE], *plain;
	struct codec_answer a;
	size_t n = say(&honest, data), plain_n;
	struct usm_head h;

	assert_int_equal(usm_peek(data, n, &h), 0);
	assert_int_equal(v3_take(v, &counts, data, n, &h, id, 1, &plain, &plain_n), V3_ANSWER);
	assert_int_equal(codec_decode(plain, plain_n, CODEC_V2C, &a), 0);
	assert_int_equal(a.n, 1);
	codec_answer_free(&a);
	v3_free(v);
}

static void every_flipped_bit_is_noticed(void **state)
{
	uint8_t good[USM_MAX_MESSAGE], data[USM_MAX_MESSAGE];
	size_t n = say(&honest, good);

	for (size_t bit = 0; bit < 8 * n; bit++) {
		struct v3_peer *v = asker();

		memcpy(data, good, n);
		data[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_not_equal(hear_bytes(v, data, n, 1), V3_ANSWER);
		v3_free(v);
	}
}

static void a_truncated_message_is_dropped(void **state)
{
	uint8_t good[USM_MAX_MESSAGE];
	size_t n = say(&honest, good);

	for (size_t k = 0; k < n; k++) {
		struct v3_peer *v = asker();
		uint8_t *data = malloc(k + 1);

		memcpy(data, good, k);
		assert_int_equal(hear_bytes(v, data, k, 1), V3_DROP);
		free(data);
		v3_free(v);
	}
}

/* CVE-2008-0960: a digest of one byte is right once in 256 times. */
static void a_short_digest_is_refused_whatever_it_says(void **state)
{
	uint8_t data[USM_MAX_MESSAGE], cut[USM_MAX_MESSAGE];
	size_t n = say(&honest, data);
	struct usm_head h;

	assert_int_equal(usm_peek(data, n, &h), 0);
	size_t at = (size_t)(h.auth - data);
	for (int byte = 0; byte < 256; byte++) {
		struct v3_peer *v = asker();

		memcpy(cut, data, at);
		memcpy(cut + at + 1, data + at + h.auth_n, n - at - h.auth_n);
		cut[at - 1] = 1;
		cut[at] = (uint8_t)byte;
		/* The lengths around it: message (2-byte form or more), security parameters, their sequence. */
		size_t less = h.auth_n - 1;
		assert_int_equal(data[0], 0x30);
		cut[data[1] & 0x80 ? 1 + (data[1] & 0x7f) : 1] -= (uint8_t)less;
		size_t seq = (size_t)(h.engine_id - data) - 3;
		cut[seq] -= (uint8_t)less;
		cut[seq - 2] -= (uint8_t)less;
		assert_int_equal(hear_bytes(v, cut, n - less, 1), V3_DROP);
		v3_free(v);
	}
}

static void what_does_not_fit_is_dropped(void **state)
{
	struct card c[] = { honest, honest, honest, honest, honest, honest };

	c[0].user = "oqs";
	c[1].password = "somebody else";
	c[2].engine = other_engine;
	c[3].id = other_id;
	c[4].priv = 0;
	c[5].auth = c[5].priv = 0;
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct v3_peer *v = asker();

		assert_int_equal(hear(v, &c[i], 1), V3_DROP);
		v3_free(v);
	}
}

static void an_answer_from_before_the_window_is_refused(void **state)
{
	struct v3_peer *v = asker();
	struct card later = honest, older = honest, before = honest;

	assert_int_equal(hear(v, &honest, 1), V3_ANSWER);
	later.time += 200;
	assert_int_equal(hear(v, &later, 201), V3_ANSWER);
	older.time += 40;
	assert_int_equal(hear(v, &older, 202), V3_DROP);
	before.boots--;
	before.time += 5000;
	assert_int_equal(hear(v, &before, 203), V3_DROP);
	older.time += 20;
	assert_int_equal(hear(v, &older, 202), V3_ANSWER);
	v3_free(v);
}

/* ---- reports ---- */

/* usmStats.<n>.0 = 1 */
static struct card report_of(uint8_t n, uint8_t pdu[40])
{
	static const uint8_t form[] = { 0xa8, 0x1f, 2, 4, 0, 0, 0, 0, 2, 1, 0, 2, 1, 0, 0x30, 17, 0x30, 15, 6, 10, 0x2b, 6,
		1, 6, 3, 15, 1, 1, 0, 0, 0x41, 1, 1 };
	struct card c = honest;

	memcpy(pdu, form, sizeof(form));
	pdu[28] = n;
	c.pdu = pdu;
	c.pdu_n = sizeof(form);
	c.auth = c.priv = 0;
	return c;
}

static void unauthenticated_reports_are_told_but_decide_nothing(void **state)
{
	static const enum usm_report what[] = { 0, USM_LEVEL, 0, USM_USER, 0, USM_DIGEST, USM_DECRYPTION };
	uint8_t pdu[40];

	for (uint8_t n = 1; n <= 6; n++) {
		struct card c = report_of(n, pdu);

		if (!what[n])
			continue;
		struct v3_peer *v = asker();
		assert_int_equal(hear(v, &honest, 1), V3_ANSWER);
		assert_int_equal(hear(v, &c, 1), V3_REFUSED);
		assert_int_equal(v->problem, what[n]);
		assert_int_equal(v->state, V3_READY);
		/* The real answer still counts. */
		assert_int_equal(hear(v, &honest, 1), V3_ANSWER);
		v3_free(v);
	}
}

static void a_card_that_goes_on_changing_its_engine_id_comes_to_an_end(void **state)
{
	struct v3_peer *v = asker();
	uint8_t pdu[40];
	struct card c = report_of(4, pdu);
	unsigned again = 0;

	v->wanted_id_n = 0;
	for (int i = 0; i < 100; i++) {
		c.engine = i % 2 ? engine : other_engine;
		again += hear(v, &c, 1) == V3_AGAIN;
	}
	assert_in_range(again, 1, 4);
	v3_free(v);
}

static void the_clock_of_a_card_that_started_anew_is_taken(void **state)
{
	struct v3_peer *v = asker();
	uint8_t pdu[40];
	struct card c = report_of(2, pdu), after = honest;

	assert_int_equal(hear(v, &honest, 1), V3_ANSWER);
	c.boots = after.boots = 4;
	c.time = after.time = 2;
	c.auth = BB_V3_SHA256;
	assert_int_equal(hear(v, &c, 10), V3_AGAIN);
	assert_int_equal(v->state, V3_READY);
	assert_int_equal(hear(v, &after, 11), V3_ANSWER);
	assert_int_equal(hear(v, &honest, 11), V3_DROP);
	v3_free(v);
}

static void passwords_of_seven_characters_are_refused(void **state)
{
	struct v3_settings s = { .user = "ops", .auth = "SHA", .auth_password = "1234567" };
	struct bb_err err;

	assert_null(v3_new(&s, &err));
	assert_non_null(strstr(err.text, "fewer than 8 characters"));
	s.auth_password = "12345678";
	s.priv = "AES";
	s.priv_password = "";
	assert_null(v3_new(&s, &err));
	s.priv_password = "12345678";
	struct v3_peer *v = v3_new(&s, &err);
	assert_non_null(v);
	v3_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_those_of_rfc_3414),
		cmocka_unit_test(an_honest_answer_is_read_as_v2c),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(a_truncated_message_is_dropped),
		cmocka_unit_test(a_short_digest_is_refused_whatever_it_says),
		cmocka_unit_test(what_does_not_fit_is_dropped),
		cmocka_unit_test(an_answer_from_before_the_window_is_refused),
		cmocka_unit_test(unauthenticated_reports_are_told_but_decide_nothing),
		cmocka_unit_test(a_card_that_goes_on_changing_its_engine_id_comes_to_an_end),
		cmocka_unit_test(the_clock_of_a_card_that_started_anew_is_taken),
		cmocka_unit_test(passwords_of_seven_characters_are_refused),
	};
	int rc;

	codec_init();
	kus = usm_kus_new();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	usm_kus_free(kus);
	return rc;
}
