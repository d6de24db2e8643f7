// SPDX-License-Identifier: Apache-2.0
/* Maintenance windows: once, or every week in a time zone. A window is people's wall clock; which one
 * runs is looked at each second, and only when that changes the devices are looked through. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"
#include "common/weekly.h"

#define WEEKLY_MINUTES_MAX 4320
#define WINDOWS_MAX        4096

struct window {
	uint64_t id;
	char *name, *profile, *site, *group, *tz;
	uint64_t device_id;
	struct bb_weekly weekly; /* minutes 0: once */
	int64_t start_s, end_s;  /* of the occurrence that runs or comes */
	int64_t asked_s;         /* when that was found */
	bool is_running;
};

struct maintenance {
	struct window *window; /* by id */
	size_t n;
	bool is_dirty; /* devices have to be looked through */
};

static void window_free(struct window *w)
{
	free(w->name);
	free(w->profile);
	free(w->site);
	free(w->group);
	free(w->tz);
}

void maintenance_free(struct maintenance *m)
{
	for (size_t i = 0; m && i < m->n; i++)
		window_free(&m->window[i]);
	if (m)
		free(m->window);
	free(m);
}

static char *copy(const char *text)
{
	return text && *text ? bb_strdup(text) : NULL;
}

static bool window_fits(const Busbar__V1__ConfigMaintenance *m)
{
	if (!m->id || !m->name || !*m->name || (m->tz && strlen(m->tz) >= BB_WEEKLY_TZ_MAX))
		return false;
	if (m->minutes)
		return m->days && m->days <= 127 && m->at_minute < 1440 &&
		       m->minutes <= WEEKLY_MINUTES_MAX;
	return m->starts_unix_us < m->ends_unix_us;
}

static void window_take(struct window *w, const Busbar__V1__ConfigMaintenance *m)
{
	*w = (struct window){ .id = m->id,
		.name = bb_strdup(m->name),
		.profile = copy(m->profile),
		.site = copy(m->site),
		.group = copy(m->group),
		.tz = bb_strdup(m->tz && *m->tz ? m->tz : "UTC"),
		.device_id = m->device_id,
		.weekly = { .days = m->days, .at_minute = m->at_minute, .minutes = m->minutes },
		.start_s = (int64_t)(m->starts_unix_us / 1000000),
		.end_s = (int64_t)((m->ends_unix_us + 999999) / 1000000) };
	w->weekly.tz = w->tz;
}

/* A weekly window is asked for anew when its occurrence is over, or the clock went back. */
static bool window_runs(struct window *w, int64_t now_s)
{
	if (w->weekly.minutes && (now_s >= w->end_s || now_s < w->asked_s)) {
		w->start_s = bb_weekly_next(&w->weekly, now_s);
		w->end_s = w->start_s < 0 ? now_s + 86400
					  : w->start_s + (int64_t)w->weekly.minutes * 60;
		w->asked_s = now_s;
	}
	return w->start_s >= 0 && w->start_s <= now_s && now_s < w->end_s;
}

static bool is_below(const char *site, const char *key)
{
	size_t n = strlen(site);

	return key && strncmp(key, site, n) == 0 && (key[n] == '\0' || key[n] == '/');
}

static bool window_covers(const struct window *w, const struct device *d)
{
	if (w->device_id)
		return d->id == w->device_id;
	if (w->site)
		return d->group && is_below(w->site, d->group->key);
	if (w->profile)
		return d->life.profile && strcmp(d->life.profile, w->profile) == 0;
	if (w->group)
		return device_in_group(d, w->group);
	return true;
}

void maintenance_look(const struct core *c, struct device *d)
{
	const struct maintenance *m = c->maintenance;

	d->life.maintenance = NULL;
	for (size_t i = 0; m && i < m->n && !d->life.maintenance; i++)
		if (m->window[i].is_running && window_covers(&m->window[i], d))
			d->life.maintenance = m->window[i].name;
}

static void look_through(struct core *c, uint64_t now_ns)
{
	for (struct device *d = c->all; d; d = d->next) {
		maintenance_look(c, d);
		quiet_follow(c, d, now_ns);
	}
}

static int by_id(const void *a, const void *b)
{
	const struct window *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

void maintenance_config(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns)
{
	struct maintenance *old = c->maintenance, *m = bb_calloc(1, sizeof(*m));

	m->window = bb_calloc(conf->n_maintenance + 1, sizeof(*m->window));
	for (size_t i = 0; i < conf->n_maintenance && m->n < WINDOWS_MAX; i++)
		if (window_fits(conf->maintenance[i]))
			window_take(&m->window[m->n++], conf->maintenance[i]);
	qsort(m->window, m->n, sizeof(*m->window), by_id);
	m->is_dirty = true;
	c->maintenance = m;
	/* Names borrowed from the old windows go with them. */
	for (struct device *d = c->all; d; d = d->next)
		d->life.maintenance = NULL;
	maintenance_tick(c, now_ns);
	maintenance_free(old);
}

void maintenance_tick(struct core *c, uint64_t now_ns)
{
	struct maintenance *m = c->maintenance;
	int64_t now_s;

	if (!m || !c->is_live)
		return;
	now_s = (int64_t)(c->env.wall_us(c->env.arg) / 1000000);
	for (size_t i = 0; i < m->n; i++) {
		bool runs = window_runs(&m->window[i], now_s);

		m->is_dirty |= runs != m->window[i].is_running;
		m->window[i].is_running = runs;
	}
	if (m->is_dirty)
		look_through(c, now_ns);
	m->is_dirty = false;
}

void maintenance_touch(struct core *c)
{
	if (c->maintenance)
		c->maintenance->is_dirty = true;
}
