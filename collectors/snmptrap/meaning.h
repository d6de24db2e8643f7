// SPDX-License-Identifier: Apache-2.0
/* What traps mean: the lists `traps` of profiles (profiles/README.md), read at start from *.profile and
 * *.traps of the profile folders. A file whose list does not validate is left out with file, line and
 * reason; the others are used. A trap is looked up by its full name; between root and number any form
 * with none, one or two zeros is the same (RFC 3584 puts one in, some cards another). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define MEANING_CLEARS 8

struct meaning {
	const char *code; /* upsOnBattery */
	const char *text; /* one sentence */
	uint8_t severity; /* enum Severity */
	bool poll;        /* the device is looked at at once */
	bool test;        /* a trap that is only ever a test */
	uint32_t
		repeats_s; /* the device says it again after so long while it lasts; 0: it does not */
	unsigned n_clears;
	const char *clears[MEANING_CLEARS]; /* codes of what this one ends */
};

struct meanings;
struct meanings *meanings_new(void);
void meanings_free(struct meanings *m);
/* One file's lists; no list is none, not an error. */
int meanings_add(struct meanings *m, const char *file, const char *text, struct bb_err *err);
/* Every *.profile and *.traps of the folder. Returns how many were refused; those are logged. */
unsigned meanings_load(struct meanings *m, const char *folder);
size_t meanings_count(const struct meanings *m);
const struct meaning *meanings_find(const struct meanings *m, const uint32_t *id, size_t n);
