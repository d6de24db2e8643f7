// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/quirk.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

bool quirk_applies(const struct profile_condition *c, const struct profile_oid *sysobjectid,
	const char *sysdescr, const char *(*text_of)(const void *arg, const char *point),
	const void *arg)
{
	bool fits = !c->n_sysobjectid;

	for (unsigned i = 0; i < c->n_sysobjectid; i++)
		fits |= profile_oid_within(sysobjectid, &c->sysobjectid[i]);
	if (!fits || (c->sysdescr && regexec(c->sysdescr, sysdescr, 0, NULL, 0)))
		return false;
	if (!c->point)
		return true;
	const char *text = text_of(arg, c->point);
	if (!text || (c->match && regexec(c->match, text, 0, NULL, 0)))
		return false;
	if (c->from_version && profile_version_compare(text, c->from_version) < 0)
		return false;
	return !c->below_version || profile_version_compare(text, c->below_version) < 0;
}

bool quirk_names(const struct profile_quirk *q, const struct profile_point *p)
{
	for (unsigned i = 0; i < q->n_except; i++) {
		if (!fnmatch(q->except[i], p->name, 0))
			return false;
	}
	for (unsigned i = 0; i < q->n_points; i++) {
		if (!fnmatch(q->points[i], p->name, 0))
			return true;
	}
	return false;
}

bool quirk_lists(const struct profile_quirk *q, double raw)
{
	for (unsigned i = 0; i < q->n_value; i++) {
		if (raw == (double)q->value[i])
			return true;
	}
	return false;
}

unsigned quirk_raw(const struct plan *p, const struct plan_object *o, double raw, uint8_t *sticky)
{
	unsigned quality = BB_GOOD;

	for (unsigned i = o->check_first; i < o->check_first + o->check_n; i++) {
		const struct profile_quirk *q = p->check[i].quirk;

		switch (q->kind) {
		case QUIRK_SENTINEL:
			if (quirk_lists(q, raw))
				quality = BB_UNKNOWN;
			break;
		case QUIRK_NEGATIVE:
			if (raw < 0)
				quality = BB_UNKNOWN;
			break;
		case QUIRK_UNSET:
			if (!quirk_lists(q, raw))
				sticky[i] = 1;
			else if (!sticky[i])
				quality = BB_UNKNOWN;
			break;
		default: break;
		}
	}
	return quality;
}

static bool is_good(const struct device *d, unsigned slot)
{
	return slot != PLAN_NO_SLOT && d->quality[slot] == BB_GOOD;
}

static double value_of(const struct device *d, unsigned slot)
{
	return d->value[slot].number;
}

/* Where the neighbour cannot be read it does not object: no UPS has more than a thousand volts. */
static bool neighbour_allows(const struct device *d, const struct plan_check *c)
{
	const struct profile_quirk *q = c->quirk;

	if (!is_good(d, c->with_slot) || q->min >= q->max)
		return true;
	return value_of(d, c->with_slot) >= q->min && value_of(d, c->with_slot) <= q->max;
}

static void check_divide(struct device *d, const struct plan_check *c, uint8_t *decided)
{
	if (!*decided && fabs(value_of(d, c->slot)) > c->quirk->limit && neighbour_allows(d, c))
		*decided = 1;
	if (*decided)
		device_scale_number(d, c->slot, 1 / c->quirk->factor);
}

/* Real power against voltage times current: kilowatts are one thousandth of what fits. More than
 * five times what the line can carry is impossible; much less may be an idle load with a poor power
 * factor and stays. */
static void check_power(struct device *d, const struct plan_check *c, uint8_t *seen)
{
	enum { CERTAIN = 2 }; /* passes that must agree before all later ones are scaled */
	double w = value_of(d, c->slot);

	if (*seen == CERTAIN) {
		device_scale_number(d, c->slot, 1000);
		return;
	}
	if (!is_good(d, c->slot) || !is_good(d, c->voltage_slot) || !is_good(d, c->current_slot) ||
		w <= 0)
		return;
	double va = value_of(d, c->voltage_slot) * value_of(d, c->current_slot);
	if (va < 100)
		return;
	if (w > 5 * va)
		d->quality[c->slot] = BB_BAD;
	if (w * 1000 < 0.2 * va || w * 1000 > 5 * va) {
		*seen = 0;
		return;
	}
	if (++*seen == CERTAIN)
		device_scale_number(d, c->slot, 1000);
	else
		d->quality[c->slot] = BB_UNKNOWN;
}

static void apply(struct device *d, const struct plan_check *c, unsigned status, uint8_t *sticky)
{
	const struct profile_quirk *q = c->quirk;
	double v = value_of(d, c->slot);
	unsigned quality = d->quality[c->slot];

	if (quality != BB_GOOD && quality != BB_BAD)
		return;
	switch (q->kind) {
	case QUIRK_BELOW:
		if (v < q->limit)
			d->quality[c->slot] = BB_UNKNOWN;
		break;
	case QUIRK_SCALE: device_scale_number(d, c->slot, q->factor); break;
	case QUIRK_DIVIDE: check_divide(d, c, sticky); break;
	case QUIRK_ZERO_UNKNOWN:
		if (v == 0 && is_good(d, c->with_slot) && value_of(d, c->with_slot) >= q->min &&
			!(status & q->not_status))
			d->quality[c->slot] = BB_UNKNOWN;
		break;
	case QUIRK_POWER: check_power(d, c, sticky); break;
	default: break;
	}
}

void quirk_pass(struct device *d, const struct plan *p, unsigned group, unsigned status,
	uint8_t *sticky)
{
	for (unsigned i = p->n_raw_checks; i < p->n_checks; i++) {
		if (p->object[p->check[i].object].group == group)
			apply(d, &p->check[i], status, &sticky[i]);
	}
}
