// SPDX-License-Identifier: Apache-2.0
/* What people ask of alarmd through busd: ack (items: alarm ids; argument comment), alarms (JSON
 * list of the open ones), metrics. An acknowledgement is answered when its record is durable; in
 * emergency mode the answer is "accepted". */
#pragma once
#include "alarmd/core.h"
#include "alarmd/store.h"
#include "common/cmd.h"
#include "common/str.h"

struct command;
/* `metrics` writes the members of a JSON object. */
struct command *command_new(struct bb_bus *bus, struct core *core, struct store *store,
	void (*metrics)(void *arg, struct bb_json *j), void *arg, struct bb_err *err);
void command_free(struct command *c);
