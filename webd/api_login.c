// SPDX-License-Identifier: Apache-2.0
/* Signing in and out, the own password, the own sessions. Every reason for a refused login gives
 * the same answer after the same work. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "webd/handlers.h"
#include "webd/webd.h"

#define FREE_TRIES_ACCOUNT 2
#define FREE_TRIES_ADDRESS 10

static void set_cookie(struct request *rq, const char *cookie)
{
	char header[128];

	snprintf(header, sizeof(header), "bb=%s; HttpOnly; SameSite=Strict; Path=/%s", cookie,
		*cookie ? "" : "; Max-Age=0");
	http_set_header(rq->http, "Set-Cookie", header);
}

static void reply_me(struct request *rq, const char *user, const char *role, unsigned rights,
	const char *csrf, bool must_change)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	const char *name;

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "user", user);
	bb_json_str(&j, "role", role);
	bb_json_arr(&j, "rights");
	for (size_t i = 0; (name = right_name(rights, i)); i++)
		bb_json_str(&j, NULL, name);
	bb_json_end_arr(&j);
	bb_json_str(&j, "csrf", csrf);
	bb_json_bool(&j, "must_change", must_change);
	bb_json_str(&j, "build", BUSBAR_VERSION);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

/* New reference at login and whenever rights or passwords change. */
static void start_session(struct request *rq, const struct user *u)
{
	char cookie[SESSION_COOKIE_MAX];
	struct session *s = session_start(rq->w->auth.sessions, u->name, rq->http->peer.address,
		webd_now_s(), cookie);

	set_cookie(rq, cookie);
	sodium_memzero(cookie, sizeof(cookie));
	reply_me(rq, u->name, u->role, u->must_change ? 0 : role_rights(u->role), s->csrf,
		u->must_change);
}

/* ---- /login ---- */

struct login {
	const char *user, *password;
	char account_key[80], address_key[80];
};

// clang-format off
static const struct field login_fields[] = {
	{ "user", FIELD_STR, true, offsetof(struct login, user), 1, 63 },
	{ "password", FIELD_STR, true, offsetof(struct login, password), 1, 1024 },
	FIELD_END,
};
// clang-format on

/* A one-time password ends after its hour; webd does not know of one: it has ended. */
static bool has_expired(struct request *rq, const struct user *u)
{
	return u->must_change && one_time_until(rq->w->auth.sessions, u->name) < webd_now_s();
}

static void refuse_login(struct request *rq, const char *user)
{
	char name[64];

	bb_text_clean(name, sizeof(name), user, strlen(user));
	bb_log(EV_LOGIN_REFUSED, BB_STR("user", name), BB_STR("address", rq->http->peer.address));
	reply_problem(rq, PROBLEM_LOGIN_FAILED,
		"the name or the password is wrong, or the one-time password has ended");
}

static void on_login_verified(void *arg, bool is_right)
{
	struct request *rq = arg;
	struct login *in = rq->ctx;
	const struct user *u = users_find(rq->w->auth.users, in->user);

	if (!is_right || !u || has_expired(rq, u)) {
		refuse_login(rq, in->user);
		return;
	}
	throttle_forget(rq->w->throttle, in->account_key);
	throttle_forget(rq->w->throttle, in->address_key);
	known_address_add(rq->w->auth.sessions, u->name, rq->http->peer.address, webd_now_s());
	bb_log(EV_LOGIN, BB_STR("user", u->name), BB_STR("address", rq->http->peer.address));
	start_session(rq, u);
}

static unsigned must_wait_s(struct request *rq, const struct login *in)
{
	uint64_t now_ms = bb_loop_now_ms(rq->w->loop);
	unsigned address_s = throttle_wait_s(rq->w->throttle, in->address_key, now_ms);
	unsigned account_s = throttle_wait_s(rq->w->throttle, in->account_key, now_ms);

	/* whoever logged in from here before is not shut out by others who try his name */
	if (account_s > 0 &&
		known_address(rq->w->auth.sessions, in->user, rq->http->peer.address, webd_now_s()))
		account_s = 0;
	return account_s > address_s ? account_s : address_s;
}

void api_login(struct request *rq)
{
	struct login *in = bb_arena_alloc(rq->http->arena, sizeof(*in));
	uint64_t now_ms = bb_loop_now_ms(rq->w->loop);
	const struct user *u;
	unsigned wait_s;

	if (request_fields(rq, login_fields, in) != 0)
		return;
	rq->ctx = in;
	snprintf(in->account_key, sizeof(in->account_key), "u:%s", in->user);
	snprintf(in->address_key, sizeof(in->address_key), "a:%s", rq->http->peer.address);
	wait_s = must_wait_s(rq, in);
	if (wait_s > 0) {
		reply_rate_limited(rq, wait_s);
		return;
	}
	throttle_try(rq->w->throttle, in->account_key, FREE_TRIES_ACCOUNT, now_ms);
	throttle_try(rq->w->throttle, in->address_key, FREE_TRIES_ADDRESS, now_ms);
	u = users_find(rq->w->auth.users, in->user);
	if (password_verify(rq->w->passwords, u ? u->hash : NULL, in->password, on_login_verified,
		    rq) != 0)
		reply_rate_limited(rq, 1);
}

