// SPDX-License-Identifier: Apache-2.0
/* How cards are asked without being devices: credentials, and commands to the collector that carry them. */
#pragma once
#include <jansson.h>

#include "webd/request.h"

#define ACCESS_COLLECTOR "collect-snmp"

/* Version, port, address and secrets of `object` (members as of a device, all others left alone), checked and sealed as a device's
 * are. NULL after answering. */
json_t *access_read(struct request *rq, const json_t *object);
/* Ids come as numbers or as texts; *id borrowed from the arena. Returns -1 when it is neither. */
int access_id(struct request *rq, const json_t *v, const char **id);

/* A command to the collector, made argument by argument. */
struct access_command {
	struct request *rq;
	const char *verb;
	char **name, **value, *item;
	size_t n, cap;
	uint32_t timeout_ms;
};
void access_arg(struct access_command *c, const char *name, const char *value);
/* The members sealed, version, port, v3_... of a credential_use() row or of access_read(). */
void access_args_of(struct access_command *c, const json_t *credential);
void access_send(struct access_command *c, void (*done)(void *arg, const Busbar__V1__CommandReply *reply));
/* Answer for a reply that is no good. True: it was none. `pointer`: what a refusal is about. */
bool access_refused(struct request *rq, const Busbar__V1__CommandReply *reply, const char *pointer);
void access_reply(struct request *rq, int status, json_t *o);      /* takes the reference */
