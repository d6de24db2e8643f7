// SPDX-License-Identifier: Apache-2.0
#include "alarmd/project_row.h"

#include <stdlib.h>
#include <string.h>

#include "common/logrow.h"

static void put_us(struct bb_json *j, const char *name, uint64_t us)
{
	if (us)
		bb_json_int(j, name, (int64_t)us);
}

static void put_text(struct bb_json *j, const char *name, const char *text)
{
	if (text && text[0])
		bb_json_str(j, name, text);
}

static void put_bytes(struct bb_json *j, const char *name, const void *data, size_t len)
{
	char *hex = bb_malloc(2 * len + 3);

	memcpy(hex, "\\x", 2);
	bb_hex(hex + 2, data, len);
	bb_json_str(j, name, hex);
	free(hex);
}

void project_row_write(struct bb_json *j, struct bb_arena *arena, const struct bb_record *r,
	const Busbar__V1__Transition *t)
{
	const Busbar__V1__Alarm *a = t->alarm;
	struct bb_logrow row;
	size_t len;

	bb_logrow_of(t, &row);
	bb_json_obj(j, NULL);
	bb_json_int(j, "jseq", (int64_t)row.jseq);
	bb_json_int(j, "at", (int64_t)row.at_us);
	bb_json_int(j, "site_id", (int64_t)row.site_id);
	bb_json_int(j, "device_id", (int64_t)row.device_id);
	bb_json_str(j, "device", row.device);
	bb_json_str(j, "alarm_id", row.alarm_id);
	bb_json_str(j, "rule", row.rule);
	bb_json_str(j, "subject", row.subject);
	bb_json_str(j, "kind", row.kind);
	bb_json_int(j, "from_state", row.from_state);
	bb_json_int(j, "to_state", row.to_state);
	bb_json_int(j, "severity", row.severity);
	put_text(j, "user_name", row.user_name);
	put_text(j, "comment", row.comment);
	put_text(j, "text", row.text);
	if (row.has_value)
		bb_json_num(j, "value", row.value);
	put_text(j, "unit", row.unit);
	bb_json_bool(j, "test", row.test);
	bb_json_bool(j, "clock_step", row.clock_step);
	put_text(j, "source", row.source);
	put_us(j, "source_at", row.source_at_us);
	if (row.count)
		bb_json_int(j, "count", row.count);
	bb_json_int(j, "marks", row.marks);
	put_bytes(j, "chain", r->chain, sizeof(r->chain));
	const uint8_t *rest = bb_logrow_rest(arena, r->data, r->len, &len);
	put_bytes(j, "rest", rest, len);
	bb_json_int(j, "episode", (int64_t)a->episode);
	bb_json_int(j, "raised", (int64_t)a->raised_unix_us);
	put_us(j, "cleared", a->cleared_unix_us);
	put_us(j, "acked", a->acked_unix_us);
	put_text(j, "acked_by", a->user);
	put_text(j, "acked_comment", a->comment);
	bb_json_end_obj(j);
}

void project_row_read(const PGresult *res, int n, Busbar__V1__Alarm *a)
{
	const char *v[17];

	for (int i = 0; i < 17; i++)
		v[i] = PQgetisnull(res, n, i) ? NULL : PQgetvalue(res, n, i);
	busbar__v1__alarm__init(a);
	a->id = (char *)(uintptr_t)v[0];
	a->has_site_id = a->has_device_id = a->has_episode = a->has_severity = a->has_state = 1;
	a->site_id = strtoull(v[1], NULL, 10);
	a->device_id = strtoull(v[2], NULL, 10);
	a->key = (char *)(uintptr_t)v[3];
	a->rule = (char *)(uintptr_t)v[4];
	a->subject = (char *)(uintptr_t)v[5];
	a->episode = strtoull(v[6], NULL, 10);
	a->severity = (uint32_t)strtoul(v[7], NULL, 10);
	a->state = (uint32_t)strtoul(v[8], NULL, 10);
	a->has_raised_unix_us = v[9] != NULL;
	a->raised_unix_us = v[9] ? strtoull(v[9], NULL, 10) : 0;
	a->has_cleared_unix_us = v[10] != NULL;
	a->cleared_unix_us = v[10] ? strtoull(v[10], NULL, 10) : 0;
	a->has_acked_unix_us = v[11] != NULL;
	a->acked_unix_us = v[11] ? strtoull(v[11], NULL, 10) : 0;
	a->user = (char *)(uintptr_t)v[12];
	a->comment = (char *)(uintptr_t)v[13];
	a->text = (char *)(uintptr_t)v[14];
	a->has_value = v[15] != NULL;
	a->value = v[15] ? strtod(v[15], NULL) : 0;
	a->unit = (char *)(uintptr_t)v[16];
}
