// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ber.h"

#include <stdlib.h>
#include <string.h>

/* ---- object identifiers ---- */

int ber_oid_compare(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	for (size_t i = 0; i < na && i < nb; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return na == nb ? 0 : na < nb ? -1 : 1;
}

void ber_oid_copy(struct ber_oid *dst, const uint32_t *arc, size_t n)
{
	dst->n = (uint32_t)n;
	memcpy(dst->arc, arc, n * sizeof(*arc));
}

int ber_oid_parse(struct ber_oid *dst, const char *text)
{
	const char *p = text[0] == '.' ? text + 1 : text;

	dst->n = 0;
	for (;;) {
		char *end;
		unsigned long v;

		if (*p < '0' || *p > '9' || dst->n == BER_OID_ARCS)
			return -1;
		v = strtoul(p, &end, 10);
		if (v > UINT32_MAX)
			return -1;
		dst->arc[dst->n++] = (uint32_t)v;
		if (!*end)
			break;
		if (*end != '.')
			return -1;
		p = end + 1;
	}
	return dst->n >= 2 && dst->arc[0] <= 2 && (dst->arc[0] == 2 || dst->arc[1] < 40) ? 0 : -1;
}

static size_t subid_pack(uint8_t *out, size_t cap, uint64_t v)
{
	size_t n = 1;

	for (uint64_t rest = v >> 7; rest; rest >>= 7)
		n++;
	if (n > cap)
		return 0;
	for (size_t i = n; i-- > 0; v >>= 7)
		out[i] = (uint8_t)((v & 0x7f) | (i + 1 < n ? 0x80 : 0));
	return n;
}

size_t ber_oid_pack(uint8_t *out, size_t cap, const uint32_t *arc, size_t n)
{
	size_t len;

	if (n < 2 || arc[0] > 2 || (arc[0] < 2 && arc[1] >= 40))
		return 0;
	len = subid_pack(out, cap, (uint64_t)arc[0] * 40 + arc[1]);
	for (size_t i = 2; len && i < n; i++) {
		size_t k = subid_pack(out + len, cap - len, arc[i]);

		if (!k)
			return 0;
		len += k;
	}
	return len;
}

int ber_oid_unpack(struct ber_oid *dst, const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	bool is_start = true;

	dst->n = 0;
	if (!n || (p[n - 1] & 0x80))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (is_start && p[i] == 0x80)
			return -1;
		v = v << 7 | (p[i] & 0x7f);
		if (v > (uint64_t)UINT32_MAX + 80)
			return -1;
		is_start = !(p[i] & 0x80);
		if (!is_start)
			continue;
		if (!dst->n) {
			dst->arc[0] = v < 80 ? (uint32_t)v / 40 : 2;
			v -= (uint64_t)dst->arc[0] * 40;
			dst->n = 1;
		}
		if (v > UINT32_MAX || dst->n == BER_OID_ARCS)
			return -1;
		dst->arc[dst->n++] = (uint32_t)v;
		v = 0;
	}
	return 0;
}

/* ---- reading ---- */

struct span {
	const uint8_t *p;
	size_t n;
};

/* Take one element from the front of `in`. Returns its tag, or -1. */
static int element(struct span *in, struct span *content)
{
	size_t len, skip = 2;
	int tag;

	if (in->n < 2 || (in->p[0] & 0x1f) == 0x1f)
		return -1;
	tag = in->p[0];
	len = in->p[1];
	if (len & 0x80) {
		size_t k = len & 0x7f;

		if (!k || k > 4 || in->n < 2 + k)
			return -1;
		len = 0;
		for (size_t i = 0; i < k; i++)
			len = len << 8 | in->p[2 + i];
		skip += k;
	}
	if (len > in->n - skip)
		return -1;
	*content = (struct span){ .p = in->p + skip, .n = len };
	in->p += skip + len;
	in->n -= skip + len;
	return tag;
}

static int integer(struct span *in, int32_t *v)
{
	struct span c;
	uint32_t u;

	if (element(in, &c) != BER_INTEGER || c.n < 1 || c.n > 4)
		return -1;
	u = c.p[0] & 0x80 ? UINT32_MAX : 0;
	for (size_t i = 0; i < c.n; i++)
		u = u << 8 | c.p[i];
	*v = (int32_t)u;
	return 0;
}

static int names(struct ber_request *rq, struct span list)
{
	rq->varbinds = list.p;
	rq->varbinds_len = list.n;
	rq->n = 0;
	while (list.n) {
		struct span pair, name, value;

		if (rq->n == BER_MAX_VARBINDS || element(&list, &pair) != BER_SEQUENCE)
			return -1;
		if (element(&pair, &name) != BER_OID || element(&pair, &value) < 0 || pair.n)
			return -1;
		if (ber_oid_unpack(&rq->name[rq->n++], name.p, name.n) < 0)
			return -1;
	}
	return 0;
}

int ber_request_read(struct ber_request *rq, const uint8_t *p, size_t n)
{
	struct span in = { .p = p, .n = n }, msg, community, pdu, list;
	int tag;

	if (element(&in, &msg) != BER_SEQUENCE || in.n)
		return -1;
	if (integer(&msg, &rq->version) < 0 || (rq->version != SNMP_V1 && rq->version != SNMP_V2C))
		return -1;
	if (element(&msg, &community) != BER_OCTETS || community.n > BER_MAX_COMMUNITY)
		return -1;
	rq->community = community.p;
	rq->community_len = community.n;
	tag = element(&msg, &pdu);
	if (msg.n || (tag != BER_GET && tag != BER_GETNEXT && tag != BER_SET && tag != BER_GETBULK))
		return -1;
	if (tag == BER_GETBULK && rq->version == SNMP_V1)
		return -1;
	rq->type = (uint8_t)tag;
	if (integer(&pdu, &rq->request_id) < 0 || integer(&pdu, &rq->non_repeaters) < 0 ||
		integer(&pdu, &rq->max_repetitions) < 0)
		return -1;
	if (element(&pdu, &list) != BER_SEQUENCE || pdu.n)
		return -1;
	return names(rq, list);
}

