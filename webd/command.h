// SPDX-License-Identifier: Apache-2.0
/* A command over many items (alarms, devices), sent to the daemons that own them, answered with
 * one result per item. */
#pragma once
#include <jansson.h>

#include "webd/request.h"

struct command_arg {
	const char *name, *value;
};
struct command_spec {
	const char *verb, *id_name;  /* name of an item in the answer: "id" or "key" */
	const char *pointer;         /* of the ids in the body, for complaints */
	const json_t *ids;           /* array of texts */
	const char *comment;         /* or NULL */
	const struct command_arg *more; /* further arguments, ends with name NULL; or NULL */
	const char *idempotency_key; /* or NULL */
	const char *(*daemon_of)(void *rq, const char *id); /* NULL: nobody knows it */
};
/* Answers the request. Repeated ids are sent once. */
void command_items(struct request *rq, const struct command_spec *spec);
const char *command_code_name(unsigned code); /* ok accepted refused unknown unavailable */
