// SPDX-License-Identifier: Apache-2.0
/* What alarms mean and ask for: an alarm nobody can answer is none. Pure tables. A rule of the
 * configuration may say it in its own words: then the alarm carries them (proto Alarm). */
#pragma once

struct bb_rule_words {
	const char *title, *cause, *consequence, *action;
};
/* Of a built-in rule; NULL: there is none of that id. */
const struct bb_rule_words *bb_rule_words(const char *id);
/* Also of alarms that are no rules: of redundancy groups, of Busbar itself. NULL: nothing is known. */
const struct bb_rule_words *bb_alarm_words(const char *id);
