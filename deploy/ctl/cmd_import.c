// SPDX-License-Identifier: Apache-2.0
/* Lists of devices: import, export. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "deploy/ctl/ctl.h"
#include "deploy/ctl/import_row.h"

#define FILE_MAX (15u << 20)

struct import {
	const char *file;
	json_t *items, *errors; /* errors: [{line, key, reason}], ours and webd's */
};

static void add_error(struct import *in, unsigned line, const char *reason)
{
	json_array_append_new(in->errors,
		json_pack("{s:i, s:n, s:s}", "line", (int)line, "key", "reason", reason));
}

/* Returns -1 when the header is bad: then nothing of the file can be understood. */
static int read_lines(struct import *in, const char *data, size_t len)
{
	static struct csv_row row;
	struct import_columns columns;
	bool is_first = true;
	struct bb_err err;
	struct csv csv;
	int rc;

	import_columns_default(&columns);
	csv_init(&csv, data, len);
	while ((rc = csv_next(&csv, &row, &err)) != 0) {
		bool is_header = is_first && rc == 1 && strcmp(row.field[0], "key") == 0;
		json_t *o;

		is_first = false;
		if (is_header) {
			if (import_columns_read(&columns, &row, &err) == 0)
				continue;
			ctl_fail("%s:%u: %s", in->file, row.line, err.text);
			return -1;
		}
		o = rc == 1 ? import_row(&columns, &row, &err) : NULL;
		if (o)
			json_array_append_new(in->items, o);
		else
			add_error(in, row.line, err.text);
	}
	return 0;
}

static int by_line(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	json_int_t p = json_integer_value(json_object_get(*x, "line")),
		   q = json_integer_value(json_object_get(*y, "line"));

	return p < q ? -1 : p > q;
}

static void print_errors(const struct import *in)
{
	size_t n = json_array_size(in->errors);
	const json_t **list = calloc(n + 1, sizeof(*list));

	for (size_t i = 0; list && i < n; i++)
		list[i] = json_array_get(in->errors, i);
	if (list)
		qsort(list, n, sizeof(*list), by_line);
	for (size_t i = 0; list && i < n; i++)
		fprintf(stderr, "%s:%s: %s\n", in->file, ctl_text(list[i], "line"),
			ctl_text(list[i], "reason"));
	free(list);
}

static void print_result(struct ctl *c, struct import *in, json_t *result, bool is_dry)
{
	json_t *v;
	size_t i;

	json_object_set(result, "errors", in->errors);
	if (c->is_json) {
		ctl_print_json(json_incref(result));
		return;
	}
	json_array_foreach(json_object_get(result, "items"), i, v) if (is_dry)
		printf("%-6s %s\n", ctl_text(v, "op"), ctl_text(v, "key"));
	printf("%sadded %s, changed %s, same %s, removed %s, bad %zu\n", is_dry ? "would be: " : "",
		ctl_text(result, "added"), ctl_text(result, "changed"), ctl_text(result, "same"),
		ctl_text(result, "removed"), json_array_size(in->errors));
}

static json_t *send(struct ctl *c, const struct import *in, bool is_dry, bool prune)
{
	struct ctl_answer a;
	json_t *result;

	if (ctl_call(c, "POST", "/devices:import",
		    json_pack("{s:O, s:b, s:b}", "items", in->items, "dry_run", is_dry, "prune",
			    prune),
		    &a) != 0)
		return NULL;
	result = json_incref(a.json);
	ctl_answer_free(&a);
	return result;
}

/* A list with bad lines must not remove devices: look first, and stop there when a line is bad. */
static int run_import(struct ctl *c, struct import *in)
{
	bool is_dry = ctl_option(c, "dry-run") != NULL, prune = ctl_option(c, "prune") != NULL;
	json_t *result = prune && !is_dry ? send(c, in, true, true) : NULL;
	bool is_stopped;

	if (prune && !is_dry && !result)
		return 1;
	is_stopped = result && json_array_size(in->errors) +
					       json_array_size(json_object_get(result, "errors")) >
				       0;
	if (!is_stopped) {
		json_decref(result);
		result = send(c, in, is_dry, prune);
	}
	if (!result)
		return 1;
	json_array_extend(in->errors, json_object_get(result, "errors"));
	print_result(c, in, result, is_dry || is_stopped);
	json_decref(result);
	print_errors(in);
	if (is_stopped)
		ctl_fail("nothing was done: a list with bad lines must not remove devices");
	return json_array_size(in->errors) > 0;
}

int cmd_device_import(struct ctl *c)
{
	struct import in = { .file = c->arg[0], .items = json_array(), .errors = json_array() };
	size_t len = 0;
	char *data = ctl_read_file(in.file, FILE_MAX, &len);
	int rc = 1;

	c->wait_s = 20; /* the first import may come while the suite is still starting */
	if (data && read_lines(&in, data, len) == 0)
		rc = run_import(c, &in);
	free(data);
	json_decref(in.items);
	json_decref(in.errors);
	return rc;
}

/* ---- export ---- */

static void write_cell(FILE *f, const char *text, const char *after)
{
	bool needs_quotes = strpbrk(text, ",\"") || text[0] == '#';

	if (needs_quotes)
		fputc('"', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputs(needs_quotes ? "\"" : "", f);
	fputs(after, f);
}

#define PLAIN_COLUMNS 9

static void write_csv(FILE *f, const json_t *items)
{
	static const char *const columns[] = { "key", "collector", "address", "port", "version",
		"community", "interval_s", "profile", "status_interval_s", "v3_user", "v3_auth", "v3_priv", "v3_context",
		"v3_engine_id" };
	size_t n = PLAIN_COLUMNS, i;
	json_t *d;

	/* Lists without SNMPv3 stay as narrow as they were. */
	json_array_foreach((json_t *)items, i, d) if (json_object_get(d, "v3_user"))
		n = sizeof(columns) / sizeof(columns[0]);

	for (size_t k = 0; k < n; k++)
		write_cell(f, columns[k], k + 1 < n ? "," : "\n");
	json_array_foreach((json_t *)items, i, d) for (size_t k = 0; k < n; k++)
		write_cell(f, ctl_text(d, columns[k]), k + 1 < n ? "," : "\n");
}

int cmd_device_export(struct ctl *c)
{
	FILE *f = stdout;
	struct ctl_answer a;
	const json_t *items;
	int rc = 0;

	if (ctl_call(c, "GET", "/devices:export", NULL, &a) != 0)
		return 1;
	items = json_object_get(a.json, "items");
	if (c->n_args == 1 && strcmp(c->arg[0], "-") != 0)
		f = fopen(c->arg[0], "we");
	if (!f) {
		rc = ctl_fail("cannot write \"%s\": %s", c->arg[0], strerror(errno));
	} else if (c->is_json) {
		json_dumpf(items, f, JSON_COMPACT);
		fputc('\n', f);
	} else {
		write_csv(f, items);
	}
	if (f && (fflush(f) != 0 || (f != stdout && fclose(f) != 0)))
		rc = ctl_fail("cannot write \"%s\": %s", c->n_args ? c->arg[0] : "standard output",
			strerror(errno));
	ctl_answer_free(&a);
	return rc;
}
