// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/recording.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"

#define VALUE_MAX   4096
#define OBJECTS_MAX 200000

struct object {
	const uint32_t *arc;
	uint32_t n;
	uint32_t line; /* of doubles the later one wins */
	uint8_t tag;
	uint16_t len;
	const uint8_t *content;
};

struct recording {
	struct bb_arena *arena; /* arcs and contents */
	struct object *object;  /* sorted by OID */
	size_t n, cap;
};

/* ---- values ---- */

static int number_content(uint8_t tag, const char *text, uint8_t *out, size_t *len)
{
	uint8_t b[9];
	uint64_t u;
	size_t n = 9;
	char *end;

	if (text[0] == '-' && tag != BER_INTEGER)
		return -1;
	errno = 0;
	u = text[0] == '-' ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
	if (errno || end == text || *end)
		return -1;
	b[0] = text[0] == '-' ? 0xff : 0;
	for (size_t i = 0; i < 8; i++)
		b[8 - i] = (uint8_t)(u >> (8 * i));
	while (n > 1 && b[9 - n] == (b[10 - n] & 0x80 ? 0xff : 0))
		n--;
	memcpy(out, b + 9 - n, n);
	*len = n;
	return 0;
}

static int text_content(uint8_t tag, const char *text, uint8_t *out, size_t cap, size_t *len)
{
	struct ber_oid oid;

	switch (tag) {
	case BER_NULL: *len = 0; return 0;
	case BER_OID:
		if (ber_oid_parse(&oid, text) < 0)
			return -1;
		*len = ber_oid_pack(out, cap, oid.arc, oid.n);
		return *len ? 0 : -1;
	case BER_IPADDRESS:
		*len = 4;
		return cap >= 4 && inet_pton(AF_INET, text, out) == 1 ? 0 : -1;
	case BER_INTEGER:
	case BER_COUNTER32:
	case BER_GAUGE32:
	case BER_TIMETICKS:
	case BER_COUNTER64: return cap >= 9 ? number_content(tag, text, out, len) : -1;
	case BER_OCTETS:
	case BER_OPAQUE:
		*len = strlen(text);
		if (*len > cap)
			return -1;
		memcpy(out, text, *len);
		return 0;
	default: return -1;
	}
}

/* Text with the escapes of Python: \xNN \t \n \r \\ (tag "4e"). */
static int escaped_content(const char *text, uint8_t *out, size_t cap, size_t *len)
{
	static const char from[] = "tnr\\", to[] = "\t\n\r\\";
	const char *at;

	for (*len = 0; *text; ++*len) {
		if (*len == cap)
			return -1;
		if (*text != '\\') {
			out[*len] = (uint8_t)*text++;
		} else if (text[1] == 'x' && text[2] && text[3]) {
			char hex[3] = { text[2], text[3], '\0' };

			if (bb_unhex(out + *len, 1, hex) != 1)
				return -1;
			text += 4;
		} else {
			at = text[1] ? strchr(from, text[1]) : NULL;
			if (!at)
				return -1;
			out[*len] = (uint8_t)to[at - from];
			text += 2;
		}
	}
	return 0;
}

/* `tag` as written in a recording, for instance "4x". */
static int tagged_value(const char *tag, const char *text, uint8_t *out_tag, uint8_t *out,
	size_t cap, size_t *len)
{
	char *end;
	unsigned long t = strtoul(tag, &end, 10);
	int n;

	if (end == tag || t > BER_END_OF_MIB)
		return -1;
	*out_tag = (uint8_t)t;
	if (!*end)
		return text_content(*out_tag, text, out, cap, len);
	if (end[1])
		return -1;
	if (*end == 'e' && *out_tag == BER_OCTETS)
		return escaped_content(text, out, cap, len);
	if (*end != 'x')
		return -1;
	if (*out_tag == BER_IPADDRESS || *out_tag == BER_OCTETS || *out_tag == BER_OPAQUE) {
		n = *text ? bb_unhex(out, cap, text) : 0;
		*len = n < 0 ? 0 : (size_t)n;
		return n < 0 ? -1 : 0;
	}
	return -1;
}

int recording_value(const char *text, uint8_t *tag, uint8_t *out, size_t cap, size_t *len)
{
	const char *colon = strchr(text, ':');
	char name[8];

	if (colon && colon > text && (size_t)(colon - text) < sizeof(name) &&
		isdigit((unsigned char)text[0])) {
		memcpy(name, text, (size_t)(colon - text));
		name[colon - text] = '\0';
		return tagged_value(name, colon + 1, tag, out, cap, len);
	}
	*tag = BER_INTEGER;
	if (cap >= 9 && !number_content(BER_INTEGER, text, out, len))
		return 0;
	*tag = BER_OCTETS;
	return text_content(BER_OCTETS, text, out, cap, len);
}

