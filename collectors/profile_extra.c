// SPDX-License-Identifier: Apache-2.0
/* The parts of a profile beside its points: alarm table, derived values, quirks. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "collectors/profile_fields.h"

int profile_read_alarms(struct profile_reader *r, const config_setting_t *root)
{
	struct raw_code {
		struct profile_oid oid;
		const char *code;
		unsigned status;
	};
	// clang-format off
	static const struct profile_field fields[] = {
		{ "count", F_OID, AT(profile_alarms, count) },
		{ "column", F_OID, AT(profile_alarms, column), .needed = true },
		{ "codes", F_NESTED, 0, .needed = true },
		{ NULL },
	};
	// clang-format on
	// clang-format off
	static const struct profile_field code_fields[] = {
		{ "oid", F_OID, offsetof(struct raw_code, oid), .needed = true },
		{ "code", F_STR, offsetof(struct raw_code, code), .needed = true },
		{ "status", F_STATUS, offsetof(struct raw_code, status) },
		{ NULL },
	};
	// clang-format on
	const config_setting_t *g = config_setting_get_member(root, "alarms");
	struct profile_alarms *a = &r->box->p.alarms;
	int n;

	if (!g)
		return 0;
	if (profile_read_group(r, g, fields, a, "alarms"))
		return -1;
	struct raw_code *raw =
		profile_read_groups(r, g, "codes", code_fields, sizeof(*raw), 200, &n);
	if (n < 0)
		return -1;
	struct profile_alarm_code *code =
		bb_arena_alloc(r->box->arena, (size_t)(n ? n : 1) * sizeof(*code));
	for (int i = 0; i < n; i++) {
		char name[128];

		code[i] = (struct profile_alarm_code){ .oid = raw[i].oid, .status = raw[i].status };
		if (!*raw[i].code)
			continue; /* known, but nothing to be alarmed about */
		if (snprintf(name, sizeof(name), "alarm.%s", raw[i].code) >= (int)sizeof(name) ||
			!bb_point_find(name) || bb_point_find(name)->kind != BB_FLAG)
			return profile_fail(r,
				config_setting_get_elem(config_setting_get_member(g, "codes"),
					(unsigned)i),
				"\"alarm.%.90s\" is no flag of the registry (common/point.def)",
				raw[i].code);
		code[i].name = profile_keep(r, name);
	}
	a->code = code;
	a->n = (unsigned)n;
	return 0;
}

int profile_read_derived(struct profile_reader *r, const config_setting_t *root)
{
	struct raw {
		const char *point, *from, *how;
		uint8_t group;
	};
	// clang-format off
	static const struct profile_field fields[] = {
		{ "point", F_STR, offsetof(struct raw, point), .needed = true },
		{ "from", F_STR, offsetof(struct raw, from), .needed = true },
		{ "how", F_STR, offsetof(struct raw, how), .needed = true },
		{ "group", F_GROUP, offsetof(struct raw, group), .needed = true },
		{ NULL },
	};
	// clang-format on
	static const char *const
		how[] = { [PROFILE_MAX] = "max", [PROFILE_SUM] = "sum", [PROFILE_FIRST] = "first" };
	int n;
	struct raw *raw = profile_read_groups(r, root, "derived", fields, sizeof(*raw), 50, &n);

	if (n <= 0)
		return n;
	r->box->p.derived =
		bb_arena_alloc(r->box->arena, (size_t)n * sizeof(struct profile_derived));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g =
			config_setting_get_elem(config_setting_get_member(root, "derived"),
				(unsigned)i);
		struct profile_derived *d = &r->box->p.derived[i];
		const struct bb_point *known = bb_point_find(raw[i].point),
				      *from = profile_registry_point(raw[i].from);
		unsigned k = 0;

		while (k < 3 && strcmp(how[k], raw[i].how))
			k++;
		if (k == 3)
			return profile_fail(r, g, "\"how\" must be max, sum or first");
		if (!known || !from || known->kind != BB_NUMBER || from->kind != BB_NUMBER ||
			strcmp(known->unit, from->unit))
			return profile_fail(r, g,
				"\"%.60s\" from \"%.60s\": both must be numbers of the registry with the same unit",
				raw[i].point, raw[i].from);
		*d = (struct profile_derived){ .name = raw[i].point,
			.from = raw[i].from,
			.how = (enum profile_how)k,
			.group = raw[i].group };
	}
	r->box->p.n_derived = (unsigned)n;
	return 0;
}

/* ---- quirks ---- */

static const char *const quirk_name[] = {
	[QUIRK_SENTINEL] = "sentinel",
	[QUIRK_NEGATIVE] = "negative-unknown",
	[QUIRK_BELOW] = "below-unknown",
	[QUIRK_UNSET] = "unset-until-seen",
	[QUIRK_SCALE] = "scale",
	[QUIRK_DIVIDE] = "divide-if-above",
	[QUIRK_ZERO_UNKNOWN] = "zero-unknown-when",
	[QUIRK_POWER] = "power-check",
	[QUIRK_NO_BULK] = "no-bulk",
};
#define N_QUIRKS (sizeof(quirk_name) / sizeof(quirk_name[0]))

struct raw_quirk {
	struct profile_quirk q;
	const char *kind, *why;
};

static bool names_a_point(const struct profile_box *b, const char *pattern)
{
	for (unsigned i = 0; i < b->n_own; i++) {
		if (!fnmatch(pattern, b->own[i].name, 0))
			return true;
	}
	/* The points of a base are not known yet. */
	return b->p.base_name || b->p.n_also;
}

