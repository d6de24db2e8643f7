// SPDX-License-Identifier: Apache-2.0
/* Backup and restore of the configuration. An archive is one line of JSON {"busbar_backup": 1,
 * "at": ..., "mac": hex, "config": "<JSON text>"}; the MAC (keyed BLAKE2b under the install key)
 * covers time and text. Restore checks it first, then every field as if a person had sent it;
 * there are no users, tokens or keys in an archive, and none can be set by one. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/point.h"
#include "common/ruledef.h"
#include "webd/change.h"
#include "webd/device_input.h"
#include "webd/group_input.h"
#include "webd/handlers.h"
#include "webd/plan_input.h"
#include "webd/setting.h"
#include "webd/webd.h"

#define MAC_BYTES 32

static void make_mac(const struct webd *w, const char *at, const char *config,
	uint8_t mac[MAC_BYTES])
{
	crypto_generichash_state st;

	crypto_generichash_init(&st, w->install_key, sizeof(w->install_key), MAC_BYTES);
	crypto_generichash_update(&st, (const uint8_t *)"busbar_backup 1\n", 16);
	crypto_generichash_update(&st, (const uint8_t *)at, strlen(at) + 1);
	crypto_generichash_update(&st, (const uint8_t *)config, strlen(config));
	crypto_generichash_final(&st, mac, MAC_BYTES);
}

static void on_backup(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	const char *config = PQgetvalue(r, 0, 0);
	char at[32], hex[2 * MAC_BYTES + 1];
	uint8_t mac[MAC_BYTES];

	bb_clock_rfc3339(bb_clock_real_us(), at);
	make_mac(rq->w, at, config, mac);
	bb_hex(hex, mac, sizeof(mac));
	bb_json_obj(&j, NULL);
	bb_json_int(&j, "busbar_backup", 1);
	bb_json_str(&j, "at", at);
	bb_json_str(&j, "mac", hex);
	bb_json_str(&j, "config", config);
	bb_json_end_obj(&j);
	bb_buf_str(&b, "\n");
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_backup(struct request *rq)
{
	change_read(rq, "SELECT config_backup()", 0, NULL, on_backup);
}

/* ---- restore ---- */

struct archive {
	int64_t version;
	const char *at, *mac, *config;
};
struct contents {
	json_t *devices, *sites, *settings, *recipients, *plans;
	json_t *corrections, *credentials, *trap_windows; /* NULL in archives of before, as what follows */
	json_t *rules, *device_groups, *redundancy_groups, *maintenance;
};
struct site_input {
	const char *key, *name;
};
struct setting_input {
	const char *name, *value, *sealed;
};

// clang-format off
static const struct field contents_fields[] = {
	{ "devices", FIELD_ARRAY, true, offsetof(struct contents, devices), 0, 100000 },
	{ "sites", FIELD_ARRAY, true, offsetof(struct contents, sites), 0, 100000 },
	{ "settings", FIELD_ARRAY, true, offsetof(struct contents, settings), 0, 1000 },
	{ "recipients", FIELD_ARRAY, true, offsetof(struct contents, recipients), 0, 100000 },
	{ "plans", FIELD_ARRAY, true, offsetof(struct contents, plans), 0, 100000 },
	{ "corrections", FIELD_ARRAY, false, offsetof(struct contents, corrections), 0, 1000000 },
	{ "credentials", FIELD_ARRAY, false, offsetof(struct contents, credentials), 0, 10000 },
	{ "device_groups", FIELD_ARRAY, false, offsetof(struct contents, device_groups), 0, 100000 },
	{ "redundancy_groups", FIELD_ARRAY, false, offsetof(struct contents, redundancy_groups), 0, 100000 },
	{ "maintenance", FIELD_ARRAY, false, offsetof(struct contents, maintenance), 0, 100000 },
	{ "rules", FIELD_ARRAY, false, offsetof(struct contents, rules), 0, BB_RULES_MAX },
	{ "trap_windows", FIELD_ARRAY, false, offsetof(struct contents, trap_windows), 0, 100000 },
	FIELD_END,
};
static const struct field site_fields[] = {
	{ "key", FIELD_STR, true, offsetof(struct site_input, key), 1, 200 },
	{ "name", FIELD_STR, true, offsetof(struct site_input, name), 1, 200 },
	FIELD_END,
};
static const struct field setting_fields[] = {
	{ "name", FIELD_STR, true, offsetof(struct setting_input, name), 1, 80 },
	{ "value", FIELD_STR_OR_NULL, true, offsetof(struct setting_input, value), 0, 400 },
	{ "sealed", FIELD_STR_OR_NULL, true, offsetof(struct setting_input, sealed), 2, 1024 },
	FIELD_END,
};
// clang-format on

