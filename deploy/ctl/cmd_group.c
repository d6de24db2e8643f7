// SPDX-License-Identifier: Apache-2.0
/* Device groups and redundancy groups. A member is written as one word: DEVICE, site:PATH, group:KEY,
 * redundancy:KEY, or DEVICE:POINT:OP:VALUE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

static json_t *get(struct ctl *c, const char *path)
{
	struct ctl_answer a;

	if (ctl_call(c, "GET", path, NULL, &a) != 0)
		return NULL;
	json_t *v = json_incref(a.json);
	ctl_answer_free(&a);
	return v;
}

static char *path_of(const char *base, const char *key, const char *tail)
{
	struct bb_buf b = { 0 };
	char *escaped = ctl_escape(key);

	bb_buf_printf(&b, "%s/%s%s", base, escaped, tail);
	free(escaped);
	return b.data;
}

/* POST when there is none with that key, PUT when there is one. 0 done. */
static int put(struct ctl *c, const char *base, const char *key, json_t *body)
{
	json_t *all = get(c, base), *item;
	struct ctl_answer a;
	bool is_there = false;
	size_t i;

	if (!all) {
		json_decref(body);
		return 1;
	}
	json_array_foreach(json_object_get(all, "items"), i, item) is_there |=
		strcmp(ctl_text(item, "key"), key) == 0;
	json_decref(all);
	if (!is_there)
		json_object_set_new(body, "key", json_string(key));
	char *path = is_there ? path_of(base, key, "") : bb_strdup(base);
	int rc = ctl_call(c, is_there ? "PUT" : "POST", path, body, &a);
	free(path);
	if (rc != 0)
		return rc;
	if (c->is_json)
		ctl_print_json(json_incref(a.json));
	else
		printf("%s %s\n", is_there ? "changed" : "added", key);
	ctl_answer_free(&a);
	return 0;
}

static int drop(struct ctl *c, const char *base)
{
	struct ctl_answer a;
	char *path = path_of(base, c->arg[0], "");
	int rc = ctl_call(c, "DELETE", path, NULL, &a);

	free(path);
	if (rc != 0)
		return rc;
	ctl_answer_free(&a);
	if (c->is_json)
		return ctl_print_json(json_pack("{s:s}", "removed", c->arg[0]));
	printf("removed %s\n", c->arg[0]);
	return 0;
}

static const char *after(const char *word, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(word, prefix, n) == 0 ? word + n : NULL;
}

static void print_words(const char *title, const json_t *list)
{
	size_t i;
	json_t *v;

	if (!json_array_size(list))
		return;
	printf("  %-8s", title);
	json_array_foreach((json_t *)(uintptr_t)list, i, v) printf(" %s", json_string_value(v));
	printf("\n");
}

/* ---- device groups ---- */

static void print_group(const json_t *g)
{
	printf("%-24s %-9s %s devices  %s\n", ctl_text(g, "key"), ctl_text(g, "severity"),
		ctl_text(g, "members"), ctl_text(g, "name"));
}

int cmd_group_list(struct ctl *c)
{
	json_t *v = get(c, "/device-groups"), *g;
	size_t i;

	if (!v)
		return 1;
	if (c->is_json) {
		json_t *items = json_incref(json_object_get(v, "items"));
		json_decref(v);
		return ctl_print_json(items);
	}
	json_array_foreach(json_object_get(v, "items"), i, g) print_group(g);
	json_decref(v);
	return 0;
}

int cmd_group_show(struct ctl *c)
{
	char *path = path_of("/device-groups", c->arg[0], "");
	json_t *g = get(c, path);

	free(path);
	if (!g)
		return 1;
	if (c->is_json)
		return ctl_print_json(g);
	print_group(g);
	print_words("devices", json_object_get(g, "devices"));
	print_words("sites", json_object_get(g, "sites"));
	print_words("groups", json_object_get(g, "groups"));
	print_words("used by", json_object_get(g, "used_by"));
	json_decref(g);
	return 0;
}

int cmd_group_set(struct ctl *c)
{
	json_t *devices = json_array(), *sites = json_array(), *groups = json_array();
	const char *name = ctl_option(c, "name");

	for (int i = 1; i < c->n_args; i++) {
		const char *site = after(c->arg[i], "site:"), *group = after(c->arg[i], "group:");

		json_array_append_new(site    ? sites
				      : group ? groups
					      : devices,
			json_string(site    ? site
				    : group ? group
					    : c->arg[i]));
	}
	return put(c, "/device-groups", c->arg[0],
		json_pack("{s:s,s:o,s:o,s:o}", "name", name ? name : "", "devices", devices,
			"sites", sites, "groups", groups));
}

int cmd_group_remove(struct ctl *c)
{
	return drop(c, "/device-groups");
}

/* ---- redundancy groups ---- */

static void print_redundancy(const json_t *r)
{
	printf("%-24s %-8s %s of %s needed: %s work, %s failed, %s unknown", ctl_text(r, "key"),
		ctl_text(r, "state"), ctl_text(r, "need"), ctl_text(r, "total"),
		ctl_text(r, "working"), ctl_text(r, "failed"), ctl_text(r, "unknown"));
	if (*ctl_text(r, "spare_kw"))
		printf(", %.1f kW spare", json_number_value(json_object_get(r, "spare_kw")));
	printf("  %s\n", ctl_text(r, "name"));
}

