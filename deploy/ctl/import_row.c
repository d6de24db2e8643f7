// SPDX-License-Identifier: Apache-2.0
#include "deploy/ctl/import_row.h"

#include <string.h>

#include "common/str.h"

static const struct {
	const char *name;
	bool is_number;
} known[] = {
	{ "key", false },
	{ "collector", false },
	{ "address", false },
	{ "port", true },
	{ "version", false },
	{ "community", false },
	{ "interval_s", true },
	{ "profile", false },
	{ "status_interval_s", true },
	{ "v3_user", false },
	{ "v3_auth", false },
	{ "v3_priv", false },
	{ "v3_context", false },
	{ "v3_engine_id", false },
	{ "v3_auth_password", false },
	{ "v3_priv_password", false },
};
#define DEFAULT_COLUMNS  8
#define REQUIRED_COLUMNS 3 /* up to the address; the rest has defaults */

void import_columns_default(struct import_columns *c)
{
	c->n = DEFAULT_COLUMNS;
	for (size_t i = 0; i < c->n; i++)
		c->name[i] = known[i].name;
}

int import_columns_read(struct import_columns *c, const struct csv_row *row, struct bb_err *err)
{
	c->n = 0;
	for (size_t i = 0; i < row->n; i++) {
		size_t k = 0;

		while (k < sizeof(known) / sizeof(known[0]) &&
			strcmp(known[k].name, row->field[i]) != 0)
			k++;
		if (k == sizeof(known) / sizeof(known[0]))
			return bb_err_set(err,
				"there is no column \"%s\"; known ones: key,collector,address,port,version,community,interval_s,"
				"profile,status_interval_s,v3_user,v3_auth,v3_priv,v3_context,v3_engine_id,v3_auth_password,v3_priv_password",
				row->field[i]);
		for (size_t before = 0; before < i; before++)
			if (c->name[before] == known[k].name)
				return bb_err_set(err, "column \"%s\" is there twice",
					known[k].name);
		c->name[c->n++] = known[k].name;
	}
	return 0;
}

static bool is_number(const char *column)
{
	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		if (strcmp(known[k].name, column) == 0)
			return known[k].is_number;
	return false;
}

static json_t *to_value(const char *column, const char *text, struct bb_err *err)
{
	double v;

	if (!is_number(column))
		return json_string(text);
	if (bb_parse_double(text, &v) != 0 || !(v >= -1e9 && v <= 1e9))
		return bb_err_null(err, "%s: \"%s\" is not a number", column, text);
	return v == (double)(long)v ? json_integer((long)v) : json_real(v);
}

json_t *import_row(const struct import_columns *c, const struct csv_row *row, struct bb_err *err)
{
	json_t *o, *v;

	if (row->n > c->n || row->n < (c->n < REQUIRED_COLUMNS ? c->n : REQUIRED_COLUMNS))
		return bb_err_null(err, "the line has %zu columns, not %zu", row->n, c->n);
	o = json_pack("{s:i}", "line", (int)row->line);
	for (size_t i = 0; i < row->n; i++) {
		if (!*row->field[i])
			continue;
		v = to_value(c->name[i], row->field[i], err);
		if (!v) {
			json_decref(o);
			return NULL;
		}
		json_object_set_new(o, c->name[i], v);
	}
	return o;
}
