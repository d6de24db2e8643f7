// SPDX-License-Identifier: Apache-2.0
/* Rules as data: what to look at, when to raise and clear, how long it must hold, how bad it is,
 * what to tell people.  A rule has one or more terms; it is true when any of them is. A term looks
 * at one point (or at the communication with the device) and has its own holds, because a flag of
 * the device is believed at once and a measured value is not. A limit rule has a term for each
 * level; it stays one alarm, whose severity follows the worst level that holds. Terms of a set are
 * numbered from 0, so that what a reading says about all of them is four sets of bits, as many
 * words long as the set needs. Names in rules are literals or live as long as the rule. Evaluation
 * is pure but for the memory a caller hands in (track.h). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alarmd/state.h"
#include "common/wire.h"

#define RULE_TERMS_MAX     4 /* of one rule */
#define RULE_WORDS         8
#define RULE_INDEX_MAX     16
#define RULE_SET_TERMS_MAX (64 * RULE_WORDS) /* of all rules of one device */

enum rule_source {
	RULE_WORD,  /* ups.status has one of the words */
	RULE_TEXT,  /* another text is one of the values */
	RULE_FLAG,  /* a flag point is true */
	RULE_ABOVE, /* a number is above `raise`; clears below `clear` */
	RULE_BELOW, /* a number is below `raise`; clears above `clear` */
	RULE_RATE, /* a number changes by more than `raise` (falls, if negative) within `span_ms` */
	RULE_DEVIATION, /* a number is further than `raise` from the median of its peers */
	RULE_AGE,       /* no good value for `span_ms`; time says so, not a reading */
	RULE_PEER,      /* raises nothing: the value counts for a median of others */
	RULE_COMM,      /* the device does not answer */
	RULE_EVENT,     /* an event of a collector says so (event.c); no reading speaks of it */
};

struct rule_term {
	enum rule_source source;
	const char *point;         /* also the subject of the alarm; a segment may be "*" */
	const char *group;         /* poll group that brings it; "" not known */
	unsigned words;            /* RULE_WORD: enum bb_status bits, any of them */
	const char *const *values; /* RULE_TEXT */
	unsigned n_values;
	double raise, clear; /* RULE_ABOVE: raise >= clear; RULE_BELOW: raise <= clear */
	uint32_t span_ms;
	const char *peers; /* RULE_DEVIATION, RULE_PEER: device group, or "." */
	unsigned severity; /* of a level; 0: the rule's */
	const char *unit;
	struct alarm_hold hold;
	const char *text; /* one sentence; {value} {limit} {unit} {point} are replaced */
};

enum rule_word { RULE_CAUSE, RULE_CONSEQUENCE, RULE_ACTION, RULE_WORDS_KINDS };

struct rule {
	const char *id;
	unsigned severity; /* proto Severity */
	unsigned n_terms;
	bool is_levelled; /* the severity follows the terms */
	struct rule_term term[RULE_TERMS_MAX];
	uint64_t entry; /* of the configuration; 0: built-in */
	const char *words
		[RULE_WORDS_KINDS]; /* what it says itself; NULL: as the built-in one of that id */
};

/* ---- sets of bits, one for each term ---- */

struct rule_bits {
	uint64_t w[RULE_WORDS];
};
static inline bool rule_bit(const struct rule_bits *b, unsigned k)
{
	return b->w[k / 64] >> k % 64 & 1;
}
static inline void rule_bit_set(struct rule_bits *b, unsigned k, bool on)
{
	uint64_t bit = UINT64_C(1) << k % 64;

	b->w[k / 64] = on ? b->w[k / 64] | bit : b->w[k / 64] & ~bit;
}

struct rule_set;
/* The rules are borrowed for the life of the set. Returns NULL and fills err when a rule is wrong
 * or there are too many terms. Caller frees. */
