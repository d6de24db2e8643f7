// SPDX-License-Identifier: Apache-2.0
/* What the streams are told: changes of the model, gathered for a tick where the latest wins. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "webd/api_system.h"
#include "webd/group_json.h"
#include "webd/live_priv.h"
#include "webd/model_json.h"
#include "webd/webd.h"

/* One state event holds at most so many devices, so that no frame grows beyond what a slow
 * client may owe. */
#define CHUNK 500

/* ---- frames ---- */

struct http_frame *live_summary_frame(struct live *l)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct http_frame *f;

	json_summary(&j, l->w);
	f = live_frame(l, "summary", 0, &b);
	bb_buf_fini(&b);
	return f;
}

struct http_frame *live_system_frame(struct live *l)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct http_frame *f;

	json_system(&j, l->w);
	f = live_frame(l, "system", 0, &b);
	bb_buf_fini(&b);
	return f;
}

/* Points that came since the last tick, or whose quality aged. Marks what it tells as told. */
static bool is_due(const struct model_device *d, struct model_point *p, uint64_t now_ns,
	bool is_full)
{
	unsigned quality = model_quality(d, p, now_ns);
	bool is_new = p->is_new || (d->is_confirmed && model_is_of_status(d, p));

	if (!is_full && !is_new && quality == p->shown)
		return false;
	if (!is_full) {
		p->shown = (uint8_t)quality;
		p->is_new = false;
	}
	return true;
}

static struct http_frame *values_frame(struct live *l, struct model_device *d, bool is_full)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	uint64_t now_ns = bb_clock_boot_ns();
	struct http_frame *f = NULL;
	size_t n = 0;

	bb_json_obj(&j, NULL);
	json_id(&j, "dev", d->id);
	bb_json_bool(&j, "full", is_full);
	bb_json_arr(&j, "pt");
	for (size_t i = 0; i < d->n_points; i++)
		if (is_due(d, &d->point[i], now_ns, is_full)) {
			json_value(&j, d, &d->point[i], now_ns, NULL);
			n++;
		}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	if (!is_full)
		d->is_confirmed = false;
	if (n > 0 || is_full)
		f = live_frame(l, "value", 0, &b);
	bb_buf_fini(&b);
	return f;
}

struct http_frame *live_values_frame(struct live *l, uint64_t device_id, bool is_full)
{
	struct model_device *d = model_device(l->w->model, device_id);

	return d ? values_frame(l, d, is_full) : NULL;
}

/* ---- changes of the model ---- */

static uintptr_t watchers(const struct live *l, uint64_t device_id)
{
	return (uintptr_t)bb_table_get_u64(l->watched, device_id);
}

static void json_live_event(struct bb_json *j, const struct model_alarm *a, unsigned was)
{
	bool is_raise = was == BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
	bool is_clear = a->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL ||
			a->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK;
	bool is_ack = !is_clear && !is_raise && a->state != was;
	uint64_t at_us = is_clear   ? a->cleared_us
			 : is_ack   ? a->acked_us
			 : is_raise ? a->raised_us
				    : bb_clock_real_us();

	bb_json_obj(j, NULL);
	bb_json_int(j, "jseq", (int64_t)a->jseq);
	bb_json_time(j, "at", at_us ? at_us : bb_clock_real_us());
	bb_json_str(j, "device", a->key);
	json_id(j, "device_id", a->device_id);
	bb_json_str(j, "rule", a->rule);
	bb_json_str(j, "subject", a->subject);
	bb_json_str(j, "kind",
		is_clear   ? "clear"
		: is_ack   ? "ack"
		: is_raise ? "raise"
			   : "severity");
	bb_json_str(j, "from", bb_alarm_state_name(was));
	bb_json_str(j, "to", bb_alarm_state_name(a->state));
	bb_json_str(j, "severity", bb_severity_name(a->severity));
	json_str_or_null(j, "user", a->user);
	json_str_or_null(j, "comment", a->comment);
	json_str_or_null(j, "text", a->text);
	bb_json_str(j, "alarm_id", a->id);
	bb_json_bool(j, "test", a->is_test);
	bb_json_end_obj(j);
}

