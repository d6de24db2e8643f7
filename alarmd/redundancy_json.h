// SPDX-License-Identifier: Apache-2.0
/* Answers to questions about redundancy groups, as JSON. Nothing here changes anything. */
#pragma once
#include "alarmd/redundancy.h"
#include "common/str.h"

/* The group with that key or id, or NULL. */
const struct redundancy *redundancy_named(const struct core *c, const char *key_or_id);
/* {parts: [...]}: what each member is at present, and why. */
void redundancy_parts_json(const struct core *c, const struct redundancy *r, uint64_t now_ns,
	struct bb_json *j);
/* {now, then, also}: as if the devices of the table (by id) had failed. */
void redundancy_what_if_json(const struct core *c, const struct redundancy *r,
	const struct bb_table *failed, uint64_t now_ns, struct bb_json *j);
