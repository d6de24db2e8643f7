// SPDX-License-Identifier: Apache-2.0
#include "webd/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webd/device_input.h"
#include "webd/webd.h"

json_t *access_read(struct request *rq, const json_t *object)
{
	static const char *const taken[] = { "address", "port", "version", "community", "v3_user",
		"v3_auth", "v3_priv", "v3_context", "v3_engine_id", "v3_auth_password",
		"v3_priv_password" };
	json_t *device = json_pack("{s:s, s:s}", "key", "none", "address", "127.0.0.1"), *item;
	char where[64], pointer[72];
	struct bb_err err;

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		json_t *v = json_object_get(object, taken[i]);

		if (v)
			json_object_set(device, taken[i], v);
	}
	item = device_input_read(rq->w, device, INPUT_ADD, where, &err);
	if (item) {
		/* the texts of `item` are its own */
		json_decref(device);
		return item;
	}
	snprintf(pointer, sizeof(pointer), "/%s", where);
	reply_invalid(rq, pointer, "field \"%s\": %s", where, err.text);
	json_decref(device);
	return NULL;
}

int access_id(struct request *rq, const json_t *v, const char **id)
{
	uint64_t n;

	if (json_is_integer(v) && json_integer_value(v) > 0)
		*id = bb_arena_printf(rq->http->arena, "%lld", (long long)json_integer_value(v));
	else if (json_is_string(v))
		*id = bb_arena_strdup(rq->http->arena, json_string_value(v));
	else
		return -1;
	return bb_parse_u64(*id, "id", 1, INT64_MAX, &n, NULL);
}

void access_arg(struct access_command *c, const char *name, const char *value)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 32;
		char **names = bb_arena_alloc(c->rq->http->arena, cap * sizeof(*names)),
		     **values = bb_arena_alloc(c->rq->http->arena, cap * sizeof(*values));

		for (size_t i = 0; i < c->n; i++) {
			names[i] = c->name[i];
			values[i] = c->value[i];
		}
		c->name = names;
		c->value = values;
		c->cap = cap;
	}
	c->name[c->n] = bb_arena_strdup(c->rq->http->arena, name);
	c->value[c->n++] = bb_arena_strdup(c->rq->http->arena, value);
}

void access_args_of(struct access_command *c, const json_t *credential)
{
	static const char *const as_they_are[] = { "version", "v3_user", "v3_auth", "v3_priv",
		"v3_context", "v3_engine_id", "v3_sealed" };
	const json_t *port = json_object_get(credential, "port");
	const char *sealed = json_string_value(json_object_get(credential, "sealed"));
	char text[24];

	for (size_t i = 0; i < sizeof(as_they_are) / sizeof(as_they_are[0]); i++) {
		const char *v = json_string_value(json_object_get(credential, as_they_are[i]));

		if (v && *v)
			access_arg(c, as_they_are[i], v);
	}
	if (!sealed)
		sealed = json_string_value(json_object_get(credential, "community_sealed"));
	if (sealed)
		access_arg(c, "sealed", sealed);
	snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(port));
	if (port)
		access_arg(c, "port", json_is_string(port) ? json_string_value(port) : text);
}

void access_send(struct access_command *c,
	void (*done)(void *arg, const Busbar__V1__CommandReply *reply))
{
	Busbar__V1__CommandRequest m = BUSBAR__V1__COMMAND_REQUEST__INIT;

	m.verb = (char *)c->verb;
	m.user = c->rq->who.user;
	m.n_arg = m.n_arg_name = c->n;
	m.arg_name = c->name;
	m.arg = c->value;
	m.n_item = c->item != NULL;
	m.item = &c->item;
	m.has_timeout_ms = c->timeout_ms != 0;
	m.timeout_ms = c->timeout_ms;
	c->rq->who.session = NULL; /* may end while we wait */
	bb_cmd_send(c->rq->w->commands, ACCESS_COLLECTOR, &m, done, c->rq);
}

bool access_refused(struct request *rq, const Busbar__V1__CommandReply *reply, const char *pointer)
{
	const char *text = reply->text && *reply->text ? reply->text : "no reason told";

	switch (reply->code) {
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK:
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_ACCEPTED: return false;
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED:
		reply_invalid(rq, pointer, "%s", text);
		return true;
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN:
		reply_problem(rq, PROBLEM_NOT_FOUND, "%s", text);
		return true;
	default:
		reply_problem(rq, PROBLEM_UNAVAILABLE, "\"%s\" does not answer: %s",
			ACCESS_COLLECTOR, text);
		return true;
	}
}

void access_reply(struct request *rq, int status, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	struct bb_buf b = { 0 };

	bb_buf_str(&b, text);
	free(text);
	json_decref(o);
	reply_json(rq, status, &b);
	bb_buf_fini(&b);
}
