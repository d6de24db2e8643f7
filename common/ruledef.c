// SPDX-License-Identifier: Apache-2.0
#include "common/ruledef.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/point.h"
#include "proto/reading.pb-c.h"

#define POINTER_MAX 96

enum type { STR, NUM, INT, BOOL, SEVERITY, SCOPE, KIND, LIMITS, VALUES };

/* A member: where it goes, its bounds (texts: bytes), and the kinds it belongs to (bits; 0: all). */
struct member {
	const char *name;
	enum type type;
	size_t offset;
	size_t has; /* offset of the bool that says it was given; 0: none */
	double min, max;
	unsigned kinds;
};

#define AT(field) offsetof(struct bb_ruledef, field)
#define K(kind)   (1u << BB_RULE_##kind)
// clang-format off
static const struct member members[] = {
	{ "id", STR, AT(id), 0, 1, 40, 0 },
	{ "title", STR, AT(title), 0, 0, 120, 0 },
	{ "enabled", BOOL, AT(enabled), 0, 0, 0, 0 },
	{ "scope", SCOPE, AT(scope), 0, 0, 0, 0 },
	{ "kind", KIND, AT(kind), 0, 0, 0, 0 },
	{ "point", STR, AT(point), 0, 1, 90, ~K(NONE) },
	{ "limits", LIMITS, AT(level), 0, 0, 0, K(LIMIT) },
	{ "values", VALUES, AT(value), 0, 1, BB_RULE_VALUES_MAX, K(STATE) },
	{ "per_s", NUM, AT(per_s), 0, 10, 86400, K(RATE) },
	{ "over", NUM, AT(over), 0, -1e12, 1e12, K(RATE) },
	{ "max_age_s", INT, AT(max_age_s), 0, 10, 31622400, K(AGE) },
	{ "group", STR, AT(group), 0, 1, 200, K(DEVIATION) },
	{ "difference", NUM, AT(difference), 0, 0, 1e12, K(DEVIATION) },
	{ "clear", NUM, AT(clear), AT(has_clear), -1e12, 1e12, K(RATE) | K(DEVIATION) },
	{ "severity", SEVERITY, AT(severity), 0, 0, 0, ~K(LIMIT) },
	{ "on_delay_s", INT, AT(on_delay_s), AT(has_on_delay), 0, 86400, 0 },
	{ "off_delay_s", INT, AT(off_delay_s), AT(has_off_delay), 0, 86400, 0 },
	{ "raise_count", INT, AT(raise_count), AT(has_raise_count), 1, 100, 0 },
	{ "clear_count", INT, AT(clear_count), AT(has_clear_count), 1, 100, 0 },
	{ "text", STR, AT(text), 0, 0, 200, 0 },
	{ "cause", STR, AT(cause), 0, 0, 500, 0 },
	{ "consequence", STR, AT(consequence), 0, 0, 500, 0 },
	{ "action", STR, AT(action), 0, 0, 500, 0 },
	{ "latch", BOOL, AT(latch), AT(has_latch), 0, 0, 0 },
};
// clang-format on
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static const char *const kinds[BB_RULE_KINDS] = { "", "limit", "state", "flag", "rate", "age",
	"deviation" };
static const char *const scopes[BB_SCOPES] = { "", "profile", "site", "group", "device" };
static const char *const levels[BB_RULE_LEVELS] = { "high_high", "high", "low", "low_low" };

const char *bb_rule_kind_name(enum bb_rule_kind kind)
{
	return kinds[kind];
}

const char *bb_rule_scope_name(enum bb_rule_scope scope)
{
	return scopes[scope];
}

const char *bb_rule_level_name(unsigned level)
{
	return levels[level];
}

static int name_find(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (names[i][0] && strcmp(names[i], name) == 0)
			return i;
	return -1;
}

/* ---- reading ---- */

struct reader {
	struct bb_arena *arena;
	struct bb_ruledef *d;
	char *pointer;
	struct bb_err *err;
};

