// SPDX-License-Identifier: Apache-2.0
/* The bus's part of the model: readings, states, groups, alarms, heartbeats. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "webd/model_priv.h"

#define POINTS_MAX  4096 /* of one device; the wire allows no more either */
#define POINTS_STEP 8

struct pass {
	struct model *m;
	struct model_device *d;
	uint64_t sampled_ns;
	uint32_t interval_ms;
	bool is_status;
};

/* Values come in the same order pass after pass, so the next point is usually the one after the
 * last. */
static struct model_point *point_find(struct pass *p, const struct bb_value *v)
{
	struct model_device *d = p->d;
	struct model_point *x;

	for (size_t i = 0; i < d->n_points; i++) {
		size_t at = (d->next_guess + i) % d->n_points;

		x = &d->point[at];
		if (strcmp(x->name, v->name) == 0 && strcmp(x->index, v->index) == 0) {
			d->next_guess = at + 1;
			return x;
		}
	}
	if (d->n_points == POINTS_MAX)
		return NULL;
	if (d->n_points == d->cap_points) {
		d->cap_points += POINTS_STEP;
		d->point = bb_realloc(d->point, d->cap_points * sizeof(*d->point));
	}
	x = &d->point[d->n_points++];
	*x = (struct model_point){ .name = model_intern(p->m, v->name),
		.index = model_intern(p->m, v->index),
		.shown = BB_UNKNOWN };
	d->next_guess = d->n_points;
	return x;
}

static int take_value(void *arg, const struct bb_value *v)
{
	struct pass *p = arg;
	struct model_point *x = point_find(p, v);

	if (!x)
		return 0;
	if (x->kind != v->kind) {
		if (x->kind == BB_TEXT)
			free(x->text);
		x->text = NULL;
	}
	x->kind = (uint8_t)v->kind;
	x->quality = (uint8_t)v->quality;
	if (v->kind == BB_TEXT)
		model_set_text(&x->text, v->text);
	else if (v->kind == BB_FLAG)
		x->flag = v->flag;
	else
		x->number = v->number;
	x->sampled_ns = p->sampled_ns;
	x->interval_ms = p->interval_ms;
	x->is_status = p->is_status;
	x->is_new = true;
	return 1;
}

/* A reading names all findings of its group. */
static void take_findings(struct model *m, struct model_device *d, const Busbar__V1__Reading *r)
{
	uint8_t group = (uint8_t)r->group[0];
	size_t kept = 0;

	for (size_t i = 0; i < d->n_findings; i++) {
		if (d->finding[i].group == group)
			free(d->finding[i].text);
		else
			d->finding[kept++] = d->finding[i];
	}
	d->n_findings = kept;
	if (!r->n_finding)
		return;
	d->finding = bb_realloc(d->finding, (kept + r->n_finding) * sizeof(*d->finding));
	for (size_t i = 0; i < r->n_finding; i++) {
		const Busbar__V1__Finding *f = r->finding[i];

		d->finding[d->n_findings++] = (struct model_finding){
			.point = model_intern(m, f->point),
			.kind = model_intern(m, f->kind),
			.text = bb_strdup(f->text),
			.value = f->value,
			.factor = f->factor,
			.first_unix_ms = f->first_unix_ms,
			.group = group,
		};
	}
}

/* What the new reading does not hold any more stays with the time of its last confirmation. */
static void status_begin(struct model_device *d, uint64_t sampled_ns)
{
	for (size_t i = 0; i < d->n_points; i++)
		d->point[i].sampled_ns = model_sampled_ns(d, &d->point[i]);
	d->status_ns = sampled_ns;
	d->confirmed_ns = 0;
}

static void take_reading(struct model *m, const struct bb_msg *msg, struct bb_err *err)
{
	const Busbar__V1__Reading *r = bb_unpack_reading(m->arena, msg->body, msg->body_len, err);
	struct model_device *d;

	if (!r) {
		m->bad++;
		return;
	}
	d = bb_table_get_u64(m->devices, r->device_id);
	if (!d)
		d = model_device_make(m, r->device_id, r->key);
	d->publisher = model_daemon_make(m, msg->publisher);
	d->missed = r->missed;
	bool is_status = strcmp(r->group, "status") == 0;
	if (is_status) {
		d->status_epoch = msg->epoch;
		d->status_seq = r->missed ? 0 : msg->topic_seq;
		if (!r->missed)
			status_begin(d, msg->sampled_own_ns);
	}
	if (r->profile && *r->profile)
		model_set_text(&d->profile, r->profile);
	model_set_text(&d->lost_reason, r->missed ? r->lost_reason : "");
	if (r->missed)
		return;
	take_findings(m, d, r);
	struct pass p = { .m = m,
		.d = d,
		.sampled_ns = msg->sampled_own_ns,
		.interval_ms = r->interval_ms,
		.is_status = is_status };
	if (msg->sampled_own_ns > d->answered_ns)
		d->answered_ns = msg->sampled_own_ns;
	bb_reading_each(r, take_value, &p);
	m->listener.values(m->listener.arg, d);
}

