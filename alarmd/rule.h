// SPDX-License-Identifier: Apache-2.0
/* Rules as data: what to look at, when to raise and clear, how long it must hold, how bad it is,
 * what to tell people.
 *
 * A rule has one or more terms; it is true when any of them is. A term looks at one point (or at
 * the communication with the device) and has its own holds, because a flag of the device is
 * believed at once and a measured value is not. Terms of a set are numbered 0..63, so that what a
 * reading says about all of them is four words of bits. Evaluation is pure and does not allocate.
 * Names in rules are literals or live as long as the set. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alarmd/state.h"
#include "common/wire.h"

#define RULE_TERMS_MAX     3  /* of one rule */
#define RULE_SET_TERMS_MAX 64 /* of all rules: bits of a word */

enum rule_source {
	RULE_WORD,  /* ups.status has one of the words */
	RULE_FLAG,  /* a flag point is true */
	RULE_ABOVE, /* a number is above `raise`; clears below `clear` */
	RULE_BELOW, /* a number is below `raise`; clears above `clear` */
	RULE_COMM,  /* the device does not answer */
	RULE_EVENT, /* an event of a collector says so (event.c); no reading speaks of it */
};

struct rule_term {
	enum rule_source source;
	const char *point;   /* also the subject of the alarm */
	const char *group;   /* poll group that brings it */
	unsigned words;      /* RULE_WORD: enum bb_status bits, any of them */
	double raise, clear; /* RULE_ABOVE: raise >= clear; RULE_BELOW: raise <= clear */
	const char *unit;
	struct alarm_hold hold;
	const char *text; /* one sentence; {value} {limit} {unit} are replaced */
};

struct rule {
	const char *id;
	unsigned severity; /* proto Severity */
	unsigned n_terms;
	struct rule_term term[RULE_TERMS_MAX];
};

#define RULE_INDEX_MAX 16
struct rule_set;
/* `rules` is borrowed for the life of the set. Returns NULL and fills err when a row is wrong.
 * Caller frees. */
struct rule_set *rule_set_new(const struct rule *rules, size_t n, struct bb_err *err);
void rule_set_free(struct rule_set *s);
size_t rule_count(const struct rule_set *s);
const struct rule *rule_at(const struct rule_set *s, size_t i);
/* The rule with that id, or NULL. */
const struct rule *rule_find(const struct rule_set *s, const char *id);
/* Number of the rule / first term of the rule in the set. */
unsigned rule_index(const struct rule_set *s, const struct rule *r);
static inline bool rule_is_event(const struct rule *r)
{
	return r && r->term[0].source == RULE_EVENT;
}
unsigned rule_first_term(const struct rule_set *s, const struct rule *r);
uint64_t rule_terms(const struct rule_set *s, const struct rule *r);
/* The rule a term belongs to. */
const struct rule *rule_of_term(const struct rule_set *s, unsigned term);
const struct rule_term *rule_term(const struct rule_set *s, unsigned term);
/* The term of `r` with that point, or -1. */
int rule_term_of_point(const struct rule_set *s, const struct rule *r, const char *point);

/* What one reading says about the terms. A term is in none of the words when the reading says
 * nothing about it (absence is no news). */
struct rule_news {
	uint64_t is_true, is_between, is_false, is_bad;
	uint64_t
		/* terms of the group that was read, whether the reading has their point or not */
		seen_groups;
	double value[RULE_SET_TERMS_MAX]; /* of number terms in the first three words */
	/* Which battery string or block says so ("s2.b17"), "" where the point has none: of many
	 * the worst one. */
	char index[RULE_SET_TERMS_MAX][RULE_INDEX_MAX];
	bool has_status;
	unsigned status; /* ups.status words, good */
};
/* `is_stale`: the reading is too old, none of its values is evidence. Comm terms are not
 * touched. */
void rule_read(const struct rule_set *s, const Busbar__V1__Reading *r, bool is_stale,
	struct rule_news *out);

/* What is known of one device's terms: the newest good value of each, and whether it has gone bad
 * since. */
struct rule_memory {
	uint64_t known; /* a good value was seen */
	uint64_t is_true, is_between, is_bad;
	uint64_t assumed; /* known only from an alarm taken up after a restart */
};
void rule_remember(struct rule_memory *m, const struct rule_news *news, bool is_complete);

/* The event the news of `term` mean for its rule's alarm in `phase`, whose running hold was begun
 * by term `lead`. Returns false when they mean nothing: another term leads, or still speaks
 * against. `m` already holds the news. */
bool rule_event(const struct rule_set *s, unsigned term, const struct rule_news *news,
	const struct rule_memory *m, enum alarm_phase phase, unsigned lead,
	enum alarm_event *event);

/* Fill the text of a term. */
void rule_text(const struct rule_term *t, double value, char *out, size_t cap);

/* The rules everybody gets (pack.c). */
extern const struct rule rule_pack[];
extern const size_t rule_pack_count;
