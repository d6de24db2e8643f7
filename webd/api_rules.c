// SPDX-License-Identifier: Apache-2.0
/* Rules: the built-in ones and the entries of the configuration, their text, what is in force for
 * a device. Everything that can be known of a rule by itself is checked by common/ruledef, what it
 * names by the schema. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/ruleset.h"
#include "common/ruledef.h"
#include "common/rulewords.h"
#include "webd/change.h"
#include "webd/device_input.h"
#include "webd/handlers.h"
#include "webd/rule_input.h"
#include "webd/webd.h"

/* ---- showing ---- */

/* The members in the order people read them; jsonb has another. */
static void write_doc(struct bb_json *j, const char *doc)
{
	struct bb_arena *a = bb_arena_new(4096, 0);
	char pointer[96];
	const struct bb_ruledef *d = bb_ruledef_parse(a, doc, strlen(doc), pointer, NULL);

	/* Written by an older version that took what this one refuses: shown as it is. */
	if (d)
		bb_ruledef_write(d, j);
	else
		bb_json_raw(j, "unreadable", doc);
	bb_arena_free(a);
}

static void on_rules(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (size_t i = 0; i < rule_pack_count; i++) {
		bb_json_obj(&j, NULL);
		rule_pack_write(&rule_pack[i], &j);
		bb_json_end_obj(&j);
	}
	for (int i = 0; i < PQntuples(r); i++) {
		bb_json_obj(&j, NULL);
		bb_json_str(&j, "entry", PQgetvalue(r, i, 0));
		bb_json_bool(&j, "builtin", false);
		write_doc(&j, PQgetvalue(r, i, 1));
		bb_json_str(&j, "user", PQgetvalue(r, i, 2));
		bb_json_str(&j, "changed_at", PQgetvalue(r, i, 3));
		bb_json_raw(&j, "version", PQgetvalue(r, i, 4));
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

static const char list_sql[] =
	"SELECT entry, doc, user_name, to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
	"(SELECT version FROM rule WHERE entry_id = entry) FROM rule_docs() WHERE NOT removed";

void api_rules(struct request *rq)
{
	change_read(rq, list_sql, 0, NULL, on_rules);
}

static void on_device_rules(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (reply->code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "%s", reply->text);
		return;
	}
	if (reply->code != BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK || !reply->json ||
		!*reply->json) {
		reply_problem(rq, PROBLEM_UNAVAILABLE, "%s",
			reply->text && *reply->text ? reply->text : "alarmd does not answer");
		return;
	}
	bb_buf_str(&b, reply->json);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_device_rules(struct request *rq)
{
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	char *item = (char *)(uintptr_t)rq->param;

	c.verb = "rules";
	c.user = rq->who.user;
	c.n_item = 1;
	c.item = &item;
	rq->who.session = NULL;
	bb_cmd_send(rq->w->commands, "alarmd", &c, on_device_rules, rq);
}

/* ---- changing ---- */

const struct bb_ruledef *rule_input(struct request *rq, const json_t *v, const char *prefix)
{
	char pointer[96], where[128];
	struct bb_err err;
	const struct bb_ruledef *d = bb_ruledef_read(rq->http->arena, v, pointer, &err);
	bool is_builtin = d && bb_rule_words(d->id);

	if (d && d->enabled && d->kind == BB_RULE_NONE && !is_builtin) {
		snprintf(pointer, sizeof(pointer), "/kind");
		bb_err_set(&err, "no built-in rule is called \"%s\": say of which kind it is",
			d->id);
		d = NULL;
	} else if (d && d->kind != BB_RULE_NONE &&
		   (strcmp(d->id, "comm_lost") == 0 || strcmp(d->id, "test_trap_missed") == 0)) {
		snprintf(pointer, sizeof(pointer), "/kind");
		bb_err_set(&err, "\"%s\" is not about a value: leave the kind out, change the rest",
			d->id);
		d = NULL;
	} else if (d && !is_builtin && (bb_alarm_words(d->id) || strcmp(d->id, "test") == 0)) {
		snprintf(pointer, sizeof(pointer), "/id");
		bb_err_set(&err, "\"%s\" is an alarm of Busbar itself: choose another id", d->id);
		d = NULL;
	} else if (d && d->scope == BB_SCOPE_PROFILE &&
		   (strcmp(d->scope_of, "auto") == 0 ||
			   !device_profile_exists(rq->w, d->scope_of))) {
		snprintf(pointer, sizeof(pointer), "/scope/profile");
		bb_err_set(&err, "it can never fire: there is no profile \"%s\"", d->scope_of);
		d = NULL;
	}
	if (d)
		return d;
	snprintf(where, sizeof(where), "%s%s", prefix, pointer);
	reply_invalid(rq, where, "%s", err.text);
	return NULL;
}

/* As the schema keeps it; in the arena of the request. */
static const char *doc_of(struct request *rq, const struct bb_ruledef *d)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_ruledef_write(d, &j);
	bb_json_end_obj(&j);
	const char *doc = bb_arena_strdup(rq->http->arena, b.data);
	bb_buf_fini(&b);
	return doc;
}

/* Ids that stand without an entry, as an array of PostgreSQL; they need no quoting. */
static const char *builtin_ids(struct request *rq)
{
	struct bb_buf b = { 0 };

	for (size_t i = 0; i < rule_pack_count; i++)
		bb_buf_printf(&b, "%s%s", i ? "," : "{", rule_pack[i].id);
	bb_buf_str(&b, "}");
	const char *list = bb_arena_strdup(rq->http->arena, b.data);
	bb_buf_fini(&b);
	return list;
}

/* What the change was made from, "*" for anything; NULL after answering. */
static const char *base_of(struct request *rq, bool is_needed)
{
	const char *base = request_if_match(rq);

	if (base || (!is_needed && !http_header(rq->http, "If-Match")))
		return base ? base : "*";
	reply_problem(rq, PROBLEM_IF_MATCH,
		"send If-Match with what you changed (\"3\", the version), or * for whatever it is now");
	return NULL;
}

static void on_put(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };
	char etag[40];

	snprintf(etag, sizeof(etag), "\"%s\"", PQgetvalue(r, 0, 1));
	http_set_header(rq->http, "ETag", etag);
	bb_buf_printf(&b, "{\"entry\":\"%s\",\"version\":%s}", PQgetvalue(r, 0, 0),
		PQgetvalue(r, 0, 1));
	reply_json(rq, rq->param ? 200 : 201, &b);
	bb_buf_fini(&b);
}

