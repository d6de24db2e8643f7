// SPDX-License-Identifier: Apache-2.0
/* Times of the week as people write them in bodies of requests. */
#pragma once
#include <jansson.h>

/* "02:10" as minutes of the day, or -1. `at` has five characters. */
int weekly_minute_of(const char *at);
/* Names of days (mon ... sun) as bits, Monday first; none given: all. -1: one is no day. */
int weekly_days_of(const json_t *days);
