// SPDX-License-Identifier: Apache-2.0
#include "webd/model.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "webd/model_priv.h"

bool model_set_text(char **at, const char *text)
{
	if (!text)
		text = "";
	if (*at && strcmp(*at, text) == 0)
		return false;
	free(*at);
	*at = bb_strdup(text);
	return true;
}

const char *model_intern(struct model *m, const char *name)
{
	char *known = bb_table_get(m->names, name);

	if (!known) {
		known = bb_strdup(name);
		bb_table_put(m->names, name, known);
	}
	return known;
}

/* ---- devices ---- */

static void values_free(struct model_device *d)
{
	for (size_t i = 0; i < d->n_points; i++)
		if (d->point[i].kind == BB_TEXT)
			free(d->point[i].text);
	free(d->point);
	d->point = NULL;
	d->n_points = d->cap_points = d->next_guess = 0;
	d->status_epoch = d->status_seq = d->status_ns = d->confirmed_ns = 0;
}

void model_values_forget(struct model *m)
{
	struct bb_table_iter i = { 0 };
	struct model_device *d;

	while ((d = bb_table_next(m->devices, &i, NULL, NULL)))
		values_free(d);
}

static void device_free(void *p)
{
	struct model_device *d = p;

	values_free(d);
	for (size_t i = 0; i < d->n_findings; i++)
		free(d->finding[i].text);
	free(d->finding);
	free(d->key);
	free(d->collector);
	free(d->address);
	free(d->version);
	free(d->profile_wanted);
	free(d->profile);
	free(d->status);
	free(d->lost_reason);
	free(d);
}

static void list_changed(struct model *m)
{
	free(m->device_list);
	m->device_list = NULL;
}

struct model_device *model_device_make(struct model *m, uint64_t id, const char *key)
{
	struct model_device *d = bb_calloc(1, sizeof(*d));

	d->id = id;
	d->severity = BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
	model_set_text(&d->collector, "");
	model_set_text(&d->address, "");
	model_set_text(&d->version, "");
	model_set_text(&d->profile_wanted, "auto");
	model_set_text(&d->profile, "");
	model_set_text(&d->status, "");
	model_set_text(&d->lost_reason, "");
	bb_table_put_u64(m->devices, id, d);
	model_device_rekey(m, d, key);
	return d;
}

void model_device_rekey(struct model *m, struct model_device *d, const char *key)
{
	if (d->key && bb_table_get(m->by_key, d->key) == d)
		bb_table_del(m->by_key, d->key);
	model_set_text(&d->key, key);
	bb_table_put(m->by_key, d->key, d);
	list_changed(m);
}

void model_device_drop(struct model *m, struct model_device *d)
{
	m->listener.device_gone(m->listener.arg, d);
	bb_table_del_u64(m->devices, d->id);
	if (bb_table_get(m->by_key, d->key) == d)
		bb_table_del(m->by_key, d->key);
	list_changed(m);
	device_free(d);
}

/* ---- alarms ---- */

static void alarm_clear(struct model_alarm *a)
{
	char **const texts[] = { &a->id, &a->key, &a->rule, &a->subject, &a->user, &a->comment,
		&a->text, &a->unit, &a->shelved_by, &a->shelve_reason,
		&a->suppressed_by, &a->maintenance, &a->out_of_service, &a->site };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		free(*texts[i]);
		*texts[i] = NULL;
	}
}

static void alarm_free(void *p)
{
	alarm_clear(p);
	free(p);
}

/* Of a device it is the path before its name. A redundancy group has a site of its own. */
static char *site_of(const struct model *m, const struct model_alarm *a)
{
	const char *slash = strrchr(a->key, '/');

	if (strncmp(a->key, "redundancy/", 11) == 0)
		return bb_strdup(model_site_key(m, a->site_id));
	if (!slash)
		return bb_strdup("unsorted");
	char *site = bb_strdup(a->key);
	site[slash - a->key] = '\0';
	return site;
}

static void alarm_copy(struct model_alarm *to, const struct model_alarm *from)
{
	*to = *from;
	to->id = bb_strdup(from->id);
	to->key = bb_strdup(from->key ? from->key : "");
	to->rule = bb_strdup(from->rule ? from->rule : "");
	to->subject = bb_strdup(from->subject ? from->subject : "");
	to->user = bb_strdup(from->user ? from->user : "");
	to->comment = bb_strdup(from->comment ? from->comment : "");
	to->text = bb_strdup(from->text ? from->text : "");
	to->unit = bb_strdup(from->unit ? from->unit : "");
	to->shelved_by = bb_strdup(from->shelved_by ? from->shelved_by : "");
	to->shelve_reason = bb_strdup(from->shelve_reason ? from->shelve_reason : "");
	to->suppressed_by = bb_strdup(from->suppressed_by ? from->suppressed_by : "");
	to->maintenance = bb_strdup(from->maintenance ? from->maintenance : "");
	to->out_of_service = bb_strdup(from->out_of_service ? from->out_of_service : "");
}

