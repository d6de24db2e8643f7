// SPDX-License-Identifier: Apache-2.0
/* The event log: list, export, figures per day. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

int ctl_since(const char *option, const char *text, char out[32])
{
	uint64_t us, seconds;

	if (ctl_parse_span(text, &seconds))
		us = bb_clock_real_us() - seconds * 1000000;
	else if (bb_clock_parse_rfc3339(text, &us) != 0)
		return ctl_fail(
			"--%s: \"%s\" is no time; use 2026-11-21T07:40:00Z, or 90s 15m 6h 2d",
			option, text);
	bb_clock_rfc3339(us, out);
	return 0;
}

/* "&filter=..." of the options that were given; 1 after naming what is wrong. */
static int add_filter(const struct ctl *c, struct bb_buf *path)
{
	static const char *const names[] = { "since", "until", "site", "device", "group", "kind",
		"rule", "severity", "state", "user", "source", "alarm", "test", "text" };
	struct bb_buf filter = { 0 };
	char at[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = ctl_option(c, names[i]);

		if (!value)
			continue;
		if (i < 2) {
			if (ctl_since(names[i], value, at) != 0) {
				bb_buf_fini(&filter);
				return 1;
			}
			value = at;
		}
		bb_buf_printf(&filter, "%s%s:%s", filter.len ? ";" : "", names[i], value);
	}
	if (filter.len) {
		char *escaped = ctl_escape(filter.data);

		bb_buf_printf(path, "&filter=%s", escaped);
		free(escaped);
	}
	bb_buf_fini(&filter);
	return 0;
}

/* The newest `limit` of them in one or more pages. */
static json_t *newest(struct ctl *c, const struct bb_buf *path, uint64_t limit)
{
	json_t *all = json_array(), *items;
	char *cursor = NULL;

	do {
		size_t left = limit - json_array_size(all);
		struct bb_buf url = { 0 };
		struct ctl_answer a;

		bb_buf_printf(&url, "%s&limit=%zu%s%s", path->data, left < 1000 ? left : 1000,
			cursor ? "&cursor=" : "", cursor ? cursor : "");
		free(cursor);
		cursor = NULL;
		int rc = ctl_call(c, "GET", url.data, NULL, &a);
		bb_buf_fini(&url);
		if (rc != 0) {
			json_decref(all);
			return NULL;
		}
		items = json_object_get(a.json, "items");
		json_array_extend(all, items);
		if (*ctl_text(a.json, "next"))
			cursor = bb_strdup(ctl_text(a.json, "next"));
		ctl_answer_free(&a);
	} while (cursor && json_array_size(all) < limit);
	free(cursor);
	return all;
}

int cmd_event_list(struct ctl *c)
{
	const char *limit = ctl_option(c, "limit");
	struct bb_buf path = { 0 };
	json_t *all = NULL, *e;
	struct bb_err err;
	uint64_t n = 0;
	size_t i;

	if (limit && bb_parse_u64(limit, "--limit", 1, 1000000, &n, &err) != 0)
		return ctl_fail("%s", err.text);
	bb_buf_str(&path, limit ? "/events?sort=-at" : "/events?sort=at");
	if (add_filter(c, &path) == 0)
		all = limit ? newest(c, &path, n) : ctl_list(c, path.data);
	if (all && c->is_json)
		ctl_print_json(json_incref(all));
	else
		json_array_foreach(all, i, e)
			printf("%s %-8s %-14s %-20s %-24s %-10s %s\n", ctl_text(e, "at"),
				ctl_text(e, "severity"), ctl_text(e, "to"), ctl_text(e, "rule"),
				ctl_text(e, "device"), ctl_text(e, "user"), ctl_text(e, "text"));
	bb_buf_fini(&path);
	int rc = all ? 0 : 1;
	json_decref(all);
	return rc;
}

int cmd_event_export(struct ctl *c)
{
	const char *file = c->arg[0], *format = ctl_option(c, "format");
	size_t n = strlen(file);
	struct bb_buf path = { 0 };

	if (!format)
		format = n > 5 && strcmp(file + n - 5, ".json") == 0 ? "json" : "csv";
	char *escaped = ctl_escape(format);
	bb_buf_printf(&path, "/events:export?format=%s", escaped);
	free(escaped);
	int rc = add_filter(c, &path);
	if (rc == 0)
		rc = ctl_download(c, path.data, file);
	bb_buf_fini(&path);
	return rc;
}

/* ---- figures ---- */

static void print_day(const json_t *d)
{
	const json_t *top = json_array_get(json_object_get(d, "top"), 0);

	printf("%-10s %7s %8s %6s %6s %7s %8s %6s %7s %9s %9s  %s %s\n",
		*ctl_text(d, "day") ? ctl_text(d, "day") : "total", ctl_text(d, "raises"),
		ctl_text(json_object_get(d, "left_out"), "raises"), ctl_text(d, "peak_10min"), ctl_text(d, "peak_1min"), ctl_text(d, "flood_s"),
		ctl_text(d, "standing"), ctl_text(d, "stale"), ctl_text(d, "shelved"),
		ctl_text(d, "ack_mean_s"), ctl_text(d, "normal_mean_s"), ctl_text(top, "rule"),
		ctl_text(top, "device"));
}

int cmd_kpi(struct ctl *c)
{
	static const char *const names[] = { "site", "from", "to", "tz" };
	struct bb_buf path = { 0 };
	struct ctl_answer a;
	const json_t *d;
	size_t i;

	bb_buf_str(&path, "/kpis");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!ctl_option(c, names[i]))
			continue;
		char *escaped = ctl_escape(ctl_option(c, names[i]));
		bb_buf_printf(&path, "%c%s=%s", strchr(path.data, '?') ? '&' : '?', names[i],
			escaped);
		free(escaped);
	}
	int rc = ctl_call(c, "GET", path.data, NULL, &a);
	bb_buf_fini(&path);
	if (rc != 0)
		return 1;
	if (c->is_json) {
		ctl_print_json(json_incref(a.json));
	} else {
		printf("day         raises left out  10min   1min flood s standing  stale shelved     ack s  normal s  most often\n");
		json_array_foreach(json_object_get(a.json, "days"), i, d) print_day(d);
		print_day(json_object_get(a.json, "total"));
	}
	ctl_answer_free(&a);
	return 0;
}
