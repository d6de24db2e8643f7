// SPDX-License-Identifier: Apache-2.0
/* One profile file: libconfig text -> structs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/layout.h"
#include "collectors/profile_fields.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_-"

/* ---- the parts of a profile ---- */

static int read_detect(struct profile_reader *r, const config_setting_t *root)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "sysobjectid", F_OID, AT(profile_detect, sysobjectid) },
		{ "sysdescr", F_REGEX, AT(profile_detect, sysdescr) },
		{ "probe", F_OID, AT(profile_detect, probe) },
		{ "match", F_REGEX, AT(profile_detect, match) },
		{ NULL },
	};
	// clang-format on
	int n;

	r->box->p.detect = profile_read_groups(r, root, "detect", fields,
		sizeof(struct profile_detect), 64, &n);
	for (int i = 0; i < n; i++) {
		struct profile_detect *d = &r->box->p.detect[i];

		d->line = profile_line_of(root, "detect", i);
		if (d->match && !d->probe.n)
			return profile_fail(r, config_setting_get_member(root, "detect"),
				"a detect row has \"match\" but no \"probe\"");
	}
	r->box->p.n_detect = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}

struct raw_value {
	double value;
	regex_t *match;
	const char *text, *code;
	unsigned status;
};

/* The flag of the registry that a code names, or NULL. */
static const char *flag_of(struct profile_reader *r, const char *code)
{
	char name[128];

	if (snprintf(name, sizeof(name), "alarm.%s", code) >= (int)sizeof(name) ||
		!bb_point_find(name) || bb_point_find(name)->kind != BB_FLAG)
		return NULL;
	return profile_keep(r, name);
}

static int take_values(struct profile_reader *r, const config_setting_t *g,
	const struct raw_value *raw, int n, struct profile_map *map)
{
	struct profile_value *v = bb_arena_alloc(r->box->arena, (size_t)(n ? n : 1) * sizeof(*v));

	map->value = v;
	map->n = (unsigned)n;
	for (int i = 0; i < n; i++) {
		const config_setting_t *e =
			config_setting_get_elem(config_setting_get_member(g, "map"), (unsigned)i);

		if (!config_setting_get_member(e, "value") == !raw[i].match)
			return profile_fail(r, e,
				"a value needs either \"value\" (a number) or \"match\" (an expression over texts)");
		v[i] = (struct profile_value){ .value = (int64_t)raw[i].value,
			.match = raw[i].match,
			.text = raw[i].text,
			.status = raw[i].status,
			.flag = raw[i].code ? flag_of(r, raw[i].code) : NULL };
		if (raw[i].code && !v[i].flag)
			return profile_fail(r, e,
				"\"alarm.%.90s\" is no flag of the registry (common/point.def)",
				raw[i].code);
		map->has_flags |= v[i].flag != NULL;
	}
	return 0;
}

static int read_maps(struct profile_reader *r, const config_setting_t *root)
{
	struct raw {
		const char *name;
	};
	// clang-format off
	static const struct profile_field fields[] = {
		{ "name", F_STR, offsetof(struct raw, name), .needed = true },
		{ "map", F_NESTED, 0, .needed = true },
		{ NULL },
	};
	// clang-format on
	// clang-format off
	static const struct profile_field value_fields[] = {
		{ "value", F_NUM, AT(raw_value, value) },
		{ "match", F_REGEX, AT(raw_value, match) },
		{ "text", F_STR, AT(raw_value, text), .needed = true },
		{ "code", F_STR, AT(raw_value, code) },
		{ "status", F_STATUS, AT(raw_value, status) },
		{ NULL },
	};
	// clang-format on
	int n;
	struct raw *raw = profile_read_groups(r, root, "values", fields, sizeof(*raw), 100, &n);

	if (n <= 0)
		return n;
	r->box->p.map = bb_arena_alloc(r->box->arena, (size_t)n * sizeof(struct profile_map));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g =
			config_setting_get_elem(config_setting_get_member(root, "values"),
				(unsigned)i);
		int m;
		struct raw_value *rv = profile_read_groups(r, g, "map", value_fields, sizeof(*rv),
			MAP_MAX_VALUES, &m);

		if (m < 0)
			return -1;
		r->box->p.map[i] = (struct profile_map){ .name = raw[i].name };
		if (take_values(r, g, rv, m, &r->box->p.map[i]))
			return -1;
	}
	r->box->p.n_maps = (unsigned)n;
	return 0;
}

