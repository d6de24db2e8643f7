// SPDX-License-Identifier: Apache-2.0
#include "webd/group_input.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "alarmd/rule.h"
#include "common/point.h"
#include "common/rulewords.h"

#define MEMBERS_MAX 1000
#define KEY_MAX     40

struct group_input {
	const char *key, *name;
	json_t *devices, *sites, *groups;
};
struct redundancy_input {
	const char *key, *name, *site, *severity;
	int64_t need, hold_s;
	json_t *members, *fails_on;
};
struct member_input {
	const char *device, *group, *redundancy, *point, *op;
};

// clang-format off
static const struct field group_fields[] = {
	{ "name", FIELD_STR, false, offsetof(struct group_input, name), 0, 80 },
	{ "devices", FIELD_ARRAY, false, offsetof(struct group_input, devices), 0, MEMBERS_MAX },
	{ "sites", FIELD_ARRAY, false, offsetof(struct group_input, sites), 0, MEMBERS_MAX },
	{ "groups", FIELD_ARRAY, false, offsetof(struct group_input, groups), 0, MEMBERS_MAX },
	{ "key", FIELD_STR, false, offsetof(struct group_input, key), 1, KEY_MAX },
	FIELD_END,
};
static const struct field redundancy_fields[] = {
	{ "name", FIELD_STR, false, offsetof(struct redundancy_input, name), 0, 80 },
	{ "site", FIELD_STR, false, offsetof(struct redundancy_input, site), 0, 200 },
	{ "severity", FIELD_STR, false, offsetof(struct redundancy_input, severity), 1, 10 },
	{ "need", FIELD_INT, true, offsetof(struct redundancy_input, need), 1, MEMBERS_MAX },
	{ "hold_s", FIELD_INT, false, offsetof(struct redundancy_input, hold_s), 0, 3600 },
	{ "members", FIELD_ARRAY, true, offsetof(struct redundancy_input, members), 1, MEMBERS_MAX },
	{ "fails_on", FIELD_ARRAY, false, offsetof(struct redundancy_input, fails_on), 0, 60 },
	{ "key", FIELD_STR, false, offsetof(struct redundancy_input, key), 1, KEY_MAX },
	FIELD_END,
};
static const struct field member_fields[] = {
	{ "device", FIELD_STR, false, offsetof(struct member_input, device), 1, 200 },
	{ "group", FIELD_STR, false, offsetof(struct member_input, group), 1, KEY_MAX },
	{ "redundancy", FIELD_STR, false, offsetof(struct member_input, redundancy), 1, KEY_MAX },
	{ "point", FIELD_STR, false, offsetof(struct member_input, point), 1, 100 },
	{ "op", FIELD_STR, false, offsetof(struct member_input, op), 1, 3 },
	FIELD_END,
};
static const char *const default_errors[] = { "OFF", "BYPASS", "TEST", "CAL", "LB", "DEPLETED", "OVER", "FSD", "ups_fault", "ups_off",
	"output_off", "output_bad", "rectifier_failed", "battery_disconnected" };
// clang-format on

static json_t *refuse(char *where, const char *pointer)
{
	snprintf(where, GROUP_POINTER_MAX, "%s", pointer);
	return NULL;
}

/* [a-z][a-z0-9_.-]* */
static bool key_fits(const char *key)
{
	return islower((unsigned char)key[0]) &&
	       key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_.-")] == '\0';
}

static int check_key(const char *key, bool with_key, char *where, struct bb_err *err)
{
	if (!key && !with_key)
		return 0;
	refuse(where, "/key");
	if (!key)
		return bb_err_set(err, "it is missing");
	if (!with_key)
		return bb_err_set(err, "a group keeps its key: rules and other groups name it");
	return key_fits(key)
		       ? 0
		       : bb_err_set(err, "a key is a-z, then a-z 0-9 _ . -, at most %d", KEY_MAX);
}

/* ---- device groups ---- */

static json_t *keys_read(const json_t *list, const char *name, char *where, struct bb_err *err)
{
	json_t *out = json_array(), *v;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)list, i, v)
	{
		const char *key = json_string_value(v);
		if (!key || !bb_key_valid(key)) {
			snprintf(where, GROUP_POINTER_MAX, "/%s/%zu", name, i);
			json_decref(out);
			return bb_err_null(err, "it is not a key");
		}
		json_array_append(out, v);
	}
	return out;
}

