// SPDX-License-Identifier: Apache-2.0
/* The few BER forms SNMP messages are made of: one-byte tags, definite lengths. A reader never leaves
 * its bytes; a writer fills its buffer from the end, because lengths stand before what they count. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BER_INT = 0x02,
	BER_STRING = 0x04,
	BER_OID = 0x06,
	BER_SEQUENCE = 0x30,
	BER_GET = 0xa0,
	BER_RESPONSE = 0xa2,
	BER_TRAP1 = 0xa4,
	BER_INFORM = 0xa6,
	BER_TRAP2 = 0xa7,
	BER_REPORT = 0xa8,
};

struct ber {
	const uint8_t *at, *end;
};
static inline size_t ber_left(const struct ber *b)
{
	return (size_t)(b->end - b->at);
}
/* The next element: its tag, its contents, and `b` behind it. False: none, or it does not fit. */
bool ber_next(struct ber *b, uint8_t *tag, struct ber *contents);
/* The same with a tag that must be there. */
bool ber_enter(struct ber *b, uint8_t tag, struct ber *contents);
/* At most 8 bytes, two's complement. */
bool ber_int(struct ber *b, int64_t *value);
/* An INTEGER in `min` to `max`. */
bool ber_int_in(struct ber *b, int64_t min, int64_t max, int64_t *value);
/* Numbers of the OID in `contents`; 0 when it is none or has more than `cap`. */
size_t ber_oid(const struct ber *contents, uint32_t *id, size_t cap);

struct ber_out {
	uint8_t *buf;
	size_t cap, used; /* what is written are the last `used` bytes of buf */
	bool is_full;
};
static inline uint8_t *ber_out_start(const struct ber_out *o)
{
	return o->buf + o->cap - o->used;
}
void ber_put(struct ber_out *o, const void *bytes, size_t n);
/* Tag and length in front of the newest `len` bytes. */
void ber_put_head(struct ber_out *o, uint8_t tag, size_t len);
void ber_put_int(struct ber_out *o, uint8_t tag, uint64_t value);
void ber_put_string(struct ber_out *o, const void *bytes, size_t n);
