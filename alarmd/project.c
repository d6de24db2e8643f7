// SPDX-License-Identifier: Apache-2.0
#include "alarmd/project.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alarmd/project_row.h"
#include "alarmd/refill.h"
#include "alarmd/store.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/pg.h"
#include "common/str.h"

#define MAJOR        BUSBAR__V1__SEVERITY__SEVERITY_MAJOR
#define MINOR        BUSBAR__V1__SEVERITY__SEVERITY_MINOR
#define BATCH_MAX    5000
#define BATCH_BYTES  (4 << 20)
#define RETRY_MIN_MS 500
#define RETRY_MAX_MS 30000
#define LAG_RECORDS  5000  /* with the database up, for ... */
#define LAG_MS       30000 /* ... so long: own-alarm */
#define RETAIN_MS    60000
#define MONTHS_KEPT  64

/* What the connection is doing; each step is started by the answer to the one before. */
enum phase {
	PHASE_DOWN,
	PHASE_SCHEMA, /* asking for the version */
	PHASE_CURSOR,
	PHASE_FOREIGN, /* looking for alarms of other journals */
	PHASE_IDLE,
	PHASE_SENDING,
	PHASE_WAITING, /* for a retry */
};

struct project {
	struct project_options o;
	struct bb_loop *loop;
	struct bb_pg *pg;
	struct bb_arena *arena;
	struct bb_watch *tick, *retry;
	enum phase phase;
	uint64_t cursor;
	bool is_known;       /* `applied` has our journal */
	uint64_t batch_upto; /* newest jseq of the batch under way */
	size_t batch_n;
	size_t limit; /* records a batch; halved while a record in it is refused */
	uint64_t sent_ns;
	uint64_t retry_ms;
	uint64_t down_since_ms, lag_since_ms;
	uint64_t retained_ms;
	char reason[256]; /* why it is down */
	uint64_t written, refused;
	double commit_ms;
	int months[MONTHS_KEPT]; /* year * 12 + month with a partition made for sure */
	size_t n_months;
	struct bb_log_limit limit_log;
	char journal_hex[36]; /* bytea literal \x... */
};

static void pump(struct project *p);
static void read_cursor(void *arg);
static void check_schema(void *arg);

static void retry_later(struct project *p, bb_cb cb)
{
	p->phase = PHASE_WAITING;
	bb_loop_cancel(p->retry);
	p->retry = bb_loop_after(p->loop, p->retry_ms, cb, p);
	p->retry_ms = p->retry_ms * 2 < RETRY_MAX_MS ? p->retry_ms * 2 : RETRY_MAX_MS;
}

/* The server answered, but not what we need: it stays connected and is asked again later. */
static void refuse_for_now(struct project *p, const char *what, const char *error, bb_cb again)
{
	uint64_t repeats;
	char text[400];

	snprintf(text, sizeof(text), "PostgreSQL refuses %s: %s; the record waits in the journal",
		what, error);
	if (bb_log_due(&p->limit_log, text, &repeats))
		bb_log(EV_DATABASE_REFUSED, BB_STR("what", what), BB_STR("error", error),
			BB_UINT("repeats", repeats));
	p->o.trouble(p->o.arg, "database_refused", MAJOR, text);
	retry_later(p, again);
}

static int query(struct project *p, const char *sql, int n, const char *const *values, bb_pg_cb cb)
{
	return bb_pg_query(p->pg, sql, n, values, NULL, NULL, cb, p);
}

/* ---- partitions ---- */

static bool month_known(struct project *p, int month)
{
	for (size_t i = 0; i < p->n_months; i++)
		if (p->months[i] == month)
			return true;
	return false;
}

static void on_month(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	/* Rows of that month may lie in the default partition already; then they stay there and so
	 * do the next ones. */
	if (error && sqlstate[0])
		bb_log(EV_NOTE, BB_STR("text", "no partition of its own for a month of events"),
			BB_STR("error", error));
}

