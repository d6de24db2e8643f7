// SPDX-License-Identifier: Apache-2.0
/* From topics to rows of the cache: a hash of 32 bits and the row's number, eight bytes a place. The owner of the rows compares the
 * topics; rows with the same hash come one after the other. Open addressing, gaps are closed, so nothing is left of what was removed.
 * The hash is keyed: topics hold names that people chose. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index;
struct index *index_new(void);
void index_free(struct index *x);
uint32_t index_hash(const char *topic, size_t len);
void index_put(struct index *x, uint32_t hash, uint32_t row);
/* The pair must be there. */
void index_del(struct index *x, uint32_t hash, uint32_t row);
void index_move(struct index *x, uint32_t hash, uint32_t from_row, uint32_t to_row);
/* Rows with this hash: begin with *at = 0. False: no more. */
bool index_next(const struct index *x, uint32_t hash, size_t *at, uint32_t *row);
