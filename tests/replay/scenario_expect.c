// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/scenario_expect.h"

#include <stdlib.h>
#include <string.h>

#include "common/point.h"
#include "common/str.h"
#include "tests/lib/alarm_groups.h"
#include "tests/replay/scenario_life.h"

static int expect_mark(struct scenario *s, char **w, size_t n)
{
	return scenario_mark(&s->w, w, n, s->err);
}

static int expect_flood(struct scenario *s, char **w, size_t n)
{
	return scenario_flood(&s->w, w, n, s->err);
}

static int expect_told(struct scenario *s, char **w, size_t n)
{
	return scenario_told(&s->w, w, n, s->err);
}

static int expect_alarm(struct scenario *s, char **w, size_t n)
{
	struct alarm *a = n >= 2 ? world_alarm(&s->w, w[0], w[1]) : NULL;

	if (!a)
		return bb_err_set(s->err, "expected an alarm, there is none");
	for (size_t i = 2; i < n; i++) {
		const char *severity = bb_severity_name(a->severity),
			   *state = bb_alarm_state_name(alarm_wire_state(a->st.phase));
		const char *stale = a->is_stale ? "stale" : "fresh";
		if (strcmp(w[i], severity) != 0 && strcmp(w[i], state) != 0 &&
			strcmp(w[i], stale) != 0)
			return bb_err_set(s->err, "expected \"%s\", the alarm is %s %s %s", w[i],
				severity, state, stale);
	}
	return 0;
}

static int expect_no(struct scenario *s, char **w, size_t n)
{
	if (n < 2 || strcmp(w[0], "alarm") != 0)
		return bb_err_set(s->err, "write: expect no alarm KEY [RULE]");
	for (struct device *d = core_devices(s->w.core); d; d = d->next) {
		if (!key_matches(w[1], d->key))
			continue;
		for (struct alarm *a = d->alarms; a; a = a->next)
			if (alarm_is_open(a->st.phase) && (n < 3 || strcmp(w[2], a->rule_id) == 0))
				return bb_err_set(s->err, "expected no alarm, %s has %s", d->key,
					a->rule_id);
	}
	return 0;
}

/* expect count KEY|any RULE|any KIND|any N */
static int expect_count(struct scenario *s, char **w, size_t n)
{
	if (n != 4)
		return bb_err_set(s->err, "write: expect count KEY RULE KIND N (any: all of them)");
	for (int i = 0; i < 3; i++)
		if (strcmp(w[i], "any") == 0)
			w[i] = "";
	size_t have = world_count(&s->w, w[0], w[1], w[2]);
	return have == (size_t)atoi(w[3])
		       ? 0
		       : bb_err_set(s->err, "expected %s records, there are %zu", w[3], have);
}

static int expect_severity(struct scenario *s, char **w, size_t n)
{
	struct device *d = n == 2 ? world_find(&s->w, w[0]) : NULL;

	if (!d)
		return bb_err_set(s->err, "no such device");
	const char *have = bb_severity_name(d->share.severity);
	return strcmp(have, w[1]) == 0
		       ? 0
		       : bb_err_set(s->err, "expected %s, the device is %s", w[1], have);
}

static int expect_group(struct scenario *s, char **w, size_t n)
{
	struct group *g = n == 3 ? group_find(core_groups(s->w.core), w[0]) : NULL;

	if (!g)
		return bb_err_set(s->err, "no such group");
	const char *have = bb_severity_name(group_worst(g));
	if (strcmp(have, w[1]) != 0 || g->members != (uint32_t)atoi(w[2]))
		return bb_err_set(s->err, "expected %s of %s members, it is %s of %u", w[1], w[2],
			have, g->members);
	return 0;
}

/* expect named KEY SEVERITY MEMBERS */
static int expect_named(struct scenario *s, char **w, size_t n)
{
	struct group *g = n == 3 ? group_find(core_named_tree(s->w.core), w[0]) : NULL;

	if (!g)
		return bb_err_set(s->err, "no such device group");
	const char *have = bb_severity_name(group_worst(g));
	if (strcmp(have, w[1]) != 0 || g->members != (uint32_t)atoi(w[2]))
		return bb_err_set(s->err, "expected %s of %s members, it is %s of %u", w[1], w[2],
			have, g->members);
	return 0;
}