/* Queued in front of the batch that needs it. */
static void month_ensure(struct project *p, uint64_t at_us, int ahead)
{
	time_t t = (time_t)(at_us / 1000000);
	struct tm tm;
	char when[64];
	const char *values[] = { when };

	if (!gmtime_r(&t, &tm))
		return;
	int month = tm.tm_year * 12 + tm.tm_mon + ahead;
	if (month_known(p, month))
		return;
	snprintf(when, sizeof(when), "%04d-%02d-01T00:00:00Z", 1900 + month / 12, month % 12 + 1);
	if (query(p, "SELECT events_partition_ensure($1::timestamptz)", 1, values, on_month) < 0)
		return;
	p->months[p->n_months % MONTHS_KEPT] = month;
	if (p->n_months < MONTHS_KEPT)
		p->n_months++;
}

static void months_ahead(struct project *p)
{
	month_ensure(p, bb_clock_real_us(), 0);
	month_ensure(p, bb_clock_real_us(), 1);
}

/* Months of events that the owner does not want any more; by default none ever. */
static void on_retained(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	/* a chart or an export in the way: the next minute will do */
	if (error && sqlstate[0] && strcmp(sqlstate, "55P03") != 0)
		bb_log(EV_NOTE, BB_STR("text", "cannot drop old events"), BB_STR("error", error));
	for (int i = 0; res && i < PQntuples(res); i++)
		bb_log(EV_HISTORY_DROPPED, BB_STR("partition", PQgetvalue(res, i, 0)));
}

static void retain(struct project *p, uint64_t now_ms)
{
	if (now_ms - p->retained_ms < RETAIN_MS)
		return;
	p->retained_ms = now_ms;
	query(p, "SELECT history_retain('events')", 0, NULL, on_retained);
}

/* ---- batches ---- */

struct batch {
	struct project *p;
	struct bb_buf buf;
	struct bb_json json;
	size_t n;
	uint64_t upto;
	/* The first record when it cannot even be decoded. */
	struct bb_record bad; /* jseq 0: none */
	struct bb_buf bad_data;
	struct bb_err why;
};

static bool batch_add(void *arg, const struct bb_record *r)
{
	struct batch *b = arg;
	struct project *p = b->p;
	const Busbar__V1__Transition *t = NULL;

	bb_arena_reset(p->arena);
	if (r->type != STORE_TRANSITION)
		bb_err_set(&b->why, "record of unknown type %u", r->type);
	else if ((t = bb_unpack_transition(p->arena, r->data, r->len, &b->why)) && !t->alarm) {
		bb_err_set(&b->why, "a transition without an alarm");
		t = NULL;
	}
	if (!t) {
		if (b->n)
			return false;
		b->bad = *r;
		bb_buf_add(&b->bad_data, r->data, r->len);
		b->bad.data = (const uint8_t *)b->bad_data.data;
		return false;
	}
	month_ensure(p, t->at_unix_us, 0);
	project_row_write(&b->json, p->arena, r, t);
	b->n++;
	b->upto = r->jseq;
	return b->buf.len < BATCH_BYTES;
}

/* Data the tables cannot take, whatever is done about the server. */
static bool is_poison(const char *sqlstate)
{
	return strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0;
}

static void on_refused_count(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;
	char text[160];

	if (!res || PQntuples(res) != 1)
		return;
	uint64_t n = strtoull(PQgetvalue(res, 0, 0), NULL, 10);
	snprintf(text, sizeof(text),
		"%" PRIu64
		" records of the alarm journal did not fit the tables; see table refused and delete what is "
		"settled",
		n);
	p->o.trouble(p->o.arg, "record_refused", n ? MAJOR : 0, text);
}

static void count_refused(struct project *p)
{
	query(p, "SELECT count(*) FROM refused", 0, NULL, on_refused_count);
}

static void advance(struct project *p, uint64_t upto)
{
	p->cursor = upto;
	p->retry_ms = RETRY_MIN_MS;
	p->phase = PHASE_IDLE;
	p->commit_ms = (double)(bb_clock_boot_ns() - p->sent_ns) / 1e6;
	bb_journal_cursor_set(p->o.journal, "postgresql", upto);
	p->o.trouble(p->o.arg, "database_refused", 0, NULL);
	pump(p);
}

static void on_refuse(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;

	if (res) {
		p->refused++;
		p->limit = BATCH_MAX;
		count_refused(p);
		advance(p, p->batch_upto);
	} else if (sqlstate[0]) {
		refuse_for_now(p, "to keep a record it refused", error, read_cursor);
	}
}

