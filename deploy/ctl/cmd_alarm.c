// SPDX-License-Identifier: Apache-2.0
/* Alarms, tokens, passwords. */
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

/* ---- what people do to alarms ---- */

#define BATCH 500

static const struct deed {
	const char *path, *done;
} deed_ack = { "/alarms:ack", "acknowledged" },
  deed_unack = { "/alarms:unack", "no longer acknowledged" },
  deed_take = { "/alarms:take", "taken over" }, deed_comment = { "/alarms:comment", "commented" },
  deed_shelve = { "/alarms:shelve", "shelved" },
  deed_unshelve = { "/alarms:unshelve", "back from the shelf" };

static json_t *ids_of(struct ctl *c)
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

/* Up to 500 ids from `first` on, with the other members of `body`. Results are added to `results`;
 * returns 0, or 1 when an item or the call failed. */
static int deed_batch(struct ctl *c, const struct deed *deed, const json_t *body, const json_t *ids,
	size_t first, json_t *results)
{
	json_t *some = json_array(), *send = json_copy((json_t *)body), *v;
	struct ctl_answer a;
	size_t i;
	int rc = 0;

	for (i = first; i < json_array_size(ids) && i < first + BATCH; i++)
		json_array_append(some, json_array_get(ids, i));
	json_object_set_new(send, "ids", some);
	if (ctl_call(c, "POST", deed->path, send, &a) != 0)
		return 1;
	json_array_foreach(json_object_get(a.json, "items"), i, v)
	{
		if (!json_is_true(json_object_get(v, "ok")))
			rc = ctl_fail("%s: %s", ctl_text(v, "id"), ctl_text(v, "text"));
		else if (!c->is_json)
			printf("%s %s%s\n", deed->done, ctl_text(v, "id"),
				strcmp(ctl_text(v, "code"), "accepted") ? ""
									: " (not durable yet)");
	}
	json_array_extend(results, json_object_get(a.json, "items"));
	ctl_answer_free(&a);
	return rc;
}

/* Takes `body`. */
static int deed_do(struct ctl *c, const struct deed *deed, json_t *body)
{
	json_t *ids = ids_of(c), *results = json_array();
	int rc = ids ? 0 : 1;

	if (ids && json_array_size(ids) == 0 && !ctl_option(c, "all")) {
		ctl_fail("say which alarms: their ids (alarm list)%s",
			deed == &deed_ack ? ", or --all" : "");
		rc = 2;
	}
	for (size_t first = 0; first < json_array_size(ids); first += BATCH)
		rc |= deed_batch(c, deed, body, ids, first, results);
	if (c->is_json && ids)
		ctl_print_json(json_incref(results));
	json_decref(ids);
	json_decref(results);
	json_decref(body);
	return rc;
}

static json_t *with_comment(struct ctl *c)
{
	const char *comment = ctl_option(c, "comment");

	return json_pack("{s:s}", "comment", comment ? comment : "");
}

int cmd_alarm_ack(struct ctl *c)
{
	return deed_do(c, &deed_ack, with_comment(c));
}

int cmd_alarm_unack(struct ctl *c)
{
	return deed_do(c, &deed_unack, with_comment(c));
}

int cmd_alarm_take(struct ctl *c)
{
	return deed_do(c, &deed_take, with_comment(c));
}

int cmd_alarm_comment(struct ctl *c)
{
	return deed_do(c, &deed_comment, with_comment(c));
}

int cmd_alarm_unshelve(struct ctl *c)
{
	return deed_do(c, &deed_unshelve, with_comment(c));
}

bool ctl_parse_span(const char *text, uint64_t *seconds)
{
	static const char units[] = "smhd";
	static const uint64_t each[] = { 1, 60, 3600, 86400 };
	size_t n = strlen(text);
	const char *unit = n > 1 ? strchr(units, text[n - 1]) : NULL;
	char number[16];

	if (!unit || n >= sizeof(number))
		return false;
	memcpy(number, text, n - 1);
	number[n - 1] = '\0';
	if (bb_parse_u64(number, "time", 0, 100000000, seconds, NULL) != 0)
		return false;
	*seconds *= each[unit - units];
	return true;
}

int cmd_alarm_shelve(struct ctl *c)
{
	const char *span = ctl_option(c, "for"), *reason = ctl_option(c, "reason");
	uint64_t seconds = 0;
	char until[32];

	if (!reason || !*reason || (!span && !ctl_option(c, "until-clear"))) {
		ctl_fail(
			"a shelf needs --reason TEXT and an end: --for 2h (at most 7d), --until-clear, or both");
		return 2;
	}
	if (span && !ctl_parse_span(span, &seconds)) {
		ctl_fail("--for: \"%s\" is no time; use 15m 6h 2d", span);
		return 2;
	}
	json_t *body = json_pack("{s:s, s:b}", "comment", reason, "until_clear",
		ctl_option(c, "until-clear") != NULL);
	if (span)
		json_object_set_new(body, "until",
			json_string(
				bb_clock_rfc3339(bb_clock_real_us() + seconds * 1000000, until)));
	return deed_do(c, &deed_shelve, body);
}

int cmd_alarm_shelved(struct ctl *c)
{
	struct ctl_answer a;
	json_t *s, *items;
	size_t i;

	if (ctl_call(c, "GET", "/shelves", NULL, &a) != 0)
		return 1;
	items = json_object_get(a.json, "items");
	if (c->is_json)
		ctl_print_json(json_incref(items));
	else
		json_array_foreach(items, i, s)
			printf("%-8s %-13s until %s%s  %-20s %-24s %s  %s: %s\n",
				ctl_text(s, "severity"), ctl_text(s, "state"), ctl_text(s, "until"),
				json_is_true(json_object_get(s, "until_clear")) ? " or clear" : "",
				ctl_text(s, "rule"), ctl_text(s, "key"), ctl_text(s, "id"),
				ctl_text(s, "user"), ctl_text(s, "reason"));
	ctl_answer_free(&a);
	return 0;
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
