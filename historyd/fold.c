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
#include "historyd/merge.h"
#include "historyd/pack.h"

#define DAY_US 86400000000ULL
#define GRACE_S 30              /* a window counts as closed so long after its end */
#define LAYOUT_MAX 4096

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
	PGconn *read, *write;
	struct bb_table *layouts;       /* layout_id -> struct layout_series */
	struct merge *merge;
	int64_t site_id, device_id, day;
	size_t in_day;
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
	PGresult *r = PQexec(f->write, sql);
	bool ok = PQresultStatus(r) == PGRES_COPY_IN;

	PQclear(r);
	if (!ok)
		return failed(f, f->write, sql);
	bb_bin_end(&f->copy);
	if (PQputCopyData(f->write, f->copy.data, (int)f->copy.len) != 1 || PQputCopyEnd(f->write, NULL) != 1)
		return failed(f, f->write, sql);
	while ((r = PQgetResult(f->write))) {
		ok = ok && PQresultStatus(r) == PGRES_COMMAND_OK;
		PQclear(r);
	}
	return ok ? 0 : failed(f, f->write, sql);
}

/* ---- one device-day ---- */

static void take_int4(void *arg, size_t i, const uint8_t *p)
{
	((int32_t *)arg)[i] = p ? bb_bin_get32(p) : 0;
}

struct stored {
	int16_t d[2 * BB_DAY_MAX_SAMPLES];
	float v[2 * BB_DAY_MAX_SAMPLES];
	bool missing[2 * BB_DAY_MAX_SAMPLES];
	float value[2 * BB_DAY_MAX_SAMPLES];
	int32_t t[2 * BB_DAY_MAX_SAMPLES];
};

static void take_d(void *arg, size_t i, const uint8_t *p)
{
	struct stored *s = arg;

	s->missing[i] = !p;
	s->d[i] = p ? bb_bin_get16(p) : 0;
}

static void take_v(void *arg, size_t i, const uint8_t *p)
{
	struct stored *s = arg;
	uint32_t raw = p ? (uint32_t)bb_bin_get32(p) : 0;

	s->missing[i] = !p;
	memcpy(&s->v[i], &raw, sizeof(raw));
}

static int load_old(struct fold *f, struct stored *s)
{
	char sql[256];
	PGresult *r;
	long n = 0;

	snprintf(sql, sizeof(sql), "SELECT dt FROM sample_time WHERE device_id = %lld AND day = date '1970-01-01' + %lld",
		(long long)f->device_id, (long long)f->day);
	r = ask(f, f->write, sql);
	if (!r)
		return -1;
	if (PQntuples(r) == 1)
		n = bb_bin_read_array((const uint8_t *)PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0), 4, BB_DAY_MAX_SAMPLES, take_int4, s->t);
	PQclear(r);
	if (n <= 0)
		return (int)n;
	for (long i = 1; i < n; i++)
		s->t[i] += s->t[i - 1];
	merge_old_times(f->merge, s->t, (size_t)n);
	snprintf(sql, sizeof(sql),
		"SELECT series, scale, d, v FROM sample_day WHERE device_id = %lld AND day = date '1970-01-01' + %lld",
		(long long)f->device_id, (long long)f->day);
	r = ask(f, f->write, sql);
	if (!r)
		return -1;
	for (int row = 0; row < PQntuples(r); row++) {
		int scale = bb_bin_get16(PQgetvalue(r, row, 1)), field = scale < 0 ? 3 : 2;
		long got = bb_bin_read_array((const uint8_t *)PQgetvalue(r, row, field), (size_t)PQgetlength(r, row, field), scale < 0 ? 4 : 2,
			BB_DAY_MAX_SAMPLES, scale < 0 ? take_v : take_d, s);

		if (got < 0)
			continue;
		bb_day_decode(scale, s->d, s->missing, s->v, (size_t)got, s->value);
		merge_old_series(f->merge, bb_bin_get32(PQgetvalue(r, row, 0)), s->value, (size_t)got);
	}
	PQclear(r);
	return 0;
}

