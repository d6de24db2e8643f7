// SPDX-License-Identifier: Apache-2.0
/* Traps: counters of the receiver, senders it did not understand, windows of expected test traps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

static json_t *answer_of(struct ctl *c, const char *path)
{
	struct ctl_answer a;
	json_t *v;

	if (ctl_call(c, "GET", path, NULL, &a) != 0)
		return NULL;
	v = json_incref(a.json);
	ctl_answer_free(&a);
	return v;
}

int cmd_trap_status(struct ctl *c)
{
	json_t *v = answer_of(c, "/traps/status"), *x;
	const char *name;

	if (!v)
		return 1;
	if (c->is_json)
		return ctl_print_json(v);
	json_object_foreach(v, name, x) printf("%-22s %s\n", name, ctl_text(v, name));
	json_decref(v);
	return 0;
}

int cmd_trap_unknown(struct ctl *c)
{
	json_t *v = answer_of(c, "/traps/unknown"), *item;
	size_t i;

	if (!v)
		return 1;
	if (c->is_json)
		return ctl_print_json(v);
	json_array_foreach(json_object_get(v, "items"), i, item) printf("%-15s %6s x  %s  %s  %s\n",
		ctl_text(item, "source"), ctl_text(item, "count"), ctl_text(item, "last_at"),
		ctl_text(item, "text"), ctl_text(item, "trap_oid"));
	json_decref(v);
	return 0;
}

static json_t *days_of(const char *text)
{
	json_t *days = json_array();
	char *copy = bb_strdup(text), *save = NULL;

	for (char *d = strtok_r(copy, ",", &save); d; d = strtok_r(NULL, ",", &save))
		json_array_append_new(days, json_string(d));
	free(copy);
	return days;
}

int cmd_trap_expect(struct ctl *c)
{
	const char *minutes = ctl_option(c, "minutes"), *days = ctl_option(c, "days"),
		   *tz = ctl_option(c, "tz"), *name = ctl_option(c, "name");
	struct ctl_answer a;
	uint64_t n = 10;

	if (minutes && bb_parse_u64(minutes, "minutes", 1, 720, &n, NULL) < 0)
		return ctl_fail("--minutes \"%s\" is not a number from 1 to 720", minutes);
	json_t *body = json_pack("{s:s,s:s,s:I}", "key", c->arg[0], "at", c->arg[1], "minutes",
		(json_int_t)n);
	if (days)
		json_object_set_new(body, "days", days_of(days));
	if (tz)
		json_object_set_new(body, "tz", json_string(tz));
	if (name)
		json_object_set_new(body, "name", json_string(name));
	int rc = ctl_call(c, "POST", "/trap-windows", body, &a);
	if (rc != 0)
		return rc;
	if (c->is_json)
		rc = ctl_print_json(json_incref(a.json));
	else
		printf("window %s: a test trap of %s is expected at %s\n", ctl_text(a.json, "id"),
			c->arg[0], c->arg[1]);
	ctl_answer_free(&a);
	return rc;
}

int cmd_trap_windows(struct ctl *c)
{
	json_t *v = answer_of(c, "/trap-windows"), *item, *day;
	size_t i, k;

	if (!v)
		return 1;
	if (c->is_json)
		return ctl_print_json(v);
	json_array_foreach(json_object_get(v, "items"), i, item)
	{
		printf("%-5s %-30s %s + %s min %s ", ctl_text(item, "id"), ctl_text(item, "key"),
			ctl_text(item, "at"), ctl_text(item, "minutes"), ctl_text(item, "tz"));
		json_array_foreach(json_object_get(item, "days"), k, day)
			printf(" %s", json_string_value(day));
		printf("  last: %s %s\n", ctl_text(item, "last_result"), ctl_text(item, "last_at"));
	}
	json_decref(v);
	return 0;
}

int cmd_trap_unexpect(struct ctl *c)
{
	struct ctl_answer a;
	uint64_t id;
	char path[64];

	if (bb_parse_u64(c->arg[0], "id", 1, INT64_MAX, &id, NULL) < 0)
		return ctl_fail("\"%s\" is no id; busbarctl trap windows shows them", c->arg[0]);
	snprintf(path, sizeof(path), "/trap-windows/%llu", (unsigned long long)id);
	int rc = ctl_call(c, "DELETE", path, NULL, &a);
	if (rc == 0)
		ctl_answer_free(&a);
	return rc;
}
