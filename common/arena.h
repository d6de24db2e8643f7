// SPDX-License-Identifier: Apache-2.0
/* Bump allocator for one message, pass, request or generation. Memory is zeroed, 16-byte aligned, lives until reset or free.
 * Running out of the host's memory aborts; `limit` (bytes, 0 = none) makes allocation return NULL, for sizes a peer chose. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

#include "common/err.h"

struct bb_arena;
struct bb_arena *bb_arena_new(size_t first_bytes, size_t limit);
void bb_arena_free(struct bb_arena *a);
void bb_arena_reset(struct bb_arena *a);                /* keeps the largest block */
void *bb_arena_alloc(struct bb_arena *a, size_t n);
char *bb_arena_strdup(struct bb_arena *a, const char *s);
char *bb_arena_strndup(struct bb_arena *a, const char *s, size_t n);
void *bb_arena_memdup(struct bb_arena *a, const void *p, size_t n);
char *bb_arena_printf(struct bb_arena *a, const char *fmt, ...) BB_PRINTF(2, 3);
size_t bb_arena_used(const struct bb_arena *a);

/* malloc and friends that abort when the host has no memory. Caller frees with free(). */
void *bb_malloc(size_t n);
void *bb_calloc(size_t n, size_t size);
void *bb_realloc(void *p, size_t n);
char *bb_strdup(const char *s);
/* Say so and end the process; the supervisor starts it anew. n: bytes asked for, 0: not known. */
_Noreturn void bb_out_of_memory(size_t n);
#define bb_autofree __attribute__((cleanup(bb_autofree_do)))
void bb_autofree_do(void *pp);
