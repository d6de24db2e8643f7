// SPDX-License-Identifier: Apache-2.0
/* Passwords: Argon2id (64 MiB, 3 passes) in two worker threads, because one hash takes 150 ms
 * and the loop must not wait. What is handed in is copied and wiped after use. Callbacks run in
 * the loop. At most 32 jobs wait; then -1. */
#pragma once
#include <stdbool.h>

#include "common/loop.h"

#define PASSWORD_HASH_MAX     128
#define PASSWORD_ONE_TIME_MAX 24
#define PASSWORD_MIN          15
#define PASSWORD_MAX          128

struct password_pool;
struct password_pool *password_pool_new(struct bb_loop *loop, struct bb_err *err);
void password_pool_free(
	struct password_pool *p); /* waits for the jobs that run; callbacks are dropped */

/* `hash` NULL (no such user) takes the same time and is never right. */
typedef void (*password_verified)(void *arg, bool is_right);
int password_verify(struct password_pool *p, const char *hash, const char *password,
	password_verified cb, void *arg);
/* `hash` is NULL when the host has no memory for it. */
typedef void (*password_hashed)(void *arg, const char *hash);
int password_hash(struct password_pool *p, const char *password, password_hashed cb, void *arg);

/* May `password` be the new one of `user`? -1 with the reason. */
int password_policy(const char *password, const char *user, struct bb_err *err);
/* A random one-time password, 80 bits: "abcd-efgh-jkmn-pqrs". */
void password_one_time(char out[PASSWORD_ONE_TIME_MAX]);
