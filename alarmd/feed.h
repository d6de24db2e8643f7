// SPDX-License-Identifier: Apache-2.0
/* The logs of collectors (<collector>.events), pulled after our own durable cursor. Each event
 * becomes one record of our journal (core_event); the collector may forget it when that record is
 * on disk, not before. A collector is known from its first heartbeat on; at most CORE_PUBLISHERS_MAX.
 * Nothing blocks. */
#pragma once
#include "alarmd/core.h"
#include "alarmd/store.h"
#include "common/pull.h"

struct feeds;
struct feeds *feeds_new(struct bb_bus *bus, struct core *core, struct store *store);
void feeds_free(struct feeds *f);
/* A heartbeat came: whoever has the role of a collector or a receiver has a log. */
void feeds_heard(struct feeds *f, const Busbar__V1__Heartbeat *h);
/* Our records up to `jseq` are durable; also called each second, for the end of an emergency. */
void feeds_durable(struct feeds *f, uint64_t jseq);
/* Events told by collectors that are not recorded here yet. */
uint64_t feeds_lag(const struct feeds *f);
