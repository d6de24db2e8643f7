// SPDX-License-Identifier: Apache-2.0
/* Credentials that discovery tries; tests of single cards; who a device is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webd/access.h"
#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/identity.h"
#include "webd/webd.h"

#define NAME_MAX_BYTES 60
#define TEST_WAIT_MS   30000

/* ---- credentials ---- */

void api_credentials(struct request *rq)
{
	change_read(rq, "SELECT credential_list()", 0, NULL, change_reply_items);
}

static void on_added(struct request *rq, PGresult *r)
{
	access_reply(rq, 201, json_pack("{s:s}", "id", PQgetvalue(r, 0, 0)));
}

/* Members besides those of access_read() are mistakes. */
static int known_members(struct request *rq, const char *const *known)
{
	const char *name;
	json_t *v;

	json_object_foreach(rq->body, name, v)
	{
		const char *const *k = known;

		while (*k && strcmp(*k, name) != 0)
			k++;
		if (!*k) {
			reply_invalid(rq, "/", "there is no field \"%.60s\"", name);
			return -1;
		}
	}
	return 0;
}

void api_credential_add(struct request *rq)
{
	static const char *const known[] = { "name", "port", "version", "community", "v3_user",
		"v3_auth", "v3_priv", "v3_context", "v3_auth_password", "v3_priv_password", NULL };
	const char *name = json_string_value(json_object_get(rq->body, "name"));
	json_t *item;
	char *text;

	if (known_members(rq, known) != 0)
		return;
	if (!name || !*name || strlen(name) > NAME_MAX_BYTES || strpbrk(name, "\r\n\t")) {
		reply_invalid(rq, "/name", "a name is 1 to %d bytes of text", NAME_MAX_BYTES);
		return;
	}
	item = access_read(rq, rq->body);
	if (!item)
		return;
	json_object_set_new(item, "name", json_string(name));
	text = json_dumps(item, JSON_COMPACT);
	json_decref(item);
	const char *values[] = { text, rq->who.user, rq->who.source };
	change_run(rq, "SELECT credential_add($1, $2, $3)", 3, values, on_added);
	free(text);
}

void api_credential_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) != 0)
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no credential with this id");
	else
		change_run(rq, "SELECT credential_remove($1, $2, $3)", 3, values,
			change_reply_empty);
}

/* ---- a test ---- */

static void on_tested(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	json_t *o, *answer;

	if (access_refused(rq, reply, "/"))
		return;
	o = json_loads(reply->json ? reply->json : "", 0, NULL);
	if (!json_is_object(o)) {
		json_decref(o);
		reply_problem(rq, PROBLEM_UNAVAILABLE, "\"%s\" gives an answer that cannot be read",
			ACCESS_COLLECTOR);
		return;
	}
	/* what came back lies beside what it means */
	answer = json_object_get(o, "answer");
	json_object_set_new(o, "varbinds",
		json_is_object(answer) ? json_incref(json_object_get(answer, "varbinds"))
				       : json_array());
	json_object_set_new(o, "raw",
		json_is_object(answer) ? json_incref(json_object_get(answer, "raw")) : json_null());
	json_object_del(o, "answer");
	access_reply(rq, 200, o);
}

static struct access_command *test_command(struct request *rq)
{
	struct access_command *c = bb_arena_alloc(rq->http->arena, sizeof(*c));

	*c = (struct access_command){ .rq = rq, .verb = "probe", .timeout_ms = TEST_WAIT_MS };
	return c;
}

/* A device with its own settings, and what the body gives in place of them. */
static void test_device(struct request *rq, struct access_command *c, const char *id)
{
	const struct model_device *d = model_device(rq->w->model, strtoull(id, NULL, 10));
	bool has_secret =
		json_object_get(rq->body, "community") || json_object_get(rq->body, "v3_user");
	const char *address = json_string_value(json_object_get(rq->body, "address"));
	json_t *item;

	if (!d || !d->is_configured) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device with this id");
		return;
	}
	c->item = bb_arena_strdup(rq->http->arena, d->key);
	if (has_secret) {
		if (!(item = access_read(rq, rq->body)))
			return;
		access_args_of(c, item);
		json_decref(item);
	} else {
		json_t *version = json_object_get(rq->body, "version"),
		       *port = json_object_get(rq->body, "port");

		if (json_is_string(version))
			access_arg(c, "version", json_string_value(version));
		if (json_is_integer(port))
			access_arg(c, "port",
				bb_arena_printf(rq->http->arena, "%lld",
					(long long)json_integer_value(port)));
	}
	if (address)
		access_arg(c, "address", address);
	access_send(c, on_tested);
}

