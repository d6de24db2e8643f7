// SPDX-License-Identifier: Apache-2.0
/* Open alarms of the model, and acknowledging them at alarmd. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "webd/command.h"
#include "webd/handlers.h"
#include "webd/list.h"
#include "webd/model_json.h"
#include "webd/webd.h"

static bool in_site(const struct list *l, const char *site)
{
	const struct list_term *t = list_term(l, "site");

	for (size_t i = 0; t && i < t->n_values; i++) {
		size_t n = strlen(t->value[i]);

		if (strncmp(site, t->value[i], n) == 0 && (site[n] == '/' || !site[n]))
			return true;
	}
	return !t;
}

static bool has_text(const struct list *l, const struct model_alarm *a)
{
	const struct list_term *t = list_term(l, "q");

	for (size_t i = 0; t && i < t->n_values; i++)
		if (strcasestr(a->key, t->value[i]) || strcasestr(a->text, t->value[i]) ||
			strcasestr(a->rule, t->value[i]))
			return true;
	return !t;
}

static bool wants_alarm(const struct list *l, const struct model_alarm *a)
{
	return list_matches(l, "severity", bb_severity_name(a->severity)) &&
	       list_matches(l, "state", bb_alarm_state_name(a->state)) &&
	       list_matches(l, "shelved", a->shelved_us ? "yes" : "no") &&
	       list_matches(l, "quiet", model_alarm_is_quiet(a) ? "yes" : "no") &&
	       list_matches(l, "test", a->is_test ? "yes" : "no") &&
	       list_matches(l, "device", a->key) && list_matches(l, "rule", a->rule) &&
	       in_site(l, a->site) && has_text(l, a);
}

/* The row's place in the order as one text that sorts like it: severity first or nothing, then
 * time (mirrored for newest first), id. */
static void place_of(const struct list *l, const struct model_alarm *a, char out[64])
{
	unsigned severity = strcmp(l->sort, "severity") == 0 ? a->severity : 0;
	uint64_t at = strcmp(l->sort, "raised_at") == 0 ? a->raised_us : UINT64_MAX - a->raised_us;

	snprintf(out, 64, "%u.%020" PRIu64, severity, at);
}

struct row {
	const struct model_alarm *a;
	char place[64];
};

static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int c = strcmp(x->place, y->place);

	return c ? c : strcmp(x->a->id, y->a->id);
}

static bool is_behind(const struct list *l, const struct row *r)
{
	int c;

	if (l->n_cursor < 2)
		return true;
	c = strcmp(r->place, l->cursor[0]);
	return c ? c > 0 : strcmp(r->a->id, l->cursor[1]) > 0;
}

static void write_rows(struct bb_json *j, const struct list *l, const struct row *row, size_t n)
{
	char cursor[LIST_TEXT];
	size_t told = 0, i;

	bb_json_arr(j, "items");
	for (i = 0; i < n && told < l->limit; i++) {
		if (!is_behind(l, &row[i]))
			continue;
		json_alarm(j, NULL, row[i].a);
		told++;
	}
	bb_json_end_arr(j);
	if (i < n && told > 0) {
		const char *part[] = { row[i - 1].place, row[i - 1].a->id };

		list_cursor_make(cursor, sizeof(cursor), l->sort, part, 2);
	}
	bb_json_str(j, "next", i < n && told > 0 ? cursor : NULL);
	bb_json_null(j, "prev");
	bb_json_int(j, "total_estimate", (int64_t)n);
}

