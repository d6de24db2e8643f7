// SPDX-License-Identifier: Apache-2.0
/* Configuration of devices. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/table.h"
#include "webd/change.h"
#include "webd/device_input.h"
#include "webd/handlers.h"
#include "webd/webd.h"

#define IMPORT_MAX 100000

static void invalid_field(struct request *rq, const char *where, const char *reason)
{
	char pointer[72];

	snprintf(pointer, sizeof(pointer), "/%s", where);
	reply_invalid(rq, pointer, "field \"%s\": %s", where, reason);
}

/* JSON text of an item, kept by the request. */
static const char *item_text(struct request *rq, json_t *item)
{
	char *text = json_dumps(item, JSON_COMPACT);
	const char *kept = bb_arena_strdup(rq->http->arena, text);

	free(text);
	json_decref(item);
	return kept;
}

static void reply_id_key(struct request *rq, int status, const char *id, const char *key)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "id", id);
	bb_json_str(&j, "key", key);
	bb_json_end_obj(&j);
	reply_json(rq, status, &b);
	bb_buf_fini(&b);
}

/* Takes `credential_id` off the body: the access of that stored credential then stands in place of one typed in. Returns it as
 * text, "" without one, NULL when it does not fit (answered). Its secrets are sealed to collect-snmp. */
static const char *credential_of(struct request *rq)
{
	static const char *const excluded[] = { "community", "version", "v3_user", "v3_auth_password" };
	const json_t *id = json_object_get(rq->body, "credential_id");
	const char *collector = json_string_value(json_object_get(rq->body, "collector"));
	char text[24] = "";
	uint64_t n;

	if (!id)
		return "";
	if (json_is_integer(id))
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(id));
	else if (json_is_string(id))
		snprintf(text, sizeof(text), "%s", json_string_value(id));
	if (bb_parse_u64(text, "id", 1, INT64_MAX, &n, NULL) != 0) {
		invalid_field(rq, "credential_id", "it is the id of a stored credential");
		return NULL;
	}
	for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++)
		if (json_object_get(rq->body, excluded[i])) {
			invalid_field(rq, excluded[i], "it comes with the credential");
			return NULL;
		}
	if (collector && strcmp(collector, "collect-snmp") != 0) {
		invalid_field(rq, "credential_id", "stored credentials are for collect-snmp");
		return NULL;
	}
	json_object_del(rq->body, "credential_id");
	return bb_arena_strdup(rq->http->arena, text);
}

/* No row: the credential is gone. */
static bool credential_gone(struct request *rq, const PGresult *r)
{
	if (PQntuples(r) == 1)
		return false;
	reply_invalid(rq, "/credential_id", "there is no credential with this id");
	return true;
}

static void on_added(struct request *rq, PGresult *r)
{
	if (credential_gone(rq, r))
		return;
	reply_id_key(rq, 201, PQgetvalue(r, 0, 0),
		json_string_value(json_object_get(rq->body, "key")));
}

void api_device_add(struct request *rq)
{
	const char *credential = credential_of(rq);
	char where[64];
	struct bb_err err;
	json_t *item;

	if (!credential)
		return;
	item = device_input_read(rq->w, rq->body, *credential ? INPUT_IMPORT : INPUT_ADD, where, &err);
	if (!item) {
		invalid_field(rq, where, err.text);
		return;
	}
	const char *values[] = { item_text(rq, item), rq->who.user, rq->who.source, credential };
	if (*credential)
		change_run(rq,
			"SELECT device_add($1::jsonb || access, $2, $3) FROM credential_device($4) access "
			"WHERE access IS NOT NULL",
			4, values, on_added);
	else
		change_run(rq, "SELECT device_add($1, $2, $3)", 3, values, on_added);
}

static bool id_fits(struct request *rq)
{
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) == 0)
		return true;
	reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device with this id");
	return false;
}

static void on_config(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };
	char etag[48];

	if (PQntuples(r) != 1) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device with this id");
		return;
	}
	snprintf(etag, sizeof(etag), "\"%s\"", PQgetvalue(r, 0, 0));
	http_set_header(rq->http, "ETag", etag);
	bb_buf_str(&b, PQgetvalue(r, 0, 1));
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_device_config(struct request *rq)
{
	const char *values[] = { rq->param };

	if (id_fits(rq))
		change_read(rq, "SELECT etag, doc FROM device_config($1)", 1, values, on_config);
}

static void on_patched(struct request *rq, PGresult *r)
{
	if (credential_gone(rq, r))
		return;
	reply_id_key(rq, 200, rq->param, PQgetvalue(r, 0, 0));
}

