// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/scenario.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/point.h"
#include "common/ruledef.h"
#include "common/str.h"
#include "tests/lib/alarm_groups.h"
#include "tests/lib/alarm_life.h"
#include "tests/lib/alarm_world.h"
#include "tests/replay/scenario_expect.h"
#include "tests/replay/scenario_life.h"

#define WORDS_MAX 40

static int run_words(struct scenario *s, char **w, size_t n);

/* ---- words ---- */

/* Blanks part words; "..." is one word. */
static size_t split(char *line, char **w)
{
	size_t n = 0;

	while (*line && n < WORDS_MAX) {
		line += strspn(line, " \t\r\n");
		if (!*line || *line == '#')
			break;
		char end = *line == '"' ? '"' : ' ';
		line += end == '"';
		w[n++] = line;
		line += end == '"' ? strcspn(line, "\"") : strcspn(line, " \t\r\n");
		if (*line)
			*line++ = '\0';
	}
	return n;
}

static int parse_ms(const char *text, uint64_t *ms, struct bb_err *err)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "", 1000 } };
	char *end;
	double v = strtod(text, &end);

	for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].unit, end) == 0) {
			*ms = (uint64_t)(v * (double)units[i].ms + 0.5);
			return 0;
		}
	}
	return bb_err_set(err, "\"%s\" is no time, write 500ms, 2s, 1m or 1h", text);
}

static void configure(struct scenario *s)
{
	if (!s->is_configured)
		world_configure(&s->w);
	s->is_configured = true;
}

/* ---- what happens ---- */

static int do_device(struct scenario *s, char **w, size_t n)
{
	const char *collector = "collect-snmp";

	if (n >= 4 && strcmp(w[n - 2], "by") == 0) {
		collector = w[n - 1];
		n -= 2;
	}
	for (size_t i = 1; i < n; i++)
		world_device(&s->w, w[i], collector);
	s->is_configured = false;
	configure(s);
	world_peer(&s->w, collector, BB_PEER_ALIVE);
	return 0;
}

static int do_group(struct scenario *s, char **w, size_t n)
{
	if (n < 2)
		return bb_err_set(s->err, "write: %s KEY MEMBER ...", w[0]);
	if (strcmp(w[0], "group") == 0)
		world_group(&s->w, w[1], w + 2, n - 2);
	else
		world_redundancy(&s->w, w[1], w + 2, n - 2);
	world_configure(&s->w);
	return 0;
}

static int do_remove(struct scenario *s, char **w, size_t n)
{
	if (n != 2)
		return bb_err_set(s->err, "write: remove KEY");
	world_remove(&s->w, w[1]);
	world_configure(&s->w);
	return 0;
}

static int do_rename(struct scenario *s, char **w, size_t n)
{
	if (n != 3)
		return bb_err_set(s->err, "write: rename KEY NEW");
	world_rename(&s->w, w[1], w[2]);
	world_configure(&s->w);
	return 0;
}

/* A reading of the poll group its first point belongs to. */
static int read_one(struct scenario *s, const char *key, char **w, size_t n, uint64_t age_ms)
{
	struct bb_buf values = { 0 };
	bool is_status =
		n > 0 && (strcmp(w[0], "ups.status") == 0 || strncmp(w[0], "alarm.", 6) == 0);

	for (size_t i = 0; i + 1 < n; i += 2)
		bb_buf_printf(&values, "%s%s=%s", i ? ";" : "", w[i], w[i + 1]);
	world_read_old(&s->w, key, is_status ? "status" : "measure", values.data ? values.data : "",
		age_ms);
	bb_buf_fini(&values);
	return 0;
}

static int do_reading(struct scenario *s, char **w, size_t n)
{
	uint64_t age_ms = 0;
	size_t at = 2, hits = 0;

	if (n > 4 && strcmp(w[2], "age") == 0) {
		if (parse_ms(w[3], &age_ms, s->err) < 0)
			return -1;
		at = 4;
	}
	if (n < at || (n - at) % 2)
		return bb_err_set(s->err, "write: reading KEY [age TIME] POINT VALUE ...");
	for (size_t i = 0; i < s->w.n_devices; i++) {
		if (!key_matches(w[1], s->w.devices[i].key))
			continue;
		hits++;
		read_one(s, s->w.devices[i].key, w + at, n - at, age_ms);
	}
	return hits ? 0 : bb_err_set(s->err, "no device \"%s\"", w[1]);
}

