// SPDX-License-Identifier: Apache-2.0
#include "webd/series_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/packed.h"
#include "common/pgbin.h"

#define HOUR_US 3600000000LL
#define DAY_US (24 * HOUR_US)
#define STEP_US 100000
#define SLOT_US (DAY_US / BB_SLOTS)
#define CHUNK_DAYS 256 /* day rows of one statement */
#define CHUNK_SLOT_DAYS 1024
#define CHANGES_MAX 100000

/* ---- statements ---- */

typedef void (*take_fn)(struct series_read *r, PGresult *res);

struct step {
	struct series_read *r;
	take_fn take;
};

static void on_result(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct step *s = arg;

	if (res)
		s->take(s->r, res);
	else
		s->r->done(s->r->arg, error, sqlstate);
}

static void ask(struct series_read *r, const char *sql, int n, const char *const *values, take_fn take)
{
	struct step *s = bb_arena_alloc(r->arena, sizeof(*s));

	*s = (struct step){ r, take };
	if (bb_pg_query_binary(r->pg, sql, n, values, on_result, s) != 0)
		r->done(r->arg, "too many questions wait for the database", "");
}

/* An array of the chosen member of the series of one device (or of all, NO_DEVICE). Points and
 * indexes were checked: they hold nothing to quote. */
enum { OF_DEVICE, OF_POINT, OF_INDEX };
#define NO_DEVICE SIZE_MAX

static const char *list(struct series_read *r, int what, size_t device)
{
	struct bb_buf b = { 0 };
	const char *text;

	for (size_t i = 0; i < r->n; i++) {
		const struct series_one *o = &r->one[i];

		if (device != NO_DEVICE && o->device_no != device)
			continue;
		bb_buf_printf(&b, "%c\"%s\"", b.len ? ',' : '{',
			what == OF_DEVICE ? o->device : what == OF_POINT ? o->point : o->index);
	}
	bb_buf_str(&b, "}");
	text = bb_arena_strdup(r->arena, b.data);
	bb_buf_fini(&b);
	return text;
}

static const char *number(struct series_read *r, int64_t n)
{
	return bb_arena_printf(r->arena, "%" PRId64, n);
}

static const uint8_t *field(PGresult *res, int row, int column, size_t *len)
{
	*len = (size_t)PQgetlength(res, row, column);
	return (const uint8_t *)PQgetvalue(res, row, column);
}

static int32_t field_day(PGresult *res, int row, int column)
{
	return bb_bin_get32(PQgetvalue(res, row, column)) + BB_PG_EPOCH_DAYS;
}

/* The series a row belongs to; its number counts from 1. NULL: not one of ours. */
static struct series_one *field_series(struct series_read *r, PGresult *res, int row, size_t device)
{
	int64_t k = bb_bin_get64(PQgetvalue(res, row, 0));

	for (size_t i = 0; i < r->n; i++) {
		if (device != NO_DEVICE && r->one[i].device_no != device)
			continue;
		if (--k == 0)
			return &r->one[i];
	}
	return NULL;
}

#define QUESTION \
	"q AS MATERIALIZED (SELECT u.k, u.d, s.series FROM unnest($1::bigint[], $2::text[], $3::text[]) " \
	"WITH ORDINALITY u (d, p, i, k) JOIN series s ON s.point = u.p AND s.idx = u.i)"

/* ---- bands ---- */

static void take_bands(struct series_read *r, PGresult *res)
{
	int n = PQntuples(res);

	r->has_too_many_changes = n > CHANGES_MAX;
	for (int row = 0; row < n; row++) {
		size_t k = (size_t)bb_bin_get64(PQgetvalue(res, row, 0));

		if (k < 1 || k > r->n_devices)
			continue;
		bands_add(&r->bands[k - 1],
			bb_bin_get64(PQgetvalue(res, row, 1)) + BB_PG_EPOCH_US,
			band_of(PQgetisnull(res, row, 2) ? NULL : PQgetvalue(res, row, 2)));
	}
	r->done(r->arg, NULL, "");
}

