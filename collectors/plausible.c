// SPDX-License-Identifier: Apache-2.0
#include "collectors/plausible.h"

#include <ctype.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/collector.h"
#include "common/arena.h"
#include "common/str.h"

enum {
	CERTAIN = 3,              /* passes in a row until a suspicion is a finding */
	JUMP_STANDS_MS = 3600000, /* a jump is over at once, but should be seen */
	JUMP_WITHIN_MS = 120000,
};
#define JUMP_CELSIUS      25.0 /* no casing warms so fast */
#define JUMP_CHARGE       50.0
#define LOW_CHARGE        20.0 /* with ... */
#define LONG_RUNTIME_S    14400.0
#define SURE_OF_NOMINAL   1.3 /* a value this near to its nominal one is plausible */
#define RATHER_NOT_A_ZERO 9.0 /* V: below, an AC line is dead, not scaled */

/* What a point is to these checks. */
enum role {
	ROLE_NONE,
	ROLE_PLAIN, /* sentinels only */
	ROLE_AC,
	ROLE_HERTZ,
	ROLE_BATTERY_VOLTAGE,
	ROLE_CELSIUS,
	ROLE_PERCENT,
	ROLE_CHARGE,
	ROLE_RUNTIME,
	ROLE_ON_BATTERY,
};

// clang-format off
/* The first that fits. */
static const struct {
	const char *pattern;
	enum role role;
} roles[] = {
	{ "*.nominal", ROLE_NONE }, { "*.minimum", ROLE_NONE }, { "*.maximum", ROLE_NONE }, { "*.low", ROLE_NONE },
	{ "*.high", ROLE_NONE }, { "*.timer.*", ROLE_NONE }, { "*uptime", ROLE_NONE }, { "*.elapsed", ROLE_NONE }, { "*energy*", ROLE_NONE },
	{ "battery.time.onbattery", ROLE_ON_BATTERY },
	{ "battery.runtime", ROLE_RUNTIME },
	{ "battery.charge", ROLE_CHARGE },
	{ "battery.voltage", ROLE_BATTERY_VOLTAGE },
	{ "input.*frequency", ROLE_HERTZ }, { "output.frequency", ROLE_HERTZ },
	{ "input.*voltage", ROLE_AC }, { "output.*voltage", ROLE_AC },
	{ "*temperature", ROLE_CELSIUS },
	{ "ups.load", ROLE_PERCENT }, { "*power.percent", ROLE_PERCENT }, { "*humidity", ROLE_PERCENT },
};

static const struct {
	const char *name;
	unsigned quality;       /* of the value while this is not judged; BB_GOOD: as it came */
	bool at_once;           /* even while it is only suspected */
} kinds[PLAUSIBLE_KINDS] = {
	[PLAUSIBLE_FACTOR] = { "factor", BB_BAD, false },
	[PLAUSIBLE_SENTINEL] = { "sentinel", BB_UNKNOWN, true },
	[PLAUSIBLE_STUCK] = { "stuck", BB_GOOD, false },
	[PLAUSIBLE_JUMP] = { "jump", BB_GOOD, false },
	[PLAUSIBLE_VANISHED] = { "vanished", BB_GOOD, false },
	[PLAUSIBLE_NEGATIVE] = { "negative", BB_BAD, true },
	[PLAUSIBLE_LEFTOVER] = { "leftover", BB_BAD, true },
	[PLAUSIBLE_CONTRADICTION] = { "contradiction", BB_GOOD, false },
};
// clang-format on

/* Memory of a value, for those that can stand still or jump or vanish. */
struct plausible_mark {
	float last;
	bool was_good, was_on_battery;
	uint64_t last_ms, same_since_ms;
};

const char *plausible_kind_name(unsigned kind)
{
	return kind < PLAUSIBLE_KINDS ? kinds[kind].name : "unknown";
}

int plausible_kind_parse(const char *name)
{
	for (int i = 0; i < PLAUSIBLE_KINDS; i++) {
		if (!strcmp(kinds[i].name, name))
			return i;
	}
	return -1;
}

/* ---- roles: worked out once for all devices of a layout ---- */

static bool is_measure(const char *unit)
{
	static const char *const units[] = { "V", "A", "W", "VA", "Hz", "°C", "%", "s" };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(unit, units[i]))
			return true;
	}
	return false;
}