/* Say where, then why. */
static int refuse(struct reader *r, const char *where, const char *why)
{
	snprintf(r->pointer, POINTER_MAX, "%s", where);
	return bb_err_set(r->err, "%s", why);
}

static int read_text(struct reader *r, const char *where, const json_t *v, double min, double max,
	const char **out)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);
	char why[96];

	if (!json_is_string(v))
		return refuse(r, where, "this is no text");
	if (n < min || n > max || strlen(s) != n) {
		snprintf(why, sizeof(why), "the text must have %.0f to %.0f bytes", min, max);
		return refuse(r, where, why);
	}
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			return refuse(r, where, "the text holds control characters");
	*out = bb_arena_strdup(r->arena, s);
	return 0;
}

static int read_number(struct reader *r, const char *where, const json_t *v, double min, double max,
	double *out)
{
	char why[96];

	if (!json_is_number(v))
		return refuse(r, where, "this is no number");
	*out = json_number_value(v);
	if (!(*out >= min && *out <= max)) {
		snprintf(why, sizeof(why), "the number must lie between %.10g and %.10g", min, max);
		return refuse(r, where, why);
	}
	return 0;
}

static int read_severity(struct reader *r, const char *where, const json_t *v, unsigned *out)
{
	int s = json_is_string(v) ? bb_severity_parse(json_string_value(v)) : -1;

	if (s < BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL || s > BUSBAR__V1__SEVERITY__SEVERITY_INFO)
		return refuse(r, where, "severities are critical, major, unknown, minor, info");
	*out = (unsigned)s;
	return 0;
}

static int read_scope(struct reader *r, const json_t *v)
{
	const char *name, *of;
	char where[32];
	const json_t *x;

	if (!json_is_object(v) || json_object_size(v) > 1)
		return refuse(r, "/scope",
			"a scope is {} or has one of profile, site, group, device");
	json_object_foreach((json_t *)(uintptr_t)v, name, x)
	{
		int k = name_find(scopes, BB_SCOPES, name);
		if (k < 0)
			return refuse(r, "/scope",
				"a scope is {} or has one of profile, site, group, device");
		snprintf(where, sizeof(where), "/scope/%s", name);
		if (read_text(r, where, x, 1, 200, &of) < 0)
			return -1;
		if (k == BB_SCOPE_PROFILE ? strspn(of, "abcdefghijklmnopqrstuvwxyz0123456789_-.") !=
						    strlen(of)
					  : !bb_key_valid(of))
			return refuse(r, where, "this is no valid name");
		r->d->scope = (enum bb_rule_scope)k;
		r->d->scope_of = of;
	}
	return 0;
}

static int read_level(struct reader *r, unsigned k, const json_t *v)
{
	struct bb_rule_level *l = &r->d->level[k];
	char where[64];
	const char *name;
	const json_t *x;
	bool has_raise = false;
	int rc = 0;

	*l = (struct bb_rule_level){ .is_set = true,
		.severity = BUSBAR__V1__SEVERITY__SEVERITY_MINOR };
	snprintf(where, sizeof(where), "/limits/%s", levels[k]);
	if (!json_is_object(v))
		return refuse(r, where, "a limit has raise, clear and severity");
	json_object_foreach((json_t *)(uintptr_t)v, name, x)
	{
		snprintf(where, sizeof(where), "/limits/%s/%.20s", levels[k], name);
		if (strcmp(name, "raise") == 0) {
			has_raise = true;
			rc = read_number(r, where, x, -1e12, 1e12, &l->raise);
		} else if (strcmp(name, "clear") == 0) {
			l->has_clear = true;
			rc = read_number(r, where, x, -1e12, 1e12, &l->clear);
		} else if (strcmp(name, "severity") == 0) {
			rc = read_severity(r, where, x, &l->severity);
		} else {
			rc = refuse(r, where, "a limit has raise, clear and severity");
		}
		if (rc < 0)
			return -1;
	}
	snprintf(where, sizeof(where), "/limits/%s/raise", levels[k]);
	if (!has_raise)
		return refuse(r, where, "this is missing");
	if (!l->has_clear)
		l->clear = l->raise;
	return 0;
}

