// SPDX-License-Identifier: Apache-2.0
/* Redundancy groups: enough of the members must work.
 *
 * A member is a device, a condition on a value of a device, or another redundancy group; a device is
 * a member once however often it is reached. Each is works, fails or unknown (kofn.h); a group's
 * result is a pure function of its members. Alarms stand on an object of the core's device list
 * (id 0, key "redundancy/<key>"), so that they are journalled, acknowledged and taken up after a
 * restart as any other. Everything lives from one core_config() to the next. Nothing here blocks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alarmd/core.h"
#include "alarmd/kofn.h"

#define REDUNDANCY_PREFIX "redundancy/"

struct redundancy_result {
	struct kofn count;
	enum truth truth;
	bool has_load, has_capacity;
	double load_w;     /* of all members */
	double capacity_w; /* rated real power of those that work */
};

enum redundancy_kind { REDUNDANCY_DEVICE, REDUNDANCY_CONDITION, REDUNDANCY_GROUP };

struct redundancy_member {
	enum redundancy_kind kind;
	struct device *device;    /* of the first two; NULL: not in the configuration */
	struct redundancy *group; /* of the third; NULL the same */
	char *point, *index;      /* of a condition, with its operator and what is wanted */
	enum condition_op op;
	char *wanted;
	enum truth truth; /* as last seen */
};

/* A device whose power counts, with the group whose word on it is taken. */
struct redundancy_leaf {
	struct device *device;
	const struct redundancy *by;
};

struct redundancy {
	char *key, *name;
	uint64_t id;
	struct alarm_hold hold[KOFN_ALARMS];
	uint8_t severity[KOFN_ALARMS];
	unsigned fail_words; /* ups.status words that make a device fail */
	char **fail_rules;   /* and rules */
	size_t n_fail_rules;
	struct redundancy_member *member;
	size_t n_members;
	struct redundancy_leaf *leaf;
	size_t n_leaves;
	size_t index;   /* in the order of evaluation: groups in it come before */
	bool is_cyclic; /* holds itself: nothing can be told */
	struct device *object;
	struct redundancy_result now;
	uint32_t need;
	uint64_t since_us;  /* wall clock of the present truth; 0: before our start */
	bool is_from_start; /* nothing certain was seen since we started */
	bool is_due, is_changed, is_published;
	uint64_t told_ms, told_jseq;
	struct redundancy_result told;
};

/* In the order of evaluation. */
struct redundancy *const *core_redundancies(const struct core *c, size_t *n);
struct redundancy *core_redundancy(const struct core *c, const char *key);

/* Heard of since our start or the last pause, by a collector that lives. */
bool device_is_fresh(const struct core *c, const struct device *d);
/* Why a member is what it is, in a few words; "" when it works. */
#define REDUNDANCY_WHY_MAX 80
enum truth redundancy_member_truth(const struct core *c, const struct redundancy *r,
	const struct redundancy_member *m, uint64_t now_ns, char *why);
/* What a device carries and can carry; false: it does not tell. */
bool redundancy_load(const struct device *d, uint64_t now_ns, double *w);
bool redundancy_capacity(const struct device *d, uint64_t now_ns, double *w);

/* All groups as they would be if these devices (ids as keys of the table) had failed. `out` has room for all,
 * by index. Changes nothing. */
void redundancy_what_if(const struct core *c, const struct bb_table *failed, uint64_t now_ns,
	struct redundancy_result *out);

/* Every group whose state changed and whose newest transition is durable, one call each. */
void redundancy_flush_changed(struct core *c, uint64_t durable_jseq,
	void (*cb)(void *arg, struct redundancy *r), void *arg);
void redundancy_message(const struct redundancy *r, Busbar__V1__RedundancyState *out);
