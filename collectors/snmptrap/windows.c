// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/str.h"
#include "common/table.h"
#include "common/weekly.h"

#define TZ_MAX BB_WEEKLY_TZ_MAX

struct windows {
	struct windows_options o;
	struct bb_table *by_id;
	struct bb_table *kept; /* window id -> int64_t start, as the file had it */
	uint64_t mark;
};

void windows_prepare(void)
{
	bb_weekly_prepare();
}

int64_t window_next(const struct window *w, int64_t from_s)
{
	const struct bb_weekly weekly = { .days = w->days,
		.at_minute = w->at_minute,
		.minutes = w->minutes,
		.tz = w->tz };

	return bb_weekly_next(&weekly, from_s);
}

/* ---- the file ---- */

static void path_of(const struct windows *w, char *out, size_t cap)
{
	snprintf(out, cap, "%s/windows", w->o.lib);
}

static void load(struct windows *w)
{
	char path[400];
	uint64_t id;
	int64_t start;

	path_of(w, path, sizeof(path));
	FILE *f = fopen(path, "re");
	while (f && fscanf(f, "%" SCNu64 " %" SCNd64, &id, &start) == 2 &&
		bb_table_count(w->kept) < 100000) {
		int64_t *at = bb_malloc(sizeof(*at));
		*at = start;
		free(bb_table_put_u64(w->kept, id, at));
	}
	if (f)
		fclose(f);
}

/* Not synced: a crash of the host brings back an older occurrence, which at worst is judged twice. */
static void save(const struct windows *w)
{
	char path[400], temp[420];
	struct bb_table_iter i = { 0 };
	const struct window *x;

	path_of(w, path, sizeof(path));
	snprintf(temp, sizeof(temp), "%s.new", path);
	FILE *f = fopen(temp, "we");
	while (f && (x = bb_table_next(w->by_id, &i, NULL, NULL)))
		fprintf(f, "%" PRIu64 " %" PRId64 "\n", x->id, x->start_s);
	if (!f || fclose(f) != 0 || rename(temp, path) != 0)
		bb_log(EV_NOTE, BB_STR("text", "cannot keep the windows of test traps"),
			BB_STR("file", path));
}

/* ---- life ---- */

static void window_free(void *p)
{
	struct window *x = p;

	free(x->name);
	free(x->tz);
	free(x);
}

struct windows *windows_new(const struct windows_options *o)
{
	struct windows *w = bb_calloc(1, sizeof(*w));

	w->o = *o;
	w->by_id = bb_table_new();
	w->kept = bb_table_new();
	load(w);
	return w;
}

void windows_free(struct windows *w)
{
	if (!w)
		return;
	bb_table_free(w->by_id, window_free);
	bb_table_free(w->kept, free);
	free(w);
}

static bool same_times(const struct window *x, const Busbar__V1__ConfigTrapWindow *m)
{
	return x->device_id == m->device_id && x->days == m->days && x->at_minute == m->at_minute &&
	       x->minutes == m->minutes && !strcmp(x->tz, m->tz ? m->tz : "UTC");
}

static void arm(struct windows *w, struct window *x, int64_t now_s)
{
	x->start_s = window_next(x, now_s);
	x->passed = false;
}

static void add(struct windows *w, const Busbar__V1__ConfigTrapWindow *m, int64_t now_s)
{
	struct window *x = bb_calloc(1, sizeof(*x));
	int64_t *kept = bb_table_get_u64(w->kept, m->window_id);

	x->id = m->window_id;
	x->device_id = m->device_id;
	x->name = bb_strdup(m->name ? m->name : "");
	x->tz = bb_strdup(m->tz && *m->tz ? m->tz : "UTC");
	x->days = (uint8_t)m->days;
	x->at_minute = (uint16_t)m->at_minute;
	x->minutes = (uint16_t)m->minutes;
	x->mark = w->mark;
	arm(w, x, now_s);
	/* It ended, or began, before this process: judged by what the spool knows. */
	if (kept && *kept > 0 && *kept <= now_s && now_s - *kept < 8 * 86400)
		x->start_s = *kept;
	free(bb_table_del_u64(w->kept, x->id));
	bb_table_put_u64(w->by_id, x->id, x);
}

void windows_apply(struct windows *w, const Busbar__V1__Config *c, int64_t now_s)
{
	struct bb_table_iter it = { 0 };
	struct window *x;

	w->mark++;
	for (size_t i = 0; i < c->n_trap_window; i++) {
		const Busbar__V1__ConfigTrapWindow *m = c->trap_window[i];

		if (!m->window_id || !m->device_id || !m->minutes || m->minutes > 720 ||
			m->at_minute > 1439 || !m->days || m->days > 127 ||
			(m->tz && strlen(m->tz) >= TZ_MAX))
			continue;
		x = bb_table_get_u64(w->by_id, m->window_id);
		if (x && !same_times(x, m)) {
			window_free(bb_table_del_u64(w->by_id, x->id));
			x = NULL;
		}
		if (x) {
			x->mark = w->mark;
			free(x->name);
			x->name = bb_strdup(m->name ? m->name : "");
		} else {
			add(w, m, now_s);
		}
	}
	while ((x = bb_table_next(w->by_id, &it, NULL, NULL))) {
		if (x->mark != w->mark) {
			window_free(bb_table_del_u64(w->by_id, x->id));
			it = (struct bb_table_iter){ 0 };
		}
	}
	save(w);
}

static bool runs(const struct window *x, int64_t now_s)
{
	return x->start_s > 0 && now_s >= x->start_s && now_s < x->start_s + x->minutes * 60;
}

bool windows_trap(struct windows *w, uint64_t device_id, int64_t now_s)
{
	struct bb_table_iter it = { 0 };
	struct window *x;
	bool is_test = false;

	while ((x = bb_table_next(w->by_id, &it, NULL, NULL))) {
		if (x->device_id != device_id || !runs(x, now_s))
			continue;
		is_test = true;
		if (!x->passed) {
			x->passed = true;
			w->o.result(w->o.arg, x, WINDOW_PASSED);
		}
	}
	return is_test;
}

void windows_tick(struct windows *w, int64_t now_s)
{
	struct bb_table_iter it = { 0 };
	struct window *x;
	bool changed = false;

	while ((x = bb_table_next(w->by_id, &it, NULL, NULL))) {
		if (x->start_s <= 0 || now_s < x->start_s + x->minutes * 60)
			continue;
		if (!x->passed)
			w->o.result(w->o.arg, x, WINDOW_MISSED);
		arm(w, x, now_s);
		changed = true;
	}
	if (changed)
		save(w);
}

void windows_known(struct windows *w, uint64_t window_id, int64_t start_s)
{
	struct window *x = bb_table_get_u64(w->by_id, window_id);

	if (x && x->start_s == start_s)
		x->passed = true;
}
