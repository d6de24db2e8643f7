// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"
#include "tests/sim/rng.h"
#include "tests/sim/ups.h"

#define OUTAGE_MIN_MS 20000
#define OUTAGE_MAX_MS 60000
#define LOSSY_PCT     30

/* One timer and what it does when it ends; the unit of all makers. */
struct event {
	struct generate *g;
	struct bb_watch *timer;
	struct agent *agent;
	struct rng rng;
	char *line; /* of the script */
	struct event *next;
};

struct generate {
	struct bb_loop *loop;
	struct fleet *fleet;
	struct truth *truth;
	struct rng rng;
	struct event *events; /* owned */
	uint64_t min_on_ms, max_on_ms, min_off_ms, max_off_ms;
	uint64_t min_wait_ms, max_wait_ms;
	unsigned n_outages;
};

struct generate *generate_new(struct bb_loop *loop, struct fleet *f, struct truth *t, uint64_t seed)
{
	struct generate *g = bb_calloc(1, sizeof(*g));

	*g = (struct generate){ .loop = loop, .fleet = f, .truth = t, .rng.state = seed };
	return g;
}

static struct event *event_new(struct generate *g, struct agent *a)
{
	struct event *e = bb_calloc(1, sizeof(*e));

	*e = (struct event){ .g = g,
		.agent = a,
		.rng.state = rng_next(&g->rng),
		.next = g->events };
	g->events = e;
	return e;
}

static void event_after(struct event *e, uint64_t ms, bb_cb cb)
{
	e->timer = bb_loop_after(e->g->loop, ms, cb, e);
}

void generate_free(struct generate *g)
{
	if (!g)
		return;
	while (g->events) {
		struct event *e = g->events;

		g->events = e->next;
		bb_loop_cancel(e->timer);
		free(e->line);
		free(e);
	}
	free(g);
}

void generate_quiesce(struct generate *g)
{
	for (struct event *e = g->events; e; e = e->next) {
		bb_loop_cancel(e->timer);
		e->timer = NULL;
		if (e->agent)
			verb_return(g->truth, e->agent);
	}
}

/* ---- script ---- */

static void script_due(void *arg)
{
	struct event *e = arg;
	struct bb_err err;

	e->timer = NULL;
	if (verb_run(e->g->fleet, e->g->truth, e->line, &err) < 0)
		fprintf(stderr, "fleetsim: script: %s\n", err.text);
}

static int script_line(struct generate *g, const char *line, struct bb_err *err)
{
	char when[32];
	double s;
	size_t n;
	struct event *e;

	line += strspn(line, " \t");
	if (!*line || *line == '#' || *line == '\n')
		return 0;
	n = strcspn(line, " \t\n");
	if (*line != '+' || n >= sizeof(when) || !line[n])
		return bb_err_set(err, "not +SECONDS ADDR VERB");
	memcpy(when, line + 1, n - 1);
	when[n - 1] = '\0';
	if (bb_parse_double(when, &s) < 0 || s < 0 || s > 1e7)
		return bb_err_set(err, "\"%s\" is no time in seconds", when);
	e = event_new(g, NULL);
	e->line = bb_strdup(line + n);
	event_after(e, (uint64_t)(s * 1000), script_due);
	return 0;
}

int generate_script(struct generate *g, const char *file, struct bb_err *err)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t cap = 0;
	unsigned number = 0;
	int rc = 0;

	if (!f)
		return bb_err_errno(err, "cannot open script \"%s\"", file);
	while (!rc && getline(&line, &cap, f) >= 0) {
		number++;
		rc = script_line(g, line, err);
	}
	if (rc)
		bb_err_prefix(err, "%s:%u", file, number);
	free(line);
	fclose(f);
	return rc;
}

/* ---- toggle ---- */

static void toggle_due(void *arg)
{
	struct event *e = arg;
	struct generate *g = e->g;

	if (e->agent->ups->on_battery_ns) {
		verb_return(g->truth, e->agent);
		event_after(e, rng_between(&e->rng, g->min_off_ms, g->max_off_ms), toggle_due);
	} else {
		verb_on_battery(g->truth, e->agent);
		event_after(e, rng_between(&e->rng, g->min_on_ms, g->max_on_ms), toggle_due);
	}
}

static int toggle_option(struct generate *g, double *fraction, char *word, struct bb_err *err)
{
	const struct {
		const char *name;
		uint64_t *value;
	} numbers[] = {
		{ "min_on_ms", &g->min_on_ms },
		{ "max_on_ms", &g->max_on_ms },
		{ "min_off_ms", &g->min_off_ms },
		{ "max_off_ms", &g->max_off_ms },
	};
	char *value = strchr(word, '=');

	if (!value)
		return bb_err_set(err, "--toggle: \"%s\" is not name=value", word);
	*value++ = '\0';
	if (!strcmp(word, "fraction")) {
		if (bb_parse_double(value, fraction) < 0 || *fraction < 0 || *fraction > 1)
			return bb_err_set(err, "--toggle: fraction \"%s\" is not 0..1", value);
		return 0;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!strcmp(word, numbers[i].name))
			return bb_parse_u64(value, word, 1, 86400000, numbers[i].value, err);
	}
	return bb_err_set(err, "--toggle: unknown option \"%s\"", word);
}

