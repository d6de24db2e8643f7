// SPDX-License-Identifier: Apache-2.0
/* The parts of a profile that say which rows a device has and how they are numbered: tables, units,
 * conditions, numbers, points that are written down once for many rows. */
#include <stdio.h>
#include <string.h>

#include "collectors/profile_fields.h"

int profile_read_only(struct profile_reader *r, const config_setting_t *g, const char *key,
	const struct profile_only **out, unsigned *n_out)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "column", F_OID, AT(profile_only, column), .needed = true },
		{ "is", F_INTS, AT(profile_only, is), AT(profile_only, n_is), 32 },
		{ "is_not", F_INTS, AT(profile_only, is_not), AT(profile_only, n_is_not), 32 },
		{ "match", F_REGEX, AT(profile_only, match) },
		{ "unless", F_REGEX, AT(profile_only, unless) },
		{ NULL },
	};
	// clang-format on
	int n;
	struct profile_only *w =
		profile_read_groups(r, g, key, fields, sizeof(*w), PROFILE_MAX_ONLY, &n);

	for (int i = 0; i < n; i++) {
		if (!w[i].n_is && !w[i].n_is_not && !w[i].match && !w[i].unless)
			return profile_fail(r, config_setting_get_member(g, key),
				"a condition needs \"is\", \"is_not\", \"match\" or \"unless\"");
	}
	*out = w;
	*n_out = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}

static int read_numbers(struct profile_reader *r, const config_setting_t *g,
	struct profile_table *t)
{
	unsigned span = 1;
	bool counts = config_setting_get_member(g, "from") || t->n_begins;

	if (!config_setting_get_member(g, "first"))
		t->first = 1;
	if (!config_setting_get_member(g, "from"))
		t->from = 1;
	if (t->n_parts && !config_setting_get_member(g, "index"))
		t->index = t->n_parts;
	if (!t->n_parts && t->index == 1 && (counts || config_setting_get_member(g, "first")))
		t->parts[t->n_parts++] = t->max_rows;
	if ((int)t->first < 1 || t->from > 1 || (counts && !t->n_parts) ||
		(t->n_parts && t->n_parts != t->index))
		return profile_fail(r, g,
			"\"first\" must be at least 1, \"from\" 0 or 1, and \"numbers\" as many as the index has");
	if (!t->n_parts)
		span = PROFILE_USUAL_ROWS;
	for (unsigned i = 0; i < t->n_parts; i++) {
		if (t->parts[i] < 1 || t->parts[i] > PROFILE_MAX_ROWS || span > PROFILE_MAX_ROWS)
			return profile_fail(r, g,
				"\"numbers\" must be 1 to %d each, and their product as well",
				PROFILE_MAX_ROWS);
		span *= (unsigned)t->parts[i];
	}
	t->span = span;
	return 0;
}

/* ---- tables ---- */

/* Battery strings and blocks. */
static int check_cell(struct profile_reader *r, const config_setting_t *g,
	const struct profile_table *t)
{
	static const char *const known[] = { "s{1}", "s{1}.b{2}", "s1.b{1}", "s{2}", "s{2}.b{1}" };
	size_t n = sizeof(known) / sizeof(known[0]);
	bool computed = t->string.n || t->block.n || t->split_like;
	size_t i = 0;

	if (!t->cell)
		return computed
			       ? profile_fail(r, g,
					 "\"string\", \"block\" and \"split_like\" of table \"%s\" need \"cell\"",
					 t->name)
			       : 0;
	while (i < n && strcmp(known[i], t->cell))
		i++;
	if (i == n)
		return profile_fail(r, g,
			"cell \"%.40s\" is not one of s{1} s{2} s{1}.b{2} s{2}.b{1} s1.b{1}",
			t->cell);
	if (computed && i > 1)
		return profile_fail(r, g,
			"\"string\", \"block\" and \"split_like\" of table \"%s\" need the cell s{1} or s{1}.b{2}",
			t->name);
	if (t->count.n || t->drop_zero_rows || t->like)
		return profile_fail(r, g,
			"every row of table \"%s\" is a string or block: \"count\", \"like\" and \"drop_zero_rows\" do not fit",
			t->name);
	return 0;
}

