// SPDX-License-Identifier: Apache-2.0
/* Quiet on purpose (maintenance windows, out of service), what devices are reached through, and test
 * alarms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

/* Call, say `done` (or print the answer as JSON), return the exit code. Takes `body`. */
static int call(struct ctl *c, const char *method, const char *path, json_t *body, const char *done)
{
	struct ctl_answer a;
	int rc = ctl_call(c, method, path, body, &a);

	if (rc != 0)
		return rc;
	if (c->is_json && a.json)
		ctl_print_json(json_incref(a.json));
	else if (!c->is_json)
		printf("%s%s%s\n", done, a.json ? " " : "", a.json ? ctl_text(a.json, "id") : "");
	ctl_answer_free(&a);
	return 0;
}

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

/* ---- maintenance windows ---- */

/* At most one of --device --site --profile --group. NULL after saying so. */
static json_t *scope_of(struct ctl *c)
{
	static const char *const names[] = { "device", "site", "profile", "group" };
	json_t *scope = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (ctl_option(c, names[i]))
			json_object_set_new(scope, names[i], json_string(ctl_option(c, names[i])));
	if (json_object_size(scope) <= 1)
		return scope;
	json_decref(scope);
	ctl_fail("one of --device, --site, --profile and --group; none of them: everything");
	return NULL;
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

static int add_once(struct ctl *c, json_t *body)
{
	const char *from = ctl_option(c, "from"), *until = ctl_option(c, "until"),
		   *span = ctl_option(c, "for");
	uint64_t start_us = bb_clock_real_us(), seconds;
	char text[32];

	if (from && bb_clock_parse_rfc3339(from, &start_us) != 0)
		return ctl_fail("--from: \"%s\" is no time such as 2026-01-31T12:00:00Z", from);
	json_object_set_new(body, "starts_at", json_string(bb_clock_rfc3339(start_us, text)));
	if (until) {
		json_object_set_new(body, "ends_at", json_string(until));
		return 0;
	}
	if (!span || !ctl_parse_span(span, &seconds) || !seconds)
		return ctl_fail("say how long: --for 2h, or --until 2026-01-31T14:00:00Z");
	json_object_set_new(body, "ends_at",
		json_string(bb_clock_rfc3339(start_us + seconds * 1000000, text)));
	return 0;
}

static int add_weekly(struct ctl *c, json_t *body)
{
	const char *minutes = ctl_option(c, "minutes"), *days = ctl_option(c, "days"),
		   *tz = ctl_option(c, "tz");
	uint64_t n;

	if (!minutes || bb_parse_u64(minutes, "minutes", 1, 4320, &n, NULL) < 0)
		return ctl_fail("a weekly window needs --minutes, a number from 1 to 4320");
	json_object_set_new(body, "at", json_string(ctl_option(c, "at")));
	json_object_set_new(body, "minutes", json_integer((json_int_t)n));
	if (days)
		json_object_set_new(body, "days", days_of(days));
	if (tz)
		json_object_set_new(body, "tz", json_string(tz));
	return 0;
}

int cmd_maintenance_add(struct ctl *c)
{
	const char *reason = ctl_option(c, "reason");
	json_t *scope = reason ? scope_of(c) : NULL, *body;

	if (!scope) {
		if (!reason)
			ctl_fail("a maintenance window needs --reason TEXT");
		return 2;
	}
	body = json_pack("{s:s, s:s, s:o}", "name", c->arg[0], "reason", reason, "scope", scope);
	if ((ctl_option(c, "at") ? add_weekly(c, body) : add_once(c, body)) != 0) {
		json_decref(body);
		return 2;
	}
	return call(c, "POST", "/maintenance", body, "window");
}

int cmd_maintenance_list(struct ctl *c)
{
	json_t *v = answer_of(c, "/maintenance"), *item, *name;
	const char *kind;
	size_t i;

	if (!v)
		return 1;
	if (c->is_json) {
		ctl_print_json(json_incref(json_object_get(v, "items")));
		json_decref(v);
		return 0;
	}
	json_array_foreach(json_object_get(v, "items"), i, item)
	{
		printf("%-4s %-24s ", ctl_text(item, "id"), ctl_text(item, "name"));
		json_object_foreach(json_object_get(item, "scope"), kind, name)
			printf("%s %s ", kind, json_string_value(name));
		if (*ctl_text(item, "at"))
			printf("every week %s + %s min %s ", ctl_text(item, "at"),
				ctl_text(item, "minutes"), ctl_text(item, "tz"));
		if (json_is_true(json_object_get(item, "running")))
			printf("runs until %s ", ctl_text(item, "until"));
		else if (*ctl_text(item, "next_at"))
			printf("next %s ", ctl_text(item, "next_at"));
		else
			printf("over ");
		printf(" %s: %s\n", ctl_text(item, "user"), ctl_text(item, "reason"));
	}
	json_decref(v);
	return 0;
}

int cmd_maintenance_remove(struct ctl *c)
{
	uint64_t id;
	char path[64];

	if (bb_parse_u64(c->arg[0], "id", 1, INT64_MAX, &id, NULL) < 0)
		return ctl_fail("\"%s\" is no id; busbarctl maintenance list shows them",
			c->arg[0]);
	snprintf(path, sizeof(path), "/maintenance/%llu", (unsigned long long)id);
	return call(c, "DELETE", path, NULL, "removed");
}

/* ---- devices ---- */

static int call_device(struct ctl *c, const char *method, const char *what, json_t *body,
	const char *done)
{
	char *id = ctl_device_id(c, c->arg[0]), path[80];
	int rc = 1;

	if (id) {
		snprintf(path, sizeof(path), "/devices/%s%s", id, what);
		rc = call(c, method, path, json_incref(body), done);
	}
	json_decref(body);
	free(id);
	return rc;
}

int cmd_device_out_of_service(struct ctl *c)
{
	return call_device(c, "POST", ":out-of-service",
		json_pack("{s:s}", "work_order", c->arg[1]), "out of service");
}

int cmd_device_in_service(struct ctl *c)
{
	return call_device(c, "POST", ":in-service", json_object(), "in service");
}

/* "-" for none. */
static json_t *key_or_null(const char *key)
{
	return strcmp(key, "-") == 0 ? json_null() : json_string(key);
}

int cmd_device_parent(struct ctl *c)
{
	return call_device(c, "PUT", "/parent",
		json_pack("{s:o}", "parent", key_or_null(c->arg[1])), "set");
}

int cmd_site_link(struct ctl *c)
{
	return call(c, "PUT", "/topology/links",
		json_pack("{s:s, s:o}", "site", c->arg[0], "device", key_or_null(c->arg[1])),
		"set");
}

int cmd_topology(struct ctl *c)
{
	json_t *v = answer_of(c, "/topology"), *x;
	size_t i;

	if (!v)
		return 1;
	if (c->is_json)
		return ctl_print_json(v);
	json_array_foreach(json_object_get(v, "parents"), i, x)
		printf("device %-30s through %s\n", ctl_text(x, "key"), ctl_text(x, "parent"));
	json_array_foreach(json_object_get(v, "links"), i, x)
		printf("site   %-30s through %s\n", ctl_text(x, "site"), ctl_text(x, "device"));
	json_array_foreach(json_object_get(v, "out_of_service"), i, x)
		printf("device %-30s out of service since %s, %s: %s\n", ctl_text(x, "key"),
			ctl_text(x, "since"), ctl_text(x, "user"), ctl_text(x, "work_order"));
	json_decref(v);
	return 0;
}

/* ---- test alarms ---- */

int cmd_alarm_test(struct ctl *c)
{
	const char *severity = ctl_option(c, "severity"), *text = ctl_option(c, "text"),
		   *span = ctl_option(c, "for");
	bool is_site = ctl_option(c, "site") != NULL;
	uint64_t seconds = 60;
	json_t *body;

	if (span && (!ctl_parse_span(span, &seconds) || seconds < 1 || seconds > 3600))
		return ctl_fail("--for: \"%s\" is no time from 1s to 1h", span);
	body = json_pack("{s:s, s:s, s:I}", is_site ? "site" : "device", c->arg[0], "severity",
		severity ? severity : "major", "seconds", (json_int_t)seconds);
	if (text)
		json_object_set_new(body, "text", json_string(text));
	return call(c, "POST", "/alarms:test", body, "test alarm");
}