static json_t *check_device(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	return device_input_restore(w, v, where, err);
}

static json_t *check_site(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	struct site_input in = { 0 };

	if (fields_read(v, site_fields, &in, where, err) != 0)
		return NULL;
	if (!bb_key_valid(in.key))
		return bb_err_null(err, "\"%s\" is no key of a site", in.key);
	return json_pack("{s:s, s:s}", "key", in.key, "name", in.name);
}

static json_t *check_setting(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	struct setting_input in = { 0 };
	const struct setting *s;
	uint8_t bytes[512];

	if (fields_read(v, setting_fields, &in, where, err) != 0)
		return NULL;
	s = setting_find(in.name);
	if (!s)
		return bb_err_null(err, "there is no setting \"%s\"", in.name);
	if (s->is_secret ? in.value || !in.sealed || bb_unhex(bytes, sizeof(bytes), in.sealed) <= 0
			 : in.sealed || !in.value)
		return bb_err_null(err, "setting \"%s\" is not in the form it must have", in.name);
	if (in.value && setting_check(s, in.value, err) != 0)
		return NULL;
	return json_pack("{s:s, s:s?, s:s?, s:s}", "name", in.name, "value", in.value, "sealed",
		in.sealed, "reader", s->reader);
}

static json_t *check_recipient(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	struct recipient_input in = { .severity = "info" };
	int severity;

	if (fields_read(v, recipient_fields, &in, where, err) != 0)
		return NULL;
	severity = bb_severity_parse(in.severity);
	if (severity < 0 || !recipient_address_valid(in.address))
		return bb_err_null(err, "recipient \"%s\" has no valid address or severity",
			in.name);
	return json_pack("{s:s, s:s, s:i}", "name", in.name, "address", in.address, "min_severity",
		severity);
}

static json_t *check_plan(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	const char *key = json_string_value(json_object_get(v, "key"));
	json_t *rest, *doc;

	if (!key || !plan_key_valid(key))
		return bb_err_null(err, "a plan has no valid key");
	rest = json_copy((json_t *)v);
	json_object_del(rest, "key");
	doc = plan_input_read(rest, err);
	json_decref(rest);
	if (doc)
		json_object_set_new(doc, "key", json_string(key));
	return doc;
}

/* Rows as the schema wrote them: the archive's seal vouches for them, the schema's checks do the rest. */
static json_t *check_row(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	return json_is_object(v) ? json_incref((json_t *)v) : bb_err_null(err, "this is no object");
}

static json_t *check_rule(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	struct bb_arena *a = bb_arena_new(4096, 0);
	char pointer[96];
	bool is_good = bb_ruledef_read(a, v, pointer, err) != NULL;

	snprintf(where, 64, "%.63s", pointer);
	bb_arena_free(a);
	return is_good ? json_incref((json_t *)v) : NULL;
}

/* As a person would send it; what a reader returns is in the schema's words, the row is kept. */
static json_t *check_group(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	json_t *doc = group_input_read(v, true, where, err);

	json_decref(doc);
	return doc ? json_incref((json_t *)v) : NULL;
}

static json_t *check_redundancy(struct webd *w, const json_t *v, char *where, struct bb_err *err)
{
	json_t *doc = redundancy_input_read(v, true, where, err);

	json_decref(doc);
	return doc ? json_incref((json_t *)v) : NULL;
}