/* Behind the last sign of life of a device, with some grace, nothing is known. */
static void ask_bands(struct series_read *r)
{
	static const char sql[] =
		"WITH q AS MATERIALIZED (SELECT u.d, u.k, s.series FROM unnest($1::bigint[]) WITH ORDINALITY u (d, k) "
		"JOIN series s ON s.point = 'ups.status' AND s.idx = ''), "
		"f AS (SELECT timestamptz 'epoch' + $2::bigint * interval '1 microsecond' AS a, "
		"timestamptz 'epoch' + $3::bigint * interval '1 microsecond' AS b), "
		"e AS MATERIALIZED (SELECT q.k, greatest("
		"(SELECT max(at) FROM sample_wide w WHERE w.device_id = q.d), "
		"(SELECT t.day::timestamp AT TIME ZONE 'UTC' + t.last * interval '100 ms' FROM sample_part t "
		"WHERE t.device_id = q.d ORDER BY t.day DESC, t.last DESC LIMIT 1), "
		"(SELECT t.day::timestamp AT TIME ZONE 'UTC' + coalesce(t.last, 0) * interval '100 ms' FROM sample_time t "
		"WHERE t.device_id = q.d ORDER BY t.day DESC LIMIT 1), "
		"(SELECT c.at FROM text_change c WHERE c.device_id = q.d AND c.series = q.series ORDER BY c.at DESC LIMIT 1)) "
		"+ coalesce((SELECT greatest(60, 0.003 * interval_ms) FROM device d WHERE d.device_id = q.d), 60) * interval '1 second' AS at FROM q) "
		"SELECT x.k, x.at, x.value FROM ("
		"SELECT q.k, f.a AS at, (SELECT c.value FROM text_change c WHERE c.device_id = q.d AND c.series = q.series AND c.at <= f.a "
		"ORDER BY c.at DESC LIMIT 1) AS value FROM q, f "
		"UNION ALL SELECT q.k, c.at, c.value FROM q, f, text_change c "
		"WHERE c.device_id = q.d AND c.series = q.series AND c.at > f.a AND c.at < f.b "
		"UNION ALL SELECT e.k, greatest(e.at, f.a), NULL FROM e, f WHERE e.at < f.b) x ORDER BY x.k, x.at, x.value NULLS LAST LIMIT $4::int";
	struct bb_buf b = { 0 };

	for (size_t i = 0; i < r->n_devices; i++)
		bb_buf_printf(&b, "%c%s", i ? ',' : '{', r->device[i]);
	bb_buf_str(&b, "}");
	const char *values[] = { b.data, number(r, r->span.from_us), number(r, r->span.to_us),
		number(r, CHANGES_MAX + 1) };

	ask(r, sql, 4, values, take_bands);
	bb_buf_fini(&b);
}

/* All that is folded is in the charts. */
static void finish(struct series_read *r)
{
	for (size_t i = 0; i < r->n; i++)
		series_open_finish(&r->one[i].open, &r->one[i].chart);
	if (r->want_bands)
		ask_bands(r);
	else
		r->done(r->arg, NULL, "");
}

/* ---- hours ---- */

static void take_float(void *arg, size_t i, const uint8_t *p)
{
	uint32_t raw = p ? (uint32_t)bb_bin_get32(p) : 0;

	if (p)
		memcpy((float *)arg + i, &raw, sizeof(raw));
	else
		((float *)arg)[i] = NAN;
}

static void take_int2(void *arg, size_t i, const uint8_t *p)
{
	((int16_t *)arg)[i] = p ? bb_bin_get16(p) : 0;
}

static void take_week(struct series_one *o, int32_t day, const uint8_t *week, size_t len)
{
	for (size_t h = 0; len == BB_WEEK_BYTES && h < BB_WEEK_HOURS; h++) {
		struct bb_hour hour = bb_week_get(week, h);

		chart_hour_add(&o->chart, day * 24LL + (int64_t)h, &hour);
	}
}

static void take_day_hours(struct series_one *o, int32_t day, PGresult *res, int row)
{
	float v[3][24];
	int16_t n[24];

	for (int k = 0; k < 4; k++) {
		size_t len;
		const uint8_t *p = field(res, row, 3 + k, &len);
		long got = bb_bin_read_array(p, len, k < 3 ? 4 : 2, 24, k < 3 ? take_float : take_int2,
			k < 3 ? (void *)v[k] : n);

		if (got != 24)
			return;
	}
	for (int h = 0; h < 24; h++) {
		struct bb_hour hour = { .min = v[0][h], .avg = v[1][h], .max = v[2][h], .n = n[h] };

		chart_hour_add(&o->chart, day * 24LL + h, &hour);
	}
}