static void refuse_record(struct project *p, const struct bb_record *r, const char *why)
{
	char after[24], number[24], type[12], chain[2 * sizeof(r->chain) + 3] = "\\x";
	char *hex = bb_malloc(2 * r->len + 3);
	const char *values[] = { p->journal_hex, after, number, why, hex, type, chain };

	snprintf(after, sizeof(after), "%" PRIu64, p->cursor);
	snprintf(number, sizeof(number), "%" PRIu64, r->jseq);
	snprintf(type, sizeof(type), "%u", r->type);
	memcpy(hex, "\\x", 2);
	bb_hex(hex + 2, r->data, r->len);
	bb_hex(chain + 2, r->chain, sizeof(r->chain));
	p->batch_upto = r->jseq;
	bb_log(EV_DATABASE_REFUSED, BB_UINT("jseq", r->jseq), BB_STR("error", why));
	p->phase = PHASE_SENDING;
	p->sent_ns = bb_clock_boot_ns();
	if (query(p,
		    "SELECT events_refuse($1::bytea, $2::bigint, $3::bigint, $4, $5::bytea, $6::int, $7::bytea)",
		    7, values, on_refuse) < 0)
		retry_later(p, read_cursor);
	free(hex);
}

struct refuse_one {
	struct project *p;
	const char *why;
};

static bool refuse_first(void *arg, const struct bb_record *r)
{
	struct refuse_one *one = arg;

	refuse_record(one->p, r, one->why);
	return false;
}

static void on_batch(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;

	if (res) {
		p->written += p->batch_n;
		p->limit = p->limit * 2 < BATCH_MAX ? p->limit * 2 : BATCH_MAX;
		advance(p, p->batch_upto);
	} else if (is_poison(sqlstate) && p->batch_n > 1) {
		p->limit = p->batch_n / 2;
		p->phase = PHASE_IDLE;
		pump(p);
	} else if (is_poison(sqlstate)) {
		struct refuse_one one = { .p = p, .why = error };
		p->phase = PHASE_IDLE;
		bb_journal_read(p->o.journal, p->cursor, 1, refuse_first, &one, NULL);
	} else if (strcmp(sqlstate, "BB001") == 0) {
		read_cursor(p);
	} else if (sqlstate[0]) {
		refuse_for_now(p, "events", error, read_cursor);
	}
}

static void batch_send(struct project *p, struct batch *b)
{
	char after[24], upto[24];
	const char *values[] = { p->journal_hex, after, upto, b->buf.data };

	snprintf(after, sizeof(after), "%" PRIu64, p->cursor);
	snprintf(upto, sizeof(upto), "%" PRIu64, b->upto);
	p->batch_upto = b->upto;
	p->batch_n = b->n;
	p->sent_ns = bb_clock_boot_ns();
	p->phase = PHASE_SENDING;
	if (query(p, "SELECT events_apply($1::bytea, $2::bigint, $3::bigint, $4::json)", 4, values,
		    on_batch) < 0)
		retry_later(p, read_cursor);
}

static void pump(struct project *p)
{
	struct batch b = { .p = p };
	struct bb_err err;

	if (p->phase != PHASE_IDLE || bb_journal_head(p->o.journal) <= p->cursor)
		return;
	b.json.out = &b.buf;
	bb_json_arr(&b.json, NULL);
	if (bb_journal_read(p->o.journal, p->cursor, p->limit, batch_add, &b, &err) < 0) {
		bb_log(EV_JOURNAL_DAMAGED, BB_STR("what", "projection"), BB_ERRTEXT(&err));
		retry_later(p, read_cursor);
	} else if (b.n) {
		bb_json_end_arr(&b.json);
		batch_send(p, &b);
	} else if (b.bad.jseq) {
		refuse_record(p, &b.bad, b.why.text);
	}
	bb_buf_fini(&b.buf);
	bb_buf_fini(&b.bad_data);
}

/* ---- coming up ---- */

static void on_foreign(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;

	if (error) {
		if (sqlstate[0])
			refuse_for_now(p, "the alarm state", error, read_cursor);
		return;
	}
	for (int i = 0; i < PQntuples(res); i++) {
		Busbar__V1__Alarm a;
		project_row_read(res, i, &a);
		p->o.foreign(p->o.arg, &a, !p->is_known);
	}
	p->is_known = true;
	p->phase = PHASE_IDLE;
	count_refused(p);
	pump(p);
}

