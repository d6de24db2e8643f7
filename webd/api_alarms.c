// SPDX-License-Identifier: Apache-2.0
/* Open alarms of the model, and acknowledging them at alarmd. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webd/command.h"
#include "webd/handlers.h"
#include "webd/list.h"
#include "webd/model_json.h"
#include "webd/webd.h"

static bool in_site(const struct list *l, const char *key)
{
	const struct list_term *t = list_term(l, "site");

	for (size_t i = 0; t && i < t->n_values; i++) {
		size_t n = strlen(t->value[i]);

		if (strncmp(key, t->value[i], n) == 0 && key[n] == '/')
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
	       list_matches(l, "device", a->key) && list_matches(l, "rule", a->rule) &&
	       in_site(l, a->key) && has_text(l, a);
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
		NULL };
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

/* ---- acknowledge ---- */

struct ack {
	json_t *ids;
	const char *comment;
};

// clang-format off
static const struct field ack_fields[] = {
	{ "ids", FIELD_ARRAY, true, offsetof(struct ack, ids), 1, 500 },
	{ "comment", FIELD_STR, false, offsetof(struct ack, comment), 0, 500 },
	FIELD_END,
};
// clang-format on

static const char *always_alarmd(void *arg, const char *id)
{
	return "alarmd";
}

void api_alarms_ack(struct request *rq)
{
	const char *key = http_header(rq->http, "Idempotency-Key");
	struct ack in = { .comment = "" };

	if (request_fields(rq, ack_fields, &in) != 0)
		return;
	if (key && strlen(key) > 64) {
		reply_invalid(rq, "", "header Idempotency-Key has more than 64 characters");
		return;
	}
	command_items(rq, &(struct command_spec){ .verb = "ack",
				  .id_name = "id",
				  .pointer = "/ids",
				  .ids = in.ids,
				  .comment = in.comment,
				  .idempotency_key = key,
				  .daemon_of = always_alarmd });
}
