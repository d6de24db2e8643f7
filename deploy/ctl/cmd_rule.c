// SPDX-License-Identifier: Apache-2.0
/* Rules: looking, changing one, all of them as text, what one would have done. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/ruledef.h"
#include "deploy/ctl/ctl.h"

#define FILE_MAX (8u << 20)

/* The items of an answer; the caller's to json_decref(). NULL after saying why. */
static json_t *items_of(struct ctl *c, const char *path)
{
	struct ctl_answer a;
	json_t *v;

	if (ctl_call(c, "GET", path, NULL, &a) != 0)
		return NULL;
	v = json_incref(json_object_get(a.json, "items"));
	ctl_answer_free(&a);
	return v;
}

static void print_scope(const json_t *scope, char *out, size_t cap)
{
	const char *name;
	const json_t *v;

	snprintf(out, cap, "everywhere");
	json_object_foreach((json_t *)(uintptr_t)scope, name, v)
		snprintf(out, cap, "%s %s", name, json_string_value(v));
}

static void print_rule(const json_t *r)
{
	const json_t *level = json_object_get(json_object_get(r, "limits"), "high_high");
	char scope[260];
	bool is_builtin = json_is_true(json_object_get(r, "builtin"));

	if (!level)
		level = json_object_iter_value(json_object_iter(json_object_get(r, "limits")));
	print_scope(json_object_get(r, "scope"), scope, sizeof(scope));
	printf("%-6s %-24s %-28s %-10s %-9s %s%s\n", is_builtin ? "-" : ctl_text(r, "entry"),
		ctl_text(r, "id"), is_builtin ? "built-in" : scope, ctl_text(r, "kind"),
		ctl_text(level ? level : r, "severity"),
		json_is_false(json_object_get(r, "enabled")) ? "(off) " : "", ctl_text(r, "title"));
}

int cmd_rule_list(struct ctl *c)
{
	const char *device = ctl_option(c, "device");
	char *id = device ? ctl_device_id(c, device) : NULL, path[128];
	json_t *items, *r;
	size_t i;

	if (device && !id)
		return 1;
	snprintf(path, sizeof(path), id ? "/devices/%s/rules" : "/rules", id);
	free(id);
	items = items_of(c, path);
	if (!items)
		return 1;
	if (c->is_json)
		return ctl_print_json(items);
	json_array_foreach(items, i, r) print_rule(r);
	json_decref(items);
	return 0;
}

/* A rule of an answer as it may be sent: without what only answers have. */
static json_t *stripped(const json_t *r)
{
	static const char *const names[] = { "entry", "builtin", "user", "changed_at", "version", "from" };
	json_t *v = json_deep_copy(r);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_del(v, names[i]);
	return v;
}

/* Entries with that number, or that id. */
static json_t *entries_of(struct ctl *c, const char *name, bool with_builtin)
{
	json_t *items = items_of(c, "/rules"), *found = json_array(), *r;
	size_t i;

	json_array_foreach(items, i, r)
	{
		bool is_builtin = json_is_true(json_object_get(r, "builtin"));
		if ((!is_builtin || with_builtin) && (strcmp(ctl_text(r, "entry"), name) == 0 ||
							     strcmp(ctl_text(r, "id"), name) == 0))
			json_array_append(found, r);
	}
	bool is_answered = items != NULL;
	json_decref(items);
	if (is_answered && json_array_size(found))
		return found;
	json_decref(found);
	if (is_answered)
		ctl_fail("there is no rule \"%s\"; busbarctl rule list shows them", name);
	return NULL;
}

int cmd_rule_show(struct ctl *c)
{
	json_t *found = entries_of(c, c->arg[0], true), *list, *r;
	struct bb_buf b = { 0 };
	size_t i;

	if (!found)
		return 1;
	if (c->is_json)
		return ctl_print_json(found);
	list = json_array();
	json_array_foreach(found, i, r)
	{
		json_array_append_new(list, stripped(r));
		if (!json_is_true(json_object_get(r, "builtin")))
			printf("# entry %s, version %s, by %s at %s\n", ctl_text(r, "entry"),
				ctl_text(r, "version"), ctl_text(r, "user"), ctl_text(r, "changed_at"));
	}
	bb_ruledef_text_write(&b, list);
	fputs(b.data, stdout);
	bb_buf_fini(&b);
	json_decref(list);
	json_decref(found);
	return 0;
}

/* The rules of a file as a JSON array; NULL after saying why. */
static json_t *rules_of_file(const char *file)
{
	size_t len;
	char *text = ctl_read_file(file, FILE_MAX, &len);
	struct bb_err err;
	json_t *list;

	if (!text)
		return NULL;
	list = bb_ruledef_text_read(text, &err);
	free(text);
	if (!list)
		ctl_fail("\"%s\": %s", file, err.text);
	return list;
}

static int put_one(struct ctl *c, const json_t *present, json_t *rule)
{
	const json_t *r, *none = NULL;
	json_t *scope = json_object_get(rule, "scope"), *empty = json_object();
	struct ctl_answer a;
	char path[64] = "/rules", name[48];
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)present, i, r)
	{
		if (json_is_true(json_object_get(r, "builtin")) ||
			!json_equal(json_object_get(r, "id"), json_object_get(rule, "id")) ||
			!json_equal(json_object_get(r, "scope"), scope ? scope : empty))
			continue;
		snprintf(path, sizeof(path), "/rules/%.30s", ctl_text(r, "entry"));
		none = r;
	}
	snprintf(name, sizeof(name), "%s", ctl_text(rule, "id"));
	json_decref(empty);
	int rc = ctl_call(c, none ? "PUT" : "POST", path, json_incref(rule), &a);
	if (rc != 0)
		return rc;
	if (c->is_json)
		rc = ctl_print_json(json_incref(a.json));
	else
		printf("rule %s is entry %s\n", name, ctl_text(a.json, "entry"));
	ctl_answer_free(&a);
	return rc;
}

