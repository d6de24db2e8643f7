// SPDX-License-Identifier: Apache-2.0
/* Samples that wait for the database: a ring of segment files in one folder, at most `limit` bytes in all; the oldest segment is
 * dropped (and counted) when more comes. A block is what one batch is: opaque bytes with length and CRC-32C-like check; a torn block at
 * the end of a segment (crash, full disk) is skipped. Blocks in the calling thread; no sync: samples may be lost with the host. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define SPOOL_SEGMENT_BYTES (8u << 20)
#define SPOOL_BLOCK_MAX (4u << 20)

struct spool;
struct spool *spool_open(const char *dir, uint64_t limit, struct bb_err *err);
void spool_close(struct spool *s);
int spool_put(struct spool *s, const void *block, size_t len, struct bb_err *err);
/* The oldest block: 1 and malloc'ed data, 0 when empty. Stays until spool_drop_first(). */
int spool_first(struct spool *s, uint8_t **block, size_t *len);
void spool_drop_first(struct spool *s);
uint64_t spool_bytes(const struct spool *s);
uint64_t spool_dropped(const struct spool *s);
