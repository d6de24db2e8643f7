// SPDX-License-Identifier: Apache-2.0
/* One profile file: libconfig text -> structs. Each group of the file is a table of keys (struct field), so that an unknown key, a
 * wrong type and a value out of range are told apart by one function and always carry file, line and reason. */
#include <fnmatch.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/layout.h"
#include "collectors/profile_priv.h"
#include "common/point.h"
#include "common/str.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_-"

struct reader {
	struct profile_box *box;
	const char *file;
	struct bb_err *err;
	struct profile_oid root;
};

enum field_type { F_STR, F_OID, F_REGEX, F_INT, F_NUM, F_BOOL, F_STRINGS, F_INTS, F_OIDS, F_STATUS, F_GROUP, F_NESTED };
struct field {
	const char *key;
	enum field_type type;
	size_t offset;          /* of the member that takes it */
	size_t count;           /* lists: offset of the element count, an unsigned */
	unsigned max;           /* lists: elements; F_INT: greatest value */
	bool needed;
};

static int fail(struct reader *r, const config_setting_t *s, const char *fmt, ...) BB_PRINTF(3, 4);
static int fail(struct reader *r, const config_setting_t *s, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return bb_err_set(r->err, "%s:%u: %s", r->file, s ? config_setting_source_line(s) : 0U, text);
}

static const char *keep(struct reader *r, const char *s)
{
	return bb_arena_strdup(r->box->arena, s);
}

/* ---- one value ---- */

static const char *string_of(struct reader *r, const config_setting_t *s)
{
	const char *text = config_setting_type(s) == CONFIG_TYPE_STRING ? config_setting_get_string(s) : NULL;

	if (!text || strlen(text) > 400 || !bb_utf8_valid(text, strlen(text))) {
		fail(r, s, "\"%s\" must be a text of at most 400 bytes", config_setting_name(s) ? config_setting_name(s) : "element");
		return NULL;
	}
	return text;
}

static int read_oid(struct reader *r, const config_setting_t *s, struct profile_oid *out)
{
	const char *text = string_of(r, s);
	struct profile_oid o;

	if (!text)
		return -1;
	if (profile_oid_parse(text, &o))
		return fail(r, s, "\"%.100s\" is not an OID of at most %d numbers", text, PROFILE_OID_MAX);
	*out = o;
	if (text[0] == '.')
		return 0;
	if (!r->root.n)
		return fail(r, s, "OID \"%.100s\" is relative, but the profile has no root; begin it with a dot", text);
	if (r->root.n + o.n > PROFILE_OID_MAX)
		return fail(r, s, "OID \"%.100s\" is too long below its root", text);
	*out = r->root;
	memcpy(out->id + out->n, o.id, o.n * sizeof(o.id[0]));
	out->n = (uint8_t)(out->n + o.n);
	return 0;
}

static int read_regex(struct reader *r, const config_setting_t *s, regex_t **out)
{
	const char *text = string_of(r, s);
	struct profile_box *b = r->box;
	char why[120];

	if (!text)
		return -1;
	regex_t *re = bb_calloc(1, sizeof(*re));
	int rc = regcomp(re, text, REG_EXTENDED | REG_NOSUB);
	if (rc) {
		regerror(rc, re, why, sizeof(why));
		free(re);
		return fail(r, s, "\"%.100s\" is not an extended regular expression: %s", text, why);
	}
	b->regex = bb_realloc(b->regex, (b->n_regex + 1) * sizeof(*b->regex));
	b->regex[b->n_regex++] = re;
	*out = re;
	return 0;
}

static int int_of(struct reader *r, const config_setting_t *s, int64_t *v)
{
	int type = config_setting_type(s);

	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
		return fail(r, s, "\"%s\" must be a whole number", config_setting_name(s) ? config_setting_name(s) : "element");
	*v = config_setting_get_int64(s);
	return 0;
}

