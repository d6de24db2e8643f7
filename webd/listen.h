// SPDX-License-Identifier: Apache-2.0
/* Listening sockets of webd. Only loopback is allowed, because there is no TLS here. Functions
 * return a descriptor the caller owns, or -1 with one sentence that names the remedy. Nothing
 * blocks. */
#pragma once
#include "common/err.h"

int listen_tcp(const char *address,
	struct bb_err *err); /* "127.0.0.1:8080"; port 0 takes a free one */
int listen_inherited(int fd,
	struct bb_err *err); /* check a socket of the service manager; 0 or -1 */
int listen_unix(const char *path,
	struct bb_err *err); /* mode 0666: the kernel tells who connects; replaces an old file */
int listen_port(int fd);
