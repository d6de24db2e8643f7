// SPDX-License-Identifier: Apache-2.0
#include "collectors/profile_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/layout.h"
#include "common/str.h"

int profile_fail(struct profile_reader *r, const config_setting_t *s, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return bb_err_set(r->err, "%s:%u: %s", r->file, s ? config_setting_source_line(s) : 0U,
		text);
}

const char *profile_keep(struct profile_reader *r, const char *s)
{
	return bb_arena_strdup(r->box->arena, s);
}

/* ---- one value ---- */

static const char *string_of(struct profile_reader *r, const config_setting_t *s)
{
	const char *text =
		config_setting_type(s) == CONFIG_TYPE_STRING ? config_setting_get_string(s) : NULL;

	if (!text || strlen(text) > 400 || !bb_utf8_valid(text, strlen(text))) {
		profile_fail(r, s, "\"%s\" must be a text of at most 400 bytes",
			config_setting_name(s) ? config_setting_name(s) : "element");
		return NULL;
	}
	return text;
}

static int read_oid(struct profile_reader *r, const config_setting_t *s, struct profile_oid *out)
{
	const char *text = string_of(r, s);
	struct profile_oid o;

	if (!text)
		return -1;
	if (r->repeats)
		text = profile_put_number(r, text, r->number);
	if (profile_oid_parse(text, &o))
		return profile_fail(r, s, "\"%.100s\" is not an OID of at most %d numbers", text,
			PROFILE_OID_MAX);
	*out = o;
	if (text[0] == '.')
		return 0;
	if (!r->root.n)
		return profile_fail(r, s,
			"OID \"%.100s\" is relative, but the profile has no root; begin it with a dot",
			text);
	if (r->root.n + o.n > PROFILE_OID_MAX)
		return profile_fail(r, s, "OID \"%.100s\" is too long below its root", text);
	*out = r->root;
	memcpy(out->id + out->n, o.id, o.n * sizeof(o.id[0]));
	out->n = (uint8_t)(out->n + o.n);
	return 0;
}

static int read_regex(struct profile_reader *r, const config_setting_t *s, regex_t **out)
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
		return profile_fail(r, s, "\"%.100s\" is not an extended regular expression: %s",
			text, why);
	}
	b->regex = bb_realloc(b->regex, (b->n_regex + 1) * sizeof(*b->regex));
	b->regex[b->n_regex++] = re;
	*out = re;
	return 0;
}

static int int_of(struct profile_reader *r, const config_setting_t *s, int64_t *v)
{
	int type = config_setting_type(s);

	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
		return profile_fail(r, s, "\"%s\" must be a whole number",
			config_setting_name(s) ? config_setting_name(s) : "element");
	*v = config_setting_get_int64(s);
	return 0;
}

static int read_number(struct profile_reader *r, const config_setting_t *s, double *v)
{
	int64_t whole = 0;

	if (config_setting_type(s) == CONFIG_TYPE_FLOAT) {
		*v = config_setting_get_float(s);
		return 0;
	}
	if (int_of(r, s, &whole))
		return profile_fail(r, s, "\"%s\" must be a number", config_setting_name(s));
	*v = (double)whole;
	return 0;
}

static int read_status(struct profile_reader *r, const config_setting_t *s, unsigned *bits)
{
	const char *text = string_of(r, s);
	char again[128];

	if (!text)
		return -1;
	*bits = bb_status_parse(text);
	if (strlen(bb_status_print(*bits, again, sizeof(again))) != strlen(text))
		return profile_fail(r, s, "\"%.60s\" holds a word that is not a status word", text);
	return 0;
}

static int read_list(struct profile_reader *r, const config_setting_t *s,
	const struct profile_field *f, char *base)
{
	int n = config_setting_length(s);
	int type = config_setting_type(s);

	if ((type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) || n > (int)f->max)
		return profile_fail(r, s, "\"%s\" must be a list of at most %u elements", f->key,
			f->max);
	for (int i = 0; i < n; i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);
		void *at = base + f->offset;

		if (f->type == F_STRINGS) {
			const char *text = string_of(r, e);

			if (!text)
				return -1;
			((const char **)at)[i] = profile_keep(r, text);
		} else if (f->type == F_INTS ? int_of(r, e, (int64_t *)at + i)
					     : read_oid(r, e, (struct profile_oid *)at + i)) {
			return -1;
		}
	}
	*(unsigned *)(void *)(base + f->count) = (unsigned)n;
	return 0;
}

