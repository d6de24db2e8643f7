// SPDX-License-Identifier: Apache-2.0
/* The parts of a profile that say which rows a device has and how they are numbered: conditions,
 * numbers, points that are written down once for many rows. */
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

int profile_read_numbers(struct profile_reader *r, const config_setting_t *g,
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
	if (!t->n_parts && t->index == 1 &&
		(counts || config_setting_get_member(g, "first")))
		t->parts[t->n_parts++] = t->max_rows;
	if ((int)t->first < 1 || t->from > 1 || (counts && !t->n_parts) ||
		(t->n_parts && t->n_parts != t->index))
		return profile_fail(r, g,
			"\"first\" must be at least 1, \"from\" 0 or 1, and \"numbers\" as many as the index has");
	if (!t->n_parts)
		span = PROFILE_USUAL_ROWS;
	for (unsigned i = 0; i < t->n_parts; i++) {
		if (t->parts[i] < 1 || t->parts[i] > PROFILE_MAX_ROWS ||
			span > PROFILE_MAX_ROWS)
			return profile_fail(r, g,
				"\"numbers\" must be 1 to %d each, and their product as well",
				PROFILE_MAX_ROWS);
		span *= (unsigned)t->parts[i];
	}
	t->span = span;
	return 0;
}

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
	const config_setting_t *s =
		config_setting_type(g) == CONFIG_TYPE_GROUP ? config_setting_get_member(g, "repeat") : NULL;

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