static void ask_foreign(struct project *p)
{
	const char *values[] = { p->journal_hex };

	p->phase = PHASE_FOREIGN;
	query(p, "SELECT " PROJECT_STATE_COLUMNS " FROM alarm_state WHERE journal_id <> $1::bytea",
		1, values, on_foreign);
}

static void on_refill(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;
	struct bb_err err;

	if (error && sqlstate[0])
		refuse_for_now(p, "what a damaged file held", error, read_cursor);
	if (!res)
		return;
	if (refill_rows(p->o.journal, p->o.missing, res, p->o.refill, p->o.arg, &err) < 0)
		bb_log(EV_JOURNAL_DAMAGED, BB_STR("what", "refill"), BB_ERRTEXT(&err));
	else
		p->o.missing = 0;
	ask_foreign(p);
}

static void ask_refill(struct project *p)
{
	char first[24];
	const char *values[] = { p->journal_hex, first };

	snprintf(first, sizeof(first), "%" PRIu64, p->o.missing);
	p->phase = PHASE_FOREIGN;
	query(p, refill_query, 2, values, on_refill);
}

static void on_cursor_made(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;

	if (error && sqlstate[0])
		refuse_for_now(p, "a cursor", error, read_cursor);
	if (!res)
		return;
	if (p->is_known && p->o.missing)
		ask_refill(p);
	else
		ask_foreign(p);
}

static void on_cursor(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;
	const char *values[] = { p->journal_hex };

	if (error) {
		if (sqlstate[0])
			refuse_for_now(p, "the cursor", error, check_schema);
		return;
	}
	p->is_known = PQntuples(res) == 1;
	p->cursor = p->is_known ? strtoull(PQgetvalue(res, 0, 0), NULL, 10) : 0;
	/* Behind a damaged file the numbers jumped; the first after the jump may still be on its way to the disk. */
	if (p->cursor >= bb_journal_next(p->o.journal)) {
		p->phase = PHASE_WAITING;
		p->o.ahead(p->o.arg, p->cursor);
		return;
	}
	bb_journal_cursor_set(p->o.journal, "postgresql", p->cursor);
	months_ahead(p);
	query(p,
		"INSERT INTO applied (journal_id, jseq) VALUES ($1::bytea, 0) ON CONFLICT DO NOTHING",
		1, values, on_cursor_made);
}

static void read_cursor(void *arg)
{
	struct project *p = arg;
	const char *values[] = { p->journal_hex };

	p->retry = NULL;
	p->phase = PHASE_CURSOR;
	query(p, "SELECT jseq FROM applied WHERE journal_id = $1::bytea", 1, values, on_cursor);
}

static void on_schema(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct project *p = arg;
	char text[200];
	int version = -1;

	if (res && PQntuples(res) == 1)
		version = atoi(PQgetvalue(res, 0, 0));
	else if (error && strcmp(sqlstate, "42P01") == 0)
		version = 0;
	if (version >= PROJECT_SCHEMA) {
		p->o.trouble(p->o.arg, "schema_old", 0, NULL);
		read_cursor(p);
	} else if (version >= 0) {
		uint64_t repeats;
		snprintf(text, sizeof(text),
			"the database schema is version %d, this alarmd needs version %d: run busbarctl migrate",
			version, PROJECT_SCHEMA);
		if (bb_log_due(&p->limit_log, text, &repeats))
			bb_log(EV_SCHEMA_OLD, BB_STR("text", text), BB_UINT("repeats", repeats));
		p->o.trouble(p->o.arg, "schema_old", MAJOR, text);
		p->retry_ms = p->retry_ms < 5000 ? p->retry_ms : 5000;
		retry_later(p, check_schema);
	} else if (error && sqlstate[0]) {
		refuse_for_now(p, "its schema version", error, check_schema);
	}
}

static void check_schema(void *arg)
{
	struct project *p = arg;

	p->retry = NULL;
	p->phase = PHASE_SCHEMA;
	query(p, "SELECT coalesce(max(version), 0) FROM schema_version", 0, NULL, on_schema);
}