static void on_alarm(void *arg, const struct model_alarm *a, unsigned was, bool is_new_event)
{
	struct live *l = arg;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "op",
		a->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL ? "gone" : "put");
	json_alarm(&j, "alarm", a);
	bb_json_end_obj(&j);
	live_log_event(l, LIVE_ALARMS, "alarm", &b);
	if (is_new_event) {
		bb_buf_reset(&b);
		j.comma = false;
		json_live_event(&j, a, was);
		live_log_event(l, LIVE_EVENTS, "event", &b);
	}
	bb_buf_fini(&b);
	l->is_summary_due = true;
	live_wake(l);
}

static void queue_device(struct live *l, uint64_t id)
{
	if (l->n_changed == l->cap_changed) {
		l->cap_changed = l->cap_changed ? 2 * l->cap_changed : 256;
		l->changed = bb_realloc(l->changed, l->cap_changed * sizeof(*l->changed));
	}
	l->changed[l->n_changed++] = id;
	live_wake(l);
}

static void on_device(void *arg, struct model_device *d)
{
	struct live *l = arg;

	if (!d->is_changed) {
		d->is_changed = true;
		queue_device(l, d->id);
	}
	l->is_summary_due = true;
}

static void on_device_gone(void *arg, const struct model_device *d)
{
	struct live *l = arg;

	if (!d->is_configured)
		return;
	bb_buf_printf(&l->gone, "%s\"%" PRIu64 "\"", l->gone.len ? "," : "", d->id);
	l->is_summary_due = true;
	live_wake(l);
}

static void on_values(void *arg, struct model_device *d)
{
	struct live *l = arg;

	if (!d->has_new_values && bb_table_count(l->watched) > 0 && watchers(l, d->id) > 0) {
		d->has_new_values = true;
		queue_device(l, d->id);
	}
}

static void on_group(void *arg, struct model_group *g)
{
	struct live *l = arg;

	g->is_changed = true;
	l->are_groups_due = true;
	live_wake(l);
}

static void on_group_gone(void *arg, const struct model_group *g)
{
	struct live *l = arg;

	struct bb_buf *gone = g->is_named ? &l->named_gone : &l->groups_gone;

	/* keys hold nothing to escape */
	bb_buf_printf(gone, "%s\"%s\"", gone->len ? "," : "", g->key);
	l->are_groups_due = true;
	live_wake(l);
}

static void on_redundancy(void *arg, struct model_redundancy *r)
{
	struct live *l = arg;

	l->are_groups_due = true;
	live_wake(l);
}

static void on_redundancy_gone(void *arg, const struct model_redundancy *r)
{
	struct live *l = arg;

	bb_buf_printf(&l->redundancies_gone, "%s\"%s\"", l->redundancies_gone.len ? "," : "",
		r->key);
	l->are_groups_due = true;
	live_wake(l);
}

struct model_listener live_listener(struct live *l)
{
	return (struct model_listener){ .alarm = on_alarm,
		.device = on_device,
		.device_gone = on_device_gone,
		.values = on_values,
		.group = on_group,
		.group_gone = on_group_gone,
		.redundancy = on_redundancy,
		.redundancy_gone = on_redundancy_gone,
		.arg = l };
}

void live_touch_summary(struct live *l)
{
	l->is_summary_due = true;
	live_wake(l);
}

/* ---- watched devices ---- */

void live_watch(struct live *l, uint64_t device_id)
{
	bb_table_put_u64(l->watched, device_id, (void *)(watchers(l, device_id) + 1));
}

void live_unwatch(struct live *l, uint64_t device_id)
{
	uintptr_t n = watchers(l, device_id);

	if (n > 1)
		bb_table_put_u64(l->watched, device_id, (void *)(n - 1));
	else
		bb_table_del_u64(l->watched, device_id);
}

static void send_values(struct live *l, struct model_device *d)
{
	struct http_frame *f = values_frame(l, d, false);

	for (struct stream *s = f ? l->streams : NULL, *next; s; s = next) {
		next = s->next;
		for (size_t i = 0; i < s->topics.n_devices; i++)
			if (s->topics.device[i] == d->id) {
				live_send(s, f);
				break;
			}
	}
	http_frame_unref(f);
}

/* Values that nobody refreshes must not look fresh: tell when their quality ages. */
void live_flush_aged(struct live *l)
{
	for (const struct stream *s = l->streams; s; s = s->next)
		for (size_t i = 0; i < s->topics.n_devices; i++) {
			struct model_device *d = model_device(l->w->model, s->topics.device[i]);

			if (d && !d->has_new_values) {
				d->has_new_values = true;
				queue_device(l, d->id);
			}
		}
}

/* ---- the tick ---- */