static int read_number(struct reader *r, const config_setting_t *s, double *v)
{
	int64_t whole = 0;

	if (config_setting_type(s) == CONFIG_TYPE_FLOAT) {
		*v = config_setting_get_float(s);
		return 0;
	}
	if (int_of(r, s, &whole))
		return fail(r, s, "\"%s\" must be a number", config_setting_name(s));
	*v = (double)whole;
	return 0;
}

static int read_status(struct reader *r, const config_setting_t *s, unsigned *bits)
{
	const char *text = string_of(r, s);
	char again[128];

	if (!text)
		return -1;
	*bits = bb_status_parse(text);
	if (strlen(bb_status_print(*bits, again, sizeof(again))) != strlen(text))
		return fail(r, s, "\"%.60s\" holds a word that is not a status word", text);
	return 0;
}

static int read_list(struct reader *r, const config_setting_t *s, const struct field *f, char *base)
{
	int n = config_setting_length(s);
	int type = config_setting_type(s);

	if ((type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) || n > (int)f->max)
		return fail(r, s, "\"%s\" must be a list of at most %u elements", f->key, f->max);
	for (int i = 0; i < n; i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);
		void *at = base + f->offset;

		if (f->type == F_STRINGS) {
			const char *text = string_of(r, e);

			if (!text)
				return -1;
			((const char **)at)[i] = keep(r, text);
		} else if (f->type == F_INTS ? int_of(r, e, (int64_t *)at + i) : read_oid(r, e, (struct profile_oid *)at + i)) {
			return -1;
		}
	}
	*(unsigned *)(void *)(base + f->count) = (unsigned)n;
	return 0;
}

static int read_field(struct reader *r, const config_setting_t *s, const struct field *f, char *base)
{
	void *at = base + f->offset;
	const char *text;
	int64_t v;

	switch (f->type) {
	case F_STR:
		text = string_of(r, s);
		*(const char **)at = text ? keep(r, text) : NULL;
		return text ? 0 : -1;
	case F_OID:
		return read_oid(r, s, at);
	case F_REGEX:
		return read_regex(r, s, at);
	case F_INT:
		if (int_of(r, s, &v))
			return -1;
		if (v < -1000 || v > (int64_t)f->max)
			return fail(r, s, "\"%s\" must be at most %u", f->key, f->max);
		*(int *)at = (int)v;
		return 0;
	case F_NUM:
		return read_number(r, s, at);
	case F_BOOL:
		if (config_setting_type(s) != CONFIG_TYPE_BOOL)
			return fail(r, s, "\"%s\" must be true or false", f->key);
		*(bool *)at = config_setting_get_bool(s);
		return 0;
	case F_STATUS:
		return read_status(r, s, at);
	case F_GROUP:
		text = string_of(r, s);
		if (!text)
			return -1;
		if (collector_group_parse(text) < 0)
			return fail(r, s, "group \"%.40s\" is not status, measure or ident", text);
		*(uint8_t *)at = (uint8_t)collector_group_parse(text);
		return 0;
	case F_STRINGS:
	case F_INTS:
	case F_OIDS:
		return read_list(r, s, f, base);
	case F_NESTED:
		return 0;
	}
	return -1;
}

/* A group of the file into the struct at `base`. */
static int read_group(struct reader *r, const config_setting_t *g, const struct field *fields, void *base, const char *what)
{
	if (config_setting_type(g) != CONFIG_TYPE_GROUP)
		return fail(r, g, "%s must be a group in braces", what);
	for (int i = 0; i < config_setting_length(g); i++) {
		const config_setting_t *s = config_setting_get_elem(g, (unsigned)i);
		const struct field *f = fields;

		while (f->key && strcmp(f->key, config_setting_name(s)))
			f++;
		if (!f->key)
			return fail(r, s, "\"%.60s\" is not a setting of %s", config_setting_name(s), what);
		if (read_field(r, s, f, base))
			return -1;
	}
	for (const struct field *f = fields; f->key; f++) {
		if (f->needed && !config_setting_get_member(g, f->key))
			return fail(r, g, "%s lacks \"%s\"", what, f->key);
	}
	return 0;
}

