// SPDX-License-Identifier: Apache-2.0
/* POST /rules:preview: what a rule would have done. */
#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "webd/handlers.h"
#include "webd/preview.h"
#include "webd/rule_input.h"
#include "webd/webd.h"

#define DAY_US UINT64_C(86400000000)

struct preview_input {
	const char *from, *to;
};
static const struct field preview_fields[] = {
	{ "from", FIELD_STR, true, offsetof(struct preview_input, from), 1, 40 },
	{ "to", FIELD_STR, true, offsetof(struct preview_input, to), 1, 40 },
	FIELD_END,
};

static void write_devices(struct bb_json *j, const struct preview_result *r)
{
	bb_json_arr(j, "by_device");
	for (size_t i = 0; i < r->n_devices; i++) {
		if (!r->device[i].raises)
			continue;
		bb_json_obj(j, NULL);
		bb_json_str(j, "key", r->device[i].key);
		bb_json_int(j, "raises", (int64_t)r->device[i].raises);
		bb_json_num(j, "seconds", (double)(r->device[i].alarm_us / 1000000));
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
}

static void write_days(struct bb_json *j, const struct preview_question *q,
	const struct preview_result *r)
{
	char at[32];

	bb_json_arr(j, "by_day");
	for (uint64_t day = 0; q->from_us + day * DAY_US < q->to_us && day <= PREVIEW_DAYS_MAX;
		day++) {
		bb_clock_rfc3339(q->from_us + day * DAY_US, at);
		at[10] = '\0';
		bb_json_obj(j, NULL);
		bb_json_str(j, "day", at);
		bb_json_int(j, "raises", (int64_t)r->day_raises[day]);
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
}

static void on_preview(void *arg, const struct preview_question *q, const struct preview_result *r)
{
	struct request *rq = arg;
	struct webd *w = rq->w;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	size_t asked = 0;
	char note[200] = "";

	for (size_t i = 0; i < r->n_devices; i++)
		asked += r->device[i].is_asked;
	if (!r->is_complete)
		snprintf(note, sizeof(note),
			"stopped after %d s of work: %zu of %zu devices were looked at to the end",
			PREVIEW_WORK_MS / 1000, r->done, r->n_devices);
	else if (preview_is_of_flags(q->def))
		snprintf(note, sizeof(note),
			"of flags only that is stored what became an alarm: %s",
			r->samples ? "when they stood is taken from there"
				   : "none did, or no rule looked at them");
	else if (!r->samples)
		snprintf(note, sizeof(note), "nothing is stored of this point in that time");
	bb_json_obj(&j, NULL);
	bb_json_int(&j, "devices", (int64_t)asked);
	bb_json_int(&j, "samples", (int64_t)r->samples);
	bb_json_int(&j, "raises", (int64_t)r->raises);
	bb_json_num(&j, "alarm_seconds", (double)(r->alarm_us / 1000000));
	bb_json_bool(&j, "complete", r->is_complete);
	write_devices(&j, r);
	write_days(&j, q, r);
	bb_json_str(&j, "note", note);
	bb_json_end_obj(&j);
	if (*r->error)
		reply_no_database(rq, r->error);
	else
		reply_json(rq, 200, &b);
	bb_buf_fini(&b);
	preview_free(w->preview);
	w->preview = NULL;
}

void api_rule_preview(struct request *rq)
{
	struct preview_input in = { 0 };
	struct preview_question q = { .conninfo = rq->w->set.database };
	json_t *rule = json_incref(json_object_get(rq->body, "rule"));
	int rc;

	json_object_del(rq->body, "rule");
	rc = request_fields(rq, preview_fields, &in);
	q.def = rc == 0 ? rule_input(rq, rule, "/rule") : NULL;
	json_decref(rule);
	if (!q.def)
		return;
	const char *why = preview_refusal(q.def);
	if (why) {
		reply_invalid(rq, "/rule", "%s", why);
		return;
	}
	if (bb_clock_parse_rfc3339(in.from, &q.from_us) != 0 ||
		bb_clock_parse_rfc3339(in.to, &q.to_us) != 0 || q.from_us >= q.to_us ||
		q.to_us - q.from_us > PREVIEW_DAYS_MAX * DAY_US) {
		reply_invalid(rq, "/from",
			"`from` and `to` must be times such as 2026-11-21T07:40:00Z, at most %d days apart",
			PREVIEW_DAYS_MAX);
		return;
	}
	if (rq->w->preview) {
		reply_rate_limited(rq, PREVIEW_WORK_MS / 1000);
		return;
	}
	rq->who.session = NULL; /* may end meanwhile */
	rq->w->preview = preview_start(rq->w->loop, &q, on_preview, rq);
}
