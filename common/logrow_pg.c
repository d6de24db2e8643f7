// SPDX-License-Identifier: Apache-2.0
#include "common/logrow_pg.h"

#include <stdlib.h>
#include <string.h>

#include "common/str.h"

#define TRANSITION 1 /* type of a record */

enum column {
	// clang-format off
	C_JSEQ, C_CHAIN, C_REST, C_RECORD, C_TYPE, C_AT, C_SITE_ID, C_DEVICE_ID, C_DEVICE, C_ALARM_ID,
	C_RULE, C_SUBJECT, C_KIND, C_FROM, C_TO, C_SEVERITY, C_USER, C_COMMENT, C_TEXT, C_VALUE, C_UNIT,
	C_TEST, C_CLOCK_STEP, C_SOURCE, C_SOURCE_AT, C_COUNT, C_RAISED, C_MARKS,
	// clang-format on
};
// clang-format off
#define MICROS(column) "(extract(epoch FROM " column ") * 1000000)::bigint"
const char bb_logrow_pg_sql[] =
	"SELECT jseq, encode(chain, 'hex'), encode(rest, 'hex'), NULL, NULL, " MICROS("at") ", site_id, device_id, device, alarm_id, rule, subject, kind, "
	"from_state, to_state, severity, user_name, comment, text, value, unit, test, clock_step, source, " MICROS("source_at") ", count, "
	MICROS("raised_at") ", marks FROM events WHERE journal_id = decode($1, 'hex') AND jseq > $2::bigint AND jseq <= $3::bigint "
	"UNION ALL SELECT jseq, encode(chain, 'hex'), NULL, encode(record, 'hex'), coalesce(type, 1), " MICROS("at") ", 0, 0, '', '', '', '', '', "
	"0, 0, 0, NULL, NULL, NULL, NULL, NULL, false, false, NULL, NULL, NULL, NULL, NULL "
	"FROM refused WHERE journal_id = decode($1, 'hex') AND jseq > $2::bigint AND jseq <= $3::bigint ORDER BY 1";
// clang-format on

static const char *cell(const PGresult *r, int row, enum column c)
{
	return PQgetisnull(r, row, c) ? NULL : PQgetvalue(r, row, c);
}

static uint64_t number(const PGresult *r, int row, enum column c)
{
	return PQgetisnull(r, row, c) ? 0 : strtoull(PQgetvalue(r, row, c), NULL, 10);
}

void bb_logrow_pg_columns(const PGresult *r, int row, struct bb_logrow *out)
{
	*out = (struct bb_logrow){
		.jseq = number(r, row, C_JSEQ),
		.at_us = number(r, row, C_AT),
		.site_id = number(r, row, C_SITE_ID),
		.device_id = number(r, row, C_DEVICE_ID),
		.device = cell(r, row, C_DEVICE),
		.alarm_id = cell(r, row, C_ALARM_ID),
		.rule = cell(r, row, C_RULE),
		.subject = cell(r, row, C_SUBJECT),
		.kind = cell(r, row, C_KIND),
		.from_state = (uint32_t)number(r, row, C_FROM),
		.to_state = (uint32_t)number(r, row, C_TO),
		.severity = (uint32_t)number(r, row, C_SEVERITY),
		.user_name = cell(r, row, C_USER),
		.comment = cell(r, row, C_COMMENT),
		.text = cell(r, row, C_TEXT),
		.unit = cell(r, row, C_UNIT),
		.source = cell(r, row, C_SOURCE),
		.has_value = cell(r, row, C_VALUE) != NULL,
		.test = PQgetvalue(r, row, C_TEST)[0] == 't',
		.clock_step = PQgetvalue(r, row, C_CLOCK_STEP)[0] == 't',
		.source_at_us = number(r, row, C_SOURCE_AT),
		.raised_us = number(r, row, C_RAISED),
		.count = (uint32_t)number(r, row, C_COUNT),
		.marks = cell(r, row, C_MARKS) ? (int)number(r, row, C_MARKS) : -1,
	};
	out->value = out->has_value ? strtod(cell(r, row, C_VALUE), NULL) : 0;
}

/* Bytes of a cell in hexadecimal; NULL when it is null. */
static uint8_t *bytes(struct bb_arena *a, const char *hex, size_t *len)
{
	uint8_t *out = hex ? bb_arena_alloc(a, strlen(hex) / 2 + 1) : NULL;
	int n = out ? bb_unhex(out, strlen(hex) / 2 + 1, hex) : -1;

	*len = n > 0 ? (size_t)n : 0;
	return n >= 0 ? out : NULL;
}

bool bb_logrow_pg_is_refused(const PGresult *r, int row)
{
	return cell(r, row, C_RECORD) != NULL;
}

const uint8_t *bb_logrow_pg_chain(struct bb_arena *a, const PGresult *r, int row, size_t *len)
{
	return bytes(a, cell(r, row, C_CHAIN), len);
}

int bb_logrow_pg_record(struct bb_arena *a, const PGresult *r, int row,
	const struct bb_logrow *columns, const uint8_t journal_id[16], struct bb_record *out,
	struct bb_err *err)
{
	const uint8_t *rest;
	size_t n;

	*out = (struct bb_record){ .jseq = columns->jseq, .type = TRANSITION };
	if (cell(r, row, C_TYPE))
		out->type = (uint32_t)number(r, row, C_TYPE);
	if (cell(r, row, C_RECORD)) {
		out->data = bytes(a, cell(r, row, C_RECORD), &out->len);
	} else {
		rest = bytes(a, cell(r, row, C_REST), &n);
		out->data = bb_logrow_record(a, columns, journal_id,
			rest ? rest : (const uint8_t *)"", rest ? n : 0, &out->len, err);
	}
	return out->data ? 0 : -1;
}