/* A list of groups; *n receives the number. Returns the memory, or NULL with *n = -1 on errors. */
static void *read_groups(struct reader *r, const config_setting_t *parent, const char *key, const struct field *fields, size_t size,
	int max, int *n)
{
	const config_setting_t *list = config_setting_get_member(parent, key);

	*n = 0;
	if (!list)
		return NULL;
	int len = config_setting_length(list);
	if (config_setting_type(list) != CONFIG_TYPE_LIST || len > max) {
		*n = fail(r, list, "\"%s\" must be a list in round brackets of at most %d groups", key, max);
		return NULL;
	}
	char *all = bb_arena_alloc(r->box->arena, (size_t)(len ? len : 1) * size);
	for (int i = 0; i < len; i++) {
		if (read_group(r, config_setting_get_elem(list, (unsigned)i), fields, all + (size_t)i * size, key)) {
			*n = -1;
			return NULL;
		}
	}
	*n = len;
	return all;
}

static unsigned line_of(const config_setting_t *parent, const char *key, int i)
{
	return config_setting_source_line(config_setting_get_elem(config_setting_get_member(parent, key), (unsigned)i));
}

/* ---- the parts of a profile ---- */

#define AT(type, member) offsetof(struct type, member)

static int read_detect(struct reader *r, const config_setting_t *root)
{
	static const struct field fields[] = {
		{ "sysobjectid", F_OID, AT(profile_detect, sysobjectid) },
		{ "sysdescr", F_REGEX, AT(profile_detect, sysdescr) },
		{ "probe", F_OID, AT(profile_detect, probe) },
		{ "match", F_REGEX, AT(profile_detect, match) },
		{ NULL },
	};
	int n;

	r->box->p.detect = read_groups(r, root, "detect", fields, sizeof(struct profile_detect), 64, &n);
	for (int i = 0; i < n; i++) {
		struct profile_detect *d = &r->box->p.detect[i];

		d->line = line_of(root, "detect", i);
		if (d->match && !d->probe.n)
			return fail(r, config_setting_get_member(root, "detect"), "a detect row has \"match\" but no \"probe\"");
	}
	r->box->p.n_detect = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}

static int read_maps(struct reader *r, const config_setting_t *root)
{
	struct raw {
		const char *name;
	};
	static const struct field fields[] = {
		{ "name", F_STR, offsetof(struct raw, name), .needed = true },
		{ "map", F_NESTED, 0, .needed = true },
		{ NULL },
	};
	static const struct field value_fields[] = {
		{ "value", F_NUM, 0, .needed = true },
		{ "text", F_STR, sizeof(double), .needed = true },
		{ "status", F_STATUS, sizeof(double) + sizeof(char *) },
		{ NULL },
	};
	struct raw_value {
		double value;
		const char *text;
		unsigned status;
	};
	int n;
	struct raw *raw = read_groups(r, root, "values", fields, sizeof(*raw), 100, &n);

	if (n <= 0)
		return n;
	r->box->p.map = bb_arena_alloc(r->box->arena, (size_t)n * sizeof(struct profile_map));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g = config_setting_get_elem(config_setting_get_member(root, "values"), (unsigned)i);
		int m;
		struct raw_value *rv = read_groups(r, g, "map", value_fields, sizeof(*rv), 200, &m);

		if (m < 0)
			return -1;
		struct profile_value *v = bb_arena_alloc(r->box->arena, (size_t)(m ? m : 1) * sizeof(*v));
		for (int k = 0; k < m; k++)
			v[k] = (struct profile_value){ .value = (int64_t)rv[k].value, .text = rv[k].text, .status = rv[k].status };
		r->box->p.map[i] = (struct profile_map){ .name = raw[i].name, .n = (unsigned)m, .value = v };
	}
	r->box->p.n_maps = (unsigned)n;
	return 0;
}

