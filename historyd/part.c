// SPDX-License-Identifier: Apache-2.0
#include "historyd/part.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/packed.h"
#include "common/pgbin.h"

#define SERIES_MAX 4096

struct part_work {
	struct bb_day_series day;
	int32_t d[2 * BB_DAY_MAX_SAMPLES];
	float v[2 * BB_DAY_MAX_SAMPLES];
	bool missing[2 * BB_DAY_MAX_SAMPLES];
	float value[2 * BB_DAY_MAX_SAMPLES];
	int32_t t[2 * BB_DAY_MAX_SAMPLES];
	size_t n_times;                 /* of the rows being read */
	int32_t series[SERIES_MAX], ends[SERIES_MAX];
	int16_t scale[SERIES_MAX];
	struct bb_buf packed;
};

struct part_work *part_work_new(void)
{
	struct part_work *w = bb_calloc(1, sizeof(*w));

	w->day = (struct bb_day_series){ .d = w->d, .missing = w->missing, .v = w->v };
	return w;
}

void part_work_free(struct part_work *w)
{
	if (!w)
		return;
	bb_buf_fini(&w->packed);
	free(w);
}

/* ---- writing ---- */

static void put_key(struct bb_buf *out, const struct part_key *k, unsigned fields)
{
	bb_bin_row(out, fields);
	bb_bin_int8(out, k->site_id);
	bb_bin_int8(out, k->device_id);
	bb_bin_date(out, k->day);
}

static void put_times(struct part_work *w, const struct merge *m, struct bb_buf *out)
{
	bb_buf_reset(&w->packed);
	bb_packed_times(&w->packed, merge_times(m), merge_count(m));
	bb_bin_bytes(out, w->packed.data, w->packed.len);
}

void part_write(struct part_work *w, const struct part_key *k, const struct merge *m, struct bb_buf *out)
{
	const int32_t *t = merge_times(m);
	size_t n = merge_count(m), n_series = merge_series_count(m);

	n_series = n_series < SERIES_MAX ? n_series : SERIES_MAX;
	put_key(out, k, 10);
	bb_bin_int4(out, t[0]);
	bb_bin_int4(out, t[n - 1]);
	bb_buf_reset(&w->packed);
	for (size_t i = 0; i < n_series; i++) {
		bb_day_encode(&w->day, t, merge_series_values(m, i), n);
		bb_packed_values(&w->packed, &w->day, n);
		w->series[i] = merge_series_id(m, i);
		w->scale[i] = (int16_t)w->day.scale;
		w->ends[i] = (int32_t)w->packed.len;
	}
	bb_bin_int4s(out, w->series, n_series);
	bb_bin_int2s(out, w->scale, NULL, n_series);
	bb_bin_int4s(out, w->ends, n_series);
	size_t len = w->packed.len;
	bb_packed_times(&w->packed, t, n);
	bb_bin_bytes(out, w->packed.data + len, w->packed.len - len);
	bb_bin_bytes(out, w->packed.data, len);
}

void part_write_day(struct part_work *w, const struct part_key *k, const struct merge *m, struct bb_buf *time, struct bb_buf *days)
{
	const int32_t *t = merge_times(m);
	const struct bb_day_series *day = &w->day;
	size_t n = merge_count(m);

	put_key(time, k, 5);
	bb_bin_int4(time, t[n - 1]);
	put_times(w, m, time);
	for (size_t i = 0; i < merge_series_count(m); i++) {
		bb_day_encode(&w->day, t, merge_series_values(m, i), n);
		put_key(days, k, 11);
		bb_bin_int4(days, merge_series_id(m, i));
		bb_bin_int2(days, (int16_t)day->scale);
		bb_bin_float4s(days, day->hmin, day->hmissing, 24);
		bb_bin_float4s(days, day->havg, day->hmissing, 24);
		bb_bin_float4s(days, day->hmax, day->hmissing, 24);
		bb_bin_int2s(days, day->hn, NULL, 24);
		bb_buf_reset(&w->packed);
		bb_packed_slots(&w->packed, day->scale, t, merge_series_values(m, i), n);
		bb_bin_bytes(days, w->packed.data, w->packed.len);
		bb_buf_reset(&w->packed);
		bb_packed_values(&w->packed, day, n);
		bb_bin_bytes(days, w->packed.data, w->packed.len);
	}
}

