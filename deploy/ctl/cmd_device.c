// SPDX-License-Identifier: Apache-2.0
/* Devices, one at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

/* ---- options into a DeviceConfig ---- */

static int set_number(json_t *o, const char *field, const char *option, const char *text)
{
	double v;

	if (bb_parse_double(text, &v) != 0)
		return ctl_fail("--%s: \"%s\" is not a number", option, text);
	json_object_set_new(o, field, v == (double)(long)v ? json_integer((long)v) : json_real(v));
	return 0;
}

/* "-": the next line of standard input, out of sight of ps. */
static int set_secret(json_t *o, const char *field, const char *option, const char *text)
{
	char *line = NULL;
	size_t cap = 0;

	if (strcmp(text, "-") == 0) {
		if (getline(&line, &cap, stdin) < 0) {
			free(line);
			return ctl_fail("--%s -: standard input has no line for it", option);
		}
		line[strcspn(line, "\r\n")] = '\0';
		text = line;
	}
	json_object_set_new(o, field, json_string(text));
	free(line);
	return 0;
}

json_t *ctl_device_config(struct ctl *c)
{
	static const struct {
		const char *option, *field;
		bool is_number;
	} fields[] = {
		{ "address", "address", false },
		{ "port", "port", true },
		{ "collector", "collector", false },
		{ "version", "version", false },
		{ "interval", "interval_s", true },
		{ "status-interval", "status_interval_s", true },
		{ "profile", "profile", false },
		{ "v3-user", "v3_user", false },
		{ "v3-auth", "v3_auth", false },
		{ "v3-priv", "v3_priv", false },
		{ "v3-context", "v3_context", false },
		{ "v3-engine-id", "v3_engine_id", false },
	};
	static const char *const secrets[][2] = { { "community", "community" },
		{ "v3-auth-password", "v3_auth_password" },
		{ "v3-priv-password", "v3_priv_password" } };
	json_t *o = json_object();
	int rc = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && rc == 0; i++) {
		const char *text = ctl_option(c, fields[i].option);

		if (text && fields[i].is_number)
			rc = set_number(o, fields[i].field, fields[i].option, text);
		else if (text)
			json_object_set_new(o, fields[i].field, json_string(text));
	}
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]) && rc == 0; i++)
		if (ctl_option(c, secrets[i][0]))
			rc = set_secret(o, secrets[i][1], secrets[i][0],
				ctl_option(c, secrets[i][0]));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* Call, print the answer: as JSON or as one line. */
static int call_and_say(struct ctl *c, const char *method, const char *path, json_t *body,
	const char *done, const char *key)
{
	struct ctl_answer a;

	if (ctl_call(c, method, path, body, &a) != 0)
		return 1;
	if (c->is_json)
		ctl_print_json(a.json ? json_incref(a.json) : json_pack("{s:s}", "key", key));
	else
		printf("%s %s\n", done, key);
	ctl_answer_free(&a);
	return 0;
}

int cmd_device_add(struct ctl *c)
{
	json_t *o = ctl_device_config(c);

	if (!o)
		return 1;
	if (json_object_get(o, "v3_user") && !json_object_get(o, "version"))
		json_object_set_new(o, "version", json_string("3"));
	json_object_set_new(o, "key", json_string(c->arg[0]));
	return call_and_say(c, "POST", "/devices", o, "added", c->arg[0]);
}

static int patch(struct ctl *c, json_t *body, const char *done, const char *key)
{
	char *id = ctl_device_id(c, c->arg[0]);
	struct bb_buf path = { 0 };
	int rc;

	if (!id) {
		json_decref(body);
		return 1;
	}
	bb_buf_printf(&path, "/devices/%s/config", id);
	rc = call_and_say(c, "PATCH", path.data, body, done, key);
	bb_buf_fini(&path);
	free(id);
	return rc;
}

int cmd_device_set(struct ctl *c)
{
	json_t *o = ctl_device_config(c);

	if (!o)
		return 1;
	if (json_object_size(o) == 0) {
		json_decref(o);
		ctl_fail("say what to change, such as --interval 30 (device set --help)");
		return 2;
	}
	return patch(c, o, "changed", c->arg[0]);
}