/* ---- writing ---- */

void ber_value_number(struct ber_value *v, uint8_t tag, int64_t num)
{
	v->tag = tag;
	v->bytes = NULL;
	v->len = 0;
	v->num = num;
}

void ber_value_bytes(struct ber_value *v, uint8_t tag, const void *p, size_t n)
{
	v->tag = tag;
	v->bytes = p;
	v->len = n;
	v->num = 0;
}

static size_t length_size(size_t n)
{
	return n < 0x80 ? 1 : n < 0x100 ? 2 : n < 0x10000 ? 3 : 4;
}

static uint8_t *length_put(uint8_t *p, size_t n)
{
	size_t k = length_size(n) - 1;

	if (!k) {
		*p++ = (uint8_t)n;
		return p;
	}
	*p++ = (uint8_t)(0x80 | k);
	for (size_t i = k; i-- > 0;)
		*p++ = (uint8_t)(n >> (8 * i));
	return p;
}

/* Shortest two's complement of a number; unsigned types get a leading zero where the first bit is
 * set. */
static size_t number_pack(uint8_t out[9], uint8_t tag, int64_t num)
{
	uint64_t u = (uint64_t)num;
	size_t n = 9;

	out[0] = tag == BER_INTEGER && num < 0 ? 0xff : 0;
	for (size_t i = 0; i < 8; i++)
		out[8 - i] = (uint8_t)(u >> (8 * i));
	while (n > 1 && out[9 - n] == (out[10 - n] & 0x80 ? 0xff : 0))
		n--;
	memmove(out, out + 9 - n, n);
	return n;
}

static bool has_content(uint8_t tag)
{
	return tag != BER_NULL && !(tag >= BER_NO_SUCH_OBJECT && tag <= BER_END_OF_MIB);
}

void ber_answer_begin(struct ber_answer *a, uint8_t *buf, size_t limit,
	const struct ber_request *rq)
{
	*a = (struct ber_answer){
		.buf = buf,
		.limit = limit > BER_MAX_MESSAGE ? BER_MAX_MESSAGE : limit,
		.end = BER_HEADROOM,
		/* sequence 4, version 3, community 3 + n, PDU 4, three integers 6 + 3 + 4, list 4 */
		.overhead = 31 + rq->community_len,
	};
}

bool ber_answer_add(struct ber_answer *a, const struct ber_oid *name, const struct ber_value *v)
{
	uint8_t oid[BER_OID_ARCS * 5], number[9], *p;
	const uint8_t *content = v->bytes;
	size_t oid_len = ber_oid_pack(oid, sizeof(oid), name->arc, name->n);
	size_t len = v->len, body, total;

	if (!has_content(v->tag)) {
		len = 0;
	} else if (!content) {
		len = number_pack(number, v->tag, v->num);
		content = number;
	}
	body = 1 + length_size(oid_len) + oid_len + 1 + length_size(len) + len;
	total = 1 + length_size(body) + body;
	if (!oid_len || a->end - BER_HEADROOM + a->overhead + total > a->limit)
		return false;
	p = a->buf + a->end;
	*p++ = BER_SEQUENCE;
	p = length_put(p, body);
	*p++ = BER_OID;
	p = length_put(p, oid_len);
	memcpy(p, oid, oid_len);
	p += oid_len;
	*p++ = v->tag;
	p = length_put(p, len);
	if (len)
		memcpy(p, content, len);
	a->end += total;
	return true;
}

bool ber_answer_repeat(struct ber_answer *a, const struct ber_request *rq)
{
	ber_answer_clear(a);
	if (rq->varbinds_len + a->overhead > a->limit)
		return false;
	memcpy(a->buf + a->end, rq->varbinds, rq->varbinds_len);
	a->end += rq->varbinds_len;
	return true;
}

void ber_answer_clear(struct ber_answer *a)
{
	a->end = BER_HEADROOM;
}

/* Puts things in front of *at, which falls. */
static void front(uint8_t **at, uint8_t tag, const void *content, size_t n, size_t wrapped)
{
	uint8_t header[6], *h = header;

	*at -= n;
	if (n)
		memcpy(*at, content, n);
	*h++ = tag;
	h = length_put(h, n + wrapped);
	*at -= h - header;
	memcpy(*at, header, (size_t)(h - header));
}

static void front_integer(uint8_t **at, int32_t v)
{
	uint8_t number[9];
	size_t n = number_pack(number, BER_INTEGER, v);

	front(at, BER_INTEGER, number, n, 0);
}

const uint8_t *ber_answer_end(struct ber_answer *a, const struct ber_request *rq, int status,
	int index, size_t *len)
{
	uint8_t *end = a->buf + a->end, *at = a->buf + BER_HEADROOM;

	front(&at, BER_SEQUENCE, NULL, 0, (size_t)(end - at));
	front_integer(&at, index);
	front_integer(&at, status);
	front_integer(&at, rq->request_id);
	front(&at, BER_RESPONSE, NULL, 0, (size_t)(end - at));
	front(&at, BER_OCTETS, rq->community, rq->community_len, 0);
	front_integer(&at, rq->version);
	front(&at, BER_SEQUENCE, NULL, 0, (size_t)(end - at));
	*len = (size_t)(end - at);
	return at;
}