struct rule_set *rule_set_new(const struct rule *const *rules, size_t n, struct bb_err *err);
/* The same of an array of rules. */
struct rule_set *rule_set_of(const struct rule *rules, size_t n, struct bb_err *err);
void rule_set_free(struct rule_set *s);
size_t rule_count(const struct rule_set *s);
const struct rule *rule_at(const struct rule_set *s, size_t i);
/* The rule with that id, or NULL. */
const struct rule *rule_find(const struct rule_set *s, const char *id);
static inline bool rule_is_event(const struct rule *r)
{
	return r && r->term[0].source == RULE_EVENT;
}
static inline bool rule_is_comm(const struct rule *r)
{
	return r && r->term[0].source == RULE_COMM;
}
/* The rule that says when a device does not answer, or NULL. */
const struct rule *rule_comm(const struct rule_set *s);
unsigned rule_words(const struct rule_set *s); /* words of bits that mean something */
bool rule_has_age(const struct rule_set *s);
bool rule_has_track(const struct rule_set *s); /* a term needs memory */
/* First term of the rule in the set; the others follow. The rule must be of the set. */
unsigned rule_first_term(const struct rule_set *s, const struct rule *r);
/* Set or clear the bits of a rule's terms. */
void rule_mark(const struct rule_set *s, const struct rule *r, struct rule_bits *b, bool on);
/* The rule a term belongs to. */
const struct rule *rule_of_term(const struct rule_set *s, unsigned term);
const struct rule_term *rule_term(const struct rule_set *s, unsigned term);
/* The term of `r` with that point, or -1. */
int rule_term_of_point(const struct rule_set *s, const struct rule *r, const char *point);
/* Does a name fit a point of a rule, in which a segment may be "*"? */
bool rule_point_fits(const char *pattern, const char *name, size_t name_len);

/* What one reading says about the terms. A term is in none of the sets when the reading says
 * nothing about it (absence is no news). */
struct rule_verdicts {
	struct rule_bits is_true, is_between, is_false, is_bad;
};
struct rule_news {
	struct rule_verdicts is;
	unsigned n_words;
	/* terms of the group that was read, whether the reading has their point or not; NULL: none */
	const struct rule_bits *seen_groups;
	const Busbar__V1__Reading *reading; /* NULL: time says so */
	double value[RULE_SET_TERMS_MAX];   /* of number terms in the first three sets */
	/* Which value says so: of many (battery blocks, "*") the worst one. Names are borrowed from the reading. */
	const char *name[RULE_SET_TERMS_MAX];
	char index[RULE_SET_TERMS_MAX][RULE_INDEX_MAX];
	bool has_status;
	unsigned status; /* ups.status words, good */
};
struct rule_world;
/* `is_stale`: the reading is too old, none of its values is evidence. Comm terms are not
 * touched. Without a world (track.h) terms that need memory have no news. */
void rule_read(const struct rule_set *s, const Busbar__V1__Reading *r, bool is_stale,
	const struct rule_world *world, struct rule_news *out);
/* What the time says: only terms about age have news. */
void rule_read_age(const struct rule_set *s, const struct rule_world *world, struct rule_news *out);
/* Does the reading bring this value ("point#index", as good as any)? */
bool rule_reading_has(const Busbar__V1__Reading *r, const char *subject);

/* What is known of one device's terms: the newest good value of each, and whether it has gone bad
 * since. */
struct rule_memory {
	struct rule_bits known; /* a good value was seen */
	struct rule_bits is_true, is_between, is_bad;
	struct rule_bits assumed; /* known only from an alarm taken up after a restart */
};
void rule_remember(struct rule_memory *m, const struct rule_news *news, bool is_complete);
/* Terms an alarm of this rule was raised by, or may have been, count as unknown until read. */
void rule_assume(const struct rule_set *s, const struct rule *r, struct rule_memory *m);

/* The event the news of `term` mean for its rule's alarm in `phase`, whose running hold was begun
 * by term `lead`. Returns false when they mean nothing: another term leads, or still speaks
 * against. `m` already holds the news. */
bool rule_event(const struct rule_set *s, unsigned term, const struct rule_news *news,
	const struct rule_memory *m, enum alarm_phase phase, unsigned lead,
	enum alarm_event *event);

/* Fill the text of a term. `point`: the name that was read. */
void rule_text(const struct rule_term *t, const char *point, double value, char *out, size_t cap);

/* The rules everybody gets (pack.c); what they mean and ask for: common/rulewords.h. */
extern const struct rule rule_pack[];
extern const size_t rule_pack_count;
