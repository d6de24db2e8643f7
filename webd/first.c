// SPDX-License-Identifier: Apache-2.0
/* One-time passwords: the first one of an empty installation and those an administrator at the
 * console hands out. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "webd/webd.h"

struct reset {
	struct webd *w;
	char user[64], actor[64], source[80], password[PASSWORD_ONE_TIME_MAX],
		hash[PASSWORD_HASH_MAX];
	bool is_first; /* insert the user */
	webd_reset_done cb;
	void *arg;
};

static void finish(struct reset *r, const char *error, const char *sqlstate)
{
	r->cb(r->arg, error ? NULL : r->password, error, sqlstate);
	sodium_memzero(r, sizeof(*r));
	free(r);
}

static void on_stored(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct reset *r = arg;

	if (res && r->is_first && (PQntuples(res) != 1 || PQgetvalue(res, 0, 0)[0] != 't')) {
		finish(r, "there is a user already", "");
		return;
	}
	if (res) {
		one_time_set(r->w->auth.sessions, r->user, webd_now_s() + ONE_TIME_VALID_S);
		sessions_end_user(r->w->auth.sessions, r->user);
	}
	finish(r, res ? NULL : error, sqlstate);
}

static void on_hashed(void *arg, const char *hash)
{
	struct reset *r = arg;
	const char *first[] = { hash }, *again[] = { r->user, hash, r->actor, r->source };
	int rc;

	if (!hash) {
		finish(r, "no memory for hashing the password", "");
		return;
	}
	rc = r->is_first ? confdb_write(r->w->conf, "SELECT user_first($1)", 1, first, on_stored, r)
			 : confdb_write(r->w->conf, "SELECT user_password($1, $2, true, $3, $4)", 4,
				   again, on_stored, r);
	if (rc != 0)
		finish(r, confdb_reason(r->w->conf), "");
}

static int start(struct webd *w, bool is_first, const char *user, const char *actor,
	const char *source, webd_reset_done cb, void *arg)
{
	struct reset *r = bb_calloc(1, sizeof(*r));

	r->w = w;
	r->is_first = is_first;
	r->cb = cb;
	r->arg = arg;
	bb_copy(r->user, sizeof(r->user), user);
	bb_copy(r->actor, sizeof(r->actor), actor);
	bb_copy(r->source, sizeof(r->source), source);
	password_one_time(r->password);
	if (password_hash(w->passwords, r->password, on_hashed, r) == 0)
		return 0;
	free(r);
	return -1;
}

int webd_reset_password(struct webd *w, const char *user, const char *actor, const char *source,
	webd_reset_done cb, void *arg)
{
	return start(w, false, user, actor, source, cb, arg);
}

/* ---- the first user ---- */

static void file_name(const struct webd *w, char out[160])
{
	snprintf(out, 160, "%s/first-password", bb_service_dirs(w->service)->run);
}

void webd_first_password_used(struct webd *w)
{
	char file[160];

	file_name(w, file);
	unlink(file);
}

static void on_first(void *arg, const char *password, const char *error, const char *sqlstate)
{
	struct webd *w = arg;
	char file[160];
	int fd;

	if (!password) {
		w->has_first_user = false; /* again at the next reading */
		bb_log(EV_NOTE, BB_STR("text", "no first password was made"),
			BB_STR("error", error));
		return;
	}
	file_name(w, file);
	unlink(file);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, password, strlen(password)) != (ssize_t)strlen(password) ||
		write(fd, "\n", 1) != 1)
		bb_log(EV_NOTE,
			BB_STR("text", "the file with the first password cannot be written"),
			BB_STR("file", file), BB_STR("error", strerror(errno)));
	if (fd >= 0)
		close(fd);
	/* the console is the proof of being the administrator (it is good once, for an hour) */
	bb_log(EV_FIRST_PASSWORD, BB_STR("user", "admin"), BB_STR("password", password),
		BB_STR("file", file), BB_UINT("valid_s", ONE_TIME_VALID_S));
}

void webd_first_user(struct webd *w)
{
	const struct user *admin = users_find(w->auth.users, "admin");
	bool is_empty = users_count(w->auth.users) == 0;
	bool is_unused = admin && admin->must_change &&
			 one_time_until(w->auth.sessions, "admin") < webd_now_s();

	if (w->has_first_user)
		return;
	w->has_first_user = true;
	if (is_empty)
		start(w, true, "admin", "busbar", "start", on_first, w);
	else if (is_unused && users_count(w->auth.users) == 1)
		start(w, false, "admin", "busbar", "start", on_first, w);
}
