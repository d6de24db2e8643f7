// SPDX-License-Identifier: Apache-2.0
/* A running scenario, and what it expects. Private to tests/replay. */
#pragma once
#include <string.h>

#include "tests/lib/alarm_world.h"

#define NAMES_MAX 16

struct scenario {
	struct world w;
	struct bb_err *err;
	FILE *trace;
	size_t traced;
	bool is_configured; /* devices were put in force since the last change */
	struct core_ack_result answer;
	uint8_t cmd_key;
	struct {
		char name[32], id[ALARM_ID_CHARS];
	} names[NAMES_MAX];
	size_t n_names;
};

typedef int (*verb_run)(struct scenario *s, char **w, size_t n);
struct verb {
	const char *name;
	verb_run run;
};

/* A pattern may end with "*". */
static inline bool key_matches(const char *pattern, const char *key)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return strncmp(pattern, key, n - 1) == 0;
	return strcmp(pattern, key) == 0;
}

/* "expect" and what follows it in words. Returns 0, or -1 with the reason in s->err. */
int scenario_expect(struct scenario *s, char **w, size_t n);
