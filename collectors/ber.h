// SPDX-License-Identifier: Apache-2.0
/* Looking into BER without decoding it: enough to find out whose message it is, before work is spent on it. Every length is checked
 * against what is left. Nothing allocates. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum ber_tag { BER_INTEGER = 0x02, BER_OCTETS = 0x04, BER_OID = 0x06, BER_SEQUENCE = 0x30, BER_RESPONSE = 0xa2, BER_REPORT = 0xa8 };

struct ber {
	const uint8_t *data;
	size_t at, len;
};

/* Tag and length; leaves the cursor at the contents and returns their length, or -1. */
static inline long ber_enter(struct ber *c, uint8_t *tag)
{
	size_t n;

	if (c->len - c->at < 2)
		return -1;
	*tag = c->data[c->at++];
	n = c->data[c->at++];
	if (n & 0x80) {
		size_t bytes = n & 0x7f;

		if (bytes < 1 || bytes > 3 || c->len - c->at < bytes)
			return -1;
		for (n = 0; bytes; bytes--)
			n = n << 8 | c->data[c->at++];
	}
	return n <= c->len - c->at ? (long)n : -1;
}

/* Enter an element that must have this tag. */
static inline long ber_expect(struct ber *c, uint8_t tag)
{
	uint8_t seen = 0;
	long n = ber_enter(c, &seen);

	return seen == tag ? n : -1;
}

/* A non-negative integer of at most four bytes; *at receives the offset of its contents. */
static inline int ber_integer(struct ber *c, uint32_t *v, size_t *at)
{
	long n = ber_expect(c, BER_INTEGER);

	if (n < 1 || n > 4 || c->data[c->at] & 0x80)
		return -1;
	*at = c->at;
	*v = 0;
	for (; n; n--)
		*v = *v << 8 | c->data[c->at++];
	return 0;
}

/* The contents of an element with this tag, and go behind it. Returns the length or -1. */
static inline long ber_bytes(struct ber *c, uint8_t tag, const uint8_t **out)
{
	long n = ber_expect(c, tag);

	if (n < 0)
		return -1;
	*out = c->data + c->at;
	c->at += (size_t)n;
	return n;
}
