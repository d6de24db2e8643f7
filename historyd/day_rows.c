// SPDX-License-Identifier: Apache-2.0
#include "historyd/day_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/pgbin.h"

#define DEVICES_AT_ONCE "16"

struct making {
	PGconn *db;
	struct part_work *work;
	struct merge *merge;
	const atomic_bool *quit;
	char *text;
	size_t cap;
	char day[12];                   /* 2026-11-21 */
	char part[24];                  /* its partition */
	int64_t after, last;            /* devices of this turn: behind `after`, up to `last` */
	struct bb_buf time, days;
};

static int failed(struct making *g, const char *what)
{
	snprintf(g->text, g->cap, "cannot %s: %.150s", what, PQerrorMessage(g->db));
	return -1;
}

static PGresult *ask(struct making *g, const char *sql)
{
	PGresult *r = PQexecParams(g->db, sql, 0, NULL, NULL, NULL, NULL, 1);

	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	PQclear(r);
	failed(g, "read the parts of a day");
	return NULL;
}

static int run(struct making *g, const char *sql)
{
	PGresult *r = PQexec(g->db, sql);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;

	PQclear(r);
	return ok ? 0 : failed(g, "make the rows of a day");
}

static int copy_in(struct making *g, const char *sql, struct bb_buf *b)
{
	PGresult *r = PQexec(g->db, sql);
	bool ok = PQresultStatus(r) == PGRES_COPY_IN;

	PQclear(r);
	bb_bin_end(b);
	if (!ok || PQputCopyData(g->db, b->data, (int)b->len) != 1 || PQputCopyEnd(g->db, NULL) != 1)
		return failed(g, "make the rows of a day");
	while ((r = PQgetResult(g->db))) {
		ok = ok && PQresultStatus(r) == PGRES_COMMAND_OK;
		PQclear(r);
	}
	return ok ? 0 : failed(g, "make the rows of a day");
}

static struct part_field field(const PGresult *r, int row, int column)
{
	if (PQgetisnull(r, row, column))
		return (struct part_field){ 0 };
	return (struct part_field){ (const uint8_t *)PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column) };
}

static int unreadable(struct making *g, int64_t device)
{
	snprintf(g->text, g->cap, "the samples of device %lld on %s cannot be read; they stay as they are", (long long)device, g->day);
	return -1;
}

/* ---- one device ---- */

/* What its day rows hold already: something came late. */
static int load_rows(struct making *g, int64_t device)
{
	char sql[256];
	PGresult *r;
	int n, rc = 0;

	snprintf(sql, sizeof(sql), "SELECT t, dt FROM sample_time WHERE device_id = %lld AND day = '%s'", (long long)device, g->day);
	r = ask(g, sql);
	if (!r)
		return -1;
	n = PQntuples(r);
	if (n > 0 && part_read_times(g->work, field(r, 0, 0), field(r, 0, 1), g->merge) != 0)
		rc = unreadable(g, device);
	PQclear(r);
	if (n == 0 || rc != 0)
		return rc;
	snprintf(sql, sizeof(sql), "SELECT series, scale, p, d, v FROM sample_day WHERE device_id = %lld AND day = '%s'", (long long)device, g->day);
	r = ask(g, sql);
	if (!r)
		return -1;
	for (int row = 0; row < PQntuples(r) && rc == 0; row++) {
		int scale = bb_bin_get16(PQgetvalue(r, row, 1));

		if (part_read_series(g->work, bb_bin_get32(PQgetvalue(r, row, 0)), scale, field(r, row, 2), field(r, row, scale < 0 ? 4 : 3),
			    g->merge) != 0)
			rc = unreadable(g, device);
	}
	PQclear(r);
	snprintf(sql, sizeof(sql), "DELETE FROM sample_day WHERE device_id = %1$lld AND day = '%2$s';"
		" DELETE FROM sample_time WHERE device_id = %1$lld AND day = '%2$s'", (long long)device, g->day);
	return rc == 0 ? run(g, sql) : rc;
}

/* Rows of `parts` from `row` on that are of one device; returns the next row, or -1. */
static int make_device(struct making *g, const PGresult *parts, int row, bool has_rows)
{
	struct part_key key = { .site_id = bb_bin_get64(PQgetvalue(parts, row, 0)), .device_id = bb_bin_get64(PQgetvalue(parts, row, 1)),
		.day = bb_bin_get32(PQgetvalue(parts, row, 2)) + BB_PG_EPOCH_DAYS };

	merge_reset(g->merge);
	if (has_rows && load_rows(g, key.device_id) != 0)
		return -1;
	for (; row < PQntuples(parts) && bb_bin_get64(PQgetvalue(parts, row, 1)) == key.device_id; row++) {
		struct part_field f[5];

		for (int i = 0; i < 5; i++)
			f[i] = field(parts, row, 3 + i);
		if (part_read(g->work, f, g->merge) != 0)
			return unreadable(g, key.device_id);
	}
	if (merge_finish(g->merge) > BB_DAY_MAX_SAMPLES) {
		snprintf(g->text, g->cap, "device %lld has more than %d samples on one day", (long long)key.device_id, BB_DAY_MAX_SAMPLES);
		return -1;
	}
	if (merge_count(g->merge) > 0)
		part_write_day(g->work, &key, g->merge, &g->time, &g->days);
	return row;
}

