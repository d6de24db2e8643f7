// SPDX-License-Identifier: Apache-2.0
#include "alarmd/kofn.h"

#include <string.h>

const char *truth_name(enum truth t)
{
	static const char *const names[] = { "", "works", "fails", "unknown" };

	return names[t <= TRUTH_UNKNOWN ? t : 0];
}

void kofn_add(struct kofn *k, enum truth member)
{
	k->working += member == TRUTH_WORKS;
	k->failed += member == TRUTH_FAILS;
	k->unknown += member == TRUTH_UNKNOWN;
}

enum truth kofn_truth(const struct kofn *k)
{
	if (k->working >= k->need)
		return TRUTH_WORKS;
	return k->working + k->unknown < k->need ? TRUTH_FAILS : TRUTH_UNKNOWN;
}

const char *kofn_alarm_rule(enum kofn_alarm a)
{
	static const char *const rules[KOFN_ALARMS] = { "redundancy_lost", "redundancy_reduced",
		"redundancy_unknown" };

	return rules[a];
}

enum alarm_event kofn_event(const struct kofn *k, enum kofn_alarm a)
{
	static const enum alarm_event of_truth[KOFN_ALARMS][TRUTH_UNKNOWN + 1] = {
		[KOFN_LOST] = { [TRUTH_WORKS] = ALARM_FALSE,
			[TRUTH_FAILS] = ALARM_TRUE,
			[TRUTH_UNKNOWN] = ALARM_NOT_GOOD },
		[KOFN_REDUCED] = { [TRUTH_WORKS] = ALARM_FALSE,
			[TRUTH_FAILS] = ALARM_BETWEEN,
			[TRUTH_UNKNOWN] = ALARM_NOT_GOOD },
		[KOFN_UNKNOWN] = { [TRUTH_WORKS] = ALARM_FALSE,
			[TRUTH_FAILS] = ALARM_FALSE,
			[TRUTH_UNKNOWN] = ALARM_TRUE },
	};
	enum truth t = kofn_truth(k);

	if (a == KOFN_REDUCED && t == TRUTH_WORKS && k->failed)
		return ALARM_TRUE;
	/* The member that had failed may be the one nobody hears of. */
	if (a == KOFN_REDUCED && t == TRUTH_WORKS && k->unknown)
		return ALARM_NOT_GOOD;
	return of_truth[a][t];
}

int condition_op_parse(const char *op)
{
	static const char *const names[CONDITION_OPS] = { "=", "!=", "<", "<=", ">", ">=", "has" };

	for (int i = 0; i < CONDITION_OPS; i++)
		if (strcmp(names[i], op) == 0)
			return i;
	return -1;
}

bool condition_number(enum condition_op op, double value, double limit)
{
	switch (op) {
	case CONDITION_EQUAL: return value >= limit && value <= limit;
	case CONDITION_UNEQUAL: return value < limit || value > limit;
	case CONDITION_LESS: return value < limit;
	case CONDITION_LESS_EQUAL: return value <= limit;
	case CONDITION_GREATER: return value > limit;
	case CONDITION_GREATER_EQUAL: return value >= limit;
	case CONDITION_HAS:
	case CONDITION_OPS: break;
	}
	return false;
}

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text + strspn(text, " "); *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (len == n && strncmp(p, word, n) == 0)
			return true;
		p += len;
	}
	return false;
}

bool condition_text(enum condition_op op, const char *value, const char *wanted)
{
	switch (op) {
	case CONDITION_EQUAL: return strcmp(value, wanted) == 0;
	case CONDITION_UNEQUAL: return strcmp(value, wanted) != 0;
	case CONDITION_HAS: return has_word(value, wanted);
	default: return false;
	}
}
