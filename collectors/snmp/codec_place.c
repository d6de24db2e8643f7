// SPDX-License-Identifier: Apache-2.0
/* Answers to the polls, understood by place: nearly every card repeats the names it was asked for byte for byte, and says ordinary
 * numbers and texts. No name is decoded and no memory taken. Whatever is unusual is left to net-snmp, so this has no opinion of its own
 * about what is damaged. */
#include <string.h>

#include "collectors/ber.h"
#include "collectors/snmp/codec.h"

enum {
	TAG_NULL = 0x05,
	TAG_COUNTER = 0x41,
	TAG_GAUGE = 0x42,
	TAG_TICKS = 0x43,
	TAG_NO_OBJECT = 0x80,
	TAG_NO_INSTANCE = 0x81,
	TAG_END = 0x82,
	TAG_GET = 0xa0,
};

/* An element that must reach to the end of the message: enter it. */
static bool enter_rest(struct ber *c, uint8_t tag)
{
	long n = ber_expect(c, tag);

	return n >= 0 && c->at + (size_t)n == c->len;
}

/* Up to the first varbind of a message without an error. */
static bool enter_list(struct ber *c, uint8_t pdu, uint32_t *version)
{
	const uint8_t *community;
	uint32_t id, error, index;
	size_t at;

	return enter_rest(c, BER_SEQUENCE) && !ber_integer(c, version, &at) &&
	       ber_bytes(c, BER_OCTETS, &community) >= 0 && enter_rest(c, pdu) &&
	       !ber_integer(c, &id, &at) && !ber_integer(c, &error, &at) && !error &&
	       !ber_integer(c, &index, &at) && enter_rest(c, BER_SEQUENCE);
}

/* Enter a varbind and go behind its name. */
static bool enter_varbind(struct ber *c, const uint8_t **name, long *name_n, size_t *end)
{
	long n = ber_expect(c, BER_SEQUENCE);

	*end = c->at + (size_t)n;
	if (n < 0)
		return false;
	*name_n = ber_bytes(c, BER_OID, name);
	return *name_n >= 0 && c->at <= *end;
}

static bool take_signed(const uint8_t *p, size_t n, struct codec_varbind *v)
{
	uint32_t x = n && p[0] & 0x80 ? UINT32_MAX : 0;

	if (n < 1 || n > 4)
		return false;
	for (size_t i = 0; i < n; i++)
		x = x << 8 | p[i];
	v->type = CODEC_NUMBER;
	v->whole = (int32_t)x;
	v->number = (int32_t)x;
	return true;
}

/* Cards that write large numbers as negative ones are net-snmp's. */
static bool take_unsigned(const uint8_t *p, size_t n, struct codec_varbind *v)
{
	uint32_t x = 0;

	if (n < 1 || n > 5 || p[0] & 0x80 || (n == 5 && p[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		x = x << 8 | p[i];
	v->type = CODEC_NUMBER;
	v->whole = x;
	v->number = x;
	return true;
}

static bool take_value(uint8_t tag, const uint8_t *p, size_t n, struct codec_varbind *v)
{
	v->text = NULL;
	v->text_len = 0;
	v->oid_too_long = false;
	switch (tag) {
	case BER_INTEGER: return take_signed(p, n, v);
	case TAG_COUNTER:
	case TAG_GAUGE:
	case TAG_TICKS: return take_unsigned(p, n, v);
	case BER_OCTETS:
		v->type = CODEC_TEXT;
		v->text = p;
		v->text_len = n;
		return true;
	case TAG_NULL: v->type = CODEC_NULL; return !n;
	case TAG_NO_OBJECT:
	case TAG_NO_INSTANCE: v->type = CODEC_MISSING; return !n;
	case TAG_END: v->type = CODEC_END; return !n;
	default: return false;
	}
}

int codec_take(const struct packet *asked, const uint8_t *data, size_t len, struct codec_answer *a)
{
	struct ber c = { .data = data, .len = len }, q = { .data = asked->data, .len = asked->len };
	uint32_t version, asked_version;

	a->n = 0;
	if (!enter_list(&c, BER_RESPONSE, &version) || !enter_list(&q, TAG_GET, &asked_version) ||
		version != asked_version)
		return -1;
	while (c.at < c.len && q.at < q.len && a->n < CODEC_MAX_VARBINDS) {
		const uint8_t *name, *asked_name;
		size_t end, asked_end;
		long n, asked_n;
		uint8_t tag;

		if (!enter_varbind(&c, &name, &n, &end) ||
			!enter_varbind(&q, &asked_name, &asked_n, &asked_end) || n != asked_n ||
			memcmp(name, asked_name, (size_t)n))
			return -1;
		n = ber_enter(&c, &tag);
		if (n < 0 || c.at + (size_t)n != end ||
			!take_value(tag, data + c.at, (size_t)n, &a->v[a->n++]))
			return -1;
		c.at = end;
		q.at = asked_end;
	}
	if (c.at != c.len || q.at != q.len)
		return -1;
	a->error = CODEC_OK;
	a->index = 0;
	a->pdu = NULL;
	a->raw = data;
	a->raw_len = len;
	a->by_place = true;
	return 0;
}