/* Exactly fraction x fleet members, drawn without repetition. */
static void toggle_start(struct generate *g, double fraction)
{
	size_t n = fleet_count(g->fleet), left = 0, want;

	for (size_t i = 0; i < n; i++)
		left += fleet_at(g->fleet, i)->ups && !fleet_at(g->fleet, i)->is_reserved;
	want = (size_t)((double)n * fraction + 0.5);
	for (size_t i = 0; i < n && want; i++) {
		struct agent *a = fleet_at(g->fleet, i);
		struct event *e;

		if (!a->ups || a->is_reserved)
			continue;
		if (rng_next(&g->rng) % left-- >= want)
			continue;
		want--;
		e = event_new(g, a);
		event_after(e, rng_between(&e->rng, 0, g->max_off_ms), toggle_due);
	}
}

int generate_toggle(struct generate *g, const char *spec, struct bb_err *err)
{
	bb_autofree char *copy = bb_strdup(spec);
	char *save = NULL, *word = strtok_r(copy, ",", &save);
	double fraction = 0.2;

	g->min_on_ms = g->min_off_ms = 5000;
	g->max_on_ms = g->max_off_ms = 30000;
	if (!word || bb_parse_u64(word, "seed of --toggle", 0, UINT64_MAX, &g->rng.state, err) < 0)
		return word ? -1 : bb_err_set(err, "--toggle needs a seed");
	while ((word = strtok_r(NULL, ",", &save))) {
		if (toggle_option(g, &fraction, word, err) < 0)
			return -1;
	}
	if (g->min_on_ms > g->max_on_ms || g->min_off_ms > g->max_off_ms)
		return bb_err_set(err, "--toggle: a minimum is above its maximum");
	toggle_start(g, fraction);
	return 0;
}

/* ---- outages ---- */

static void outage_ends(void *arg)
{
	struct event *e = arg;

	e->timer = NULL;
	verb_return(e->g->truth, e->agent);
}

static void outage_low(void *arg)
{
	struct event *e = arg;

	verb_low(e->g->truth, e->agent);
	event_after(e, rng_between(&e->rng, OUTAGE_MIN_MS / 2, OUTAGE_MAX_MS / 2), outage_ends);
}

/* A device on mains that answers, or NULL when a few draws found none. */
static struct agent *outage_victim(struct event *e)
{
	for (int tries = 0; tries < 64; tries++) {
		struct agent *a =
			fleet_at(e->g->fleet, rng_next(&e->rng) % fleet_count(e->g->fleet));

		if (a->ups && !a->is_reserved && !a->is_silent && !a->ups->on_battery_ns)
			return a;
	}
	return NULL;
}

/* The idle event of a device is used again for its next outage. */
static struct event *event_of(struct generate *g, struct agent *a)
{
	for (struct event *e = g->events; e; e = e->next) {
		if (e->agent == a && !e->timer)
			return e;
	}
	return event_new(g, a);
}

static void outage_due(void *arg)
{
	struct event *e = arg;
	struct generate *g = e->g;
	struct agent *a = outage_victim(e);

	event_after(e, rng_between(&e->rng, g->min_wait_ms, g->max_wait_ms), outage_due);
	if (!a)
		return;
	verb_on_battery(g->truth, a);
	if (++g->n_outages % 3)
		event_after(event_of(g, a), rng_between(&e->rng, OUTAGE_MIN_MS, OUTAGE_MAX_MS),
			outage_ends);
	else
		event_after(event_of(g, a),
			rng_between(&e->rng, OUTAGE_MIN_MS / 2, OUTAGE_MAX_MS / 2), outage_low);
}

int generate_outages(struct generate *g, const char *spec, struct bb_err *err)
{
	bb_autofree char *copy = bb_strdup(spec);
	char *dash = strchr(copy, '-');
	struct event *e;

	if (!dash)
		return bb_err_set(err, "--outage-every \"%s\" is not MIN-MAX in seconds", spec);
	*dash = '\0';
	if (bb_parse_u64(copy, "--outage-every", 1, 86400, &g->min_wait_ms, err) < 0 ||
		bb_parse_u64(dash + 1, "--outage-every", 1, 86400, &g->max_wait_ms, err) < 0)
		return -1;
	if (g->max_wait_ms < g->min_wait_ms)
		return bb_err_set(err, "--outage-every: the minimum is above the maximum");
	g->min_wait_ms *= 1000;
	g->max_wait_ms *= 1000;
	e = event_new(g, NULL);
	event_after(e, rng_between(&e->rng, g->min_wait_ms / 2, g->max_wait_ms / 2), outage_due);
	return 0;
}

/* ---- standing faults ---- */

int generate_faults(struct generate *g, uint64_t dead, uint64_t lossy, struct bb_err *err)
{
	size_t n = fleet_count(g->fleet);

	if (dead > n || lossy > n - dead)
		return bb_err_set(err, "--dead and --lossy want more agents than the %zu there are",
			n);
	for (size_t i = n - dead - lossy; i < n; i++) {
		struct agent *a = fleet_at(g->fleet, i);

		a->is_reserved = true;
		if (i < n - dead)
			verb_loss(g->truth, a, LOSSY_PCT);
		else
			verb_silent(g->truth, a);
	}
	return 0;
}
