// SPDX-License-Identifier: Apache-2.0
/* Maintenance windows: once, or every week. What they cover stands in `scope`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/webd.h"
#include "webd/weekly_input.h"

#define REASON_MAX 500

struct window_input {
	const char *name, *reason, *starts_at, *ends_at, *at, *tz;
	json_t *days;
	int64_t minutes;
};
static const struct field window_fields[] = {
	{ "name", FIELD_STR, true, offsetof(struct window_input, name), 1, 80 },
	{ "reason", FIELD_STR, true, offsetof(struct window_input, reason), 1, REASON_MAX },
	{ "starts_at", FIELD_STR, false, offsetof(struct window_input, starts_at), 1, 40 },
	{ "ends_at", FIELD_STR, false, offsetof(struct window_input, ends_at), 1, 40 },
	{ "days", FIELD_ARRAY, false, offsetof(struct window_input, days), 1, 7 },
	{ "at", FIELD_STR, false, offsetof(struct window_input, at), 5, 5 },
	{ "minutes", FIELD_INT, false, offsetof(struct window_input, minutes), 1, 4320 },
	{ "tz", FIELD_STR, false, offsetof(struct window_input, tz), 1, 60 },
	FIELD_END,
};

void api_maintenance(struct request *rq)
{
	change_read(rq, "SELECT maintenance_list()", 0, NULL, change_reply_items);
}

/* At most one of the names, a text. Takes the scope off the body; the caller owns it. NULL: answered. */
static json_t *scope_take(struct request *rq)
{
	static const char *const names[] = { "profile", "site", "group", "device" };
	json_t *scope = json_object_get(rq->body, "scope"), *v;
	const char *name;
	size_t known = 0;

	if (!scope)
		return json_object();
	json_incref(scope);
	json_object_del(rq->body, "scope");
	json_object_foreach(scope, name, v) for (size_t i = 0; i < sizeof(names) / sizeof(names[0]);
						 i++) known += strcmp(name, names[i]) == 0 &&
							       json_string_length(v) > 0 &&
							       json_string_length(v) <= 200;
	if (json_is_object(scope) && json_object_size(scope) <= 1 &&
		known == json_object_size(scope))
		return scope;
	reply_invalid(rq, "/scope",
		"a scope is {} or one of profile, site, group and device with its name");
	json_decref(scope);
	return NULL;
}

static int check_once(struct request *rq, const struct window_input *in)
{
	uint64_t from_us, to_us;

	if (in->days || in->at || in->minutes || in->tz) {
		reply_invalid(rq, "/days", "once or every week, not both");
		return -1;
	}
	if (bb_clock_parse_rfc3339(in->starts_at, &from_us) != 0) {
		reply_invalid(rq, "/starts_at", "\"%s\" is no time such as 2026-01-31T12:00:00Z",
			in->starts_at);
		return -1;
	}
	if (!in->ends_at || bb_clock_parse_rfc3339(in->ends_at, &to_us) != 0) {
		reply_invalid(rq, "/ends_at", "an end such as 2026-01-31T14:00:00Z is needed");
		return -1;
	}
	if (to_us > from_us && to_us > bb_clock_real_us())
		return 0;
	reply_invalid(rq, "/ends_at", "the end lies %s",
		to_us > from_us ? "in the past" : "before the beginning");
	return -1;
}

/* Adds days, at_minute, minutes and tz. */
static int check_weekly(struct request *rq, const struct window_input *in, json_t *doc)
{
	int at = in->at ? weekly_minute_of(in->at) : -1, days = weekly_days_of(in->days);

	if (in->ends_at)
		reply_invalid(rq, "/ends_at", "once or every week, not both");
	else if (at < 0)
		reply_invalid(rq, "/at",
			"give starts_at and ends_at, or a time of the day such as 02:00");
	else if (days < 0)
		reply_invalid(rq, "/days", "days are mon tue wed thu fri sat sun");
	else if (!in->minutes)
		reply_invalid(rq, "/minutes", "how long does it last?");
	else {
		json_object_set_new(doc, "days", json_integer(days));
		json_object_set_new(doc, "at_minute", json_integer(at));
		json_object_set_new(doc, "minutes", json_integer(in->minutes));
		json_object_set_new(doc, "tz", json_string(in->tz ? in->tz : "UTC"));
		return 0;
	}
	return -1;
}

/* The window as the database takes it, or NULL after answering. */
static const char *document(struct request *rq)
{
	struct window_input in = { 0 };
	json_t *scope = scope_take(rq), *doc;
	const char *kept = NULL;

	if (!scope)
		return NULL;
	if (request_fields(rq, window_fields, &in) != 0) {
		json_decref(scope);
		return NULL;
	}
	doc = json_pack("{s:s, s:s, s:o}", "name", in.name, "reason", in.reason, "scope", scope);
	if (in.starts_at ? check_once(rq, &in) == 0 : check_weekly(rq, &in, doc) == 0) {
		if (in.starts_at) {
			json_object_set_new(doc, "starts_at", json_string(in.starts_at));
			json_object_set_new(doc, "ends_at", json_string(in.ends_at));
		}
		char *text = json_dumps(doc, JSON_COMPACT);
		kept = bb_arena_strdup(rq->http->arena, text);
		free(text);
	}
	json_decref(doc);
	return kept;
}

static void reply_id(struct request *rq, PGresult *r, int status)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "{\"id\":\"%s\"}", PQgetvalue(r, 0, 0));
	reply_json(rq, status, &b);
	bb_buf_fini(&b);
}

static void on_added(struct request *rq, PGresult *r)
{
	reply_id(rq, r, 201);
}

static void on_changed(struct request *rq, PGresult *r)
{
	reply_id(rq, r, 200);
}

void api_maintenance_add(struct request *rq)
{
	const char *values[] = { document(rq), rq->who.user, rq->who.source };

	if (values[0])
		change_run(rq, "SELECT maintenance_put(NULL, $1, $2, $3)", 3, values, on_added);
}

static bool id_fits(struct request *rq)
{
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) == 0)
		return true;
	reply_problem(rq, PROBLEM_NOT_FOUND, "there is no window with this id");
	return false;
}

void api_maintenance_put(struct request *rq)
{
	const char *values[] = { rq->param, NULL, rq->who.user, rq->who.source };

	if (!id_fits(rq) || !(values[1] = document(rq)))
		return;
	change_run(rq, "SELECT maintenance_put($1, $2, $3, $4)", 4, values, on_changed);
}

void api_maintenance_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };

	if (id_fits(rq))
		change_run(rq, "SELECT maintenance_remove($1, $2, $3)", 3, values,
			change_reply_empty);
}
