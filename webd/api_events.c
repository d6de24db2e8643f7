// SPDX-License-Identifier: Apache-2.0
/* The event log, from PostgreSQL page by page, and how it is spread over time. The search itself is
 * events_page() of the schema. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webd/event_filter.h"
#include "webd/event_row.h"
#include "webd/handlers.h"
#include "webd/list.h"
#include "webd/webd.h"

#define BUDGET_MS           "600" /* of one page; what is not found by then is found on the next */
#define HISTOGRAM_BUDGET_MS "2000"

struct page {
	struct list list;
	bool is_back; /* towards the beginning of the order */
};

/* The reason of PostgreSQL when it is the caller's fault, else "away". */
static void reply_failed(struct request *rq, const char *error, const char *sqlstate)
{
	if (strcmp(sqlstate, "BB400") == 0)
		reply_invalid(rq, "?filter", "%s", error);
	else
		reply_no_database(rq, error);
}

static void write_cursor(struct bb_json *j, const char *name, const struct page *p,
	struct event_place place, bool is_back)
{
	const char *part[] = { place.at_us, place.jseq, place.journal, is_back ? "back" : "on" };
	char cursor[LIST_TEXT];

	list_cursor_make(cursor, sizeof(cursor), p->list.sort, part, 4);
	bb_json_str(j, name, cursor);
}

/* Cursors of a page: `far` is the last row in the direction of the search, `near` the first. Without
 * rows both are the place the search began at. */
static void write_cursors(struct bb_json *j, const struct page *p, const PGresult *r, int shown,
	bool has_more, int last)
{
	struct event_place own = { p->list.cursor[0], p->list.cursor[1], p->list.cursor[2] };
	struct event_place near = shown ? event_place_of(r, 0) : own;
	bool is_first = p->list.n_cursor == 0;

	if (has_more)
		write_cursor(j, p->is_back ? "prev" : "next", p, event_place_of(r, last),
			p->is_back);
	else
		bb_json_null(j, p->is_back ? "prev" : "next");
	if (is_first)
		bb_json_null(j, "prev");
	else
		write_cursor(j, p->is_back ? "next" : "prev", p, near, !p->is_back);
}

static void on_events(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct request *rq = arg;
	const struct page *p = rq->ctx;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	int n = r ? PQntuples(r) : 0, limit = (int)p->list.limit;

	if (!r) {
		reply_failed(rq, error, sqlstate);
		return;
	}
	bool is_cut = n > 0 && event_is_mark(r, n - 1);
	int found = n - (is_cut ? 1 : 0), shown = found > limit ? limit : found;

	is_cut = is_cut && found <= limit;
	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (int i = 0; i < shown; i++)
		event_write_json(&j, r, p->is_back ? shown - 1 - i : i);
	bb_json_end_arr(&j);
	write_cursors(&j, p, r, shown, is_cut || found > limit, is_cut ? n - 1 : shown - 1);
	bb_json_str(&j, "searched_to", is_cut ? event_at(r, n - 1) : NULL);
	bb_json_null(&j, "total_estimate");
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* A cursor is ours by form; its parts are still only text. */
static bool cursor_fits(const struct list *l)
{
	uint8_t id[64];
	uint64_t n;

	if (l->n_cursor == 0)
		return true;
	return l->n_cursor == 4 && bb_parse_u64(l->cursor[0], "at", 0, INT64_MAX, &n, NULL) == 0 &&
	       bb_parse_u64(l->cursor[1], "jseq", 0, INT64_MAX, &n, NULL) == 0 &&
	       bb_unhex(id, sizeof(id), l->cursor[2]) >= 0 &&
	       (strcmp(l->cursor[3], "on") == 0 || strcmp(l->cursor[3], "back") == 0);
}

void api_events(struct request *rq)
{
	static const char *const sorts[] = { "-at", "at", NULL };
	struct page *p = bb_arena_alloc(rq->http->arena, sizeof(*p));
	struct bb_buf filter = { 0 };
	struct bb_err err;
	char rows[12];

	rq->ctx = p;
	if (list_read(rq, &p->list, event_filters, sorts) != 0)
		return;
	if (!cursor_fits(&p->list)) {
		reply_invalid(rq, "?cursor", "the cursor is not one of ours");
		return;
	}
	p->is_back = p->list.n_cursor && strcmp(p->list.cursor[3], "back") == 0;
	bool is_newest_first = (p->list.sort[0] == '-') != p->is_back;
	const char *value[] = { NULL, is_newest_first ? "true" : "false", NULL, NULL, NULL, rows,
		BUDGET_MS };

	for (size_t i = 0; i < p->list.n_cursor && i < 3; i++)
		value[2 + i] = p->list.cursor[i];
	snprintf(rows, sizeof(rows), "%u", p->list.limit + 1);
	if (event_filter_write(&p->list, &filter, &err) != 0) {
		reply_invalid(rq, "?filter", "%s", err.text);
	} else {
		value[0] = filter.data;
		if (bb_pg_query(rq->w->read_pg, event_page_sql, 7, value, NULL, NULL, on_events,
			    rq) != 0)
			reply_no_database(rq, rq->w->read_reason);
	}
	bb_buf_fini(&filter);
}

/* ---- histogram ---- */

static void on_histogram(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (!r || PQntuples(r) != 1) {
		reply_failed(rq, error ? error : "no answer", sqlstate ? sqlstate : "");
		return;
	}
	bb_buf_str(&b, PQgetvalue(r, 0, 0));
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_events_histogram(struct request *rq)
{
	static const char *const params[] = { "filter", "buckets", NULL };
	const char *filter = uri_param(&rq->http->uri, "filter"),
		   *buckets = uri_param(&rq->http->uri, "buckets");
	struct list l = { 0 };
	struct bb_buf json = { 0 };
	struct bb_err err;
	uint64_t n;

	if (request_params(rq, params) != 0)
		return;
	if (buckets && bb_parse_u64(buckets, "buckets", 1, 400, &n, &err) != 0) {
		reply_invalid(rq, "?buckets", "%s", err.text);
	} else if (list_parse_filter(&l, filter ? filter : "", event_filters, &err) != 0 ||
		   event_filter_write(&l, &json, &err) != 0) {
		reply_invalid(rq, "?filter", "%s", err.text);
	} else {
		const char *value[] = { json.data, buckets ? buckets : "60", HISTOGRAM_BUDGET_MS };

		if (bb_pg_query(rq->w->report_pg,
			    "SELECT events_histogram($1::jsonb, $2::int, $3::int)", 3, value, NULL,
			    NULL, on_histogram, rq) != 0)
			reply_no_database(rq, rq->w->read_reason);
	}
	bb_buf_fini(&json);
}