static int do_missed(struct scenario *s, char **w, size_t n)
{
	uint64_t interval_ms = 2000;

	if (n != 3 && (n != 5 || strcmp(w[3], "every") != 0))
		return bb_err_set(s->err, "write: missed KEY COUNT [every TIME]");
	if (n == 5 && parse_ms(w[4], &interval_ms, s->err) < 0)
		return -1;
	for (size_t i = 0; i < s->w.n_devices; i++)
		if (key_matches(w[1], s->w.devices[i].key))
			world_miss_of(&s->w, s->w.devices[i].key, (unsigned)atoi(w[2]),
				(unsigned)interval_ms);
	return 0;
}

static int do_peer(struct scenario *s, char **w, size_t n)
{
	static const char *const states[] = { "alive", "suspect", "lost" };

	for (unsigned i = 0; n == 3 && i < 3; i++) {
		if (strcmp(states[i], w[2]) == 0) {
			world_peer(&s->w, w[1], (enum bb_peer_state)i);
			return 0;
		}
	}
	return bb_err_set(s->err, "write: peer NAME alive|suspect|lost");
}

static int do_heartbeat(struct scenario *s, char **w, size_t n)
{
	int severity = n == 4 ? bb_severity_parse(w[3]) : 0;

	if ((n != 2 && n != 4) || severity < 0)
		return bb_err_set(s->err, "write: heartbeat NAME [CODE SEVERITY]");
	world_heartbeat(&s->w, w[1], w[1], n == 4 ? w[2] : NULL, (unsigned)severity);
	return 0;
}

static int do_remember(struct scenario *s, char **w, size_t n)
{
	struct alarm *a = n == 4 ? world_alarm(&s->w, w[1], w[2]) : NULL;

	if (!a || s->n_names == NAMES_MAX)
		return bb_err_set(s->err, "write: remember KEY RULE NAME (of an open alarm)");
	bb_copy(s->names[s->n_names].name, sizeof(s->names[0].name), w[3]);
	alarm_id_print(&a->id, s->names[s->n_names++].id);
	return 0;
}

/* "for=TIME", "until=clear": how long a shelf lasts. */
static int shelf_end(struct scenario *s, const char *word, struct core_ack *by)
{
	uint64_t ms;

	if (strcmp(word, "until=clear") == 0) {
		by->until_clear = true;
		return 0;
	}
	if (strncmp(word, "for=", 4) != 0 || parse_ms(word + 4, &ms, s->err) < 0)
		return bb_err_set(s->err, "write: for=TIME or until=clear");
	by->until_us = world_wall_us(&s->w) + ms * 1000;
	return 0;
}

/* ack|unack|take|comment|shelve|unshelve NAME|KEY RULE USER [for=TIME|until=clear] [again] */
static int do_deed(struct scenario *s, char **w, size_t n)
{
	static const struct {
		const char *verb;
		core_deed *deed;
	} deeds[] = { { "ack", core_ack }, { "unack", core_unack }, { "take", core_take },
		{ "comment", core_comment }, { "shelve", core_shelve },
		{ "unshelve", core_unshelve } };
	struct core_ack by = { .comment = "seen" };
	char id[ALARM_ID_CHARS] = "";
	core_deed *deed = NULL;

	if (n < 3)
		return bb_err_set(s->err,
			"write: ack NAME USER, or ack KEY RULE USER; add again to repeat the command");
	bool again = strcmp(w[n - 1], "again") == 0;
	n -= again;
	if (strchr(w[n - 1], '=') && shelf_end(s, w[--n], &by) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(w[0], deeds[i].verb) == 0)
			deed = deeds[i].deed;
	if (n == 3) {
		for (size_t i = 0; i < s->n_names; i++)
			if (strcmp(s->names[i].name, w[1]) == 0)
				bb_copy(id, sizeof(id), s->names[i].id);
	} else {
		struct alarm *a = world_alarm(&s->w, w[1], w[2]);
		if (a)
			alarm_id_print(&a->id, id);
	}
	if (!id[0] || !deed)
		return bb_err_set(s->err, "no such alarm");
	s->cmd_key = (uint8_t)(s->cmd_key + !again);
	by.user = w[n - 1];
	world_deed(&s->w, deed, id, &by, s->cmd_key, &s->answer);
	return 0;
}

