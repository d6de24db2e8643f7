// SPDX-License-Identifier: Apache-2.0
/* Values a working device cannot mean, found once for every transport: a factor of ten against the nominal value, "not
 * available" coded as a number, a value that stands still or jumps, a row that vanished, a negative runtime, seconds on battery
 * left over from the last outage, charge and runtime that contradict each other.
 *
 * What is found is a finding: it travels with the readings of its group, names the correction, and stands until the value is
 * plausible again or a person judged it. The judgement is a correction of the device (ConfigDevice.correction): a factor, or
 * "this is right". Until then a value that would mislead is not good (plausible_kinds[].quality); nothing is put right unasked.
 *
 * Pure: time comes in, no I/O, memory bounded by PLAUSIBLE_MAX findings a device. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;
struct layout;

enum plausible_kind {
	PLAUSIBLE_FACTOR,
	PLAUSIBLE_SENTINEL,
	PLAUSIBLE_STUCK,
	PLAUSIBLE_JUMP,
	PLAUSIBLE_VANISHED,
	PLAUSIBLE_NEGATIVE,
	PLAUSIBLE_LEFTOVER,
	PLAUSIBLE_CONTRADICTION,
	PLAUSIBLE_KINDS
};
const char *plausible_kind_name(unsigned kind); /* "factor" "sentinel" ... */
int plausible_kind_parse(const char *name);     /* -1: unknown */

#define PLAUSIBLE_MAX 32 /* findings and suspicions of one device at a time */

/* Seen often enough, it is a finding; before that, a suspicion nobody hears of. */
struct plausible_finding {
	uint16_t slot;
	uint8_t kind;
	uint8_t seen;           /* passes in a row */
	bool is_open, is_touched;
	double value;           /* newest */
	double other;           /* what it is compared with: nominal, value before, runtime ... */
	double factor;          /* the proposed correction; 0: none */
	uint64_t first_unix_ms;
	uint64_t until_ms;      /* stands at least so long (jumps); else 0 */
};

/* Of one device; made with its layout. */
struct plausible {
	uint8_t n;
	bool is_changed;        /* findings opened or ended since plausible_take_change() */
	struct plausible_finding *finding;
	unsigned n_marks;
	struct plausible_mark *mark;
};

struct plausible *plausible_new(struct layout *l);
void plausible_free(struct plausible *p);

struct plausible_limits {
	uint64_t stuck_ms;              /* mains voltage without the least change */
	uint64_t stuck_battery_ms;      /* charge and runtime while on battery */
};
/* All values of the group's pass are in the device. May lower the quality of values. `now_ms` of the loop's clock. */
void plausible_pass(struct device *d, unsigned group, uint64_t now_ms, uint64_t now_unix_ms, const struct plausible_limits *set);
/* The device answered the same again: suspicions of the group grow into findings. */
void plausible_again(struct device *d, unsigned group);
/* Did the set of open findings change since the last call? */
bool plausible_take_change(struct plausible *p);
/* One sentence for people: what was seen and what is proposed. */
char *plausible_text(const struct device *d, const struct plausible_finding *f, char *buf, size_t cap);