static int store(struct fold *f, struct stored *s, size_t n)
{
	const int32_t *t = merge_times(f->merge);
	struct bb_day_series day = { .d = s->d, .missing = s->missing, .v = s->v };
	char sql[400];

	snprintf(sql, sizeof(sql),
		"BEGIN; DELETE FROM sample_time WHERE device_id = %1$lld AND day = date '1970-01-01' + %2$lld;"
		" DELETE FROM sample_day WHERE device_id = %1$lld AND day = date '1970-01-01' + %2$lld;"
		" SELECT sample_day_changed(%1$lld, date '1970-01-01' + %2$lld)",
		(long long)f->device_id, (long long)f->day);
	if (run(f, f->write, sql) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		s->t[i] = i ? t[i] - t[i - 1] : t[i];
	bb_buf_reset(&f->copy);
	bb_bin_begin(&f->copy);
	bb_bin_row(&f->copy, 5);
	bb_bin_int8(&f->copy, f->site_id);
	bb_bin_int8(&f->copy, f->device_id);
	bb_bin_date(&f->copy, (int32_t)f->day);
	bb_bin_int4s(&f->copy, s->t, n);
	bb_bin_int4(&f->copy, n ? t[n - 1] : 0);
	if (copy_in(f, "COPY sample_time (site_id, device_id, day, dt, last) FROM STDIN (FORMAT binary)") != 0)
		return -1;
	bb_buf_reset(&f->copy);
	bb_bin_begin(&f->copy);
	for (size_t i = 0; i < merge_series_count(f->merge); i++) {
		bb_day_encode(&day, t, merge_series_values(f->merge, i), n);
		bb_bin_row(&f->copy, 11);
		bb_bin_int8(&f->copy, f->site_id);
		bb_bin_int8(&f->copy, f->device_id);
		bb_bin_date(&f->copy, (int32_t)f->day);
		bb_bin_int4(&f->copy, merge_series_id(f->merge, i));
		bb_bin_int2(&f->copy, (int16_t)day.scale);
		if (day.scale >= 0)
			bb_bin_int2s(&f->copy, day.d, day.missing, n);
		else
			bb_bin_null(&f->copy);
		if (day.scale < 0)
			bb_bin_float4s(&f->copy, day.v, day.missing, n);
		else
			bb_bin_null(&f->copy);
		bb_bin_float4s(&f->copy, day.hmin, day.hmissing, 24);
		bb_bin_float4s(&f->copy, day.havg, day.hmissing, 24);
		bb_bin_float4s(&f->copy, day.hmax, day.hmissing, 24);
		bb_bin_int2s(&f->copy, day.hn, NULL, 24);
	}
	if (copy_in(f, "COPY sample_day FROM STDIN (FORMAT binary)") != 0)
		return -1;
	return run(f, f->write, "COMMIT");
}

static int finish_day(struct fold *f, struct stored *s)
{
	char sql[96];
	size_t n;

	if (f->in_day == 0)
		return 0;
	snprintf(sql, sizeof(sql), "SELECT sample_day_ensure(date '1970-01-01' + %lld)", (long long)f->day);
	n = merge_finish(f->merge);
	if (n > BB_DAY_MAX_SAMPLES) {
		snprintf(f->result.text, sizeof(f->result.text), "device %lld has more than %d samples on one day", (long long)f->device_id,
			BB_DAY_MAX_SAMPLES);
		return -1;
	}
	if (run(f, f->write, sql) != 0 || store(f, s, n) != 0)
		return -1;
	f->result.device_days++;
	f->in_day = 0;
	return 0;
}

/* ---- the window's rows, ordered by device and time ---- */

static int load_layouts(struct fold *f)
{
	PGresult *r = ask(f, f->write, "SELECT layout_id, series FROM layout");

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

/* Fields as selected in read_windows(): int8 site, int8 device, timestamptz, int8 layout, float4[]. Offsets are fixed by the types. */
static int take_row(struct fold *f, const uint8_t *p, size_t len, struct stored *s)
{
	enum { FIXED = 2 + 4 * (4 + 8) };
	const struct layout_series *l;
	int64_t site, device, us, day;
	long n;

	if (len < FIXED + 4 || bb_bin_get16(p) != 5)
		return 0;       /* header already skipped, or the trailer */
	site = bb_bin_get64(p + 6);
	device = bb_bin_get64(p + 18);
	us = bb_bin_get64(p + 30) + BB_PG_EPOCH_US;
	l = bb_table_get_u64(f->layouts, (uint64_t)bb_bin_get64(p + 42));
	if (!l || us < 0)
		return 0;
	/* rounding to 100 ms may not leave the day */
	day = us / (int64_t)DAY_US;
	int64_t t = (us % (int64_t)DAY_US + 50000) / 100000;
	if (t >= BB_DAY_STEPS)
		t = BB_DAY_STEPS - 1;
	if (device != f->device_id || day != f->day || f->in_day == 0) {
		if (finish_day(f, s) != 0)
			return -1;
		f->site_id = site;
		f->device_id = device;
		f->day = day;
		merge_reset(f->merge);
		if (load_old(f, s) != 0)
			return -1;
	}
	n = bb_bin_read_array(p + FIXED + 4, len - FIXED - 4, 4, LAYOUT_MAX, take_value, f->value);
	if (n < 0)
		return 0;
	f->in_day++;
	f->result.rows++;
	merge_add(f->merge, (int32_t)t, l->series, f->value, (size_t)n < l->n ? (size_t)n : l->n);
	return 0;
}

static int read_windows(struct fold *f, const struct bb_buf *names, struct stored *s)
{
	struct bb_buf sql = { 0 };
	PGresult *r;
	char *row;
	bool first = true, ok;
	int n, rc = 0;

	bb_buf_printf(&sql, "COPY (SELECT site_id, device_id, at, layout_id, v FROM sample_wide WHERE tableoid = ANY ('{%s}'::regclass[]) "
		"ORDER BY device_id, at) TO STDOUT (FORMAT binary)", names->data);
	r = PQexec(f->read, sql.data);
	bb_buf_fini(&sql);
	ok = PQresultStatus(r) == PGRES_COPY_OUT;
	PQclear(r);
	if (!ok)
		return failed(f, f->read, "read the window");
	while ((n = PQgetCopyData(f->read, &row, 0)) > 0) {
		size_t skip = first ? 19 : 0;

		first = false;
		if (rc == 0 && (size_t)n > skip)
			rc = take_row(f, (const uint8_t *)row + skip, (size_t)n - skip, s);
		PQfreemem(row);
		if (atomic_load(&f->quit))
			rc = -1;
	}
	while ((r = PQgetResult(f->read)))
		PQclear(r);
	if (n == -2)
		return failed(f, f->read, "read the window");
	return rc == 0 ? finish_day(f, s) : rc;
}

/* Names of the closed windows (comma-separated), oldest first; nothing while there are at most `keep`. */
static int closed_windows(struct fold *f, unsigned keep, struct bb_buf *names)
{
	char limit[24];
	PGresult *r;
	int n;

	snprintf(limit, sizeof(limit), "%.3f", (double)bb_clock_real_us() / 1e6 - f->o.window_s - GRACE_S);
	const char *values[] = { limit };
	r = PQexecParams(f->read,
		"SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'sample_wide'::regclass "
		"AND to_timestamp(right(c.relname, 15), 'YYYYMMDD_HH24MISS') "
		"<= to_timestamp($1::float8) ORDER BY c.relname",
		1, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK) {
		PQclear(r);
		return failed(f, f->read, "list the windows");
	}
	n = PQntuples(r) > (int)keep ? PQntuples(r) : 0;
	for (int i = 0; i < n; i++)
		bb_buf_printf(names, "%s%s", i ? "," : "", PQgetvalue(r, i, 0));
	PQclear(r);
	return n;
}

static int fold_windows(struct fold *f, bool all, struct stored *s)
{
	struct bb_buf names = { 0 }, sql = { 0 };
	int n, rc = -1;

	n = closed_windows(f, all ? 0 : f->o.keep_windows, &names);
	if (n <= 0) {
		bb_buf_fini(&names);
		return n;
	}
	f->result.windows = (uint64_t)n;
	bb_buf_printf(&sql, "BEGIN; LOCK TABLE ONLY %s IN EXCLUSIVE MODE", names.data);
	if (run(f, f->read, sql.data) != 0 || load_layouts(f) != 0 || read_windows(f, &names, s) != 0)
		goto out;
	bb_buf_reset(&sql);
	bb_buf_printf(&sql, "DROP TABLE %s", names.data);
	if (run(f, f->read, sql.data) == 0 && run(f, f->read, "COMMIT") == 0)
		rc = 0;
out:
	if (rc != 0) {
		PQclear(PQexec(f->read, "ROLLBACK"));
		PQclear(PQexec(f->write, "ROLLBACK"));
	}
	bb_buf_fini(&names);
	bb_buf_fini(&sql);
	return rc;
}

/* The function of the schema reads the settings: a change needs no restart. */
static int drop_months(struct fold *f)
{
	PGresult *r = PQexec(f->write, "SELECT history_retain('samples') UNION ALL SELECT history_retain('texts')");
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	bool ok = PQresultStatus(r) == PGRES_TUPLES_OK, is_busy = state && strcmp(state, "55P03") == 0;
	size_t len = 0;

	f->result.n_dropped = ok ? (unsigned)PQntuples(r) : 0;
	for (unsigned i = 0; i < f->result.n_dropped && len < sizeof(f->result.dropped) - 1; i++)
		len += (size_t)snprintf(f->result.dropped + len, sizeof(f->result.dropped) - len, "%s%s", i ? " " : "", PQgetvalue(r, (int)i, 0));
	PQclear(r);
	/* a chart holds it: the next run will do */
	return ok || is_busy ? 0 : failed(f, f->write, "drop old months");
}

static void fold_once(struct fold *f)
{
	struct stored *s = bb_malloc(sizeof(*s));
	uint64_t start = bb_clock_mono_ms();

	memset(&f->result, 0, sizeof(f->result));
	f->in_day = 0;
	f->read = PQconnectdb(f->conninfo);
	f->write = PQconnectdb(f->conninfo);
	if (PQstatus(f->read) != CONNECTION_OK || PQstatus(f->write) != CONNECTION_OK) {
		failed(f, f->read, "connect for folding");
	} else {
		/* the drop of the windows commits with a flush, and everything written before it is flushed with it */
		run(f, f->write, "SET synchronous_commit = off; SET timezone = 'UTC'");
		run(f, f->read, "SET work_mem = '64MB'; SET timezone = 'UTC'; SET lock_timeout = '10s'");
		f->result.ok = fold_windows(f, f->all, s) == 0 &&
			pack_weeks(f->read, f->write, &f->quit, f->result.text, sizeof(f->result.text)) >= 0 && drop_months(f) == 0;
	}
	PQfinish(f->read);
	PQfinish(f->write);
	free(s);
	bb_buf_fini(&f->copy);
	f->result.took_ms = bb_clock_mono_ms() - start;
}

/* ---- the thread ---- */

static void *fold_thread(void *arg)
{
	struct fold *f = arg;
	uint64_t one;

	f->merge = merge_new();
	while (!atomic_load(&f->quit)) {
		if (read(f->wake, &one, sizeof(one)) != sizeof(one) || atomic_load(&f->quit))
			continue;
		fold_once(f);
		one = 1;
		if (write(f->ready, &one, sizeof(one)) != sizeof(one))
			break;
	}
	merge_free(f->merge);
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
