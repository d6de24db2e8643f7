// SPDX-License-Identifier: Apache-2.0
/* Levels of a limit rule: one alarm, whose severity is that of the worst level that holds. Each
 * level has a life of its own, by the same table and with the same holds as an alarm, so that a
 * value that swings around a level does not make the severity swing. While no level holds (on the
 * way from too high to too low) the severity stays. */
#include <stdio.h>

#include "alarmd/core_internal.h"

void level_step(struct alarm *a, unsigned k, enum alarm_event ev, uint64_t now_ns)
{
	struct alarm_hold hold = a->rule->term[k].hold;

	hold.latch = false;
	alarm_step(&a->level[k], ev, &hold, now_ns / NS_PER_MS);
}

void level_all(struct alarm *a, enum alarm_event ev, uint64_t now_ns)
{
	if (!a->rule || !a->rule->is_levelled)
		return;
	for (unsigned k = 0; k < a->rule->n_terms; k++)
		level_step(a, k, ev, now_ns);
}

int level_worst(const struct alarm *a)
{
	int worst = -1;

	for (unsigned k = 0; a->rule && a->rule->is_levelled && k < a->rule->n_terms; k++)
		if (alarm_is_active((enum alarm_phase)a->level[k].phase) &&
			(worst < 0 || a->rule->term[k].severity < a->rule->term[worst].severity))
			worst = (int)k;
	return worst;
}

void level_restore(struct alarm *a)
{
	for (unsigned k = 0; a->rule && a->rule->is_levelled && k < a->rule->n_terms; k++)
		a->level[k] = (struct alarm_state){
			.phase = a->rule->term[k].severity == a->severity ? PHASE_ACTIVE
									  : PHASE_NORMAL,
		};
}

void level_settle(struct core *c, struct alarm *a, const struct rule_news *news, uint64_t now_ns)
{
	int k = level_worst(a);
	char text[256];

	if (k < 0 || !alarm_is_active((enum alarm_phase)a->st.phase) ||
		a->rule->term[k].severity == a->severity)
		return;
	const struct rule_term *t = &a->rule->term[k];
	unsigned term = rule_first_term(a->device->rules, a->rule) + (unsigned)k;
	const char *point = NULL;

	a->limit = t->raise;
	if (news && (rule_bit(&news->is.is_true, term) || rule_bit(&news->is.is_between, term))) {
		a->value = news->value[term];
		point = news->name[term];
	}
	rule_text(t, point, a->value, text, sizeof(text));
	replace_text(&a->text, text);
	alarm_set_severity(c, a, t->severity, now_ns);
}
