// SPDX-License-Identifier: Apache-2.0
#include "common/index.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "common/arena.h"

enum { FIRST_PLACES = 1024 };

/* row is one more than the row; 0: the place is free. */
struct place {
	uint32_t hash, row;
};

struct bb_index {
	struct place *place;
	size_t n, count; /* n is a power of two, at most 3/4 are taken */
};

static unsigned char secret[crypto_shorthash_KEYBYTES];

static void secret_make(void)
{
	bb_assert(sodium_init() >= 0);
	randombytes_buf(secret, sizeof(secret));
}

uint32_t bb_index_hash(const void *key, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint64_t h;

	_Static_assert(sizeof(h) == crypto_shorthash_BYTES, "the hash is 64 bits wide");
	pthread_once(&once, secret_make);
	crypto_shorthash((unsigned char *)&h, key, n, secret);
	return (uint32_t)h;
}

struct bb_index *bb_index_new(void)
{
	struct bb_index *x = bb_calloc(1, sizeof(*x));

	x->n = FIRST_PLACES;
	x->place = bb_calloc(x->n, sizeof(*x->place));
	return x;
}

void bb_index_free(struct bb_index *x)
{
	if (!x)
		return;
	free(x->place);
	free(x);
}

static void put(struct bb_index *x, struct place p)
{
	size_t i = p.hash & (x->n - 1);

	while (x->place[i].row)
		i = (i + 1) & (x->n - 1);
	x->place[i] = p;
}

static void grow(struct bb_index *x)
{
	struct place *old = x->place;
	size_t n = x->n;

	x->n *= 2;
	x->place = bb_calloc(x->n, sizeof(*x->place));
	for (size_t i = 0; i < n; i++) {
		if (old[i].row)
			put(x, old[i]);
	}
	free(old);
}

void bb_index_put(struct bb_index *x, uint32_t hash, uint32_t row)
{
	if ((x->count + 1) * 4 > x->n * 3)
		grow(x);
	put(x, (struct place){ hash, row + 1 });
	x->count++;
}

static size_t find(const struct bb_index *x, uint32_t hash, uint32_t row)
{
	size_t i = hash & (x->n - 1);

	while (x->place[i].row != row + 1) {
		bb_assert(x->place[i].row);
		i = (i + 1) & (x->n - 1);
	}
	return i;
}

void bb_index_del(struct bb_index *x, uint32_t hash, uint32_t row)
{
	size_t gap = find(x, hash, row);

	/* What stands behind the gap moves up unless it would stand before its own place then. */
	for (size_t i = (gap + 1) & (x->n - 1); x->place[i].row; i = (i + 1) & (x->n - 1)) {
		size_t home = x->place[i].hash & (x->n - 1);

		if (((i - home) & (x->n - 1)) < ((i - gap) & (x->n - 1)))
			continue;
		x->place[gap] = x->place[i];
		gap = i;
	}
	x->place[gap].row = 0;
	x->count--;
}

void bb_index_move(struct bb_index *x, uint32_t hash, uint32_t from_row, uint32_t to_row)
{
	x->place[find(x, hash, from_row)].row = to_row + 1;
}

bool bb_index_next(const struct bb_index *x, uint32_t hash, size_t *at, uint32_t *row)
{
	for (size_t k = *at; k < x->n; k++) {
		const struct place *p = &x->place[(hash + k) & (x->n - 1)];

		if (!p->row)
			return false;
		if (p->hash != hash)
			continue;
		*row = p->row - 1;
		*at = k + 1;
		return true;
	}
	return false;
}
