// SPDX-License-Identifier: Apache-2.0
/* What rules remember of single values: how a value was some time ago (rate), when it was last
 * good (age), what its peers have (deviation). One memory for each device whose rules need it, one
 * table of peers for all. Bounded: a device that sends ever new names is no longer followed beyond
 * TRACK_VALUES_MAX values. Used from one thread; allocates, never blocks. */
#pragma once
#include "alarmd/rule.h"

#define TRACK_VALUES_MAX 1024 /* of one device */
#define TRACK_PEERS_MAX  1024 /* of one point in one group */
#define TRACK_PEERS_MIN  3    /* fresh values a median needs */

struct track;
struct track_peers;
struct track *track_new(void);
void track_free(struct track *t);
/* The device has another set of rules: forget what none of its terms follows. */
void track_keep(struct track *t, const struct rule_set *s);

/* The values of that group were read again, as they were. */
void track_confirm(struct track *t, unsigned poll_group, uint64_t at_ms);

struct track_peers *track_peers_new(void);
void track_peers_free(struct track_peers *p);
/* A device left a group, or is no more. */
void track_peers_forget(struct track_peers *p, uint64_t device_id);

struct rule_world {
	struct track *track;
	struct track_peers *peers;
	uint64_t device_id;
	uint64_t
		at_ms; /* when the device answered; for rule_read_age(): now. Any clock that never goes back */
	uint64_t begin_ms; /* ages of values never seen count from here */
	uint32_t interval_ms;
	unsigned poll_group; /* number of the group that was read */
};

enum track_verdict {
	TRACK_NOTHING, /* no news */
	TRACK_SHORT,   /* followed for too short a time to say that all is well */
	TRACK_VALUE,
};
/* A good value of a term of kind RATE, DEVIATION, AGE or PEER; *out: the change, the distance from
 * the median. */
enum track_verdict track_value(const struct rule_world *w, const struct rule_term *t,
	const struct bb_value *v, double *out);
/* How long ago the value of an AGE term was good; of many the oldest one, whose names are borrowed
 * until the next call. */
uint64_t track_age_ms(const struct rule_world *w, const struct rule_term *t, const char **name,
	const char **index);
