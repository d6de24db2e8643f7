// SPDX-License-Identifier: Apache-2.0
/* What genconf_file.c, genconf.c, genconf_server.c and their fuzz target share. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { BB_GENCONF_HASH_BYTES = 32 };

/* BLAKE2b-256 of a body, as in ConfigGeneration.hash. */
void bb_genconf_hash(const void *body, size_t len, uint8_t out[BB_GENCONF_HASH_BYTES]);
/* Check the content of a generation file. *body points into data. Returns 0 or -1. */
int bb_genconf_file_parse(const uint8_t *data, size_t len, uint64_t *generation,
	const uint8_t **body, size_t *body_len, struct bb_err *err);
