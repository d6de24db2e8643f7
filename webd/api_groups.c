// SPDX-License-Identifier: Apache-2.0
/* Device groups and redundancy groups: what they are made of from PostgreSQL, how they are from the
 * bus, and what would be if something failed from alarmd. */
#include <stdlib.h>
#include <string.h>

#include "webd/change.h"
#include "webd/group_input.h"
#include "webd/group_json.h"
#include "webd/handlers.h"
#include "webd/webd.h"

#define OK          BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define UNAVAILABLE BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE
#define UNKNOWN     BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

/* ---- documents with what is live ---- */

static void add_live(struct request *rq, json_t *doc, bool is_redundancy)
{
	const char *key = json_string_value(json_object_get(doc, "key"));
	struct model *m = rq->w->model;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (!key)
		return;
	bb_json_obj(&j, NULL);
	if (is_redundancy)
		json_redundancy_live(&j, m, key);
	else
		json_named_live(&j, m, model_named(m, key));
	bb_json_end_obj(&j);
	json_t *live = json_loadb(b.data, b.len, 0, NULL);
	json_object_update(doc, live);
	json_decref(live);
	bb_buf_fini(&b);
}

/* Answers and frees. */
static void reply_doc(struct request *rq, json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT);
	struct bb_buf b = { 0 };

	bb_buf_str(&b, text);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
	free(text);
	json_decref(doc);
}

static void reply_list(struct request *rq, PGresult *r, bool is_redundancy)
{
	json_t *items = json_loads(PQgetvalue(r, 0, 0), 0, NULL), *v;
	size_t i;

	json_array_foreach(items, i, v) add_live(rq, v, is_redundancy);
	reply_doc(rq, json_pack("{s:o}", "items", items));
}

/* The document of one, or NULL after answering. */
static json_t *doc_of(struct request *rq, PGresult *r)
{
	if (PQntuples(r) == 1 && !PQgetisnull(r, 0, 0))
		return json_loads(PQgetvalue(r, 0, 0), 0, NULL);
	reply_problem(rq, PROBLEM_NOT_FOUND, "there is no group \"%s\"", rq->param);
	return NULL;
}

/* ---- changing ---- */

static void on_put(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_str(&b, PQgetvalue(r, 0, 0));
	reply_json(rq, rq->param ? 200 : 201, &b);
	bb_buf_fini(&b);
}

static void put(struct request *rq, const char *sql,
	json_t *(*read)(const json_t *object, bool with_key, char *where, struct bb_err *err))
{
	char where[GROUP_POINTER_MAX] = "";
	struct bb_err err;
	json_t *doc = read(rq->body, !rq->param, where, &err);

	if (!doc) {
		reply_invalid(rq, where, "%s", err.text);
		return;
	}
	char *text = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	const char *values[] = { rq->param, text, rq->who.user, rq->who.source };
	change_run(rq, sql, 4, values, on_put);
	free(text);
}

static void drop(struct request *rq, const char *sql)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };

	change_run(rq, sql, 3, values, change_reply_empty);
}

/* ---- device groups ---- */

static void on_device_groups(struct request *rq, PGresult *r)
{
	reply_list(rq, r, false);
}

static void on_device_group(struct request *rq, PGresult *r)
{
	json_t *doc = doc_of(rq, r);

	if (!doc)
		return;
	add_live(rq, doc, false);
	reply_doc(rq, doc);
}

void api_device_groups(struct request *rq)
{
	change_read(rq,
		"SELECT coalesce(jsonb_agg(doc ORDER BY key), '[]') FROM device_group_docs()", 0,
		NULL, on_device_groups);
}

void api_device_group(struct request *rq)
{
	change_read(rq, "SELECT device_group_doc($1)", 1, &rq->param, on_device_group);
}

void api_device_group_put(struct request *rq)
{
	put(rq, "SELECT device_group_put($1, $2, $3, $4)", group_input_read);
}

void api_device_group_add(struct request *rq)
{
	api_device_group_put(rq);
}

void api_device_group_remove(struct request *rq)
{
	drop(rq, "SELECT device_group_remove($1, $2, $3)");
}

/* ---- redundancy groups ---- */

static void on_redundancies(struct request *rq, PGresult *r)
{
	reply_list(rq, r, true);
}

static void on_parts(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	json_t *doc = rq->ctx;
	json_t *said = reply->code == OK && reply->json ? json_loads(reply->json, 0, NULL) : NULL;
	json_t *parts = json_object_get(said, "parts");

	json_object_set_new(doc, "parts", parts ? json_incref(parts) : json_null());
	json_decref(said);
	add_live(rq, doc, true);
	reply_doc(rq, doc);
}

static void ask_alarmd(struct request *rq, const char *verb, char **items, size_t n,
	bb_cmd_done done)
{
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	char *name = "group";

	c.verb = (char *)(uintptr_t)verb;
	c.user = rq->who.user;
	c.n_item = n;
	c.item = items;
	c.n_arg_name = c.n_arg = 1;
	c.arg_name = &name;
	c.arg = (char **)(uintptr_t)&rq->param;
	bb_cmd_send(rq->w->commands, "alarmd", &c, done, rq);
}

static void on_redundancy(struct request *rq, PGresult *r)
{
	json_t *doc = doc_of(rq, r);

	if (!doc)
		return;
	rq->ctx = doc;
	ask_alarmd(rq, "redundancy", NULL, 0, on_parts);
}

void api_redundancy_groups(struct request *rq)
{
	change_read(rq, "SELECT coalesce(jsonb_agg(doc ORDER BY key), '[]') FROM redundancy_docs()",
		0, NULL, on_redundancies);
}

void api_redundancy_group(struct request *rq)
{
	change_read(rq,
		"SELECT doc FROM redundancy_docs() WHERE redundancy_id::text = $1 OR key = $1", 1,
		&rq->param, on_redundancy);
}

void api_redundancy_group_put(struct request *rq)
{
	put(rq, "SELECT redundancy_put($1, $2, $3, $4)", redundancy_input_read);
}

void api_redundancy_group_add(struct request *rq)
{
	api_redundancy_group_put(rq);
}

void api_redundancy_group_remove(struct request *rq)
{
	drop(rq, "SELECT redundancy_remove($1, $2, $3)");
}

/* ---- what if ---- */

struct what_if {
	json_t *fail;
};
static const struct field what_if_fields[] = {
	{ "fail", FIELD_ARRAY, true, offsetof(struct what_if, fail), 1, 500 },
	FIELD_END,
};

static void on_what_if(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (reply->code != OK || !reply->json || !*reply->json) {
		enum problem p = reply->code == UNAVAILABLE ? PROBLEM_UNAVAILABLE
				 : reply->code == UNKNOWN   ? PROBLEM_NOT_FOUND
							    : PROBLEM_VALIDATION;
		reply_problem(rq, p, "%s",
			reply->text && *reply->text ? reply->text : "alarmd does not answer");
		return;
	}
	bb_buf_str(&b, reply->json);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* Asked live, without PostgreSQL: the question matters most when things are bad. */
void api_redundancy_what_if(struct request *rq)
{
	struct what_if in;
	char *items[500];
	size_t i;
	json_t *v;

	if (request_fields(rq, what_if_fields, &in) != 0)
		return;
	json_array_foreach(in.fail, i, v)
	{
		items[i] = (char *)(uintptr_t)json_string_value(v);
		if (!items[i] || !*items[i]) {
			reply_invalid(rq, "/fail", "it holds something that is neither id nor key");
			return;
		}
	}
	ask_alarmd(rq, "what_if", items, json_array_size(in.fail), on_what_if);
}
