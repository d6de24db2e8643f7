// SPDX-License-Identifier: Apache-2.0
/* Devices and groups as the model has them, and "poll now". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/table.h"
#include "webd/command.h"
#include "webd/handlers.h"
#include "webd/list.h"
#include "webd/model_json.h"
#include "webd/webd.h"

static void set_seq(struct request *rq)
{
	char seq[48];

	live_seq_text(rq->w->live, seq);
	http_set_header(rq->http, "X-Busbar-Seq", seq);
}

/* The device of /devices/{id}; answers 404 itself. */
static struct model_device *device_of(struct request *rq)
{
	struct model_device *d = NULL;
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) == 0)
		d = model_device(rq->w->model, id);
	if (!d)
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device with this id");
	return d;
}

/* ---- the list ---- */

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; (p = strstr(p, word)); p += n)
		if ((p == words || p[-1] == ' ') && (p[n] == '\0' || p[n] == ' '))
			return true;
	return false;
}

static bool lies_below(const char *key, const char *site)
{
	size_t n = strlen(site);

	if (strcmp(site, "unsorted") == 0 && !strchr(key, '/'))
		return true;
	return strncmp(key, site, n) == 0 && key[n] == '/';
}

static bool any_site(const struct list *l, const char *key)
{
	const struct list_term *t = list_term(l, "site");

	for (size_t i = 0; t && i < t->n_values; i++)
		if (lies_below(key, t->value[i]))
			return true;
	return !t;
}

static bool any_status(const struct list *l, const char *status)
{
	const struct list_term *t = list_term(l, "status");

	for (size_t i = 0; t && i < t->n_values; i++)
		if (has_word(status, t->value[i]))
			return true;
	return !t;
}

static bool any_text(const struct list *l, const char *a, const char *b, const char *c)
{
	const struct list_term *t = list_term(l, "q");

	for (size_t i = 0; t && i < t->n_values; i++)
		if (strcasestr(a, t->value[i]) || (b && strcasestr(b, t->value[i])) ||
			(c && strcasestr(c, t->value[i])))
			return true;
	return !t;
}

static bool wants_device(const struct request *rq, const struct list *l,
	const struct model_device *d)
{
	return list_matches(l, "severity",
		       bb_severity_name(model_severity(rq->w->model, d->severity))) &&
	       list_matches(l, "comm", model_comm_name(d->comm)) &&
	       list_matches(l, "collector", d->collector) && list_matches(l, "key", d->key) &&
	       any_site(l, d->key) && any_status(l, d->status) &&
	       any_text(l, d->key, d->address, device_text(d, "device.model"));
}

static int by_severity(const void *a, const void *b)
{
	const struct model_device *const *x = a, *const *y = b;

	if ((*x)->severity != (*y)->severity)
		return (*x)->severity < (*y)->severity ? -1 : 1;
	return strcmp((*x)->key, (*y)->key);
}

/* Does the device come behind the cursor's row? */
static bool is_behind(const struct list *l, const struct model_device *d)
{
	bool sorts_severity = strcmp(l->sort, "severity") == 0;
	char severity[12];
	int c;

	if (l->n_cursor == 0)
		return true;
	if (sorts_severity) {
		snprintf(severity, sizeof(severity), "%u", d->severity);
		c = strcmp(severity, l->cursor[0]);
		if (c != 0 || l->n_cursor < 2)
			return c > 0;
	}
	c = strcmp(d->key, l->cursor[sorts_severity ? 1 : 0]);
	return strcmp(l->sort, "-key") == 0 ? c < 0 : c > 0;
}

static void write_next(struct bb_json *j, const struct list *l, const struct model_device *last)
{
	char cursor[512], severity[12];
	const char *part[] = { severity, last ? last->key : "" };
	bool sorts_severity = strcmp(l->sort, "severity") == 0;

	if (last) {
		snprintf(severity, sizeof(severity), "%u", last->severity);
		list_cursor_make(cursor, sizeof(cursor), l->sort, sorts_severity ? part : part + 1,
			sorts_severity ? 2 : 1);
	}
	bb_json_str(j, "next", last ? cursor : NULL);
	bb_json_null(j, "prev");
}

static void write_devices(struct request *rq, struct bb_json *j, const struct list *l,
	struct model_device **all, size_t n)
{
	const struct model_device *last = NULL;
	size_t told = 0, total = 0;
	bool is_reverse = strcmp(l->sort, "-key") == 0, has_more = false;
	uint64_t now_ns = bb_clock_boot_ns();

	bb_json_arr(j, "items");
	for (size_t i = 0; i < n; i++) {
		const struct model_device *d = all[is_reverse ? n - 1 - i : i];

		if (!wants_device(rq, l, d))
			continue;
		total++;
		if (!is_behind(l, d))
			continue;
		if (told == l->limit) {
			has_more = true;
			continue;
		}
		bb_json_obj(j, NULL);
		json_device_members(j, rq->w->model, d, now_ns);
		bb_json_end_obj(j);
		last = d;
		told++;
	}
	bb_json_end_arr(j);
	write_next(j, l, has_more ? last : NULL);
	bb_json_int(j, "total_estimate", (int64_t)total);
}

