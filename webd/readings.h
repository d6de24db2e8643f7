// SPDX-License-Identifier: Apache-2.0
/* Readings on demand. Ten thousand devices say more each second than webd should hear while
 * nobody looks, so it subscribes to readings when somebody asks for values and leaves off a
 * minute after the last one did. States, groups and alarms are always heard.
 *
 * Who asks waits until busd's last values are there (usually a quarter of a second, at most 2 s;
 * without busd he gets what is known, with its age). Nothing blocks. */
#pragma once
#include <stdbool.h>

struct webd;
struct readings;
struct readings *readings_new(struct webd *w);
void readings_free(struct readings *r);
struct request;
/* Call `go` when values can be shown: at once or later, exactly once. A session may end
 * meanwhile. */
void readings_need(struct readings *r, struct request *rq, void (*go)(struct request *rq));
/* Our loop was away. */
void readings_resync(struct readings *r);
bool readings_are_heard(const struct readings *r);
