// SPDX-License-Identifier: Apache-2.0
#include "webd/users.h"

#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/table.h"
#include "webd/route.h"

struct users {
	struct bb_table *by_name, *tokens;
};

struct users *users_new(void)
{
	struct users *u = bb_calloc(1, sizeof(*u));

	u->by_name = bb_table_new();
	u->tokens = bb_table_new();
	return u;
}

static void clear(struct users *u)
{
	bb_table_free(u->tokens, free);
	bb_table_free(u->by_name, free);
}

void users_free(struct users *u)
{
	if (!u)
		return;
	clear(u);
	free(u);
}

static void add_tokens(struct users *u, struct user *x, const Busbar__V1__ConfigUser *c)
{
	for (size_t i = 0; i < c->n_token; i++) {
		const Busbar__V1__ConfigToken *t = c->token[i];
		struct token *tok;

		if (t->token_hash.len != 32 || !role_valid(t->role))
			continue;
		tok = bb_calloc(1, sizeof(*tok));
		tok->id = t->id;
		tok->user = x;
		memcpy(tok->hash, t->token_hash.data, 32);
		bb_copy(tok->name, sizeof(tok->name), t->name ? t->name : "");
		bb_copy(tok->role, sizeof(tok->role), t->role);
		free(bb_table_put_n(u->tokens, tok->hash, 32, tok));
	}
}

static void add_user(struct users *u, const Busbar__V1__ConfigUser *c)
{
	struct user *x;

	if (!c->name || !c->password_hash || strlen(c->name) >= sizeof(x->name) ||
		strlen(c->password_hash) >= sizeof(x->hash) || !role_valid(c->role) ||
		bb_table_get(u->by_name, c->name))
		return;
	x = bb_calloc(1, sizeof(*x));
	x->id = c->id;
	x->must_change = c->must_change;
	bb_copy(x->name, sizeof(x->name), c->name);
	bb_copy(x->hash, sizeof(x->hash), c->password_hash);
	bb_copy(x->role, sizeof(x->role), c->role);
	bb_table_put(u->by_name, x->name, x);
	add_tokens(u, x, c);
}

void users_apply(struct users *u, const Busbar__V1__Config *c)
{
	clear(u);
	u->by_name = bb_table_new();
	u->tokens = bb_table_new();
	for (size_t i = 0; i < c->n_user; i++)
		add_user(u, c->user[i]);
}

const struct user *users_find(const struct users *u, const char *name)
{
	return bb_table_get(u->by_name, name);
}

const struct token *users_find_token(const struct users *u, const uint8_t hash[32])
{
	return bb_table_get_n(u->tokens, hash, 32);
}

size_t users_count(const struct users *u)
{
	return bb_table_count(u->by_name);
}
