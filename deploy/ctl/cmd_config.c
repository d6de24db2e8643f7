// SPDX-License-Identifier: Apache-2.0
/* Settings, recipients, shutdown plans, backup. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

#define ARCHIVE_MAX (15u << 20)

/* Call a path made of a fixed part, an escaped name and a tail. */
static int call_name(struct ctl *c, const char *method, const char *base, const char *name,
	const char *tail, json_t *body, struct ctl_answer *a)
{
	char *escaped = ctl_escape(name);
	struct bb_buf path = { 0 };
	int rc;

	bb_buf_printf(&path, "%s%s%s", base, escaped, tail);
	rc = ctl_call(c, method, path.data, body, a);
	free(escaped);
	bb_buf_fini(&path);
	return rc;
}

/* Done: the answer as JSON, or a sentence. */
static int finish(struct ctl *c, struct ctl_answer *a, const char *done, const char *name)
{
	if (c->is_json)
		ctl_print_json(a->json ? json_incref(a->json) : json_pack("{s:s}", "name", name));
	else
		printf("%s %s\n", done, name);
	ctl_answer_free(a);
	return 0;
}

static json_t *items_of(struct ctl *c, const char *path)
{
	struct ctl_answer a;
	json_t *items;

	if (ctl_call(c, "GET", path, NULL, &a) != 0)
		return NULL;
	items = json_incref(json_object_get(a.json, "items"));
	ctl_answer_free(&a);
	return items;
}

/* ---- settings ---- */

int cmd_setting_list(struct ctl *c)
{
	json_t *items = items_of(c, "/settings"), *s;
	size_t i;

	if (!items)
		return 1;
	if (c->is_json)
		return ctl_print_json(items);
	json_array_foreach(items, i, s) printf("%-16s %s\n", ctl_text(s, "name"),
		json_is_true(json_object_get(s, "secret")) ? "(secret)" : ctl_text(s, "value"));
	json_decref(items);
	return 0;
}

int cmd_setting_set(struct ctl *c)
{
	const char *value = c->arg[1];
	struct ctl_answer a;
	char *read = NULL;
	json_t *body;
	size_t len;

	if (strcmp(value, "-") == 0) {
		read = ctl_read_file("-", 4096, &len);
		if (!read)
			return 1;
		read[strcspn(read, "\r\n")] = '\0';
		value = read;
	}
	body = json_pack("{s:s?}", "value", *value ? value : NULL);
	free(read);
	if (call_name(c, "PUT", "/settings/", c->arg[0], "", body, &a) != 0)
		return 1;
	return finish(c, &a, "set", c->arg[0]);
}

/* ---- recipients ---- */

int cmd_recipient_list(struct ctl *c)
{
	json_t *items = items_of(c, "/recipients"), *r;
	size_t i;

	if (!items)
		return 1;
	if (c->is_json)
		return ctl_print_json(items);
	json_array_foreach(items, i, r) printf("%-20s %-32s %s and worse\n", ctl_text(r, "name"),
		ctl_text(r, "address"), ctl_text(r, "min_severity"));
	json_decref(items);
	return 0;
}

int cmd_recipient_add(struct ctl *c)
{
	const char *severity = ctl_option(c, "min-severity");
	struct ctl_answer a;

	if (ctl_call(c, "POST", "/recipients",
		    json_pack("{s:s, s:s, s:s}", "name", c->arg[0], "address", c->arg[1],
			    "min_severity", severity ? severity : "info"),
		    &a) != 0)
		return 1;
	return finish(c, &a, "added", c->arg[0]);
}

int cmd_recipient_remove(struct ctl *c)
{
	json_t *items = items_of(c, "/recipients"), *r;
	struct ctl_answer a;
	size_t i;
	int rc = 1;

	if (!items)
		return 1;
	json_array_foreach(items, i, r) if (strcmp(ctl_text(r, "name"), c->arg[0]) == 0)
	{
		rc = call_name(c, "DELETE", "/recipients/", ctl_text(r, "id"), "", NULL, &a);
		rc = rc ? rc : finish(c, &a, "removed", c->arg[0]);
		json_decref(items);
		return rc;
	}
	json_decref(items);
	return ctl_fail("there is no recipient \"%s\"", c->arg[0]);
}

/* ---- plans ---- */

int cmd_plan_put(struct ctl *c)
{
	size_t len;
	char *data = ctl_read_file(c->arg[0], 1u << 20, &len);
	json_error_t e;
	json_t *doc = data ? json_loadb(data, len, JSON_REJECT_DUPLICATES, &e) : NULL;
	const char *key = json_string_value(json_object_get(doc, "key"));
	struct ctl_answer a;
	char *name;
	int rc;

	if (!data)
		return 1;
	free(data);
	if (!doc)
		return ctl_fail("%s:%d: %s", c->arg[0], e.line, e.text);
	if (!key) {
		json_decref(doc);
		return ctl_fail("\"%s\": field \"key\" is missing", c->arg[0]);
	}
	name = bb_strdup(key);
	/* what plan show prints can be put back */
	json_object_del(doc, "key");
	json_object_del(doc, "version");
	json_object_del(doc, "mode");
	json_object_del(doc, "simulated_version");
	json_object_del(doc, "run");
	rc = call_name(c, "PUT", "/plans/", name, "", doc, &a);
	rc = rc ? rc : finish(c, &a, "put", name);
	free(name);
	return rc;
}

