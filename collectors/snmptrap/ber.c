// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/ber.h"

#include <string.h>

bool ber_next(struct ber *b, uint8_t *tag, struct ber *contents)
{
	if (ber_left(b) < 2 || (b->at[0] & 0x1f) == 0x1f)
		return false;
	*tag = b->at[0];
	const uint8_t *at = b->at + 1;
	size_t len = *at++;

	if (len & 0x80) {
		size_t n = len & 0x7f;

		if (!n || n > 4 || n > (size_t)(b->end - at))
			return false;
		for (len = 0; n; n--)
			len = len << 8 | *at++;
	}
	if (len > (size_t)(b->end - at))
		return false;
	*contents = (struct ber){ at, at + len };
	b->at = at + len;
	return true;
}

bool ber_enter(struct ber *b, uint8_t tag, struct ber *contents)
{
	uint8_t found;

	return ber_next(b, &found, contents) && found == tag;
}

bool ber_int(struct ber *b, int64_t *value)
{
	struct ber c;

	if (!ber_enter(b, BER_INT, &c) || !ber_left(&c) || ber_left(&c) > 8)
		return false;
	uint64_t v = c.at[0] & 0x80 ? UINT64_MAX : 0;

	while (c.at < c.end)
		v = v << 8 | *c.at++;
	*value = (int64_t)v;
	return true;
}

bool ber_int_in(struct ber *b, int64_t min, int64_t max, int64_t *value)
{
	return ber_int(b, value) && *value >= min && *value <= max;
}

size_t ber_oid(const struct ber *contents, uint32_t *id, size_t cap)
{
	const uint8_t *at = contents->at;
	size_t n = 0;

	while (at < contents->end) {
		uint64_t v = 0;

		do {
			if (at == contents->end || v > UINT32_MAX >> 7)
				return 0;
			v = v << 7 | (*at & 0x7f);
		} while (*at++ & 0x80);
		if (!n) {
			uint32_t first = v < 40 ? 0 : v < 80 ? 1 : 2;

			if (cap < 2)
				return 0;
			id[n++] = first;
			v -= 40 * (uint64_t)first;
		}
		if (n == cap)
			return 0;
		id[n++] = (uint32_t)v;
	}
	return n;
}

void ber_put(struct ber_out *o, const void *bytes, size_t n)
{
	if (n > o->cap - o->used) {
		o->is_full = true;
		return;
	}
	o->used += n;
	if (n)
		memcpy(ber_out_start(o), bytes, n);
}

void ber_put_head(struct ber_out *o, uint8_t tag, size_t len)
{
	uint8_t head[4] = { tag };
	size_t n = 1;

	if (len > 0xffff) {
		o->is_full = true;
		return;
	}
	if (len > 0xff) {
		head[n++] = 0x82;
		head[n++] = (uint8_t)(len >> 8);
	} else if (len > 0x7f) {
		head[n++] = 0x81;
	}
	head[n++] = (uint8_t)len;
	ber_put(o, head, n);
}

void ber_put_int(struct ber_out *o, uint8_t tag, uint64_t value)
{
	uint8_t bytes[9];
	size_t n = 0;

	do {
		bytes[8 - n++] = (uint8_t)value;
		value >>= 8;
	} while (value || (bytes[9 - n] & 0x80 && n < 9));
	ber_put(o, bytes + 9 - n, n);
	ber_put_head(o, tag, n);
}

void ber_put_string(struct ber_out *o, const void *bytes, size_t n)
{
	ber_put(o, bytes, n);
	ber_put_head(o, BER_STRING, n);
}