static int read_tables(struct reader *r, const config_setting_t *root)
{
	static const struct field fields[] = {
		{ "name", F_STR, AT(profile_table, name), .needed = true },
		{ "count", F_OID, AT(profile_table, count) },
		{ "label", F_OID, AT(profile_table, label) },
		{ "unit", F_OID, AT(profile_table, unit) },
		{ "units", F_NESTED, 0 },
		{ "max_rows", F_INT, AT(profile_table, max_rows), .max = PROFILE_MAX_ROWS },
		{ "drop_zero_rows", F_BOOL, AT(profile_table, drop_zero_rows) },
		{ "like", F_STR, AT(profile_table, like) },
		{ NULL },
	};
	static const struct field unit_fields[] = {
		{ "text", F_STR, AT(profile_unit, text), .needed = true },
		{ "scale", F_NUM, AT(profile_unit, scale), .needed = true },
		{ "offset", F_NUM, AT(profile_unit, offset) },
		{ NULL },
	};
	int n;

	r->box->p.table = read_groups(r, root, "tables", fields, sizeof(struct profile_table), 50, &n);
	for (int i = 0; i < n; i++) {
		const config_setting_t *g = config_setting_get_elem(config_setting_get_member(root, "tables"), (unsigned)i);
		struct profile_table *t = &r->box->p.table[i];
		int m;

		t->units = read_groups(r, g, "units", unit_fields, sizeof(struct profile_unit), 40, &m);
		if (m < 0)
			return -1;
		t->n_units = (unsigned)m;
		if (!t->unit.n != !m)
			return fail(r, g, "table \"%s\" needs both \"unit\" (column) and \"units\" (what the texts mean), or none", t->name);
		if ((int)t->max_rows < 0)
			return fail(r, g, "\"max_rows\" must not be negative");
		if (!t->max_rows)
			t->max_rows = 3;
	}
	r->box->p.n_tables = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}

/* A point as written; names are resolved afterwards. */
struct raw_point {
	const char *point, *lines, *table, *values, *bits, *unit, *source;
	struct profile_oid oid, column;
	regex_t *label;
	double scale, offset;
	int bit;
	int64_t true_when[8];
	unsigned n_true_when;
	uint8_t group;
	bool number_in_text;
};

/* A name of the file with {i} replaced as the first row would be. */
static const struct bb_point *point_of(const char *name)
{
	char one[128];
	const char *mark = strstr(name, "{i}");

	if (!mark)
		return bb_point_find(name);
	if (snprintf(one, sizeof(one), "%.*s1%s", (int)(mark - name), name, mark + 3) >= (int)sizeof(one))
		return NULL;
	return bb_point_find(one);
}

static int check_name(struct reader *r, const config_setting_t *g, const char *name, const struct raw_point *raw, struct profile_point *p)
{
	const struct bb_point *known = point_of(name);

	if (!known)
		return fail(r, g, "point \"%.90s\" is not in the registry (common/point.def)", name);
	if (p->name && known->kind != p->kind)
		return fail(r, g, "points \"%s\" and \"%s\" are of different kinds", p->name, name);
	p->kind = (uint8_t)known->kind;
	if (strcmp(known->unit, raw->unit ? raw->unit : ""))
		return fail(r, g, "point \"%s\" has the unit \"%s\" in the registry, not \"%s\"", name, known->unit,
			raw->unit ? raw->unit : "");
	return 0;
}