/* ---- reading ---- */

static void take_int4(void *arg, size_t i, const uint8_t *p)
{
	((int32_t *)arg)[i] = p ? bb_bin_get32(p) : 0;
}

static void take_int2(void *arg, size_t i, const uint8_t *p)
{
	((int16_t *)arg)[i] = p ? bb_bin_get16(p) : 0;
}

int part_read(struct part_work *w, const struct part_field f[5], struct merge *m)
{
	long n = bb_bin_read_array(f[0].p, f[0].len, 4, SERIES_MAX, take_int4, w->series), times;
	size_t start = 0, before = merge_entries(m);

	if (n < 0 || bb_bin_read_array(f[1].p, f[1].len, 2, SERIES_MAX, take_int2, w->scale) != n ||
		bb_bin_read_array(f[2].p, f[2].len, 4, SERIES_MAX, take_int4, w->ends) != n)
		return -1;
	times = bb_packed_times_read(f[3].p, f[3].len, w->t, 2 * BB_DAY_MAX_SAMPLES);
	if (times < 0)
		return -1;
	size_t n_values = (size_t)times;
	if (merge_old_times(m, w->t, n_values) != n_values)
		return -1;
	for (long i = 0; i < n; i++) {
		size_t end = w->ends[i] < 0 ? 0 : (size_t)w->ends[i];

		if (end < start || end > f[4].len)
			return -1;
		if (bb_packed_values_read(f[4].p + start, end - start, w->scale[i], w->value, n_values) != 0)
			return -1;
		merge_old_series(m, w->series[i], w->value, before, n_values);
		start = end;
	}
	return 0;
}

int part_read_times(struct part_work *w, struct part_field packed, struct part_field array, struct merge *m)
{
	long n = packed.p ? bb_packed_times_read(packed.p, packed.len, w->t, BB_DAY_MAX_SAMPLES)
			  : bb_bin_read_array(array.p, array.len, 4, BB_DAY_MAX_SAMPLES, take_int4, w->t);

	w->n_times = 0;
	if (n < 0)
		return -1;
	for (long i = 1; !packed.p && i < n; i++)
		w->t[i] += w->t[i - 1];
	w->n_times = merge_old_times(m, w->t, (size_t)n);
	return 0;
}

static void take_d(void *arg, size_t i, const uint8_t *p)
{
	struct part_work *w = arg;

	w->missing[i] = !p;
	w->d[i] = p ? bb_bin_get16(p) : 0;
}

static void take_v(void *arg, size_t i, const uint8_t *p)
{
	struct part_work *w = arg;
	uint32_t raw = p ? (uint32_t)bb_bin_get32(p) : 0;

	w->missing[i] = !p;
	memcpy(&w->v[i], &raw, sizeof(raw));
}

int part_read_series(struct part_work *w, int series, int scale, struct part_field packed, struct part_field array, struct merge *m)
{
	long n = (long)w->n_times;

	if (packed.p) {
		if (bb_packed_values_read(packed.p, packed.len, scale, w->value, w->n_times) != 0)
			return -1;
	} else {
		n = bb_bin_read_array(array.p, array.len, scale < 0 ? 4 : 2, BB_DAY_MAX_SAMPLES, scale < 0 ? take_v : take_d, w);
		if (n < 0 || scale > 3)
			return -1;
		bb_day_decode(scale, w->d, w->missing, w->v, (size_t)n, w->value);
	}
	merge_old_series(m, series, w->value, 0, (size_t)n);
	return 0;
}
