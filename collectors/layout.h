// SPDX-License-Identifier: Apache-2.0
/* Layout: which points a device offers, in which poll group, and where each value comes from.
 * Devices that offer the same points share one layout (reference-counted), so that a device stores
 * values only. Slots are sorted by (group, kind), flags behind all others: the values of one group and
 * kind lie side by side and go to the bus without being copied one by one, and flags are bytes. Those with an index (battery strings and
 * blocks) stand behind the plain ones, sorted by name and number, for the same reason. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/point.h"

enum collector_group { GROUP_STATUS, GROUP_MEASURE, GROUP_IDENT, GROUP_CELLS, GROUP_COUNT };
const char *collector_group_name(unsigned group);       /* "status" "measure" "ident" "cells" */
int collector_group_parse(const char *name);            /* -1: unknown */

#define LAYOUT_KINDS 3          /* enum bb_point_kind */
#define LAYOUT_MAX_SLOTS 6000   /* 500 blocks of ten values, and what else there is */
#define LAYOUT_INDEX_MAX 16

struct layout_slot {
	char *name;             /* registry name, phases and numbers filled in */
	char index[LAYOUT_INDEX_MAX];   /* "", "s2", "s2.b17" */
	char *source;           /* OID or register in text form; NULL: derived here */
	const struct bb_point *point;   /* kind, unit, normal range */
	uint8_t group;          /* enum collector_group */
	uint8_t kind;           /* enum bb_point_kind */
};

/* Slots of one name whose indexes are consecutive: "s" 1 2 3, or "s2.b" 1 2 3. */
struct layout_row {
	const char *name;
	char prefix[LAYOUT_INDEX_MAX];
	uint32_t from;          /* number of the first one */
	uint16_t first, n;      /* slots */
	uint8_t group, kind;
};

/* first[g][k] .. first[g][k] + count[g][k] are the slots of group g and kind k without an index. */
struct layout {
	unsigned refs;
	char *profile;
	unsigned n, n_values;   /* slots; of these, the first ones are no flags */
	struct layout_slot *slot;
	char **names;           /* slot[i].name, as an array the bus can take */
	struct plausible_looks *looks;  /* plausible.c's, one block; NULL: not worked out yet */
	uint16_t first[GROUP_COUNT][LAYOUT_KINDS];
	uint16_t count[GROUP_COUNT][LAYOUT_KINDS];
	struct layout_row *row;
	unsigned n_rows;
	uint16_t total[GROUP_COUNT];    /* slots of the group, those with an index too */
	struct bb_table *by_name;
};

struct layout_builder;
struct layout_builder *layout_builder_new(const char *profile);
/* Add a slot; the name must be in the registry (its kind is taken from there). `source` NULL:
 * derived. Returns a handle, or -1 when the name is unknown, already there, or LAYOUT_MAX_SLOTS is
 * reached. */
int layout_add(struct layout_builder *b, const char *name, unsigned group, const char *source);
/* The same for one string or block. Not for flags: the bus has no rows of them. */
int layout_add_at(struct layout_builder *b, const char *name, const char *index, unsigned group,
	const char *source);
/* Handle of a name without index, or -1. */
int layout_builder_find(const struct layout_builder *b, const char *name);
/* Sort; slot_of[handle] receives the slot numbers (may be NULL). Frees the builder. The caller
 * holds one reference. */
struct layout *layout_build(struct layout_builder *b, uint16_t *slot_of);
void layout_builder_free(struct layout_builder *b);
struct layout *layout_ref(struct layout *l);
void layout_unref(struct layout *l);
int layout_find(const struct layout *l, const char *name);      /* slot or -1 */
int layout_find_at(const struct layout *l, const char *name, const char *index);