static int read_limits(struct reader *r, const json_t *v)
{
	const char *name;
	const json_t *x;

	if (!json_is_object(v) || !json_object_size(v))
		return refuse(r, "/limits", "limits are any of high_high, high, low, low_low");
	json_object_foreach((json_t *)(uintptr_t)v, name, x)
	{
		int k = name_find(levels, BB_RULE_LEVELS, name);
		if (k < 0)
			return refuse(r, "/limits",
				"limits are any of high_high, high, low, low_low");
		if (read_level(r, (unsigned)k, x) < 0)
			return -1;
	}
	return 0;
}

static int read_values(struct reader *r, const json_t *v)
{
	char where[32];
	const json_t *x;
	size_t i;

	if (!json_is_array(v) || !json_array_size(v) || json_array_size(v) > BB_RULE_VALUES_MAX)
		return refuse(r, "/values", "values are a list of 1 to 24 texts");
	json_array_foreach((json_t *)(uintptr_t)v, i, x)
	{
		snprintf(where, sizeof(where), "/values/%zu", i);
		if (read_text(r, where, x, 1, 60, &r->d->value[i]) < 0)
			return -1;
	}
	r->d->n_values = (unsigned)i;
	return 0;
}

static int read_kind(struct reader *r, const json_t *v)
{
	int k = json_is_string(v) ? name_find(kinds, BB_RULE_KINDS, json_string_value(v)) : -1;

	if (k < 0)
		return refuse(r, "/kind", "kinds are limit, state, flag, rate, age, deviation");
	r->d->kind = (enum bb_rule_kind)k;
	return 0;
}

static int read_member(struct reader *r, const struct member *m, const json_t *v)
{
	void *out = (char *)r->d + m->offset;
	char where[64];
	double number;
	int rc = 0;

	snprintf(where, sizeof(where), "/%s", m->name);
	switch (m->type) {
	case STR: rc = read_text(r, where, v, m->min, m->max, out); break;
	case NUM: rc = read_number(r, where, v, m->min, m->max, out); break;
	case INT:
		if (!json_is_integer(v))
			return refuse(r, where, "this is no whole number");
		rc = read_number(r, where, v, m->min, m->max, &number);
		if (rc == 0)
			*(int64_t *)out = (int64_t)number;
		break;
	case BOOL:
		if (!json_is_boolean(v))
			return refuse(r, where, "this is neither true nor false");
		*(bool *)out = json_is_true(v);
		break;
	case SEVERITY: rc = read_severity(r, where, v, out); break;
	case SCOPE: rc = read_scope(r, v); break;
	case KIND: rc = read_kind(r, v); break;
	case LIMITS: rc = read_limits(r, v); break;
	case VALUES: rc = read_values(r, v); break;
	}
	if (rc == 0 && m->has)
		*((bool *)r->d + m->has) = true;
	return rc;
}

static const struct member *member_find(const char *name)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

static int read_members(struct reader *r, const json_t *v)
{
	const char *name;
	const json_t *x;
	char where[48], why[96];

	json_object_foreach((json_t *)(uintptr_t)v, name, x)
	{
		const struct member *m = member_find(name);
		if (!m) {
			snprintf(where, sizeof(where), "/%.40s", name);
			return refuse(r, where, "a rule has no such member");
		}
		if (read_member(r, m, x) < 0)
			return -1;
	}
	/* Which kind it is may have come last. */
	for (size_t i = 0; i < MEMBERS; i++) {
		if (!members[i].kinds || members[i].kinds >> r->d->kind & 1 ||
			!json_object_get(v, members[i].name))
			continue;
		snprintf(where, sizeof(where), "/%s", members[i].name);
		snprintf(why, sizeof(why), "a rule %s%s has no such member",
			r->d->kind ? "of kind " : "without a kind", kinds[r->d->kind]);
		return refuse(r, where, why);
	}
	return 0;
}

