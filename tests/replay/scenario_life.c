// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/scenario_life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/point.h"
#include "notifyd/route.h"

#define NS(ms) (((ms) + 1000) * UINT64_C(1000000))

int scenario_test(struct world *w, const char *where, const char *severity, unsigned seconds,
	struct core_ack_result *out, struct bb_err *err)
{
	const struct device *d = world_find(w, where);
	int how_bad = bb_severity_parse(severity);
	struct core_trial in = { .device_id = d ? d->id : 0,
		.site = strncmp(where, "site:", 5) == 0 ? where + 5 : NULL,
		.severity = how_bad > 0 ? (unsigned)how_bad : 0,
		.seconds = seconds,
		.text = "is anybody there" };
	struct core_ack by = { .user = "anna" };
	char id[ALARM_ID_CHARS];

	if (!in.device_id && !in.site)
		return bb_err_set(err, "no such device");
	core_trial(w->core, &in, &by, out, id, NS(w->now_ms));
	return 0;
}

/* The alarm's marks as words, each with a blank on both sides. */
static void marks_of(const Busbar__V1__Alarm *m, bool is_quiet, char *out, size_t cap)
{
	snprintf(out, cap, " %s %s%s%s%s%s%s%s", is_quiet ? "quiet" : "loud",
		m->chattering ? "chattering" : "steady", m->test ? " test" : "",
		m->shelved_unix_us ? " shelved" : "", m->maintenance ? " maintenance=" : "",
		m->maintenance ? m->maintenance : "", m->out_of_service ? " out-of-service=" : "",
		m->out_of_service ? m->out_of_service : "");
	size_t n = strlen(out);
	if (m->suppressed_by)
		n += (size_t)snprintf(out + n, cap - n, " suppressed=%s", m->suppressed_by);
	snprintf(out + n, cap - n, m->chattering ? " raises=%u " : " ", m->chatter_raises);
}

int scenario_mark(struct world *w, char **words, size_t n, struct bb_err *err)
{
	struct alarm *a = n >= 3 ? world_alarm(w, words[0], words[1]) : NULL;
	char id[ALARM_ID_CHARS], have[600], want[200];
	Busbar__V1__Alarm m;

	if (!a)
		return bb_err_set(err, "expected an alarm, there is none");
	core_alarm_message(a, &m, id);
	marks_of(&m, alarm_is_quiet(a), have, sizeof(have));
	for (size_t i = 2; i < n; i++) {
		snprintf(want, sizeof(want), " %s ", words[i]);
		if (!strstr(have, want))
			return bb_err_set(err, "expected \"%s\", it is%s", words[i], have);
	}
	return 0;
}

int scenario_words(struct world *w, char **words, size_t n, struct bb_err *err)
{
	struct alarm *a = n == 5 ? world_alarm(w, words[0], words[1]) : NULL;

	if (!a)
		return bb_err_set(err, "expected an alarm, there is none");
	for (unsigned i = 0; i < RULE_WORDS_KINDS; i++) {
		const char *have = a->words[i] ? a->words[i] : "-";

		if (strcmp(have, words[2 + i]) != 0)
			return bb_err_set(err, "expected the words \"%s\", there are \"%s\"",
				words[2 + i], have);
	}
	return 0;
}

int scenario_flood(struct world *w, char **words, size_t n, struct bb_err *err)
{
	uint32_t count;

	if (n != 2)
		return bb_err_set(err, "write: expect flood SITE|all on|off");
	bool is_on =
		core_flood(w->core, strcmp(words[0], "all") == 0 ? "busbar" : words[0], &count);
	if (is_on == (strcmp(words[1], "on") == 0))
		return 0;
	return bb_err_set(err, "expected a flood %s, there are %u alarms", words[1], count);
}

int scenario_told(struct world *w, char **words, size_t n, struct bb_err *err)
{
	int raises = 0, clears = 0;

	if (n != 4)
		return bb_err_set(err, "write: expect told KEY RULE RAISES CLEARS");
	for (size_t i = 0; i < w->n_records; i++) {
		const Busbar__V1__Transition *t = w->records[i].t;
		enum route_kind kind = route_kind(t);

		if (strcmp(t->alarm->key, words[0]) != 0 ||
			(strcmp(words[1], "any") != 0 && strcmp(t->alarm->rule, words[1]) != 0))
			continue;
		raises += kind == ROUTE_RAISE;
		clears += kind == ROUTE_CLEAR;
	}
	if (raises == atoi(words[2]) && clears == atoi(words[3]))
		return 0;
	return bb_err_set(err, "expected %s and %s messages, there are %d and %d", words[2],
		words[3], raises, clears);
}