static int resolve_point(struct reader *r, const config_setting_t *g, const struct raw_point *raw, struct profile_point *p)
{
	const struct profile *pr = &r->box->p;
	const char *map = raw->values ? raw->values : raw->bits;

	if (!raw->oid.n == !raw->column.n)
		return fail(r, g, "point \"%s\" needs either \"oid\" (with its instance) or \"column\"", p->name);
	if (!raw->column.n != !raw->table)
		return fail(r, g, "point \"%s\": \"column\" and \"table\" belong together", p->name);
	if (raw->lines && !strstr(raw->lines, "{i}"))
		return fail(r, g, "\"lines\" of point \"%s\" holds no {i}", p->name);
	if ((raw->lines || raw->label || strstr(p->name, "{i}")) && !raw->table)
		return fail(r, g, "point \"%s\" has rows but no table", p->name);
	for (unsigned i = 0; raw->table && i < pr->n_tables; i++) {
		if (!strcmp(pr->table[i].name, raw->table))
			p->table = &pr->table[i];
	}
	if (raw->table && !p->table)
		return fail(r, g, "table \"%.60s\" is not in this profile", raw->table);
	if (raw->label && !p->table->label.n)
		return fail(r, g, "point \"%s\" asks for a label, but its table has no label column", p->name);
	for (unsigned i = 0; map && i < pr->n_maps; i++) {
		if (!strcmp(pr->map[i].name, map))
			p->map = &pr->map[i];
	}
	if (map && !p->map)
		return fail(r, g, "values \"%.60s\" are not in this profile", map);
	if (map && p->kind != BB_TEXT)
		return fail(r, g, "point \"%s\" is no text; names for values do not fit", p->name);
	if (p->kind == BB_FLAG && (p->bit < 0) == !p->n_true_when)
		return fail(r, g, "flag \"%s\" needs either \"bit\" or \"true_when\"", p->name);
	if (p->kind != BB_FLAG && (p->bit >= 0 || p->n_true_when))
		return fail(r, g, "\"bit\" and \"true_when\" are for flags; \"%s\" is none", p->name);
	if (!(p->scale != 0))
		return fail(r, g, "\"scale\" of point \"%s\" must not be zero", p->name);
	if (!raw->source && !pr->source)
		return fail(r, g, "neither point \"%s\" nor the profile states its source", p->name);
	return 0;
}

static int read_points(struct reader *r, const config_setting_t *root)
{
	static const struct field fields[] = {
		{ "point", F_STR, AT(raw_point, point), .needed = true },
		{ "lines", F_STR, AT(raw_point, lines) },
		{ "group", F_GROUP, AT(raw_point, group), .needed = true },
		{ "oid", F_OID, AT(raw_point, oid) },
		{ "column", F_OID, AT(raw_point, column) },
		{ "table", F_STR, AT(raw_point, table) },
		{ "label", F_REGEX, AT(raw_point, label) },
		{ "unit", F_STR, AT(raw_point, unit) },
		{ "scale", F_NUM, AT(raw_point, scale) },
		{ "offset", F_NUM, AT(raw_point, offset) },
		{ "values", F_STR, AT(raw_point, values) },
		{ "bits", F_STR, AT(raw_point, bits) },
		{ "bit", F_INT, AT(raw_point, bit), .max = 63 },
		{ "true_when", F_INTS, AT(raw_point, true_when), AT(raw_point, n_true_when), 8 },
		{ "number_in_text", F_BOOL, AT(raw_point, number_in_text) },
		{ "source", F_STR, AT(raw_point, source) },
		{ NULL },
	};
	struct profile_box *b = r->box;
	int n;
	struct raw_point *raw = read_groups(r, root, "points", fields, sizeof(*raw), PROFILE_MAX_POINTS, &n);

	if (n <= 0)
		return n;
	b->own = bb_arena_alloc(b->arena, (size_t)n * sizeof(*b->own));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g = config_setting_get_elem(config_setting_get_member(root, "points"), (unsigned)i);
		struct profile_point *p = &b->own[i];

		*p = (struct profile_point){
			.origin = &b->p,
			.oid = raw[i].oid.n ? raw[i].oid : raw[i].column,
			.label = raw[i].label,
			.scale = config_setting_get_member(g, "scale") ? raw[i].scale : 1,
			.offset = raw[i].offset,
			.bit = config_setting_get_member(g, "bit") ? raw[i].bit : -1,
			.n_true_when = (uint8_t)raw[i].n_true_when,
			.group = raw[i].group,
			.bits = raw[i].bits,
			.number_in_text = raw[i].number_in_text,
			.line = config_setting_source_line(g),
		};
		memcpy(p->true_when, raw[i].true_when, sizeof(p->true_when));
		if (check_name(r, g, raw[i].point, &raw[i], p))
			return -1;
		p->name = raw[i].point;
		p->line_name = raw[i].lines;
		if ((p->line_name && check_name(r, g, p->line_name, &raw[i], p)) || resolve_point(r, g, &raw[i], p))
			return -1;
		for (int k = 0; k < i; k++) {
			if (!strcmp(b->own[k].name, p->name) && !p->label)
				return fail(r, g, "point \"%s\" is there twice, first in line %u", p->name, b->own[k].line);
		}
	}
	b->n_own = (unsigned)n;
	return 0;
}

