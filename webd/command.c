// SPDX-License-Identifier: Apache-2.0
#include "webd/command.h"

#include <string.h>

#include "common/seal.h"
#include "common/table.h"
#include "webd/webd.h"

#define DAEMONS_MAX 16
#define ID_MAX      256

struct item {
	const char *id, *text;
	unsigned code;
	size_t daemon;
};

struct batch {
	struct request *rq;
	const char *daemon;
	size_t index; /* in job->batch */
	struct job *job;
};

struct job {
	const char *id_name;
	struct item *item;
	size_t n_items, n_daemons, waiting;
	struct batch batch[DAEMONS_MAX];
};

const char *command_code_name(unsigned code)
{
	switch (code) {
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK: return "ok";
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_ACCEPTED: return "accepted";
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED: return "refused";
	case BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN: return "unknown";
	default: return "unavailable";
	}
}

static bool is_done(unsigned code)
{
	return code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK ||
	       code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_ACCEPTED;
}

static void answer(struct request *rq, const struct job *job)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (size_t i = 0; i < job->n_items; i++) {
		const struct item *it = &job->item[i];

		bb_json_obj(&j, NULL);
		bb_json_str(&j, job->id_name, it->id);
		bb_json_bool(&j, "ok", is_done(it->code));
		bb_json_str(&j, "code", command_code_name(it->code));
		bb_json_str(&j, "text", it->text ? it->text : "");
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* Results named in the reply; an item without its own takes the reply's. */
static void take_results(struct batch *ba, const Busbar__V1__CommandReply *reply)
{
	struct job *job = ba->job;
	const char *text = reply->text ? bb_arena_strdup(ba->rq->http->arena, reply->text) : "";
	struct bb_table *named = bb_table_new();

	for (size_t i = 0; i < reply->n_item; i++)
		if (reply->item[i]->id)
			bb_table_put(named, reply->item[i]->id, reply->item[i]);
	for (size_t i = 0; i < job->n_items; i++) {
		struct item *it = &job->item[i];
		const Busbar__V1__ItemResult *own = bb_table_get(named, it->id);

		if (it->daemon != ba->index)
			continue;
		it->code = own ? own->code : reply->code;
		it->text = own && own->text ? bb_arena_strdup(ba->rq->http->arena, own->text)
			   : own            ? ""
					    : text;
	}
	bb_table_free(named, NULL);
}

static void on_reply(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct batch *ba = arg;
	struct job *job = ba->job;

	take_results(ba, reply);
	if (--job->waiting > 0)
		return;
	if (job->n_daemons == 1 && reply->code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE)
		reply_problem(ba->rq, PROBLEM_UNAVAILABLE,
			"\"%s\" does not answer; nothing was done", ba->daemon);
	else
		answer(ba->rq, job);
}

static void send_batch(struct batch *ba, const struct command_spec *spec)
{
	enum { ARGS_MAX = 4 };
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	struct job *job = ba->job;
	char *name[ARGS_MAX], *value[ARGS_MAX];
	uint8_t hash[32];

	c.verb = (char *)spec->verb;
	c.user = ba->rq->who.user;
	c.item = bb_arena_alloc(ba->rq->http->arena, (job->n_items + 1) * sizeof(char *));
	for (size_t i = 0; i < job->n_items; i++)
		if (job->item[i].daemon == ba->index)
			c.item[c.n_item++] = (char *)job->item[i].id;
	if (spec->comment) {
		name[c.n_arg] = "comment";
		value[c.n_arg++] = (char *)spec->comment;
	}
	for (const struct command_arg *a = spec->more; a && a->name && c.n_arg < ARGS_MAX; a++) {
		name[c.n_arg] = (char *)a->name;
		value[c.n_arg++] = (char *)a->value;
	}
	c.n_arg_name = c.n_arg;
	c.arg_name = name;
	c.arg = value;
	if (spec->idempotency_key) {
		const char *mixed = bb_arena_printf(ba->rq->http->arena, "%s|%s|%s|%s",
			ba->rq->who.user, spec->verb, ba->daemon, spec->idempotency_key);

		bb_blake2b_256(mixed, strlen(mixed), hash);
		c.has_cmd_key = 1;
		c.cmd_key.data = hash;
		c.cmd_key.len = 16;
	}
	bb_cmd_send(ba->rq->w->commands, ba->daemon, &c, on_reply, ba);
}

/* Index of a daemon in the job, DAEMONS_MAX when nobody knows the item. */
static size_t daemon_index(struct request *rq, struct job *job, const char *daemon)
{
	if (!daemon)
		return DAEMONS_MAX;
	for (size_t i = 0; i < job->n_daemons; i++)
		if (strcmp(job->batch[i].daemon, daemon) == 0)
			return i;
	if (job->n_daemons == DAEMONS_MAX)
		return DAEMONS_MAX;
	job->batch[job->n_daemons] = (struct batch){ .rq = rq,
		.job = job,
		.index = job->n_daemons,
		.daemon = bb_arena_strdup(rq->http->arena, daemon) };
	return job->n_daemons++;
}

static int read_ids(struct request *rq, struct job *job, const struct command_spec *spec)
{
	struct bb_table *seen = bb_table_new();
	json_t *v;
	size_t i;
	int rc = -1;

	json_array_foreach((json_t *)spec->ids, i, v)
	{
		const char *id = json_string_value(v);
		struct item *it = &job->item[job->n_items];

		if (!id || !*id || strlen(id) > ID_MAX) {
			reply_invalid(rq, spec->pointer,
				"element %zu is not a text of 1 to %d bytes", i, ID_MAX);
			goto out;
		}
		if (bb_table_get(seen, id))
			continue;
		bb_table_put(seen, id, job);
		*it = (struct item){ .id = id,
			.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN,
			.text = "there is no such thing" };
		it->daemon = daemon_index(rq, job, spec->daemon_of(rq, id));
		job->n_items++;
	}
	rc = 0;
out:
	bb_table_free(seen, NULL);
	return rc;
}

void command_items(struct request *rq, const struct command_spec *spec)
{
	struct job *job = bb_arena_alloc(rq->http->arena, sizeof(*job));
	size_t n;

	job->id_name = spec->id_name;
	job->item =
		bb_arena_alloc(rq->http->arena, json_array_size(spec->ids) * sizeof(*job->item));
	if (read_ids(rq, job, spec) != 0)
		return;
	n = job->waiting = job->n_daemons;
	if (n == 0)
		answer(rq, job);
	for (size_t i = 0; i < n; i++)
		send_batch(&job->batch[i], spec);
}