/* The device gave its newest status answer again: as if that reading had come once more. Thousands a
 * second, so no value is touched. */
static void confirm_device(struct model *m, struct model_device *d, uint64_t sampled_ns)
{
	d->missed = 0;
	model_set_text(&d->lost_reason, "");
	if (sampled_ns > d->answered_ns)
		d->answered_ns = sampled_ns;
	if (sampled_ns <= d->status_ns || sampled_ns <= d->confirmed_ns)
		return;
	d->confirmed_ns = sampled_ns;
	d->is_confirmed = true;
	m->listener.values(m->listener.arg, d);
}

static void take_confirm(struct model *m, const struct bb_msg *msg, struct bb_err *err)
{
	const Busbar__V1__Confirm *c = bb_unpack_confirm(m->arena, msg->body, msg->body_len, err);

	if (!c) {
		m->bad++;
		return;
	}
	for (size_t i = 0; strcmp(c->group, "status") == 0 && i < c->n_device_id; i++) {
		struct model_device *d = bb_table_get_u64(m->devices, c->device_id[i]);

		if (d && c->topic_seq[i] && d->status_epoch == msg->epoch &&
			d->status_seq == c->topic_seq[i] && c->before_ns[i] < msg->sampled_own_ns)
			confirm_device(m, d, msg->sampled_own_ns - c->before_ns[i]);
	}
}

static void take_device_state(struct model *m, const struct bb_msg *msg, struct bb_err *err)
{
	const Busbar__V1__DeviceState *s =
		bb_unpack_device_state(m->arena, msg->body, msg->body_len, err);
	struct model_device *d;
	bool is_changed;

	if (!s) {
		m->bad++;
		return;
	}
	d = bb_table_get_u64(m->devices, s->device_id);
	if (!d)
		d = model_device_make(m, s->device_id, s->key);
	is_changed = model_set_text(&d->status, s->status) || d->severity != s->severity ||
		     d->comm != s->comm || d->active != s->active || d->unack != s->unack;
	d->severity = s->severity;
	d->comm = s->comm;
	d->active = s->active;
	d->unack = s->unack;
	if (is_changed)
		m->listener.device(m->listener.arg, d);
}

void model_group_state(struct model_group *g, const Busbar__V1__GroupState *s)
{
	g->has_state = true;
	if (s->group_id)
		g->id = s->group_id;
	if (s->name && *s->name)
		model_set_text(&g->name, s->name);
	g->severity = s->severity;
	g->members = s->members;
	g->has_unack = s->unack;
	g->flood_us = s->flood_unix_us;
	g->flood_count = s->flood_count;
	for (size_t i = 0; i < 7; i++)
		g->counts[i] = i < s->n_severity_active ? s->severity_active[i] : 0;
}

static void take_group_state(struct model *m, const struct bb_msg *msg, struct bb_err *err)
{
	const Busbar__V1__GroupState *s =
		bb_unpack_group_state(m->arena, msg->body, msg->body_len, err);
	struct model_group *g;

	if (!s || !s->key) {
		m->bad++;
		return;
	}
	if (strncmp(msg->topic, "devgroup/", 9) == 0) {
		model_take_named(m, s);
		return;
	}
	g = model_group_make(m, s->key);
	model_group_state(g, s);
	m->listener.group(m->listener.arg, g);
}

static void take_alarm(struct model *m, const struct bb_msg *msg, struct bb_err *err)
{
	const Busbar__V1__Alarm *a = bb_unpack_alarm(m->arena, msg->body, msg->body_len, err);

	if (!a || !a->id || !*a->id) {
		m->bad++;
		return;
	}
	struct model_alarm in = {
		.id = a->id,
		.key = a->key,
		.rule = a->rule,
		.subject = a->subject,
		.user = a->user,
		.comment = a->comment,
		.text = a->text,
		.unit = a->unit,
		.device_id = a->device_id,
		.site_id = a->site_id,
		.raised_us = a->raised_unix_us,
		.cleared_us = a->cleared_unix_us,
		.acked_us = a->acked_unix_us,
		.jseq = a->jseq,
		.severity = a->severity,
		.state = a->state,
		.value = a->value,
		.limit = a->limit,
		.has_value = a->has_value,
		.has_limit = a->has_limit,
		.is_test = a->test,
		.is_stale = a->stale,
		.is_chattering = a->chattering,
		.shelved_us = a->shelved_unix_us,
		.shelved_until_us = a->shelved_until_unix_us,
		.shelved_until_clear = a->shelved_until_clear,
		.shelved_by = a->shelved_by,
		.shelve_reason = a->shelve_reason,
		.suppressed_by = a->suppressed_by,
		.maintenance = a->maintenance,
		.out_of_service = a->out_of_service,
		.chatter_raises = a->chatter_raises,
	};
	model_alarm_put(m, &in, !msg->from_snapshot);
}