static int check_quirk(struct profile_reader *r, const config_setting_t *g, struct raw_quirk *raw)
{
	static const struct {
		bool value, limit, with;
	} needs[N_QUIRKS] = {
		[QUIRK_SENTINEL] = { .value = true },
		[QUIRK_BELOW] = { .limit = true },
		[QUIRK_UNSET] = { .value = true },
		[QUIRK_DIVIDE] = { .limit = true },
		[QUIRK_ZERO_UNKNOWN] = { .with = true },
	};
	struct profile_quirk *q = &raw->q;
	unsigned k = 0;

	while (k < N_QUIRKS && strcmp(quirk_name[k], raw->kind))
		k++;
	if (k == N_QUIRKS)
		return profile_fail(r, g, "\"%.60s\" is not a kind of quirk", raw->kind);
	q->kind = (enum profile_quirk_kind)k;
	if (!q->n_points && q->kind != QUIRK_NO_BULK)
		return profile_fail(r, g, "quirk %s names no points", raw->kind);
	for (unsigned i = 0; i < q->n_points; i++) {
		if (!names_a_point(r->box, q->points[i]))
			return profile_fail(r, g,
				"quirk %s: no point of this profile is called \"%.60s\"", raw->kind,
				q->points[i]);
	}
	for (unsigned i = 0; i < q->n_with; i++) {
		if (!names_a_point(r->box, q->with[i]))
			return profile_fail(r, g,
				"quirk %s: no point of this profile is called \"%.60s\"", raw->kind,
				q->with[i]);
	}
	if ((needs[k].value && !q->n_value) ||
		(needs[k].limit && !config_setting_get_member(g, "limit")) ||
		(needs[k].with && !q->n_with))
		return profile_fail(r, g, "quirk %s lacks \"values\", \"limit\" or \"with\"",
			raw->kind);
	if ((q->kind == QUIRK_DIVIDE || q->kind == QUIRK_SCALE) && !(q->factor > 0))
		return profile_fail(r, g, "quirk %s needs a \"factor\" above zero", raw->kind);
	if (q->kind == QUIRK_POWER &&
		(!q->voltage || !q->current || !names_a_point(r->box, q->voltage) ||
			!names_a_point(r->box, q->current)))
		return profile_fail(r, g,
			"quirk %s needs \"voltage\" and \"current\", points of this profile",
			raw->kind);
	return 0;
}

static int read_condition(struct profile_reader *r, const config_setting_t *g,
	struct profile_condition *c)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "sysobjectid", F_OIDS, AT(profile_condition, sysobjectid), AT(profile_condition, n_sysobjectid), 8 },
		{ "sysdescr", F_REGEX, AT(profile_condition, sysdescr) },
		{ "point", F_STR, AT(profile_condition, point) },
		{ "match", F_REGEX, AT(profile_condition, match) },
		{ "from_version", F_STR, AT(profile_condition, from_version) },
		{ "below_version", F_STR, AT(profile_condition, below_version) },
		{ NULL },
	};
	// clang-format on
	const config_setting_t *w = config_setting_get_member(g, "when");

	if (!w)
		return 0;
	if (profile_read_group(r, w, fields, c, "when"))
		return -1;
	if (c->point && !names_a_point(r->box, c->point))
		return profile_fail(r, w, "no point of this profile is called \"%.60s\"", c->point);
	if (!c->point && (c->match || c->from_version || c->below_version))
		return profile_fail(r, w, "\"match\" and versions need the \"point\" they look at");
	return 0;
}

int profile_read_quirks(struct profile_reader *r, const config_setting_t *root)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "kind", F_STR, AT(raw_quirk, kind), .needed = true },
		{ "why", F_STR, AT(raw_quirk, why), .needed = true },
		{ "points", F_STRINGS, AT(raw_quirk, q.points), AT(raw_quirk, q.n_points), 16 },
		{ "except", F_STRINGS, AT(raw_quirk, q.except), AT(raw_quirk, q.n_except), 8 },
		{ "values", F_INTS, AT(raw_quirk, q.value), AT(raw_quirk, q.n_value), 16 },
		{ "limit", F_NUM, AT(raw_quirk, q.limit) },
		{ "factor", F_NUM, AT(raw_quirk, q.factor) },
		{ "min", F_NUM, AT(raw_quirk, q.min) },
		{ "max", F_NUM, AT(raw_quirk, q.max) },
		{ "with", F_STRINGS, AT(raw_quirk, q.with), AT(raw_quirk, q.n_with), 4 },
		{ "voltage", F_STR, AT(raw_quirk, q.voltage) },
		{ "current", F_STR, AT(raw_quirk, q.current) },
		{ "not_status", F_STATUS, AT(raw_quirk, q.not_status) },
		{ "when", F_NESTED, 0 },
		{ NULL },
	};
	// clang-format on
	struct profile_box *b = r->box;
	int n;
	struct raw_quirk *raw = profile_read_groups(r, root, "quirks", fields, sizeof(*raw),
		PROFILE_MAX_QUIRKS, &n);

	b->own_quirk = bb_arena_alloc(b->arena, (n > 0 ? (size_t)n : 1) * sizeof(*b->own_quirk));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g =
			config_setting_get_elem(config_setting_get_member(root, "quirks"),
				(unsigned)i);

		if (check_quirk(r, g, &raw[i]) || read_condition(r, g, &raw[i].q.when))
			return -1;
		raw[i].q.line = config_setting_source_line(g);
		b->own_quirk[i] = &raw[i].q;
	}
	b->n_own_quirks = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}
