// SPDX-License-Identifier: Apache-2.0
/* Test alarms, made by alarmd. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "webd/handlers.h"
#include "webd/webd.h"

struct trial_input {
	const char *device, *site, *severity, *text;
	int64_t seconds;
};
static const struct field trial_fields[] = {
	{ "device", FIELD_STR, false, offsetof(struct trial_input, device), 1, 200 },
	{ "site", FIELD_STR, false, offsetof(struct trial_input, site), 1, 200 },
	{ "severity", FIELD_STR, true, offsetof(struct trial_input, severity), 1, 20 },
	{ "text", FIELD_STR, false, offsetof(struct trial_input, text), 0, 200 },
	{ "seconds", FIELD_INT, false, offsetof(struct trial_input, seconds), 1, 3600 },
	FIELD_END,
};

static void on_answer(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	const Busbar__V1__ItemResult *item = reply->n_item ? reply->item[0] : NULL;
	unsigned code = item ? item->code : reply->code;
	const char *text = item ? item->text : reply->text;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED) {
		reply_problem(rq, PROBLEM_CONFLICT, "%s", text);
	} else if (code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "%s", text);
	} else if (!item) {
		reply_problem(rq, PROBLEM_UNAVAILABLE, "%s",
			text && *text ? text : "alarmd does not answer");
	} else {
		bb_json_obj(&j, NULL);
		bb_json_str(&j, "id", item->id);
		bb_json_str(&j, "text", text);
		bb_json_end_obj(&j);
		reply_json(rq, 200, &b);
	}
	bb_buf_fini(&b);
}

/* By key or by id. */
static const struct model_device *device_of(const struct webd *w, const char *name)
{
	const struct model_device *d = model_device_by_key(w->model, name);
	uint64_t id;

	if (!d && bb_parse_u64(name, "id", 1, INT64_MAX, &id, NULL) == 0)
		d = model_device(w->model, id);
	return d && d->is_configured ? d : NULL;
}

void api_alarms_test(struct request *rq)
{
	struct trial_input in = { .text = "", .seconds = 60 };
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	const struct model_device *d = NULL;
	char id[24] = "0", seconds[24];

	if (request_fields(rq, trial_fields, &in) != 0)
		return;
	int severity = bb_severity_parse(in.severity);
	if (severity < 1 || severity > 5) {
		reply_invalid(rq, "/severity",
			"a severity is critical, major, unknown, minor or info");
		return;
	}
	if (!in.device == !in.site) {
		reply_invalid(rq, "/device", "name a device or a site");
		return;
	}
	if (in.device && !(d = device_of(rq->w, in.device))) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device \"%s\"", in.device);
		return;
	}
	snprintf(id, sizeof(id), "%" PRIu64, d ? d->id : 0);
	snprintf(seconds, sizeof(seconds), "%" PRId64, in.seconds);
	char *names[] = { "severity", "seconds", "text", d ? "device_id" : "site" };
	char *values[] = { (char *)(uintptr_t)in.severity, seconds, (char *)(uintptr_t)in.text,
		d ? id : (char *)(uintptr_t)in.site };
	c.verb = "test";
	c.user = rq->who.user;
	c.n_arg_name = c.n_arg = 4;
	c.arg_name = names;
	c.arg = values;
	rq->who.session = NULL; /* may end while alarmd works */
	bb_cmd_send(rq->w->commands, "alarmd", &c, on_answer, rq);
}