static int read_field(struct profile_reader *r, const config_setting_t *s,
	const struct profile_field *f, char *base)
{
	void *at = base + f->offset;
	const char *text;
	int64_t v = 0;

	switch (f->type) {
	case F_STR:
		text = string_of(r, s);
		*(const char **)at = text ? profile_keep(r, text) : NULL;
		return text ? 0 : -1;
	case F_OID: return read_oid(r, s, at);
	case F_REGEX: return read_regex(r, s, at);
	case F_INT:
		if (int_of(r, s, &v))
			return -1;
		if (v < -1000 || v > (int64_t)f->max)
			return profile_fail(r, s, "\"%s\" must be at most %u", f->key, f->max);
		*(int *)at = (int)v;
		return 0;
	case F_NUM: return read_number(r, s, at);
	case F_BOOL:
		if (config_setting_type(s) != CONFIG_TYPE_BOOL)
			return profile_fail(r, s, "\"%s\" must be true or false", f->key);
		*(bool *)at = config_setting_get_bool(s);
		return 0;
	case F_STATUS: return read_status(r, s, at);
	case F_GROUP:
		text = string_of(r, s);
		if (!text)
			return -1;
		if (collector_group_parse(text) < 0)
			return profile_fail(r, s, "group \"%.40s\" is not status, measure or ident",
				text);
		*(uint8_t *)at = (uint8_t)collector_group_parse(text);
		return 0;
	case F_STRINGS:
	case F_INTS:
	case F_OIDS: return read_list(r, s, f, base);
	case F_NESTED: return 0;
	}
	return -1;
}

int profile_read_group(struct profile_reader *r, const config_setting_t *g,
	const struct profile_field *fields, void *base, const char *what)
{
	if (config_setting_type(g) != CONFIG_TYPE_GROUP)
		return profile_fail(r, g, "%s must be a group in braces", what);
	for (int i = 0; i < config_setting_length(g); i++) {
		const config_setting_t *s = config_setting_get_elem(g, (unsigned)i);
		const struct profile_field *f = fields;

		while (f->key && strcmp(f->key, config_setting_name(s)))
			f++;
		if (!f->key)
			return profile_fail(r, s, "\"%.60s\" is not a setting of %s",
				config_setting_name(s), what);
		if (read_field(r, s, f, base))
			return -1;
	}
	for (const struct profile_field *f = fields; f->key; f++) {
		if (f->needed && !config_setting_get_member(g, f->key))
			return profile_fail(r, g, "%s lacks \"%s\"", what, f->key);
	}
	return 0;
}

void *profile_read_groups(struct profile_reader *r, const config_setting_t *parent, const char *key,
	const struct profile_field *fields, size_t size, int max, int *n)
{
	const config_setting_t *list = config_setting_get_member(parent, key);

	*n = 0;
	if (!list)
		return NULL;
	int len = config_setting_length(list);
	if (config_setting_type(list) != CONFIG_TYPE_LIST || len > max) {
		*n = profile_fail(r, list,
			"\"%s\" must be a list in round brackets of at most %d groups", key, max);
		return NULL;
	}
	char *all = bb_arena_alloc(r->box->arena, (size_t)(len ? len : 1) * size);
	for (int i = 0; i < len; i++) {
		if (profile_read_group(r, config_setting_get_elem(list, (unsigned)i), fields,
			    all + (size_t)i * size, key)) {
			*n = -1;
			return NULL;
		}
	}
	*n = len;
	return all;
}

unsigned profile_line_of(const config_setting_t *parent, const char *key, int i)
{
	return config_setting_source_line(
		config_setting_get_elem(config_setting_get_member(parent, key), (unsigned)i));
}

const struct bb_point *profile_registry_point(const char *name)
{
	char one[128];

	if (!profile_name_of_row(one, sizeof(one), name, 1))
		return NULL;
	return bb_point_find(one);
}