void api_device_patch(struct request *rq)
{
	const char *etag = request_if_match(rq);
	uint64_t id = strtoull(rq->param, NULL, 10);
	const struct model_device *d = model_device(rq->w->model, id);
	const char *credential;
	char where[64];
	struct bb_err err;
	json_t *item;

	if (!id_fits(rq) || (credential = credential_of(rq)) == NULL)
		return;
	if (!etag) {
		reply_problem(rq, PROBLEM_IF_MATCH,
			"send If-Match with the ETag of /devices/{id}/config, or *");
		return;
	}
	/* new secrets are sealed to the collector the device has */
	if (d && (json_object_get(rq->body, "community") || json_object_get(rq->body, "v3_auth_password")) &&
		!json_object_get(rq->body, "collector"))
		json_object_set_new(rq->body, "collector", json_string(d->collector));
	item = device_input_read(rq->w, rq->body, INPUT_PATCH, where, &err);
	if (!item) {
		invalid_field(rq, where, err.text);
		return;
	}
	const char *values[] = { rq->param, etag, item_text(rq, item), rq->who.user,
		rq->who.source, credential };
	if (*credential)
		change_run(rq,
			"SELECT device_change($1, $2, $3::jsonb || access, $4, $5) FROM credential_device($6) access "
			"WHERE access IS NOT NULL",
			6, values, on_patched);
	else
		change_run(rq, "SELECT device_change($1, $2, $3, $4, $5)", 5, values, on_patched);
}

void api_device_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };

	if (id_fits(rq))
		change_run(rq, "SELECT device_remove($1, $2, $3)", 3, values, change_reply_empty);
}

void api_devices_export(struct request *rq)
{
	change_read(rq, "SELECT device_export()", 0, NULL, change_reply_items);
}

/* ---- import ---- */

struct import {
	json_t *items;
	bool dry_run, prune;
	json_t *errors; /* [{line, key, reason}] of lines refused here */
};

// clang-format off
static const struct field import_fields[] = {
	{ "items", FIELD_ARRAY, true, offsetof(struct import, items), 0, IMPORT_MAX },
	{ "dry_run", FIELD_BOOL, false, offsetof(struct import, dry_run), 0, 0 },
	{ "prune", FIELD_BOOL, false, offsetof(struct import, prune), 0, 0 },
	FIELD_END,
};
// clang-format on

static void add_error(json_t *errors, const json_t *item, const char *where, const char *reason)
{
	const json_t *line = json_object_get(item, "line"), *key = json_object_get(item, "key");
	char text[BB_ERR_MAX + 80];

	snprintf(text, sizeof(text), "%s%s%s", where, *where ? ": " : "", reason);
	json_array_append_new(errors,
		json_pack("{s:O?, s:O?, s:s}", "line", json_is_integer(line) ? line : NULL, "key",
			json_is_string(key) ? key : NULL, "reason", text));
}

/* Good lines as an array for SQL; the others into in->errors. */
static json_t *check_lines(struct request *rq, struct import *in)
{
	struct bb_table *seen = bb_table_new();
	json_t *good = json_array(), *v;
	struct bb_err err;
	char where[64];
	size_t i;

	json_array_foreach(in->items, i, v)
	{
		json_t *item = device_input_read(rq->w, v, INPUT_IMPORT, where, &err);
		const char *key = json_string_value(json_object_get(item, "key"));

		if (!item) {
			add_error(in->errors, v, where, err.text);
			continue;
		}
		if (bb_table_get(seen, key)) {
			add_error(in->errors, v, "key", "the same key is in an earlier line");
			json_decref(item);
			continue;
		}
		bb_table_put(seen, key, rq);
		json_array_append_new(good, item);
	}
	bb_table_free(seen, NULL);
	return good;
}

static void on_imported(struct request *rq, PGresult *r)
{
	struct import *in = rq->ctx;
	json_t *result = json_loads(PQgetvalue(r, 0, 0), 0, NULL),
	       *errors = json_object_get(result, "errors");
	struct bb_buf b = { 0 };
	char *text;

	json_array_extend(errors, in->errors);
	json_decref(in->errors);
	if (in->prune && !in->dry_run && json_array_size(errors) > 0) {
		const char *reason =
			json_string_value(json_object_get(json_array_get(errors, 0), "reason"));

		reply_problem(rq, PROBLEM_CONFLICT,
			"nothing was done: a list with bad lines must not remove devices (first: %s)",
			reason);
		json_decref(result);
		return;
	}
	text = json_dumps(result, JSON_COMPACT);
	bb_buf_str(&b, text);
	free(text);
	json_decref(result);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_devices_import(struct request *rq)
{
	struct import *in = bb_arena_alloc(rq->http->arena, sizeof(*in));
	json_t *good;
	bool may_not;

	if (request_fields(rq, import_fields, in) != 0)
		return;
	rq->ctx = in;
	in->errors = json_array();
	good = check_lines(rq, in);
	/* with bad lines a pruning import only looks, so that the answer can name them all */
	may_not = in->prune && json_array_size(in->errors) > 0;
	const char *values[] = { item_text(rq, good), in->prune ? "true" : "false",
		in->dry_run || may_not ? "true" : "false", rq->who.user, rq->who.source };
	change_run(rq, "SELECT device_import($1, $2, $3, $4, $5)", 5, values, on_imported);
}