/* A point as written; names are resolved afterwards. */
struct raw_point {
	const char *point, *lines, *table, *values, *bits, *unit, *units, *source;
	struct profile_oid oid, column, unit_oid;
	regex_t *label;
	double scale, offset;
	int bit;
	int64_t true_when[8];
	unsigned n_true_when;
	unsigned status, status_false;
	uint8_t group;
	bool relearn, number_in_text, instead;
	const char *format;
	int first;
};

static int check_name(struct profile_reader *r, const config_setting_t *g, const char *name,
	const struct raw_point *raw, struct profile_point *p)
{
	const struct bb_point *known = profile_registry_point(name);

	if (!known)
		return profile_fail(r, g,
			"point \"%.90s\" is not in the registry (common/point.def)", name);
	if (p->name && known->kind != p->kind)
		return profile_fail(r, g, "points \"%s\" and \"%s\" are of different kinds",
			p->name, name);
	p->kind = (uint8_t)known->kind;
	if (strcmp(known->unit, raw->unit ? raw->unit : ""))
		return profile_fail(r, g,
			"point \"%s\" has the unit \"%s\" in the registry, not \"%s\"", name,
			known->unit, raw->unit ? raw->unit : "");
	return 0;
}

static int resolve_units(struct profile_reader *r, const config_setting_t *g,
	const struct raw_point *raw, struct profile_point *p)
{
	const struct profile *pr = &r->box->p;

	for (unsigned i = 0; raw->units && i < pr->n_units; i++) {
		if (!strcmp(pr->units[i].name, raw->units))
			p->units = &pr->units[i];
	}
	if (raw->units && !p->units)
		return profile_fail(r, g, "units \"%.60s\" are not in this profile", raw->units);
	if (raw->unit_oid.n && !p->units)
		return profile_fail(r, g,
			"point \"%s\" has \"unit_oid\" but no \"units\" that say what it means",
			p->name);
	if (p->units && p->kind != BB_NUMBER)
		return profile_fail(r, g, "point \"%s\" is no number; units do not fit", p->name);
	return 0;
}