static int check_result(struct scenario *s, const struct redundancy_result *have, char **w,
	size_t n)
{
	char text[120], spare[24] = "-";
	size_t at = 0;

	if (have->has_load && have->has_capacity)
		snprintf(spare, sizeof(spare), "%.1f", (have->capacity_w - have->load_w) / 1000);
	snprintf(text, sizeof(text), "%s %u %u %u %s", truth_name(have->truth),
		have->count.working, have->count.failed, have->count.unknown, spare);
	for (size_t i = 0; i < n; i++, at += strspn(text + at, " ")) {
		size_t len = strcspn(text + at, " ");
		if (strlen(w[i]) != len || strncmp(text + at, w[i], len) != 0)
			return bb_err_set(s->err, "expected \"%s\", it is %s", w[i], text);
		at += len;
	}
	return 0;
}

/* expect redundancy KEY works|fails|unknown [WORKING FAILED UNKNOWN [SPARE_KW|-]] */
static int expect_redundancy(struct scenario *s, char **w, size_t n)
{
	const struct redundancy *r = n > 1 ? core_redundancy(s->w.core, w[0]) : NULL;

	return r ? check_result(s, &r->now, w + 1, n - 1)
		 : bb_err_set(s->err, "no such redundancy group");
}

/* expect what-if DEVICE[,DEVICE ...] KEY, and so on as above */
static int expect_what_if(struct scenario *s, char **w, size_t n)
{
	const struct redundancy *r = n > 2 ? core_redundancy(s->w.core, w[1]) : NULL;
	struct redundancy_result out[64];
	struct bb_table *failed = bb_table_new();
	char *save = NULL;

	if (!r) {
		bb_table_free(failed, NULL);
		return bb_err_set(s->err, "no such redundancy group");
	}
	for (char *k = strtok_r(w[0], ",", &save); k; k = strtok_r(NULL, ",", &save)) {
		struct device *d = world_find(&s->w, k);
		if (d)
			bb_table_put_u64(failed, d->id, d);
	}
	redundancy_what_if(s->w.core, failed, s->w.now_ms * 1000000, out);
	bb_table_free(failed, NULL);
	return check_result(s, &out[r->index], w + 2, n - 2);
}

static int expect_comm(struct scenario *s, char **w, size_t n)
{
	static const char *const names[] = { "never", "ok", "lost" };
	struct device *d = n == 2 ? world_find(&s->w, w[0]) : NULL;
	Busbar__V1__DeviceState m;
	char status[128];

	if (!d)
		return bb_err_set(s->err, "no such device");
	core_device_state(d, &m, status, sizeof(status));
	return strcmp(names[m.comm], w[1]) == 0
		       ? 0
		       : bb_err_set(s->err, "expected %s, it is %s", w[1], names[m.comm]);
}

static int expect_answer(struct scenario *s, char **w, size_t n)
{
	static const char *const codes[] = { "", "ok", "accepted", "refused", "unknown" };
	const char *have = s->answer.code < 5 ? codes[s->answer.code] : "?";

	if (n < 1 || strcmp(have, w[0]) != 0)
		return bb_err_set(s->err, "expected another answer than %s (%s)", have,
			s->answer.text);
	if (n > 1 && !strstr(s->answer.text, w[1]))
		return bb_err_set(s->err, "expected \"%s\" in \"%s\"", w[1], s->answer.text);
	return 0;
}

static int expect_text(struct scenario *s, char **w, size_t n)
{
	struct alarm *a = n == 3 ? world_alarm(&s->w, w[0], w[1]) : NULL;

	if (!a)
		return bb_err_set(s->err, "expected an alarm, there is none");
	return a->text && strstr(a->text, w[2]) ? 0
						: bb_err_set(s->err, "expected \"%s\" in \"%s\"",
							  w[2], a->text ? a->text : "");
}

static int expect_words(struct scenario *s, char **w, size_t n)
{
	return scenario_words(&s->w, w, n, s->err);
}

static const struct verb expectations[] = {
	{ "alarm", expect_alarm },
	{ "mark", expect_mark },
	{ "flood", expect_flood },
	{ "told", expect_told },
	{ "no", expect_no },
	{ "count", expect_count },
	{ "severity", expect_severity },
	{ "group", expect_group },
	{ "comm", expect_comm },
	{ "named", expect_named },
	{ "redundancy", expect_redundancy },
	{ "what-if", expect_what_if },
	{ "answer", expect_answer },
	{ "text", expect_text },
	{ "words", expect_words },
};

int scenario_expect(struct scenario *s, char **w, size_t n)
{
	for (size_t i = 0; n > 1 && i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		if (strcmp(w[1], expectations[i].name) == 0)
			return expectations[i].run(s, w + 2, n - 2);
	}
	return bb_err_set(s->err, "unknown expectation");
}