static int read_alarms(struct reader *r, const config_setting_t *root)
{
	struct raw_code {
		struct profile_oid oid;
		const char *code;
		unsigned status;
	};
	static const struct field fields[] = {
		{ "count", F_OID, AT(profile_alarms, count) },
		{ "column", F_OID, AT(profile_alarms, column), .needed = true },
		{ "codes", F_NESTED, 0, .needed = true },
		{ NULL },
	};
	static const struct field code_fields[] = {
		{ "oid", F_OID, offsetof(struct raw_code, oid), .needed = true },
		{ "code", F_STR, offsetof(struct raw_code, code), .needed = true },
		{ "status", F_STATUS, offsetof(struct raw_code, status) },
		{ NULL },
	};
	const config_setting_t *g = config_setting_get_member(root, "alarms");
	struct profile_alarms *a = &r->box->p.alarms;
	int n;

	if (!g)
		return 0;
	if (read_group(r, g, fields, a, "alarms"))
		return -1;
	struct raw_code *raw = read_groups(r, g, "codes", code_fields, sizeof(*raw), 200, &n);
	if (n < 0)
		return -1;
	struct profile_alarm_code *code = bb_arena_alloc(r->box->arena, (size_t)(n ? n : 1) * sizeof(*code));
	for (int i = 0; i < n; i++) {
		char name[128];

		if (snprintf(name, sizeof(name), "alarm.%s", raw[i].code) >= (int)sizeof(name) || !bb_point_find(name) ||
			bb_point_find(name)->kind != BB_FLAG)
			return fail(r, config_setting_get_elem(config_setting_get_member(g, "codes"), (unsigned)i),
				"\"alarm.%.90s\" is no flag of the registry (common/point.def)", raw[i].code);
		code[i] = (struct profile_alarm_code){ .oid = raw[i].oid, .name = keep(r, name), .status = raw[i].status };
	}
	a->code = code;
	a->n = (unsigned)n;
	return 0;
}

static int read_derived(struct reader *r, const config_setting_t *root)
{
	struct raw {
		const char *point, *from, *how;
		uint8_t group;
	};
	static const struct field fields[] = {
		{ "point", F_STR, offsetof(struct raw, point), .needed = true },
		{ "from", F_STR, offsetof(struct raw, from), .needed = true },
		{ "how", F_STR, offsetof(struct raw, how), .needed = true },
		{ "group", F_GROUP, offsetof(struct raw, group), .needed = true },
		{ NULL },
	};
	static const char *const how[] = { [PROFILE_MAX] = "max", [PROFILE_SUM] = "sum", [PROFILE_FIRST] = "first" };
	int n;
	struct raw *raw = read_groups(r, root, "derived", fields, sizeof(*raw), 50, &n);

	if (n <= 0)
		return n;
	r->box->p.derived = bb_arena_alloc(r->box->arena, (size_t)n * sizeof(struct profile_derived));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g = config_setting_get_elem(config_setting_get_member(root, "derived"), (unsigned)i);
		struct profile_derived *d = &r->box->p.derived[i];
		const struct bb_point *known = bb_point_find(raw[i].point), *from = point_of(raw[i].from);
		unsigned k = 0;

		while (k < 3 && strcmp(how[k], raw[i].how))
			k++;
		if (k == 3)
			return fail(r, g, "\"how\" must be max, sum or first");
		if (!known || !from || known->kind != BB_NUMBER || from->kind != BB_NUMBER || strcmp(known->unit, from->unit))
			return fail(r, g, "\"%.60s\" from \"%.60s\": both must be numbers of the registry with the same unit",
				raw[i].point, raw[i].from);
		*d = (struct profile_derived){ .name = raw[i].point, .from = raw[i].from, .how = (enum profile_how)k, .group = raw[i].group };
	}
	r->box->p.n_derived = (unsigned)n;
	return 0;
}

