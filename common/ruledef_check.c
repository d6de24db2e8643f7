// SPDX-License-Identifier: Apache-2.0
/* What is wrong with a rule whose members are each in order: unknown names, contradictions,
 * conditions that no value fulfils or none ends. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/point.h"
#include "common/ruledef.h"
#include "proto/reading.pb-c.h"

#define POINTER_MAX 96

struct check {
	const struct bb_ruledef *d;
	const struct bb_point *point; /* of the registry */
	char *pointer;
	struct bb_err *err;
};

static int at(struct check *c, const char *pointer, int rc)
{
	snprintf(c->pointer, POINTER_MAX, "%s", pointer);
	return rc;
}
#define REFUSE(c, pointer, ...) at((c), (pointer), bb_err_set((c)->err, __VA_ARGS__))

/* Replace each "*" segment; false when there is none, or it does not fit. */
static bool fill_stars(const char *name, const char *with, char *out, size_t cap)
{
	size_t n = 0;
	bool has_star = false;

	for (const char *p = name; *p && n + strlen(with) + 1 < cap;) {
		size_t len = strcspn(p, ".");
		bool is_star = len == 1 && *p == '*';
		has_star |= is_star;
		n += (size_t)snprintf(out + n, cap - n, "%.*s%s",
			is_star ? (int)strlen(with) : (int)len, is_star ? with : p,
			p[len] ? "." : "");
		if (n >= cap)
			return false;
		p += len + (p[len] == '.');
	}
	return has_star;
}

const struct bb_point *bb_ruledef_point(const char *name)
{
	static const char *const stars[] = { "1", "L1", "L1-N" };
	char filled[200] = "";

	if (!strchr(name, '*'))
		return bb_point_find(name);
	if (name[0] == '*')
		return NULL;
	for (size_t i = 0; i < sizeof(stars) / sizeof(stars[0]); i++) {
		const struct bb_point *p = fill_stars(name, stars[i], filled, sizeof(filled))
						   ? bb_point_find(filled)
						   : NULL;
		if (p)
			return p;
	}
	return NULL;
}

static bool has_range(const struct check *c)
{
	return c->point->min <= c->point->max;
}

/* ---- limits ---- */

static int check_level(struct check *c, unsigned k)
{
	const struct bb_rule_level *l = &c->d->level[k];
	const struct bb_point *p = c->point;
	const char *name = bb_rule_level_name(k);
	bool is_high = bb_rule_level_is_high(k);
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/limits/%s/clear", name);
	if (is_high ? l->clear > l->raise : l->clear < l->raise)
		return REFUSE(c, pointer,
			"%s contradicts itself: it ends at %.10g, which still raises it at %.10g",
			name, l->clear, l->raise);
	if (has_range(c) && (is_high ? l->clear < p->min : l->clear > p->max))
		return REFUSE(c, pointer, "%s would never end: %s lies between %.10g and %.10g",
			name, c->d->point, p->min, p->max);
	snprintf(pointer, sizeof(pointer), "/limits/%s/raise", name);
	if (has_range(c) && (is_high ? l->raise >= p->max : l->raise <= p->min))
		return REFUSE(c, pointer, "%s can never fire: %s lies between %.10g and %.10g",
			name, c->d->point, p->min, p->max);
	return 0;
}

/* Two levels of the same side, the outer one first. */
static int check_order(struct check *c, unsigned outer, unsigned inner)
{
	const struct bb_rule_level *o = &c->d->level[outer], *i = &c->d->level[inner];
	char pointer[64];

	if (!o->is_set || !i->is_set)
		return 0;
	snprintf(pointer, sizeof(pointer), "/limits/%s/raise", bb_rule_level_name(outer));
	if (bb_rule_level_is_high(outer) ? o->raise <= i->raise : o->raise >= i->raise)
		return REFUSE(c, pointer, "%s (%.10g) must lie beyond %s (%.10g)",
			bb_rule_level_name(outer), o->raise, bb_rule_level_name(inner), i->raise);
	snprintf(pointer, sizeof(pointer), "/limits/%s/severity", bb_rule_level_name(outer));
	if (o->severity > i->severity)
		return REFUSE(c, pointer, "%s is milder than %s", bb_rule_level_name(outer),
			bb_rule_level_name(inner));
	return 0;
}

static int check_limit(struct check *c)
{
	const struct bb_rule_level *l = c->d->level;
	bool is_any = false;

	for (unsigned k = 0; k < BB_RULE_LEVELS; k++) {
		if (!l[k].is_set)
			continue;
		is_any = true;
		if (check_level(c, k) < 0)
			return -1;
	}
	if (!is_any)
		return REFUSE(c, "/limits", "a limit rule needs limits");
	if (check_order(c, 0, 1) < 0 || check_order(c, 3, 2) < 0)
		return -1;
	/* Some value must be neither too high nor too low, or the alarm never ends. */
	for (unsigned h = 0; h < 2; h++)
		for (unsigned k = 2; k < BB_RULE_LEVELS; k++)
			if (l[h].is_set && l[k].is_set && l[k].clear >= l[h].clear)
				return REFUSE(c, "/limits",
					"%s and %s overlap: no value is in order",
					bb_rule_level_name(h), bb_rule_level_name(k));
	return 0;
}

/* ---- the other kinds ---- */

