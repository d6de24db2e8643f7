// SPDX-License-Identifier: Apache-2.0
#include "webd/model_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/table.h"

void json_str_or_null(struct bb_json *j, const char *key, const char *value)
{
	bb_json_str(j, key, value && *value ? value : NULL);
}

void json_id(struct bb_json *j, const char *key, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, id);
	bb_json_str(j, key, text);
}

static void json_age(struct bb_json *j, const char *key, uint64_t sampled_ns, uint64_t now_ns)
{
	double age_s = model_age_s(sampled_ns, now_ns);

	if (age_s < 0)
		bb_json_null(j, key);
	else
		bb_json_num(j, key, age_s);
}

static const char *unit_of(const char *name)
{
	const struct bb_point *p = bb_point_find(name);

	return p ? p->unit : "";
}

static void value_members(struct bb_json *j, const struct model_device *d,
	const struct model_point *p, uint64_t now_ns)
{
	bb_json_str(j, "name", p->name);
	bb_json_str(j, "index", p->index);
	if (p->kind == BB_NUMBER)
		bb_json_num(j, "value", p->number);
	else if (p->kind == BB_FLAG)
		bb_json_bool(j, "value", p->flag);
	else
		bb_json_str(j, "value", p->text ? p->text : "");
	bb_json_str(j, "unit", unit_of(p->name));
	bb_json_str(j, "quality", bb_quality_name(model_quality(d, p, now_ns)));
	json_age(j, "age_s", model_sampled_ns(d, p), now_ns);
}

void json_value(struct bb_json *j, const struct model_device *d, const struct model_point *p,
	uint64_t now_ns, const char *source)
{
	bb_json_obj(j, NULL);
	value_members(j, d, p, now_ns);
	if (source)
		json_str_or_null(j, "oid", source);
	bb_json_end_obj(j);
}

void json_points(struct bb_json *j, const char *key, const struct model_device *d, uint64_t now_ns,
	const struct bb_table *sources, bool with_sources)
{
	char name[160];

	bb_json_arr(j, key);
	for (size_t i = 0; i < d->n_points; i++) {
		const struct model_point *p = &d->point[i];
		const char *source = NULL;

		if (with_sources) {
			snprintf(name, sizeof(name), "%s#%s", p->name, p->index);
			source = sources ? bb_table_get(sources, name) : NULL;
			source = source ? source : "";
		}
		json_value(j, d, p, now_ns, source);
	}
	bb_json_end_arr(j);
}

const struct model_point *device_point(const struct model_device *d, const char *name)
{
	for (size_t i = 0; i < d->n_points; i++)
		if (strcmp(d->point[i].name, name) == 0 && !*d->point[i].index)
			return &d->point[i];
	return NULL;
}

const char *device_text(const struct model_device *d, const char *name)
{
	const struct model_point *p = device_point(d, name);

	return p && p->kind == BB_TEXT && p->text && *p->text ? p->text : NULL;
}

void json_device_state(struct bb_json *j, const struct model *m, const struct model_device *d)
{
	json_id(j, "id", d->id);
	bb_json_str(j, "key", d->key);
	bb_json_str(j, "severity", bb_severity_name(model_severity(m, d->severity)));
	bb_json_str(j, "status", d->status);
	bb_json_str(j, "comm", model_comm_name(d->comm));
	bb_json_int(j, "active", d->active);
	bb_json_int(j, "unack", d->unack);
}

static const char *const quick_points[] = {
	"ups.load",
	"battery.charge",
	"battery.runtime",
	"battery.voltage",
	"input.voltage",
	"input.L1-N.voltage",
	"output.voltage",
	"output.L1-N.voltage",
	"ups.realpower",
	"output.L1.realpower",
	"battery.temperature",
	"ambient.temperature",
};

static void json_quick(struct bb_json *j, const struct model_device *d, uint64_t now_ns)
{
	bb_json_arr(j, "quick");
	for (size_t i = 0; i < sizeof(quick_points) / sizeof(quick_points[0]); i++) {
		const struct model_point *p = device_point(d, quick_points[i]);

		if (p)
			json_value(j, d, p, now_ns, NULL);
	}
	bb_json_end_arr(j);
}

static void json_place(struct bb_json *j, const char *key)
{
	const char *slash = strrchr(key, '/');
	char site[256];

	bb_json_str(j, "name", slash ? slash + 1 : key);
	snprintf(site, sizeof(site), "%.*s", slash ? (int)(slash - key) : 8,
		slash ? key : "unsorted");
	bb_json_str(j, "site", site);
}

void json_device_members(struct bb_json *j, const struct model *m, const struct model_device *d,
	uint64_t now_ns)
{
	json_device_state(j, m, d);
	json_place(j, d->key);
	bb_json_str(j, "collector", d->collector);
	bb_json_str(j, "address", d->address);
	bb_json_int(j, "port", d->port);
	bb_json_str(j, "version", d->version);
	bb_json_str(j, "profile", *d->profile ? d->profile : d->profile_wanted);
	bb_json_str(j, "model", device_text(d, "device.model"));
	bb_json_str(j, "mfr", device_text(d, "device.mfr"));
	bb_json_int(j, "missed", d->missed);
	json_str_or_null(j, "lost_reason", d->lost_reason);
	json_age(j, "age_s", d->answered_ns, now_ns);
	bb_json_num(j, "interval_s", d->interval_ms / 1000.0);
	bb_json_num(j, "status_interval_s", d->status_interval_ms / 1000.0);
	json_quick(j, d, now_ns);
}

