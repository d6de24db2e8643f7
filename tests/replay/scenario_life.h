// SPDX-License-Identifier: Apache-2.0
/* What a scenario expects of marks, floods and messages. Each returns 0, or -1 with the reason. */
#pragma once
#include "tests/lib/alarm_world.h"

int scenario_test(struct world *w, const char *where, const char *severity, unsigned seconds,
	struct core_ack_result *out, struct bb_err *err);
/* KEY RULE MARK...: quiet loud maintenance=NAME out-of-service=ORDER suppressed=KEY chattering=N steady test shelved */
int scenario_mark(struct world *w, char **words, size_t n, struct bb_err *err);
/* KEY RULE CAUSE CONSEQUENCE ACTION as the alarm carries them; "-" for none */
int scenario_words(struct world *w, char **words, size_t n, struct bb_err *err);
/* SITE|all on|off */
int scenario_flood(struct world *w, char **words, size_t n, struct bb_err *err);
/* KEY RULE RAISES CLEARS: messages notifyd makes of the record, by its own rule, for somebody who wants all ("any": of all
 * rules) */
int scenario_told(struct world *w, char **words, size_t n, struct bb_err *err);
