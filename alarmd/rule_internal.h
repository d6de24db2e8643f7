// SPDX-License-Identifier: Apache-2.0
/* A rule set from the inside, for the files that build and read it; nobody else includes this. */
#pragma once
#include <string.h>

#include "alarmd/rule.h"
#include "common/table.h"

struct term_slot {
	const struct rule *rule;
	const struct rule_term *term;
};

struct rule_slot {
	const struct rule *rule;
	unsigned first; /* term */
};

/* The terms of one poll group. */
struct group_terms {
	const char *group;
	struct rule_bits terms;
};

/* The terms that look at one point. */
struct point_terms {
	unsigned n;
	uint16_t *term;
};

/* A point with "*" in it. */
struct wild {
	const char *pattern;
	struct point_terms terms;
};

enum { GROUPS_MAX = 8, SKETCH = 256 };

struct rule_set {
	struct rule_slot *rules;
	size_t n_rules;
	unsigned n_terms, n_words;
	struct term_slot *slot;
	struct point_terms words; /* that look at ups.status */
	struct group_terms groups[GROUPS_MAX];
	unsigned n_groups;
	/* Whether any point of a term sketches like that: most points of a reading are nobody's. */
	bool sketch[SKETCH], wild_sketch[SKETCH];
	struct bb_table *by_point; /* point -> struct point_terms */
	struct bb_table *by_id;    /* struct rule_slot */
	struct wild *wild;
	unsigned n_wild;
	const struct rule *comm;
	bool has_age, has_track;
};

static inline unsigned sketch_of(const char *point)
{
	size_t n = strlen(point);

	return n ? ((unsigned char)point[0] + 3 * (unsigned char)point[n - 1] +
			   7 * (unsigned char)point[n / 2] + 31 * (unsigned)n) %
			       SKETCH
		 : 0;
}

/* Of names whose middle is not known: how they begin. */
static inline unsigned wild_sketch_of(const char *point)
{
	unsigned char a = (unsigned char)point[0], b = a ? (unsigned char)point[1] : 0,
		      c = b ? (unsigned char)point[2] : 0;

	return (a + 5u * b + 11u * c) % SKETCH;
}
