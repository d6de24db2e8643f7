// SPDX-License-Identifier: Apache-2.0
#include "common/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, FIRST_MIN = 256, BLOCK_MAX = 1 << 20 };

/* The newest block stands first; only it is filled. `used` counts bytes handed out, padding
 * included. */
struct block {
	struct block *next;
	size_t cap, used;
	_Alignas(ALIGN) unsigned char data[];
};

struct bb_arena {
	struct block *top;
	size_t next_cap; /* size of the next ordinary block */
	size_t limit;
	size_t used; /* over all blocks */
};

_Noreturn void bb_out_of_memory(size_t n)
{
	if (n)
		fprintf(stderr, "the host has no memory left for %zu bytes\n", n);
	else
		fprintf(stderr, "the host has no memory left\n");
	abort();
}

void *bb_malloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		bb_out_of_memory(n);
	return p;
}

void *bb_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		bb_out_of_memory(n * size);
	return p;
}

void *bb_realloc(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		bb_out_of_memory(n);
	return q;
}

char *bb_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(bb_malloc(n), s, n);
}

void bb_autofree_do(void *pp)
{
	free(*(void **)pp);
}

/* aligned_alloc because glibc aligns to 16 only on 64-bit hosts. */
static struct block *block_new(size_t cap, struct block *next)
{
	struct block *b = NULL;
	size_t size = (sizeof(*b) + cap + ALIGN - 1) & ~(size_t)(ALIGN - 1);

	if (size >= cap)
		b = aligned_alloc(ALIGN, size);
	if (!b)
		bb_out_of_memory(cap);
	b->next = next;
	b->cap = cap;
	b->used = 0;
	return b;
}

struct bb_arena *bb_arena_new(size_t first_bytes, size_t limit)
{
	struct bb_arena *a = bb_calloc(1, sizeof(*a));

	a->next_cap = first_bytes < FIRST_MIN ? FIRST_MIN : first_bytes;
	a->limit = limit;
	return a;
}

static void blocks_free(struct block *b)
{
	while (b) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void bb_arena_free(struct bb_arena *a)
{
	if (!a)
		return;
	blocks_free(a->top);
	free(a);
}

void bb_arena_reset(struct bb_arena *a)
{
	struct block **keep = NULL;

	a->used = 0;
	if (!a->top)
		return;
	for (struct block **p = &a->top; *p; p = &(*p)->next) {
		if (!keep || (*p)->cap > (*keep)->cap)
			keep = p;
	}
	struct block *kept = *keep;

	*keep = kept->next;
	blocks_free(a->top);
	kept->next = NULL;
	kept->used = 0;
	a->top = kept;
}

void *bb_arena_alloc(struct bb_arena *a, size_t n)
{
	size_t size;
	void *p;

	/* A size near SIZE_MAX would wrap when it is rounded up. */
	if (n > SIZE_MAX / 2) {
		if (a->limit)
			return NULL;
		bb_out_of_memory(n);
	}
	size = n ? (n + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
	if (a->limit && (size > a->limit || a->used > a->limit - size))
		return NULL;
	if (!a->top || a->top->cap - a->top->used < size) {
		a->top = block_new(size > a->next_cap ? size : a->next_cap, a->top);
		if (a->next_cap < BLOCK_MAX)
			a->next_cap *= 2;
	}
	p = a->top->data + a->top->used;
	a->top->used += size;
	a->used += size;
	return memset(p, 0, size);
}

void *bb_arena_memdup(struct bb_arena *a, const void *p, size_t n)
{
	void *copy = bb_arena_alloc(a, n);

	if (copy && n)
		memcpy(copy, p, n);
	return copy;
}

char *bb_arena_strndup(struct bb_arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = bb_arena_alloc(a, len + 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

char *bb_arena_strdup(struct bb_arena *a, const char *s)
{
	return bb_arena_strndup(a, s, strlen(s));
}

char *bb_arena_printf(struct bb_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	bb_assert(n >= 0);
	text = bb_arena_alloc(a, (size_t)n + 1);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return text;
}

size_t bb_arena_used(const struct bb_arena *a)
{
	return a->used;
}
