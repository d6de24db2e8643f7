// SPDX-License-Identifier: Apache-2.0
#include "alarmd/project_row.h"

#include <math.h>
#include <stdlib.h>

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

void project_row_write(struct bb_json *j, const Busbar__V1__Transition *t)
{
	const Busbar__V1__Alarm *a = t->alarm;

	bb_json_obj(j, NULL);
	bb_json_int(j, "jseq", (int64_t)t->jseq);
	bb_json_int(j, "at", (int64_t)t->at_unix_us);
	bb_json_int(j, "site_id", (int64_t)a->site_id);
	bb_json_int(j, "device_id", (int64_t)a->device_id);
	bb_json_str(j, "device", a->key ? a->key : "");
	bb_json_str(j, "alarm_id", a->id ? a->id : "");
	bb_json_str(j, "rule", a->rule ? a->rule : "");
	bb_json_str(j, "subject", a->subject ? a->subject : "");
	bb_json_str(j, "kind", t->kind ? t->kind : "");
	bb_json_int(j, "from_state", t->from);
	bb_json_int(j, "to_state", t->to);
	bb_json_int(j, "severity", a->severity);
	put_text(j, "user_name", t->user);
	put_text(j, "comment", t->comment);
	put_text(j, "text", a->text);
	if (a->has_value && isfinite(a->value))
		bb_json_num(j, "value", a->value);
	put_text(j, "unit", a->unit);
	bb_json_bool(j, "test", a->test);
	bb_json_bool(j, "clock_step", t->clock_step);
	if (t->feed && *t->feed) {
		put_text(j, "source", t->source);
		put_us(j, "source_at", t->event_unix_us);
		if (t->count > 1)
			bb_json_int(j, "count", t->count);
	}
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
