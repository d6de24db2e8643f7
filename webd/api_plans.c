// SPDX-License-Identifier: Apache-2.0
/* Shutdown plans: kept here, carried out by shutdownd alone. "simulate" and "confirm" are
 * commands to it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/plan_input.h"
#include "webd/webd.h"

#define OK          BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define ACCEPTED    BUSBAR__V1__COMMAND_REPLY__CODE__CODE_ACCEPTED
#define UNAVAILABLE BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE
#define UNKNOWN     BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

static bool key_fits(struct request *rq)
{
	if (plan_key_valid(rq->param))
		return true;
	reply_problem(rq, PROBLEM_NOT_FOUND, "a plan's key is one word of a-z, 0-9, '.', '_', '-'");
	return false;
}

/* `run`: the run the command is about, NULL when it is about the plan. */
static void send_shutdownd(struct request *rq, const char *verb, char *run, bb_cmd_done done)
{
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	char *name = "run";

	c.verb = (char *)verb;
	c.user = rq->who.user;
	c.n_item = rq->param ? 1 : 0;
	c.item = (char **)&rq->param;
	c.n_arg_name = c.n_arg = run ? 1 : 0;
	c.arg_name = &name;
	c.arg = &run;
	bb_cmd_send(rq->w->commands, "shutdownd", &c, done, rq);
}

static void refuse_command(struct request *rq, const Busbar__V1__CommandReply *reply)
{
	enum problem p = reply->code == UNAVAILABLE ? PROBLEM_UNAVAILABLE
			 : reply->code == UNKNOWN   ? PROBLEM_NOT_FOUND
						    : PROBLEM_REFUSED;

	reply_problem(rq, p, "%s",
		reply->text && *reply->text ? reply->text : "shutdownd does not answer");
}

/* ---- the list: documents of the database, each with shutdownd's own view of it ---- */

static const json_t *run_of(const json_t *state, const char *key)
{
	const json_t *list = json_object_get(state, "plans");
	json_t *v;
	size_t i;

	json_array_foreach((json_t *)list, i, v)
	{
		const char *k = json_string_value(json_object_get(v, "plan"));

		if (k && strcmp(k, key) == 0)
			return v;
	}
	return NULL;
}

static void on_plans_state(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	json_t *docs = rq->ctx,
	       *state = reply->code == OK && reply->json ? json_loads(reply->json, 0, NULL) : NULL,
	       *v;
	struct bb_buf b = { 0 };
	char *text;
	size_t i;

	json_array_foreach(docs, i, v)
	{
		const json_t *run = run_of(state, json_string_value(json_object_get(v, "key")));

		json_object_set_new(v, "run", run ? json_incref((json_t *)run) : json_null());
	}
	text = json_dumps(docs, JSON_COMPACT);
	bb_buf_printf(&b, "{\"items\":%s}", text);
	free(text);
	json_decref(docs);
	json_decref(state);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

static void on_plans(struct request *rq, PGresult *r)
{
	rq->ctx = json_loads(PQgetvalue(r, 0, 0), 0, NULL);
	send_shutdownd(rq, "plans", NULL, on_plans_state);
}

void api_plans(struct request *rq)
{
	change_read(rq, "SELECT coalesce(jsonb_agg(doc ORDER BY key), '[]') FROM plan_docs()", 0,
		NULL, on_plans);
}

/* ---- changing ---- */

static void on_plan_put(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "{\"key\":\"%s\",\"version\":%s}", rq->param, PQgetvalue(r, 0, 0));
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_plan_put(struct request *rq)
{
	struct bb_err err;
	json_t *doc;
	char *text;

	if (!key_fits(rq))
		return;
	doc = plan_input_read(rq->body, &err);
	if (!doc) {
		reply_invalid(rq, "", "%s", err.text);
		return;
	}
	text = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	const char *values[] = { rq->param, text, rq->who.user, rq->who.source };
	change_run(rq, "SELECT plan_put($1, $2, $3, $4)", 4, values, on_plan_put);
	free(text);
}

void api_plan_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };

	if (key_fits(rq))
		change_run(rq, "SELECT plan_remove($1, $2, $3)", 3, values, change_reply_empty);
}

struct mode {
	const char *mode;
};

// clang-format off
static const struct field mode_fields[] = {
	{ "mode", FIELD_STR, true, offsetof(struct mode, mode), 1, 10 },
	FIELD_END,
};
// clang-format on

