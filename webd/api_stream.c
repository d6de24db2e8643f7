// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "webd/handlers.h"
#include "webd/webd.h"

struct opening {
	struct live_topics topics;
	const char *last_id;
};

static void open_stream(struct request *rq)
{
	struct opening *o = rq->ctx;

	if (!auth_still_valid(&rq->w->auth, &rq->who, webd_now_s()))
		reply_problem(rq, PROBLEM_LOGIN_REQUIRED, "the session has ended");
	else
		live_open(rq->w->live, rq, &o->topics, o->last_id);
}

void api_stream(struct request *rq)
{
	static const char *const params[] = { "topics", "last_id", NULL };
	struct opening *o = bb_arena_alloc(rq->http->arena, sizeof(*o));
	const char *topics = uri_param(&rq->http->uri, "topics");
	struct bb_err err;

	rq->ctx = o;
	if (request_params(rq, params) != 0)
		return;
	if (live_topics_parse(topics ? topics : "", &o->topics, &err) != 0) {
		reply_invalid(rq, "?topics", "%s", err.text);
		return;
	}
	o->last_id = http_header(rq->http, "Last-Event-ID");
	if (!o->last_id)
		o->last_id = uri_param(&rq->http->uri, "last_id");
	if (o->topics.n_devices > 0)
		readings_need(rq->w->readings, rq, open_stream);
	else
		open_stream(rq);
}

struct topics {
	json_t *list;
};

// clang-format off
static const struct field topics_fields[] = {
	{ "topics", FIELD_ARRAY, true, offsetof(struct topics, list), 0, 80 },
	FIELD_END,
};
// clang-format on

static void change_topics(struct request *rq)
{
	if (!live_change(rq->w->live, rq, rq->param, rq->ctx))
		reply_problem(rq, PROBLEM_NOT_FOUND, "you have no stream with this id");
	else
		reply_empty(rq);
}

void api_stream_topics(struct request *rq)
{
	struct live_topics *t = bb_arena_alloc(rq->http->arena, sizeof(*t));
	struct bb_buf text = { 0 };
	struct topics in;
	struct bb_err err;
	json_t *v;
	size_t i;
	int rc;

	rq->ctx = t;
	if (request_fields(rq, topics_fields, &in) != 0)
		return;
	bb_buf_str(&text, "");
	json_array_foreach(in.list, i, v)
	{
		bb_buf_str(&text, i ? "," : "");
		bb_buf_str(&text, json_is_string(v) ? json_string_value(v) : "?");
	}
	rc = live_topics_parse(text.data, t, &err);
	bb_buf_fini(&text);
	if (rc != 0)
		reply_invalid(rq, "/topics", "%s", err.text);
	else if (t->n_devices > 0)
		readings_need(rq->w->readings, rq, change_topics);
	else
		change_topics(rq);
}
