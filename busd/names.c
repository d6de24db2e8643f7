// SPDX-License-Identifier: Apache-2.0
#include "busd/names.h"

/* Of message Reading (proto/reading.proto). */
enum { DEVICE_ID = 1, NUMBER_NAME = 10, TEXT_NAME = 20, FLAG_NAME = 30 };
enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 };
enum { WORTH_BYTES = 32 }; /* a shorter run costs more than it saves */

struct cursor {
	const uint8_t *p, *end;
};

static bool varint(struct cursor *c, uint64_t *v)
{
	*v = 0;
	for (unsigned shift = 0; shift < 64 && c->p < c->end; shift += 7) {
		uint8_t b = *c->p++;

		*v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return true;
	}
	return false;
}

static bool skip(struct cursor *c, uint64_t n)
{
	if (n > (uint64_t)(c->end - c->p))
		return false;
	c->p += n;
	return true;
}

/* One field; `value` receives a varint. */
static bool field(struct cursor *c, uint64_t *tag, uint64_t *value)
{
	if (!varint(c, tag))
		return false;
	switch (*tag & 7) {
	case VARINT: return varint(c, value);
	case FIXED64: return skip(c, 8);
	case LENGTH: return varint(c, value) && skip(c, *value);
	case FIXED32: return skip(c, 4);
	default: return false;
	}
}

static bool is_name(uint64_t tag)
{
	return tag == (NUMBER_NAME << 3 | LENGTH) || tag == (TEXT_NAME << 3 | LENGTH) ||
	       tag == (FLAG_NAME << 3 | LENGTH);
}

void names_find(const uint8_t *body, size_t len, struct names *out)
{
	struct cursor c = { body, body + len };
	uint64_t last = 0;

	*out = (struct names){ .n = 0 };
	while (c.p < c.end) {
		size_t at = (size_t)(c.p - body);
		uint64_t tag, value = 0;

		if (!field(&c, &tag, &value)) {
			*out = (struct names){ .n = 0 };
			return;
		}
		if (tag == (DEVICE_ID << 3 | VARINT))
			out->device_id = value;
		if (!is_name(tag)) {
			last = tag;
			continue;
		}
		if (tag != last && out->n && out->run[out->n - 1].len < WORTH_BYTES)
			out->n--;
		if (tag != last && out->n < NAME_RUNS)
			out->run[out->n++] = (struct name_run){ .at = at };
		else if (tag != last)
			break; /* enough found; the rest stays as it is */
		last = tag;
		out->run[out->n - 1].len = (size_t)(c.p - body) - out->run[out->n - 1].at;
	}
	if (out->n && out->run[out->n - 1].len < WORTH_BYTES)
		out->n--;
}
