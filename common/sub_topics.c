// SPDX-License-Identifier: Apache-2.0
#include "common/sub_topics.h"

#include <stdlib.h>

#include "common/arena.h"
#include "common/index.h"

enum { PER_BLOCK = 1024 }; /* blocks, so that growing copies nothing and leaves little unused */

struct sub_topics {
	struct bb_index *index;
	struct sub_topic **block;
	size_t n, n_blocks;
};

struct sub_topics *sub_topics_new(void)
{
	struct sub_topics *t = bb_calloc(1, sizeof(*t));

	t->index = bb_index_new();
	return t;
}

static void blocks_keep(struct sub_topics *t, size_t n)
{
	while (t->n_blocks > n)
		free(t->block[--t->n_blocks]);
}

void sub_topics_free(struct sub_topics *t)
{
	if (!t)
		return;
	blocks_keep(t, 0);
	free(t->block);
	bb_index_free(t->index);
	free(t);
}

size_t sub_topics_count(const struct sub_topics *t)
{
	return t->n;
}

static struct sub_topic *row(const struct sub_topics *t, size_t i)
{
	return &t->block[i / PER_BLOCK][i % PER_BLOCK];
}

static uint32_t hash_of(uint64_t key)
{
	return bb_index_hash(&key, sizeof(key));
}

struct sub_topic *sub_topics_get(const struct sub_topics *t, uint64_t key)
{
	uint32_t hash = hash_of(key), i;
	size_t at = 0;

	while (bb_index_next(t->index, hash, &at, &i)) {
		if (row(t, i)->key == key)
			return row(t, i);
	}
	return NULL;
}

struct sub_topic *sub_topics_add(struct sub_topics *t, uint64_t key)
{
	size_t i = t->n++;

	if (i == t->n_blocks * PER_BLOCK) {
		t->block = bb_realloc(t->block, (t->n_blocks + 1) * sizeof(struct sub_topic *));
		t->block[t->n_blocks++] = bb_malloc(PER_BLOCK * sizeof(struct sub_topic));
	}
	*row(t, i) = (struct sub_topic){ .key = key };
	bb_index_put(t->index, hash_of(key), (uint32_t)i);
	return row(t, i);
}

const struct sub_topic *sub_topics_at(const struct sub_topics *t, size_t i)
{
	return row(t, i);
}

void sub_topics_remove(struct sub_topics *t, size_t i)
{
	size_t last = --t->n;

	bb_index_del(t->index, hash_of(row(t, i)->key), (uint32_t)i);
	if (last != i) {
		*row(t, i) = *row(t, last);
		bb_index_move(t->index, hash_of(row(t, i)->key), (uint32_t)last, (uint32_t)i);
	}
	blocks_keep(t, t->n / PER_BLOCK + 1);
}
