// SPDX-License-Identifier: Apache-2.0
#include "historyd/fold.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "common/table.h"
#include "common/pgbin.h"
#include "common/day.h"
#include "historyd/day_rows.h"
#include "historyd/merge.h"
#include "historyd/pack.h"
#include "historyd/part.h"

#define DAY_US 86400000000ULL
#define GRACE_S 30              /* a window counts as closed so long after its end */
#define LAYOUT_MAX 4096
#define ROWS_AT_ONCE "1000"
#define CHUNK_BYTES (1u << 18)
#define DAYS_KNOWN 8

struct layout_series {
	size_t n;
	int series[];
};

struct fold {
	struct bb_loop *loop;
	struct fold_options o;
	char *conninfo;
	pthread_t thread;
	int wake, ready;                /* eventfds: to the thread, from the thread */
	struct bb_watch *watch;
	atomic_bool running, quit;
	bool all;
	struct fold_result result;
	/* of the thread */
	PGconn *db;
	struct bb_table *layouts;       /* layout_id -> struct layout_series */
	struct merge *merge;
	struct part_work *work;
	struct part_key key;            /* of what is in `merge` */
	int32_t known[DAYS_KNOWN];      /* days whose partition is there */
	struct bb_buf copy;
	float value[LAYOUT_MAX];
};

/* ---- talking to the database ---- */

static int failed(struct fold *f, PGconn *c, const char *what)
{
	snprintf(f->result.text, sizeof(f->result.text), "cannot %s: %.180s", what, PQerrorMessage(c));
	return -1;
}

static int run(struct fold *f, PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;

	PQclear(r);
	return ok ? 0 : failed(f, c, sql);
}

static PGresult *ask(struct fold *f, PGconn *c, const char *sql)
{
	PGresult *r = PQexecParams(c, sql, 0, NULL, NULL, NULL, NULL, 1);

	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	PQclear(r);
	failed(f, c, sql);
	return NULL;
}

static int copy_in(struct fold *f, const char *sql)
{
	PGresult *r = PQexec(f->db, sql);
	bool ok = PQresultStatus(r) == PGRES_COPY_IN;

	PQclear(r);
	if (!ok)
		return failed(f, f->db, "write parts");
	bb_bin_end(&f->copy);
	if (PQputCopyData(f->db, f->copy.data, (int)f->copy.len) != 1 || PQputCopyEnd(f->db, NULL) != 1)
		return failed(f, f->db, "write parts");
	while ((r = PQgetResult(f->db))) {
		ok = ok && PQresultStatus(r) == PGRES_COMMAND_OK;
		PQclear(r);
	}
	bb_buf_reset(&f->copy);
	return ok ? 0 : failed(f, f->db, "write parts");
}

/* ---- one device and day of the window ---- */

static int flush_parts(struct fold *f)
{
	return f->copy.len ? copy_in(f, "COPY sample_part (" PART_COLUMNS ") FROM STDIN (FORMAT binary)") : 0;
}

static int ensure_day(struct fold *f, int32_t day)
{
	char sql[96];

	for (size_t i = 0; i < DAYS_KNOWN; i++)
		if (f->known[i] == day)
			return 0;
	/* COPY first: the table may not change under it */
	snprintf(sql, sizeof(sql), "SELECT sample_part_ensure(date '1970-01-01' + %d)", day);
	if (flush_parts(f) != 0 || run(f, f->db, sql) != 0)
		return -1;
	memmove(f->known + 1, f->known, (DAYS_KNOWN - 1) * sizeof(f->known[0]));
	f->known[0] = day;
	return 0;
}

static int finish_day(struct fold *f)
{
	if (merge_entries(f->merge) == 0)
		return 0;
	merge_finish(f->merge);
	if (ensure_day(f, f->key.day) != 0)
		return -1;
	if (f->copy.len == 0)
		bb_bin_begin(&f->copy);
	part_write(f->work, &f->key, f->merge, &f->copy);
	f->result.device_days++;
	merge_reset(f->merge);
	return f->copy.len < CHUNK_BYTES ? 0 : flush_parts(f);
}

/* ---- the window's rows, ordered by device and time ---- */

static void take_int4(void *arg, size_t i, const uint8_t *p)
{
	((int32_t *)arg)[i] = p ? bb_bin_get32(p) : 0;
}

static int load_layouts(struct fold *f)
{
	PGresult *r = ask(f, f->db, "SELECT layout_id, series FROM layout");

	if (!r)
		return -1;
	for (int row = 0; row < PQntuples(r); row++) {
		struct layout_series *l = bb_calloc(1, sizeof(*l) + LAYOUT_MAX * sizeof(int));
		long n = bb_bin_read_array((const uint8_t *)PQgetvalue(r, row, 1), (size_t)PQgetlength(r, row, 1), 4, LAYOUT_MAX, take_int4,
			l->series);

		l->n = n > 0 ? (size_t)n : 0;
		l = bb_realloc(l, sizeof(*l) + l->n * sizeof(int));
		free(bb_table_put_u64(f->layouts, (uint64_t)bb_bin_get64(PQgetvalue(r, row, 0)), l));
	}
	PQclear(r);
	return 0;
}