static void put(struct request *rq, const char *entry, const char *base)
{
	const struct bb_ruledef *d = rule_input(rq, rq->body, "");

	if (!d)
		return;
	const char *values[] = { entry, doc_of(rq, d), rq->who.user, rq->who.source, base,
		builtin_ids(rq) };
	change_run(rq, "SELECT * FROM rule_put($1, $2, $3, $4, $5, $6)", 6, values, on_put);
}

void api_rule_add(struct request *rq)
{
	put(rq, NULL, "*");
}

void api_rule_put(struct request *rq)
{
	const char *base = base_of(rq, true);

	if (base)
		put(rq, rq->param, base);
}

void api_rule_remove(struct request *rq)
{
	const char *base = base_of(rq, false);
	const char *values[] = { rq->param, rq->who.user, rq->who.source, base, builtin_ids(rq) };

	if (base)
		change_run(rq, "SELECT rule_remove($1, $2, $3, $4, $5)", 5, values, change_reply_empty);
}

/* ---- as text ---- */

static void on_export(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 }, doc = { 0 };
	json_t *list = json_array();
	char etag[48];

	snprintf(etag, sizeof(etag), "\"%s\"", PQgetvalue(r, 0, 0));
	http_set_header(rq->http, "ETag", etag);
	for (int i = 0; i < PQntuples(r) && !PQgetisnull(r, i, 1); i++) {
		struct bb_json j = { .out = &doc };
		bb_buf_reset(&doc);
		bb_json_obj(&j, NULL);
		write_doc(&j, PQgetvalue(r, i, 1));
		bb_json_end_obj(&j);
		json_array_append_new(list, json_loads(doc.data, 0, NULL));
	}
	bb_buf_printf(&b, "# Rules of Busbar. Imported, exactly these are there afterwards.\n# State: %s\n",
		PQgetvalue(r, 0, 0));
	bb_ruledef_text_write(&b, list);
	http_reply(rq->http, 200, "text/plain; charset=utf-8", &b);
	json_decref(list);
	bb_buf_fini(&b);
	bb_buf_fini(&doc);
}

void api_rules_export(struct request *rq)
{
	change_read(rq,
		"SELECT rules_state(), d.doc FROM (VALUES (1)) one LEFT JOIN rule_docs() WITH ORDINALITY AS d (entry, doc, user_name, changed_at, removed, place) "
		"ON NOT d.removed ORDER BY d.place",
		0, NULL, on_export);
}

struct import_input {
	const char *text;
	bool dry_run;
};
static const struct field import_fields[] = {
	{ "text", FIELD_STR, true, offsetof(struct import_input, text), 0, BB_RULE_TEXT_MAX },
	{ "dry_run", FIELD_BOOL, false, offsetof(struct import_input, dry_run), 0, 0 },
	FIELD_END,
};

static void on_imported(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_str(&b, PQgetvalue(r, 0, 0));
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* What was read, rule by rule as it will be kept; NULL after answering. */
static char *check_list(struct request *rq, const json_t *list)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char prefix[32];
	const json_t *v;
	size_t i;

	bb_json_arr(&j, NULL);
	json_array_foreach((json_t *)(uintptr_t)list, i, v)
	{
		snprintf(prefix, sizeof(prefix), "/text/%zu", i);
		const struct bb_ruledef *d = rule_input(rq, v, prefix);
		if (!d) {
			bb_buf_fini(&b);
			return NULL;
		}
		bb_json_obj(&j, NULL);
		bb_ruledef_write(d, &j);
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	return b.data;
}

void api_rules_import(struct request *rq)
{
	struct import_input in = { 0 };
	struct bb_err err;
	json_t *text = json_object_get(rq->body, "text"), *list;

	/* A text has lines; fields are one. */
	if (!json_is_string(text)) {
		reply_invalid(rq, "/text", "the text is missing");
		return;
	}
	list = bb_ruledef_text_read(json_string_value(text), &err);
	if (!list) {
		reply_invalid(rq, "/text", "%s", err.text);
		return;
	}
	json_object_set_new(rq->body, "text", json_string("read"));
	char *docs = request_fields(rq, import_fields, &in) == 0 ? check_list(rq, list) : NULL;
	json_decref(list);
	if (!docs)
		return;
	const char *base = base_of(rq, false);
	const char *values[] = { docs, in.dry_run ? "true" : "false", rq->who.user, rq->who.source,
		base, builtin_ids(rq) };
	if (base)
		change_run(rq, "SELECT rules_import($1, $2, $3, $4, $5, $6)", 6, values, on_imported);
	free(docs);
}
