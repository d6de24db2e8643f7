// SPDX-License-Identifier: Apache-2.0
#include "webd/event_row.h"

#include <string.h>

#include "webd/model_json.h"

enum form { RAW, TEXT, TEXT_OR_NULL, BOOL };

#define TIME_TEXT(column)                                                                          \
	"to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

static const struct {
	const char *name;
	enum form form;
} columns[] = {
	{ "jseq", RAW },
	{ "at", TEXT },
	{ "device", TEXT },
	{ "device_id", TEXT },
	{ "rule", TEXT },
	{ "subject", TEXT },
	{ "kind", TEXT },
	{ "from", TEXT },
	{ "to", TEXT },
	{ "severity", TEXT },
	{ "user", TEXT_OR_NULL },
	{ "comment", TEXT_OR_NULL },
	{ "text", TEXT_OR_NULL },
	{ "alarm_id", TEXT },
	{ "test", BOOL },
	{ "source", TEXT_OR_NULL },
	{ "source_at", TEXT_OR_NULL },
	{ "count", RAW },
	{ "time_unsynced", BOOL },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))
enum { C_JSEQ = 0, C_AT = 1, C_KIND = 6, C_AT_US = N_COLUMNS, C_JOURNAL };

// clang-format off
const char event_page_sql[] =
	"SELECT jseq, " TIME_TEXT("at") ", device, device_id, rule, subject, kind, alarm_state_name(from_state), alarm_state_name(to_state), "
	"severity_name(severity), user_name, comment, text, alarm_id, test, source, " TIME_TEXT("source_at") ", coalesce(count, 1), coalesce(marks, 0) & 16 <> 0, "
	"(extract(epoch FROM at) * 1000000)::bigint, encode(journal_id, 'hex') "
	"FROM events_page($1::jsonb, $2::boolean, 'epoch'::timestamptz + $3::bigint * interval '1 microsecond', $4::bigint, decode($5, 'hex'), "
	"$6::int, $7::int)";
// clang-format on

static const char *cell(const PGresult *r, int row, int c)
{
	return PQgetisnull(r, row, c) ? NULL : PQgetvalue(r, row, c);
}

struct event_place event_place_of(const PGresult *r, int row)
{
	return (struct event_place){ cell(r, row, C_AT_US), cell(r, row, C_JSEQ),
		cell(r, row, C_JOURNAL) };
}

bool event_is_mark(const PGresult *r, int row)
{
	return cell(r, row, C_KIND) == NULL;
}

const char *event_at(const PGresult *r, int row)
{
	return cell(r, row, C_AT);
}

void event_write_json(struct bb_json *j, const PGresult *r, int row)
{
	bb_json_obj(j, NULL);
	for (int c = 0; c < (int)N_COLUMNS; c++) {
		const char *v = cell(r, row, c);

		switch (columns[c].form) {
		case RAW: bb_json_raw(j, columns[c].name, v); break;
		case TEXT: bb_json_str(j, columns[c].name, v ? v : ""); break;
		case TEXT_OR_NULL: json_str_or_null(j, columns[c].name, v); break;
		case BOOL: bb_json_bool(j, columns[c].name, v && v[0] == 't'); break;
		}
	}
	bb_json_end_obj(j);
}

void event_csv_cell(struct bb_buf *out, const char *text)
{
	bool is_formula = *text && strchr("=+-@\t\r", *text) != NULL;
	bool is_quoted = is_formula || strpbrk(text, ",\"\r\n") != NULL;

	if (is_quoted)
		bb_buf_str(out, "\"");
	if (is_formula)
		bb_buf_str(out, "'");
	for (const char *p = text; is_quoted && *p;) {
		size_t n = strcspn(p, "\"");

		bb_buf_add(out, p, n);
		p += n;
		if (*p == '"') {
			bb_buf_str(out, "\"\"");
			p++;
		}
	}
	bb_buf_str(out, is_quoted ? "\"" : text);
}

void event_write_csv_names(struct bb_buf *out)
{
	for (size_t c = 0; c < N_COLUMNS; c++)
		bb_buf_printf(out, "%s%s", c ? "," : "", columns[c].name);
	bb_buf_str(out, "\r\n");
}

void event_write_csv(struct bb_buf *out, const PGresult *r, int row)
{
	for (int c = 0; c < (int)N_COLUMNS; c++) {
		const char *v = cell(r, row, c);

		bb_buf_str(out, c ? "," : "");
		if (columns[c].form == BOOL)
			bb_buf_str(out, v && v[0] == 't' ? "true" : "false");
		else
			event_csv_cell(out, v ? v : "");
	}
	bb_buf_str(out, "\r\n");
}