static int resolve_point(struct profile_reader *r, const config_setting_t *g,
	const struct raw_point *raw, struct profile_point *p)
{
	const struct profile *pr = &r->box->p;
	const char *map = raw->values ? raw->values : raw->bits;

	if (!raw->oid.n == !raw->column.n)
		return profile_fail(r, g,
			"point \"%s\" needs either \"oid\" (with its instance) or \"column\"",
			p->name);
	if (!raw->column.n != !raw->table)
		return profile_fail(r, g, "point \"%s\": \"column\" and \"table\" belong together",
			p->name);
	if (raw->lines && !strstr(raw->lines, "{i}") && !strstr(raw->lines, "{ll}"))
		return profile_fail(r, g, "\"lines\" of point \"%s\" holds no {i} and no {ll}",
			p->name);
	if ((raw->lines || raw->label || strchr(p->name, '{')) && !raw->table)
		return profile_fail(r, g, "point \"%s\" has rows but no table", p->name);
	for (unsigned i = 0; raw->table && i < pr->n_tables; i++) {
		if (!strcmp(pr->table[i].name, raw->table))
			p->table = &pr->table[i];
	}
	if (raw->table && !p->table)
		return profile_fail(r, g, "table \"%.60s\" is not in this profile", raw->table);
	if (p->table && p->table->cell &&
		(raw->lines || strstr(p->name, "{i}") || p->kind == BB_FLAG ||
			p->group == GROUP_STATUS))
		return profile_fail(r, g,
			"point \"%s\" is one of strings or blocks: a number or text without {i}, not of group status",
			p->name);
	if (raw->label && !p->table->label.n)
		return profile_fail(r, g,
			"point \"%s\" asks for a label, but its table has no label column",
			p->name);
	for (unsigned i = 0; map && i < pr->n_maps; i++) {
		if (!strcmp(pr->map[i].name, map))
			p->map = &pr->map[i];
	}
	if (map && !p->map)
		return profile_fail(r, g, "values \"%.60s\" are not in this profile", map);
	if (map && p->kind != BB_TEXT)
		return profile_fail(r, g, "point \"%s\" is no text; names for values do not fit",
			p->name);
	if (p->kind == BB_FLAG && (p->bit < 0) == !p->n_true_when)
		return profile_fail(r, g, "flag \"%s\" needs either \"bit\" or \"true_when\"",
			p->name);
	if (p->kind != BB_FLAG && (p->bit >= 0 || p->n_true_when))
		return profile_fail(r, g, "\"bit\" and \"true_when\" are for flags; \"%s\" is none",
			p->name);
	if (p->kind != BB_FLAG && (p->status || p->status_false))
		return profile_fail(r, g,
			"\"status\" and \"status_false\" are for flags; \"%s\" is none", p->name);
	if (p->relearn && p->kind != BB_TEXT)
		return profile_fail(r, g, "\"relearn\" is for texts; point \"%s\" is none",
			p->name);
	if (!(p->scale != 0))
		return profile_fail(r, g, "\"scale\" of point \"%s\" must not be zero", p->name);
	if (!raw->source && !pr->source)
		return profile_fail(r, g, "neither point \"%s\" nor the profile states its source",
			p->name);
	return 0;
}

// clang-format off
static const struct profile_field point_fields[] = {
	{ "point", F_STR, AT(raw_point, point), .needed = true },
	{ "lines", F_STR, AT(raw_point, lines) },
	{ "group", F_GROUP, AT(raw_point, group), .needed = true },
	{ "oid", F_OID, AT(raw_point, oid) },
	{ "column", F_OID, AT(raw_point, column) },
	{ "table", F_STR, AT(raw_point, table) },
	{ "label", F_REGEX, AT(raw_point, label) },
	{ "only", F_NESTED },
	{ "repeat", F_NESTED }, { "first", F_INT, AT(raw_point, first), .max = 999 },
	{ "unit", F_STR, AT(raw_point, unit) },
	{ "scale", F_NUM, AT(raw_point, scale) },
	{ "offset", F_NUM, AT(raw_point, offset) },
	{ "values", F_STR, AT(raw_point, values) },
	{ "bits", F_STR, AT(raw_point, bits) },
	{ "bit", F_INT, AT(raw_point, bit), .max = 63 },
	{ "true_when", F_INTS, AT(raw_point, true_when), AT(raw_point, n_true_when), 8 },
	{ "number_in_text", F_BOOL, AT(raw_point, number_in_text) },
	{ "format", F_STR, AT(raw_point, format) },
	{ "units", F_STR, AT(raw_point, units) },
	{ "unit_oid", F_OID, AT(raw_point, unit_oid) },
	{ "instead", F_BOOL, AT(raw_point, instead) },
	{ "relearn", F_BOOL, AT(raw_point, relearn) },
	{ "status", F_STATUS, AT(raw_point, status) },
	{ "status_false", F_STATUS, AT(raw_point, status_false) },
	{ "source", F_STR, AT(raw_point, source) },
	{ NULL },
};
// clang-format on

