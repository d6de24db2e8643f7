// SPDX-License-Identifier: Apache-2.0
/* Plan: what to ask one kind of card for, where each value goes, and which quirks to watch. Made
 * from a profile and from what a device turned out to hold; devices that hold the same share one
 * plan (reference-counted), so a device keeps values only. */
#pragma once
#include "collectors/layout.h"
#include "collectors/profile.h"

#define PLAN_NO_SLOT 0xffffU
#define PLAN_MAX_OBJECTS 6000
#define SUFFIX_MAX PROFILE_MAX_PARTS

/* An instance a device was found to hold. */
struct finding {
	uint16_t point;                 /* in profile->point */
	uint8_t suffix_n;               /* numbers behind the column, or behind the bare scalar */
	bool is_null;
	uint32_t suffix[SUFFIX_MAX];
	double number;                  /* 0 unless is_number */
	bool is_number;
	char *text;                     /* owned; for labels, units and conditions of quirks */
};
struct findings {
	struct finding *f;
	unsigned n, cap;
};
struct finding *findings_add(struct findings *fs);
void findings_free(struct findings *fs);

/* What tells a row of a table from the others: the numbers behind the column that the table says count. */
struct row_id {
	uint8_t n;
	uint32_t id[SUFFIX_MAX];
};
/* What the columns (and scalars: no row) say that tell what a row means; numbers are kept as text. */
struct row_text {
	struct profile_oid column;
	struct row_id row;
	char *text;                     /* owned */
};

struct plan_object {
	struct profile_oid oid;
	const struct profile_point *point;      /* NULL: read along to see that the card lives (sysUpTime) */
	double scale, offset;
	double divisor;                 /* 1 / scale where that is whole: 599 / 10 is 59.9, 599 * 0.1 is not; else 0 */
	uint16_t slot;
	uint16_t check_first, check_n;  /* raw checks in plan->check */
	uint16_t point_no;
	uint16_t flags;                 /* 1 + first of its flags in plan->flag_slot, one per value of its map; 0: none */
	uint16_t line;                  /* row number, 0: scalar */
	uint8_t group;
};

struct plan_check {
	const struct profile_quirk *quirk;
	uint16_t object;
	uint16_t slot;
	uint16_t with_slot;             /* PLAN_NO_SLOT: none */
	uint16_t voltage_slot, current_slot;
};

struct plan_derived {
	uint16_t slot;
	uint8_t how, group;
	uint16_t n;
	uint16_t from[PROFILE_MAX_LINES];
};

struct plan {
	unsigned refs;
	const struct profile *profile;
	struct layout *layout;
	struct plan_object *object;     /* sorted by group */
	unsigned n_objects;
	uint16_t first[GROUP_COUNT], count[GROUP_COUNT];
	struct plan_check *check;       /* raw ones of each object first, then those that need a whole pass, in order */
	unsigned n_raw_checks, n_checks;
	struct plan_derived *derived;
	unsigned n_derived;
	uint16_t status_slot, alarm_text_slot, alarm_count_slot, unrecognised_slot;
	uint16_t *flag_slot;            /* flags that follow from values */
	unsigned n_flag_slots;
	uint16_t *shared_flag;          /* per slot: number of the flag among those that several objects raise, else PLAN_NO_SLOT */
	unsigned n_shared_flags;
	uint16_t *alarm_slot;           /* per code of profile->alarms */
	bool no_bulk;
	bool has_far_flags;             /* alarms that are read with another group than the status they travel with */
	struct plan_cache *cache;
	uint8_t *key;
	size_t key_len;
};

struct plan_cache;
struct plan_cache *plan_cache_new(void);
void plan_cache_free(struct plan_cache *c);

/* What is known about a device when its plan is made. */
struct plan_input {
	const struct profile *profile;
	const struct findings *found;
	const struct row_text *row_text;
	unsigned n_row_text;
	const struct profile_oid *sysobjectid;
	const char *sysdescr;
	const struct profile_oid *alive;        /* answered even where the status group is empty: sysUpTime, else what there is */
	const struct plan *keep;        /* objects of this plan stay even if they were not found now; may be NULL */
};
/* A new or shared plan with one reference for the caller. Never fails: a plan may be empty. */
struct plan *plan_make(struct plan_cache *c, const struct plan_input *in);
struct plan *plan_ref(struct plan *p);
void plan_unref(struct plan *p);
size_t plan_cache_count(const struct plan_cache *c);

extern const struct profile_oid plan_uptime_oid;        /* sysUpTime.0 */