static enum role role_of(const struct layout_slot *s)
{
	/* Strings and blocks are judged against each other, by rules; a finding names a point only. */
	if (s->kind != BB_NUMBER || *s->index || !is_measure(s->point->unit))
		return ROLE_NONE;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (!fnmatch(roles[i].pattern, s->name, 0))
			return roles[i].role;
	}
	return ROLE_PLAIN;
}

static bool is_numbered(const char *name)
{
	return strpbrk(name, "0123456789") != NULL;
}

static bool needs_mark(enum role r, const char *name)
{
	return r == ROLE_CELSIUS || r == ROLE_CHARGE || r == ROLE_RUNTIME || r == ROLE_AC ||
	       (r != ROLE_NONE && is_numbered(name));
}

/* layout->role: role + 1 bit that says it has a mark. Marks follow in the order of the slots. */
#define HAS_MARK 0x80

static void roles_make(struct layout *l)
{
	l->role = bb_malloc(l->n ? l->n : 1);
	for (unsigned i = 0; i < l->n; i++) {
		enum role r = role_of(&l->slot[i]);

		l->role[i] = (uint8_t)(r | (needs_mark(r, l->slot[i].name) ? HAS_MARK : 0));
	}
}

struct plausible *plausible_new(struct layout *l)
{
	struct plausible *p = bb_calloc(1, sizeof(*p));

	if (!l->role)
		roles_make(l);
	for (unsigned i = 0; i < l->n; i++)
		p->n_marks += (l->role[i] & HAS_MARK) != 0;
	p->mark = bb_calloc(p->n_marks ? p->n_marks : 1, sizeof(*p->mark));
	return p;
}

void plausible_free(struct plausible *p)
{
	if (!p)
		return;
	free(p->finding);
	free(p->mark);
	free(p);
}

/* ---- findings ---- */

/* One look at one value. */
struct look {
	struct device *d;
	struct plausible *p;
	const struct plausible_limits *set;
	uint64_t now_ms, now_unix_ms;
	unsigned slot, words;
	enum role role;
	const char *name;
	double v;
	struct plausible_mark *mark; /* NULL: none */
};

static bool is_judged(const struct device *d, const char *name, unsigned kind)
{
	for (unsigned i = 0; i < d->set.n_corrections; i++) {
		const struct device_correction *c = &d->set.correction[i];

		if (c->kind == kind && c->factor == 0 && !strcmp(c->point, name))
			return true;
	}
	return false;
}

static struct plausible_finding *finding_of(struct plausible *p, unsigned slot, unsigned kind)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->finding[i].slot == slot && p->finding[i].kind == kind)
			return &p->finding[i];
	}
	return NULL;
}

static struct plausible_finding *finding_make(struct look *k, unsigned kind)
{
	struct plausible *p = k->p;

	if (p->n == PLAUSIBLE_MAX)
		return NULL;
	p->finding = bb_realloc(p->finding, (p->n + 1U) * sizeof(*p->finding));
	p->finding[p->n] = (struct plausible_finding){
		.slot = (uint16_t)k->slot,
		.kind = (uint8_t)kind,
		.first_unix_ms = k->now_unix_ms,
	};
	return &p->finding[p->n++];
}

static void suspect(struct look *k, unsigned kind, double other, double factor, unsigned enough)
{
	struct plausible_finding *f = finding_of(k->p, k->slot, kind);

	if (is_judged(k->d, k->name, kind))
		return;
	if (!f)
		f = finding_make(k, kind);
	if (!f)
		return;
	f->is_touched = true;
	f->value = k->v;
	f->other = other;
	f->factor = factor;
	if (f->seen < UINT8_MAX)
		f->seen++;
	if (!f->is_open && f->seen >= enough)
		f->is_open = k->p->is_changed = true;
	if (kinds[kind].quality != BB_GOOD && (f->is_open || kinds[kind].at_once))
		k->d->quality[k->slot] = (uint8_t)kinds[kind].quality;
}

/* What this pass did not see again is over. */
static void findings_sweep(struct device *d, unsigned group, uint64_t now_ms)
{
	struct plausible *p = d->plausible;
	unsigned kept = 0;

	for (unsigned i = 0; i < p->n; i++) {
		struct plausible_finding *f = &p->finding[i];
		bool is_mine = d->layout->slot[f->slot].group == group;

		if (is_mine && !f->is_touched && now_ms >= f->until_ms) {
			p->is_changed |= f->is_open;
			continue;
		}
		if (is_mine)
			f->is_touched = false;
		p->finding[kept++] = *f;
	}
	p->n = (uint8_t)kept;
}