static int fields_pointer(const json_t *object, const struct field *fields, void *out, char *where,
	struct bb_err *err)
{
	char name[64];

	if (fields_read(object, fields, out, name, err) == 0)
		return 0;
	snprintf(where, GROUP_POINTER_MAX, "/%.60s", name);
	return -1;
}

json_t *group_input_read(const json_t *object, bool with_key, char *where, struct bb_err *err)
{
	struct group_input in = { .name = "" };

	if (fields_pointer(object, group_fields, &in, where, err) < 0 ||
		check_key(in.key, with_key, where, err) < 0)
		return NULL;
	json_t *devices = keys_read(in.devices, "devices", where, err);
	json_t *sites = devices ? keys_read(in.sites, "sites", where, err) : NULL;
	json_t *groups = sites ? keys_read(in.groups, "groups", where, err) : NULL;
	if (!groups) {
		json_decref(devices);
		json_decref(sites);
		return NULL;
	}
	return json_pack("{s:s*, s:s, s:o, s:o, s:o}", "key", in.key, "name", in.name, "devices",
		devices, "sites", sites, "groups", groups);
}

/* ---- redundancy groups ---- */

/* The value as a text; what it is compared with decides what it means. */
static int value_text(const json_t *v, char *out, size_t cap, struct bb_err *err)
{
	if (json_is_string(v) && json_string_length(v) < cap)
		snprintf(out, cap, "%s", json_string_value(v));
	else if (json_is_boolean(v))
		snprintf(out, cap, "%s", json_is_true(v) ? "true" : "false");
	else if (json_is_number(v))
		snprintf(out, cap, "%.10g", json_number_value(v));
	else
		return bb_err_set(err, "a condition needs a value: number, boolean or short text");
	for (const char *p = out; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return bb_err_set(err, "the value holds a control character");
	return *out ? 0 : bb_err_set(err, "the value is empty");
}

static bool is_one_of(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

/* What can never be true, or never be false, is refused. */
static int check_condition(const struct member_input *m, const char *value, struct bb_err *err)
{
	static const char *const number_ops
		[] = { "=", "!=", "<", "<=", ">", ">=", NULL },
      *const text_ops[] = { "=", "!=", "has", NULL }, *const flag_ops[] = { "=", "!=", NULL },
      *const *const
		ops[] = { [BB_NUMBER] = number_ops, [BB_TEXT] = text_ops, [BB_FLAG] = flag_ops };
	char name[128];
	size_t n = strcspn(m->point, "#");
	double number;

	snprintf(name, sizeof(name), "%.*s", (int)n, m->point);
	const struct bb_point *p = bb_point_find(name);
	if (!p)
		return bb_err_set(err, "there is no point \"%s\"", name);
	if (!is_one_of(m->op, ops[p->kind]))
		return bb_err_set(err, "\"%s\" cannot be asked of \"%s\"", m->op, name);
	if (p->kind == BB_FLAG && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return bb_err_set(err, "\"%s\" is true or false", name);
	if (p->kind != BB_NUMBER)
		return 0;
	if (bb_parse_double(value, &number) != 0)
		return bb_err_set(err, "\"%s\" is a number, \"%s\" is not", name, value);
	if (!(number >= p->min && number <= p->max) && p->min <= p->max)
		return bb_err_set(err, "\"%s\" is from %g to %g: this would never change", name,
			p->min, p->max);
	return 0;
}

static json_t *member_read(const json_t *v, char *where, struct bb_err *err)
{
	struct member_input m = { 0 };
	json_t *plain = json_is_object(v) ? json_copy((json_t *)(uintptr_t)v) : json_object();
	const json_t *value = json_is_object(v) ? json_object_get(v, "value") : NULL;
	char text[100] = "", name[64] = "";
	int rc;

	json_object_del(plain, "value");
	rc = fields_read(plain, member_fields, &m, name, err);
	json_decref(plain); /* its texts belong to `v` */
	if (rc == 0)
		name[0] = '\0';
	if (rc == 0 && !m.device + !m.group + !m.redundancy != 2)
		rc = bb_err_set(err,
			"a member is a device, a group or a redundancy group, one of them");
	bool is_condition = m.point || m.op || value;
	if (rc == 0 && is_condition && (!m.device || !m.point || !m.op || !value))
		rc = bb_err_set(err, "a condition is device, point, op and value");
	if (rc == 0 && is_condition)
		rc = value_text(value, text, sizeof(text), err);
	if (rc == 0 && is_condition)
		rc = check_condition(&m, text, err);
	if (rc == 0 && m.device && !bb_key_valid(m.device))
		rc = bb_err_set(err, "\"%s\" is not a key", m.device);
	if (rc < 0) {
		size_t len = strlen(where);
		snprintf(where + len, GROUP_POINTER_MAX - len, "%s%s", *name ? "/" : "", name);
		return NULL;
	}
	return json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}", "device", m.device, "group",
		m.group, "redundancy", m.redundancy, "point", m.point, "op", m.op, "value",
		is_condition ? text : NULL);
}

static json_t *members_read(const json_t *list, char *where, struct bb_err *err)
{
	json_t *out = json_array(), *v;
	size_t i, k;

	json_array_foreach((json_t *)(uintptr_t)list, i, v)
	{
		snprintf(where, GROUP_POINTER_MAX, "/members/%zu", i);
		json_t *m = member_read(v, where, err), *other;
		json_array_foreach(out, k, other)
		{
			if (!m || !json_equal(m, other))
				continue;
			bb_err_set(err, "it is the same as member %zu", k);
			json_decref(m);
			m = NULL;
		}
		if (!m) {
			json_decref(out);
			return NULL;
		}
		json_array_append_new(out, m);
	}
	return out;
}

static int check_error(const char *s, struct bb_err *err)
{
	if (!s || !*s)
		return bb_err_set(err, "it is not a text");
	if (isupper((unsigned char)*s))
		return bb_status_parse(s) && !strchr(s, ' ')
			       ? 0
			       : bb_err_set(err, "there is no status word \"%s\"", s);
	return strlen(s) <= 40 && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0'
		       ? 0
		       : bb_err_set(err, "\"%s\" is neither a status word nor a rule", s);
}

static json_t *errors_read(const json_t *list, char *where, struct bb_err *err)
{
	json_t *out = json_array(), *v;
	size_t i;

	for (i = 0; !list && i < sizeof(default_errors) / sizeof(default_errors[0]); i++)
		json_array_append_new(out, json_string(default_errors[i]));
	json_array_foreach((json_t *)(uintptr_t)list, i, v)
	{
		snprintf(where, GROUP_POINTER_MAX, "/fails_on/%zu", i);
		if (check_error(json_string_value(v), err) < 0) {
			json_decref(out);
			return NULL;
		}
		json_array_append(out, v);
	}
	return out;
}

/* Rules that are not built in: the schema knows whether somebody made them. */
static json_t *own_rules(const json_t *errors)
{
	json_t *out = json_array(), *v;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)errors, i, v)
	{
		const char *s = json_string_value(v);
		if (!isupper((unsigned char)*s) && !bb_rule_words(s))
			json_array_append(out, v);
	}
	return out;
}

json_t *redundancy_input_read(const json_t *object, bool with_key, char *where, struct bb_err *err)
{
	struct redundancy_input in = { .name = "", .site = "", .severity = "critical" };

	if (fields_pointer(object, redundancy_fields, &in, where, err) < 0 ||
		check_key(in.key, with_key, where, err) < 0)
		return NULL;
	int severity = bb_severity_parse(in.severity);
	if (severity < 1 || severity > 5) {
		bb_err_set(err, "the severity is critical, major, unknown, minor or info");
		return refuse(where, "/severity");
	}
	json_t *members = members_read(in.members, where, err);
	json_t *errors = members ? errors_read(in.fails_on, where, err) : NULL;
	if (!errors) {
		json_decref(members);
		return NULL;
	}
	return json_pack("{s:s*, s:s, s:s, s:I, s:I, s:i, s:o, s:o, s:o}", "key", in.key, "name",
		in.name, "site", in.site, "need", (json_int_t)in.need, "hold_s",
		(json_int_t)in.hold_s, "severity", severity, "members", members, "own_rules",
		own_rules(errors), "fails_on", errors);
}
