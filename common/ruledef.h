// SPDX-License-Identifier: Apache-2.0
/* What people say about a rule: one shape for the API (JSON), the database (jsonb), a
 * configuration generation (JSON) and the text people edit (libconfig); docs/api.md describes its
 * members. Reading checks everything that can be known without looking at devices: types, ranges,
 * what belongs to which kind, what contradicts itself, what can never fire. Nothing blocks. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/point.h"
#include "common/str.h"

enum {
	BB_RULE_LEVELS = 4,
	BB_RULE_VALUES_MAX = 24,
	BB_RULES_MAX = 5000,
	BB_RULE_TEXT_MAX = 8 << 20
};

enum bb_rule_kind {
	BB_RULE_NONE, /* no kind given: a change of the built-in rule of that id, or an end to whatever has that id */
	BB_RULE_LIMIT,
	BB_RULE_STATE,
	BB_RULE_FLAG,
	BB_RULE_RATE,
	BB_RULE_AGE,
	BB_RULE_DEVIATION,
	BB_RULE_KINDS
};
/* The larger, the nearer. */
enum bb_rule_scope {
	BB_SCOPE_ALL,
	BB_SCOPE_PROFILE,
	BB_SCOPE_SITE,
	BB_SCOPE_GROUP,
	BB_SCOPE_DEVICE,
	BB_SCOPES
};

/* One of high_high, high, low, low_low. */
struct bb_rule_level {
	bool is_set, has_clear;
	double raise, clear; /* without has_clear: the same */
	unsigned severity;   /* proto Severity */
};

/* Strings are never NULL and live in the arena it was read into. A number whose has_ is false
 * means the default of its user. */
struct bb_ruledef {
	const char *id;
	bool enabled, has_latch, latch;
	enum bb_rule_scope scope;
	const char *scope_of; /* "" for everywhere */
	enum bb_rule_kind kind;
	const char *point;
	struct bb_rule_level level[BB_RULE_LEVELS]; /* in the order above */
	unsigned n_values;
	const char *value[BB_RULE_VALUES_MAX];
	double per_s, over, clear, difference;
	bool has_clear;
	int64_t max_age_s;
	const char *group;
	unsigned severity; /* 0: not given */
	bool has_on_delay, has_off_delay, has_raise_count, has_clear_count;
	int64_t on_delay_s, off_delay_s, raise_count, clear_count;
	const char *title, *text, *cause, *consequence, *action;
};

/* Read and check one rule. NULL: `pointer` says where ("/limits/high/raise", at least 96 bytes),
 * err why. */
const struct bb_ruledef *bb_ruledef_read(struct bb_arena *a, const json_t *v, char *pointer,
	struct bb_err *err);
/* The same from JSON text. */
const struct bb_ruledef *bb_ruledef_parse(struct bb_arena *a, const char *json, size_t len,
	char *pointer, struct bb_err *err);
/* The members, into an object the caller has begun; only those that were given. */
void bb_ruledef_write(const struct bb_ruledef *d, struct bb_json *j);

/* "rules = ( { id = ...; }, ... );" as a JSON array, each read and checked, no (id, scope) twice.
 * The caller frees with json_decref(). NULL: err names the line. */
json_t *bb_ruledef_text_read(const char *text, struct bb_err *err);
/* The other way; `list` holds rules as JSON. */
void bb_ruledef_text_write(struct bb_buf *out, const json_t *list);

/* What a point of a rule means: of "battery.*.voltage" one that fits. NULL: there is none. */
const struct bb_point *bb_ruledef_point(const char *name);
const char *bb_rule_kind_name(enum bb_rule_kind kind);    /* "" for none */
const char *bb_rule_scope_name(enum bb_rule_scope scope); /* "" for everywhere */
const char *bb_rule_level_name(unsigned level);           /* "high_high" ... */
static inline bool bb_rule_level_is_high(unsigned level)
{
	return level < 2;
}

/* ---- for the files of this module ---- */
int bb_ruledef_check(const struct bb_ruledef *d, char *pointer, struct bb_err *err);