int cmd_redundancy_list(struct ctl *c)
{
	json_t *v = get(c, "/redundancy-groups"), *r;
	size_t i;

	if (!v)
		return 1;
	if (c->is_json) {
		json_t *items = json_incref(json_object_get(v, "items"));
		json_decref(v);
		return ctl_print_json(items);
	}
	json_array_foreach(json_object_get(v, "items"), i, r) print_redundancy(r);
	json_decref(v);
	return 0;
}

int cmd_redundancy_show(struct ctl *c)
{
	char *path = path_of("/redundancy-groups", c->arg[0], "");
	json_t *r = get(c, path), *part;
	size_t i;

	free(path);
	if (!r)
		return 1;
	if (c->is_json)
		return ctl_print_json(r);
	print_redundancy(r);
	json_array_foreach(json_object_get(r, "parts"), i, part) printf("  %-8s %s %s%s%s\n",
		ctl_text(part, "state"), ctl_text(part, "name"), ctl_text(part, "point"),
		*ctl_text(part, "why") ? "  " : "", ctl_text(part, "why"));
	print_words("alarms", json_object_get(r, "alarms"));
	print_words("fails on", json_object_get(r, "fails_on"));
	json_decref(r);
	return 0;
}

/* DEVICE:POINT:OP:VALUE; keys hold no colon. NULL: not of that form. */
static json_t *condition_of(const char *word)
{
	char *copy = bb_strdup(word), *save = NULL;
	char *device = strtok_r(copy, ":", &save), *point = strtok_r(NULL, ":", &save),
	     *op = strtok_r(NULL, ":", &save), *value = save && *save ? save : NULL;
	json_t *m = value ? json_pack("{s:s,s:s,s:s,s:s}", "device", device, "point", point, "op",
				    op, "value", value)
			  : NULL;

	free(copy);
	return m;
}

static json_t *members_of(struct ctl *c)
{
	json_t *members = json_array();

	for (int i = 2; i < c->n_args; i++) {
		const char *group = after(c->arg[i], "group:"),
			   *other = after(c->arg[i], "redundancy:");
		json_t *m = group                    ? json_pack("{s:s}", "group", group)
			    : other                  ? json_pack("{s:s}", "redundancy", other)
			    : strchr(c->arg[i], ':') ? condition_of(c->arg[i])
						     : json_pack("{s:s}", "device", c->arg[i]);
		if (!m) {
			ctl_fail(
				"\"%s\" is no member; write DEVICE, group:KEY, redundancy:KEY or DEVICE:POINT:OP:VALUE",
				c->arg[i]);
			json_decref(members);
			return NULL;
		}
		json_array_append_new(members, m);
	}
	return members;
}

static json_t *words_of(const char *text)
{
	json_t *list = json_array();
	char *copy = bb_strdup(text), *save = NULL;

	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		json_array_append_new(list, json_string(w));
	free(copy);
	return list;
}

int cmd_redundancy_set(struct ctl *c)
{
	static const char *const texts[] = { "name", "site", "severity" };
	const char *hold = ctl_option(c, "hold"), *fails_on = ctl_option(c, "fails-on");
	uint64_t need, hold_s = 0;
	struct bb_err err;

	if (bb_parse_u64(c->arg[1], "NEED", 1, 1000, &need, &err) < 0 ||
		(hold && bb_parse_u64(hold, "--hold", 0, 3600, &hold_s, &err) < 0))
		return ctl_fail("%s", err.text);
	json_t *members = members_of(c);
	if (!members)
		return 2;
	json_t *body = json_pack("{s:I,s:I,s:o}", "need", (json_int_t)need, "hold_s",
		(json_int_t)hold_s, "members", members);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (ctl_option(c, texts[i]))
			json_object_set_new(body, texts[i], json_string(ctl_option(c, texts[i])));
	if (fails_on)
		json_object_set_new(body, "fails_on", words_of(fails_on));
	return put(c, "/redundancy-groups", c->arg[0], body);
}

int cmd_redundancy_remove(struct ctl *c)
{
	return drop(c, "/redundancy-groups");
}

static void print_change(const char *key, const json_t *now, const json_t *then)
{
	printf("%-24s %s -> %s: %s of %s work", key, ctl_text(now, "state"),
		ctl_text(then, "state"), ctl_text(then, "working"), ctl_text(then, "total"));
	if (*ctl_text(then, "spare_kw"))
		printf(", %.1f kW spare", json_number_value(json_object_get(then, "spare_kw")));
	printf("\n");
}

int cmd_redundancy_what_if(struct ctl *c)
{
	char *path = path_of("/redundancy-groups", c->arg[0], ":what-if");
	json_t *fail = json_array(), *also;
	struct ctl_answer a;
	size_t i;

	for (int k = 1; k < c->n_args; k++)
		json_array_append_new(fail, json_string(c->arg[k]));
	int rc = ctl_call(c, "POST", path, json_pack("{s:o}", "fail", fail), &a);
	free(path);
	if (rc != 0)
		return rc;
	if (c->is_json) {
		rc = ctl_print_json(json_incref(a.json));
	} else {
		print_change(c->arg[0], json_object_get(a.json, "now"),
			json_object_get(a.json, "then"));
		json_array_foreach(json_object_get(a.json, "also"), i, also)
			print_change(ctl_text(also, "key"), json_object_get(also, "now"),
				json_object_get(also, "then"));
	}
	ctl_answer_free(&a);
	return rc;
}
