// SPDX-License-Identifier: Apache-2.0
/* The event log, from PostgreSQL page by page. SQL holds placeholders only; every value is a
 * parameter. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "webd/handlers.h"
#include "webd/list.h"
#include "webd/model_json.h"
#include "webd/webd.h"

#define PARAMS_MAX 40

struct query {
	struct bb_buf sql;
	const char *value[PARAMS_MAX];
	int n;
	struct list list;
};

enum column {
	C_AT,
	C_AT_US,
	C_JSEQ,
	C_JOURNAL,
	C_DEVICE,
	C_DEVICE_ID,
	C_RULE,
	C_SUBJECT,
	C_KIND,
	C_FROM,
	C_TO,
	C_SEVERITY,
	C_USER,
	C_COMMENT,
	C_TEXT,
	C_ALARM,
	C_TEST,
	C_SOURCE,
	C_SOURCE_AT,
	C_COUNT,
};
// clang-format off
#define COLUMNS \
	"to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), " \
	"(extract(epoch FROM at) * 1000000)::bigint, jseq, encode(journal_id, 'hex'), device, device_id, rule, " \
	"subject, kind, alarm_state_name(from_state), alarm_state_name(to_state), severity_name(severity), " \
	"user_name, comment, text, alarm_id, test, source, " \
	"to_char(source_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), count"
// clang-format on

static void add_param(struct query *q, const char *before, const char *value, const char *after)
{
	bb_assert(q->n < PARAMS_MAX);
	q->value[q->n++] = value;
	bb_buf_printf(&q->sql, "%s$%d%s", before, q->n, after);
}

static void add_any(struct query *q, const char *name, const char *column)
{
	const struct list_term *t = list_term(&q->list, name);

	if (!t)
		return;
	bb_buf_printf(&q->sql, " AND %s IN (", column);
	for (size_t i = 0; i < t->n_values; i++)
		add_param(q, i ? ", " : "", t->value[i], "");
	bb_buf_str(&q->sql, ")");
}

/* Names become the numbers of the table. */
static int add_number(struct request *rq, struct query *q, const char *name, const char *column,
	int (*parse)(const char *))
{
	const struct list_term *t = list_term(&q->list, name);

	if (!t)
		return 0;
	bb_buf_printf(&q->sql, " AND %s IN (", column);
	for (size_t i = 0; i < t->n_values; i++) {
		int n = parse(t->value[i]);

		if (n < 0) {
			reply_invalid(rq, "?filter", "filter \"%s\" does not know \"%s\"", name,
				t->value[i]);
			return -1;
		}
		bb_buf_printf(&q->sql, "%s%d", i ? ", " : "", n);
	}
	bb_buf_str(&q->sql, ")");
	return 0;
}

static int add_time(struct request *rq, struct query *q, const char *name, const char *before)
{
	const struct list_term *t = list_term(&q->list, name);
	uint64_t us;

	if (!t)
		return 0;
	if (t->n_values != 1 || bb_clock_parse_rfc3339(t->value[0], &us) != 0) {
		reply_invalid(rq, "?filter",
			"filter \"%s\" takes one time such as 2026-11-21T07:40:00Z", name);
		return -1;
	}
	add_param(q, before, t->value[0], "::timestamptz");
	return 0;
}

static void add_sites(struct request *rq, struct query *q)
{
	const struct list_term *t = list_term(&q->list, "site");

	if (!t)
		return;
	bb_buf_str(&q->sql, " AND (false");
	for (size_t i = 0; i < t->n_values; i++)
		add_param(q, " OR starts_with(device, ",
			bb_arena_printf(rq->http->arena, "%s/", t->value[i]), ")");
	bb_buf_str(&q->sql, ")");
}

static int build(struct request *rq, struct query *q)
{
	bool is_newest_first = q->list.sort[0] == '-';
	const char *order = is_newest_first ? "DESC" : "ASC";
	char limit[12];

	bb_buf_str(&q->sql, "SELECT " COLUMNS " FROM events WHERE true");
	add_any(q, "device", "device");
	add_any(q, "rule", "rule");
	add_any(q, "kind", "kind");
	add_sites(rq, q);
	if (add_number(rq, q, "severity", "severity", bb_severity_parse) != 0 ||
		add_number(rq, q, "to", "to_state", bb_alarm_state_parse) != 0 ||
		add_time(rq, q, "since", " AND at >= ") != 0 ||
		add_time(rq, q, "until", " AND at < ") != 0)
		return -1;
	if (q->list.n_cursor == 3) {
		bb_buf_printf(&q->sql, " AND (at, jseq, journal_id) %s (",
			is_newest_first ? "<" : ">");
		add_param(q, "'epoch'::timestamptz + ", q->list.cursor[0],
			"::bigint * interval '1 microsecond', ");
		add_param(q, "", q->list.cursor[1], "::bigint, ");
		add_param(q, "decode(", q->list.cursor[2], ", 'hex'))");
	}
	snprintf(limit, sizeof(limit), "%u", q->list.limit + 1);
	bb_buf_printf(&q->sql, " ORDER BY at %s, jseq %s, journal_id %s LIMIT ", order, order,
		order);
	add_param(q, "", bb_arena_strdup(rq->http->arena, limit), "");
	return 0;
}