static int read_format(struct profile_reader *r, const config_setting_t *g, const char *text,
	struct profile_point *p)
{
	p->format = !text                   ? PROFILE_AS_IS
		    : !strcmp(text, "mac")  ? PROFILE_MAC
		    : !strcmp(text, "hex")  ? PROFILE_HEX
		    : !strcmp(text, "time") ? PROFILE_TIME
					    : PROFILE_FORMATS;
	if (p->format == PROFILE_FORMATS)
		return profile_fail(r, g, "there is no format \"%.20s\": mac, hex or time", text);
	if (p->format == PROFILE_TIME)
		return strcmp(p->name, "device.clock.drift") == 0 && !p->table && p->scale == 1 && p->offset == 0
			       ? 0
			       : profile_fail(r, g, "the format \"time\" is for a scalar device.clock.drift without scale and offset");
	if (text && (p->kind != BB_TEXT || p->map))
		return profile_fail(r, g, "\"format\" is for plain texts; \"%s\" is none", p->name);
	return 0;
}

static int read_point(struct profile_reader *r, const config_setting_t *g, struct profile_point *p)
{
	struct raw_point raw = { 0 };

	if (profile_read_group(r, g, point_fields, &raw, "points"))
		return -1;
	*p = (struct profile_point){
		.origin = &r->box->p,
		.oid = raw.oid.n ? raw.oid : raw.column,
		.label = raw.label,
		.scale = config_setting_get_member(g, "scale") ? raw.scale : 1,
		.offset = raw.offset,
		.bit = config_setting_get_member(g, "bit") ? raw.bit : -1,
		.n_true_when = (uint8_t)raw.n_true_when,
		.group = raw.group,
		.bits = raw.bits,
		.number_in_text = raw.number_in_text,
		.unit_oid = raw.unit_oid,
		.instead = raw.instead,
		.relearn = raw.relearn,
		.status = raw.status,
		.status_false = raw.status_false,
		.line = config_setting_source_line(g),
	};
	memcpy(p->true_when, raw.true_when, sizeof(p->true_when));
	if (r->repeats) {
		int from = config_setting_get_int_elem(config_setting_get_member(g, "repeat"), 0);
		int first = config_setting_get_member(g, "first") ? raw.first : from ? from : 1;

		raw.point = profile_put_number(r, raw.point, first + r->number - from);
	}
	if (check_name(r, g, raw.point, &raw, p) ||
		profile_read_only(r, g, "only", &p->only, &p->n_only))
		return -1;
	p->name = raw.point;
	p->line_name = raw.lines;
	if (p->line_name && check_name(r, g, p->line_name, &raw, p))
		return -1;
	return resolve_point(r, g, &raw, p) || resolve_units(r, g, &raw, p) ||
			       read_format(r, g, raw.format, p)
		       ? -1
		       : 0;
}

/* The points of one group of the file: usually one. */
static int add_points(struct profile_reader *r, const config_setting_t *g)
{
	struct profile_box *b = r->box;
	int64_t range[2];

	r->repeats = profile_repeat(r, g, range) > 0;
	for (r->number = range[0]; r->number <= range[1]; r->number++) {
		struct profile_point *p = &b->own[b->n_own];

		if (read_point(r, g, p))
			return -1;
		for (unsigned k = 0; k < b->n_own; k++) {
			if (!strcmp(b->own[k].name, p->name) &&
				profile_check_twin(r, g, p, &b->own[k]))
				return -1;
		}
		b->n_own++;
	}
	r->repeats = false;
	return 0;
}

static int read_points(struct profile_reader *r, const config_setting_t *root)
{
	const config_setting_t *list = config_setting_get_member(root, "points");
	int64_t n = 0, range[2];

	if (config_setting_type(list) != CONFIG_TYPE_LIST)
		return profile_fail(r, list, "\"points\" must be a list in round brackets");
	for (int i = 0; i < config_setting_length(list); i++) {
		if (profile_repeat(r, config_setting_get_elem(list, (unsigned)i), range) < 0)
			return -1;
		n += range[1] - range[0] + 1;
	}
	if (n > PROFILE_MAX_POINTS)
		return profile_fail(r, list, "there are more than %d points", PROFILE_MAX_POINTS);
	r->box->own = bb_arena_alloc(r->box->arena, ((size_t)n + 1) * sizeof(*r->box->own));
	for (int i = 0; i < config_setting_length(list); i++) {
		if (add_points(r, config_setting_get_elem(list, (unsigned)i)))
			return -1;
	}
	return 0;
}