/* ---- the checks ---- */

static double good_or_nan(const struct device *d, const char *name)
{
	int slot = layout_find(d->layout, name);

	return slot >= 0 && d->layout->slot[slot].kind == BB_NUMBER && d->quality[slot] == BB_GOOD
		       ? d->value[slot].number
		       : NAN;
}

static bool within(double v, double low, double high)
{
	return v >= low && v <= high;
}

/* The one factor that brings `v` between `low` and `high`; 0: it lies there, or none does. */
static double factor_into(double v, double low, double high)
{
	static const double factors[] = { 0.1, 0.01, 10 };
	double found = 0;

	if (within(v, low / SURE_OF_NOMINAL, high * SURE_OF_NOMINAL))
		return 0;
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		if (within(v * factors[i], low, high))
			found = found ? NAN : factors[i];
	}
	return isnan(found) ? 0 : found;
}

/* "input.L1-N.voltage" -> what begins its name: "input", "input.bypass", "output". */
static void side_of(const char *name, char *side, size_t cap)
{
	snprintf(side, cap, "%s",
		!strncmp(name, "input.bypass.", 13) ? "input.bypass"
		: !strncmp(name, "input.", 6)       ? "input"
						    : "output");
}

/* Only where there is AC: a side with a frequency. Too small a voltage may as well be an outage, so it counts on mains only. */
static void check_ac(struct look *k)
{
	char side[16], name[40];
	double low = strstr(k->name, "L1-L2") || strstr(k->name, "L2-L3") ||
				     strstr(k->name, "L3-L1")
			     ? 170
			     : 90,
	       high = low * 2.9, nominal, hertz;

	side_of(k->name, side, sizeof(side));
	snprintf(name, sizeof(name), "%s.frequency", side);
	hertz = good_or_nan(k->d, name);
	if (isnan(hertz) || !within(hertz, 40, 70))
		return;
	snprintf(name, sizeof(name), "%s.voltage.nominal", side);
	nominal = good_or_nan(k->d, name);
	if (within(nominal, 90, 500)) {
		low = nominal * 0.55;
		high = nominal * 1.8;
	}
	double factor = factor_into(k->v, low, high);
	if (factor > 1 && (k->v < RATHER_NOT_A_ZERO || !(k->words & BB_ST_OL) ||
				  (k->words & (BB_ST_OB | BB_ST_OFF))))
		return;
	if (factor != 0)
		suspect(k, PLAUSIBLE_FACTOR, nominal, factor, CERTAIN);
}

static void check_hertz(struct look *k)
{
	/* 400 Hz is used in aircraft and data halls of old. */
	double factor = within(k->v, 350, 450) ? 0 : factor_into(k->v, 45, 65);

	if (factor != 0 && k->v > 0)
		suspect(k, PLAUSIBLE_FACTOR, NAN, factor, CERTAIN);
}

static void check_battery_voltage(struct look *k)
{
	double nominal = good_or_nan(k->d, "battery.voltage.nominal");

	if (isnan(nominal) || nominal < 6 || k->v < 1)
		return;
	double factor = factor_into(k->v, nominal * 0.7, nominal * 1.4);
	if (factor != 0)
		suspect(k, PLAUSIBLE_FACTOR, nominal, factor, CERTAIN);
}

static void check_percent(struct look *k)
{
	double most = k->role == ROLE_PERCENT && strcmp(k->name, "ups.load") == 0 ? 200 : 150;

	if (k->role == ROLE_CHARGE)
		most = 100;
	if (k->v > most && k->v <= 1000)
		suspect(k, PLAUSIBLE_FACTOR, NAN, 0.1, CERTAIN);
}

static void check_celsius(struct look *k)
{
	struct plausible_mark *m = k->mark;

	if (k->v > 150 && within(k->v * 0.1, 5, 80))
		suspect(k, PLAUSIBLE_FACTOR, NAN, 0.1, CERTAIN);
	if (!m->was_good || k->now_ms - m->last_ms > JUMP_WITHIN_MS ||
		fabs(k->v - (double)m->last) <= JUMP_CELSIUS)
		return;
	/* The first value after the jump does not count; if the next ones stay there, it was true. */
	suspect(k, PLAUSIBLE_JUMP, (double)m->last, 0, 1);
	struct plausible_finding *f = finding_of(k->p, k->slot, PLAUSIBLE_JUMP);
	if (f) {
		f->until_ms = k->now_ms + JUMP_STANDS_MS;
		k->d->quality[k->slot] = BB_BAD;
	}
}

