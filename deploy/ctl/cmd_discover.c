// SPDX-License-Identifier: Apache-2.0
/* Finding cards, asking single ones, and the credentials for both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

#define LOOK_AGAIN_US 500000

/* ---- credentials ---- */

int cmd_credential_add(struct ctl *c)
{
	json_t *o = ctl_device_config(c);
	struct ctl_answer a;

	if (!o)
		return 1;
	json_object_set_new(o, "name", json_string(c->arg[0]));
	if (ctl_call(c, "POST", "/credentials", o, &a) != 0)
		return 1;
	if (c->is_json)
		ctl_print_json(json_incref(a.json));
	else
		printf("added credential %s\n", c->arg[0]);
	ctl_answer_free(&a);
	return 0;
}

int cmd_credential_list(struct ctl *c)
{
	json_t *all = ctl_list(c, "/credentials"), *x;
	size_t i;

	if (!all)
		return 1;
	if (c->is_json)
		return ctl_print_json(all);
	printf("%-8s %-6s %s\n", "VERSION", "PORT", "NAME");
	json_array_foreach(all, i, x) printf("%-8s %-6s %s\n", ctl_text(x, "version"),
		ctl_text(x, "port"), ctl_text(x, "name"));
	json_decref(all);
	return 0;
}

/* Id of the credential of that name, malloc'ed; NULL after saying so. */
static char *credential_id(const json_t *all, const char *name)
{
	json_t *x;
	size_t i;

	json_array_foreach((json_t *)all, i,
		x) if (strcmp(ctl_text(x, "name"), name) == 0) return bb_strdup(ctl_text(x, "id"));
	ctl_fail("there is no credential \"%s\"; busbarctl credential list names them", name);
	return NULL;
}

int cmd_credential_remove(struct ctl *c)
{
	json_t *all = ctl_list(c, "/credentials");
	char *id = all ? credential_id(all, c->arg[0]) : NULL;
	struct bb_buf path = { 0 };
	struct ctl_answer a;
	int rc = 1;

	bb_buf_printf(&path, "/credentials/%s", id ? id : "");
	if (id && ctl_call(c, "DELETE", path.data, NULL, &a) == 0) {
		printf("removed credential %s\n", c->arg[0]);
		ctl_answer_free(&a);
		rc = 0;
	}
	bb_buf_fini(&path);
	free(id);
	json_decref(all);
	return rc;
}

/* ---- discovery ---- */

static void print_hit(const json_t *h)
{
	const json_t *known = json_object_get(h, "known");
	char known_text[300] = "", model[200];

	if (json_is_object(known))
		snprintf(known_text, sizeof(known_text), "%s %s%s",
			json_is_true(json_object_get(known, "moved")) ? "moved:" : "known:",
			ctl_text(known, "key"),
			json_is_object(json_object_get(known, "changed")) ? " (CHANGED)" : "");
	snprintf(model, sizeof(model), "%s %s", ctl_text(h, "mfr"),
		*ctl_text(h, "model") ? ctl_text(h, "model") : ctl_text(h, "sysdescr"));
	printf("%-5s %-16s %-5s %-18s %-36.36s %-18.18s %s\n", ctl_text(h, "seq"),
		ctl_text(h, "address"), ctl_text(h, "ms"),
		*ctl_text(h, "profile") ? ctl_text(h, "profile") : "-", model,
		ctl_text(h, "serial"), known_text);
}

/* Print what is new until the job has ended. Returns an exit code. */
static int follow(struct ctl *c, const char *job)
{
	json_int_t after = 0;
	bool is_done = false;

	if (!c->is_json)
		printf("%-5s %-16s %-5s %-18s %-36s %-18s %s\n", "HIT", "ADDRESS", "MS", "PROFILE",
			"MODEL", "SERIAL", "DEVICE");
	while (!is_done) {
		struct bb_buf path = { 0 };
		struct ctl_answer a;
		json_t *h;
		size_t i;

		bb_buf_printf(&path, "/discovery/%s?after=%lld", job, (long long)after);
		int rc = ctl_call(c, "GET", path.data, NULL, &a);
		bb_buf_fini(&path);
		if (rc != 0)
			return 1;
		json_array_foreach(json_object_get(a.json, "hits"), i, h)
		{
			after = json_integer_value(json_object_get(h, "seq"));
			if (c->is_json)
				ctl_print_json(json_incref(h));
			else
				print_hit(h);
		}
		fflush(stdout);
		bool has_more = json_is_true(json_object_get(a.json, "more"));
		is_done = json_is_true(json_object_get(a.json, "done")) && !has_more;
		if (is_done && !c->is_json)
			printf("%s of %s datagrams sent, %s answered%s; job %s\n",
				ctl_text(a.json, "sent"), ctl_text(a.json, "total"),
				ctl_text(a.json, "answered"),
				json_is_true(json_object_get(a.json, "cancelled")) ? ", stopped"
										   : "",
				job);
		ctl_answer_free(&a);
		if (!is_done && !has_more)
			usleep(LOOK_AGAIN_US);
	}
	return 0;
}

