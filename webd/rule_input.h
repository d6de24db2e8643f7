// SPDX-License-Identifier: Apache-2.0
/* A rule as it comes from people (api_rules.c). */
#pragma once
#include "common/ruledef.h"
#include "webd/request.h"

/* Read and check, in the arena of the request. NULL: answered with what is wrong, pointers
 * beginning with `prefix`. */
const struct bb_ruledef *rule_input(struct request *rq, const json_t *v, const char *prefix);
