// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collectors/plausible_priv.h"
#include "common/arena.h"

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
// clang-format on

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

static bool needs_mark(enum role r, bool is_numbered)
{
	return r == ROLE_CELSIUS || r == ROLE_CHARGE || r == ROLE_RUNTIME || r == ROLE_AC ||
	       is_numbered;
}

static uint16_t number_slot(const struct layout *l, const char *name)
{
	int slot = layout_find(l, name);

	return slot >= 0 && l->slot[slot].kind == BB_NUMBER ? (uint16_t)slot
							    : (uint16_t)PLAUSIBLE_NO_SLOT;
}

/* "input.L1-N.voltage" -> what begins its name: "input", "input.bypass", "output". */
static const char *side_of(const char *name)
{
	return !strncmp(name, "input.bypass.", 13) ? "input.bypass"
	       : !strncmp(name, "input.", 6)       ? "input"
						   : "output";
}

static void find_neighbours(const struct layout *l, struct plausible_look *k, const char *name)
{
	char other[40];

	k->hertz_slot = k->nominal_slot = k->runtime_slot = PLAUSIBLE_NO_SLOT;
	if (k->role == ROLE_AC) {
		snprintf(other, sizeof(other), "%s.frequency", side_of(name));
		k->hertz_slot = number_slot(l, other);
		snprintf(other, sizeof(other), "%s.voltage.nominal", side_of(name));
		k->nominal_slot = number_slot(l, other);
	} else if (k->role == ROLE_BATTERY_VOLTAGE) {
		k->nominal_slot = number_slot(l, "battery.voltage.nominal");
	} else if (k->role == ROLE_CHARGE) {
		k->runtime_slot = number_slot(l, "battery.runtime");
	}
}

struct plausible_looks *plausible_looks_make(const struct layout *l)
{
	struct plausible_looks *p = bb_calloc(1, sizeof(*p) + l->n * sizeof(p->look[0]));

	for (unsigned i = 0; i < l->n; i++) {
		const struct layout_slot *s = &l->slot[i];
		struct plausible_look *k = &p->look[p->n];
		enum role role = role_of(s);

		if (role == ROLE_NONE)
			continue;
		*k = (struct plausible_look){
			.slot = (uint16_t)i,
			.mark = PLAUSIBLE_NO_MARK,
			.role = (uint8_t)role,
			.is_numbered = strpbrk(s->name, "0123456789") != NULL,
			.is_time = !strcmp(s->point->unit, "s"),
			.is_input = !strncmp(s->name, "input.", 6),
			.is_between_lines = strstr(s->name, "L1-L2") || strstr(s->name, "L2-L3") ||
					    strstr(s->name, "L3-L1"),
			.most_percent = role == ROLE_CHARGE            ? 100
					: !strcmp(s->name, "ups.load") ? 200
								       : 150,
		};
		find_neighbours(l, k, s->name);
		if (needs_mark(role, k->is_numbered))
			k->mark = (uint16_t)p->n_marks++;
		if (!p->count[s->group]++)
			p->first[s->group] = (uint16_t)p->n;
		p->n++;
	}
	return p;
}

/* ---- sentinels ---- */

#define CODES  7
#define SCALES 4

/* Sorted by what they look like, without sign: most values are below all of them, or nearly. */
// clang-format off
static const struct {
	double looks_like, code;
} sentinels[CODES * SCALES] = {
	{ 32767 * 0.001, 32767 }, { 32768 * 0.001, -32768 }, { 65535 * 0.001, 65535 },
	{ 32767 * 0.01, 32767 }, { 32768 * 0.01, -32768 }, { 65535 * 0.01, 65535 }, { 655350 * 0.001, 655350 },
	{ 32767 * 0.1, 32767 }, { 32768 * 0.1, -32768 }, { 65535 * 0.1, 65535 }, { 655350 * 0.01, 655350 },
	{ 32767, 32767 }, { 32768, -32768 }, { 65535, 65535 }, { 655350 * 0.1, 655350 }, { 655350, 655350 },
	{ 2147483647 * 0.001, 2147483647 }, { 2147483648.0 * 0.001, -2147483648.0 }, { 4294967295 * 0.001, 4294967295 },
	{ 2147483647 * 0.01, 2147483647 }, { 2147483648.0 * 0.01, -2147483648.0 }, { 4294967295 * 0.01, 4294967295 },
	{ 2147483647 * 0.1, 2147483647 }, { 2147483648.0 * 0.1, -2147483648.0 }, { 4294967295 * 0.1, 4294967295 },
	{ 2147483647, 2147483647 }, { 2147483648.0, -2147483648.0 }, { 4294967295, 4294967295 },
};
// clang-format on
#define MOST_OFF 5.0 /* more than the tolerance of any of them */

static double sentinel_of_minutes(double v)
{
	static const double codes[CODES] = { 65535, 655350, 32767, -32768, 2147483647,
		-2147483648.0, 4294967295 };

	for (unsigned i = 0; i < CODES; i++) {
		if (fabs(v - 60 * codes[i]) < 0.5)
			return codes[i];
	}
	return 0;
}

double plausible_sentinel(double v, bool is_time)
{
	double size = fabs(v);

	for (unsigned i = 0; i < CODES * SCALES && sentinels[i].looks_like <= size + MOST_OFF;
		i++) {
		double code = sentinels[i].code;

		if (fabs(size - sentinels[i].looks_like) <= fabs(code) * 1e-9 &&
			(code < 0) == (v < 0))
			return code;
	}
	return is_time ? sentinel_of_minutes(v) : 0;
}
