// SPDX-License-Identifier: Apache-2.0
/* Control socket for tests: unix stream, one line in, one line out, `OK`, `OK <json>` or `ERR
 * <reason>`. Lines are those of verb.h, and
 *
 *   stats           counters of the socket
 *   state ADDR      what is true about one device, as JSON
 *   quiesce         stop the makers of events and return their devices to mains */
#pragma once
#include "common/loop.h"
#include "tests/sim/generate.h"
#include "tests/sim/net.h"

struct control_options {
	struct fleet *fleet;
	struct truth *truth;
	struct generate *generate;
	struct net *net;
};
struct control;
/* A socket file left by a dead process is replaced. */
struct control *control_open(struct bb_loop *loop, const char *path,
	const struct control_options *o, struct bb_err *err);
void control_close(struct control *c);
