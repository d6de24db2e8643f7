// SPDX-License-Identifier: Apache-2.0
#include "webd/session.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/arena.h"
#include "common/log.h"
#include "common/seal.h"
#include "common/str.h"
#include "common/table.h"

#define IDLE_S        (30 * 60)
#define ABSOLUTE_S    (12 * 3600)
#define STORE_EVERY_S 60 /* how far the stored time of use may lag */
#define KNOWN_S       (30 * 86400)

struct sessions {
	sqlite3 *db;
	struct bb_table *by_hash;
	void (*ended)(void *arg, struct session *s);
	void *arg;
};

static const char schema[] =
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
	"CREATE TABLE IF NOT EXISTS session (hash BLOB PRIMARY KEY, id TEXT, user TEXT, csrf TEXT, address TEXT, created INTEGER, used INTEGER);"
	"CREATE TABLE IF NOT EXISTS one_time (user TEXT PRIMARY KEY, until INTEGER);"
	"CREATE TABLE IF NOT EXISTS known (user TEXT, address TEXT, at INTEGER, PRIMARY KEY (user, address));";

/* Run one statement with text and integer parameters ("s", "i"; "h" is a 32-byte hash). Failing
 * is logged, not fatal: sessions then live in memory only. Returns the first column of the first
 * row, or 0. */
static int64_t run(struct sessions *s, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st = NULL;
	int64_t result = 0;
	va_list ap;
	int rc;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK)
		goto out;
	va_start(ap, types);
	for (int i = 1; types[i - 1]; i++) {
		if (types[i - 1] == 'i')
			sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
		else if (types[i - 1] == 'h')
			sqlite3_bind_blob(st, i, va_arg(ap, const void *), 32, SQLITE_TRANSIENT);
		else
			sqlite3_bind_text(st, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
	}
	va_end(ap);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		result = sqlite3_column_int64(st, 0);
	else if (rc != SQLITE_DONE)
		bb_log(EV_NOTE, BB_STR("text", "a login could not be stored"),
			BB_STR("error", sqlite3_errmsg(s->db)));
out:
	sqlite3_finalize(st);
	return result;
}

static void column_text(sqlite3_stmt *st, int column, char *out, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	bb_copy(out, cap, text ? text : "");
}

static void load(struct sessions *s)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(s->db,
		    "SELECT hash, id, user, csrf, address, created, used FROM session", -1, &st,
		    NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct session *x = bb_calloc(1, sizeof(*x));

		if (sqlite3_column_bytes(st, 0) != sizeof(x->hash)) {
			free(x);
			continue;
		}
		memcpy(x->hash, sqlite3_column_blob(st, 0), sizeof(x->hash));
		column_text(st, 1, x->id, sizeof(x->id));
		column_text(st, 2, x->user, sizeof(x->user));
		column_text(st, 3, x->csrf, sizeof(x->csrf));
		column_text(st, 4, x->address, sizeof(x->address));
		x->created_s = sqlite3_column_int64(st, 5);
		x->used_s = x->stored_s = sqlite3_column_int64(st, 6);
		free(bb_table_put_n(s->by_hash, x->hash, sizeof(x->hash), x));
	}
	sqlite3_finalize(st);
}

static int open_file(struct sessions *s, const char *file)
{
	if (sqlite3_open_v2(file, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
		SQLITE_OK) {
		sqlite3_busy_timeout(s->db, 1000);
		if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK)
			return 0;
	}
	return -1;
}

struct sessions *sessions_open(const char *file, void (*ended)(void *arg, struct session *s),
	void *arg, struct bb_err *err)
{
	struct sessions *s = bb_calloc(1, sizeof(*s));
	char aside[320];

	s->by_hash = bb_table_new();
	s->ended = ended;
	s->arg = arg;
	if (open_file(s, file) != 0) {
		snprintf(aside, sizeof(aside), "%s.damaged-%lld", file, (long long)time(NULL));
		bb_log(EV_NOTE,
			BB_STR("text",
				"the file of logins cannot be read and is set aside; everybody logs in anew"),
			BB_STR("file", file),
			BB_STR("error", s->db ? sqlite3_errmsg(s->db) : "no memory"));
		sqlite3_close(s->db);
		s->db = NULL;
		rename(file, aside);
		if (open_file(s, file) != 0) {
			bb_err_set(err, "cannot open \"%s\": %s", file,
				s->db ? sqlite3_errmsg(s->db) : "no memory");
			sessions_close(s);
			return NULL;
		}
	}
	chmod(file, 0600);
	load(s);
	return s;
}

void sessions_close(struct sessions *s)
{
	if (!s)
		return;
	bb_table_free(s->by_hash, free);
	sqlite3_close(s->db);
	free(s);
}

/* ---- sessions ---- */

