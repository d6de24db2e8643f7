// SPDX-License-Identifier: Apache-2.0
/* The one UDP socket of the fleet: 0.0.0.0:PORT, IP_PKTINFO tells which agent was asked, answers
 * leave from its address. Requests to addresses nobody has (all that is not loopback among them)
 * are dropped. Delayed answers wait in loop timers. */
#pragma once
#include "common/loop.h"
#include "tests/sim/fleet.h"

struct net;
struct net_stats {
	uint64_t requests, answers, lost, ignored, delayed;
};
/* Port 0 takes a free one. `seed` drives the losses. */
struct net *net_open(struct bb_loop *loop, struct fleet *f, uint16_t port, uint64_t seed,
	struct bb_err *err);
void net_close(struct net *n);
uint16_t net_port(const struct net *n);
const struct net_stats *net_stats(const struct net *n);
