// SPDX-License-Identifier: Apache-2.0
/* How long somebody who failed must wait: per account and per address, doubling from 1 s to 15
 * min, never for ever. Pure; `now_ms` is monotonic. At most 10,000 keys are remembered; then
 * those whose wait is over are forgotten. */
#pragma once
#include <stdint.h>

struct throttle;
struct throttle *throttle_new(void);
void throttle_free(struct throttle *t);
/* Seconds to wait before the next try of `key`, 0: now. */
unsigned throttle_wait_s(const struct throttle *t, const char *key, uint64_t now_ms);
/* A try begins. The first `free_tries` cost no wait. It counts as a failure until
 * throttle_forget(). */
void throttle_try(struct throttle *t, const char *key, unsigned free_tries, uint64_t now_ms);
/* The try succeeded: start from nothing. */
void throttle_forget(struct throttle *t, const char *key);