static void json_num_or_null(struct bb_json *j, const char *key, bool has, double v)
{
	if (has)
		bb_json_num(j, key, v);
	else
		bb_json_null(j, key);
}

static void json_shelf(struct bb_json *j, const struct model_alarm *a)
{
	if (!a->shelved_us) {
		bb_json_null(j, "shelved");
		return;
	}
	bb_json_obj(j, "shelved");
	bb_json_time(j, "at", a->shelved_us);
	bb_json_time(j, "until", a->shelved_until_us);
	bb_json_bool(j, "until_clear", a->shelved_until_clear);
	bb_json_str(j, "user", a->shelved_by);
	bb_json_str(j, "reason", a->shelve_reason);
	bb_json_end_obj(j);
}

void json_alarm(struct bb_json *j, const char *key, const struct model_alarm *a)
{
	bb_json_obj(j, key);
	bb_json_str(j, "id", a->id);
	bb_json_str(j, "device", a->key);
	json_id(j, "device_id", a->device_id);
	bb_json_str(j, "site", a->site);
	bb_json_str(j, "rule", a->rule);
	bb_json_str(j, "subject", a->subject);
	bb_json_str(j, "severity", bb_severity_name(a->severity));
	bb_json_str(j, "state", bb_alarm_state_name(a->state));
	bb_json_time(j, "raised_at", a->raised_us);
	bb_json_time(j, "cleared_at", a->cleared_us);
	bb_json_time(j, "acked_at", a->acked_us);
	json_str_or_null(j, "user", a->user);
	json_str_or_null(j, "comment", a->comment);
	bb_json_str(j, "text", a->text);
	json_num_or_null(j, "value", a->has_value, a->value);
	json_num_or_null(j, "limit", a->has_limit, a->limit);
	json_str_or_null(j, "unit", a->unit);
	bb_json_bool(j, "test", a->is_test);
	bb_json_bool(j, "stale", a->is_stale);
	bb_json_bool(j, "chattering", a->is_chattering);
	bb_json_int(j, "chatter_raises", a->chatter_raises);
	json_str_or_null(j, "suppressed_by", a->suppressed_by);
	json_str_or_null(j, "maintenance", a->maintenance);
	json_str_or_null(j, "out_of_service", a->out_of_service);
	bb_json_bool(j, "quiet", model_alarm_is_quiet(a));
	json_shelf(j, a);
	bb_json_int(j, "jseq", (int64_t)a->jseq);
	bb_json_end_obj(j);
}

void json_group(struct bb_json *j, const struct model *m, const struct model_group *g)
{
	const char *slash = strrchr(g->key, '/');
	char parent[256];

	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - g->key) : 0, g->key);
	bb_json_obj(j, NULL);
	json_id(j, "id", g->id);
	bb_json_str(j, "key", g->key);
	bb_json_str(j, "name", g->name);
	json_str_or_null(j, "parent", parent);
	bb_json_str(j, "severity",
		bb_severity_name(model_severity(m, g->has_state ? g->severity : 0)));
	bb_json_int(j, "members", g->members);
	bb_json_bool(j, "unack", g->has_unack);
	bb_json_obj(j, "counts");
	for (unsigned s = 1; s < 7; s++)
		bb_json_int(j, bb_severity_name(s), g->counts[s]);
	bb_json_end_obj(j);
	bb_json_end_obj(j);
}

void json_daemon(struct bb_json *j, const struct model_daemon *d)
{
	static const char *const states[] = { "alive", "suspect", "lost" };
	uint64_t now_ms = bb_clock_mono_ms();

	bb_json_obj(j, NULL);
	bb_json_str(j, "name", d->name);
	bb_json_str(j, "role", d->role);
	bb_json_int(j, "pid", d->pid);
	bb_json_str(j, "state", states[d->state % 3]);
	bb_json_time(j, "up_since", d->start_unix_ms * 1000);
	bb_json_str(j, "build", d->build);
	if (d->heard_ms)
		bb_json_num(j, "heartbeat_age_s",
			now_ms > d->heard_ms ? (double)(now_ms - d->heard_ms) / 1000.0 : 0);
	else
		bb_json_null(j, "heartbeat_age_s");
	bb_json_obj(j, "metrics");
	for (size_t i = 0; i < d->n_metrics; i++)
		bb_json_num(j, d->metric_name[i], d->metric[i]);
	bb_json_end_obj(j);
	bb_json_arr(j, "troubles");
	for (size_t i = 0; i < d->n_troubles; i++) {
		bb_json_obj(j, NULL);
		bb_json_str(j, "code", d->trouble[i].code);
		bb_json_str(j, "severity", bb_severity_name(d->trouble[i].severity));
		bb_json_str(j, "text", d->trouble[i].text);
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
	bb_json_end_obj(j);
}