static void show_devices(struct request *rq)
{
	static const char *const filters[] = { "severity", "site", "status", "comm", "collector",
		"key", "q", NULL };
	static const char *const sorts[] = { "key", "-key", "severity", NULL };
	struct model_device **all, **copy = NULL;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct list l;
	size_t n;

	if (list_read(rq, &l, filters, sorts) != 0)
		return;
	all = model_devices(rq->w->model, &n);
	if (strcmp(l.sort, "severity") == 0) {
		copy = bb_malloc((n + 1) * sizeof(*copy));
		memcpy(copy, all, n * sizeof(*copy));
		qsort(copy, n, sizeof(*copy), by_severity);
	}
	set_seq(rq);
	bb_json_obj(&j, NULL);
	write_devices(rq, &j, &l, copy ? copy : all, n);
	bb_json_end_obj(&j);
	free(copy);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_devices(struct request *rq)
{
	readings_need(rq->w->readings, rq, show_devices);
}

/* ---- one device ---- */

static void write_own_alarms(struct bb_json *j, struct model *m, const struct model_device *d)
{
	struct model_alarm **a;
	size_t n;

	a = model_alarms(m, &n);
	bb_json_arr(j, "alarms");
	for (size_t i = 0; i < n; i++)
		if (a[i]->device_id == d->id)
			json_alarm(j, NULL, a[i]);
	bb_json_end_arr(j);
}

static void reply_device(struct request *rq, const struct model_device *d,
	const struct bb_table *sources, bool with_sources)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	uint64_t now_ns = bb_clock_boot_ns();

	set_seq(rq);
	bb_json_obj(&j, NULL);
	json_device_members(&j, rq->w->model, d, now_ns);
	bb_json_str(&j, "serial", device_text(d, "device.serial"));
	bb_json_str(&j, "firmware", device_text(d, "ups.firmware"));
	json_points(&j, "points", d, now_ns, sources, with_sources);
	write_own_alarms(&j, rq->w->model, d);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* The collector's [{name, index, oid}] as a table "name#index" -> oid; texts are borrowed from
 * `list`. */
static struct bb_table *source_table(const json_t *list)
{
	struct bb_table *t = bb_table_new();
	char name[160];
	json_t *o;
	size_t i;

	json_array_foreach((json_t *)list, i, o)
	{
		const char *point = json_string_value(json_object_get(o, "name")),
			   *index = json_string_value(json_object_get(o, "index"));
		const char *oid = json_string_value(json_object_get(o, "oid"));

		if (!point || !oid)
			continue;
		snprintf(name, sizeof(name), "%s#%s", point, index ? index : "");
		bb_table_put(t, name, (void *)oid);
	}
	return t;
}

static void on_sources(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct model_device *d = device_of(rq);
	struct bb_table *t;
	json_t *list;

	if (!d)
		return;
	if (reply->code != BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK || !reply->json) {
		reply_problem(rq, PROBLEM_UNAVAILABLE,
			"\"%s\" does not tell where the values come from: %s", d->collector,
			reply->text ? reply->text : "no answer");
		return;
	}
	list = json_loads(reply->json, 0, NULL);
	t = source_table(list);
	reply_device(rq, d, t, true);
	bb_table_free(t, NULL);
	json_decref(list);
}

static void show_device(struct request *rq)
{
	static const char *const params[] = { "sources", NULL };
	const char *sources = uri_param(&rq->http->uri, "sources");
	Busbar__V1__CommandRequest c = BUSBAR__V1__COMMAND_REQUEST__INIT;
	struct model_device *d;

	if (request_params(rq, params) != 0 || !(d = device_of(rq)))
		return;
	if (!sources || strcmp(sources, "1") != 0) {
		reply_device(rq, d, NULL, false);
		return;
	}
	c.verb = "sources";
	c.user = rq->who.user;
	c.n_item = 1;
	c.item = &d->key;
	bb_cmd_send(rq->w->commands, d->collector, &c, on_sources, rq);
}

void api_device(struct request *rq)
{
	readings_need(rq->w->readings, rq, show_device);
}

static void show_values(struct request *rq)
{
	const struct model_device *d = device_of(rq);
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (!d)
		return;
	set_seq(rq);
	bb_json_obj(&j, NULL);
	json_id(&j, "id", d->id);
	bb_json_str(&j, "key", d->key);
	json_points(&j, "points", d, bb_clock_boot_ns(), NULL, false);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_device_values(struct request *rq)
{
	readings_need(rq->w->readings, rq, show_values);
}

/* ---- groups ---- */

void api_groups(struct request *rq)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct model_group **g;
	size_t n;

	set_seq(rq);
	g = model_groups(rq->w->model, &n);
	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (size_t i = 0; i < n; i++)
		json_group(&j, rq->w->model, g[i]);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* ---- poll now ---- */

struct poll {
	json_t *keys;
};

// clang-format off
static const struct field poll_fields[] = {
	{ "keys", FIELD_ARRAY, true, offsetof(struct poll, keys), 1, 500 },
	FIELD_END,
};
// clang-format on

static const char *collector_of(void *arg, const char *key)
{
	struct request *rq = arg;
	const struct model_device *d = model_device_by_key(rq->w->model, key);

	return d ? d->collector : NULL;
}

void api_devices_poll(struct request *rq)
{
	struct poll in = { 0 };

	if (request_fields(rq, poll_fields, &in) == 0)
		command_items(rq, &(struct command_spec){ .verb = "poll",
					  .id_name = "key",
					  .pointer = "/keys",
					  .ids = in.keys,
					  .daemon_of = collector_of });
}