void model_alarm_put(struct model *m, const struct model_alarm *in, bool is_new_event)
{
	struct model_alarm *a = bb_table_get(m->alarms, in->id);
	bool is_over = in->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
	unsigned was = a ? a->state : BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;

	if (a && in->jseq < a->jseq)
		return;
	if (!a && is_over)
		return;
	if (a && in->jseq == a->jseq && in->is_stale == a->is_stale &&
		in->is_chattering == a->is_chattering &&
		strcmp(in->text ? in->text : "", a->text) == 0)
		return;
	if (!a) {
		a = bb_calloc(1, sizeof(*a));
		bb_table_put(m->alarms, in->id, a);
	} else {
		is_new_event = is_new_event && in->jseq != a->jseq;
		alarm_clear(a);
	}
	alarm_copy(a, in);
	a->site = site_of(m, a);
	a->heard_ms = bb_clock_mono_ms();
	m->listener.alarm(m->listener.arg, a, was, is_new_event);
	if (is_over) {
		bb_table_del(m->alarms, a->id);
		alarm_free(a);
	}
}

void model_alarm_drop(struct model *m, struct model_alarm *a)
{
	unsigned was = a->state;

	a->state = BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
	m->listener.alarm(m->listener.arg, a, was, false);
	bb_table_del(m->alarms, a->id);
	alarm_free(a);
}

/* ---- groups, daemons ---- */

static void group_free(void *p)
{
	struct model_group *g = p;

	free(g->key);
	free(g->name);
	free(g);
}

struct model_group *model_group_make(struct model *m, const char *key)
{
	struct model_group *g = bb_table_get(m->groups, key);
	const char *slash = strrchr(key, '/');

	if (g)
		return g;
	g = bb_calloc(1, sizeof(*g));
	g->severity = BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
	model_set_text(&g->key, key);
	model_set_text(&g->name, slash ? slash + 1 : key);
	bb_table_put(m->groups, key, g);
	return g;
}

void model_group_drop(struct model *m, struct model_group *g)
{
	m->listener.group_gone(m->listener.arg, g);
	bb_table_del(m->groups, g->key);
	group_free(g);
}

static void daemon_free(void *p)
{
	struct model_daemon *d = p;

	for (size_t i = 0; i < d->n_metrics; i++)
		free(d->metric_name[i]);
	for (size_t i = 0; i < d->n_troubles; i++) {
		free(d->trouble[i].code);
		free(d->trouble[i].text);
	}
	free(d->metric_name);
	free(d->metric);
	free(d->trouble);
	free(d->name);
	free(d->role);
	free(d->build);
	free(d);
}

struct model_daemon *model_daemon_make(struct model *m, const char *name)
{
	struct model_daemon *d = bb_table_get(m->daemons, name);

	if (d)
		return d;
	d = bb_calloc(1, sizeof(*d));
	model_set_text(&d->name, name);
	model_set_text(&d->role, "");
	model_set_text(&d->build, "");
	bb_table_put(m->daemons, name, d);
	if (strcmp(name, "alarmd") == 0)
		m->alarmd = d;
	return d;
}

/* ---- life ---- */

struct model *model_new(const struct model_listener *l)
{
	struct model *m = bb_calloc(1, sizeof(*m));

	m->listener = *l;
	m->arena = bb_arena_new(64 << 10, 0);
	m->names = bb_table_new();
	m->devices = bb_table_new();
	m->by_key = bb_table_new();
	m->alarms = bb_table_new();
	m->groups = bb_table_new();
	m->daemons = bb_table_new();
	m->named = bb_table_new();
	m->redundancies = bb_table_new();
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	bb_table_free(m->by_key, NULL);
	bb_table_free(m->devices, device_free);
	bb_table_free(m->alarms, alarm_free);
	bb_table_free(m->groups, group_free);
	model_groups_free(m);
	bb_table_free(m->daemons, daemon_free);
	bb_table_free(m->names, free);
	bb_arena_free(m->arena);
	free(m->device_list);
	free(m->scratch);
	free(m);
}

/* ---- asking ---- */

struct model_device *model_device(const struct model *m, uint64_t id)
{
	struct model_device *d = bb_table_get_u64(m->devices, id);

	return d && d->is_configured ? d : NULL;
}

struct model_device *model_device_by_key(const struct model *m, const char *key)
{
	struct model_device *d = bb_table_get(m->by_key, key);

	return d && d->is_configured ? d : NULL;
}

const struct model_alarm *model_alarm(const struct model *m, const char *id)
{
	return bb_table_get(m->alarms, id);
}

