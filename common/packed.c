// SPDX-License-Identifier: Apache-2.0
#include "common/packed.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "common/pgbin.h"

#define BLOCK 64

enum { FORM_WHOLE = 0, FORM_FLOAT = 1, HAS_BITMAP = 0x80 };

static const double tenth[] = { 1, 10, 100, 1000 };

static uint32_t zigzag(int32_t v)
{
	return (uint32_t)v << 1 ^ (uint32_t)(v >> 31);
}

static int32_t unzigzag(uint32_t z)
{
	return (int32_t)(z >> 1 ^ (0 - (z & 1)));
}

static void put32(struct bb_buf *out, uint32_t v)
{
	uint8_t raw[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	bb_buf_add(out, raw, sizeof(raw));
}

static void put8(struct bb_buf *out, unsigned v)
{
	uint8_t raw = (uint8_t)v;

	bb_buf_add(out, &raw, 1);
}

static uint32_t bits_of(float v)
{
	uint32_t raw;

	memcpy(&raw, &v, sizeof(raw));
	return raw;
}

static float float_of(uint32_t raw)
{
	float v;

	memcpy(&v, &raw, sizeof(v));
	return v;
}

/* ---- streams ---- */

struct stream {
	struct bb_buf *out;
	uint32_t z[BLOCK];
	size_t n;
};

static void block_end(struct stream *s)
{
	uint8_t raw[1 + BLOCK * 4], *p = raw;
	uint32_t all = 0;
	uint64_t acc = 0;
	unsigned w = 0, held = 0;

	for (size_t i = 0; i < s->n; i++)
		all |= s->z[i];
	while (w < 32 && all >> w)
		w++;
	*p++ = (uint8_t)w;
	for (size_t i = 0; w && i < s->n; i++) {
		acc = acc << w | s->z[i];
		for (held += w; held >= 8; held -= 8)
			*p++ = (uint8_t)(acc >> (held - 8));
	}
	if (held)
		*p++ = (uint8_t)(acc << (8 - held));
	bb_buf_add(s->out, raw, (size_t)(p - raw));
	s->n = 0;
}

static void stream_put(struct stream *s, uint32_t z)
{
	s->z[s->n++] = z;
	if (s->n == BLOCK)
		block_end(s);
}

static void stream_end(struct stream *s)
{
	if (s->n)
		block_end(s);
}

struct reader {
	const uint8_t *p, *end;
	bool bad;
};

/* The next m <= BLOCK numbers; zeros when the bytes end. */
static void block_read(struct reader *r, uint32_t *z, size_t m)
{
	unsigned w = r->p < r->end ? *r->p : 255, held = 0;
	size_t bytes = (m * w + 7) / 8;
	uint64_t acc = 0, mask = (UINT64_C(1) << (w & 63)) - 1;

	if (w > 32 || (size_t)(r->end - r->p) < 1 + bytes) {
		r->bad = true;
		r->p = r->end;
		w = 0;
	} else {
		r->p++;
	}
	if (w == 0) {
		memset(z, 0, m * sizeof(*z));
		return;
	}
	for (size_t i = 0; i < m; i++) {
		for (; held < w; held += 8)
			acc = acc << 8 | *r->p++;
		held -= w;
		z[i] = (uint32_t)(acc >> held & mask);
	}
}

/* ---- times ---- */

void bb_packed_times(struct bb_buf *out, const int32_t *t, size_t n)
{
	struct stream s = { .out = out };
	int32_t step = n > 1 ? (t[n - 1] - t[0]) / (int32_t)(n - 1) : 0;

	/* a gap must not shift all others */
	for (size_t i = 1; i < n && i <= BLOCK; i++)
		if (t[i] - t[i - 1] < step)
			step = t[i] - t[i - 1];
	put32(out, (uint32_t)n);
	put32(out, n ? (uint32_t)t[0] : 0);
	put32(out, (uint32_t)step);
	for (size_t i = 1; i < n; i++)
		stream_put(&s, zigzag(t[i] - t[i - 1] - step));
	stream_end(&s);
}

long bb_packed_times_read(const uint8_t *p, size_t len, int32_t *t, size_t max)
{
	struct reader r = { .p = p, .end = p + len };
	uint32_t z[BLOCK];
	int64_t at, step;
	size_t n;

	if (len < 12)
		return -1;
	n = (uint32_t)bb_bin_get32(p);
	at = bb_bin_get32(p + 4);
	step = bb_bin_get32(p + 8);
	if (n > max || (n && (at < 0 || at >= BB_DAY_STEPS)))
		return -1;
	r.p += 12;
	if (n)
		t[0] = (int32_t)at;
	for (size_t i = 1; i < n; i += BLOCK) {
		size_t m = n - i < BLOCK ? n - i : BLOCK;

		block_read(&r, z, m);
		for (size_t k = 0; k < m; k++) {
			int64_t more = step + unzigzag(z[k]);

			at += more;
			if (more <= 0 || at >= BB_DAY_STEPS)
				return -1;
			t[i + k] = (int32_t)at;
		}
	}
	return r.bad || r.p != r.end ? -1 : (long)n;
}

/* ---- values ---- */

static void put_bitmap(struct bb_buf *out, const bool *missing, size_t n)
{
	for (size_t i = 0; i < n; i += 8) {
		unsigned byte = 0;

		for (size_t k = 0; k < 8; k++)
			byte |= i + k < n && !missing[i + k] ? 0x80u >> k : 0;
		put8(out, byte);
	}
}

void bb_packed_values(struct bb_buf *out, const struct bb_day_series *day, size_t n)
{
	struct stream s = { .out = out };
	bool has_missing = n && memchr(day->missing, true, n);
	uint32_t last = 0;
	size_t good = 0;

	put8(out, (day->scale < 0 ? FORM_FLOAT : FORM_WHOLE) | (has_missing ? HAS_BITMAP : 0));
	if (has_missing)
		put_bitmap(out, day->missing, n);
	while (good < n && day->missing[good])
		good++;
	if (good < n)
		last = day->scale < 0 ? bits_of(day->v[good]) : (uint32_t)day->d[good];
	put32(out, last);
	for (size_t i = 0; i < n; i++) {
		if (i == good || day->missing[i]) {
			stream_put(&s, 0);
		} else if (day->scale >= 0) {
			stream_put(&s, zigzag(day->d[i]));
		} else {
			stream_put(&s, bits_of(day->v[i]) ^ last);
			last = bits_of(day->v[i]);
		}
	}
	stream_end(&s);
}

static void take_block(const uint32_t *z, size_t m, bool is_float, double unit, int64_t *sum, float *value)
{
	if (is_float) {
		for (size_t k = 0; k < m; k++)
			value[k] = float_of((uint32_t)(*sum ^= z[k]));
		return;
	}
	for (size_t k = 0; k < m; k++) {
		*sum += unzigzag(z[k]);
		value[k] = (float)((double)*sum / unit);
	}
}

int bb_packed_values_read(const uint8_t *p, size_t len, int scale, float *value, size_t n)
{
	struct reader r = { .p = p, .end = p + len };
	const uint8_t *bitmap = NULL;
	uint32_t z[BLOCK];
	int64_t sum = 0;
	unsigned form;

	if (len < 1 || scale < -1 || scale > 3)
		return -1;
	form = *r.p++;
	if ((int)(form & ~(unsigned)HAS_BITMAP) != (scale < 0 ? FORM_FLOAT : FORM_WHOLE))
		return -1;
	if (form & HAS_BITMAP) {
		if ((size_t)(r.end - r.p) < (n + 7) / 8)
			return -1;
		bitmap = r.p;
		r.p += (n + 7) / 8;
	}
	if (r.end - r.p < 4)
		return -1;
	sum = bb_bin_get32(r.p);
	if (scale < 0)
		sum = (uint32_t)sum;
	r.p += 4;
	for (size_t i = 0; i < n; i += BLOCK) {
		size_t m = n - i < BLOCK ? n - i : BLOCK;

		block_read(&r, z, m);
		take_block(z, m, scale < 0, scale < 0 ? 1 : tenth[scale], &sum, value + i);
	}
	for (size_t i = 0; bitmap && i < n; i++)
		if (!(bitmap[i / 8] & 0x80u >> i % 8))
			value[i] = NAN;
	return r.bad || r.p != r.end ? -1 : 0;
}

/* ---- slots ---- */

static bool slots_count(const int32_t *t, const float *value, size_t n, struct bb_hour *slot, bool *missing)
{
	double sum[BB_SLOTS] = { 0 };
	bool is_narrow = true;

	memset(slot, 0, BB_SLOTS * sizeof(*slot));
	for (size_t i = 0; i < n; i++) {
		size_t k = (size_t)(t[i] / BB_SLOT_STEPS);
		struct bb_hour *s = &slot[k];

		if (isnan(value[i]))
			continue;
		if (s->n == 0 || value[i] < s->min)
			s->min = value[i];
		if (s->n == 0 || value[i] > s->max)
			s->max = value[i];
		sum[k] += value[i];
		s->n++;
	}
	for (size_t k = 0; k < BB_SLOTS; k++) {
		missing[k] = slot[k].n == 0;
		if (slot[k].n)
			slot[k].avg = (float)(sum[k] / slot[k].n);
		is_narrow = is_narrow && (double)slot[k].max - (double)slot[k].min < 1e3;
	}
	return is_narrow;
}

enum { OF_COUNT, OF_MIN, OF_MAX, OF_AVG, COLUMNS };

static uint32_t slot_number(const struct bb_hour *h, int column, double unit, int32_t *last)
{
	int32_t now, before = *last;
	double v = column == OF_MAX ? (double)h->max - (double)h->min : column == OF_MIN ? h->min : ((double)h->avg - (double)h->min) * 1000;

	now = column == OF_COUNT ? h->n : (int32_t)lround(v * unit);
	*last = now;
	return column == OF_COUNT || column == OF_MIN ? zigzag(now - before) : zigzag(now);
}

static uint32_t slot_bits(const struct bb_hour *h, int column, int32_t *last)
{
	uint32_t now = column == OF_COUNT ? (uint32_t)h->n : bits_of(column == OF_MIN ? h->min : column == OF_MAX ? h->max : h->avg);
	uint32_t before = (uint32_t)*last;

	*last = (int32_t)now;
	return column == OF_COUNT ? zigzag((int32_t)(now - before)) : now ^ before;
}

void bb_packed_slots(struct bb_buf *out, int scale, const int32_t *t, const float *value, size_t n)
{
	struct bb_hour slot[BB_SLOTS];
	bool missing[BB_SLOTS], is_whole = slots_count(t, value, n, slot, missing) && scale >= 0;

	put8(out, is_whole ? FORM_WHOLE : FORM_FLOAT);
	put_bitmap(out, missing, BB_SLOTS);
	for (int column = 0; column < COLUMNS; column++) {
		struct stream s = { .out = out };
		int32_t last = 0;

		for (size_t k = 0; k < BB_SLOTS; k++)
			if (!missing[k])
				stream_put(&s, is_whole ? slot_number(&slot[k], column, tenth[scale], &last) : slot_bits(&slot[k], column, &last));
		stream_end(&s);
	}
}

static void read_column(struct reader *r, uint32_t *z, size_t n)
{
	for (size_t i = 0; i < n; i += BLOCK)
		block_read(r, z + i, n - i < BLOCK ? n - i : BLOCK);
}

int bb_packed_slots_read(const uint8_t *p, size_t len, int scale, struct bb_hour slot[BB_SLOTS])
{
	struct reader r = { .p = p + 1 + BB_SLOTS / 8, .end = p + len };
	uint32_t z[COLUMNS][BB_SLOTS], bits[COLUMNS] = { 0 };
	int64_t count = 0, low = 0;
	size_t at[BB_SLOTS], n = 0;
	double unit;

	if (len < 1 + BB_SLOTS / 8 || p[0] > FORM_FLOAT || scale > 3 || (p[0] == FORM_WHOLE && scale < 0))
		return -1;
	unit = p[0] == FORM_WHOLE ? tenth[scale] : 1;
	for (size_t k = 0; k < BB_SLOTS; k++)
		if (p[1 + k / 8] & 0x80u >> k % 8)
			at[n++] = k;
	for (int c = 0; c < COLUMNS; c++)
		read_column(&r, z[c], n);
	memset(slot, 0, BB_SLOTS * sizeof(*slot));
	for (size_t i = 0; i < n; i++) {
		struct bb_hour *h = &slot[at[i]];

		count += unzigzag(z[OF_COUNT][i]);
		h->n = count > 0 && count <= BB_DAY_MAX_SAMPLES ? (int)count : 0;
		low += unzigzag(z[OF_MIN][i]);
		for (int c = OF_MIN; c < COLUMNS; c++)
			bits[c] ^= z[c][i];
		if (p[0] == FORM_WHOLE) {
			h->min = (float)((double)low / unit);
			h->max = (float)((double)(low + unzigzag(z[OF_MAX][i])) / unit);
			h->avg = (float)(((double)low + unzigzag(z[OF_AVG][i]) / 1000.0) / unit);
		} else {
			h->min = float_of(bits[OF_MIN]);
			h->max = float_of(bits[OF_MAX]);
			h->avg = float_of(bits[OF_AVG]);
		}
	}
	return r.bad || r.p != r.end ? -1 : 0;
}
