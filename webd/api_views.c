// SPDX-License-Identifier: Apache-2.0
/* Views: filters of a list under a name, one's own or shared, and the one a list begins with. What a
 * filter means is the interface's; here it is only text that an address can hold. */
#include <stdio.h>
#include <string.h>

#include "common/str.h"
#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/webd.h"

struct view_input {
	const char *screen, *name, *query;
	bool shared, replace;
};

struct default_input {
	const char *screen, *id;
};

// clang-format off
static const struct field view_fields[] = {
	{ "screen", FIELD_STR, true, offsetof(struct view_input, screen), 1, 20 },
	{ "name", FIELD_STR, true, offsetof(struct view_input, name), 1, 60 },
	{ "query", FIELD_STR, true, offsetof(struct view_input, query), 0, 2000 },
	{ "shared", FIELD_BOOL, false, offsetof(struct view_input, shared), 0, 0 },
	{ "replace", FIELD_BOOL, false, offsetof(struct view_input, replace), 0, 0 },
	FIELD_END,
};
static const struct field default_fields[] = {
	{ "screen", FIELD_STR, true, offsetof(struct default_input, screen), 1, 20 },
	{ "id", FIELD_STR_OR_NULL, true, offsetof(struct default_input, id), 1, 20 },
	FIELD_END,
};
// clang-format on

static bool is_screen(const char *s)
{
	return strcmp(s, "alarms") == 0 || strcmp(s, "log") == 0;
}

/* As URLSearchParams writes it. */
static bool is_query(const char *s)
{
	return strspn(s,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*-._%+=&") ==
	       strlen(s);
}

void api_views(struct request *rq)
{
	const char *values[] = { rq->who.user };

	change_read(rq, "SELECT view_list($1)", 1, values, change_reply_items);
}

static void on_saved(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "{\"id\":\"%s\"}", PQgetvalue(r, 0, 0));
	reply_json(rq, 201, &b);
	bb_buf_fini(&b);
}

void api_view_save(struct request *rq)
{
	struct view_input in = { 0 };

	if (request_fields(rq, view_fields, &in) != 0)
		return;
	if (!is_screen(in.screen)) {
		reply_invalid(rq, "/screen", "a view is of \"alarms\" or \"log\"");
		return;
	}
	if (!is_query(in.query)) {
		reply_invalid(rq, "/query", "this is no query of an address");
		return;
	}
	if (in.shared && !(rq->who.rights & RIGHT_ACK)) {
		reply_problem(rq, PROBLEM_FORBIDDEN, "sharing a view needs the right \"ack\"");
		return;
	}
	const char *values[] = { in.screen, in.name, in.query, in.shared ? "t" : "f",
		in.replace ? "t" : "f", rq->who.user, rq->who.source };
	change_run(rq, "SELECT view_save($1, $2, $3, $4, $5, $6, $7)", 7, values, on_saved);
}

void api_view_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.rights & RIGHT_ADMIN ? "t" : "f", rq->who.user,
		rq->who.source };
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) != 0)
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no view with this id");
	else
		change_run(rq, "SELECT view_remove($1, $2, $3, $4)", 4, values,
			change_reply_empty);
}

void api_view_default(struct request *rq)
{
	struct default_input in = { 0 };
	uint64_t id;

	if (request_fields(rq, default_fields, &in) != 0)
		return;
	if (!is_screen(in.screen) ||
		(in.id && bb_parse_u64(in.id, "id", 1, INT64_MAX, &id, NULL) != 0)) {
		reply_invalid(rq, is_screen(in.screen) ? "/id" : "/screen",
			"a view of \"alarms\" or \"log\" by its id, or null");
		return;
	}
	const char *values[] = { in.screen, in.id, rq->who.user };
	change_run(rq, "SELECT view_default($1, $2, $3)", 3, values, change_reply_empty);
}
