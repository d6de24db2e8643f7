// SPDX-License-Identifier: Apache-2.0
/* Words of a rule are kept with the alarm: who is told of its end must not read what a rule changed
 * meanwhile says. Built-in words are not, so that the journal holds only what it alone knows. */
#include <stdlib.h>

#include "alarmd/core_internal.h"

void words_begin(struct alarm *a)
{
	for (unsigned i = 0; i < RULE_WORDS_KINDS; i++)
		replace_text(&a->words[i], a->rule && !a->is_test ? a->rule->words[i] : NULL);
}

void words_fill(const struct alarm *a, Busbar__V1__Alarm *m)
{
	m->cause = a->words[RULE_CAUSE];
	m->consequence = a->words[RULE_CONSEQUENCE];
	m->action = a->words[RULE_ACTION];
}

void words_take(struct alarm *a, const Busbar__V1__Alarm *m)
{
	replace_text(&a->words[RULE_CAUSE], m->cause);
	replace_text(&a->words[RULE_CONSEQUENCE], m->consequence);
	replace_text(&a->words[RULE_ACTION], m->action);
}

void words_free(struct alarm *a)
{
	for (unsigned i = 0; i < RULE_WORDS_KINDS; i++)
		free(a->words[i]);
}
