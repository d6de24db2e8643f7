// SPDX-License-Identifier: Apache-2.0
/* The event log as a file: the pages of the list one after the other, the next one asked for when the
 * client has taken most of the last. What cannot be finished is cut off, never ended in order. */
#include <stdlib.h>
#include <string.h>

#include "webd/event_filter.h"
#include "webd/event_row.h"
#include "webd/handlers.h"
#include "webd/list.h"
#include "webd/webd.h"

#define ROWS        "2000"
#define BUDGET_MS   "500"
#define UNREAD_MAX  (256u << 10)
#define LOOK_MS     20
#define EXPORTS_MAX 4 /* they share one connection to PostgreSQL */

struct export
{
	struct webd *w;
	struct request *rq;     /* until the first page is there */
	struct http_stream *st; /* afterwards; NULL when the client is gone */
	struct bb_watch *look;
	struct bb_buf filter;
	bool is_csv, is_newest_first, is_asking;
	bool has_rows;                         /* one was written */
	char at_us[24], jseq[24], journal[72]; /* the place it has come to */
	bool has_place;
};

static void ask(void *arg);

static void export_free(struct export *e)
{
	bb_loop_cancel(e->look);
	bb_buf_fini(&e->filter);
	e->w->n_exports--;
	free(e);
}

static void on_client_gone(void *arg)
{
	struct export *e = arg;

	e->st = NULL;
	if (!e->is_asking)
		export_free(e);
}

static void set_place(struct export *e, struct event_place place)
{
	bb_copy(e->at_us, sizeof(e->at_us), place.at_us);
	bb_copy(e->jseq, sizeof(e->jseq), place.jseq);
	bb_copy(e->journal, sizeof(e->journal), place.journal);
	e->has_place = true;
}

static void send(struct export *e, const struct bb_buf *b)
{
	struct http_frame *f = http_frame_new(b->data, b->len);

	if (b->len)
		http_stream_send(e->st, f);
	http_frame_unref(f);
}

static void write_rows(struct export *e, const PGresult *r, int n, struct bb_buf *out)
{
	for (int i = 0; i < n; i++) {
		struct bb_json j = { .out = out };

		if (e->is_csv) {
			event_write_csv(out, r, i);
		} else {
			bb_buf_str(out, e->has_rows ? ",\n" : "");
			event_write_json(&j, r, i);
		}
		e->has_rows = true;
	}
}

static void start(struct export *e, struct bb_buf *out)
{
	struct http_req *http = e->rq->http;

	http_set_header(http, "Content-Disposition",
		e->is_csv ? "attachment; filename=\"busbar-events.csv\""
			  : "attachment; filename=\"busbar-events.json\"");
	e->st = http_stream_start(http, e->is_csv ? "text/csv; charset=utf-8" : "application/json",
		on_client_gone, e);
	e->rq = NULL;
	if (e->is_csv)
		event_write_csv_names(out);
	else
		bb_buf_str(out, "[");
}

static void fail(struct export *e, const char *error, const char *sqlstate)
{
	if (e->rq && strcmp(sqlstate, "BB400") == 0)
		reply_invalid(e->rq, "?filter", "%s", error);
	else if (e->rq)
		reply_no_database(e->rq, error);
	else if (e->st)
		http_stream_abort(e->st);
	export_free(e);
}

static void on_page(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct export *e = arg;
	struct bb_buf out = { 0 };
	int n = r ? PQntuples(r) : 0;

	e->is_asking = false;
	if (!r || (!e->rq && !e->st)) {
		fail(e, error, sqlstate);
		return;
	}
	bool is_cut = n > 0 && event_is_mark(r, n - 1), is_full = n == atoi(ROWS);

	if (!e->st)
		start(e, &out);
	write_rows(e, r, n - (is_cut ? 1 : 0), &out);
	if (n > 0)
		set_place(e, event_place_of(r, n - 1));
	if (!is_cut && !is_full && !e->is_csv)
		bb_buf_str(&out, "]\n");
	send(e, &out);
	bb_buf_fini(&out);
	if (is_cut || is_full) {
		e->look = bb_loop_after(e->w->loop, 0, ask, e);
	} else {
		http_stream_end(e->st);
		export_free(e);
	}
}

static void ask(void *arg)
{
	struct export *e = arg;
	const char *value[] = { e->filter.data, e->is_newest_first ? "true" : "false",
		e->has_place ? e->at_us : NULL, e->has_place ? e->jseq : NULL,
		e->has_place ? e->journal : NULL, ROWS, BUDGET_MS };

	e->look = NULL;
	if (e->st && !http_stream_check(e->st))
		return; /* on_client_gone() has freed it */
	if (e->st && http_stream_unread(e->st) > UNREAD_MAX) {
		e->look = bb_loop_after(e->w->loop, LOOK_MS, ask, e);
		return;
	}
	e->is_asking = true;
	if (bb_pg_query(e->w->report_pg, event_page_sql, 7, value, NULL, NULL, on_page, e) != 0) {
		e->is_asking = false;
		fail(e, e->w->read_reason, "");
	}
}

/* The parameters into e; -1 after answering. */
static int read_params(struct request *rq, struct export *e)
{
	static const char *const params[] = { "filter", "format", "sort", NULL };
	const struct uri *u = &rq->http->uri;
	const char *filter = uri_param(u, "filter"), *format = uri_param(u, "format"),
		   *sort = uri_param(u, "sort");
	struct list l = { 0 };
	struct bb_err err;

	if (request_params(rq, params) != 0)
		return -1;
	e->is_csv = !format || strcmp(format, "csv") == 0;
	e->is_newest_first = !sort || strcmp(sort, "-at") == 0;
	if (!e->is_csv && strcmp(format, "json") != 0) {
		reply_invalid(rq, "?format", "there is no format \"%s\"; it is csv or json",
			format);
		return -1;
	}
	if (!e->is_newest_first && strcmp(sort, "at") != 0) {
		reply_invalid(rq, "?sort", "lists here are not sorted by \"%s\"", sort);
		return -1;
	}
	if (list_parse_filter(&l, filter ? filter : "", event_filters, &err) != 0 ||
		event_filter_write(&l, &e->filter, &err) != 0) {
		reply_invalid(rq, "?filter", "%s", err.text);
		return -1;
	}
	return 0;
}

void api_events_export(struct request *rq)
{
	struct export *e = bb_calloc(1, sizeof(*e));

	e->w = rq->w;
	e->w->n_exports++;
	e->rq = rq;
	if (read_params(rq, e) != 0) {
		export_free(e);
	} else if (e->w->n_exports > EXPORTS_MAX) {
		reply_rate_limited(rq, 10);
		export_free(e);
	} else {
		ask(e);
	}
}
