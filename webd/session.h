// SPDX-License-Identifier: Apache-2.0
/* Logins: sessions, one-time passwords and known addresses, in webd's own SQLite file, so that
 * they outlive a restart and do not need PostgreSQL. A session is a 256-bit random reference;
 * only its BLAKE2b hash is stored. It ends 30 min after the last use and 12 h after the login
 * (wall clock, because it must hold across restarts). Calls block for a small write at most. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define SESSION_COOKIE_MAX 48
#define SESSION_USER_MAX   64
#define SESSION_MAX        2000 /* then the one unused longest ends */

struct session {
	uint8_t hash[32];
	char id[17]; /* for lists; says nothing about the cookie */
	char user[SESSION_USER_MAX];
	char csrf[SESSION_COOKIE_MAX];
	char address[64];
	int64_t created_s, used_s, stored_s;
	unsigned streams;
};

struct sessions;
/* `ended` is told of every session that ends, just before it is freed. A damaged file is set
 * aside: everybody logs in anew. */
struct sessions *sessions_open(const char *file, void (*ended)(void *arg, struct session *s),
	void *arg, struct bb_err *err);
void sessions_close(struct sessions *s);

/* Start a session. `cookie` receives what the browser keeps. The result is borrowed; it lives
 * until it ends. */
struct session *session_start(struct sessions *s, const char *user, const char *address,
	int64_t now_s, char cookie[SESSION_COOKIE_MAX]);
/* Who holds this cookie, or NULL. Marks the session used. */
struct session *session_find(struct sessions *s, const char *cookie, int64_t now_s);
/* Is the session with this hash still going? Does not mark it used. */
bool session_alive(const struct sessions *s, const uint8_t hash[32], int64_t now_s);
struct session *session_find_id(struct sessions *s, const char *user, const char *id);
void session_end(struct sessions *s, struct session *x);
void sessions_end_user(struct sessions *s, const char *user);
void sessions_expire(struct sessions *s, int64_t now_s);
bool session_is_over(const struct session *x, int64_t now_s);
size_t sessions_count(const struct sessions *s);
void sessions_each(const struct sessions *s, void (*cb)(void *arg, struct session *x), void *arg);

/* One-time password of a user: good until then; 0 when there is none. */
void one_time_set(struct sessions *s, const char *user, int64_t until_s);
int64_t one_time_until(struct sessions *s, const char *user);
/* Addresses a user logged in from within 30 days. */
void known_address_add(struct sessions *s, const char *user, const char *address, int64_t now_s);
bool known_address(struct sessions *s, const char *user, const char *address, int64_t now_s);
