// SPDX-License-Identifier: Apache-2.0
/* Two thirds of a reading are the names of its points, and they are the same for every device of a kind. Here they
 * are found in the packed message, so that the cache keeps them once: what is between them stays where it is, and
 * putting the runs back gives the message as it came, byte for byte. Works on bytes nobody has checked; nothing
 * allocates, blocks or fails: what is not understood has no runs. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_RUNS = 3 }; /* of numbers, texts and flags */

struct name_run {
	size_t at, len; /* in the body */
};

struct names {
	struct name_run run[NAME_RUNS]; /* in order, not overlapping */
	unsigned n;
	uint64_t device_id; /* 0: none found */
};

void names_find(const uint8_t *body, size_t len, struct names *out);