void api_alarms(struct request *rq)
{
	static const char *const filters[] = { "severity", "state", "device", "site", "rule", "q",
		"shelved", "quiet", "test", NULL };
	static const char *const sorts[] = { "-raised_at", "raised_at", "severity", NULL };
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct model_alarm **all;
	struct row *row;
	struct list l;
	char seq[48];
	size_t n, kept = 0;

	if (list_read(rq, &l, filters, sorts) != 0)
		return;
	all = model_alarms(rq->w->model, &n);
	row = bb_calloc(n + 1, sizeof(*row));
	for (size_t i = 0; i < n; i++) {
		if (!wants_alarm(&l, all[i]))
			continue;
		row[kept].a = all[i];
		place_of(&l, all[i], row[kept++].place);
	}
	qsort(row, kept, sizeof(*row), by_place);
	live_seq_text(rq->w->live, seq);
	http_set_header(rq->http, "X-Busbar-Seq", seq);
	bb_json_obj(&j, NULL);
	write_rows(&j, &l, row, kept);
	bb_json_end_obj(&j);
	free(row);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* ---- what people do to alarms: acknowledge, take back, take over, comment, shelve ---- */

struct deed {
	json_t *ids;
	const char *comment, *until;
	bool until_clear;
};

// clang-format off
static const struct field deed_fields[] = {
	{ "ids", FIELD_ARRAY, true, offsetof(struct deed, ids), 1, 500 },
	{ "comment", FIELD_STR, false, offsetof(struct deed, comment), 0, 500 },
	FIELD_END,
};
static const struct field shelve_fields[] = {
	{ "ids", FIELD_ARRAY, true, offsetof(struct deed, ids), 1, 500 },
	{ "comment", FIELD_STR, true, offsetof(struct deed, comment), 1, 500 },
	{ "until", FIELD_STR, false, offsetof(struct deed, until), 1, 40 },
	{ "until_clear", FIELD_BOOL, false, offsetof(struct deed, until_clear), 0, 0 },
	FIELD_END,
};
// clang-format on

static const char *always_alarmd(void *arg, const char *id)
{
	return "alarmd";
}

static void send_deed(struct request *rq, const char *verb, const struct deed *in,
	const struct command_arg *more)
{
	const char *key = http_header(rq->http, "Idempotency-Key");

	if (key && strlen(key) > 64) {
		reply_invalid(rq, "", "header Idempotency-Key has more than 64 characters");
		return;
	}
	command_items(rq, &(struct command_spec){ .verb = verb,
				  .id_name = "id",
				  .pointer = "/ids",
				  .ids = in->ids,
				  .comment = in->comment,
				  .more = more,
				  .idempotency_key = key,
				  .daemon_of = always_alarmd });
}

static void do_deed(struct request *rq, const char *verb)
{
	struct deed in = { .comment = "" };

	if (request_fields(rq, deed_fields, &in) == 0)
		send_deed(rq, verb, &in, NULL);
}

void api_alarms_ack(struct request *rq)
{
	do_deed(rq, "ack");
}

void api_alarms_unack(struct request *rq)
{
	do_deed(rq, "unack");
}

void api_alarms_take(struct request *rq)
{
	do_deed(rq, "take");
}

void api_alarms_comment(struct request *rq)
{
	do_deed(rq, "comment");
}

void api_alarms_unshelve(struct request *rq)
{
	do_deed(rq, "unshelve");
}

/* Hiding a critical alarm is for those who may change what is watched. */
static bool may_shelve(struct request *rq, const json_t *ids)
{
	json_t *id;
	size_t i;

	if (rq->who.rights & RIGHT_CONFIGURE)
		return true;
	json_array_foreach(ids, i, id)
	{
		const struct model_alarm *a =
			json_is_string(id) ? model_alarm(rq->w->model, json_string_value(id))
					   : NULL;

		if (a && a->severity == BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL) {
			reply_problem(rq, PROBLEM_FORBIDDEN,
				"to shelve a critical alarm one needs the right \"configure\"");
			return false;
		}
	}
	return true;
}

void api_alarms_shelve(struct request *rq)
{
	struct deed in = { .comment = "" };
	struct command_arg more[3] = { { .name = NULL } };
	uint64_t until_us = 0;
	char until_ms[24];
	size_t n = 0;

	if (request_fields(rq, shelve_fields, &in) != 0 || !may_shelve(rq, in.ids))
		return;
	if (in.until && bb_clock_parse_rfc3339(in.until, &until_us) != 0) {
		reply_invalid(rq, "/until", "\"%s\" is no time such as 2026-01-31T12:00:00Z",
			in.until);
		return;
	}
	snprintf(until_ms, sizeof(until_ms), "%" PRIu64, until_us / 1000);
	if (until_us)
		more[n++] = (struct command_arg){ "until_unix_ms", until_ms };
	if (in.until_clear)
		more[n++] = (struct command_arg){ "until_clear", "true" };
	send_deed(rq, "shelve", &in, more);
}

/* ---- everything that is shelved, also what does not stand ---- */

static void on_shelves(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (reply->code != BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK || !reply->json) {
		reply_problem(rq, PROBLEM_UNAVAILABLE, "%s",
			reply->text && *reply->text ? reply->text : "alarmd does not answer");
		return;
	}
	bb_buf_printf(&b, "{\"items\":%s}", reply->json);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_shelves(struct request *rq)
{
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;

	c.verb = "shelves";
	c.user = rq->who.user;
	rq->who.session = NULL; /* may end while alarmd works */
	bb_cmd_send(rq->w->commands, "alarmd", &c, on_shelves, rq);
}