int cmd_rule_set(struct ctl *c)
{
	json_t *list = rules_of_file(c->arg[0]), *present = list ? items_of(c, "/rules") : NULL,
	       *rule;
	int rc = present ? 0 : 1;
	size_t i;

	c->if_match = ctl_option(c, "version");
	if (rc == 0 && c->if_match && json_array_size(list) != 1)
		rc = ctl_fail("--version is of one rule, \"%s\" has %zu", c->arg[0],
			json_array_size(list));
	json_array_foreach(list, i, rule) if (rc == 0) rc = put_one(c, present, rule);
	json_decref(present);
	json_decref(list);
	return rc;
}

int cmd_rule_remove(struct ctl *c)
{
	json_t *found = entries_of(c, c->arg[0], false);
	struct ctl_answer a;
	char path[64];
	int rc;

	if (!found)
		return 1;
	if (json_array_size(found) > 1) {
		json_decref(found);
		return ctl_fail(
			"rule \"%s\" has several entries; name one by its number (busbarctl rule list)",
			c->arg[0]);
	}
	snprintf(path, sizeof(path), "/rules/%.30s", ctl_text(json_array_get(found, 0), "entry"));
	json_decref(found);
	c->if_match = ctl_option(c, "version");
	rc = ctl_call(c, "DELETE", path, NULL, &a);
	if (rc == 0)
		ctl_answer_free(&a);
	return rc;
}

int cmd_rule_export(struct ctl *c)
{
	struct ctl_answer a;
	FILE *f = stdout;
	int rc = ctl_call(c, "GET", "/rules:export", NULL, &a);

	if (rc != 0)
		return rc;
	if (c->n_args && !(f = fopen(c->arg[0], "we")))
		rc = ctl_fail("cannot write \"%s\"", c->arg[0]);
	if (f && fputs(a.text, f) < 0)
		rc = ctl_fail("cannot write the rules");
	if (f && f != stdout && fclose(f) != 0)
		rc = ctl_fail("cannot write \"%s\"", c->arg[0]);
	ctl_answer_free(&a);
	return rc;
}

int cmd_rule_import(struct ctl *c)
{
	size_t len;
	char *text = ctl_read_file(c->arg[0], FILE_MAX, &len);
	bool is_dry = ctl_option(c, "dry-run") != NULL;
	struct ctl_answer a;
	int rc;

	if (!text)
		return 1;
	c->if_match = ctl_option(c, "state");
	rc = ctl_call(c, "POST", "/rules:import",
		json_pack("{s:s,s:b}", "text", text, "dry_run", is_dry), &a);
	free(text);
	if (rc != 0)
		return rc;
	if (c->is_json)
		rc = ctl_print_json(json_incref(a.json));
	else
		printf("%s%s added, %s changed, %s the same, %s removed\n",
			is_dry ? "would be: " : "", ctl_text(a.json, "added"),
			ctl_text(a.json, "changed"), ctl_text(a.json, "same"),
			ctl_text(a.json, "removed"));
	ctl_answer_free(&a);
	return rc;
}

static void print_preview(const json_t *p)
{
	const json_t *v;
	size_t i;

	printf("%s raises on %s devices, %s s of alarm, from %s samples\n", ctl_text(p, "raises"),
		ctl_text(p, "devices"), ctl_text(p, "alarm_seconds"), ctl_text(p, "samples"));
	json_array_foreach(json_object_get(p, "by_device"), i, v)
		printf("  %-40s %6s raises %8s s\n", ctl_text(v, "key"), ctl_text(v, "raises"),
			ctl_text(v, "seconds"));
	json_array_foreach(json_object_get(p, "by_day"), i,
		v) if (json_integer_value(json_object_get(v, "raises")))
		printf("  %s %6s raises\n", ctl_text(v, "day"), ctl_text(v, "raises"));
	if (*ctl_text(p, "note"))
		printf("%s\n", ctl_text(p, "note"));
}

int cmd_rule_preview(struct ctl *c)
{
	const char *days = ctl_option(c, "days");
	json_t *list = rules_of_file(c->arg[0]), *rule;
	uint64_t now_us = bb_clock_real_us(), n = 7;
	char from[32], to[32];
	struct ctl_answer a;
	int rc = list ? 0 : 1;
	size_t i;

	if (days && bb_parse_u64(days, "days", 1, 31, &n, NULL) < 0)
		rc = ctl_fail("--days \"%s\" is not a number from 1 to 31", days);
	bb_clock_rfc3339(now_us - n * UINT64_C(86400000000), from);
	bb_clock_rfc3339(now_us, to);
	json_array_foreach(list, i, rule)
	{
		if (rc != 0)
			break;
		rc = ctl_call(c, "POST", "/rules:preview",
			json_pack("{s:O,s:s,s:s}", "rule", rule, "from", from, "to", to), &a);
		if (rc != 0)
			break;
		if (c->is_json)
			rc = ctl_print_json(json_incref(a.json));
		else
			print_preview(a.json);
		ctl_answer_free(&a);
	}
	json_decref(list);
	return rc;
}
