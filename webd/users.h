// SPDX-License-Identifier: Apache-2.0
/* Who may log in: users and tokens of the newest configuration, whether it came from PostgreSQL
 * or from the generation file. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/wire.h"

struct user {
	uint64_t id;
	char name[64];
	char hash[128]; /* Argon2id */
	char role[16];
	bool must_change;
};

struct token {
	uint64_t id;
	uint8_t hash[32];
	char name[64], role[16];
	struct user *user;
};

struct users;
struct users *users_new(void);
void users_free(struct users *u);
/* Replace everything. Users with values that do not fit are left out. */
void users_apply(struct users *u, const Busbar__V1__Config *c);
const struct user *users_find(const struct users *u, const char *name);
const struct token *users_find_token(const struct users *u, const uint8_t hash[32]);
size_t users_count(const struct users *u);
