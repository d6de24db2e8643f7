// SPDX-License-Identifier: Apache-2.0
/* Our own SNMPv3 engine, which informs are addressed to: an id made once and kept in <lib>/engine, and
 * how often it started. The count is on disk before it is used, so that an old message can never look
 * new. A lost file makes a new engine; senders find it out by themselves. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct identity {
	uint8_t id[17];
	size_t n;
	int64_t boots;
	uint64_t start_ms; /* BOOTTIME */
};
/* Blocks for one small write and its sync. */
int identity_load(const char *lib, struct identity *out, struct bb_err *err);
/* Seconds since the start. */
int64_t identity_time(const struct identity *i);