/* ---- quirks ---- */

static const char *const quirk_name[] = {
	[QUIRK_SENTINEL] = "sentinel", [QUIRK_NEGATIVE] = "negative-unknown", [QUIRK_BELOW] = "below-unknown",
	[QUIRK_UNSET] = "unset-until-seen", [QUIRK_SCALE] = "scale", [QUIRK_DIVIDE] = "divide-if-above", [QUIRK_ZERO_UNKNOWN] = "zero-unknown-when",
	[QUIRK_POWER] = "power-check", [QUIRK_NO_BULK] = "no-bulk",
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
	return b->p.base_name;
}

static int check_quirk(struct reader *r, const config_setting_t *g, struct raw_quirk *raw)
{
	static const struct {
		bool value, limit, with;
	} needs[N_QUIRKS] = {
		[QUIRK_SENTINEL] = { .value = true }, [QUIRK_BELOW] = { .limit = true }, [QUIRK_UNSET] = { .value = true },
		[QUIRK_DIVIDE] = { .limit = true }, [QUIRK_ZERO_UNKNOWN] = { .with = true },
	};
	struct profile_quirk *q = &raw->q;
	unsigned k = 0;

	while (k < N_QUIRKS && strcmp(quirk_name[k], raw->kind))
		k++;
	if (k == N_QUIRKS)
		return fail(r, g, "\"%.60s\" is not a kind of quirk", raw->kind);
	q->kind = (enum profile_quirk_kind)k;
	if (!q->n_points && q->kind != QUIRK_NO_BULK)
		return fail(r, g, "quirk %s names no points", raw->kind);
	for (unsigned i = 0; i < q->n_points; i++) {
		if (!names_a_point(r->box, q->points[i]))
			return fail(r, g, "quirk %s: no point of this profile is called \"%.60s\"", raw->kind, q->points[i]);
	}
	for (unsigned i = 0; i < q->n_with; i++) {
		if (!names_a_point(r->box, q->with[i]))
			return fail(r, g, "quirk %s: no point of this profile is called \"%.60s\"", raw->kind, q->with[i]);
	}
	if ((needs[k].value && !q->n_value) || (needs[k].limit && !config_setting_get_member(g, "limit")) || (needs[k].with && !q->n_with))
		return fail(r, g, "quirk %s lacks \"values\", \"limit\" or \"with\"", raw->kind);
	if ((q->kind == QUIRK_DIVIDE || q->kind == QUIRK_SCALE) && !(q->factor > 0))
		return fail(r, g, "quirk %s needs a \"factor\" above zero", raw->kind);
	if (q->kind == QUIRK_POWER && (!q->voltage || !q->current || !names_a_point(r->box, q->voltage) || !names_a_point(r->box, q->current)))
		return fail(r, g, "quirk %s needs \"voltage\" and \"current\", points of this profile", raw->kind);
	return 0;
}

