// SPDX-License-Identifier: Apache-2.0
#include "historyd/pack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/day.h"
#include "common/pgbin.h"
#include "common/str.h"

#define DEVICES_AT_ONCE "100"
#define CHUNK_BYTES (1 << 20)

struct pack {
	PGconn *read, *write;
	const atomic_bool *quit;
	char *text;
	size_t cap;
	/* the row being filled */
	int32_t monday, series; /* days since 1970 */
	int64_t site_id, device_id;
	bool is_open;
	uint8_t week[BB_WEEK_BYTES];
	struct bb_buf copy;
};

static int failed(struct pack *p, PGconn *c, const char *what)
{
	snprintf(p->text, p->cap, "cannot %s: %.150s", what, PQerrorMessage(c));
	return -1;
}

static int run(struct pack *p, PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;

	PQclear(r);
	return ok ? 0 : failed(p, c, "pack a week of samples");
}

static int flush(struct pack *p)
{
	int rc = p->copy.len == 0 || PQputCopyData(p->write, p->copy.data, (int)p->copy.len) == 1 ? 0 : -1;

	bb_buf_reset(&p->copy);
	return rc == 0 ? 0 : failed(p, p->write, "pack a week of samples");
}

static int close_row(struct pack *p)
{
	if (!p->is_open)
		return 0;
	p->is_open = false;
	bb_bin_row(&p->copy, 5);
	bb_bin_int8(&p->copy, p->site_id);
	bb_bin_int8(&p->copy, p->device_id);
	bb_bin_date(&p->copy, p->monday);
	bb_bin_int4(&p->copy, p->series);
	bb_bin_bytes(&p->copy, p->week, sizeof(p->week));
	return p->copy.len >= CHUNK_BYTES ? flush(p) : 0;
}

/* ---- the days ---- */

static void take_float(void *arg, size_t i, const uint8_t *p)
{
	uint32_t raw = p ? (uint32_t)bb_bin_get32(p) : 0;

	memcpy((float *)arg + i, &raw, sizeof(raw));
}

static void take_count(void *arg, size_t i, const uint8_t *p)
{
	((int16_t *)arg)[i] = p ? bb_bin_get16(p) : 0;
}

/* The arrays hmin, havg, hmax, hn that follow one another at `p`. */
static bool read_hours(const uint8_t *p, const uint8_t *end, float v[3][24], int16_t n[24])
{
	for (int k = 0; k < 4; k++) {
		int32_t len = end - p >= 4 ? bb_bin_get32(p) : -1;

		p += 4;
		if (len < 0 || len > end - p)
			return false;
		long got = k < 3 ? bb_bin_read_array(p, (size_t)len, 4, 24, take_float, v[k])
				 : bb_bin_read_array(p, (size_t)len, 2, 24, take_count, n);

		if (got != 24)
			return false;
		p += len;
	}
	return true;
}

/* Fields as selected in read_days(): int8 site, int8 device, int4 series, date, four arrays. */
static int take_day(struct pack *p, const uint8_t *row, size_t len)
{
	enum { FIXED = 2 + 12 + 12 + 8 + 8 };
	int64_t device;
	int32_t series, day;
	float v[3][24];
	int16_t n[24];

	if (len < FIXED || bb_bin_get16(row) != 8)
		return 0; /* the trailer */
	device = bb_bin_get64(row + 18);
	series = bb_bin_get32(row + 30);
	day = bb_bin_get32(row + 38) + BB_PG_EPOCH_DAYS - p->monday;
	if (day < 0 || day > 6 || !read_hours(row + FIXED, row + len, v, n))
		return 0;
	if (p->is_open && (device != p->device_id || series != p->series) && close_row(p) != 0)
		return -1;
	if (!p->is_open) {
		memset(p->week, 0, sizeof(p->week));
		p->device_id = device;
		p->series = series;
		p->is_open = true;
	}
	p->site_id = bb_bin_get64(row + 6);
	for (size_t h = 0; h < 24; h++) {
		struct bb_hour hour = { .min = v[0][h], .avg = v[1][h], .max = v[2][h], .n = n[h] };

		bb_week_put(p->week, (size_t)day * 24 + h, &hour);
	}
	return 0;
}

