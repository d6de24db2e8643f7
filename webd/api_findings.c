// SPDX-License-Identifier: Apache-2.0
/* What seems implausible: findings as the collectors tell them, and what people decided about them. A decision is a correction
 * of the device; its collector applies it, and the finding ends. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/model_json.h"
#include "webd/webd.h"

#define FINDINGS_SHOWN 1000

/* "<device>~<kind>~<point>": the same finding has the same id for as long as it stands. */
static void finding_id(char *out, size_t cap, const struct model_device *d,
	const struct model_finding *f)
{
	snprintf(out, cap, "%" PRIu64 "~%s~%s", d->id, f->kind, f->point);
}

static void json_finding(struct bb_json *j, const struct model_device *d,
	const struct model_finding *f)
{
	char id[200];

	finding_id(id, sizeof(id), d, f);
	bb_json_obj(j, NULL);
	bb_json_str(j, "id", id);
	json_id(j, "device_id", d->id);
	bb_json_str(j, "key", d->key);
	bb_json_str(j, "point", f->point);
	bb_json_str(j, "kind", f->kind);
	bb_json_str(j, "text", f->text);
	bb_json_num(j, "value", f->value);
	if (f->factor != 0) {
		bb_json_obj(j, "suggestion");
		bb_json_num(j, "factor", f->factor);
		bb_json_end_obj(j);
	} else {
		bb_json_null(j, "suggestion");
	}
	bb_json_time(j, "first_at", f->first_unix_ms * 1000);
	bb_json_end_obj(j);
}

static void show_findings(struct request *rq)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct model_device **list;
	size_t n, shown = 0, all = 0;

	list = model_devices(rq->w->model, &n);
	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < list[i]->n_findings; k++, all++) {
			if (shown == FINDINGS_SHOWN)
				continue;
			json_finding(&j, list[i], &list[i]->finding[k]);
			shown++;
		}
	}
	bb_json_end_arr(&j);
	bb_json_int(&j, "total", (int64_t)all);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_findings(struct request *rq)
{
	readings_need(rq->w->readings, rq, show_findings);
}

static const struct model_finding *finding_find(const struct request *rq)
{
	const struct model_device *d = model_device(rq->w->model, strtoull(rq->param, NULL, 10));
	char id[200];

	for (size_t i = 0; d && i < d->n_findings; i++) {
		finding_id(id, sizeof(id), d, &d->finding[i]);
		if (!strcmp(id, rq->param))
			return &d->finding[i];
	}
	return NULL;
}

static void confirm_finding(struct request *rq)
{
	struct {
		bool accept;
	} in = { false };
	static const struct field fields[] = {
		{ "accept", FIELD_BOOL, true, 0, 0, 0 },
		FIELD_END,
	};
	const struct model_finding *f = finding_find(rq);
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char device[24];

	if (request_fields(rq, fields, &in) < 0)
		return;
	if (!f) {
		reply_problem(rq, PROBLEM_NOT_FOUND,
			"there is no such finding any more: the value is plausible again, or somebody judged it");
		return;
	}
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "point", f->point);
	bb_json_str(&j, "kind", f->kind);
	bb_json_num(&j, "factor", in.accept ? f->factor : 0);
	bb_json_num(&j, "value", f->value);
	bb_json_str(&j, "text", f->text);
	bb_json_end_obj(&j);
	snprintf(device, sizeof(device), "%" PRIu64, (uint64_t)strtoull(rq->param, NULL, 10));
	const char *values[] = { device, bb_arena_strdup(rq->http->arena, (const char *)b.data),
		rq->who.user, rq->who.source };
	bb_buf_fini(&b);
	change_run(rq, "SELECT correction_put($1, $2, $3, $4)", 4, values, change_reply_empty);
}

void api_finding_confirm(struct request *rq)
{
	readings_need(rq->w->readings, rq, confirm_finding);
}

void api_corrections(struct request *rq)
{
	change_read(rq, "SELECT corrections()", 0, NULL, change_reply_items);
}

void api_correction_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) < 0) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no correction with this id");
		return;
	}
	change_run(rq, "SELECT correction_remove($1, $2, $3)", 3, values, change_reply_empty);
}