static const struct profile_unit *read_units(struct profile_reader *r, const config_setting_t *g,
	const char *key, int *n)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "text", F_STR, AT(profile_unit, text), .needed = true },
		{ "scale", F_NUM, AT(profile_unit, scale), .needed = true },
		{ "offset", F_NUM, AT(profile_unit, offset) },
		{ NULL },
	};
	// clang-format on
	return profile_read_groups(r, g, key, fields, sizeof(struct profile_unit), 40, n);
}

int profile_read_unit_lists(struct profile_reader *r, const config_setting_t *root)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "name", F_STR, AT(profile_units, name), .needed = true },
		{ "map", F_NESTED, 0, .needed = true },
		{ NULL },
	};
	// clang-format on
	struct profile *p = &r->box->p;
	int n, m;

	p->units = profile_read_groups(r, root, "units", fields, sizeof(*p->units), 50, &n);
	for (int i = 0; i < n; i++) {
		const config_setting_t *g =
			config_setting_get_elem(config_setting_get_member(root, "units"),
				(unsigned)i);

		p->units[i].unit = read_units(r, g, "map", &m);
		if (m < 0)
			return -1;
		p->units[i].n = (unsigned)m;
	}
	p->n_units = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}

struct raw_table {
	struct profile_table t; /* first: the fields of both are read by one list */
	int64_t where[2];
	unsigned n_where;
};

static int resolve_rows(struct profile_reader *r, const config_setting_t *g,
	const struct raw_table *raw, struct profile_table *t)
{
	if (!config_setting_get_member(g, "index"))
		t->index =
			t->cell && strstr(t->cell, "{2}") && !t->split_like && !t->block.n ? 2 : 1;
	if ((int)t->index < 1 || (int)t->number < 0 || t->number > t->index || (int)t->first < 0)
		return profile_fail(r, g,
			"\"index\" must be 1 to 6, \"number\" one of its parts, \"first\" at least 1");
	if (raw->n_where == 1 ||
		(raw->n_where && (raw->where[0] < 1 || raw->where[0] > t->index ||
					 raw->where[1] < 0 || raw->where[1] > UINT32_MAX)))
		return profile_fail(r, g,
			"\"where\" must be a place in the index, from 1, and the number that must stand there");
	t->where_at = raw->n_where ? (unsigned)raw->where[0] : 0;
	t->where_is = (uint32_t)raw->where[1];
	if (t->n_skip && !t->label.n)
		return profile_fail(r, g, "\"skip\" needs a \"label\" to look at");
	return 0;
}