/* ---- the file ---- */

static int read_head(struct profile_reader *r, const config_setting_t *root)
{
	struct head {
		const char *name, *title, *source, *transport, *base, *also[PROFILE_MAX_ALSO];
		unsigned n_also;
		int priority;
		struct profile_oid root;
	} h = { 0 };
	// clang-format off
	static const struct profile_field fields[] = {
		{ "name", F_STR, offsetof(struct head, name), .needed = true },
		{ "title", F_STR, offsetof(struct head, title), .needed = true },
		{ "transport", F_STR, offsetof(struct head, transport), .needed = true },
		{ "source", F_STR, offsetof(struct head, source), .needed = true },
		{ "base", F_STR, offsetof(struct head, base) },
		{ "also", F_STRINGS, offsetof(struct head, also), offsetof(struct head, n_also), PROFILE_MAX_ALSO },
		{ "priority", F_INT, offsetof(struct head, priority), .max = 1000 },
		{ "root", F_OID, offsetof(struct head, root) },
		{ "detect", F_NESTED }, { "values", F_NESTED }, { "units", F_NESTED }, { "tables", F_NESTED }, { "points", F_NESTED, .needed = true },
		{ "traps", F_NESTED }, { "alarms", F_NESTED }, { "derived", F_NESTED }, { "quirks", F_NESTED },
		{ "commands", F_NESTED },
		{ NULL },
	};
	// clang-format on

	if (profile_read_group(r, root, fields, &h, "the profile"))
		return -1;
	if (!*h.name || strlen(h.name) > 40 || strspn(h.name, NAME_CHARS) != strlen(h.name) ||
		!strcmp(h.name, "auto"))
		return profile_fail(r, config_setting_get_member(root, "name"),
			"the name must be 1 to 40 of " NAME_CHARS " and not \"auto\"");
	r->root = h.root;
	r->box->p.name = h.name;
	r->box->p.title = h.title;
	r->box->p.source = *h.source ? h.source : NULL;
	r->box->p.transport = h.transport;
	r->box->p.base_name = h.base && *h.base ? h.base : NULL;
	memcpy(r->box->p.also, h.also, sizeof(h.also));
	r->box->p.n_also = h.n_also;
	r->box->p.priority = h.priority;
	r->box->p.file = profile_keep(r, r->file);
	return 0;
}

static int read_profile(struct profile_reader *r, const config_setting_t *root)
{
	static int (*const part[])(struct profile_reader *, const config_setting_t *) = {
		read_head,
		read_detect,
		read_maps,
		profile_read_unit_lists,
		profile_read_tables,
		read_points,
		profile_read_alarms,
		profile_read_derived,
		profile_read_quirks,
		profile_read_commands,
	};

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (part[i](r, root))
			return -1;
	}
	return 0;
}

struct profile_box *profile_box_read(const char *file, const char *text, struct bb_err *err)
{
	struct profile_box *b = bb_calloc(1, sizeof(*b));
	struct profile_reader r = { .box = b, .file = file, .err = err };
	config_t cfg;
	int rc;

	b->arena = bb_arena_new(4096, 0);
	config_init(&cfg);
	if (config_read_string(&cfg, text) == CONFIG_TRUE)
		rc = read_profile(&r, config_root_setting(&cfg));
	else
		rc = bb_err_set(err, "%s:%d: %s", file, config_error_line(&cfg),
			config_error_text(&cfg));
	config_destroy(&cfg);
	if (!rc)
		return b;
	profile_box_free(b);
	return NULL;
}

void profile_box_free(struct profile_box *b)
{
	for (unsigned i = 0; i < b->n_regex; i++) {
		regfree(b->regex[i]);
		free(b->regex[i]);
	}
	free(b->regex);
	bb_arena_free(b->arena);
	free(b);
}
