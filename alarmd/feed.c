// SPDX-License-Identifier: Apache-2.0
#include "alarmd/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

#define EVENT_TYPE 1

/* A record of the collector and the newest of ours when it was dealt with. */
struct step {
	uint64_t theirs, ours;
};

struct feed {
	struct feeds *all;
	char name[64];
	struct bb_pull_client *client;
	/* `waits` is told when ours is durable; `newest` takes its place then. theirs = 0: none. */
	struct step waits, newest;
};

struct feeds {
	struct bb_bus *bus;
	struct core *core;
	struct store *store;
	struct bb_arena *arena;
	struct feed *feed[CORE_PUBLISHERS_MAX];
	size_t n;
	struct bb_log_limit bad_log;
};

struct feeds *feeds_new(struct bb_bus *bus, struct core *core, struct store *store)
{
	struct feeds *f = bb_calloc(1, sizeof(*f));

	f->bus = bus;
	f->core = core;
	f->store = store;
	f->arena = bb_arena_new(16384, 0);
	return f;
}

void feeds_free(struct feeds *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		bb_pull_client_free(f->feed[i]->client);
		free(f->feed[i]);
	}
	bb_arena_free(f->arena);
	free(f);
}

static void tell(struct feed *f, uint64_t durable)
{
	for (int i = 0; i < 2 && f->waits.theirs && f->waits.ours <= durable; i++) {
		uint64_t theirs = f->waits.theirs;

		f->waits = f->newest;
		f->newest = (struct step){ 0 };
		bb_pull_client_durable(f->client, theirs);
	}
}

static void on_record(void *arg, const uint8_t journal_id[16], uint64_t jseq, uint32_t type,
	const void *data, size_t len, bool durable)
{
	struct feed *f = arg;
	struct feeds *all = f->all;
	const struct core_feed from = { .feed = f->name,
		.journal_id = journal_id,
		.jseq = jseq,
		.is_volatile = !durable };
	const Busbar__V1__DeviceEvent *e;
	struct bb_err err = { { 0 } };
	uint64_t repeats;

	bb_arena_reset(all->arena);
	e = type == EVENT_TYPE ? bb_unpack_device_event(all->arena, data, len, &err) : NULL;
	if (e)
		core_event(all->core, &from, e, bb_clock_boot_ns());
	else if (bb_log_due(&all->bad_log, f->name, &repeats))
		bb_log(EV_BUS_BAD, BB_STR("publisher", f->name), BB_UINT("jseq", jseq),
			BB_STR("error", *err.text ? err.text : "unknown type of record"),
			BB_UINT("repeats", repeats));
	struct step now = { .theirs = jseq, .ours = store_next_jseq(all->store) - 1 };
	if (f->waits.theirs)
		f->newest = now;
	else
		f->waits = now;
	if (store_is_durable(all->store))
		tell(f, store_durable(all->store));
}

static void on_restart(void *arg, const uint8_t journal_id[16], uint64_t first_jseq)
{
	struct feed *f = arg;

	f->waits = f->newest = (struct step){ 0 };
	bb_log(EV_NOTE, BB_STR("text", "the event log of a collector starts anew"),
		BB_STR("collector", f->name), BB_UINT("first", first_jseq));
}

static void feed_open(struct feeds *all, const char *name)
{
	struct feed *f = bb_calloc(1, sizeof(*f));
	char leaf[96];
	struct bb_err err;
	struct bb_pull_client_options o = {
		.leaf = leaf,
		.consumer = "alarmd",
		.record = on_record,
		.restart = on_restart,
		.arg = f,
	};

	f->all = all;
	bb_copy(f->name, sizeof(f->name), name);
	snprintf(leaf, sizeof(leaf), "%s.events", name);
	core_feed_cursor(all->core, name, o.journal_id, &o.after_jseq);
	f->client = bb_pull_client_new(all->bus, &o, &err);
	if (!f->client) {
		bb_log(EV_NOTE, BB_STR("text", "cannot pull the event log of a collector"),
			BB_STR("collector", name), BB_ERRTEXT(&err));
		free(f);
		return;
	}
	all->feed[all->n++] = f;
}

void feeds_heard(struct feeds *all, const Busbar__V1__Heartbeat *h)
{
	if (strcmp(h->role, "collector") != 0 && strcmp(h->role, "receiver") != 0 &&
		strcmp(h->role, "notifyd") != 0)
		return;
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->feed[i]->name, h->publisher) == 0)
			return;
	if (all->n < CORE_PUBLISHERS_MAX && strlen(h->publisher) < sizeof(all->feed[0]->name))
		feed_open(all, h->publisher);
}

void feeds_durable(struct feeds *all, uint64_t jseq)
{
	/* What is only in memory is not safe: the collector must keep it. */
	if (!store_is_durable(all->store))
		return;
	for (size_t i = 0; i < all->n; i++)
		tell(all->feed[i], jseq);
}

uint64_t feeds_lag(const struct feeds *all)
{
	uint64_t lag = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct feed *f = all->feed[i];
		uint64_t head = bb_pull_client_head(f->client);
		uint64_t at = f->newest.theirs ? f->newest.theirs : f->waits.theirs;
		lag += at && head > at ? head - at : 0;
	}
	return lag;
}