static int do_restart(struct scenario *s, char **w, size_t n)
{
	if (n == 2 && strcmp(w[1], "snapshot") == 0) {
		struct world_snapshot snap = world_snapshot(&s->w);
		world_restart_from(&s->w, &snap);
		free(snap.data);
	} else {
		world_restart(&s->w, 0);
	}
	return 0;
}

static int do_pause(struct scenario *s, char **w, size_t n)
{
	uint64_t ms;

	if (n != 2)
		return bb_err_set(s->err, "write: pause TIME");
	if (parse_ms(w[1], &ms, s->err) < 0)
		return -1;
	s->w.now_ms += ms;
	core_pause(s->w.core, (s->w.now_ms + 1000) * 1000000);
	return 0;
}

static int do_clock(struct scenario *s, char **w, size_t n)
{
	uint64_t ms;

	if (n != 3)
		return bb_err_set(s->err, "write: clock forward|back TIME");
	if (parse_ms(w[2], &ms, s->err) < 0)
		return -1;
	s->w.wall_step_us += (strcmp(w[1], "back") == 0 ? -1 : 1) * (int64_t)ms * 1000;
	core_clock_step(s->w.core);
	return 0;
}

static int do_repeat(struct scenario *s, char **w, size_t n)
{
	uint64_t ms;

	if (n < 5 || strcmp(w[2], "every") != 0)
		return bb_err_set(s->err, "write: repeat N every TIME VERB ...");
	if (parse_ms(w[3], &ms, s->err) < 0)
		return -1;
	for (int i = atoi(w[1]); i > 0; i--) {
		char *copy[WORDS_MAX];
		memcpy(copy, w + 4, (n - 4) * sizeof(*copy));
		world_to(&s->w, s->w.now_ms + ms);
		if (run_words(s, copy, n - 4) < 0)
			return -1;
	}
	return 0;
}

static int do_life(struct scenario *s, char **w, size_t n)
{
	if (world_life(&s->w, w, n) != 0)
		return bb_err_set(s->err, "these words do not fit \"%s\" (README.md)", w[0]);
	world_configure(&s->w);
	return 0;
}

/* test KEY|site:PATH SEVERITY for=TIME */
static int do_test(struct scenario *s, char **w, size_t n)
{
	uint64_t ms;

	if (n != 4 || strncmp(w[3], "for=", 4) != 0 || parse_ms(w[3] + 4, &ms, s->err) < 0)
		return bb_err_set(s->err, "write: test KEY|site:PATH SEVERITY for=TIME");
	return scenario_test(&s->w, w[1], w[2], (unsigned)(ms / 1000), &s->answer, s->err);
}

static int do_profile(struct scenario *s, char **w, size_t n)
{
	if (n != 3)
		return bb_err_set(s->err, "write: profile KEY NAME");
	world_profile(&s->w, w[1], w[2]);
	world_configure(&s->w);
	return 0;
}

static const struct verb verbs[] = {
	{ "device", do_device },
	{ "group", do_group },
	{ "redundancy", do_group },
	{ "maintenance", do_life },
	{ "out-of-service", do_life },
	{ "in-service", do_life },
	{ "parent", do_life },
	{ "link", do_life },
	{ "test", do_test },
	{ "remove", do_remove },
	{ "rename", do_rename },
	{ "profile", do_profile },
	{ "reading", do_reading },
	{ "missed", do_missed },
	{ "peer", do_peer },
	{ "heartbeat", do_heartbeat },
	{ "remember", do_remember },
	{ "ack", do_deed },
	{ "unack", do_deed },
	{ "take", do_deed },
	{ "comment", do_deed },
	{ "shelve", do_deed },
	{ "unshelve", do_deed },
	{ "restart", do_restart },
	{ "pause", do_pause },
	{ "clock", do_clock },
	{ "repeat", do_repeat },
	{ "expect", scenario_expect },
};

