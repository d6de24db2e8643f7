// SPDX-License-Identifier: Apache-2.0
/* Charts: the question read and checked, the answer printed; series_read.c asks the database. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/point.h"
#include "webd/handlers.h"
#include "webd/series_read.h"
#include "webd/webd.h"

struct charts {
	struct request *rq;
	const char *from, *to;
	int64_t max_points;
	json_t *aggregates, *series;
	bool bands;
	unsigned want; /* CHART_ bits */
	struct series_read read;
};

static const char *const aggregate_names[] = { "min", "avg", "max" };

// clang-format off
static const struct field charts_fields[] = {
	{ "from", FIELD_STR, true, offsetof(struct charts, from), 1, 40 },
	{ "to", FIELD_STR, true, offsetof(struct charts, to), 1, 40 },
	{ "max_points", FIELD_INT, true, offsetof(struct charts, max_points), 1, 5000 },
	{ "aggregates", FIELD_ARRAY, false, offsetof(struct charts, aggregates), 1, 3 },
	{ "bands", FIELD_BOOL, false, offsetof(struct charts, bands), 0, 0 },
	{ "series", FIELD_ARRAY, true, offsetof(struct charts, series), 1, SERIES_MAX },
	FIELD_END,
};
static const struct field series_fields[] = {
	{ "device", FIELD_STR, true, offsetof(struct series_one, device), 1, 20 },
	{ "point", FIELD_STR, true, offsetof(struct series_one, point), 1, 100 },
	{ "index", FIELD_STR, false, offsetof(struct series_one, index), 0, 20 },
	FIELD_END,
};
// clang-format on

/* ---- reading the question ---- */

static int read_aggregates(struct request *rq, struct charts *c)
{
	json_t *v;
	size_t i;

	c->want = c->aggregates ? 0 : CHART_MIN | CHART_AVG | CHART_MAX;
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
	struct series_one *s = &c->read.one[c->read.n];
	char where[64], pointer[96];
	struct bb_err err;
	uint64_t id;

	*s = (struct series_one){ .index = "" };
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
	c->read.n++;
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
	c->read.span = (struct chart_span){ (int64_t)from_us, (int64_t)to_us, (unsigned)c->max_points };
	json_array_foreach(c->series, i, v) if (read_one(rq, c, v, i) != 0) return -1;
	return 0;
}

/* ---- the answer ---- */

static void print_series(struct bb_json *j, struct charts *c, struct series_one *s)
{
	const struct bb_point *p = bb_point_find(s->point);

	bb_json_obj(j, NULL);
	bb_json_str(j, "device", s->device);
	bb_json_str(j, "point", s->point);
	bb_json_str(j, "index", s->index);
	bb_json_str(j, "unit", p ? p->unit : "");
	chart_print(&s->chart, c->want, j);
	bb_json_end_obj(j);
}

static void print_bands(struct bb_json *j, const struct series_read *r)
{
	bb_json_arr(j, "bands");
	for (size_t i = 0; i < r->n_devices; i++) {
		bb_json_obj(j, NULL);
		bb_json_str(j, "device", r->device[i]);
		bands_print(&r->bands[i], r->span.from_us, r->span.to_us, r->span.parts, j, "items");
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
}

static void reply_charts(struct charts *c)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "from", c->from);
	bb_json_str(&j, "to", c->to);
	bb_json_arr(&j, "series");
	for (size_t i = 0; i < c->read.n; i++)
		print_series(&j, c, &c->read.one[i]);
	bb_json_end_arr(&j);
	if (c->bands)
		print_bands(&j, &c->read);
	bb_json_end_obj(&j);
	reply_json(c->rq, 200, &b);
	bb_buf_fini(&b);
}

/* The request, and with its arena `c`, ends with the answer: what is to be freed is taken out before. */
static void on_read(void *arg, const char *error, const char *sqlstate)
{
	struct charts *c = arg;
	struct series_read r = c->read;

	if (error && (strcmp(sqlstate, "42883") == 0 || strcmp(sqlstate, "42P01") == 0 ||
			     strcmp(sqlstate, "42703") == 0))
		reply_problem(c->rq, PROBLEM_UNAVAILABLE,
			"the database holds no samples yet: its schema is older than this program; run busbarctl migrate");
	else if (error)
		reply_no_database(c->rq, error);
	else if (c->read.has_too_many_changes)
		reply_invalid(c->rq, "/bands",
			"the devices changed their state too often in this span; ask for a shorter one");
	else
		reply_charts(c);
	series_read_fini(&r);
}

void api_series_query(struct request *rq)
{
	struct charts *c = bb_arena_alloc(rq->http->arena, sizeof(*c));
	struct bb_pg *pg = rq->w->read_pg;

	c->rq = rq;
	if (read_question(rq, c) != 0)
		return;
	if (bb_pg_queue_depth(pg) > 150 || !bb_pg_is_up(pg)) {
		reply_no_database(rq, rq->w->read_reason);
		return;
	}
	c->read.pg = pg;
	c->read.arena = rq->http->arena;
	c->read.want_bands = c->bands;
	c->read.done = on_read;
	c->read.arg = c;
	series_read_start(&c->read);
}