int cmd_device_rename(struct ctl *c)
{
	return patch(c, json_pack("{s:s}", "key", c->arg[1]), "renamed to", c->arg[1]);
}

int cmd_device_remove(struct ctl *c)
{
	char *id = ctl_device_id(c, c->arg[0]);
	struct bb_buf path = { 0 };
	int rc;

	if (!id)
		return 1;
	bb_buf_printf(&path, "/devices/%s", id);
	rc = call_and_say(c, "DELETE", path.data, NULL, "removed", c->arg[0]);
	bb_buf_fini(&path);
	free(id);
	return rc;
}

/* ---- looking ---- */

int cmd_device_list(struct ctl *c)
{
	json_t *all = ctl_list(c, "/devices"), *d;
	size_t i;

	if (!all)
		return 1;
	if (c->is_json)
		return ctl_print_json(all);
	printf("%-8s %-9s %-12s %-22s %-18s %s\n", "SEVERITY", "COMM", "STATUS", "ADDRESS",
		"PROFILE", "KEY");
	json_array_foreach(all, i, d)
	{
		char address[96];

		snprintf(address, sizeof(address), "%s:%s", ctl_text(d, "address"),
			ctl_text(d, "port"));
		printf("%-8s %-9s %-12s %-22s %-18s %s\n", ctl_text(d, "severity"),
			ctl_text(d, "comm"), ctl_text(d, "status"), address, ctl_text(d, "profile"),
			ctl_text(d, "key"));
	}
	json_decref(all);
	return 0;
}

static void print_points(const json_t *points)
{
	json_t *p;
	size_t i;

	json_array_foreach((json_t *)points, i, p)
		printf("  %-32s %-8s %14s %-4s %-8s %8s s  %s\n", ctl_text(p, "name"),
			ctl_text(p, "index"), ctl_text(p, "value"), ctl_text(p, "unit"),
			ctl_text(p, "quality"), ctl_text(p, "age_s"), ctl_text(p, "oid"));
}

int cmd_device_show(struct ctl *c)
{
	static const char *const shown[] = { "key", "id", "model", "mfr", "serial", "profile",
		"status", "severity", "comm", "address", "port", "collector", "interval_s",
		"lost_reason" };
	char *id = ctl_device_id(c, c->arg[0]);
	struct bb_buf path = { 0 };
	struct ctl_answer a;
	int rc;

	if (!id)
		return 1;
	bb_buf_printf(&path, "/devices/%s%s", id, ctl_option(c, "sources") ? "?sources=1" : "");
	rc = ctl_call(c, "GET", path.data, NULL, &a);
	free(id);
	bb_buf_fini(&path);
	if (rc != 0)
		return rc;
	if (c->is_json) {
		ctl_print_json(json_incref(a.json));
	} else {
		for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
			printf("%-12s %s\n", shown[i], ctl_text(a.json, shown[i]));
		print_points(json_object_get(a.json, "points"));
	}
	ctl_answer_free(&a);
	return 0;
}

int cmd_poll(struct ctl *c)
{
	json_t *keys = json_array(), *v;
	struct ctl_answer a;
	size_t i;
	int rc = 0;

	for (int k = 0; k < c->n_args; k++)
		json_array_append_new(keys, json_string(c->arg[k]));
	if (ctl_call(c, "POST", "/devices:poll", json_pack("{s:o}", "keys", keys), &a) != 0)
		return 1;
	json_array_foreach(json_object_get(a.json, "items"), i, v)
	{
		if (!json_is_true(json_object_get(v, "ok")))
			rc = ctl_fail("%s: %s", ctl_text(v, "key"), ctl_text(v, "text"));
		else if (!c->is_json)
			printf("polling %s\n", ctl_text(v, "key"));
	}
	if (c->is_json)
		ctl_print_json(json_incref(json_object_get(a.json, "items")));
	ctl_answer_free(&a);
	return rc;
}
