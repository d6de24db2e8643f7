// SPDX-License-Identifier: Apache-2.0
/* Between profile.c (sets, bases) and profile_read.c (one file). */
#pragma once
#include "collectors/profile.h"
#include "common/arena.h"

/* A profile with the memory it lives in. Compiled expressions are kept in a list, because regfree()
 * must be called. */
struct profile_box {
	struct profile p;
	struct bb_arena *arena;
	struct profile_point *own;
	unsigned n_own, n_own_quirks;
	const struct profile_quirk **own_quirk;
	struct profile_command *own_command;
	unsigned n_own_commands;
	regex_t **regex;
	unsigned n_regex;
};
struct profile_box *profile_box_read(const char *file, const char *text, struct bb_err *err);
void profile_box_free(struct profile_box *b);