static void flush_states(struct live *l, const uint64_t *id, size_t n)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	size_t told = 0;

	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "ch");
	for (size_t i = 0; i < n; i++) {
		struct model_device *d = model_device(l->w->model, id[i]);

		if (!d || !d->is_changed)
			continue;
		d->is_changed = false;
		bb_json_obj(&j, NULL);
		json_device_state(&j, l->w->model, d);
		bb_json_end_obj(&j);
		told++;
	}
	bb_json_end_arr(&j);
	bb_json_arr(&j, "gone");
	if (l->gone.len)
		bb_json_raw(&j, NULL, l->gone.data);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	if (told > 0 || l->gone.len)
		live_log_event(l, LIVE_DEVICES, "state", &b);
	bb_buf_reset(&l->gone);
	bb_buf_fini(&b);
}

/* One event {ch: [...], gone: [...]}, or none when there is nothing to tell. */
struct change_list {
	struct live *l;
	struct bb_json *j;
	size_t n;
};

static void put_site(struct change_list *c, struct model_group *g)
{
	if (!g->is_changed)
		return;
	g->is_changed = false;
	json_group(c->j, c->l->w->model, g);
	c->n++;
}

static void put_sites(struct change_list *c)
{
	size_t n;
	struct model_group **g = model_groups(c->l->w->model, &n);

	for (size_t i = 0; i < n; i++)
		put_site(c, g[i]);
}

static void put_one_named(void *arg, struct model_group *g)
{
	struct change_list *c = arg;

	if (!g->is_changed)
		return;
	g->is_changed = false;
	bb_json_obj(c->j, NULL);
	json_id(c->j, "id", g->id);
	bb_json_str(c->j, "key", g->key);
	bb_json_str(c->j, "name", g->name);
	json_named_live(c->j, c->l->w->model, g);
	bb_json_end_obj(c->j);
	c->n++;
}

static void put_named(struct change_list *c)
{
	model_named_each(c->l->w->model, put_one_named, c);
}

static void put_one_redundancy(void *arg, struct model_redundancy *r)
{
	struct change_list *c = arg;
	struct model *m = c->l->w->model;

	if (!r->is_changed)
		return;
	r->is_changed = false;
	bb_json_obj(c->j, NULL);
	json_id(c->j, "id", r->id);
	bb_json_str(c->j, "key", r->key);
	bb_json_str(c->j, "name", r->name);
	json_redundancy_live(c->j, m, r->key);
	bb_json_end_obj(c->j);
	c->n++;
}

static void put_redundancies(struct change_list *c)
{
	model_redundancy_each(c->l->w->model, put_one_redundancy, c);
}

static void flush_changes(struct live *l, const char *event, void (*put)(struct change_list *c),
	struct bb_buf *gone)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct change_list c = { .l = l, .j = &j };

	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "ch");
	put(&c);
	bb_json_end_arr(&j);
	bb_json_arr(&j, "gone");
	if (gone->len)
		bb_json_raw(&j, NULL, gone->data);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	if (c.n || gone->len)
		live_log_event(l, LIVE_GROUPS, event, &b);
	bb_buf_reset(gone);
	bb_buf_fini(&b);
}

static void flush_groups(struct live *l)
{
	l->are_groups_due = false;
	flush_changes(l, "group", put_sites, &l->groups_gone);
	flush_changes(l, "device_group", put_named, &l->named_gone);
	flush_changes(l, "redundancy", put_redundancies, &l->redundancies_gone);
}

static void flush_summary(struct live *l)
{
	struct http_frame *f;

	l->is_summary_due = false;
	if (!l->streams)
		return;
	f = live_summary_frame(l);
	live_send_all(l, LIVE_SUMMARY, f);
	http_frame_unref(f);
}

void live_flush(struct live *l)
{
	uint64_t *id = l->changed;
	size_t n = l->n_changed;

	l->changed = NULL;
	l->n_changed = l->cap_changed = 0;
	flush_states(l, id, n < CHUNK ? n : CHUNK);
	for (size_t i = CHUNK; i < n; i += CHUNK)
		flush_states(l, id + i, n - i < CHUNK ? n - i : CHUNK);
	for (size_t i = 0; i < n; i++) {
		struct model_device *d = model_device(l->w->model, id[i]);

		if (d && d->has_new_values) {
			d->has_new_values = false;
			send_values(l, d);
		}
	}
	free(id);
	if (l->are_groups_due)
		flush_groups(l);
	if (l->is_summary_due)
		flush_summary(l);
}
