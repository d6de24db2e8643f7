// SPDX-License-Identifier: Apache-2.0
#include "common/pgbin.h"

#include <endian.h>
#include <string.h>

enum { OID_INT2 = 21, OID_INT4 = 23, OID_FLOAT4 = 700 };        /* pg_type.dat */

static void add16(struct bb_buf *b, uint16_t v)
{
	v = htobe16(v);
	bb_buf_add(b, &v, sizeof(v));
}

static void add32(struct bb_buf *b, uint32_t v)
{
	v = htobe32(v);
	bb_buf_add(b, &v, sizeof(v));
}

static void add64(struct bb_buf *b, uint64_t v)
{
	v = htobe64(v);
	bb_buf_add(b, &v, sizeof(v));
}

void bb_bin_begin(struct bb_buf *b)
{
	static const char head[11] = { 'P', 'G', 'C', 'O', 'P', 'Y', '\n', '\377', '\r', '\n', '\0' };

	bb_buf_add(b, head, sizeof(head));
	add32(b, 0);
	add32(b, 0);
}

void bb_bin_end(struct bb_buf *b)
{
	add16(b, 0xFFFF);
}

void bb_bin_row(struct bb_buf *b, unsigned fields)
{
	add16(b, (uint16_t)fields);
}

void bb_bin_null(struct bb_buf *b)
{
	add32(b, 0xFFFFFFFF);
}

void bb_bin_int2(struct bb_buf *b, int16_t v)
{
	add32(b, 2);
	add16(b, (uint16_t)v);
}

void bb_bin_int4(struct bb_buf *b, int32_t v)
{
	add32(b, 4);
	add32(b, (uint32_t)v);
}

void bb_bin_int8(struct bb_buf *b, int64_t v)
{
	add32(b, 8);
	add64(b, (uint64_t)v);
}

void bb_bin_bytes(struct bb_buf *b, const void *p, size_t n)
{
	add32(b, (uint32_t)n);
	bb_buf_add(b, p, n);
}

void bb_bin_time(struct bb_buf *b, uint64_t unix_us)
{
	bb_bin_int8(b, (int64_t)unix_us - BB_PG_EPOCH_US);
}

void bb_bin_date(struct bb_buf *b, int32_t unix_days)
{
	bb_bin_int4(b, unix_days - BB_PG_EPOCH_DAYS);
}

/* Field length, number of dimensions, has-null flag, element type, dimension, lower bound. */
static void array_head(struct bb_buf *b, uint32_t oid, const bool *missing, size_t n, size_t size)
{
	size_t nulls = 0;

	for (size_t i = 0; missing && i < n; i++)
		nulls += missing[i];
	if (n == 0) {
		add32(b, 12);
		add32(b, 0);
		add32(b, 0);
		add32(b, oid);
		return;
	}
	add32(b, (uint32_t)(20 + 4 * n + size * (n - nulls)));
	add32(b, 1);
	add32(b, nulls > 0);
	add32(b, oid);
	add32(b, (uint32_t)n);
	add32(b, 1);
}

void bb_bin_float4s(struct bb_buf *b, const float *v, const bool *missing, size_t n)
{
	uint32_t raw;

	array_head(b, OID_FLOAT4, missing, n, 4);
	for (size_t i = 0; i < n; i++) {
		if (missing && missing[i]) {
			bb_bin_null(b);
			continue;
		}
		memcpy(&raw, &v[i], sizeof(raw));
		bb_bin_int4(b, (int32_t)raw);
	}
}

void bb_bin_int2s(struct bb_buf *b, const int16_t *v, const bool *missing, size_t n)
{
	array_head(b, OID_INT2, missing, n, 2);
	for (size_t i = 0; i < n; i++) {
		if (missing && missing[i])
			bb_bin_null(b);
		else
			bb_bin_int2(b, v[i]);
	}
}

void bb_bin_int4s(struct bb_buf *b, const int32_t *v, size_t n)
{
	array_head(b, OID_INT4, NULL, n, 4);
	for (size_t i = 0; i < n; i++)
		bb_bin_int4(b, v[i]);
}

int16_t bb_bin_get16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return (int16_t)be16toh(v);
}

int32_t bb_bin_get32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (int32_t)be32toh(v);
}

int64_t bb_bin_get64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return (int64_t)be64toh(v);
}

long bb_bin_read_array(const uint8_t *p, size_t len, size_t size, size_t max, void (*each)(void *arg, size_t i, const uint8_t *element),
	void *arg)
{
	size_t n, pos = 20;

	if (len >= 12 && bb_bin_get32(p) == 0)
		return 0;
	if (len < 20 || bb_bin_get32(p) != 1)
		return -1;
	n = (size_t)(uint32_t)bb_bin_get32(p + 12);
	if (n > max)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int32_t field;

		if (len - pos < 4)
			return -1;
		field = bb_bin_get32(p + pos);
		pos += 4;
		if (field == -1) {
			each(arg, i, NULL);
			continue;
		}
		if (field != (int32_t)size || len - pos < size)
			return -1;
		each(arg, i, p + pos);
		pos += size;
	}
	return (long)n;
}