static void take_hours(struct series_read *r, PGresult *res)
{
	for (int row = 0; row < PQntuples(res); row++) {
		struct series_one *o = field_series(r, res, row, NO_DEVICE);
		int32_t day = field_day(res, row, 1);
		bool is_week = !PQgetisnull(res, row, 2);
		size_t len;

		if (!o)
			continue;
		if (is_week) {
			const uint8_t *week = field(res, row, 2, &len);

			take_week(o, day, week, len);
		} else {
			take_day_hours(o, day, res, row);
		}
		series_open_seen(&o->open, day, is_week ? 7 : 1,
			is_week ? BB_DAY_STEPS : bb_bin_get32(PQgetvalue(res, row, 7)));
	}
	finish(r);
}

/* OFFSET 0 keeps the inner questions apart: each asks the few partitions it needs by their keys. */
static void ask_hours(struct series_read *r)
{
	static const char sql[] =
		"WITH " QUESTION ", "
		"f AS (SELECT date '1970-01-01' + $4::int AS a, date '1970-01-01' + $5::int AS b), "
		"w AS MATERIALIZED (SELECT q.k, s.week, s.h FROM q, f CROSS JOIN LATERAL (SELECT week, h FROM sample_week s "
		"WHERE s.device_id = q.d AND s.series = q.series AND s.week BETWEEN week_of(f.a) AND f.b OFFSET 0) s), "
		"gap AS MATERIALIZED (SELECT q.k, q.d, q.series, greatest(e.week, f.a) AS a, least(e.week + 6, f.b) AS b "
		"FROM f, q, sample_week_state e WHERE e.device_id = 0 AND e.week BETWEEN week_of(f.a) AND f.b "
		"AND NOT EXISTS (SELECT FROM w WHERE w.k = q.k AND w.week = e.week)) "
		"SELECT k, week, h, NULL::float4[], NULL::float4[], NULL::float4[], NULL::int2[], NULL::int4 FROM w "
		"UNION ALL SELECT g.k, s.day, NULL, s.hmin, s.havg, s.hmax, s.hn, s.last FROM gap g CROSS JOIN LATERAL ("
		"SELECT s.day, s.hmin, s.havg, s.hmax, s.hn, "
		"coalesce(t.last, (SELECT sum(x)::int4 FROM unnest(t.dt) x), 0) AS last FROM sample_day s "
		"JOIN sample_time t ON t.device_id = s.device_id AND t.day = s.day AND t.day BETWEEN g.a AND g.b "
		"WHERE s.device_id = g.d AND s.series = g.series AND s.day BETWEEN g.a AND g.b OFFSET 0) s";
	const char *values[] = { list(r, OF_DEVICE, NO_DEVICE), list(r, OF_POINT, NO_DEVICE),
		list(r, OF_INDEX, NO_DEVICE), number(r, series_day(r->span.from_us)),
		number(r, series_day(r->span.to_us - 1)) };

	ask(r, sql, 5, values, take_hours);
}

/* ---- samples ---- */

static void take_step(void *arg, size_t i, const uint8_t *p)
{
	int32_t *t = arg;

	t[i] = (p ? bb_bin_get32(p) : 0) + (i ? t[i - 1] : 0);
}

static void take_d(void *arg, size_t i, const uint8_t *p)
{
	struct series_day *s = arg;

	s->missing[i] = !p;
	s->d[i] = p ? bb_bin_get16(p) : 0;
}

static void take_v(void *arg, size_t i, const uint8_t *p)
{
	struct series_day *s = arg;

	s->missing[i] = !p;
	take_float(s->v, i, p);
}

/* Columns of the statement in ask_samples(): of a row of times, and of a row of one series. */
enum { C_SERIES, C_DAY, C_T, C_DT, C_LAST, C_SCALE, C_D, C_V, C_P, C_S };

static long read_times(struct series_read *r, PGresult *res, int row)
{
	size_t len;
	const uint8_t *p = field(res, row, C_T, &len);

	if (!PQgetisnull(res, row, C_T))
		return bb_packed_times_read(p, len, r->day->t, BB_DAY_MAX_SAMPLES);
	p = field(res, row, C_DT, &len);
	return bb_bin_read_array(p, len, 4, BB_DAY_MAX_SAMPLES, take_step, r->day->t);
}