static int read_condition(struct reader *r, const config_setting_t *g, struct profile_condition *c)
{
	static const struct field fields[] = {
		{ "sysobjectid", F_OIDS, AT(profile_condition, sysobjectid), AT(profile_condition, n_sysobjectid), 8 },
		{ "sysdescr", F_REGEX, AT(profile_condition, sysdescr) },
		{ "point", F_STR, AT(profile_condition, point) },
		{ "match", F_REGEX, AT(profile_condition, match) },
		{ "from_version", F_STR, AT(profile_condition, from_version) },
		{ "below_version", F_STR, AT(profile_condition, below_version) },
		{ NULL },
	};
	const config_setting_t *w = config_setting_get_member(g, "when");

	if (!w)
		return 0;
	if (read_group(r, w, fields, c, "when"))
		return -1;
	if (c->point && !names_a_point(r->box, c->point))
		return fail(r, w, "no point of this profile is called \"%.60s\"", c->point);
	if (!c->point && (c->match || c->from_version || c->below_version))
		return fail(r, w, "\"match\" and versions need the \"point\" they look at");
	return 0;
}

static int read_quirks(struct reader *r, const config_setting_t *root)
{
	static const struct field fields[] = {
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
	struct profile_box *b = r->box;
	int n;
	struct raw_quirk *raw = read_groups(r, root, "quirks", fields, sizeof(*raw), PROFILE_MAX_QUIRKS, &n);

	b->p.quirk = bb_arena_alloc(b->arena, PROFILE_MAX_QUIRKS * sizeof(struct profile_quirk));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g = config_setting_get_elem(config_setting_get_member(root, "quirks"), (unsigned)i);

		if (check_quirk(r, g, &raw[i]) || read_condition(r, g, &raw[i].q.when))
			return -1;
		raw[i].q.line = config_setting_source_line(g);
		b->p.quirk[i] = raw[i].q;
	}
	b->n_own_quirks = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}

/* ---- the file ---- */

static int read_head(struct reader *r, const config_setting_t *root)
{
	struct head {
		const char *name, *title, *source, *transport, *base;
		int priority;
		struct profile_oid root;
	} h = { 0 };
	static const struct field fields[] = {
		{ "name", F_STR, offsetof(struct head, name), .needed = true },
		{ "title", F_STR, offsetof(struct head, title), .needed = true },
		{ "transport", F_STR, offsetof(struct head, transport), .needed = true },
		{ "source", F_STR, offsetof(struct head, source), .needed = true },
		{ "base", F_STR, offsetof(struct head, base) },
		{ "priority", F_INT, offsetof(struct head, priority), .max = 1000 },
		{ "root", F_OID, offsetof(struct head, root) },
		{ "detect", F_NESTED }, { "values", F_NESTED }, { "tables", F_NESTED }, { "points", F_NESTED, .needed = true },
		{ "alarms", F_NESTED }, { "derived", F_NESTED }, { "quirks", F_NESTED },
		{ NULL },
	};

	if (read_group(r, root, fields, &h, "the profile"))
		return -1;
	if (!*h.name || strlen(h.name) > 40 || strspn(h.name, NAME_CHARS) != strlen(h.name) || !strcmp(h.name, "auto"))
		return fail(r, config_setting_get_member(root, "name"), "the name must be 1 to 40 of " NAME_CHARS " and not \"auto\"");
	r->root = h.root;
	r->box->p.name = h.name;
	r->box->p.title = h.title;
	r->box->p.source = *h.source ? h.source : NULL;
	r->box->p.transport = h.transport;
	r->box->p.base_name = h.base && *h.base ? h.base : NULL;
	r->box->p.priority = h.priority;
	r->box->p.file = keep(r, r->file);
	return 0;
}

static int read_profile(struct reader *r, const config_setting_t *root)
{
	static int (*const part[])(struct reader *, const config_setting_t *) = {
		read_head, read_detect, read_maps, read_tables, read_points, read_alarms, read_derived, read_quirks,
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
	struct reader r = { .box = b, .file = file, .err = err };
	config_t cfg;
	int rc;

	b->arena = bb_arena_new(65536, 0);
	config_init(&cfg);
	if (config_read_string(&cfg, text) == CONFIG_TRUE)
		rc = read_profile(&r, config_root_setting(&cfg));
	else
		rc = bb_err_set(err, "%s:%d: %s", file, config_error_line(&cfg), config_error_text(&cfg));
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