static void on_credential(struct request *rq, PGresult *r)
{
	struct access_command *c = rq->ctx;
	json_t *list = json_loads(PQgetvalue(r, 0, 0), 0, NULL), *one = json_array_get(list, 0);
	json_t *port = json_object_get(rq->body, "port");

	if (!one) {
		reply_invalid(rq, "/credential_id", "there is no credential with this id");
	} else {
		if (json_is_integer(port))
			json_object_set(one, "port", port);
		access_args_of(c, one);
		access_send(c, on_tested);
	}
	json_decref(list);
}

void api_device_test(struct request *rq)
{
	static const char *const known[] = { "device_id", "credential_id", "address", "port",
		"version", "community", "v3_user", "v3_auth", "v3_priv", "v3_context",
		"v3_engine_id", "v3_auth_password", "v3_priv_password", NULL };
	const json_t *device = json_object_get(rq->body, "device_id"),
		     *credential = json_object_get(rq->body, "credential_id");
	const char *address = json_string_value(json_object_get(rq->body, "address")), *id;
	struct access_command *c = test_command(rq);
	json_t *item;

	if (known_members(rq, known) != 0)
		return;
	if ((device && access_id(rq, device, &id) != 0) ||
		(credential && access_id(rq, credential, &id) != 0)) {
		reply_invalid(rq, device ? "/device_id" : "/credential_id", "it is no id");
		return;
	}
	if (device) {
		test_device(rq, c, id);
		return;
	}
	if (!address) {
		reply_invalid(rq, "/address", "name a device_id, or an address");
		return;
	}
	access_arg(c, "address", address);
	if (credential) {
		rq->ctx = c;
		const char *values[] = { bb_arena_printf(rq->http->arena, "{%s}", id) };
		change_read(rq, "SELECT credential_use($1)", 1, values, on_credential);
	} else if ((item = access_read(rq, rq->body))) {
		access_args_of(c, item);
		json_decref(item);
		access_send(c, on_tested);
	}
}

/* ---- identity ---- */

static bool device_exists(struct request *rq, uint64_t *id)
{
	const struct model_device *d = NULL;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, id, NULL) == 0)
		d = model_device(rq->w->model, *id);
	if (!d || !d->is_configured)
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device with this id");
	return d && d->is_configured;
}

void api_device_identity(struct request *rq)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	uint64_t id;

	if (!device_exists(rq, &id))
		return;
	identities_write(rq->w->identities, id, &j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

static void on_accepted(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct request *rq = arg;

	identities_accepted(rq->w->identities, strtoull(rq->param, NULL, 10), r != NULL);
	if (r)
		reply_empty(rq);
	else
		reply_problem(rq, PROBLEM_UNAVAILABLE, "PostgreSQL refused this: %s", error);
}

void api_identity_accept(struct request *rq)
{
	uint64_t id;
	char *seen;

	if (!device_exists(rq, &id))
		return;
	seen = identities_accept(rq->w->identities, id);
	if (!seen) {
		reply_problem(rq, PROBLEM_CONFLICT,
			"there is nothing to accept: the device is who it was");
		return;
	}
	const char *values[] = { rq->param, seen, rq->who.user, rq->who.source };
	rq->who.session = NULL; /* may end while PostgreSQL works */
	if (confdb_write(rq->w->conf, "SELECT identity_accept($1, $2, $3, $4)", 4, values,
		    on_accepted, rq) != 0) {
		identities_accepted(rq->w->identities, id, false);
		reply_no_database(rq, confdb_reason(rq->w->conf));
	}
	free(seen);
}
