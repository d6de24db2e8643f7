// SPDX-License-Identifier: Apache-2.0
/* What cards get wrong, put right: the quirks of a plan applied to the values of one device.
 * `sticky` has one byte per check of the plan and remembers decisions (a scale found out, a value
 * once seen) for as long as the device keeps its plan. Pure otherwise. */
#pragma once
#include "collectors/collector.h"
#include "collectors/snmp/codec.h"
#include "collectors/snmp/plan.h"

/* Does the condition hold for this device? `text_of` gives the text of a point of the profile, or
 * NULL. */
bool quirk_applies(const struct profile_condition *c, const struct profile_oid *sysobjectid, const char *sysdescr,
	const char *(*text_of)(const void *arg, const char *point), const void *arg);
/* Does the quirk look at this point? */
bool quirk_names(const struct profile_quirk *q, const struct profile_point *p);
/* Is the raw number among the quirk's values? */
bool quirk_lists(const struct profile_quirk *q, double raw);
/* Quality of a raw number as it came. */
unsigned quirk_raw(const struct plan *p, const struct plan_object *o, double raw, uint8_t *sticky);
/* After all values of a group's pass are in the device: scales, contradictions. `status` are the
 * words of the last pass. */
void quirk_pass(struct device *d, const struct plan *p, unsigned group, unsigned status, uint8_t *sticky);