static void on_up(void *arg)
{
	struct project *p = arg;

	if (p->reason[0])
		bb_log(EV_DATABASE_BACK, BB_UINT("lag", bb_journal_head(p->o.journal) - p->cursor));
	p->reason[0] = '\0';
	p->down_since_ms = 0;
	p->retry_ms = RETRY_MIN_MS;
	p->limit = BATCH_MAX;
	p->n_months = 0;
	p->o.trouble(p->o.arg, "database_down", 0, NULL);
	check_schema(p);
}

static void on_down(void *arg, const char *reason)
{
	struct project *p = arg;

	bb_loop_cancel(p->retry);
	p->retry = NULL;
	p->phase = PHASE_DOWN;
	p->down_since_ms = bb_clock_boot_ms();
	bb_copy(p->reason, sizeof(p->reason), reason);
	bb_log(EV_DATABASE_LOST, BB_STR("error", reason));
}

/* ---- watching ---- */

static uint64_t lag_of(const struct project *p)
{
	uint64_t head = bb_journal_head(p->o.journal);

	return head > p->cursor ? head - p->cursor : 0;
}

static void on_tick(void *arg)
{
	struct project *p = arg;
	uint64_t now_ms = bb_clock_boot_ms();
	char text[400];

	if (p->phase == PHASE_DOWN && now_ms - p->down_since_ms >= p->o.down_ms) {
		snprintf(text, sizeof(text),
			"PostgreSQL does not answer: %s; alarms go on, their record waits in the journal",
			p->reason[0] ? p->reason : "no connection yet");
		p->o.trouble(p->o.arg, "database_down", MAJOR, text);
	}
	if (p->phase == PHASE_DOWN || lag_of(p) < LAG_RECORDS) {
		p->lag_since_ms = 0;
		p->o.trouble(p->o.arg, "projection_lag", 0, NULL);
	} else if (!p->lag_since_ms) {
		p->lag_since_ms = now_ms;
	} else if (now_ms - p->lag_since_ms > LAG_MS) {
		snprintf(text, sizeof(text),
			"%" PRIu64 " transitions are not in PostgreSQL yet; it is slow", lag_of(p));
		p->o.trouble(p->o.arg, "projection_lag", MINOR, text);
	}
	if (p->phase == PHASE_IDLE) {
		months_ahead(p);
		retain(p, now_ms);
	}
}

static void on_commit(void *arg)
{
	pump(arg);
}

struct project *project_new(struct bb_loop *loop, const struct project_options *o)
{
	struct project *p = bb_calloc(1, sizeof(*p));
	struct bb_pg_options po = {
		.conninfo = o->conninfo,
		.application_name = "alarmd",
		.statement_timeout_ms = 60000,
		.up = on_up,
		.down = on_down,
		.arg = p,
	};

	p->o = *o;
	p->loop = loop;
	p->arena = bb_arena_new(16384, 0);
	p->limit = BATCH_MAX;
	p->retry_ms = RETRY_MIN_MS;
	p->down_since_ms = bb_clock_boot_ms();
	memcpy(p->journal_hex, "\\x", 2);
	bb_hex(p->journal_hex + 2, bb_journal_id(o->journal), 16);
	p->pg = bb_pg_new(loop, &po);
	p->tick = bb_loop_every(loop, 1000, on_tick, p);
	bb_journal_on_commit(o->journal, on_commit, p);
	/* Known as a consumer from the first day, so that nothing is thrown away that PostgreSQL
	 * never had. */
	bb_journal_cursor_set(o->journal, "postgresql",
		bb_journal_cursor_get(o->journal, "postgresql"));
	return p;
}

void project_free(struct project *p)
{
	if (!p)
		return;
	bb_loop_cancel(p->tick);
	bb_loop_cancel(p->retry);
	p->retry = NULL;
	p->phase = PHASE_DOWN;
	bb_pg_free(p->pg);
	bb_loop_cancel(p->retry);
	bb_arena_free(p->arena);
	free(p);
}

void project_stats(const struct project *p, struct project_stats *out)
{
	*out = (struct project_stats){
		.is_up = p->phase != PHASE_DOWN,
		.cursor = p->cursor,
		.lag = lag_of(p),
		.written = p->written,
		.refused = p->refused,
		.commit_ms = p->commit_ms,
	};
}