/* ---- file ---- */

static int line_parse(struct recording *r, char *line, uint32_t number, struct bb_err *err)
{
	char *tag = strchr(line, '|'), *value = tag ? strchr(tag + 1, '|') : NULL;
	uint8_t content[VALUE_MAX];
	struct ber_oid oid;
	struct object o = { .line = number };
	size_t len;

	if (!value)
		return bb_err_set(err, "line %u: not OID|TAG|VALUE", number);
	*tag++ = *value++ = '\0';
	/* Some recordings carry a blank behind a number or OID; in a text it belongs to the value. */
	for (size_t n = strlen(value); strcmp(tag, "4") != 0 && n && value[n - 1] == ' '; n--)
		value[n - 1] = '\0';
	/* Made anonymous where no text can stand: the object is not served. */
	if (!strcmp(value, "<private>") && strcmp(tag, "4") != 0)
		return 0;
	if (ber_oid_parse(&oid, line) < 0)
		return bb_err_set(err, "line %u: \"%.60s\" is no OID", number, line);
	if (tagged_value(tag, value, &o.tag, content, sizeof(content), &len) < 0)
		return bb_err_set(err, "line %u: value does not fit tag \"%s\"", number, tag);
	if (r->n == OBJECTS_MAX)
		return bb_err_set(err, "line %u: more than %d objects", number, OBJECTS_MAX);
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 256;
		r->object = bb_realloc(r->object, r->cap * sizeof(*r->object));
	}
	o.n = oid.n;
	o.arc = bb_arena_memdup(r->arena, oid.arc, oid.n * sizeof(oid.arc[0]));
	o.content = len ? bb_arena_memdup(r->arena, content, len) : (const uint8_t *)"";
	o.len = (uint16_t)len;
	r->object[r->n++] = o;
	return 0;
}

static int by_oid(const void *a, const void *b)
{
	const struct object *x = a, *y = b;
	int order = ber_oid_compare(x->arc, x->n, y->arc, y->n);

	return order ? order : x->line < y->line ? -1 : 1;
}

static void sort(struct recording *r)
{
	size_t n = 0;

	if (r->n)
		qsort(r->object, r->n, sizeof(*r->object), by_oid);
	for (size_t i = 0; i < r->n; i++) {
		if (n && !ber_oid_compare(r->object[n - 1].arc, r->object[n - 1].n,
				 r->object[i].arc, r->object[i].n))
			n--;
		r->object[n++] = r->object[i];
	}
	r->n = n;
}

struct recording *recording_load(const char *file, struct bb_err *err)
{
	struct recording *r = NULL;
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t cap = 0;
	uint32_t number = 0;
	int rc = 0;

	if (!f) {
		bb_err_errno(err, "cannot open recording \"%s\"", file);
		return NULL;
	}
	r = bb_calloc(1, sizeof(*r));
	r->arena = bb_arena_new(65536, 0);
	while (!rc && getline(&line, &cap, f) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		number++;
		if (line[0] && line[0] != '#')
			rc = line_parse(r, line, number, err);
	}
	if (!rc && ferror(f))
		rc = bb_err_errno(err, "cannot read");
	free(line);
	fclose(f);
	if (rc) {
		bb_err_prefix(err, "recording \"%s\"", file);
		recording_free(r);
		return NULL;
	}
	sort(r);
	return r;
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	bb_arena_free(r->arena);
	free(r->object);
	free(r);
}

size_t recording_count(const struct recording *r)
{
	return r->n;
}

/* ---- the model ---- */

/* Index of the first object that is not below `name`. */
static size_t lower(const struct recording *r, const struct ber_oid *name)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ber_oid_compare(r->object[mid].arc, r->object[mid].n, name->arc, name->n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_at(const struct recording *r, size_t i, const struct ber_oid *name)
{
	return i < r->n && !ber_oid_compare(r->object[i].arc, r->object[i].n, name->arc, name->n);
}

static bool model_get(struct agent *a, const struct ber_oid *name, struct ber_value *v)
{
	const struct recording *r = a->recording;
	size_t i = lower(r, name);

	if (!is_at(r, i, name))
		return false;
	ber_value_bytes(v, r->object[i].tag, r->object[i].content, r->object[i].len);
	return true;
}

static bool model_next(struct agent *a, const struct ber_oid *after, struct ber_oid *name,
	struct ber_value *v)
{
	const struct recording *r = a->recording;
	size_t i = lower(r, after);

	if (is_at(r, i, after))
		i++;
	if (i == r->n)
		return false;
	ber_oid_copy(name, r->object[i].arc, r->object[i].n);
	ber_value_bytes(v, r->object[i].tag, r->object[i].content, r->object[i].len);
	return true;
}

const struct agent_model recording_model = { .name = "recording",
	.get = model_get,
	.next = model_next };
