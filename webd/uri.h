// SPDX-License-Identifier: Apache-2.0
/* Request targets, decoded once. Refused: anything but an absolute path, "." and ".." segments,
 * encoded slashes, control characters, NUL, backslashes, broken percent encoding, bytes that are
 * not UTF-8. Pure; nothing is allocated. */
#pragma once
#include <stddef.h>

#include "common/err.h"

#define URI_PATH_MAX   512
#define URI_QUERY_MAX  2048
#define URI_PARAMS_MAX 12

struct uri_param {
	const char *name, *value; /* inside struct uri */
};

/* Invariant: path begins with '/' and is valid UTF-8 without control characters. */
struct uri {
	char path[URI_PATH_MAX];
	char query[URI_QUERY_MAX];
	struct uri_param param[URI_PARAMS_MAX];
	size_t n_params;
};

/* Fill `u` from a request target ("/a%20b?x=1"). Returns 0, or -1 with the reason. */
int uri_parse(struct uri *u, const char *target, struct bb_err *err);
/* Value of a query parameter, or NULL. */
const char *uri_param(const struct uri *u, const char *name);
