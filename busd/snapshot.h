// SPDX-License-Identifier: Apache-2.0
/* busd.snap: the cache, for lookers. Rows go out in portions between the turns of the loop; who
 * does not read for 10 s is given up, and asks again when it lives. One snapshot per asker, 64
 * at a time. Nothing blocks. */
#pragma once
#include "busd/cache.h"

struct snapshot;
struct snapshot *snapshot_new(struct bb_bus *b, struct bb_loop *loop, struct cache *c,
	struct bb_err *err);
void snapshot_free(struct snapshot *s);
uint64_t snapshot_served(const struct snapshot *s);