/* Rows of older programs hold arrays. */
static bool read_values(struct series_read *r, PGresult *res, int row, size_t n)
{
	struct series_day *s = r->day;
	int scale = bb_bin_get16(PQgetvalue(res, row, C_SCALE));
	size_t len;
	const uint8_t *p = field(res, row, C_P, &len);

	if (!PQgetisnull(res, row, C_P))
		return bb_packed_values_read(p, len, scale, s->value, n) == 0;
	p = field(res, row, scale < 0 ? C_V : C_D, &len);
	if (scale > 3 || bb_bin_read_array(p, len, scale < 0 ? 4 : 2, BB_DAY_MAX_SAMPLES,
				 scale < 0 ? take_v : take_d, s) != (long)n)
		return false;
	bb_day_decode(scale, s->d, s->missing, s->v, n, s->value);
	return true;
}

static void take_day_samples(struct series_read *r, struct series_one *o, PGresult *res, int row, long n)
{
	struct series_day *s = r->day;
	int32_t day = field_day(res, row, C_DAY);

	if (n < 0 || !read_values(r, res, row, (size_t)n))
		return;
	for (long i = 0; i < n; i++)
		chart_sample_add(&o->chart, day * DAY_US + (int64_t)s->t[i] * STEP_US, s->value[i]);
	series_open_strike(&o->open, day, s, (size_t)n);
}

static void take_day_slots(struct series_one *o, PGresult *res, int row, int times)
{
	struct bb_hour slot[BB_SLOTS];
	int32_t day = field_day(res, row, C_DAY);
	size_t len;
	const uint8_t *p = field(res, row, C_S, &len);

	if (bb_packed_slots_read(p, len, bb_bin_get16(PQgetvalue(res, row, C_SCALE)), slot) != 0)
		return;
	for (int i = 0; i < BB_SLOTS; i++)
		chart_summary_add(&o->chart, day * DAY_US + i * SLOT_US, SLOT_US, &slot[i]);
	series_open_seen(&o->open, day, 1,
		PQgetisnull(res, times, C_LAST) ? 0 : bb_bin_get32(PQgetvalue(res, times, C_LAST)));
}

static void ask_samples(struct series_read *r);

/* Rows come day by day, the times first. */
static void take_samples(struct series_read *r, PGresult *res)
{
	int times = -1;
	long n = -1;

	for (int row = 0; row < PQntuples(res); row++) {
		struct series_one *o = field_series(r, res, row, r->at_device);
		bool is_of_times = bb_bin_get64(PQgetvalue(res, row, C_SERIES)) == 0;

		if (is_of_times) {
			times = row;
			n = read_times(r, res, row);
		} else if (o && times >= 0 && field_day(res, times, C_DAY) == field_day(res, row, C_DAY)) {
			if (PQgetisnull(res, row, C_S))
				take_day_samples(r, o, res, row, n);
			else
				take_day_slots(o, res, row, times);
		}
	}
	ask_samples(r);
}

static size_t series_of(const struct series_read *r, size_t device)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->one[i].device_no == device;
	return n;
}

/* The next days of the device, or the next device. */
static void ask_samples(struct series_read *r)
{
	static const char sql[] =
		"WITH q AS MATERIALIZED (SELECT u.k, s.series FROM unnest($2::text[], $3::text[]) WITH ORDINALITY u (p, i, k) "
		"JOIN series s ON s.point = u.p AND s.idx = u.i), "
		"f AS (SELECT date '1970-01-01' + $4::int AS a, date '1970-01-01' + $5::int AS b, $6::boolean AS is_slots) "
		"SELECT 0::bigint AS k, t.day, t.t, t.dt, t.last, NULL::int2, NULL::int2[], NULL::float4[], NULL::bytea, NULL::bytea "
		"FROM f CROSS JOIN LATERAL (SELECT day, CASE WHEN NOT f.is_slots THEN t END AS t, dt, last FROM sample_time t "
		"WHERE t.device_id = $1::bigint AND t.day BETWEEN f.a AND f.b OFFSET 0) t "
		"UNION ALL SELECT q.k, s.day, NULL, NULL, NULL, s.scale, s.d, s.v, s.p, s.s FROM q, f CROSS JOIN LATERAL ("
		"SELECT day, scale, d, v, CASE WHEN NOT f.is_slots THEN p END AS p, CASE WHEN f.is_slots THEN s END AS s FROM sample_day s "
		"WHERE s.device_id = $1::bigint AND s.series = q.series AND s.day BETWEEN f.a AND f.b OFFSET 0) s ORDER BY 2, 1";
	int32_t last = series_day(r->span.to_us - 1), end;

	if (r->at_day > last) {
		r->at_device++;
		r->at_day = series_day(r->span.from_us);
	}
	if (r->at_device == r->n_devices) {
		finish(r);
		return;
	}
	end = r->at_day + (int32_t)((r->is_by_slots ? CHUNK_SLOT_DAYS : CHUNK_DAYS) / (series_of(r, r->at_device) + 1));
	if (end > last)
		end = last;
	const char *values[] = { r->device[r->at_device], list(r, OF_POINT, r->at_device),
		list(r, OF_INDEX, r->at_device), number(r, r->at_day), number(r, end), r->is_by_slots ? "true" : "false" };

	r->at_day = end + 1;
	ask(r, sql, 6, values, take_samples);
}