static void random_text(char out[SESSION_COOKIE_MAX])
{
	uint8_t bytes[32];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(out, SESSION_COOKIE_MAX, bytes, sizeof(bytes),
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

static void end_oldest(struct sessions *s)
{
	struct bb_table_iter i = { 0 };
	struct session *x, *oldest = NULL;

	while ((x = bb_table_next(s->by_hash, &i, NULL, NULL)))
		if (!oldest || x->used_s < oldest->used_s)
			oldest = x;
	if (oldest)
		session_end(s, oldest);
}

struct session *session_start(struct sessions *s, const char *user, const char *address,
	int64_t now_s, char cookie[SESSION_COOKIE_MAX])
{
	struct session *x;
	uint8_t id[8];

	if (bb_table_count(s->by_hash) >= SESSION_MAX)
		end_oldest(s);
	x = bb_calloc(1, sizeof(*x));
	random_text(cookie);
	random_text(x->csrf);
	randombytes_buf(id, sizeof(id));
	bb_hex(x->id, id, sizeof(id));
	bb_blake2b_256(cookie, strlen(cookie), x->hash);
	bb_copy(x->user, sizeof(x->user), user);
	bb_copy(x->address, sizeof(x->address), address);
	x->created_s = x->used_s = x->stored_s = now_s;
	bb_table_put_n(s->by_hash, x->hash, sizeof(x->hash), x);
	run(s, "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)", "hssssii", x->hash, x->id,
		x->user, x->csrf, x->address, x->created_s, x->used_s);
	return x;
}

bool session_is_over(const struct session *x, int64_t now_s)
{
	return now_s - x->used_s > IDLE_S || now_s - x->created_s > ABSOLUTE_S;
}

struct session *session_find(struct sessions *s, const char *cookie, int64_t now_s)
{
	struct session *x;
	uint8_t hash[32];

	bb_blake2b_256(cookie, strlen(cookie), hash);
	x = bb_table_get_n(s->by_hash, hash, sizeof(hash));
	if (!x)
		return NULL;
	if (session_is_over(x, now_s)) {
		session_end(s, x);
		return NULL;
	}
	x->used_s = now_s;
	if (now_s - x->stored_s >= STORE_EVERY_S) {
		x->stored_s = now_s;
		run(s, "UPDATE session SET used = ? WHERE hash = ?", "ih", now_s, x->hash);
	}
	return x;
}

bool session_alive(const struct sessions *s, const uint8_t hash[32], int64_t now_s)
{
	const struct session *x = bb_table_get_n(s->by_hash, hash, 32);

	return x && !session_is_over(x, now_s);
}

struct session *session_find_id(struct sessions *s, const char *user, const char *id)
{
	struct bb_table_iter i = { 0 };
	struct session *x;

	while ((x = bb_table_next(s->by_hash, &i, NULL, NULL)))
		if (strcmp(x->id, id) == 0 && strcmp(x->user, user) == 0)
			return x;
	return NULL;
}

void session_end(struct sessions *s, struct session *x)
{
	run(s, "DELETE FROM session WHERE hash = ?", "h", x->hash);
	bb_table_del_n(s->by_hash, x->hash, sizeof(x->hash));
	s->ended(s->arg, x);
	free(x);
}

void sessions_end_user(struct sessions *s, const char *user)
{
	struct bb_table_iter i = { 0 };
	struct session *x;

	while ((x = bb_table_next(s->by_hash, &i, NULL, NULL)))
		if (strcmp(x->user, user) == 0)
			session_end(s, x);
}

void sessions_expire(struct sessions *s, int64_t now_s)
{
	struct bb_table_iter i = { 0 };
	struct session *x;

	while ((x = bb_table_next(s->by_hash, &i, NULL, NULL)))
		if (session_is_over(x, now_s))
			session_end(s, x);
}

size_t sessions_count(const struct sessions *s)
{
	return bb_table_count(s->by_hash);
}

void sessions_each(const struct sessions *s, void (*cb)(void *arg, struct session *x), void *arg)
{
	struct bb_table_iter i = { 0 };
	struct session *x;

	while ((x = bb_table_next(s->by_hash, &i, NULL, NULL)))
		cb(arg, x);
}

/* ---- one-time passwords, known addresses ---- */

void one_time_set(struct sessions *s, const char *user, int64_t until_s)
{
	if (until_s == 0)
		run(s, "DELETE FROM one_time WHERE user = ?", "s", user);
	else
		run(s, "INSERT OR REPLACE INTO one_time VALUES (?, ?)", "si", user, until_s);
}

int64_t one_time_until(struct sessions *s, const char *user)
{
	return run(s, "SELECT until FROM one_time WHERE user = ?", "s", user);
}

void known_address_add(struct sessions *s, const char *user, const char *address, int64_t now_s)
{
	run(s, "DELETE FROM known WHERE at < ?", "i", now_s - KNOWN_S);
	run(s, "INSERT OR REPLACE INTO known VALUES (?, ?, ?)", "ssi", user, address, now_s);
}

bool known_address(struct sessions *s, const char *user, const char *address, int64_t now_s)
{
	return run(s, "SELECT count(*) FROM known WHERE user = ? AND address = ? AND at >= ?",
		       "ssi", user, address, now_s - KNOWN_S) > 0;
}
