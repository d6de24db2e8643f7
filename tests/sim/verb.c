// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/verb.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/str.h"
#include "tests/sim/ups.h"

#define WORDS_MAX 4 /* ADDR VERB A B */

/* ---- what they do ---- */

void verb_on_battery(struct truth *t, struct agent *a)
{
	if (a->ups->on_battery_ns)
		return;
	ups_on_battery(a->ups, bb_clock_boot_ns());
	truth_write(t, a->address, "onbattery", "", -1);
}

void verb_return(struct truth *t, struct agent *a)
{
	uint64_t since_ns = a->ups->on_battery_ns, now_ns = bb_clock_boot_ns();

	if (!since_ns)
		return;
	ups_on_mains(a->ups, now_ns);
	truth_write(t, a->address, "return", "", (int64_t)((now_ns - since_ns) / 1000000));
}

static void battery(struct truth *t, struct agent *a, enum ups_battery to, const char *what)
{
	if (a->ups->battery == to)
		return;
	ups_set_battery(a->ups, to, bb_clock_boot_ns());
	truth_write(t, a->address, what, "", -1);
}

void verb_low(struct truth *t, struct agent *a)
{
	battery(t, a, UPS_BATTERY_LOW, "low");
}

void verb_silent(struct truth *t, struct agent *a)
{
	if (a->is_silent)
		return;
	a->is_silent = true;
	a->silent_since_ns = bb_clock_boot_ns();
	truth_write(t, a->address, "silent", "", -1);
}

void verb_loss(struct truth *t, struct agent *a, double percent)
{
	char text[32];

	a->loss_pct = percent;
	snprintf(text, sizeof(text), "%g", percent);
	truth_write(t, a->address, "loss", text, -1);
}

/* ---- as words ---- */

typedef int (*verb_fn)(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err);

static int do_on_battery(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	verb_on_battery(t, a);
	return 0;
}

static int do_return(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	verb_return(t, a);
	return 0;
}

static int do_low(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	verb_low(t, a);
	return 0;
}

static int do_depleted(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	battery(t, a, UPS_BATTERY_DEPLETED, "depleted");
	return 0;
}

static int do_silent(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	verb_silent(t, a);
	return 0;
}

static int do_answer(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	if (!a->is_silent)
		return 0;
	a->is_silent = false;
	truth_write(t, a->address, "answer", "",
		(int64_t)((bb_clock_boot_ns() - a->silent_since_ns) / 1000000));
	return 0;
}

static int do_slow(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	uint64_t ms;

	if (bb_parse_u64(x, "slow", 0, 600000, &ms, err) < 0)
		return -1;
	a->slow_ms = (uint32_t)ms;
	truth_write(t, a->address, "slow", x, -1);
	return 0;
}

static int do_loss(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	double percent;

	if (bb_parse_double(x, &percent) < 0 || percent < 0 || percent > 100)
		return bb_err_set(err, "loss \"%s\" is not 0..100 percent", x);
	verb_loss(t, a, percent);
	return 0;
}

static int do_alarm(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	bool on = !strcmp(y, "on"), is_change;
	char text[128];

	if (!on && strcmp(y, "off") != 0)
		return bb_err_set(err, "an alarm is on or off, not \"%s\"", y);
	if (ups_alarm(a->ups, x, on, bb_clock_boot_ns(), &is_change, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%s %s", x, y);
	if (is_change)
		truth_write(t, a->address, "alarm", text, -1);
	return 0;
}

static int do_set(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	char text[512];

	if (agent_set(a, x, y, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%s %s", x, y);
	truth_write(t, a->address, "set", text, -1);
	return 0;
}

static int do_unset(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	agent_unset(a);
	truth_write(t, a->address, "unset", "", -1);
	return 0;
}

static int do_reboot(struct truth *t, struct agent *a, const char *x, const char *y,
	struct bb_err *err)
{
	a->restarted_ns = bb_clock_boot_ns();
	if (a->ups)
		ups_restart_card(a->ups, a->restarted_ns);
	truth_write(t, a->address, "reboot", "", -1);
	return 0;
}

static const struct verb {
	const char *name;
	unsigned args;
	bool needs_ups;
	verb_fn run;
} verbs[] = {
	{ "onbattery", 0, true, do_on_battery },
	{ "return", 0, true, do_return },
	{ "low", 0, true, do_low },
	{ "depleted", 0, true, do_depleted },
	{ "silent", 0, false, do_silent },
	{ "answer", 0, false, do_answer },
	{ "slow", 1, false, do_slow },
	{ "loss", 1, false, do_loss },
	{ "alarm", 2, true, do_alarm },
	{ "set", 2, false, do_set },
	{ "unset", 0, false, do_unset },
	{ "reboot", 0, false, do_reboot },
};

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	}
	return NULL;
}

/* Cut at blanks; the last word of a full set keeps its blanks, so that texts can be set. */
static size_t split(char *line, const char *word[WORDS_MAX])
{
	size_t n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *p = line + strspn(line, " \t"); *p; p += strspn(p, " \t")) {
		word[n++] = p;
		if (n == WORDS_MAX)
			break;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	return n;
}

static int apply(struct fleet *f, struct truth *t, const struct verb *v, uint32_t first,
	uint32_t last, const char *const *word, struct bb_err *err)
{
	size_t done = 0;
	char text[16];
	int rc = 0;

	for (size_t i = 0; i < fleet_count(f); i++) {
		struct agent *a = fleet_at(f, i);

		if (a->address < first || a->address > last)
			continue;
		done++;
		if (v->needs_ups && !a->ups)
			rc = bb_err_set(err, "%s is a recording and has no power model; use set",
				fleet_address(a->address, text));
		else if (v->run(t, a, word[2], word[3], err) < 0)
			rc = -1;
	}
	return done ? rc : bb_err_set(err, "nobody lives at \"%s\"", word[0]);
}

int verb_run(struct fleet *f, struct truth *t, char *line, struct bb_err *err)
{
	const char *word[WORDS_MAX] = { NULL };
	size_t n = split(line, word);
	uint32_t first = 0, last = UINT32_MAX;
	const struct verb *v;

	if (n < 2)
		return bb_err_set(err, "write ADDR[-ADDR] VERB");
	if (strcmp(word[0], "all") != 0 && fleet_range(word[0], &first, &last, err) < 0)
		return -1;
	v = verb_find(word[1]);
	if (!v)
		return bb_err_set(err, "unknown verb \"%s\"", word[1]);
	if (n - 2 != v->args)
		return bb_err_set(err, "\"%s\" takes %u arguments, not %zu", v->name, v->args,
			n - 2);
	return apply(f, t, v, first, last, word, err);
}
