// SPDX-License-Identifier: Apache-2.0
#include "common/day.h"

#include <endian.h>
#include <math.h>
#include <string.h>

static const double tenth[] = { 1, 10, 100, 1000 };

/* Whether all values are multiples of 10^-scale (as floats), none of them too large. */
static bool try_scale(int scale, const float *value, size_t n, int32_t *d, bool *missing)
{
	long last = 0;

	for (size_t i = 0; i < n; i++) {
		missing[i] = isnan(value[i]);
		d[i] = 0;
		if (missing[i])
			continue;
		double v = value[i] * tenth[scale];
		if (fabs(v) > 1e9)
			return false;
		long q = (long)(v < 0 ? v - 0.5 : v + 0.5);
		if ((float)((double)q / tenth[scale]) != value[i])
			return false;
		d[i] = (int32_t)(q - last);
		last = q;
	}
	return true;
}

static void hours(struct bb_day_series *out, const int32_t *t, const float *value, size_t n)
{
	double sum[24] = { 0 };

	for (int h = 0; h < 24; h++) {
		out->hn[h] = 0;
		out->hmin[h] = out->hmax[h] = out->havg[h] = 0;
	}
	for (size_t i = 0; i < n; i++) {
		int h = t[i] / (BB_DAY_STEPS / 24);

		if (isnan(value[i]))
			continue;
		if (out->hn[h] == 0 || value[i] < out->hmin[h])
			out->hmin[h] = value[i];
		if (out->hn[h] == 0 || value[i] > out->hmax[h])
			out->hmax[h] = value[i];
		sum[h] += value[i];
		if (out->hn[h] < INT16_MAX)
			out->hn[h]++;
	}
	for (int h = 0; h < 24; h++) {
		out->hmissing[h] = out->hn[h] == 0;
		if (out->hn[h])
			out->havg[h] = (float)(sum[h] / out->hn[h]);
	}
}

void bb_day_encode(struct bb_day_series *out, const int32_t *t, const float *value, size_t n)
{
	hours(out, t, value, n);
	for (out->scale = 0; out->scale <= 3; out->scale++)
		if (try_scale(out->scale, value, n, out->d, out->missing))
			return;
	out->scale = -1;
	for (size_t i = 0; i < n; i++) {
		out->missing[i] = isnan(value[i]);
		out->v[i] = out->missing[i] ? 0 : value[i];
	}
}

void bb_day_decode(int scale, const int32_t *d, const bool *missing, const float *v, size_t n, float *value)
{
	long q = 0;

	for (size_t i = 0; i < n; i++) {
		if (missing[i]) {
			value[i] = NAN;
		} else if (scale < 0) {
			value[i] = v[i];
		} else {
			q += d[i];
			value[i] = (float)((double)q / tenth[scale]);
		}
	}
}

static void put_float(uint8_t *p, float v)
{
	uint32_t raw;

	memcpy(&raw, &v, sizeof(raw));
	raw = htobe32(raw);
	memcpy(p, &raw, sizeof(raw));
}

static float get_float(const uint8_t *p)
{
	uint32_t raw;
	float v;

	memcpy(&raw, p, sizeof(raw));
	raw = be32toh(raw);
	memcpy(&v, &raw, sizeof(v));
	return v;
}

void bb_week_put(uint8_t *week, size_t hour, const struct bb_hour *h)
{
	uint8_t *p = week + hour * 14;

	put_float(p, h->min);
	put_float(p + 4, h->avg);
	put_float(p + 8, h->max);
	p[12] = (uint8_t)(h->n >> 8);
	p[13] = (uint8_t)h->n;
}

struct bb_hour bb_week_get(const uint8_t *week, size_t hour)
{
	const uint8_t *p = week + hour * 14;

	return (struct bb_hour){ .min = get_float(p), .avg = get_float(p + 4), .max = get_float(p + 8), .n = p[12] << 8 | p[13] };
}
