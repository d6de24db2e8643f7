// SPDX-License-Identifier: Apache-2.0
/* Which rules count for which device: the built-in ones and the entries of the configuration, of
 * which the nearest of each id wins (device, group, longest site path, profile, everywhere, built-
 * in). Devices with the same rules share one set; a rule that did not change keeps its address
 * from one configuration to the next, so that what is known of its terms can be kept. Nothing
 * blocks. */
#pragma once
#include "alarmd/rule.h"
#include "common/ruledef.h"

struct ruleset;
/* With the built-in rules only. */
struct ruleset *ruleset_new(struct bb_err *err);
void ruleset_free(struct ruleset *rs);
/* Take the entries of a configuration. Entries that cannot be read are left out: their number, and
 * the first reason in err. Sets handed out before stay until ruleset_sweep(). */
size_t ruleset_config(struct ruleset *rs, const Busbar__V1__Config *conf, struct bb_err *err);
/* Forget sets and rules that ruleset_for() did not hand out since ruleset_config(). */
void ruleset_sweep(struct ruleset *rs);

/* Where a device stands. */
struct ruleset_place {
	const char *key, *site;    /* paths */
	const char *profile;       /* in use; "" not known */
	const char *const *groups; /* keys of its device groups */
	size_t n_groups;
};
/* The rules of a device there; of the ruleset. A device with more conditions than a set holds gets
 * the built-in rules only, and err says so. */
const struct rule_set *ruleset_for(struct ruleset *rs, const struct ruleset_place *at,
	struct bb_err *err);
const struct rule_set *ruleset_base(const struct ruleset *rs);
/* Does any entry depend on the profile? */
bool ruleset_needs_profile(const struct ruleset *rs);
/* May the device get a rule of that id as soon as its profile is known? */
bool ruleset_awaits_profile(const struct ruleset *rs, const struct ruleset_place *at,
	const char *id);
/* Who switched the rule off or removed it for a device there; NULL: not known. */
const char *ruleset_ended_by(const struct ruleset *rs, const struct ruleset_place *at,
	const char *id);
/* The rule as the API shows it, with "from". */
void ruleset_write(const struct ruleset *rs, const struct rule *r, struct bb_json *j);

/* A built-in rule as the API shows it: the members, into an object that was begun. */
void rule_pack_write(const struct rule *r, struct bb_json *j);

/* ---- one rule, for the preview ---- */

/* A definition as a rule; NULL for one without a kind whose id is not built in, or that is
 * switched off. Caller frees with rule_compiled_free(). The definition may go. */
const struct rule *rule_compile(const struct bb_ruledef *d, uint64_t entry);
void rule_compiled_free(const struct rule *r);
