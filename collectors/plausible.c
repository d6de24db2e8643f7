// SPDX-License-Identifier: Apache-2.0
#include "collectors/plausible.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/collector.h"
#include "collectors/plausible_priv.h"
#include "common/arena.h"
#include "common/str.h"

enum {
	CERTAIN = 3,              /* passes in a row until a suspicion is a finding */
	JUMP_STANDS_MS = 3600000, /* a jump is over at once, but should be seen */
	JUMP_WITHIN_DS = 1200,
};
#define JUMP_CELSIUS      25.0 /* no casing warms so fast */
#define JUMP_CHARGE       50.0
#define LOW_CHARGE        20.0 /* with ... */
#define LONG_RUNTIME_S    14400.0
#define SURE_OF_NOMINAL   1.3 /* a value this near to its nominal one is plausible */
#define RATHER_NOT_A_ZERO 9.0 /* V: below, an AC line is dead, not scaled */

// clang-format off
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

struct plausible *plausible_new(struct layout *l)
{
	struct plausible *p = bb_calloc(1, sizeof(*p));

	if (!l->looks)
		l->looks = plausible_looks_make(l);
	p->n_marks = l->looks->n_marks;
	p->mark = bb_calloc(p->n_marks ? p->n_marks : 1, sizeof(*p->mark));
	for (unsigned i = 0; i < p->n_marks; i++)
		p->mark[i].last = NAN;
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
	const struct plausible_look *at;
	double v;
	struct plausible_mark *mark; /* NULL: none */
};

static uint32_t now_ds(const struct look *k)
{
	return (uint32_t)(k->now_ms / 100);
}

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

	if (is_judged(k->d, k->d->layout->slot[k->slot].name, kind))
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

static double good_or_nan(const struct device *d, unsigned slot)
{
	return slot != PLAUSIBLE_NO_SLOT && d->quality[slot] == BB_GOOD ? d->value[slot].number
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

/* Only where there is AC: a side with a frequency. Too small a voltage may as well be an outage, so it counts on mains only. */
static void check_ac(struct look *k)
{
	double hertz = good_or_nan(k->d, k->at->hertz_slot), nominal;
	double low = k->at->is_between_lines ? 170 : 90, high = low * 2.9;

	if (isnan(hertz) || !within(hertz, 40, 70))
		return;
	nominal = good_or_nan(k->d, k->at->nominal_slot);
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
	double nominal = good_or_nan(k->d, k->at->nominal_slot);

	if (isnan(nominal) || nominal < 6 || k->v < 1)
		return;
	double factor = factor_into(k->v, nominal * 0.7, nominal * 1.4);
	if (factor != 0)
		suspect(k, PLAUSIBLE_FACTOR, nominal, factor, CERTAIN);
}

static void check_percent(struct look *k)
{
	if (k->v > k->at->most_percent && k->v <= 1000)
		suspect(k, PLAUSIBLE_FACTOR, NAN, 0.1, CERTAIN);
}

static void check_celsius(struct look *k)
{
	struct plausible_mark *m = k->mark;

	if (k->v > 150 && within(k->v * 0.1, 5, 80))
		suspect(k, PLAUSIBLE_FACTOR, NAN, 0.1, CERTAIN);
	if (isnan(m->last) || now_ds(k) - m->last_ds > JUMP_WITHIN_DS ||
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
	double runtime = good_or_nan(k->d, k->at->runtime_slot);

	check_percent(k);
	if (!isnan(m->last) && now_ds(k) - m->last_ds <= JUMP_WITHIN_DS / 2 &&
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
	double code = plausible_sentinel(k->v, k->at->is_time);

	if (code != 0)
		suspect(k, PLAUSIBLE_SENTINEL, code, 0, CERTAIN);
}

/* Mains is never still for a day; a battery that feeds the load loses charge or runtime. */
static void check_stuck(struct look *k)
{
	struct plausible_mark *m = k->mark;
	bool is_on_battery = k->words & BB_ST_OB;
	uint64_t limit = k->at->role == ROLE_AC ? k->set->stuck_ms : k->set->stuck_battery_ms;

	if (isnan(m->last) || m->last != (float)k->v || is_on_battery != m->was_on_battery)
		m->same_since_ds = now_ds(k) & DS_MASK;
	m->was_on_battery = is_on_battery;
	if (k->at->role == ROLE_AC ? !k->at->is_input || k->v < RATHER_NOT_A_ZERO : !is_on_battery)
		return;
	uint64_t still_ms = (uint64_t)(now_ds(k) - m->same_since_ds) * 100;
	if (still_ms >= limit)
		suspect(k, PLAUSIBLE_STUCK, (double)still_ms / 1000, 0, 1);
}

static void check_vanished(struct look *k, unsigned quality, bool others_answer)
{
	if (k->mark && !isnan(k->mark->last) && quality != BB_GOOD && quality != BB_BAD &&
		others_answer && k->at->is_numbered) {
		k->v = (double)k->mark->last;
		suspect(k, PLAUSIBLE_VANISHED, k->v, 0, CERTAIN);
	}
}

static void mark_keep(struct look *k)
{
	struct plausible_mark *m = k->mark;

	if (!m)
		return;
	m->last = isnan(k->v) ? 0 : (float)k->v;
	m->last_ds = now_ds(k);
}

static void look_at(struct look *k)
{
	switch (k->at->role) {
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
	const struct plausible_looks *looks = l->looks;
	bool others_answer = false;

	if (d->status_slot >= 0 && d->quality[d->status_slot] == BB_GOOD)
		k.words = bb_status_parse(d->value[d->status_slot].text);
	for (unsigned i = l->first[group][BB_NUMBER], n = i + l->count[group][BB_NUMBER];
		i < n && !others_answer; i++)
		others_answer = d->quality[i] == BB_GOOD;
	for (unsigned i = looks->first[group], n = i + looks->count[group]; i < n; i++) {
		k.at = &looks->look[i];
		k.slot = k.at->slot;
		k.mark = k.at->mark != PLAUSIBLE_NO_MARK ? &k.p->mark[k.at->mark] : NULL;
		k.v = d->value[k.slot].number;
		if (d->quality[k.slot] != BB_GOOD && d->quality[k.slot] != BB_BAD) {
			check_vanished(&k, d->quality[k.slot], others_answer);
			continue;
		}
		look_at(&k);
		if (d->quality[k.slot] == BB_GOOD || finding_of(k.p, k.slot, PLAUSIBLE_JUMP))
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