static void take_value(void *arg, size_t i, const uint8_t *p)
{
	uint32_t raw = p ? (uint32_t)bb_bin_get32(p) : 0;

	if (p)
		memcpy((float *)arg + i, &raw, sizeof(raw));
	else
		((float *)arg)[i] = NAN;
}

/* Fields: int8 site, int8 device, timestamptz, int8 layout, float4[]. */
static int take_row(struct fold *f, const PGresult *r, int row)
{
	struct part_key key = { .site_id = bb_bin_get64(PQgetvalue(r, row, 0)), .device_id = bb_bin_get64(PQgetvalue(r, row, 1)) };
	int64_t us = bb_bin_get64(PQgetvalue(r, row, 2)) + BB_PG_EPOCH_US, t;
	const struct layout_series *l = bb_table_get_u64(f->layouts, (uint64_t)bb_bin_get64(PQgetvalue(r, row, 3)));
	long n;

	if (!l || us < 0)
		return 0;
	/* rounding to 100 ms may not leave the day */
	key.day = (int32_t)(us / (int64_t)DAY_US);
	t = (us % (int64_t)DAY_US + 50000) / 100000;
	if (t >= BB_DAY_STEPS)
		t = BB_DAY_STEPS - 1;
	if ((key.device_id != f->key.device_id || key.day != f->key.day) && finish_day(f) != 0)
		return -1;
	f->key = key;
	n = bb_bin_read_array((const uint8_t *)PQgetvalue(r, row, 4), (size_t)PQgetlength(r, row, 4), 4, LAYOUT_MAX, take_value, f->value);
	if (n < 0)
		return 0;
	f->result.rows++;
	merge_add(f->merge, (int32_t)t, l->series, f->value, (size_t)n < l->n ? (size_t)n : l->n);
	return 0;
}

static int read_windows(struct fold *f, const struct bb_buf *names)
{
	struct bb_buf sql = { 0 };
	int n = 1, rc;

	bb_buf_printf(&sql, "DECLARE rows NO SCROLL CURSOR FOR SELECT site_id, device_id, at, layout_id, v FROM sample_wide "
		"WHERE tableoid = ANY ('{%s}'::regclass[]) ORDER BY device_id, at", names->data);
	rc = run(f, f->db, sql.data);
	bb_buf_fini(&sql);
	while (rc == 0 && n > 0) {
		PGresult *r = ask(f, f->db, "FETCH " ROWS_AT_ONCE " FROM rows");

		n = r ? PQntuples(r) : 0;
		rc = r ? 0 : -1;
		for (int row = 0; rc == 0 && row < n; row++)
			rc = take_row(f, r, row);
		PQclear(r);
		if (atomic_load(&f->quit))
			rc = -1;
	}
	return rc == 0 && finish_day(f) == 0 && flush_parts(f) == 0 ? run(f, f->db, "CLOSE rows") : -1;
}

/* Names of the closed windows (comma-separated), oldest first; nothing while there are at most `keep`. */
static int closed_windows(struct fold *f, unsigned keep, struct bb_buf *names)
{
	char limit[24];
	PGresult *r;
	int n;

	snprintf(limit, sizeof(limit), "%.3f", (double)bb_clock_real_us() / 1e6 - f->o.window_s - GRACE_S);
	const char *values[] = { limit };
	r = PQexecParams(f->db,
		"SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'sample_wide'::regclass "
		"AND to_timestamp(right(c.relname, 15), 'YYYYMMDD_HH24MISS') "
		"<= to_timestamp($1::float8) ORDER BY c.relname",
		1, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK) {
		PQclear(r);
		return failed(f, f->db, "list the windows");
	}
	n = PQntuples(r) > (int)keep ? PQntuples(r) : 0;
	for (int i = 0; i < n; i++)
		bb_buf_printf(names, "%s%s", i ? "," : "", PQgetvalue(r, i, 0));
	PQclear(r);
	return n;
}

/* All in one transaction: what is in parts is no longer in the window, whenever somebody looks. */
static int fold_windows(struct fold *f, bool all)
{
	struct bb_buf names = { 0 }, sql = { 0 };
	int n, rc = -1;

	n = closed_windows(f, all ? 0 : f->o.keep_windows, &names);
	if (n <= 0) {
		bb_buf_fini(&names);
		return n;
	}
	f->result.windows = (uint64_t)n;
	memset(f->known, 0xff, sizeof(f->known));
	merge_reset(f->merge);
	bb_buf_reset(&f->copy);
	bb_buf_printf(&sql, "BEGIN; LOCK TABLE ONLY %s IN EXCLUSIVE MODE", names.data);
	if (run(f, f->db, sql.data) != 0 || load_layouts(f) != 0 || read_windows(f, &names) != 0)
		goto out;
	bb_buf_reset(&sql);
	bb_buf_printf(&sql, "DROP TABLE %s", names.data);
	if (run(f, f->db, sql.data) == 0 && run(f, f->db, "COMMIT") == 0)
		rc = 0;
out:
	if (rc != 0)
		PQclear(PQexec(f->db, "ROLLBACK"));
	bb_buf_fini(&names);
	bb_buf_fini(&sql);
	return rc;
}

