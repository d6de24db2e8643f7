// SPDX-License-Identifier: Apache-2.0
/* Who is told of a transition, under which identity, and in which order. Pure functions. */
#pragma once
#include "common/wire.h"
#include "notifyd/config.h"

enum route_kind { ROUTE_NONE, ROUTE_RAISE, ROUTE_CLEAR };

/* By the states, not by the name of the transition: whatever made the alarm active is told, and whatever ended it. A quiet alarm
 * (shelved, maintenance, out of service, consequence of something else) is not told, except its end to those who heard of its
 * beginning; when the quiet ends it is told like a new one. A chattering alarm is told when that begins and when it ends, a
 * severity when it rises. */
enum route_kind route_kind(const Busbar__V1__Transition *t);
bool route_wants(const struct recipient *r, const Busbar__V1__Transition *t, enum route_kind kind);
/* Identity of one message: the same transition, recipient and channel give the same key for
 * ever. */
void route_key(const Busbar__V1__Transition *t, enum route_kind kind, uint64_t recipient_id,
	const char *channel, uint8_t key[16]);
/* Messages of equal order are delivered one after the other, in the order of their transitions. */
uint64_t route_order(const Busbar__V1__Alarm *a, uint64_t recipient_id);