/* "a,b" -> ids; NULL after saying what is missing. */
static json_t *credential_ids(struct ctl *c, const char *names)
{
	json_t *all = ctl_list(c, "/credentials"), *ids = json_array();
	char *copy = bb_strdup(names), *save = NULL;

	for (char *n = strtok_r(copy, ",", &save); n && all; n = strtok_r(NULL, ",", &save)) {
		char *id = credential_id(all, n);

		if (!id) {
			json_decref(all);
			all = NULL;
			break;
		}
		json_array_append_new(ids, json_string(id));
		free(id);
	}
	free(copy);
	if (all) {
		json_decref(all);
		return ids;
	}
	json_decref(ids);
	return NULL;
}

int cmd_discover(struct ctl *c)
{
	const char *names = ctl_option(c, "credential"), *port = ctl_option(c, "port");
	json_t *ranges = json_array(), *ids, *body;
	struct ctl_answer a;
	char job[40];

	if (!names) {
		json_decref(ranges);
		ctl_fail("say with what to ask: --credential NAME[,NAME...] (credential list)");
		return 2;
	}
	for (int i = 0; i < c->n_args; i++)
		json_array_append_new(ranges, json_string(c->arg[i]));
	ids = credential_ids(c, names);
	if (!ids) {
		json_decref(ranges);
		return 1;
	}
	body = json_pack("{s:o, s:o}", "ranges", ranges, "credential_ids", ids);
	if (port)
		json_object_set_new(body, "port", json_integer(atoi(port)));
	if (ctl_call(c, "POST", "/discovery", body, &a) != 0)
		return 1;
	bb_copy(job, sizeof(job), ctl_text(a.json, "job"));
	ctl_answer_free(&a);
	return follow(c, job);
}

/* ---- single cards ---- */

static void print_test(const json_t *o)
{
	static const char *const shown[] = { "reason", "ms", "sysdescr", "sysname", "sysobjectid",
		"uptime_s", "mfr", "model", "serial", "mac", "engine_id", "profile",
		"profile_title" };
	json_t *v;
	size_t i;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (*ctl_text(o, shown[i]))
			printf("%-14s %s\n", shown[i], ctl_text(o, shown[i]));
	json_array_foreach(json_object_get(o, "varbinds"), i, v) printf("  %-28s %-8s %s\n",
		ctl_text(v, "oid"), ctl_text(v, "type"), ctl_text(v, "value"));
	if (*ctl_text(o, "raw"))
		printf("raw            %s\n", ctl_text(o, "raw"));
}

/* What can only be an address is one; all else is a key. */
static bool is_address(const char *s)
{
	return strchr(s, ':') || (strspn(s, "0123456789.") == strlen(s) && strchr(s, '.'));
}

int cmd_device_test(struct ctl *c)
{
	const char *name = ctl_option(c, "credential");
	json_t *o = ctl_device_config(c), *ids;
	struct ctl_answer a;
	char *id;
	int rc;

	if (!o)
		return 1;
	if (is_address(c->arg[0])) {
		json_object_set_new(o, "address", json_string(c->arg[0]));
	} else {
		if (!(id = ctl_device_id(c, c->arg[0]))) {
			json_decref(o);
			return 1;
		}
		json_object_set_new(o, "device_id", json_string(id));
		free(id);
	}
	if (name) {
		if (!(ids = credential_ids(c, name))) {
			json_decref(o);
			return 1;
		}
		json_object_set(o, "credential_id", json_array_get(ids, 0));
		json_decref(ids);
	}
	if (ctl_call(c, "POST", "/devices:test", o, &a) != 0)
		return 1;
	rc = json_is_true(json_object_get(a.json, "ok")) ? 0 : 1;
	if (c->is_json)
		ctl_print_json(json_incref(a.json));
	else
		print_test(a.json);
	ctl_answer_free(&a);
	return rc;
}

int cmd_device_accept(struct ctl *c)
{
	char *id = ctl_device_id(c, c->arg[0]);
	struct bb_buf path = { 0 };
	struct ctl_answer a;
	int rc;

	if (!id)
		return 1;
	bb_buf_printf(&path, "/devices/%s/identity:accept", id);
	rc = ctl_call(c, "POST", path.data, json_object(), &a);
	bb_buf_fini(&path);
	free(id);
	if (rc != 0)
		return 1;
	printf("%s is from now on what answers there\n", c->arg[0]);
	ctl_answer_free(&a);
	return 0;
}