void api_logout(struct request *rq)
{
	if (rq->who.session)
		session_end(rq->w->auth.sessions, rq->who.session);
	set_cookie(rq, "");
	reply_empty(rq);
}

void api_me(struct request *rq)
{
	reply_me(rq, rq->who.user, rq->who.role, rq->who.must_change ? 0 : rq->who.rights,
		rq->who.session ? rq->who.session->csrf : NULL, rq->who.must_change);
}

/* ---- /me/password ---- */

struct change {
	const char *old, *fresh;
	char hash[PASSWORD_HASH_MAX];
};

// clang-format off
static const struct field change_fields[] = {
	{ "old", FIELD_STR, true, offsetof(struct change, old), 1, 1024 },
	{ "new", FIELD_STR, true, offsetof(struct change, fresh), 1, 1024 },
	FIELD_END,
};
// clang-format on

static void on_change_stored(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct request *rq = arg;
	const struct user *u = users_find(rq->w->auth.users, rq->who.user);

	if (!r || !u) {
		reply_no_database(rq, error);
		return;
	}
	one_time_set(rq->w->auth.sessions, u->name, 0);
	sessions_end_user(rq->w->auth.sessions, u->name);
	webd_first_password_used(rq->w);
	start_session(rq, u);
}

static void on_change_hashed(void *arg, const char *hash)
{
	struct request *rq = arg;
	const char *values[] = { rq->who.user, hash, rq->who.user, rq->who.source };

	if (!hash)
		reply_problem(rq, PROBLEM_UNAVAILABLE,
			"no memory for hashing the password; try again");
	else if (confdb_write(rq->w->conf, "SELECT user_password($1, $2, false, $3, $4)", 4, values,
			 on_change_stored, rq) != 0)
		reply_no_database(rq, confdb_reason(rq->w->conf));
}

static void on_old_verified(void *arg, bool is_right)
{
	struct request *rq = arg;
	struct change *in = rq->ctx;
	const struct user *u = users_find(rq->w->auth.users, rq->who.user);

	if (!is_right || !u || has_expired(rq, u)) {
		refuse_login(rq, rq->who.user);
		return;
	}
	if (password_hash(rq->w->passwords, in->fresh, on_change_hashed, rq) != 0)
		reply_rate_limited(rq, 1);
}

void api_password(struct request *rq)
{
	struct change *in = bb_arena_alloc(rq->http->arena, sizeof(*in));
	const struct user *u = users_find(rq->w->auth.users, rq->who.user);
	uint64_t now_ms = bb_loop_now_ms(rq->w->loop);
	struct bb_err err;
	char key[80];

	if (request_fields(rq, change_fields, in) != 0)
		return;
	rq->ctx = in;
	if (rq->who.kind != WHO_SESSION || !u) {
		reply_problem(rq, PROBLEM_FORBIDDEN,
			"only somebody who is logged in with a password can change it");
		return;
	}
	if (password_policy(in->fresh, u->name, &err) != 0 ||
		(strcmp(in->fresh, in->old) == 0 &&
			bb_err_set(&err, "the new password is the old one") != 0)) {
		reply_invalid(rq, "/new", "%s", err.text);
		return;
	}
	/* a stolen session must not be a way to guess the password */
	snprintf(key, sizeof(key), "p:%s", u->name);
	unsigned wait_s = throttle_wait_s(rq->w->throttle, key, now_ms);
	if (wait_s > 0) {
		reply_rate_limited(rq, wait_s);
		return;
	}
	throttle_try(rq->w->throttle, key, 5, now_ms);
	rq->who.session = NULL; /* may end while the hash is computed */
	if (password_verify(rq->w->passwords, u->hash, in->old, on_old_verified, rq) != 0)
		reply_rate_limited(rq, 1);
}

/* ---- /me/sessions ---- */

struct session_list {
	struct bb_json *j;
	const struct request *rq;
};

static void add_session(void *arg, struct session *x)
{
	struct session_list *l = arg;

	if (strcmp(x->user, l->rq->who.user) != 0)
		return;
	bb_json_obj(l->j, NULL);
	bb_json_str(l->j, "id", x->id);
	bb_json_str(l->j, "address", x->address);
	bb_json_time(l->j, "created_at", (uint64_t)x->created_s * 1000000);
	bb_json_time(l->j, "used_at", (uint64_t)x->used_s * 1000000);
	bb_json_bool(l->j, "current", x == l->rq->who.session);
	bb_json_end_obj(l->j);
}

void api_sessions(struct request *rq)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct session_list l = { .j = &j, .rq = rq };

	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	sessions_each(rq->w->auth.sessions, add_session, &l);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_session_end(struct request *rq)
{
	struct session *x = session_find_id(rq->w->auth.sessions, rq->who.user, rq->param);

	if (!x) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "you have no session with this id");
		return;
	}
	session_end(rq->w->auth.sessions, x);
	reply_empty(rq);
}
