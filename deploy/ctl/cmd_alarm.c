// SPDX-License-Identifier: Apache-2.0
/* Alarms, events, tokens, passwords. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

int cmd_alarm_list(struct ctl *c)
{
	json_t *all = ctl_list(c, "/alarms"), *a;
	size_t i;

	if (!all)
		return 1;
	if (c->is_json)
		return ctl_print_json(all);
	json_array_foreach(all, i, a) printf("%-8s %-13s %s  %-20s %-24s %s  %s\n",
		ctl_text(a, "severity"), ctl_text(a, "state"), ctl_text(a, "raised_at"),
		ctl_text(a, "rule"), ctl_text(a, "device"), ctl_text(a, "id"), ctl_text(a, "text"));
	json_decref(all);
	return 0;
}

/* ---- acknowledge ---- */

#define ACK_BATCH 500

static json_t *ids_to_ack(struct ctl *c)
{
	json_t *ids = json_array(), *all, *a;
	size_t i;

	for (int k = 0; k < c->n_args; k++)
		json_array_append_new(ids, json_string(c->arg[k]));
	if (!ctl_option(c, "all"))
		return ids;
	all = ctl_list(c, "/alarms?filter=state:active_unack,cleared_unack");
	if (!all) {
		json_decref(ids);
		return NULL;
	}
	json_array_foreach(all, i, a) json_array_append(ids, json_object_get(a, "id"));
	json_decref(all);
	return ids;
}

/* Up to 500 ids from `first` on. Results are added to `results`; returns 0, or 1 when an item or
 * the call failed. */
static int ack_batch(struct ctl *c, const json_t *ids, size_t first, json_t *results)
{
	const char *comment = ctl_option(c, "comment");
	json_t *some = json_array(), *v;
	struct ctl_answer a;
	size_t i;
	int rc = 0;

	for (i = first; i < json_array_size(ids) && i < first + ACK_BATCH; i++)
		json_array_append(some, json_array_get(ids, i));
	if (ctl_call(c, "POST", "/alarms:ack",
		    json_pack("{s:o, s:s}", "ids", some, "comment", comment ? comment : ""),
		    &a) != 0)
		return 1;
	json_array_foreach(json_object_get(a.json, "items"), i, v)
	{
		if (!json_is_true(json_object_get(v, "ok")))
			rc = ctl_fail("%s: %s", ctl_text(v, "id"), ctl_text(v, "text"));
		else if (!c->is_json)
			printf("acknowledged %s%s\n", ctl_text(v, "id"),
				strcmp(ctl_text(v, "code"), "accepted") ? ""
									: " (not durable yet)");
	}
	json_array_extend(results, json_object_get(a.json, "items"));
	ctl_answer_free(&a);
	return rc;
}

int cmd_alarm_ack(struct ctl *c)
{
	json_t *ids = ids_to_ack(c), *results = json_array();
	int rc = 0;

	if (!ids)
		return 1;
	if (json_array_size(ids) == 0 && !ctl_option(c, "all")) {
		ctl_fail("say which alarms: their ids (alarm list), or --all");
		rc = 2;
	}
	for (size_t first = 0; first < json_array_size(ids); first += ACK_BATCH)
		rc |= ack_batch(c, ids, first, results);
	if (c->is_json)
		ctl_print_json(json_incref(results));
	json_decref(ids);
	json_decref(results);
	return rc;
}

/* ---- events ---- */

/* "90s", "15m", "6h", "2d" ago or RFC 3339; UTC text in out. */
static int parse_since(const char *text, char out[32])
{
	static const char units[] = "smhd";
	static const uint64_t seconds[] = { 1, 60, 3600, 86400 };
	size_t n = strlen(text);
	const char *unit = n > 1 ? strchr(units, text[n - 1]) : NULL;
	char number[16];
	uint64_t us, v;

	if (unit && n < sizeof(number)) {
		memcpy(number, text, n - 1);
		number[n - 1] = '\0';
		if (bb_parse_u64(number, "--since", 0, 100000000, &v, NULL) != 0)
			return ctl_fail("--since: \"%s\" is no time", text);
		us = bb_clock_real_us() - v * seconds[unit - units] * 1000000;
	} else if (bb_clock_parse_rfc3339(text, &us) != 0) {
		return ctl_fail(
			"--since: \"%s\" is no time; use 2026-11-21T07:40:00Z, or 90s 15m 6h 2d",
			text);
	}
	bb_clock_rfc3339(us, out);
	return 0;
}

int cmd_event_list(struct ctl *c)
{
	const char *device = ctl_option(c, "device"), *since = ctl_option(c, "since");
	char at[32] = "", *key = ctl_escape(device ? device : "");
	struct bb_buf path = { 0 };
	json_t *all = NULL, *e;
	size_t i;
	int rc;

	bb_buf_str(&path, "/events?sort=at");
	if (since && parse_since(since, at) != 0)
		goto out;
	if (since || device)
		bb_buf_printf(&path, "&filter=%s%s%s%s%s", device ? "device:" : "", key,
			device && since ? ";" : "", since ? "since:" : "", at);
	all = ctl_list(c, path.data);
	if (all && c->is_json)
		ctl_print_json(json_incref(all));
	else
		json_array_foreach(all, i, e)
			printf("%s %-8s %-14s %-20s %-24s %-10s %s\n", ctl_text(e, "at"),
				ctl_text(e, "severity"), ctl_text(e, "to"), ctl_text(e, "rule"),
				ctl_text(e, "device"), ctl_text(e, "user"), ctl_text(e, "text"));
out:
	free(key);
	bb_buf_fini(&path);
	rc = all ? 0 : 1;
	json_decref(all);
	return rc;
}

/* ---- tokens, passwords ---- */

int cmd_token_create(struct ctl *c)
{
	const char *name = ctl_option(c, "name"), *role = ctl_option(c, "role");
	struct ctl_answer a;

	name = name ? name : c->n_args ? c->arg[0] : "busbarctl";
	if (ctl_call(c, "POST", "/tokens",
		    json_pack("{s:s, s:s}", "name", name, "role", role ? role : "viewer"), &a) != 0)
		return 1;
	if (c->is_json)
		ctl_print_json(json_incref(a.json));
	else
		printf("%s\n", ctl_text(a.json, "token"));
	ctl_answer_free(&a);
	return 0;
}

int cmd_password_reset(struct ctl *c)
{
	struct ctl_answer a;

	if (ctl_call(c, "POST", "/users:reset", json_pack("{s:s}", "user", c->arg[0]), &a) != 0)
		return 1;
	if (c->is_json)
		ctl_print_json(json_incref(a.json));
	else
		printf("one-time password of %s, good for an hour: %s\n", c->arg[0],
			ctl_text(a.json, "password"));
	ctl_answer_free(&a);
	return 0;
}
