// SPDX-License-Identifier: Apache-2.0
#include "webd/throttle.h"

#include <stdlib.h>

#include "common/arena.h"
#include "common/table.h"

#define KEYS_MAX   10000
#define WAIT_MAX_S 900u

struct entry {
	unsigned tries;
	uint64_t until_ms; /* no try before */
};

struct throttle {
	struct bb_table *entries;
};

struct throttle *throttle_new(void)
{
	struct throttle *t = bb_calloc(1, sizeof(*t));

	t->entries = bb_table_new();
	return t;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	bb_table_free(t->entries, free);
	free(t);
}

unsigned throttle_wait_s(const struct throttle *t, const char *key, uint64_t now_ms)
{
	const struct entry *e = bb_table_get(t->entries, key);

	if (!e || e->until_ms <= now_ms)
		return 0;
	return (unsigned)((e->until_ms - now_ms + 999) / 1000);
}

static void forget_old(struct throttle *t, uint64_t now_ms)
{
	struct bb_table_iter i = { 0 };
	const void *key;
	size_t len;
	struct entry *e;

	while ((e = bb_table_next(t->entries, &i, &key, &len)))
		if (e->until_ms <= now_ms) {
			bb_table_del_n(t->entries, key, len);
			free(e);
		}
}

void throttle_try(struct throttle *t, const char *key, unsigned free_tries, uint64_t now_ms)
{
	struct entry *e = bb_table_get(t->entries, key);
	unsigned over, wait_s;

	if (!e) {
		if (bb_table_count(t->entries) >= KEYS_MAX)
			forget_old(t, now_ms);
		if (bb_table_count(t->entries) >= KEYS_MAX)
			return;
		e = bb_calloc(1, sizeof(*e));
		bb_table_put(t->entries, key, e);
	}
	e->tries++;
	if (e->tries <= free_tries)
		return;
	over = e->tries - free_tries - 1;
	wait_s = over >= 10 ? WAIT_MAX_S : 1u << over;
	e->until_ms = now_ms + 1000ull * (wait_s < WAIT_MAX_S ? wait_s : WAIT_MAX_S);
}

void throttle_forget(struct throttle *t, const char *key)
{
	free(bb_table_del(t->entries, key));
}
