// SPDX-License-Identifier: Apache-2.0
/* Charts: series_query() of the schema, one call per series, turned into columns. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/point.h"
#include "webd/handlers.h"
#include "webd/webd.h"

#define SERIES_MAX 16

struct one_series {
	const char *device, *point, *index;
	struct bb_buf json; /* finished object, empty until then */
	struct charts *charts;
};

struct charts {
	struct request *rq;
	const char *from, *to;
	int64_t max_points;
	json_t *aggregates, *series;
	unsigned want; /* WANT_ bits */
	struct one_series one[SERIES_MAX];
	size_t n, waiting;
	const char *error; /* the first one; arena */
	bool is_missing;   /* the schema has no samples yet */
};

enum { WANT_MIN = 1, WANT_AVG = 2, WANT_MAX = 4 };
static const char *const aggregate_names[] = { "min", "avg", "max" };

// clang-format off
static const struct field charts_fields[] = {
	{ "from", FIELD_STR, true, offsetof(struct charts, from), 1, 40 },
	{ "to", FIELD_STR, true, offsetof(struct charts, to), 1, 40 },
	{ "max_points", FIELD_INT, true, offsetof(struct charts, max_points), 1, 5000 },
	{ "aggregates", FIELD_ARRAY, false, offsetof(struct charts, aggregates), 1, 3 },
	{ "series", FIELD_ARRAY, true, offsetof(struct charts, series), 1, SERIES_MAX },
	FIELD_END,
};
static const struct field series_fields[] = {
	{ "device", FIELD_STR, true, offsetof(struct one_series, device), 1, 20 },
	{ "point", FIELD_STR, true, offsetof(struct one_series, point), 1, 100 },
	{ "index", FIELD_STR, false, offsetof(struct one_series, index), 0, 20 },
	FIELD_END,
};
// clang-format on

/* ---- reading the question ---- */

static int read_aggregates(struct request *rq, struct charts *c)
{
	json_t *v;
	size_t i;

	c->want = c->aggregates ? 0 : WANT_MIN | WANT_AVG | WANT_MAX;
	json_array_foreach(c->aggregates, i, v)
	{
		const char *name = json_is_string(v) ? json_string_value(v) : "";
		unsigned k = 0;

		while (k < 3 && strcmp(aggregate_names[k], name) != 0)
			k++;
		if (k == 3) {
			reply_invalid(rq, "/aggregates", "element %zu is none of min, avg, max", i);
			return -1;
		}
		c->want |= 1u << k;
	}
	return 0;
}

static int read_one(struct request *rq, struct charts *c, const json_t *v, size_t i)
{
	struct one_series *s = &c->one[c->n];
	char where[64], pointer[96];
	struct bb_err err;
	uint64_t id;

	*s = (struct one_series){ .index = "", .charts = c };
	if (fields_read(v, series_fields, s, where, &err) != 0) {
		snprintf(pointer, sizeof(pointer), "/series/%zu/%s", i, where);
		reply_invalid(rq, pointer, "field \"%s\": %s", where, err.text);
		return -1;
	}
	snprintf(pointer, sizeof(pointer), "/series/%zu", i);
	if (bb_parse_u64(s->device, "device", 1, INT64_MAX, &id, &err) != 0) {
		reply_invalid(rq, pointer, "%s", err.text);
		return -1;
	}
	if (!bb_point_find(s->point) || !bb_point_index_valid(s->index)) {
		reply_invalid(rq, pointer, "there is no point \"%s\" with index \"%s\"", s->point,
			s->index);
		return -1;
	}
	c->n++;
	return 0;
}

static int read_question(struct request *rq, struct charts *c)
{
	uint64_t from_us, to_us;
	json_t *v;
	size_t i;

	if (request_fields(rq, charts_fields, c) != 0 || read_aggregates(rq, c) != 0)
		return -1;
	if (bb_clock_parse_rfc3339(c->from, &from_us) != 0 ||
		bb_clock_parse_rfc3339(c->to, &to_us) != 0 || from_us >= to_us) {
		reply_invalid(rq, "/from",
			"`from` and `to` must be times such as 2026-11-21T07:40:00Z, `from` the earlier one");
		return -1;
	}
	json_array_foreach(c->series, i, v) if (read_one(rq, c, v, i) != 0) return -1;
	return 0;
}

