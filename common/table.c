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

enum { FIRST_SLOTS = 16 };

struct entry {
	void *key; /* owned; NULL: free, or a tombstone when `gone` */
	size_t key_len;
	uint64_t hash;
	void *value;
	bool gone;
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
		if (!t->slots[i].key)
			continue;
		if (free_value)
			free_value(t->slots[i].value);
		free(t->slots[i].key);
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

		if (!e->key && !e->gone)
			return NULL;
		if (e->key && e->hash == hash && e->key_len == n && memcmp(e->key, key, n) == 0)
			return e;
	}
}

static struct entry *slot_for(struct bb_table *t, uint64_t hash)
{
	size_t i = hash & (t->n_slots - 1);

	while (t->slots[i].key)
		i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static void rehash(struct bb_table *t)
{
	struct entry *old = t->slots;
	size_t n_old = t->n_slots;

	while ((t->count + 1) * 2 > t->n_slots)
		t->n_slots *= 2;
	t->slots = bb_calloc(t->n_slots, sizeof(*t->slots));
	t->tombs = 0;
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].key)
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

	bb_assert(value);
	if (e) {
		void *old = e->value;

		e->value = value;
		return old;
	}
	if ((t->count + t->tombs + 1) * 4 > t->n_slots * 3)
		rehash(t);
	e = slot_for(t, hash);
	if (e->gone)
		t->tombs--;
	*e = (struct entry){ .key = bb_malloc(n), .key_len = n, .hash = hash, .value = value };
	if (n)
		memcpy(e->key, key, n);
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
	free(e->key);
	*e = (struct entry){ .gone = true };
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

		if (!e->key)
			continue;
		if (key)
			*key = e->key;
		if (key_len)
			*key_len = e->key_len;
		return e->value;
	}
	return NULL;
}
