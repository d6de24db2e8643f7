// SPDX-License-Identifier: Apache-2.0
/* Rules as text: libconfig is another notation of the same tree, so text becomes JSON and is read
 * as that; what is wrong is named by its line. */
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ruledef.h"

enum { DEPTH_MAX = 6 };

/* NULL: nested too deeply. */
static json_t *tree_of(const config_setting_t *s, int depth)
{
	json_t *v = NULL;
	int n = config_setting_length(s);

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64: return json_integer(config_setting_get_int64(s));
	case CONFIG_TYPE_FLOAT: return json_real(config_setting_get_float(s));
	case CONFIG_TYPE_BOOL: return json_boolean(config_setting_get_bool(s));
	case CONFIG_TYPE_STRING: return json_string(config_setting_get_string(s));
	case CONFIG_TYPE_GROUP: v = json_object(); break;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST: v = json_array(); break;
	default: return NULL;
	}
	for (int i = 0; i < n; i++) {
		const config_setting_t *x = config_setting_get_elem(s, (unsigned)i);
		json_t *child = depth < DEPTH_MAX ? tree_of(x, depth + 1) : NULL;
		/* json_null stands for what cannot be said: no member takes it. */
		if (!child)
			child = json_null();
		if (json_is_object(v))
			json_object_set_new(v, config_setting_name(x), child);
		else
			json_array_append_new(v, child);
	}
	return v;
}

/* The line of the member a JSON pointer names, or of the nearest thing around it. */
static unsigned line_of(const config_setting_t *s, const char *pointer)
{
	char segment[64];

	while (*pointer == '/') {
		size_t n = strcspn(++pointer, "/");
		const config_setting_t *x = NULL;
		snprintf(segment, sizeof(segment), "%.*s", n < sizeof(segment) ? (int)n : 0,
			pointer);
		if (config_setting_is_group(s))
			x = *segment ? config_setting_get_member(s, segment) : NULL;
		else if (config_setting_is_aggregate(s))
			x = config_setting_get_elem(s, (unsigned)strtoul(segment, NULL, 10));
		if (!x)
			break;
		s = x;
		pointer += n;
	}
	return config_setting_source_line(s);
}

static bool is_same_place(const struct bb_ruledef *a, const struct bb_ruledef *b)
{
	return strcmp(a->id, b->id) == 0 && a->scope == b->scope &&
	       strcmp(a->scope_of, b->scope_of) == 0;
}

static int read_list(const config_setting_t *list, json_t *out, struct bb_err *err)
{
	struct bb_arena *arena = bb_arena_new(65536, 0);
	int n = config_setting_length(list), rc = -1;
	const struct bb_ruledef **defs = bb_arena_alloc(arena, ((size_t)n + 1) * sizeof(*defs));
	char pointer[96];

	for (int i = 0; i < n; i++) {
		const config_setting_t *s = config_setting_get_elem(list, (unsigned)i);
		json_t *v = tree_of(s, 0);

		json_array_append_new(out, v ? v : json_null());
		defs[i] = bb_ruledef_read(arena, v, pointer, err);
		if (!defs[i]) {
			bb_err_prefix(err, "line %u, %s", line_of(s, pointer),
				*pointer ? pointer + 1 : "rule");
			goto end;
		}
		for (int k = 0; k < i; k++)
			if (is_same_place(defs[i], defs[k])) {
				bb_err_set(err, "line %u: rule \"%s\" stands in this scope already",
					(unsigned)config_setting_source_line(s), defs[i]->id);
				goto end;
			}
	}
	rc = 0;
end:
	bb_arena_free(arena);
	return rc;
}

static int check_root(const config_setting_t *root, const config_setting_t *list,
	struct bb_err *err)
{
	int n = config_setting_length(root);

