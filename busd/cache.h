// SPDX-License-Identifier: Apache-2.0
/* The last message of each topic, as received, for lookers that come later, and when a status was
 * last confirmed. Nothing here decides
 * what is newer: bb_sub did. A topic leaves with KIND_GONE, a heartbeat after an hour, and what
 * an earlier instance of its publisher told after 25 hours without renewal (readings of identity
 * come daily). Limits hold: what does not fit is counted, and forwarded all the same. Nothing
 * blocks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"

struct cache;
struct cache_row {
	const char *topic; /* NUL-terminated */
	const void *envelope, *body;
	size_t envelope_len, body_len;
	uint64_t at_ms;    /* BOOTTIME of its arrival */
	uint64_t newer_ns; /* confirmed so long after the time in the envelope; 0: not */
	bool is_foreign;   /* sampled on another host: its age_ms grows while it lies here */
};

struct cache *cache_new(size_t max_topics, size_t max_bytes);
void cache_free(struct cache *c);
/* Keep or forget by the message's kind. Copied. Returns false when a limit hindered it. */
bool cache_take(struct cache *c, const struct bb_msg *m);
/* One line of a Confirm: counts when the status reading kept has that number. */
void cache_confirm(struct cache *c, uint64_t device_id, uint64_t epoch, uint64_t topic_seq,
	uint64_t sampled_own_ns);
/* Forget what is too old. Call every few minutes. */
void cache_sweep(struct cache *c);
size_t cache_count(const struct cache *c);
size_t cache_bytes(const struct cache *c);
/* Row i of cache_count(), borrowed until the next change. A walk from the last to the first row
 * sees every row that was there at its start and not forgotten since, however the cache changes
 * in between; new ones come behind. */
void cache_row(struct cache *c, size_t i, struct cache_row *out);
