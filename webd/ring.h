// SPDX-License-Identifier: Apache-2.0
/* The last events of the stream, for browsers that come back: at least 10,000 or 5 minutes, at
 * most 32 MiB. Numbers run on without gaps. Frames are shared, not copied. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "webd/http.h"

struct ring;
struct ring *ring_new(size_t capacity, size_t max_bytes);
void ring_free(struct ring *r);
/* Takes over one reference of `f`. Its number must be ring_head() + 1. */
void ring_put(struct ring *r, unsigned topic, struct http_frame *f);
uint64_t ring_head(const struct ring *r); /* 0: nothing yet */
/* Can everything after `seq` still be told? */
bool ring_holds(const struct ring *r, uint64_t seq);
/* Call back for every kept event after `seq` whose topic bit is in `topics`, in order. */
void ring_each(const struct ring *r, uint64_t seq, unsigned topics,
	void (*cb)(void *arg, struct http_frame *f), void *arg);