/* "rule N id = ...; kind = ...;" as people write it, "rule N none" removes it: the rest of the line is one. */
static int do_rule(struct scenario *s, const char *text)
{
	char *end, *json;
	uint64_t entry = strtoull(text, &end, 10);
	struct bb_buf b = { 0 };

	while (*end == ' ')
		end++;
	if (!entry || !*end)
		return bb_err_set(s->err, "write: rule N id = ...; or rule N none");
	if (strncmp(end, "none", 4) == 0) {
		world_rule(&s->w, entry, NULL);
		world_configure(&s->w);
		return 0;
	}
	bb_buf_printf(&b, "rules = ( { %s } );", end);
	json_t *list = bb_ruledef_text_read(b.data, s->err);
	bb_buf_fini(&b);
	if (!list)
		return -1;
	json = json_dumps(json_array_get(list, 0), JSON_COMPACT);
	world_rule(&s->w, entry, json);
	free(json);
	json_decref(list);
	world_configure(&s->w);
	return 0;
}

/* ---- lines ---- */

static int run_time(struct scenario *s, const char *t)
{
	bool is_relative = t[0] == '+';
	uint64_t ms;

	if (parse_ms(t + is_relative, &ms, s->err) < 0)
		return -1;
	world_to(&s->w, is_relative ? s->w.now_ms + ms : ms);
	return 0;
}

static int run_words(struct scenario *s, char **w, size_t n)
{
	if (n && strncmp(w[0], "t=", 2) == 0) {
		if (run_time(s, w[0] + 2) < 0)
			return -1;
		w++;
		n--;
	}
	if (!n)
		return 0;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, w[0]) == 0)
			return verbs[i].run(s, w, n);
	return bb_err_set(s->err, "unknown verb \"%s\"", w[0]);
}

static void trace(struct scenario *s)
{
	for (; s->trace && s->traced < s->w.n_records; s->traced++) {
		const struct world_record *r = &s->w.records[s->traced];
		fprintf(s->trace, "%8.3f s  #%" PRIu64 " %s %s %s %s -> %s\n",
			(double)r->at_ms / 1000, r->jseq, r->t->alarm->key, r->t->alarm->rule,
			r->t->kind, bb_alarm_state_name(r->t->from), bb_alarm_state_name(r->t->to));
	}
}

/* The text behind "rule" of a line "[t=TIME] rule ...", or NULL; time goes on to its own. */
static const char *rule_of(struct scenario *s, char *line, int *rc)
{
	char time[40] = "";
	int at = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, " t=%39s rule %n", time, &at) == 1 && at > 0)
		*rc = run_time(s, time);
	else
		sscanf(line, " rule %n", &at);
	return at > 0 ? line + at : NULL;
}

int scenario_run(const char *file, FILE *out, struct bb_err *err)
{
	FILE *f = fopen(file, "re");
	struct scenario *s;
	char *line = NULL;
	size_t cap = 0;
	unsigned number = 0;
	int rc = 0;

	if (!f)
		return bb_err_errno(err, "cannot open \"%s\"", file);
	s = bb_calloc(1, sizeof(*s));
	s->err = err;
	s->trace = out;
	world_init(&s->w);
	while (rc == 0 && getline(&line, &cap, f) >= 0) {
		char *w[WORDS_MAX];
		number++;
		const char *rule = rule_of(s, line, &rc);
		if (rc == 0)
			rc = rule ? do_rule(s, rule) : run_words(s, w, split(line, w));
		trace(s);
	}
	if (rc < 0)
		bb_err_prefix(err, "%s:%u", file, number);
	free(line);
	fclose(f);
	world_fini(&s->w);
	free(s);
	return rc;
}
