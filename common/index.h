// SPDX-License-Identifier: Apache-2.0
/* From keys to numbers of rows that somebody else holds, eight bytes a place: for tens of thousands of rows, where a table of copied
 * keys and pointers would be larger than what it finds. The owner compares the keys; rows with the same hash come one after the other.
 * Open addressing, gaps are closed, so nothing is left of what was removed. The hash is keyed: names are what people chose. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bb_index;
struct bb_index *bb_index_new(void);
void bb_index_free(struct bb_index *x);
uint32_t bb_index_hash(const void *key, size_t n);
void bb_index_put(struct bb_index *x, uint32_t hash, uint32_t row);
/* The pair must be there. */
void bb_index_del(struct bb_index *x, uint32_t hash, uint32_t row);
void bb_index_move(struct bb_index *x, uint32_t hash, uint32_t from_row, uint32_t to_row);
/* Rows with this hash: begin with *at = 0. False: no more. */
bool bb_index_next(const struct bb_index *x, uint32_t hash, size_t *at, uint32_t *row);
