// SPDX-License-Identifier: Apache-2.0
/* Maintenance windows, out of service, parents and links of a world, as words of a scenario. */
#pragma once
#include "tests/lib/alarm_world.h"

/* maintenance NAME for=TIME [SCOPE]; maintenance NAME weekly DAYS HH:MM MINUTES TZ [SCOPE]; maintenance NAME none
 * out-of-service KEY WORK-ORDER; in-service KEY; parent KEY PARENT|none; link SITE KEY|none
 * SCOPE: device=KEY site=PATH profile=NAME group=KEY; DAYS: bits, Monday first. The caller configures the
 * world. Returns -1 when the words fit nothing. */
int world_life(struct world *w, char **words, size_t n);
void world_life_config(const struct world *w, Busbar__V1__Config *conf);
void world_life_fini(struct world *w);
