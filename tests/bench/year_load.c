// SPDX-License-Identifier: Apache-2.0
/* Writes a generated history straight into the day rows, as historyd's folding would have left them, or reads it with nothing around.
 *   usage: year-load CONNINFO DEVICE SITE FIRST_DAY DAYS SERIES INTERVAL_S    prints the samples written
 *          year-load --floor CONNINFO DEVICE SERIES RUNS    prints median and 99th percentile of reading the packed weeks, in ms
 * FIRST_DAY in days since 1970. Series i is ambient.i.temperature. Values are walks with whole tenths, seeded by series and day;
 * one hour of each day is missing and each day has one spike. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/day.h"
#include "common/packed.h"
#include "common/pgbin.h"

#define GAP_HOUR 3

struct load {
	PGconn *c;
	long long device, site;
	int series[64], n_series, interval_s;
	struct bb_buf time, day, packed;
	struct bb_day_series out;
	int32_t t[BB_DAY_MAX_SAMPLES];
	float value[BB_DAY_MAX_SAMPLES];
	int32_t d[BB_DAY_MAX_SAMPLES];
	bool missing[BB_DAY_MAX_SAMPLES];
	float v[BB_DAY_MAX_SAMPLES];
	uint64_t samples;
};

static void die(const char *what, PGconn *c)
{
	fprintf(stderr, "year-load: %s: %s\n", what, c ? PQerrorMessage(c) : "");
	exit(1);
}

static PGresult *run(struct load *l, const char *sql)
{
	PGresult *r = PQexec(l->c, sql);

	if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
		die(sql, l->c);
	return r;
}

static void copy_in(struct load *l, const char *sql, struct bb_buf *b)
{
	PGresult *r = PQexec(l->c, sql);

	if (PQresultStatus(r) != PGRES_COPY_IN)
		die(sql, l->c);
	PQclear(r);
	bb_bin_end(b);
	if (PQputCopyData(l->c, b->data, (int)b->len) != 1 || PQputCopyEnd(l->c, NULL) != 1)
		die(sql, l->c);
	while ((r = PQgetResult(l->c))) {
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			die(sql, l->c);
		PQclear(r);
	}
	bb_buf_reset(b);
	bb_bin_begin(b);
}

static uint32_t next(uint32_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 17;
	*s ^= *s << 5;
	return *s;
}

static size_t make_times(struct load *l)
{
	size_t n = 0;

	for (int s = 0; s < 86400; s += l->interval_s)
		if (s / 3600 != GAP_HOUR)
			l->t[n++] = s * 10;
	return n;
}

static void make_values(struct load *l, int series, int day, size_t n)
{
	uint32_t seed = (uint32_t)(series * 7919 + day * 104729) | 1;
	int base = 2000 + 100 * series + day % 50, x = base;
	size_t spike = next(&seed) % n;

	for (size_t i = 0; i < n; i++) {
		x += (int)(next(&seed) % 5) - 2 - (x - base) / 20;
		l->value[i] = (float)((i == spike ? x + 500 : x) / 10.0);
	}
}

static void put_packed(struct load *l, struct bb_buf *row)
{
	bb_bin_bytes(row, l->packed.data, l->packed.len);
	bb_buf_reset(&l->packed);
}

static void add_day(struct load *l, int day, size_t n)
{
	bb_bin_row(&l->time, 5);
	bb_bin_int8(&l->time, l->site);
	bb_bin_int8(&l->time, l->device);
	bb_bin_date(&l->time, day);
	bb_bin_int4(&l->time, l->t[n - 1]);
	bb_packed_times(&l->packed, l->t, n);
	put_packed(l, &l->time);
	for (int i = 0; i < l->n_series; i++) {
		make_values(l, i, day, n);
		bb_day_encode(&l->out, l->t, l->value, n);
		bb_bin_row(&l->day, 11);
		bb_bin_int8(&l->day, l->site);
		bb_bin_int8(&l->day, l->device);
		bb_bin_date(&l->day, day);
		bb_bin_int4(&l->day, l->series[i]);
		bb_bin_int2(&l->day, (int16_t)l->out.scale);
		bb_bin_float4s(&l->day, l->out.hmin, l->out.hmissing, 24);
		bb_bin_float4s(&l->day, l->out.havg, l->out.hmissing, 24);
		bb_bin_float4s(&l->day, l->out.hmax, l->out.hmissing, 24);
		bb_bin_int2s(&l->day, l->out.hn, NULL, 24);
		bb_packed_slots(&l->packed, l->out.scale, l->t, l->value, n);
		put_packed(l, &l->day);
		bb_packed_values(&l->packed, &l->out, n);
		put_packed(l, &l->day);
		l->samples += n;
	}
}

static void find_series(struct load *l)
{
	/* points that may have an index: ambient.1.temperature ... */
	PGresult *r = run(l,
		"WITH want AS (SELECT 'ambient.' || n || '.temperature' AS point, n FROM generate_series(1, 64) n), "
		"made AS (INSERT INTO series (point) SELECT point FROM want ON CONFLICT DO NOTHING RETURNING series, point) "
		"SELECT coalesce(m.series, s.series) FROM want LEFT JOIN made m USING (point) LEFT JOIN series s USING (point) ORDER BY want.n");

	for (int i = 0; i < l->n_series; i++)
		l->series[i] = atoi(PQgetvalue(r, i, 0));
	PQclear(r);
}

