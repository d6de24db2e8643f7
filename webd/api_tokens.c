// SPDX-License-Identifier: Apache-2.0
/* Tokens for programs, and one-time passwords handed out at the local console. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/seal.h"
#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/webd.h"

#define TOKEN_MAX 56

struct token_input {
	const char *name, *role;
	char secret[TOKEN_MAX];
};

// clang-format off
static const struct field token_fields[] = {
	{ "name", FIELD_STR, true, offsetof(struct token_input, name), 1, 60 },
	{ "role", FIELD_STR, true, offsetof(struct token_input, role), 1, 15 },
	FIELD_END,
};
// clang-format on

void api_tokens(struct request *rq)
{
	change_read(rq,
		"SELECT jsonb_agg(jsonb_build_object('id', token_id::text, 'name', t.name, 'user', u.name, 'role', t.role, 'created_at', "
		"to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')) ORDER BY token_id) "
		"FROM api_token t JOIN users u USING (user_id) WHERE revoked_at IS NULL",
		0, NULL, change_reply_items);
}

static void on_token(struct request *rq, PGresult *r)
{
	struct token_input *in = rq->ctx;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "id", PQgetvalue(r, 0, 0));
	bb_json_str(&j, "name", in->name);
	bb_json_str(&j, "role", in->role);
	bb_json_str(&j, "token", in->secret);
	bb_json_end_obj(&j);
	sodium_memzero(in->secret, sizeof(in->secret));
	reply_json(rq, 201, &b);
	bb_buf_fini(&b);
}

void api_token_add(struct request *rq)
{
	struct token_input *in = bb_arena_alloc(rq->http->arena, sizeof(*in));
	uint8_t bytes[32], hash[32];
	char hex[65];

	if (request_fields(rq, token_fields, in) != 0)
		return;
	if (!role_valid(in->role)) {
		reply_invalid(rq, "/role", "the role is viewer, operator, engineer or admin");
		return;
	}
	rq->ctx = in;
	randombytes_buf(bytes, sizeof(bytes));
	memcpy(in->secret, "bb_", 3);
	sodium_bin2base64(in->secret + 3, sizeof(in->secret) - 3, bytes, sizeof(bytes),
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	bb_blake2b_256(in->secret, strlen(in->secret), hash);
	bb_hex(hex, hash, sizeof(hash));
	sodium_memzero(bytes, sizeof(bytes));
	const char *values[] = { rq->who.kind == WHO_LOCAL ? NULL : rq->who.user, in->name, hex,
		in->role, rq->who.user, rq->who.source };
	change_run(rq, "SELECT token_add($1, $2, $3, $4, $5, $6)", 6, values, on_token);
}

void api_token_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) != 0)
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no token with this id");
	else
		change_run(rq, "SELECT token_remove($1, $2, $3)", 3, values, change_reply_empty);
}

/* ---- one-time password ---- */

struct reset_input {
	const char *user;
};

// clang-format off
static const struct field reset_fields[] = {
	{ "user", FIELD_STR, true, offsetof(struct reset_input, user), 1, 63 },
	FIELD_END,
};
// clang-format on

static void on_reset(void *arg, const char *password, const char *error, const char *sqlstate)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (!password) {
		reply_problem(rq,
			strcmp(sqlstate, "BB404") == 0 ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE,
			"%s", error);
		return;
	}
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "user", rq->ctx);
	bb_json_str(&j, "password", password);
	bb_json_int(&j, "valid_s", ONE_TIME_VALID_S);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_user_reset(struct request *rq)
{
	struct reset_input in;

	if (request_fields(rq, reset_fields, &in) != 0)
		return;
	rq->ctx = bb_arena_strdup(rq->http->arena, in.user);
	if (webd_reset_password(rq->w, in.user, rq->who.user, rq->who.source, on_reset, rq) != 0)
		reply_rate_limited(rq, 1);
}