static int by_device_key(const void *a, const void *b)
{
	const struct model_device *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

struct model_device **model_devices(struct model *m, size_t *n)
{
	struct bb_table_iter i = { 0 };
	struct model_device *d;

	if (!m->device_list) {
		m->device_list =
			bb_malloc((bb_table_count(m->devices) + 1) * sizeof(*m->device_list));
		m->n_device_list = 0;
		while ((d = bb_table_next(m->devices, &i, NULL, NULL)))
			if (d->is_configured)
				m->device_list[m->n_device_list++] = d;
		qsort(m->device_list, m->n_device_list, sizeof(*m->device_list), by_device_key);
	}
	*n = m->n_device_list;
	return m->device_list;
}

static void *sorted(struct model *m, const struct bb_table *t, size_t *n,
	int (*compare)(const void *, const void *))
{
	struct bb_table_iter i = { 0 };
	void **list, *value;

	free(m->scratch);
	m->scratch = list = bb_malloc((bb_table_count(t) + 1) * sizeof(*list));
	*n = 0;
	while ((value = bb_table_next(t, &i, NULL, NULL)))
		list[(*n)++] = value;
	qsort(list, *n, sizeof(*list), compare);
	return list;
}

static int newest_first(const void *a, const void *b)
{
	const struct model_alarm *const *x = a, *const *y = b;

	if ((*x)->raised_us != (*y)->raised_us)
		return (*x)->raised_us < (*y)->raised_us ? 1 : -1;
	return strcmp((*x)->id, (*y)->id);
}

struct model_alarm **model_alarms(struct model *m, size_t *n)
{
	return sorted(m, m->alarms, n, newest_first);
}

static int by_group_key(const void *a, const void *b)
{
	const struct model_group *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

struct model_group **model_groups(struct model *m, size_t *n)
{
	return sorted(m, m->groups, n, by_group_key);
}

static int by_daemon_name(const void *a, const void *b)
{
	const struct model_daemon *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

struct model_daemon **model_daemons(struct model *m, size_t *n)
{
	return sorted(m, m->daemons, n, by_daemon_name);
}

uint64_t model_bad(const struct model *m)
{
	return m->bad;
}

bool model_alarm_is_quiet(const struct model_alarm *a)
{
	return a->shelved_us || *a->suppressed_by || *a->maintenance || *a->out_of_service;
}

void model_summary(struct model *m, struct model_summary *s)
{
	struct bb_table_iter i = { 0 }, k = { 0 };
	struct model_device *d;
	struct model_alarm *a;

	*s = (struct model_summary){ 0 };
	while ((d = bb_table_next(m->devices, &i, NULL, NULL))) {
		if (!d->is_configured)
			continue;
		s->devices++;
		s->device_severity[model_severity(m, d->severity) % 7]++;
	}
	while ((a = bb_table_next(m->alarms, &k, NULL, NULL))) {
		bool is_active = a->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK ||
				 a->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK;
		bool is_unack = a->state != BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK;

		s->shelved += a->shelved_us != 0;
		s->suppressed += *a->suppressed_by != '\0';
		s->maintenance += *a->maintenance != '\0';
		s->out_of_service += *a->out_of_service != '\0';
		s->chattering += a->is_chattering;
		if (model_alarm_is_quiet(a) || a->is_test)
			continue;
		s->active[a->severity % 7] += is_active;
		s->unack[a->severity % 7] += is_unack;
	}
}

/* ---- judging ---- */

unsigned model_severity(const struct model *m, unsigned severity)
{
	bool is_known = m->alarmd && m->alarmd->state != BB_PEER_LOST;

	return is_known && severity ? severity : BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
}

bool model_is_of_status(const struct model_device *d, const struct model_point *p)
{
	return p->is_status && p->sampled_ns == d->status_ns;
}

uint64_t model_sampled_ns(const struct model_device *d, const struct model_point *p)
{
	return model_is_of_status(d, p) && d->confirmed_ns > p->sampled_ns ? d->confirmed_ns
									   : p->sampled_ns;
}

double model_age_s(uint64_t sampled_ns, uint64_t now_ns)
{
	if (sampled_ns == 0)
		return -1;
	return now_ns > sampled_ns ? (double)((now_ns - sampled_ns) / 1000000) / 1000.0 : 0;
}

/* One second of grace: a poll that is a little late is not old. */
#define GRACE_MS 1000

unsigned model_quality(const struct model_device *d, const struct model_point *p, uint64_t now_ns)
{
	uint64_t at_ns = model_sampled_ns(d, p);
	uint64_t age_ms = now_ns > at_ns ? (now_ns - at_ns) / 1000000 : 0;
	uint64_t interval_ms = p->interval_ms ? p->interval_ms : 10000;

	if (d->comm == COMM_LOST || age_ms > 5 * interval_ms + GRACE_MS)
		return BB_UNKNOWN;
	if (p->quality == BB_GOOD && (age_ms > 2 * interval_ms + GRACE_MS ||
					     (d->publisher && d->publisher->state == BB_PEER_LOST)))
		return BB_STALE;
	return p->quality;
}

const char *model_comm_name(unsigned comm)
{
	return comm == COMM_OK ? "ok" : comm == COMM_LOST ? "lost" : "never";
}