static void check_charge(struct look *k)
{
	struct plausible_mark *m = k->mark;
	double runtime = good_or_nan(k->d, "battery.runtime");

	check_percent(k);
	if (m->was_good && k->now_ms - m->last_ms <= JUMP_WITHIN_MS / 2 &&
		fabs(k->v - (double)m->last) > JUMP_CHARGE) {
		suspect(k, PLAUSIBLE_JUMP, (double)m->last, 0, 1);
		struct plausible_finding *f = finding_of(k->p, k->slot, PLAUSIBLE_JUMP);
		if (f)
			f->until_ms = k->now_ms + JUMP_STANDS_MS;
	}
	if (k->v < LOW_CHARGE && runtime > LONG_RUNTIME_S)
		suspect(k, PLAUSIBLE_CONTRADICTION, runtime, 0, CERTAIN);
}

static void check_sentinel(struct look *k)
{
	static const double codes[] = { 65535, 655350, 32767, -32768, 2147483647, -2147483648.0,
		4294967295 };
	static const double scales[] = { 1, 0.1, 0.01, 0.001 };
	bool is_time = !strcmp(k->d->layout->slot[k->slot].point->unit, "s");

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		bool hit = is_time && fabs(k->v - 60 * codes[i]) < 0.5;

		for (size_t s = 0; s < sizeof(scales) / sizeof(scales[0]); s++)
			hit |= fabs(k->v - codes[i] * scales[s]) <= fabs(codes[i]) * 1e-9;
		if (hit) {
			suspect(k, PLAUSIBLE_SENTINEL, codes[i], 0, CERTAIN);
			return;
		}
	}
}

/* Mains is never still for a day; a battery that feeds the load loses charge or runtime. */
static void check_stuck(struct look *k)
{
	struct plausible_mark *m = k->mark;
	bool is_on_battery = k->words & BB_ST_OB;
	uint64_t limit = k->role == ROLE_AC ? k->set->stuck_ms : k->set->stuck_battery_ms;

	if (!m->was_good || m->last != (float)k->v || is_on_battery != m->was_on_battery)
		m->same_since_ms = k->now_ms;
	m->was_on_battery = is_on_battery;
	if (k->role == ROLE_AC ? strncmp(k->name, "input.", 6) != 0 || k->v < RATHER_NOT_A_ZERO
			       : !is_on_battery)
		return;
	if (k->now_ms - m->same_since_ms >= limit)
		suspect(k, PLAUSIBLE_STUCK, (double)(k->now_ms - m->same_since_ms) / 1000, 0, 1);
}

static void check_vanished(struct look *k, unsigned quality, bool others_answer)
{
	if (k->mark && k->mark->was_good && quality != BB_GOOD && quality != BB_BAD &&
		others_answer && is_numbered(k->name)) {
		k->v = (double)k->mark->last;
		suspect(k, PLAUSIBLE_VANISHED, k->v, 0, CERTAIN);
	}
}

static void mark_keep(struct look *k)
{
	struct plausible_mark *m = k->mark;

	if (!m)
		return;
	m->last = (float)k->v;
	m->last_ms = k->now_ms;
	m->was_good = true;
}

static void look_at(struct look *k)
{
	switch (k->role) {
	case ROLE_AC:
		check_ac(k);
		check_stuck(k);
		break;
	case ROLE_HERTZ: check_hertz(k); break;
	case ROLE_BATTERY_VOLTAGE: check_battery_voltage(k); break;
	case ROLE_CELSIUS: check_celsius(k); break;
	case ROLE_PERCENT: check_percent(k); break;
	case ROLE_CHARGE:
		check_charge(k);
		check_stuck(k);
		break;
	case ROLE_RUNTIME:
		if (k->v < 0)
			suspect(k, PLAUSIBLE_NEGATIVE, NAN, 0, CERTAIN);
		check_stuck(k);
		break;
	case ROLE_ON_BATTERY:
		if (k->v > 0 && (k->words & BB_ST_OL) && !(k->words & BB_ST_OB))
			suspect(k, PLAUSIBLE_LEFTOVER, NAN, 0, CERTAIN);
		return; /* counts through every number there is */
	default: break;
	}
	check_sentinel(k);
}