static const char *cell(PGresult *r, int row, enum column c)
{
	return PQgetisnull(r, row, c) ? NULL : PQgetvalue(r, row, c);
}

static void write_event(struct bb_json *j, PGresult *r, int row)
{
	bb_json_obj(j, NULL);
	bb_json_raw(j, "jseq", cell(r, row, C_JSEQ));
	bb_json_str(j, "at", cell(r, row, C_AT));
	bb_json_str(j, "device", cell(r, row, C_DEVICE));
	bb_json_str(j, "device_id", cell(r, row, C_DEVICE_ID));
	bb_json_str(j, "rule", cell(r, row, C_RULE));
	bb_json_str(j, "subject", cell(r, row, C_SUBJECT));
	bb_json_str(j, "kind", cell(r, row, C_KIND));
	bb_json_str(j, "from", cell(r, row, C_FROM));
	bb_json_str(j, "to", cell(r, row, C_TO));
	bb_json_str(j, "severity", cell(r, row, C_SEVERITY));
	json_str_or_null(j, "user", cell(r, row, C_USER));
	json_str_or_null(j, "comment", cell(r, row, C_COMMENT));
	json_str_or_null(j, "text", cell(r, row, C_TEXT));
	bb_json_str(j, "alarm_id", cell(r, row, C_ALARM));
	bb_json_bool(j, "test", PQgetvalue(r, row, C_TEST)[0] == 't');
	json_str_or_null(j, "source", cell(r, row, C_SOURCE));
	json_str_or_null(j, "source_at", cell(r, row, C_SOURCE_AT));
	bb_json_raw(j, "count", cell(r, row, C_COUNT) ? cell(r, row, C_COUNT) : "1");
	bb_json_end_obj(j);
}

static void on_events(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct request *rq = arg;
	const struct query *q = rq->ctx;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	int n = r ? PQntuples(r) : 0, shown = n > (int)q->list.limit ? (int)q->list.limit : n;
	char cursor[LIST_TEXT];

	if (!r) {
		reply_no_database(rq, error);
		return;
	}
	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (int i = 0; i < shown; i++)
		write_event(&j, r, i);
	bb_json_end_arr(&j);
	if (n > shown) {
		const char *part[] = { cell(r, shown - 1, C_AT_US), cell(r, shown - 1, C_JSEQ),
			cell(r, shown - 1, C_JOURNAL) };

		list_cursor_make(cursor, sizeof(cursor), q->list.sort, part, 3);
	}
	bb_json_str(&j, "next", n > shown ? cursor : NULL);
	bb_json_null(&j, "prev");
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
	return l->n_cursor == 3 && bb_parse_u64(l->cursor[0], "at", 0, INT64_MAX, &n, NULL) == 0 &&
	       bb_parse_u64(l->cursor[1], "jseq", 0, INT64_MAX, &n, NULL) == 0 &&
	       bb_unhex(id, sizeof(id), l->cursor[2]) >= 0;
}

void api_events(struct request *rq)
{
	static const char *const filters[] = { "device", "site", "severity", "rule", "kind", "to",
		"since", "until", NULL };
	static const char *const sorts[] = { "-at", "at", NULL };
	struct query *q = bb_arena_alloc(rq->http->arena, sizeof(*q));
	size_t n = 0;

	rq->ctx = q;
	if (list_read(rq, &q->list, filters, sorts) != 0)
		return;
	for (size_t i = 0; i < q->list.n_terms; i++)
		n += q->list.term[i].n_values;
	if (n > PARAMS_MAX - 8) {
		reply_invalid(rq, "?filter", "the filter has too many values");
		return;
	}
	if (!cursor_fits(&q->list)) {
		reply_invalid(rq, "?cursor", "the cursor is not one of ours");
		return;
	}
	if (build(rq, q) == 0 && bb_pg_query(rq->w->read_pg, q->sql.data, q->n, q->value, NULL,
					 NULL, on_events, rq) != 0)
		reply_no_database(rq, rq->w->read_reason);
	bb_buf_fini(&q->sql);
}