int cmd_plan_list(struct ctl *c)
{
	json_t *items = items_of(c, "/plans"), *p;
	size_t i;

	if (!items)
		return 1;
	if (c->is_json)
		return ctl_print_json(items);
	json_array_foreach(items, i, p)
	{
		const json_t *run = json_object_get(p, "run");

		printf("%-20s %-9s version %-4s simulated %-4s hold %s s, %zu devices, %zu targets, %s\n",
			ctl_text(p, "key"), ctl_text(p, "mode"), ctl_text(p, "version"),
			ctl_text(p, "simulated_version"), ctl_text(p, "hold_s"),
			json_array_size(json_object_get(p, "devices")),
			json_array_size(json_object_get(p, "targets")),
			json_is_object(run) ? ctl_text(run, "state") : "shutdownd does not tell");
	}
	json_decref(items);
	return 0;
}

int cmd_plan_show(struct ctl *c)
{
	json_t *items = items_of(c, "/plans"), *p;
	size_t i;

	if (!items)
		return 1;
	json_array_foreach(items, i, p) if (strcmp(ctl_text(p, "key"), c->arg[0]) == 0)
	{
		if (c->is_json) {
			ctl_print_json(json_incref(p));
		} else {
			json_dumpf(p, stdout, JSON_INDENT(2));
			putchar('\n');
		}
		json_decref(items);
		return 0;
	}
	json_decref(items);
	return ctl_fail("there is no plan \"%s\"", c->arg[0]);
}

static int plan_action(struct ctl *c, const char *method, const char *tail, json_t *body,
	const char *done)
{
	struct ctl_answer a;

	if (call_name(c, method, "/plans/", c->arg[0], tail, body, &a) != 0)
		return 1;
	return finish(c, &a, done, c->arg[0]);
}

int cmd_plan_remove(struct ctl *c)
{
	return plan_action(c, "DELETE", "", NULL, "removed");
}

int cmd_plan_simulate(struct ctl *c)
{
	return plan_action(c, "POST", "/simulate", json_object(), "simulated");
}

int cmd_plan_mode(struct ctl *c)
{
	return plan_action(c, "POST", "/mode", json_pack("{s:s}", "mode", c->arg[1]),
		"changed the mode of");
}

int cmd_plan_confirm(struct ctl *c)
{
	uint64_t run;
	struct bb_err err;

	if (bb_parse_u64(c->arg[1], "RUN", 1, INT64_MAX, &run, &err) < 0)
		return ctl_fail("%s", err.text);
	return plan_action(c, "POST", "/confirm", json_pack("{s:I}", "run", (json_int_t)run),
		"confirmed");
}

/* ---- backup, restore ---- */

/* Whole or not at all, for the owner's eyes. */
static int write_archive(const char *file, const char *text)
{
	size_t n = strlen(text);
	struct bb_buf temp = { 0 };
	int fd, rc = 0;

	bb_buf_printf(&temp, "%s.part", file);
	fd = open(temp.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n || fsync(fd) != 0 ||
		rename(temp.data, file) != 0)
		rc = ctl_fail("cannot write \"%s\": %s", file, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (rc != 0)
		unlink(temp.data);
	bb_buf_fini(&temp);
	return rc;
}

int cmd_backup(struct ctl *c)
{
	struct ctl_answer a;
	int rc;

	if (ctl_call(c, "GET", "/backup", NULL, &a) != 0)
		return 1;
	rc = write_archive(c->arg[0], a.text);
	if (rc == 0 && c->is_json)
		ctl_print_json(
			json_pack("{s:s, s:i}", "file", c->arg[0], "bytes", (int)strlen(a.text)));
	else if (rc == 0)
		printf("saved the configuration to %s; keep %s/install.key and %s/secret with it: nothing is read back without them\n",
			c->arg[0], c->dirs.lib, c->dirs.etc);
	ctl_answer_free(&a);
	return rc;
}

int cmd_restore(struct ctl *c)
{
	size_t len;
	char *data = ctl_read_file(c->arg[0], ARCHIVE_MAX, &len);
	struct ctl_answer a;
	int rc;

	if (!data)
		return 1;
	rc = ctl_call_raw(c, "POST", "/restore", data, &a);
	free(data);
	if (rc != 0)
		return rc;
	if (c->is_json)
		ctl_print_json(json_incref(a.json));
	else
		printf("restored %s devices, %s settings, %s recipients, %s plans (plans stand in mode simulate)\n",
			ctl_text(a.json, "devices"), ctl_text(a.json, "settings"),
			ctl_text(a.json, "recipients"), ctl_text(a.json, "plans"));
	ctl_answer_free(&a);
	return 0;
}
