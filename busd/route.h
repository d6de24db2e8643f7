// SPDX-License-Identifier: Apache-2.0
/* busd.cmd: requests to daemons by name, replies back to who asked (frames: common/cmd_int.h). A
 * daemon is known for 5 s after its newest hello; a request for another name is answered
 * CODE_UNAVAILABLE at once. Nothing is kept: a request that meets a dying daemon is the client's
 * to repeat under the same key. Nothing blocks. */
#pragma once
#include "common/bus.h"

struct route;
struct route_stats {
	uint64_t requests, replies, unavailable, bad;
	size_t daemons; /* known now */
};
struct route *route_new(struct bb_bus *b, struct bb_loop *loop, struct bb_err *err);
void route_free(struct route *r);
void route_stats(const struct route *r, struct route_stats *out);
