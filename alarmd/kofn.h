// SPDX-License-Identifier: Apache-2.0
/* k of n in three-valued logic: what is certain whatever the unknown turns out to be.
 *
 * Invariant (monotony): with any unknown member replaced by a working or a failed one, a result that
 * was WORKS or FAILS stays what it was. One more working member never turns WORKS into anything
 * else. Pure functions, no memory. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "alarmd/state.h"

/* As proto RedundancyResult. */
enum truth { TRUTH_WORKS = 1, TRUTH_FAILS = 2, TRUTH_UNKNOWN = 3 };
const char *truth_name(enum truth t); /* works fails unknown */

struct kofn {
	uint32_t need;
	uint32_t working, failed, unknown; /* members */
};
void kofn_add(struct kofn *k, enum truth member);
enum truth kofn_truth(const struct kofn *k);

/* The alarms of a group. */
enum kofn_alarm { KOFN_LOST, KOFN_REDUCED, KOFN_UNKNOWN, KOFN_ALARMS };
const char *kofn_alarm_rule(enum kofn_alarm a);
/* What the counts mean for an alarm. Lost: too few can work. Reduced: enough work, but a member has
 * failed; while the group is lost that neither begins nor ends. Both stay as they are while nobody
 * can tell. Unknown: neither works nor fails is certain. */
enum alarm_event kofn_event(const struct kofn *k, enum kofn_alarm a);

/* A condition on a value of a device. */
enum condition_op {
	CONDITION_EQUAL,
	CONDITION_UNEQUAL,
	CONDITION_LESS,
	CONDITION_LESS_EQUAL,
	CONDITION_GREATER,
	CONDITION_GREATER_EQUAL,
	CONDITION_HAS, /* one word of a text */
	CONDITION_OPS
};
/* -1: no such operator. */
int condition_op_parse(const char *op);
bool condition_number(enum condition_op op, double value, double limit);
/* Texts know = != has only; anything else is false. */
bool condition_text(enum condition_op op, const char *value, const char *wanted);
