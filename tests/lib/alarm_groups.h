// SPDX-License-Identifier: Apache-2.0
/* Device groups and redundancy groups of a world (alarm_world.h), told in words. */
#pragma once
#include "alarmd/redundancy.h"
#include "tests/lib/alarm_world.h"

/* `members`: device keys, "site:PATH", "group:KEY". A group that is there already is changed; without
 * members it is removed. In force with the next world_configure(). */
void world_group(struct world *w, const char *key, char **members, size_t n);
/* `words`: "need=K", "hold=SECONDS", "on=WORD,rule" and members: device keys, "group:KEY",
 * "redundancy:KEY", "DEVICE:POINT:OP:VALUE". The same. */
void world_redundancy(struct world *w, const char *key, char **words, size_t n);
void world_groups_config(const struct world *w, Busbar__V1__Config *conf);
void world_groups_fini(struct world *w);
