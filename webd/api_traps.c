// SPDX-License-Identifier: Apache-2.0
/* Traps: what the receiver counts, who it did not understand, and the windows in which a test is
 * expected. The first two are asked of collect-snmptrap each time, the last are configuration. */
#include <stdio.h>
#include <string.h>

#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/webd.h"
#include "webd/weekly_input.h"

#define RECEIVER "collect-snmptrap"

/* ---- what the receiver says ---- */

static void on_answer(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (reply->code != BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK || !reply->json ||
		!*reply->json) {
		reply_problem(rq, PROBLEM_UNAVAILABLE, "%s",
			reply->text && *reply->text ? reply->text : RECEIVER " does not answer");
		return;
	}
	bb_buf_str(&b, reply->json);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

static void ask(struct request *rq, const char *verb)
{
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;

	c.verb = (char *)(uintptr_t)verb;
	c.user = rq->who.user;
	bb_cmd_send(rq->w->commands, RECEIVER, &c, on_answer, rq);
}

void api_traps_unknown(struct request *rq)
{
	ask(rq, "unknown");
}

void api_traps_status(struct request *rq)
{
	ask(rq, "status");
}

/* ---- windows ---- */

struct window_input {
	const char *device_id, *key, *name, *at, *tz;
	json_t *days;
	int64_t minutes;
};
static const struct field window_fields[] = {
	{ "device_id", FIELD_STR, false, offsetof(struct window_input, device_id), 1, 20 },
	{ "key", FIELD_STR, false, offsetof(struct window_input, key), 1, 200 },
	{ "name", FIELD_STR, false, offsetof(struct window_input, name), 0, 80 },
	{ "days", FIELD_ARRAY, false, offsetof(struct window_input, days), 1, 7 },
	{ "at", FIELD_STR, true, offsetof(struct window_input, at), 5, 5 },
	{ "minutes", FIELD_INT, true, offsetof(struct window_input, minutes), 1, 720 },
	{ "tz", FIELD_STR, false, offsetof(struct window_input, tz), 1, 60 },
	FIELD_END,
};

void api_trap_windows(struct request *rq)
{
	change_read(rq, "SELECT trap_windows()", 0, NULL, change_reply_items);
}

static void on_added(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "{\"id\":\"%s\"}", PQgetvalue(r, 0, 0));
	reply_json(rq, 201, &b);
	bb_buf_fini(&b);
}

void api_trap_window_add(struct request *rq)
{
	struct window_input in = { .name = "", .tz = "UTC" };
	char days[12], minute[12], minutes[24];

	if (request_fields(rq, window_fields, &in) != 0)
		return;
	int at = weekly_minute_of(in.at), bits = weekly_days_of(in.days);
	if (at < 0 || bits < 0) {
		reply_invalid(rq, at < 0 ? "/at" : "/days", "%s",
			at < 0 ? "this is no time such as 02:00"
			       : "days are mon tue wed thu fri sat sun");
		return;
	}
	if (!in.key == !in.device_id) {
		reply_invalid(rq, "/key", "name the device by \"key\" or by \"device_id\"");
		return;
	}
	snprintf(days, sizeof(days), "%d", bits);
	snprintf(minute, sizeof(minute), "%d", at);
	snprintf(minutes, sizeof(minutes), "%lld", (long long)in.minutes);
	const char *values[] = { in.key ? in.key : in.device_id, in.name, days, minute, minutes,
		in.tz, rq->who.user, rq->who.source };
	change_run(rq,
		in.key ? "SELECT trap_window_add($1, $2, $3, $4, $5, $6, $7, $8)"
		       : "SELECT trap_window_add((SELECT key FROM device WHERE device_id::text = $1 AND removed_at IS NULL), "
			 "$2, $3, $4, $5, $6, $7, $8)",
		8, values, on_added);
}

void api_trap_window_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) != 0)
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no window with this id");
	else
		change_run(rq, "SELECT trap_window_remove($1, $2, $3)", 3, values,
			change_reply_empty);
}
