// SPDX-License-Identifier: Apache-2.0
/* Open addressing with linear probing. A removed entry leaves a tombstone, so that iteration
 * survives removal; rehashing, which happens only in put, drops them. The hash is SipHash-2-4 with
 * a random key per process: keys come from devices and people. */
#include "common/table.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

enum { FIRST_SLOTS = 16, INLINE_MAX = sizeof(void *) };
#define GONE UINT32_MAX

/* Tens of thousands of entries are under integers: short keys lie in the entry itself. */
struct entry {
	union {
		void *far; /* owned */
		unsigned char near[INLINE_MAX];
	} key;
	void *value;      /* NULL: free, or a tombstone when key_len is GONE */
	uint32_t key_len; /* up to INLINE_MAX: the key is near */
	uint32_t hash;    /* the low half */
};

/* count + tombs < 3/4 slots, and slots is a power of two: probing always ends at a free slot. */
struct bb_table {
	struct entry *slots;
	size_t n_slots, count, tombs;
};

static unsigned char hash_secret[crypto_shorthash_KEYBYTES];

static void hash_secret_make(void)
{
	bb_assert(sodium_init() >= 0);
	randombytes_buf(hash_secret, sizeof(hash_secret));
}

static uint64_t hash_of(const void *key, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint64_t h;

	_Static_assert(sizeof(h) == crypto_shorthash_BYTES, "the hash is 64 bits wide");
	pthread_once(&once, hash_secret_make);
	crypto_shorthash((unsigned char *)&h, key, n, hash_secret);
	return h;
}

static const void *key_of(const struct entry *e)
{
	return e->key_len <= INLINE_MAX ? e->key.near : e->key.far;
}

static void key_free(struct entry *e)
{
	if (e->key_len > INLINE_MAX)
		free(e->key.far);
}

struct bb_table *bb_table_new(void)
{
	struct bb_table *t = bb_calloc(1, sizeof(*t));

	t->n_slots = FIRST_SLOTS;
	t->slots = bb_calloc(t->n_slots, sizeof(*t->slots));
	return t;
}

void bb_table_free(struct bb_table *t, void (*free_value)(void *))
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_slots; i++) {
		if (!t->slots[i].value)
			continue;
		if (free_value)
			free_value(t->slots[i].value);
		key_free(&t->slots[i]);
	}
	free(t->slots);
	free(t);
}

size_t bb_table_count(const struct bb_table *t)
{
	return t->count;
}

static struct entry *entry_find(const struct bb_table *t, const void *key, size_t n, uint64_t hash)
{
	for (size_t i = hash & (t->n_slots - 1);; i = (i + 1) & (t->n_slots - 1)) {
		struct entry *e = &t->slots[i];

		if (!e->value && e->key_len != GONE)
			return NULL;
		if (e->value && e->hash == (uint32_t)hash && e->key_len == n &&
			memcmp(key_of(e), key, n) == 0)
			return e;
	}
}

static struct entry *slot_for(struct bb_table *t, uint64_t hash)
{
	size_t i = hash & (t->n_slots - 1);

	while (t->slots[i].value)
		i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static void rehash(struct bb_table *t)
{
	struct entry *old = t->slots;
	size_t n_old = t->n_slots;

	while ((t->count + 1) * 2 > t->n_slots)
		t->n_slots *= 2;
	bb_assert(t->n_slots <=
		  UINT32_MAX); /* the half of the hash that is kept still tells the place */
	t->slots = bb_calloc(t->n_slots, sizeof(*t->slots));
	t->tombs = 0;
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].value)
			*slot_for(t, old[i].hash) = old[i];
	}
	free(old);
}

void *bb_table_get_n(const struct bb_table *t, const void *key, size_t n)
{
	const struct entry *e = entry_find(t, key, n, hash_of(key, n));

	return e ? e->value : NULL;
}

void *bb_table_put_n(struct bb_table *t, const void *key, size_t n, void *value)
{
	uint64_t hash = hash_of(key, n);
	struct entry *e = entry_find(t, key, n, hash);

	bb_assert(value && n < GONE);
	if (e) {
		void *old = e->value;

		e->value = value;
		return old;
	}
	if ((t->count + t->tombs + 1) * 4 > t->n_slots * 3)
		rehash(t);
	e = slot_for(t, hash);
	if (e->key_len == GONE)
		t->tombs--;
	*e = (struct entry){ .key_len = (uint32_t)n, .hash = (uint32_t)hash, .value = value };
	if (n > INLINE_MAX)
		e->key.far = bb_malloc(n);
	if (n)
		memcpy((void *)key_of(e), key, n);
	t->count++;
	return NULL;
}

void *bb_table_del_n(struct bb_table *t, const void *key, size_t n)
{
	struct entry *e = entry_find(t, key, n, hash_of(key, n));
	void *value;

	if (!e)
		return NULL;
	value = e->value;
	key_free(e);
	*e = (struct entry){ .key_len = GONE };
	t->count--;
	t->tombs++;
	return value;
}

void *bb_table_get(const struct bb_table *t, const char *key)
{
	return bb_table_get_n(t, key, strlen(key));
}

void *bb_table_put(struct bb_table *t, const char *key, void *value)
{
	return bb_table_put_n(t, key, strlen(key), value);
}

void *bb_table_del(struct bb_table *t, const char *key)
{
	return bb_table_del_n(t, key, strlen(key));
}

void *bb_table_get_u64(const struct bb_table *t, uint64_t key)
{
	return bb_table_get_n(t, &key, sizeof(key));
}

void *bb_table_put_u64(struct bb_table *t, uint64_t key, void *value)
{
	return bb_table_put_n(t, &key, sizeof(key), value);
}

void *bb_table_del_u64(struct bb_table *t, uint64_t key)
{
	return bb_table_del_n(t, &key, sizeof(key));
}

void *bb_table_next(const struct bb_table *t, struct bb_table_iter *i, const void **key,
	size_t *key_len)
{
	while (i->slot < t->n_slots) {
		const struct entry *e = &t->slots[i->slot++];

		if (!e->value)
			continue;
		if (key)
			*key = key_of(e);
		if (key_len)
			*key_len = e->key_len;
		return e->value;
	}
	return NULL;
}
