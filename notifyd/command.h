// SPDX-License-Identifier: Apache-2.0
/* Commands to notifyd: "status" (JSON) and "test_mail" (to all recipients, or to those named as
 * items by name or address; answered when the server has spoken). Test messages do not pass the
 * outbox: nobody waits for them after a restart. */
#pragma once
#include "common/bus.h"
#include "common/pull.h"
#include "notifyd/deliver.h"

struct command;
struct command_options {
	struct bb_bus *bus;
	struct outbox *outbox;
	struct deliver *deliver;
	struct smtp *smtp;
	const struct config *config; /* borrowed, changes in place */
	const char *install_id;
	struct bb_pull_client *const *pull; /* where the client is, or will be */
};
struct command *command_new(const struct command_options *o, struct bb_err *err);
void command_free(struct command *c);
