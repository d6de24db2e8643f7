// SPDX-License-Identifier: Apache-2.0
/* The table of routes: which exist and what right each needs. Pure; deny by default. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "webd/http.h"

/* A right is one bit; a role is a set of them. */
enum right {
	RIGHT_OPEN = 0,
	RIGHT_LOGIN = 1 << 0,
	RIGHT_VIEW = 1 << 1,
	RIGHT_ACK = 1 << 2,
	RIGHT_CONTROL = 1 << 3,
	RIGHT_CONFIGURE = 1 << 4,
	RIGHT_PLAN = 1 << 5,
	RIGHT_EXECUTE = 1 << 6,
	RIGHT_ADMIN = 1 << 7,
	RIGHT_LOCAL = 1 << 8,
};

struct request;
struct route {
	enum http_method method;
	const char *pattern; /* "/devices/{id}" below ROUTE_BASE; {..} is one segment, not empty */
	enum right right;
	void (*handler)(struct request *rq);
};

#define ROUTE_BASE "/api/v1"

/* Find the route of a path below ROUTE_BASE. NULL: none; *other_methods then tells whether the
 * path exists with another method. `param` receives what stands for {..} (at most one), pointing
 * into `path`. */
const struct route *route_find(enum http_method method, const char *path, const char **param,
	size_t *param_len, bool *other_methods);

/* Rights of a role; 0 for an unknown one. */
unsigned role_rights(const char *role);
/* Names of the rights in a set, worst last: "view", "ack" ... Returns NULL when i is past the
 * end. */
const char *right_name(unsigned rights, size_t i);
bool role_valid(const char *role);