static void take_metrics(struct model_daemon *d, const Busbar__V1__Heartbeat *h)
{
	size_t n = h->n_metric < h->n_metric_name ? h->n_metric : h->n_metric_name;

	for (size_t i = n; i < d->n_metrics; i++)
		free(d->metric_name[i]);
	d->metric_name = bb_realloc(d->metric_name, (n + 1) * sizeof(*d->metric_name));
	d->metric = bb_realloc(d->metric, (n + 1) * sizeof(*d->metric));
	for (size_t i = d->n_metrics; i < n; i++)
		d->metric_name[i] = NULL;
	for (size_t i = 0; i < n; i++) {
		model_set_text(&d->metric_name[i], h->metric_name[i]);
		d->metric[i] = h->metric[i];
	}
	d->n_metrics = n;
}

static void take_troubles(struct model_daemon *d, const Busbar__V1__Heartbeat *h)
{
	for (size_t i = 0; i < d->n_troubles; i++) {
		free(d->trouble[i].code);
		free(d->trouble[i].text);
	}
	d->n_troubles = h->n_trouble;
	d->trouble = bb_realloc(d->trouble, (h->n_trouble + 1) * sizeof(*d->trouble));
	for (size_t i = 0; i < h->n_trouble; i++) {
		const Busbar__V1__Trouble *t = h->trouble[i];

		d->trouble[i] = (struct model_trouble){
			.code = bb_strdup(t->code ? t->code : ""),
			.text = bb_strdup(t->text ? t->text : ""),
			.severity = t->severity,
		};
	}
}

static void take_heartbeat(struct model *m, const struct bb_msg *msg, struct bb_err *err)
{
	const Busbar__V1__Heartbeat *h =
		bb_unpack_heartbeat(m->arena, msg->body, msg->body_len, err);
	struct model_daemon *d;

	if (!h || !h->publisher || strcmp(h->publisher, msg->publisher) != 0) {
		m->bad++;
		return;
	}
	d = model_daemon_make(m, h->publisher);
	if (d->heard_ms == 0)
		model_peer(m, h->publisher, BB_PEER_ALIVE);
	model_set_text(&d->role, h->role);
	model_set_text(&d->build, h->build);
	d->pid = h->pid;
	d->start_unix_ms = h->start_unix_ms;
	d->heard_ms = bb_clock_mono_ms();
	if (d->heard_ms > msg->age_ms)
		d->heard_ms -= msg->age_ms;
	take_metrics(d, h);
	take_troubles(d, h);
}

/* A topic ended: a device or group was removed, or renamed (then its new topics are there
 * already). */
static void take_gone(struct model *m, const struct bb_msg *msg)
{
	const char *slash = strchr(msg->topic, '/');
	size_t plane = slash ? (size_t)(slash - msg->topic) : 0, n = slash ? strlen(slash + 1) : 0;
	char key[256];

	if (n < 2 || n >= sizeof(key))
		return;
	memcpy(key, slash + 1, n - 1);
	key[n - 1] = '\0';
	if (plane == 5 && strncmp(msg->topic, "state", plane) == 0) {
		struct model_device *d = bb_table_get(m->by_key, key);

		if (d && !d->is_configured)
			model_device_drop(m, d);
	} else if (plane == 5 && strncmp(msg->topic, "group", plane) == 0) {
		struct model_group *g = bb_table_get(m->groups, key);

		if (g && !g->is_configured)
			model_group_drop(m, g);
	} else if (plane < 16) {
		char name[16] = "";

		memcpy(name, msg->topic, plane);
		model_groups_gone(m, name, key);
	}
}

void model_message(struct model *m, const struct bb_msg *msg)
{
	struct bb_err err;

	bb_arena_reset(m->arena);
	switch (msg->kind) {
	case BUSBAR__V1__ENVELOPE__KIND__KIND_READING: take_reading(m, msg, &err); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM: take_confirm(m, msg, &err); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT: take_heartbeat(m, msg, &err); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_DEVICE_STATE: take_device_state(m, msg, &err); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_GROUP_STATE: take_group_state(m, msg, &err); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_ALARM: take_alarm(m, msg, &err); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_REDUNDANCY: model_take_redundancy(m, msg); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_GONE: take_gone(m, msg); break;
	default: m->bad++; break;
	}
}

void model_expect(struct model *m, const char *name)
{
	struct model_daemon *d = model_daemon_make(m, name);

	if (d->heard_ms == 0)
		d->state = BB_PEER_LOST;
}

void model_peer(struct model *m, const char *publisher, enum bb_peer_state state)
{
	struct model_daemon *d = model_daemon_make(m, publisher);
	bool was_lost = d->state == BB_PEER_LOST, is_lost = state == BB_PEER_LOST;
	struct bb_table_iter i = { 0 };
	struct model_device *x;

	d->state = state;
	if (d != m->alarmd || was_lost == is_lost)
		return;
	/* every severity on the screen is now unknown, or known again */
	while ((x = bb_table_next(m->devices, &i, NULL, NULL)))
		m->listener.device(m->listener.arg, x);
}