static int check_state(struct check *c)
{
	const struct bb_ruledef *d = c->d;
	char pointer[32];

	if (!d->n_values)
		return REFUSE(c, "/values", "a state rule needs values");
	for (unsigned i = 0; i < d->n_values; i++) {
		snprintf(pointer, sizeof(pointer), "/values/%u", i);
		if (strcmp(d->point, "ups.status") == 0 &&
			(strchr(d->value[i], ' ') || !bb_status_parse(d->value[i])))
			return REFUSE(c, pointer, "\"%s\" is no word of ups.status", d->value[i]);
		for (unsigned k = 0; k < i; k++)
			if (strcmp(d->value[i], d->value[k]) == 0)
				return REFUSE(c, pointer, "\"%s\" stands there twice", d->value[i]);
	}
	return 0;
}

static int check_rate(struct check *c)
{
	const struct bb_ruledef *d = c->d;

	if (d->per_s == 0)
		return REFUSE(c, "/per_s", "a rate rule needs the time in seconds");
	if (d->over == 0)
		return REFUSE(c, "/over", "a rate rule needs a change other than 0");
	if (has_range(c) && fabs(d->over) > c->point->max - c->point->min)
		return REFUSE(c, "/over", "it can never fire: %s lies between %.10g and %.10g",
			d->point, c->point->min, c->point->max);
	if (d->has_clear && (d->clear * d->over < 0 || fabs(d->clear) > fabs(d->over)))
		return REFUSE(c, "/clear",
			"it contradicts itself: the change that ends it must lie between 0 and %.10g",
			d->over);
	return 0;
}

static int check_age(struct check *c)
{
	return c->d->max_age_s ? 0
			       : REFUSE(c, "/max_age_s", "an age rule needs the age in seconds");
}

static int check_deviation(struct check *c)
{
	const struct bb_ruledef *d = c->d;

	if (strcmp(d->group, ".") != 0 && !bb_key_valid(d->group))
		return REFUSE(c, "/group",
			"a deviation rule needs a device group, or \".\" for the blocks of the device");
	if (strcmp(d->group, ".") != 0 && strchr(d->point, '*'))
		return REFUSE(c, "/point",
			"values of a group are compared point by point: name one, without *");
	if (!(d->difference > 0))
		return REFUSE(c, "/difference", "a deviation rule needs a difference above 0");
	if (has_range(c) && d->difference > c->point->max - c->point->min)
		return REFUSE(c, "/difference",
			"it can never fire: %s lies between %.10g and %.10g", d->point,
			c->point->min, c->point->max);
	if (d->has_clear && (d->clear < 0 || d->clear > d->difference))
		return REFUSE(c, "/clear",
			"it contradicts itself: the deviation that ends it must lie between 0 and %.10g",
			d->difference);
	return 0;
}

static int check_flag(struct check *c)
{
	return 0;
}

#define ANY_KIND (-1)
static const struct {
	int (*check)(struct check *c);
	int needs; /* enum bb_point_kind */
	const char *what;
} kinds[BB_RULE_KINDS] = {
	[BB_RULE_LIMIT] = { check_limit, BB_NUMBER, "a number" },
	[BB_RULE_STATE] = { check_state, BB_TEXT, "a text" },
	[BB_RULE_FLAG] = { check_flag, BB_FLAG, "a flag" },
	[BB_RULE_RATE] = { check_rate, BB_NUMBER, "a number" },
	[BB_RULE_AGE] = { check_age, ANY_KIND, "a value" },
	[BB_RULE_DEVIATION] = { check_deviation, BB_NUMBER, "a number" },
};

static unsigned worst_severity(const struct bb_ruledef *d)
{
	unsigned worst = d->severity ? d->severity : BUSBAR__V1__SEVERITY__SEVERITY_MINOR;

	if (d->kind != BB_RULE_LIMIT)
		return worst;
	worst = BUSBAR__V1__SEVERITY__SEVERITY_INFO;
	for (unsigned k = 0; k < BB_RULE_LEVELS; k++)
		if (d->level[k].is_set && d->level[k].severity < worst)
			worst = d->level[k].severity;
	return worst;
}

static bool id_is_valid(const char *id)
{
	return *id && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(id);
}

int bb_ruledef_check(const struct bb_ruledef *d, char *pointer, struct bb_err *err)
{
	struct check c = { .d = d, .pointer = pointer, .err = err };

	if (!id_is_valid(d->id))
		return REFUSE(&c, "/id", "the id of a rule consists of a-z, 0-9 and _");
	if (strcmp(d->id, "event") == 0)
		return REFUSE(&c, "/id", "\"event\" is how events of collectors are recorded");
	if (d->kind == BB_RULE_NONE)
		return 0;
	if (!*d->point)
		return REFUSE(&c, "/point", "a rule needs a point");
	c.point = bb_ruledef_point(d->point);
	if (!c.point)
		return REFUSE(&c, "/point", "there is no point \"%s\"", d->point);
	if (kinds[d->kind].needs != ANY_KIND && (int)c.point->kind != kinds[d->kind].needs)
		return REFUSE(&c, "/point", "it can never fire: \"%s\" is not %s", d->point,
			kinds[d->kind].what);
	if (kinds[d->kind].check(&c) < 0)
		return -1;
	if (d->enabled && !*d->action && worst_severity(d) < BUSBAR__V1__SEVERITY__SEVERITY_INFO)
		return REFUSE(&c, "/action",
			"say what to do: a rule without action is an event and may only have severity info");
	return 0;
}