static void on_mode(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "{\"key\":\"%s\",\"mode\":\"%s\"}", rq->param, (const char *)rq->ctx);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_plan_mode(struct request *rq)
{
	struct mode in;

	if (!key_fits(rq) || request_fields(rq, mode_fields, &in) != 0)
		return;
	if (strcmp(in.mode, "simulate") != 0 && strcmp(in.mode, "confirm") != 0 &&
		strcmp(in.mode, "auto") != 0) {
		reply_invalid(rq, "/mode", "the mode is simulate, confirm or auto");
		return;
	}
	rq->ctx = (void *)in.mode;
	const char *values[] = { rq->param, in.mode, rq->who.user, rq->who.source };
	change_run(rq, "SELECT plan_set_mode($1, $2, $3, $4)", 4, values, on_mode);
}

/* ---- simulate: shutdownd plays the plan, then the simulated version is recorded ---- */

struct simulation {
	uint64_t version;
	json_t *result;
};

static void on_simulation_recorded(struct request *rq, PGresult *r)
{
	struct simulation *s = rq->ctx;
	struct bb_buf b = { 0 };
	char *text = json_dumps(s->result, JSON_COMPACT | JSON_ENCODE_ANY);

	json_decref(s->result);
	if (PQgetvalue(r, 0, 0)[0] != 't') {
		reply_problem(rq, PROBLEM_CONFLICT,
			"the plan was changed while it was simulated; simulate it again");
	} else {
		bb_buf_printf(&b, "{\"key\":\"%s\",\"version\":%" PRIu64 ",\"result\":%s}",
			rq->param, s->version, text);
		reply_json(rq, 200, &b);
	}
	free(text);
	bb_buf_fini(&b);
}

static void on_simulated(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct simulation *s = rq->ctx;
	const json_t *told;
	char version[24];

	if (reply->code != OK && reply->code != ACCEPTED) {
		refuse_command(rq, reply);
		return;
	}
	s->result = reply->json ? json_loads(reply->json, 0, NULL) : NULL;
	told = json_object_get(s->result, "version");
	/* shutdownd may still have the version before; what it played is what counts */
	if (json_is_integer(told))
		s->version = (uint64_t)json_integer_value(told);
	if (!s->result)
		s->result = json_string(reply->text ? reply->text : "");
	snprintf(version, sizeof(version), "%" PRIu64, s->version);
	const char *values[] = { rq->param, version, rq->who.user, rq->who.source };
	change_run(rq, "SELECT plan_simulated($1, $2, $3, $4)", 4, values, on_simulation_recorded);
}

static void on_version(struct request *rq, PGresult *r)
{
	struct simulation *s = bb_arena_alloc(rq->http->arena, sizeof(*s));

	if (PQntuples(r) != 1 || bb_parse_u64(PQgetvalue(r, 0, 0), "version", 0, INT64_MAX,
					 &s->version, NULL) != 0) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no plan \"%s\"", rq->param);
		return;
	}
	rq->ctx = s;
	send_shutdownd(rq, "simulate", NULL, on_simulated);
}

void api_plan_simulate(struct request *rq)
{
	const char *values[] = { rq->param };

	if (key_fits(rq))
		change_read(rq, "SELECT version FROM plan WHERE key = $1", 1, values, on_version);
}

/* ---- confirm ---- */

static void on_confirmed(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (reply->code != OK && reply->code != ACCEPTED) {
		refuse_command(rq, reply);
		return;
	}
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "key", rq->param);
	bb_json_str(&j, "text", reply->text ? reply->text : "");
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

struct confirmation {
	int64_t run;
};

// clang-format off
static const struct field confirmation_fields[] = {
	{ "run", FIELD_INT, true, offsetof(struct confirmation, run), 1, 9007199254740991 },
	FIELD_END,
};
// clang-format on

/* The number says which outage the operator saw; a later one needs a look of its own. */
void api_plan_confirm(struct request *rq)
{
	struct confirmation in;
	char run[24];

	if (!key_fits(rq) || request_fields(rq, confirmation_fields, &in) != 0)
		return;
	snprintf(run, sizeof(run), "%" PRId64, in.run);
	send_shutdownd(rq, "confirm", run, on_confirmed);
}
