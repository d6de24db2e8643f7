// SPDX-License-Identifier: Apache-2.0
/* The second key: shutdownd's own view of its UPSs, from polled readings alone. It shares no code
 * with alarmd beyond bus, point and clock, on purpose.
 *
 * A reading counts while it is fresh: answered (missed = 0), ups.status GOOD, sampled at most 3
 * intervals and at most 30 s ago, and after the last discontinuity. What is not fresh is unknown;
 * what is unknown never starts anything. Times are BOOTTIME ms and handed in; nothing here blocks,
 * does I/O or reads a clock. Not thread-safe. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_MAX_AGE_MS          30000
#define EVIDENCE_INTERVALS           3
#define EVIDENCE_DEFAULT_INTERVAL_MS 2000
#define EVIDENCE_LOST_MISSED         3     /* polls without answer that make a device lost */
#define EVIDENCE_LOST_MS             30000 /* silence of everything about it that does the same */

enum evidence_power {
	POWER_UNKNOWN,
	POWER_ONLINE,
	POWER_ON_BATTERY,  /* the only state that fails */
	POWER_LOW_BATTERY, /* on battery and low: fails too */
	POWER_OTHER,       /* OFF, BYPASS, TEST, CAL: not failing, not mains */
	POWER_STATES,
};
const char *evidence_power_name(enum evidence_power p);
/* From the bits of ups.status (common/point.h). Contradictory or empty: unknown. */
enum evidence_power evidence_power_of(unsigned status);

/* One pass over the status group of a device, as the bus told it. */
struct evidence_sample {
	uint64_t sampled_ms;  /* when the device answered, on our clock */
	uint32_t interval_ms; /* 0: default */
	uint32_t missed;      /* > 0: it did not answer */
	bool has_status;      /* ups.status was there and GOOD */
	unsigned status;
	uint64_t epoch, topic_seq; /* the message's number on the bus */
};

struct evidence;
struct evidence *evidence_new(void);
void evidence_free(struct evidence *e);
/* Take in a sample. Older than the newest one, or from the future: ignored. Returns whether it was
 * taken. */
bool evidence_put(struct evidence *e, uint64_t device_id, const struct evidence_sample *s,
	uint64_t now_ms);
/* The device gave the answer of that number again: the same sample, taken at `sampled_ms`. Means
 * nothing unless it is the newest message taken in, and an answer. Returns whether it was taken. */
bool evidence_confirm(struct evidence *e, uint64_t device_id, uint64_t epoch, uint64_t topic_seq,
	uint64_t sampled_ms, uint64_t now_ms);
/* We were away, or the host: nothing sampled before now counts any more. */
void evidence_discontinuity(struct evidence *e, uint64_t now_ms);
void evidence_forget(struct evidence *e, uint64_t device_id);

/* State of one device. *age_ms: of the newest sample, UINT64_MAX when there is none. */
enum evidence_power evidence_power(const struct evidence *e, uint64_t device_id, uint64_t now_ms,
	uint64_t *age_ms);

/* The condition "at least `need` of these are failing" in three values, and what else a plan asks. */
enum evidence_truth { EVIDENCE_FALSE, EVIDENCE_UNPROVEN, EVIDENCE_TRUE };
struct evidence_verdict {
	enum evidence_truth truth;
	bool is_restored; /* so many are freshly ONLINE that the condition cannot be true */
	bool is_complete; /* each was read fresh since `since_ms`, or is lost: polls fail, or nothing came for 30 s */
	size_t n_failing, n_unknown;
};
/* `need` 0 means all. `since_ms` is when the caller began to wait; without devices nothing is ever
 * true. */
struct evidence_verdict evidence_judge(const struct evidence *e, const uint64_t *device_id,
	size_t n, size_t need, uint64_t since_ms, uint64_t now_ms);