/* The function of the schema reads the settings: a change needs no restart. */
static int drop_months(struct fold *f)
{
	PGresult *r = PQexec(f->db, "SELECT history_retain('samples') UNION ALL SELECT history_retain('texts')");
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	bool ok = PQresultStatus(r) == PGRES_TUPLES_OK, is_busy = state && strcmp(state, "55P03") == 0;
	size_t len = 0;

	f->result.n_dropped = ok ? (unsigned)PQntuples(r) : 0;
	for (unsigned i = 0; i < f->result.n_dropped && len < sizeof(f->result.dropped) - 1; i++)
		len += (size_t)snprintf(f->result.dropped + len, sizeof(f->result.dropped) - len, "%s%s", i ? " " : "", PQgetvalue(r, (int)i, 0));
	PQclear(r);
	/* a chart holds it: the next run will do */
	return ok || is_busy ? 0 : failed(f, f->db, "drop old months");
}

static void fold_once(struct fold *f)
{
	uint64_t start = bb_clock_mono_ms();
	PGconn *read;

	memset(&f->result, 0, sizeof(f->result));
	f->merge = merge_new();
	f->work = part_work_new();
	f->db = PQconnectdb(f->conninfo);
	read = PQconnectdb(f->conninfo);
	if (PQstatus(f->db) != CONNECTION_OK || PQstatus(read) != CONNECTION_OK) {
		failed(f, PQstatus(f->db) != CONNECTION_OK ? f->db : read, "connect for folding");
	} else {
		struct fold_result *r = &f->result;

		run(f, f->db, "SET work_mem = '64MB'; SET timezone = 'UTC'; SET lock_timeout = '10s'");
		r->ok = fold_windows(f, f->all) == 0;
		/* what cannot be read holds up nothing else */
		r->ok = day_rows_make(f->db, f->work, f->merge, &f->quit, r->text, sizeof(r->text)) >= 0 && r->ok;
		r->ok = pack_weeks(read, f->db, &f->quit, r->text, sizeof(r->text)) >= 0 && r->ok;
		r->ok = drop_months(f) == 0 && r->ok;
	}
	PQfinish(f->db);
	PQfinish(read);
	merge_free(f->merge);
	part_work_free(f->work);
	bb_buf_fini(&f->copy);
	f->result.took_ms = bb_clock_mono_ms() - start;
}

/* ---- the thread ---- */

static void *fold_thread(void *arg)
{
	struct fold *f = arg;
	uint64_t one;

	while (!atomic_load(&f->quit)) {
		if (read(f->wake, &one, sizeof(one)) != sizeof(one) || atomic_load(&f->quit))
			continue;
		fold_once(f);
		one = 1;
		if (write(f->ready, &one, sizeof(one)) != sizeof(one))
			break;
	}
	return NULL;
}

static void on_ready(void *arg, int fd, int what)
{
	struct fold *f = arg;
	uint64_t one;

	if (read(fd, &one, sizeof(one)) != sizeof(one))
		return;
	atomic_store(&f->running, false);
	f->o.done(f->o.arg, &f->result);
}

struct fold *fold_new(struct bb_loop *loop, const struct fold_options *o, struct bb_err *err)
{
	struct fold *f = bb_calloc(1, sizeof(*f));

	f->loop = loop;
	f->o = *o;
	f->conninfo = bb_strdup(o->conninfo);
	f->layouts = bb_table_new();
	f->wake = eventfd(0, EFD_CLOEXEC);
	f->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->watch = bb_loop_add_fd(loop, f->ready, BB_READ, on_ready, f);
	errno = pthread_create(&f->thread, NULL, fold_thread, f);
	if (errno == 0)
		return f;
	bb_err_errno(err, "cannot start the folding thread");
	bb_loop_cancel(f->watch);
	close(f->wake);
	close(f->ready);
	bb_table_free(f->layouts, free);
	free(f->conninfo);
	free(f);
	return NULL;
}

void fold_free(struct fold *f)
{
	uint64_t one = 1;

	if (!f)
		return;
	atomic_store(&f->quit, true);
	if (write(f->wake, &one, sizeof(one)) == sizeof(one))
		pthread_join(f->thread, NULL);
	bb_loop_cancel(f->watch);
	close(f->wake);
	close(f->ready);
	bb_table_free(f->layouts, free);
	free(f->conninfo);
	free(f);
}

void fold_start(struct fold *f, bool all)
{
	uint64_t one = 1;

	if (atomic_exchange(&f->running, true))
		return;
	f->all = all;
	if (write(f->wake, &one, sizeof(one)) != sizeof(one))
		atomic_store(&f->running, false);
}

bool fold_running(const struct fold *f)
{
	return atomic_load(&f->running);
}
