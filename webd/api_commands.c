// SPDX-License-Identifier: Apache-2.0
/* What a person may have a device do, and what it holds. The collector knows what there is, records it, sends it and reads it back; here it takes a
 * confirmation. */
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "webd/command.h"
#include "webd/handlers.h"
#include "webd/webd.h"

#define WAIT_MS 60000 /* a card that is slow to take it is read back for some seconds */

/* The configured device of the path; NULL after answering. */
static struct model_device *device_of(struct request *rq)
{
	struct model_device *d = model_device(rq->w->model, strtoull(rq->param, NULL, 10));

	if (d && d->is_configured)
		return d;
	reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device with this id");
	return NULL;
}

static void send(struct request *rq, struct model_device *d, Busbar__V1__CommandRequest *c,
	bb_cmd_done done)
{
	c->user = rq->who.user;
	c->n_item = 1;
	c->item = &d->key;
	c->has_timeout_ms = 1;
	c->timeout_ms = WAIT_MS;
	rq->who.session = NULL; /* may end while we wait */
	bb_cmd_send(rq->w->commands, d->collector, c, done, rq);
}

/* True: the reply was no good, and has been answered. */
static bool is_refused(struct request *rq, const Busbar__V1__CommandReply *r)
{
	const char *text = r->text && *r->text ? r->text : "no reason told";

	if (r->code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK && r->json)
		return false;
	if (r->code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN)
		reply_problem(rq, PROBLEM_NOT_FOUND, "%s", text);
	else if (r->code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED)
		reply_problem(rq, PROBLEM_CONFLICT, "%s", text);
	else
		reply_problem(rq, PROBLEM_UNAVAILABLE,
			"the collector does not answer, so nobody knows whether the command was sent; look at the device: %s",
			text);
	return true;
}

static void on_list(void *arg, const Busbar__V1__CommandReply *r)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (is_refused(rq, r))
		return;
	bb_buf_printf(&b, "{\"items\":%s}", r->json);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_commands(struct request *rq)
{
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	struct model_device *d = device_of(rq);

	c.verb = "device_commands";
	if (d)
		send(rq, d, &c, on_list);
}

static void on_run(void *arg, const Busbar__V1__CommandReply *r)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (is_refused(rq, r))
		return;
	bb_buf_str(&b, r->json);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* What the device holds, part by part, for a recording. */
void api_walk(struct request *rq)
{
	static const char *const params[] = { "after", NULL };
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	char *name = "after", *after = (char *)uri_param(&rq->http->uri, "after");
	struct model_device *d;

	if (request_params(rq, params) != 0 || !(d = device_of(rq)))
		return;
	c.verb = "device_walk";
	c.n_arg = c.n_arg_name = after != NULL;
	c.arg_name = &name;
	c.arg = &after;
	send(rq, d, &c, on_run);
}

struct input {
	const char *command, *instance;
	bool confirm;
};

// clang-format off
static const struct field fields[] = {
	{ "command", FIELD_STR, true, offsetof(struct input, command), 1, 80 },
	{ "instance", FIELD_STR_OR_NULL, false, offsetof(struct input, instance), 1, 16 },
	{ "confirm", FIELD_BOOL, false, offsetof(struct input, confirm), 0, 0 },
	FIELD_END,
};
// clang-format on

void api_command(struct request *rq)
{
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	struct input in = { 0 };
	char where[64], *names[] = { "command", "instance" };
	struct bb_err err;
	struct model_device *d;

	if (fields_read(rq->body, fields, &in, where, &err) != 0) {
		reply_invalid(rq, bb_arena_printf(rq->http->arena, "/%s", where), "%s", err.text);
		return;
	}
	if (!in.confirm) {
		reply_invalid(rq, "/confirm",
			"a command changes what a device does: confirm it with \"confirm\": true");
		return;
	}
	if (!(d = device_of(rq)))
		return;
	char *values[] = { (char *)in.command, (char *)in.instance };
	c.verb = "device_command";
	c.n_arg = c.n_arg_name = in.instance ? 2 : 1;
	c.arg_name = names;
	c.arg = values;
	send(rq, d, &c, on_run);
}
