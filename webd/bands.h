// SPDX-License-Identifier: Apache-2.0
/* What a UPS fed its load from, over a span: stretches of equal state made from the recorded changes
 * of ups.status. Pure. Times are Unix microseconds. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/str.h"

/* In order of how bad one is. */
enum band { BAND_MAINS, BAND_BYPASS, BAND_UNKNOWN, BAND_BATTERY, BAND_OFF };

struct band_change {
	int64_t at_us;
	enum band band; /* from here */
};

struct bands {
	struct band_change *change; /* owned */
	size_t n, cap;
};

/* `words` as in ups.status; NULL: not known. */
enum band band_of(const char *words);
/* In order of time; a change to the same state is none. */
void bands_add(struct bands *b, int64_t at_us, enum band band);
void bands_fini(struct bands *b);
/* Array `key` of {from, to, state} without holes from `from_us` to `to_us`. With more than `parts`
 * of them each of `parts` equal parts of the span gets the worst state within it. */
void bands_print(const struct bands *b, int64_t from_us, int64_t to_us, unsigned parts,
	struct bb_json *j, const char *key);
