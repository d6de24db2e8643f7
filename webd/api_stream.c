// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "webd/handlers.h"
#include "webd/webd.h"

void api_stream(struct request *rq)
{
	static const char *const params[] = { "topics", "last_id", NULL };
	const char *topics = uri_param(&rq->http->uri, "topics"),
		   *last_id = http_header(rq->http, "Last-Event-ID");
	struct live_topics t;
	struct bb_err err;

	if (request_params(rq, params) != 0)
		return;
	if (live_topics_parse(topics ? topics : "", &t, &err) != 0) {
		reply_invalid(rq, "?topics", "%s", err.text);
		return;
	}
	live_open(rq->w->live, rq, &t, last_id ? last_id : uri_param(&rq->http->uri, "last_id"));
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

void api_stream_topics(struct request *rq)
{
	struct bb_buf text = { 0 };
	struct live_topics t;
	struct topics in;
	struct bb_err err;
	json_t *v;
	size_t i;

	if (request_fields(rq, topics_fields, &in) != 0)
		return;
	json_array_foreach(in.list, i, v)
	{
		bb_buf_str(&text, i ? "," : "");
		bb_buf_str(&text, json_is_string(v) ? json_string_value(v) : "?");
	}
	bb_buf_str(&text, "");
	if (live_topics_parse(text.data, &t, &err) != 0)
		reply_invalid(rq, "/topics", "%s", err.text);
	else if (!live_change(rq->w->live, rq, rq->param, &t))
		reply_problem(rq, PROBLEM_NOT_FOUND, "you have no stream with this id");
	else
		reply_empty(rq);
	bb_buf_fini(&text);
}
