// SPDX-License-Identifier: Apache-2.0
/* Hash table from bytes or uint64 to pointers. Keys are copied; values are borrowed and never NULL. Iteration order is unspecified;
 * removing entries while iterating is allowed, adding is not. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bb_table;
struct bb_table *bb_table_new(void);
void bb_table_free(struct bb_table *t, void (*free_value)(void *));
size_t bb_table_count(const struct bb_table *t);
void *bb_table_get(const struct bb_table *t, const char *key);
void *bb_table_get_n(const struct bb_table *t, const void *key, size_t n);
void *bb_table_put(struct bb_table *t, const char *key, void *value);         /* returns the old value or NULL */
void *bb_table_put_n(struct bb_table *t, const void *key, size_t n, void *value);
void *bb_table_del(struct bb_table *t, const char *key);                      /* returns the value or NULL */
void *bb_table_del_n(struct bb_table *t, const void *key, size_t n);
void *bb_table_get_u64(const struct bb_table *t, uint64_t key);
void *bb_table_put_u64(struct bb_table *t, uint64_t key, void *value);
void *bb_table_del_u64(struct bb_table *t, uint64_t key);

struct bb_table_iter {
	size_t slot;
};
/* for (struct bb_table_iter i = {0}; (v = bb_table_next(t, &i, NULL, NULL));) */
void *bb_table_next(const struct bb_table *t, struct bb_table_iter *i, const void **key, size_t *key_len);