/* ---- the floor ---- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int read_floor(struct load *l, const char *device, const char *series, int runs)
{
	static const char sql[] = "SELECT s.week, s.series, s.h FROM sample_week s WHERE s.device_id = $1::bigint AND s.series = ANY "
				  "(SELECT series FROM series WHERE point = ANY (SELECT 'ambient.' || n || '.temperature' FROM generate_series(1, $2::int) n))";
	const char *values[] = { device, series };
	double *ms = bb_calloc((size_t)runs, sizeof(*ms));

	PQclear(run(l, "SET jit = off"));
	for (int i = 0; i < runs; i++) {
		uint64_t start = bb_clock_boot_ns();
		PGresult *r = PQexecParams(l->c, sql, 2, NULL, values, NULL, NULL, 1);

		if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) == 0)
			die("nothing to read", l->c);
		PQclear(r);
		ms[i] = (double)(bb_clock_boot_ns() - start) / 1e6;
	}
	qsort(ms, (size_t)runs, sizeof(*ms), by_size);
	printf("%.3f %.3f\n", ms[runs / 2], ms[runs * 99 / 100]);
	free(ms);
	PQfinish(l->c);
	return 0;
}

int main(int argc, char **argv)
{
	static struct load l;
	char sql[128];

	if (argc == 6 && strcmp(argv[1], "--floor") == 0 && atoi(argv[5]) > 0) {
		l.c = PQconnectdb(argv[2]);
		return read_floor(&l, argv[3], argv[4], atoi(argv[5]));
	}
	if (argc != 8) {
		fprintf(stderr, "usage: year-load CONNINFO DEVICE SITE FIRST_DAY DAYS SERIES INTERVAL_S | --floor CONNINFO DEVICE SERIES RUNS\n");
		return 2;
	}
	int first = atoi(argv[4]), days = atoi(argv[5]);

	l.c = PQconnectdb(argv[1]);
	l.device = atoll(argv[2]);
	l.site = atoll(argv[3]);
	l.n_series = atoi(argv[6]);
	l.interval_s = atoi(argv[7]);
	l.out = (struct bb_day_series){ .d = l.d, .missing = l.missing, .v = l.v };
	if (PQstatus(l.c) != CONNECTION_OK || l.n_series < 1 || l.n_series > 64 || l.interval_s < 1)
		die("cannot start", l.c);
	find_series(&l);
	bb_bin_begin(&l.time);
	bb_bin_begin(&l.day);

	size_t n = make_times(&l);

	for (int day = first; day < first + days; day++) {
		snprintf(sql, sizeof(sql), "SELECT sample_day_ensure(date '1970-01-01' + %d)", day);
		PQclear(run(&l, sql));
		add_day(&l, day, n);
		copy_in(&l, "COPY sample_time (site_id, device_id, day, last, t) FROM STDIN (FORMAT binary)", &l.time);
		copy_in(&l, "COPY sample_day (site_id, device_id, day, series, scale, hmin, havg, hmax, hn, s, p) FROM STDIN (FORMAT binary)", &l.day);
	}
	printf("%llu\n", (unsigned long long)l.samples);
	bb_buf_fini(&l.time);
	bb_buf_fini(&l.day);
	bb_buf_fini(&l.packed);
	PQfinish(l.c);
	return 0;
}