static const struct part {
	const char *name;
	size_t offset;
	json_t *(*check)(struct webd *w, const json_t *v, char *where, struct bb_err *err);
	// clang-format off
} parts[] = {
	{ "devices", offsetof(struct contents, devices), check_device },
	{ "sites", offsetof(struct contents, sites), check_site },
	{ "settings", offsetof(struct contents, settings), check_setting },
	{ "recipients", offsetof(struct contents, recipients), check_recipient },
	{ "plans", offsetof(struct contents, plans), check_plan },
	{ "corrections", offsetof(struct contents, corrections), check_row },
	{ "credentials", offsetof(struct contents, credentials), check_row },
	{ "trap_windows", offsetof(struct contents, trap_windows), check_row },
	{ "rules", offsetof(struct contents, rules), check_rule },
	{ "device_groups", offsetof(struct contents, device_groups), check_group },
	{ "redundancy_groups", offsetof(struct contents, redundancy_groups), check_redundancy },
	{ "maintenance", offsetof(struct contents, maintenance), check_row },
};
// clang-format on

static int check_part(struct webd *w, const struct part *p, const struct contents *in, json_t *out,
	struct bb_err *err)
{
	const json_t *list = *(json_t *const *)((const char *)in + p->offset);
	json_t *good = json_array(), *v;
	char where[64] = "";
	size_t i;

	if (!list) {
		json_decref(good);
		return 0;
	}
	json_object_set_new(out, p->name, good);
	json_array_foreach((json_t *)list, i, v)
	{
		json_t *item = p->check(w, v, where, err);

		if (!item)
			return bb_err_prefix(err, "%s, entry %zu, %s", p->name, i + 1, where);
		json_array_append_new(good, item);
	}
	return 0;
}

/* The contents, checked field by field, as text for the schema; malloc'ed. */
static char *check_contents(struct webd *w, const char *config, struct bb_err *err)
{
	struct contents in = { 0 };
	json_t *root = json_loads(config, JSON_REJECT_DUPLICATES, NULL), *out = json_object();
	json_t *topology = json_incref(json_object_get(root, "topology"));
	char where[64], *text = NULL;

	/* The only part that is no list. */
	json_object_del(root, "topology");
	if (json_is_object(topology))
		json_object_set(out, "topology", topology);
	json_decref(topology);
	int rc = root ? fields_read(root, contents_fields, &in, where, err)
		      : bb_err_set(err, "the archive's contents are not JSON");

	for (size_t i = 0; rc == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		rc = check_part(w, &parts[i], &in, out, err);
	if (rc == 0)
		text = json_dumps(out, JSON_COMPACT);
	json_decref(out);
	json_decref(root);
	return text;
}

// clang-format off
static const struct field archive_fields[] = {
	{ "busbar_backup", FIELD_INT, true, offsetof(struct archive, version), 1, 1 },
	{ "at", FIELD_STR, true, offsetof(struct archive, at), 1, 40 },
	{ "mac", FIELD_STR, true, offsetof(struct archive, mac), 2 * MAC_BYTES, 2 * MAC_BYTES },
	{ "config", FIELD_STR, true, offsetof(struct archive, config), 2, 16 << 20 },
	FIELD_END,
};
// clang-format on

static void on_restored(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_str(&b, PQgetvalue(r, 0, 0));
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_restore(struct request *rq)
{
	struct archive in = { 0 };
	uint8_t told[MAC_BYTES], mac[MAC_BYTES];
	struct bb_err err;
	char *text;

	if (request_fields(rq, archive_fields, &in) != 0)
		return;
	make_mac(rq->w, in.at, in.config, mac);
	if (bb_unhex(told, sizeof(told), in.mac) != MAC_BYTES ||
		sodium_memcmp(told, mac, MAC_BYTES) != 0) {
		reply_invalid(rq, "/mac",
			"the archive was changed, or belongs to another installation (another install.key); nothing was restored");
		return;
	}
	text = check_contents(rq->w, in.config, &err);
	if (!text) {
		reply_invalid(rq, "/config", "%s; nothing was restored", err.text);
		return;
	}
	const char *values[] = { text, rq->who.user, rq->who.source };
	change_run(rq, "SELECT config_restore($1, $2, $3)", 3, values, on_restored);
	free(text);
}