/* ---- what is not folded ---- */

static void take_open(struct series_read *r, PGresult *res)
{
	int64_t width_us = (r->span.to_us - r->span.from_us) / r->span.parts;

	for (int row = 0; row < PQntuples(res); row++) {
		struct series_one *o = field_series(r, res, row, NO_DEVICE);
		size_t a_len, b_len;
		const uint8_t *a, *b;
		bool is_part = !PQgetisnull(res, row, 3);

		if (!o)
			continue;
		a = field(res, row, is_part ? 4 : 1, &a_len);
		b = field(res, row, is_part ? 6 : 2, &b_len);
		if (is_part)
			series_open_add_part(&o->open, r->day, field_day(res, row, 3), a, a_len,
				bb_bin_get16(PQgetvalue(res, row, 5)), b, b_len);
		else
			series_open_add_window(&o->open, a, a_len, b, b_len);
	}
	for (size_t i = 0; i < r->n; i++)
		series_open_order(&r->one[i].open);
	if (width_us >= HOUR_US) {
		ask_hours(r);
	} else {
		r->is_by_slots = width_us >= 2 * SLOT_US;
		r->at_day = series_day(r->span.from_us);
		ask_samples(r);
	}
}

/* First, so that a sample which is folded meanwhile is read twice rather than not at all. Window and
 * parts in one statement: a sample goes from one to the other in one transaction. */
static void ask_open(struct series_read *r)
{
	static const char sql[] =
		"WITH " QUESTION ", "
		"f AS (SELECT timestamptz 'epoch' + $4::bigint * interval '1 microsecond' AS a, "
		"timestamptz 'epoch' + $5::bigint * interval '1 microsecond' AS b) "
		"SELECT q.k, NULL::timestamptz[], NULL::float4[], s.day, s.t, s.scale, s.p FROM q, f CROSS JOIN LATERAL ("
		"SELECT * FROM sample_part_series s WHERE s.device_id = q.d AND s.series = q.series "
		"AND s.day BETWEEN (f.a AT TIME ZONE 'UTC')::date AND (f.b AT TIME ZONE 'UTC')::date ORDER BY s.day, s.first OFFSET 0) s "
		"UNION ALL SELECT q.k, array_agg(w.at), array_agg(w.v), NULL, NULL, NULL, NULL FROM q, f CROSS JOIN LATERAL ("
		"SELECT w.at, w.v[array_position(l.series, q.series)] AS v FROM sample_wide w JOIN layout l USING (layout_id) "
		"WHERE w.device_id = q.d AND w.at >= f.a AND w.at < f.b OFFSET 0) w WHERE w.v IS NOT NULL GROUP BY q.k";
	const char *values[] = { list(r, OF_DEVICE, NO_DEVICE), list(r, OF_POINT, NO_DEVICE),
		list(r, OF_INDEX, NO_DEVICE), number(r, r->span.from_us), number(r, r->span.to_us) };

	ask(r, sql, 5, values, take_open);
}

void series_read_start(struct series_read *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct series_one *o = &r->one[i];

		while (o->device_no < r->n_devices && strcmp(r->device[o->device_no], o->device) != 0)
			o->device_no++;
		if (o->device_no == r->n_devices)
			r->device[r->n_devices++] = o->device;
		chart_init(&o->chart, &r->span);
	}
	r->day = bb_malloc(sizeof(*r->day));
	ask_open(r);
}

void series_read_fini(struct series_read *r)
{
	for (size_t i = 0; i < r->n; i++) {
		chart_fini(&r->one[i].chart);
		series_open_fini(&r->one[i].open);
	}
	for (size_t i = 0; i < r->n_devices; i++)
		bands_fini(&r->bands[i]);
	free(r->day);
}