static int read_days(struct pack *p)
{
	bool first = true;
	PGresult *r;
	char *row;
	int n, rc = 0;

	while ((n = PQgetCopyData(p->read, &row, 0)) > 0) {
		size_t skip = first ? 19 : 0;

		first = false;
		if (rc == 0 && (size_t)n > skip)
			rc = take_day(p, (const uint8_t *)row + skip, (size_t)n - skip);
		PQfreemem(row);
		if (rc == 0 && atomic_load(p->quit)) {
			snprintf(p->text, p->cap, "stopped within a week");
			rc = -1;
		}
	}
	while ((r = PQgetResult(p->read)))
		PQclear(r);
	if (n == -2)
		return failed(p, p->read, "read the days of a week");
	return rc == 0 ? close_row(p) : rc;
}

/* ---- one week, or one device of it ---- */

static int copy_week(struct pack *p, int64_t device)
{
	char sql[400], only[64] = "";
	PGresult *r;
	bool ok;

	if (device)
		snprintf(only, sizeof(only), "AND device_id = %lld ", (long long)device);
	snprintf(sql, sizeof(sql),
		"COPY (SELECT site_id, device_id, series, day, hmin, havg, hmax, hn FROM sample_day "
		"WHERE day BETWEEN date '1970-01-01' + %1$d AND date '1970-01-01' + %1$d + 6 %2$s"
		"ORDER BY device_id, series, day) TO STDOUT (FORMAT binary)",
		p->monday, only);
	r = PQexec(p->write, "COPY sample_week FROM STDIN (FORMAT binary)");
	ok = PQresultStatus(r) == PGRES_COPY_IN;
	PQclear(r);
	if (!ok)
		return failed(p, p->write, "pack a week of samples");
	r = PQexec(p->read, sql);
	ok = PQresultStatus(r) == PGRES_COPY_OUT;
	PQclear(r);
	bb_buf_reset(&p->copy);
	bb_bin_begin(&p->copy);
	p->is_open = false;
	ok = (ok || failed(p, p->read, "read the days of a week") == 0) && read_days(p) == 0;
	bb_bin_end(&p->copy);
	ok = ok && flush(p) == 0;
	ok = PQputCopyEnd(p->write, ok ? NULL : "it could not be read") == 1 && ok;
	while ((r = PQgetResult(p->write))) {
		if (PQresultStatus(r) != PGRES_COMMAND_OK && ok) {
			failed(p, p->write, "pack a week of samples");
			ok = false;
		}
		PQclear(r);
	}
	return ok ? 0 : -1;
}

static int pack_one(struct pack *p, int64_t device)
{
	char begin[400], done[200];

	snprintf(begin, sizeof(begin),
		"BEGIN; SELECT month_partition_ensure('sample_week', date '1970-01-01' + %1$d); "
		"DELETE FROM sample_week WHERE device_id = %2$lld AND week = date '1970-01-01' + %1$d",
		p->monday, (long long)device);
	snprintf(done, sizeof(done),
		device ? "DELETE FROM sample_week_state WHERE week = date '1970-01-01' + %d AND device_id = %lld; COMMIT"
		       : "UPDATE sample_week_state SET is_packed = true WHERE week = date '1970-01-01' + %d AND device_id = %lld; COMMIT",
		p->monday, (long long)device);
	if (run(p, p->write, begin) == 0 && copy_week(p, device) == 0 && run(p, p->write, done) == 0)
		return 0;
	PQclear(PQexec(p->write, "ROLLBACK"));
	return -1;
}

int pack_weeks(PGconn *read, PGconn *write, const atomic_bool *quit, char *text, size_t cap)
{
	/* whole weeks first, so that a device of an unpacked week is not packed twice */
	static const char sql[] =
		"(SELECT week - date '1970-01-01', device_id FROM sample_week_state WHERE device_id = 0 AND NOT is_packed "
		"AND week + 8 <= (now() AT TIME ZONE 'UTC')::date ORDER BY week LIMIT 1) UNION ALL "
		"(SELECT week - date '1970-01-01', device_id FROM sample_week_state WHERE device_id <> 0 ORDER BY week LIMIT " DEVICES_AT_ONCE ")";
	struct pack p = { .read = read, .write = write, .quit = quit, .text = text, .cap = cap };
	PGresult *r = PQexec(read, sql);
	int n = PQresultStatus(r) == PGRES_TUPLES_OK ? PQntuples(r) : failed(&p, read, "list the weeks to pack");

	for (int i = 0; i < n; i++) {
		p.monday = atoi(PQgetvalue(r, i, 0));
		if (pack_one(&p, atoll(PQgetvalue(r, i, 1))) != 0)
			n = -1;
	}
	PQclear(r);
	bb_buf_fini(&p.copy);
	return n;
}