/* ---- the answer ---- */

static void write_column(struct bb_json *j, const char *name, PGresult *r, int column)
{
	int n = PQntuples(r);

	bb_json_arr(j, name);
	for (int i = 0; i < n; i++)
		bb_json_raw(j, NULL, PQgetisnull(r, i, column) ? "null" : PQgetvalue(r, i, column));
	bb_json_end_arr(j);
}

static void write_series(struct one_series *s, PGresult *r)
{
	const struct charts *c = s->charts;
	const struct bb_point *p = bb_point_find(s->point);
	struct bb_json j = { .out = &s->json };
	bool is_raw = PQntuples(r) > 0 && PQgetvalue(r, 0, 5)[0] == 't';

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "device", s->device);
	bb_json_str(&j, "point", s->point);
	bb_json_str(&j, "index", s->index);
	bb_json_str(&j, "unit", p ? p->unit : "");
	bb_json_bool(&j, "raw", is_raw);
	write_column(&j, "t", r, 0);
	for (unsigned k = 0; k < 3; k++)
		if (c->want & 1u << k)
			write_column(&j, aggregate_names[k], r, 1 + (int)k);
	write_column(&j, "n", r, 4);
	bb_json_end_obj(&j);
}

static void write_charts(struct bb_json *j, const struct charts *c)
{
	bb_json_obj(j, NULL);
	bb_json_str(j, "from", c->from);
	bb_json_str(j, "to", c->to);
	bb_json_arr(j, "series");
	for (size_t i = 0; i < c->n; i++)
		bb_json_raw(j, NULL, c->one[i].json.data);
	bb_json_end_arr(j);
	bb_json_end_obj(j);
}

/* The request, and the charts in its arena, end here. */
static void reply_charts(struct charts *c)
{
	struct request *rq = c->rq;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (!c->is_missing && !c->error)
		write_charts(&j, c);
	for (size_t i = 0; i < c->n; i++)
		bb_buf_fini(&c->one[i].json);

	if (c->is_missing) {
		reply_problem(rq, PROBLEM_UNAVAILABLE,
			"the database holds no samples yet: its schema is older than this program; run busbarctl migrate");
	} else if (c->error) {
		reply_no_database(rq, c->error);
	} else {
		reply_json(rq, 200, &b);
	}
	bb_buf_fini(&b);
}

static void on_series(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct one_series *s = arg;
	struct charts *c = s->charts;

	if (r) {
		write_series(s, r);
	} else {
		c->is_missing |= strcmp(sqlstate, "42883") == 0 || strcmp(sqlstate, "42P01") == 0;
		if (!c->error)
			c->error = bb_arena_strdup(c->rq->http->arena, error);
	}
	if (--c->waiting == 0)
		reply_charts(c);
}

static int ask(struct charts *c, struct one_series *s)
{
	/* NaN and infinities are not JSON; Postgres prints numbers as JSON wants them otherwise */
	static const char sql[] =
		"SELECT (extract(epoch FROM at) * 1000)::bigint, nullif(vmin, 'NaN'), nullif(vavg, 'NaN'), nullif(vmax, 'NaN'), n, "
		"bool_and(n <= 1) OVER () FROM series_query($1, $2, $3, $4, $5, $6) ORDER BY at";
	const char *values[] = { s->device, s->point, s->index, c->from, c->to,
		bb_arena_printf(c->rq->http->arena, "%" PRId64, c->max_points) };

	return bb_pg_query(c->rq->w->read_pg, sql, 6, values, NULL, NULL, on_series, s);
}

void api_series_query(struct request *rq)
{
	struct charts *c = bb_arena_alloc(rq->http->arena, sizeof(*c));

	c->rq = rq;
	if (read_question(rq, c) != 0)
		return;
	if (bb_pg_queue_depth(rq->w->read_pg) + SERIES_MAX > 150 || !bb_pg_is_up(rq->w->read_pg)) {
		reply_no_database(rq, rq->w->read_reason);
		return;
	}
	c->waiting = c->n;
	for (size_t i = 0; i < c->n; i++)
		bb_assert(ask(c, &c->one[i]) == 0);
}
