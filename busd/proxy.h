// SPDX-License-Identifier: Apache-2.0
/* From all publishers (busd.in) to all lookers (busd.out), and into the cache. Late and broken
 * messages stop here, gaps are repaired from the publishers' snapshots and what they brought
 * goes on to the lookers as well: after a restart of busd the cache fills within seconds. A
 * looker that does not read misses messages beyond 20,000 and notices by the numbers. Nothing
 * blocks. */
#pragma once
#include "busd/cache.h"

struct proxy;
struct proxy_stats {
	uint64_t forwarded;
	uint64_t uncached; /* forwarded, but the cache was at its limit */
	struct bb_sub_stats in;
};
struct proxy *proxy_new(struct bb_bus *b, struct bb_loop *loop, struct cache *c,
	struct bb_err *err);
void proxy_free(struct proxy *p);
void proxy_stats(const struct proxy *p, struct proxy_stats *out);