/* ---- one turn ---- */

static int has_day_rows(struct making *g)
{
	char sql[200];
	PGresult *r;
	int n;

	snprintf(sql, sizeof(sql), "SELECT 1 FROM sample_time WHERE day = '%s' AND device_id > %lld AND device_id <= %lld LIMIT 1", g->day,
		(long long)g->after, (long long)g->last);
	r = ask(g, sql);
	n = r ? PQntuples(r) : -1;
	PQclear(r);
	return n;
}

static int write_turn(struct making *g)
{
	char range[80], sql[400];

	snprintf(range, sizeof(range), "device_id > %lld AND device_id <= %lld", (long long)g->after, (long long)g->last);
	if (copy_in(g, "COPY sample_time (" PART_TIME_COLUMNS ") FROM STDIN (FORMAT binary)", &g->time) != 0 ||
		copy_in(g, "COPY sample_day (" PART_DAY_COLUMNS ") FROM STDIN (FORMAT binary)", &g->days) != 0)
		return -1;
	snprintf(sql, sizeof(sql),
		"SELECT sample_day_changed(x.device_id, '%2$s') FROM (SELECT DISTINCT device_id FROM %1$s WHERE %3$s) x; DELETE FROM %1$s WHERE %3$s",
		g->part, g->day, range);
	return run(g, sql);
}

static int make_turn(struct making *g)
{
	char sql[300];
	PGresult *parts;
	int rows, rc = 0, has_rows = has_day_rows(g);

	if (has_rows < 0)
		return -1;
	/* parts in the order in which they were written: the newest value of a time counts */
	snprintf(sql, sizeof(sql), "SELECT site_id, device_id, day, series, scale, ends, t, p FROM %s WHERE device_id > %lld AND device_id <= %lld "
		"ORDER BY device_id, ctid", g->part, (long long)g->after, (long long)g->last);
	parts = ask(g, sql);
	if (!parts)
		return -1;
	rows = PQntuples(parts);
	bb_buf_reset(&g->time);
	bb_buf_reset(&g->days);
	bb_bin_begin(&g->time);
	bb_bin_begin(&g->days);
	while (rc >= 0 && rc < rows)
		rc = make_device(g, parts, rc, has_rows > 0);
	PQclear(parts);
	return rc < 0 ? -1 : write_turn(g);
}

/* Sets g->last; returns false when no device is left. */
static int next_devices(struct making *g)
{
	char sql[200];
	PGresult *r;
	int n;

	snprintf(sql, sizeof(sql), "SELECT max(device_id) FROM (SELECT DISTINCT device_id FROM %s WHERE device_id > %lld ORDER BY device_id LIMIT "
		DEVICES_AT_ONCE ") x", g->part, (long long)g->after);
	r = ask(g, sql);
	if (!r)
		return -1;
	n = !PQgetisnull(r, 0, 0);
	if (n)
		g->last = bb_bin_get64(PQgetvalue(r, 0, 0));
	PQclear(r);
	return n;
}

static int make_day(struct making *g)
{
	char sql[96];
	int more;

	snprintf(sql, sizeof(sql), "SELECT sample_day_ensure('%s')", g->day);
	if (run(g, sql) != 0)
		return -1;
	g->after = INT64_MIN;
	while ((more = next_devices(g)) > 0) {
		if (atomic_load(g->quit))
			return snprintf(g->text, g->cap, "stopped within a day"), -1;
		/* dropping the parts flushes everything before it */
		if (run(g, "BEGIN; SET LOCAL synchronous_commit = off") != 0 || make_turn(g) != 0 || run(g, "COMMIT") != 0) {
			PQclear(PQexec(g->db, "ROLLBACK"));
			return -1;
		}
		g->after = g->last;
	}
	snprintf(sql, sizeof(sql), "DROP TABLE %s", g->part);
	return more == 0 ? run(g, sql) : -1;
}

int day_rows_make(PGconn *db, struct part_work *work, struct merge *merge, const atomic_bool *quit, char *text, size_t cap)
{
	struct making g = { .db = db, .work = work, .merge = merge, .quit = quit, .text = text, .cap = cap };
	PGresult *r = PQexec(db, "SELECT to_char(d, 'YYYY-MM-DD'), 'sample_part_' || to_char(d, 'YYYYMMDD') FROM sample_days_over() d");
	int n = PQresultStatus(r) == PGRES_TUPLES_OK ? PQntuples(r) : failed(&g, "list the days that are over"), rc = n;

	for (int i = 0; i < n; i++) {
		snprintf(g.day, sizeof(g.day), "%s", PQgetvalue(r, i, 0));
		snprintf(g.part, sizeof(g.part), "%s", PQgetvalue(r, i, 1));
		if (make_day(&g) != 0)
			rc = -1;
	}
	PQclear(r);
	bb_buf_fini(&g.time);
	bb_buf_fini(&g.days);
	return rc;
}