	for (int i = 0; i < n; i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
		if (s != list)
			return bb_err_set(err,
				"line %u: \"%.40s\" is unknown; only \"rules\" may stand here",
				(unsigned)config_setting_source_line(s), config_setting_name(s));
	}
	if (!list || !config_setting_is_list(list))
		return bb_err_set(err, "there is no \"rules = ( ... );\"");
	if (config_setting_length(list) > BB_RULES_MAX)
		return bb_err_set(err, "these are more than %d rules", BB_RULES_MAX);
	return 0;
}

json_t *bb_ruledef_text_read(const char *text, struct bb_err *err)
{
	json_t *out = json_array();
	config_t conf;
	int rc = -1;

	config_init(&conf);
	/* libconfig would open what it names. */
	if (strstr(text, "@include"))
		bb_err_set(err, "@include is not possible here");
	else if (strlen(text) > BB_RULE_TEXT_MAX)
		bb_err_set(err, "the text is longer than %d bytes", BB_RULE_TEXT_MAX);
	else if (!config_read_string(&conf, text))
		bb_err_set(err, "line %d: %s", config_error_line(&conf), config_error_text(&conf));
	else {
		const config_setting_t *list = config_lookup(&conf, "rules");
		rc = check_root(config_root_setting(&conf), list, err);
		if (rc == 0)
			rc = read_list(list, out, err);
	}
	config_destroy(&conf);
	if (rc == 0)
		return out;
	json_decref(out);
	return NULL;
}

/* ---- writing ---- */

static void write_value(struct bb_buf *b, const json_t *v, int depth);

static void write_string(struct bb_buf *b, const char *s)
{
	bb_buf_str(b, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			bb_buf_str(b, "\\");
		bb_buf_add(b, s, 1);
	}
	bb_buf_str(b, "\"");
}

/* libconfig tells 40.0 from 40, and reads 1e3 as a number with a point only. */
static void write_real(struct bb_buf *b, double v)
{
	char text[40];

	for (int digits = 6; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	bb_buf_str(b, text);
	if (!strpbrk(text, ".e"))
		bb_buf_str(b, ".0");
}

static void write_group(struct bb_buf *b, const json_t *v, int depth)
{
	const char *name;
	const json_t *x;

	bb_buf_str(b, depth == 1 ? "{\n" : "{ ");
	json_object_foreach((json_t *)(uintptr_t)v, name, x)
	{
		bb_buf_printf(b, "%s%s = ", depth == 1 ? "\t\t" : "", name);
		write_value(b, x, depth + 1);
		bb_buf_str(b, depth == 1 ? ";\n" : "; ");
	}
	bb_buf_str(b, depth == 1 ? "\t}" : "}");
}

static void write_value(struct bb_buf *b, const json_t *v, int depth)
{
	const json_t *x;
	size_t i;

	switch (json_typeof(v)) {
	case JSON_OBJECT: write_group(b, v, depth); break;
	case JSON_ARRAY:
		bb_buf_str(b, "[ ");
		json_array_foreach((json_t *)(uintptr_t)v, i, x)
		{
			bb_buf_str(b, i ? ", " : "");
			write_value(b, x, depth + 1);
		}
		bb_buf_str(b, " ]");
		break;
	case JSON_STRING: write_string(b, json_string_value(v)); break;
	case JSON_INTEGER: bb_buf_printf(b, "%lld", (long long)json_integer_value(v)); break;
	case JSON_REAL: write_real(b, json_real_value(v)); break;
	case JSON_TRUE: bb_buf_str(b, "true"); break;
	case JSON_FALSE:
	case JSON_NULL: bb_buf_str(b, "false"); break;
	}
}

void bb_ruledef_text_write(struct bb_buf *out, const json_t *list)
{
	const json_t *v;
	size_t i;

	bb_buf_str(out, "rules = (");
	json_array_foreach((json_t *)(uintptr_t)list, i, v)
	{
		bb_buf_str(out, i ? ",\n\t" : "\n\t");
		write_value(out, v, 1);
	}
	bb_buf_str(out, "\n);\n");
}