void plausible_pass(struct device *d, unsigned group, uint64_t now_ms, uint64_t now_unix_ms,
	const struct plausible_limits *set)
{
	const struct layout *l = d->layout;
	struct look k = { .d = d,
		.p = d->plausible,
		.set = set,
		.now_ms = now_ms,
		.now_unix_ms = now_unix_ms };
	bool others_answer = false;
	unsigned mark = 0;

	if (d->status_slot >= 0 && d->quality[d->status_slot] == BB_GOOD)
		k.words = bb_status_parse(d->value[d->status_slot].text);
	for (unsigned i = l->first[group][BB_NUMBER], n = i + l->count[group][BB_NUMBER]; i < n;
		i++)
		others_answer |= d->quality[i] == BB_GOOD;
	for (unsigned i = 0; i < l->n; i++) {
		k.mark = l->role[i] & HAS_MARK ? &d->plausible->mark[mark++] : NULL;
		k.role = l->role[i] & ~HAS_MARK;
		if (k.role == ROLE_NONE || l->slot[i].group != group)
			continue;
		k.slot = i;
		k.name = l->slot[i].name;
		k.v = d->value[i].number;
		if (d->quality[i] != BB_GOOD && d->quality[i] != BB_BAD) {
			check_vanished(&k, d->quality[i], others_answer);
			continue;
		}
		look_at(&k);
		if (d->quality[i] == BB_GOOD || finding_of(k.p, i, PLAUSIBLE_JUMP))
			mark_keep(&k);
	}
	findings_sweep(d, group, now_ms);
}

void plausible_again(struct device *d, unsigned group)
{
	struct plausible *p = d->plausible;

	for (unsigned i = 0; p && i < p->n; i++) {
		struct plausible_finding *f = &p->finding[i];

		if (f->is_open || d->layout->slot[f->slot].group != group)
			continue;
		f->seen++;
		if (f->seen >= CERTAIN)
			f->is_open = p->is_changed = true;
	}
}

bool plausible_take_change(struct plausible *p)
{
	bool is_changed = p && p->is_changed;

	if (p)
		p->is_changed = false;
	return is_changed;
}

/* ---- words ---- */

char *plausible_text(const struct device *d, const struct plausible_finding *f, char *buf,
	size_t cap)
{
	const struct layout_slot *s = &d->layout->slot[f->slot];
	const char *unit = s->point->unit;
	char nominal[48] = "";

	if (f->kind == PLAUSIBLE_FACTOR && !isnan(f->other))
		snprintf(nominal, sizeof(nominal), " at a nominal value of %g %s", f->other, unit);
	switch (f->kind) {
	case PLAUSIBLE_FACTOR:
		snprintf(buf, cap, "%g %s cannot be%s; times %g it would be %g %s", f->value, unit,
			nominal, f->factor, f->value * f->factor, unit);
		break;
	case PLAUSIBLE_SENTINEL:
		snprintf(buf, cap,
			"%g %s looks like the number %.0f that cards use for \"not available\"",
			f->value, unit, f->other);
		break;
	case PLAUSIBLE_STUCK:
		snprintf(buf, cap, "%g %s has not changed for %.0f s%s", f->value, unit, f->other,
			strncmp(s->name, "input.", 6) ? " although the battery feeds the load"
						      : "");
		break;
	case PLAUSIBLE_JUMP:
		snprintf(buf, cap, "jumped from %g to %g %s between two readings", f->other,
			f->value, unit);
		break;
	case PLAUSIBLE_VANISHED:
		snprintf(buf, cap, "was %g %s and is not there any more, while the device answers",
			f->value, unit);
		break;
	case PLAUSIBLE_NEGATIVE: snprintf(buf, cap, "%g %s is negative", f->value, unit); break;
	case PLAUSIBLE_LEFTOVER:
		snprintf(buf, cap,
			"%g %s although the load is fed from mains: left over from an outage",
			f->value, unit);
		break;
	default:
		snprintf(buf, cap, "%g %s contradicts a runtime of %.0f min", f->value, unit,
			f->other / 60);
		break;
	}
	return buf;
}