const struct bb_ruledef *bb_ruledef_read(struct bb_arena *a, const json_t *v, char *pointer,
	struct bb_err *err)
{
	struct bb_ruledef *d = bb_arena_alloc(a, sizeof(*d));
	struct reader r = { .arena = a, .d = d, .pointer = pointer, .err = err };

	*d = (struct bb_ruledef){
		.id = "",
		.enabled = true,
		.scope_of = "",
		.point = "",
		.group = "",
		.title = "",
		.text = "",
		.cause = "",
		.consequence = "",
		.action = "",
	};
	pointer[0] = '\0';
	if (!json_is_object(v))
		return bb_err_null(err, "a rule is an object");
	if (read_members(&r, v) < 0 || bb_ruledef_check(d, pointer, err) < 0)
		return NULL;
	return d;
}

const struct bb_ruledef *bb_ruledef_parse(struct bb_arena *a, const char *json, size_t len,
	char *pointer, struct bb_err *err)
{
	json_error_t e;
	json_t *v = json_loadb(json, len, JSON_REJECT_DUPLICATES, &e);

	pointer[0] = '\0';
	if (!v)
		return bb_err_null(err, "the rule is no JSON: %s", e.text);
	const struct bb_ruledef *d = bb_ruledef_read(a, v, pointer, err);
	json_decref(v);
	return d;
}

/* ---- writing ---- */

static void write_limits(const struct bb_ruledef *d, struct bb_json *j)
{
	bb_json_obj(j, "limits");
	for (unsigned k = 0; k < BB_RULE_LEVELS; k++) {
		const struct bb_rule_level *l = &d->level[k];
		if (!l->is_set)
			continue;
		bb_json_obj(j, levels[k]);
		bb_json_num(j, "raise", l->raise);
		if (l->has_clear)
			bb_json_num(j, "clear", l->clear);
		bb_json_str(j, "severity", bb_severity_name(l->severity));
		bb_json_end_obj(j);
	}
	bb_json_end_obj(j);
}

static void write_values(const struct bb_ruledef *d, struct bb_json *j)
{
	bb_json_arr(j, "values");
	for (unsigned i = 0; i < d->n_values; i++)
		bb_json_str(j, NULL, d->value[i]);
	bb_json_end_arr(j);
}

static void write_member(const struct bb_ruledef *d, const struct member *m, struct bb_json *j)
{
	const void *at = (const char *)d + m->offset;

	switch (m->type) {
	case STR:
		if (**(const char *const *)at)
			bb_json_str(j, m->name, *(const char *const *)at);
		break;
	case NUM: bb_json_num(j, m->name, *(const double *)at); break;
	case INT: bb_json_int(j, m->name, *(const int64_t *)at); break;
	case BOOL: bb_json_bool(j, m->name, *(const bool *)at); break;
	case SEVERITY:
		if (d->severity)
			bb_json_str(j, m->name, bb_severity_name(d->severity));
		break;
	case SCOPE:
		bb_json_obj(j, "scope");
		if (d->scope)
			bb_json_str(j, scopes[d->scope], d->scope_of);
		bb_json_end_obj(j);
		break;
	case KIND:
		if (d->kind)
			bb_json_str(j, m->name, kinds[d->kind]);
		break;
	case LIMITS: write_limits(d, j); break;
	case VALUES: write_values(d, j); break;
	}
}

void bb_ruledef_write(const struct bb_ruledef *d, struct bb_json *j)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct member *m = &members[i];
		if (m->kinds && !(m->kinds >> d->kind & 1))
			continue;
		if (m->has && !*((const bool *)d + m->has))
			continue;
		write_member(d, m, j);
	}
}