int profile_read_tables(struct profile_reader *r, const config_setting_t *root)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "name", F_STR, AT(profile_table, name), .needed = true },
		{ "count", F_OID, AT(profile_table, count) },
		{ "label", F_OID, AT(profile_table, label) },
		{ "unit", F_OID, AT(profile_table, unit) },
		{ "units", F_NESTED, 0 },
		{ "divisor", F_OID, AT(profile_table, divisor) },
		{ "decimals", F_OID, AT(profile_table, decimals) },
		{ "factor", F_OID, AT(profile_table, factor) },
		{ "first", F_INT, AT(profile_table, first), .max = 999 },
		{ "from", F_INT, AT(profile_table, from), .max = 1 },
		{ "numbers", F_INTS, AT(profile_table, parts), AT(profile_table, n_parts), PROFILE_MAX_PARTS },
		{ "only", F_NESTED }, { "begins", F_NESTED },
		{ "min_rows", F_INT, AT(profile_table, min_rows), .max = PROFILE_MAX_ROWS },
		{ "max_rows", F_INT, AT(profile_table, max_rows), .max = PROFILE_MAX_ROWS },
		{ "unit_of_texts", F_BOOL, AT(profile_table, unit_of_texts) },
		{ "drop_zero_rows", F_BOOL, AT(profile_table, drop_zero_rows) },
		{ "like", F_STR, AT(profile_table, like) },
		{ "index", F_INT, AT(raw_table, t.index), .max = PROFILE_MAX_PARTS },
		{ "number", F_INT, AT(raw_table, t.number), .max = PROFILE_MAX_PARTS },
		{ "where", F_INTS, AT(raw_table, where), AT(raw_table, n_where), 2 },
		{ "skip", F_STRINGS, AT(profile_table, skip), AT(profile_table, n_skip), 8 },
		{ "cell", F_STR, AT(profile_table, cell) },
		{ "string", F_OID, AT(profile_table, string) },
		{ "block", F_OID, AT(profile_table, block) },
		{ "split_like", F_STR, AT(profile_table, split_like) },
		{ NULL },
	};
	// clang-format on
	struct profile *p = &r->box->p;
	int n;
	struct raw_table *raw =
		profile_read_groups(r, root, "tables", fields, sizeof(*raw), 50, &n);

	p->table = bb_arena_alloc(r->box->arena,
		(size_t)(n > 0 ? n : 1) * sizeof(struct profile_table));
	for (int i = 0; i < n; i++) {
		const config_setting_t *g =
			config_setting_get_elem(config_setting_get_member(root, "tables"),
				(unsigned)i);
		struct profile_table *t = &p->table[i];
		int m;

		*t = raw[i].t;
		if (resolve_rows(r, g, &raw[i], t))
			return -1;
		t->units = read_units(r, g, "units", &m);
		if (m < 0)
			return -1;
		t->n_units = (unsigned)m;
		if (!t->unit.n != !m)
			return profile_fail(r, g,
				"table \"%s\" needs both \"unit\" (column) and \"units\" (what the texts mean), or none",
				t->name);
		if (check_cell(r, g, t))
			return -1;
		if ((int)t->max_rows < 0 || (int)t->min_rows < 0)
			return profile_fail(r, g,
				"\"max_rows\" and \"min_rows\" must not be negative");
		if (!!t->divisor.n + !!t->decimals.n + !!t->factor.n > 1)
			return profile_fail(r, g,
				"table \"%s\" has more than one of \"divisor\", \"decimals\", \"factor\"",
				t->name);
		if (!t->max_rows)
			t->max_rows = t->cell ? PROFILE_MAX_CELLS : 3;
		if (profile_read_only(r, g, "only", &t->only, &t->n_only) ||
			profile_read_only(r, g, "begins", &t->begins, &t->n_begins) ||
			read_numbers(r, g, t))
			return -1;
	}
	for (int i = 0; i < n; i++) {
		const char *like = p->table[i].split_like;
		int k = 0;

		while (like && k < n && strcmp(like, p->table[k].name))
			k++;
		if (like && k == n)
			return profile_fail(r, config_setting_get_member(root, "tables"),
				"\"split_like\": table \"%.60s\" is not in this profile", like);
	}
	p->n_tables = n > 0 ? (unsigned)n : 0;
	return n < 0 ? -1 : 0;
}

/* ---- points of one name ---- */

static bool overlap(const struct profile_table *a, const struct profile_table *b)
{
	return a->first < b->first + b->span && b->first < a->first + a->span;
}

int profile_check_twin(struct profile_reader *r, const config_setting_t *g,
	const struct profile_point *p, const struct profile_point *twin)
{
	if (p->instead)
		return 0;
	if (p->table && twin->table && p->table != twin->table && strstr(p->name, "{i}")) {
		if (!overlap(p->table, twin->table))
			return 0;
		return profile_fail(r, g,
			"point \"%s\" of table \"%s\" would have the numbers of table \"%s\" (line %u): give it another \"first\"",
			p->name, p->table->name, twin->table->name, twin->line);
	}
	if (p->label || p->n_only)
		return 0;
	return profile_fail(r, g,
		"point \"%s\" is there twice without \"instead\", first in line %u", p->name,
		twin->line);
}

/* ---- one line for many scalars ---- */

int profile_repeat(struct profile_reader *r, const config_setting_t *g, int64_t range[2])
{
	const config_setting_t *s = config_setting_type(g) == CONFIG_TYPE_GROUP
					    ? config_setting_get_member(g, "repeat")
					    : NULL;

	range[0] = range[1] = 0;
	if (!s)
		return 0;
	if (config_setting_length(s) != 2)
		return profile_fail(r, s, "\"repeat\" must be the first and the last number");
	for (int i = 0; i < 2; i++)
		range[i] = config_setting_get_int_elem(s, i);
	if (range[0] < 0 || range[1] < range[0] || range[1] - range[0] >= PROFILE_MAX_POINTS)
		return profile_fail(r, s, "\"repeat\" must be the first and the last number");
	return 1;
}

const char *profile_put_number(struct profile_reader *r, const char *text, int64_t number)
{
	char one[512];
	const char *mark = text ? strstr(text, "{i}") : NULL;

	if (!mark || snprintf(one, sizeof(one), "%.*s%lld%s", (int)(mark - text), text,
			     (long long)number, mark + 3) >= (int)sizeof(one))
		return text;
	return profile_keep(r, one);
}
