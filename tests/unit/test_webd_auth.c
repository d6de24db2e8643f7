// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/seal.h"
#include "webd/auth.h"
#include "webd/handlers.h"

/* The handlers are not called here. */
#define ROUTE(m, p, r, h)                                                                          \
	void api_##h(struct request *rq)                                                           \
	{                                                                                          \
		fail();                                                                            \
	}
#include "webd/route.def"
#undef ROUTE

/* Headers of the request under test. */
static const char *cookie_header, *authorization_header;

const char *http_header(const struct http_req *rq, const char *name)
{
	return strcmp(name, "Cookie") == 0 ? cookie_header : authorization_header;
}

static const struct route *find(enum http_method m, const char *path)
{
	const char *param;
	size_t len;
	bool other;

	return route_find(m, path, &param, &len, &other);
}

static void unknown_paths_and_methods_have_no_route(void **state)
{
	const char *param;
	size_t len;
	bool other;

	assert_null(route_find(HTTP_GET, "/nothing", &param, &len, &other));
	assert_false(other);
	assert_null(route_find(HTTP_POST, "/me", &param, &len, &other));
	assert_true(other);
	assert_null(find(HTTP_OTHER, "/devices"));
	assert_null(find(HTTP_GET, "/devices/"));
	assert_null(find(HTTP_GET, "/devices/1/"));
	assert_null(find(HTTP_GET, "/devices/1/values/2"));
	assert_null(find(HTTP_GET, "/devices//values"));
}

static void parameter_is_one_segment(void **state)
{
	const char *param;
	size_t len;
	bool other;
	const struct route *r = route_find(HTTP_GET, "/devices/17/values", &param, &len, &other);

	assert_non_null(r);
	assert_string_equal(r->pattern, "/devices/{id}/values");
	assert_int_equal(len, 2);
	assert_memory_equal(param, "17", 2);
	r = route_find(HTTP_POST, "/findings/7~factor~input.voltage:confirm", &param, &len, &other);
	assert_non_null(r);
	assert_memory_equal(param, "7~factor~input.voltage", len);
	assert_int_equal(len, 22);
	assert_null(route_find(HTTP_POST, "/findings/:confirm", &param, &len, &other));
}

static void only_login_is_open(void **state)
{
	static const struct {
		enum right right;
		const char *pattern;
	} all[] = {
#define ROUTE(m, p, r, h) { RIGHT_##r, p },
#include "webd/route.def"
#undef ROUTE
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_true(all[i].right != RIGHT_OPEN || strcmp(all[i].pattern, "/login") == 0);
}

static void roles_grow_and_unknown_ones_have_nothing(void **state)
{
	assert_int_equal(role_rights("root"), 0);
	assert_int_equal(role_rights(NULL), 0);
	assert_true(role_rights("viewer") & RIGHT_VIEW);
	assert_false(role_rights("viewer") &
		     (RIGHT_ACK | RIGHT_CONFIGURE | RIGHT_EXECUTE | RIGHT_ADMIN));
	assert_false(role_rights("engineer") & (RIGHT_EXECUTE | RIGHT_ADMIN | RIGHT_LOCAL));
	assert_false(role_rights("admin") & RIGHT_LOCAL);
}

static void cookie_is_found_by_its_whole_name(void **state)
{
	char out[8];

	assert_true(auth_cookie("a=1; bb=xyz; c=2", "bb", out, sizeof(out)));
	assert_string_equal(out, "xyz");
	assert_false(auth_cookie("xbb=1", "bb", out, sizeof(out)));
	assert_false(auth_cookie("bbx=1", "bb", out, sizeof(out)));
	assert_false(auth_cookie("bb=", "bb", out, sizeof(out)));
	assert_false(auth_cookie("bb=12345678", "bb", out, sizeof(out)));
	assert_false(auth_cookie(NULL, "bb", out, sizeof(out)));
}

static void foreign_hosts_are_refused(void **state)
{
	assert_true(auth_host_allowed("", "127.0.0.1:8080"));
	assert_true(auth_host_allowed("", "localhost"));
	assert_true(auth_host_allowed("", "[::1]:1"));
	assert_true(auth_host_allowed("ups.example.org x", "ups.example.org:443"));
	assert_false(auth_host_allowed("", NULL));
	assert_false(auth_host_allowed("", ""));
	assert_false(auth_host_allowed("", "evil.example"));
	assert_false(auth_host_allowed("", "localhost.evil.example"));
	assert_false(auth_host_allowed("", "localhost:80@evil"));
	assert_false(auth_host_allowed("", "[::1"));
}

static void foreign_origins_are_refused(void **state)
{
	assert_true(auth_origin_allowed(NULL, NULL, "localhost:1"));
	assert_true(auth_origin_allowed("http://localhost:1", "same-origin", "localhost:1"));
	assert_false(auth_origin_allowed("http://evil.example", NULL, "localhost:1"));
	assert_false(auth_origin_allowed("null", NULL, "localhost:1"));
	assert_false(auth_origin_allowed("http://localhost:1", "cross-site", "localhost:1"));
	assert_false(auth_origin_allowed(NULL, "same-site", "localhost:1"));
}

/* ---- identities ---- */

static void nothing_ended(void *arg, struct session *s)
{
	(*(int *)arg)++;
}

struct world {
	struct auth auth;
	char dir[64], file[96];
	int ended;
};

static void apply_users(struct world *w, char *role, bool must_change, char *token_role,
	char *token)
{
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;
	Busbar__V1__ConfigUser u = BUSBAR__V1__CONFIG_USER__INIT, *users[] = { &u };
	Busbar__V1__ConfigToken t = BUSBAR__V1__CONFIG_TOKEN__INIT, *tokens[] = { &t };
	static uint8_t hash[32];

	bb_blake2b_256(token, strlen(token), hash);
	t.name = "n";
	t.role = token_role;
	t.token_hash.data = hash;
	t.token_hash.len = 32;
	u.name = "anna";
	u.password_hash = "x";
	u.role = role;
	u.must_change = must_change;
	u.n_token = 1;
	u.token = tokens;
	c.n_user = 1;
	c.user = users;
	users_apply(w->auth.users, &c);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct bb_err err;

	snprintf(w->dir, sizeof(w->dir), "/tmp/test_auth.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->file, sizeof(w->file), "%s/webd.db", w->dir);
	w->auth.users = users_new();
	w->auth.sessions = sessions_open(w->file, nothing_ended, &w->ended, &err);
	assert_non_null(w->auth.sessions);
	apply_users(w, "operator", false, "viewer", "bb_secret");
	*state = w;
	cookie_header = authorization_header = NULL;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char command[128];

	sessions_close(w->auth.sessions);
	users_free(w->auth.users);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

static struct identity ask(struct world *w, int64_t now_s)
{
	struct http_req rq = { 0 };
	struct identity who;

	auth_identify(&w->auth, &rq, now_s, &who);
	return who;
}

static void session_gives_the_rights_of_the_role(void **state)
{
	struct world *w = *state;
	char cookie[SESSION_COOKIE_MAX], header[80];
	struct session *s = session_start(w->auth.sessions, "anna", "127.0.0.1", 1000, cookie);
	struct identity who;

	snprintf(header, sizeof(header), "bb=%s", cookie);
	cookie_header = header;
	who = ask(w, 1001);
	assert_int_equal(who.kind, WHO_SESSION);
	assert_true(who.rights & RIGHT_ACK);
	assert_false(who.rights & RIGHT_ADMIN);
	assert_true(auth_csrf_fits(s, s->csrf));
	assert_false(auth_csrf_fits(s, "x"));
	assert_false(auth_csrf_fits(s, NULL));
	cookie[3] ^= 1;
	snprintf(header, sizeof(header), "bb=%s", cookie);
	assert_int_equal(ask(w, 1001).kind, WHO_NOBODY);
}

static void session_ends_when_idle_and_after_twelve_hours(void **state)
{
	struct world *w = *state;
	char cookie[SESSION_COOKIE_MAX], header[80];
	int64_t now_s = 1000;

	session_start(w->auth.sessions, "anna", "127.0.0.1", now_s, cookie);
	snprintf(header, sizeof(header), "bb=%s", cookie);
	cookie_header = header;
	assert_int_equal(ask(w, now_s + 1800).kind, WHO_SESSION);
	assert_int_equal(ask(w, now_s + 1800 + 1801).kind, WHO_NOBODY);
	assert_int_equal(w->ended, 1);
	session_start(w->auth.sessions, "anna", "127.0.0.1", now_s, cookie);
	snprintf(header, sizeof(header), "bb=%s", cookie);
	for (int64_t t = 0; t <= 43200; t += 1700)
		assert_int_equal(ask(w, now_s + t).kind, WHO_SESSION);
	assert_int_equal(ask(w, now_s + 43201).kind, WHO_NOBODY);
}

static void sessions_outlive_a_restart(void **state)
{
	struct world *w = *state;
	char cookie[SESSION_COOKIE_MAX], header[80];
	struct bb_err err;

	session_start(w->auth.sessions, "anna", "127.0.0.1", 1000, cookie);
	one_time_set(w->auth.sessions, "anna", 4600);
	sessions_close(w->auth.sessions);
	w->auth.sessions = sessions_open(w->file, nothing_ended, &w->ended, &err);
	snprintf(header, sizeof(header), "bb=%s", cookie);
	cookie_header = header;
	assert_int_equal(ask(w, 1001).kind, WHO_SESSION);
	assert_int_equal(one_time_until(w->auth.sessions, "anna"), 4600);
}

static void stored_sessions_do_not_hold_the_cookie(void **state)
{
	struct world *w = *state;
	char cookie[SESSION_COOKIE_MAX], command[256];

	session_start(w->auth.sessions, "anna", "127.0.0.1", 1000, cookie);
	snprintf(command, sizeof(command), "! grep -aqF -e %s %s/webd.db*", cookie, w->dir);
	assert_int_equal(system(command), 0);
}

static void damaged_file_of_logins_is_set_aside(void **state)
{
	struct world *w = *state;
	struct bb_err err;
	FILE *f;

	sessions_close(w->auth.sessions);
	f = fopen(w->file, "w");
	for (int i = 0; i < 5000; i++)
		fputs("no database", f);
	fclose(f);
	w->auth.sessions = sessions_open(w->file, nothing_ended, &w->ended, &err);
	assert_non_null(w->auth.sessions);
	assert_int_equal(sessions_count(w->auth.sessions), 0);
}

static void removed_user_loses_his_session_and_stream(void **state)
{
	struct world *w = *state;
	Busbar__V1__Config none = BUSBAR__V1__CONFIG__INIT;
	char cookie[SESSION_COOKIE_MAX], header[80];
	struct identity who;

	session_start(w->auth.sessions, "anna", "127.0.0.1", 1000, cookie);
	snprintf(header, sizeof(header), "bb=%s", cookie);
	cookie_header = header;
	who = ask(w, 1001);
	assert_true(auth_still_valid(&w->auth, &who, 1001));
	users_apply(w->auth.users, &none);
	assert_false(auth_still_valid(&w->auth, &who, 1001));
	assert_int_equal(ask(w, 1001).kind, WHO_NOBODY);
}

static void token_never_has_more_than_its_owner(void **state)
{
	struct world *w = *state;

	authorization_header = "Bearer bb_secret";
	assert_int_equal(ask(w, 1).kind, WHO_TOKEN);
	assert_int_equal(ask(w, 1).rights, role_rights("viewer"));
	apply_users(w, "viewer", false, "admin", "bb_secret");
	assert_int_equal(ask(w, 1).rights, role_rights("viewer"));
	authorization_header = "Bearer bb_other";
	assert_int_equal(ask(w, 1).kind, WHO_NOBODY);
}

static void local_socket_is_for_root_and_its_owner(void **state)
{
	struct world *w = *state;
	struct http_req rq = { .peer = { .is_local = true, .uid = 0 } };
	struct identity who;

	auth_identify(&w->auth, &rq, 1, &who);
	assert_true(who.rights & RIGHT_LOCAL);
	rq.peer.uid = 54321;
	auth_identify(&w->auth, &rq, 1, &who);
	assert_int_equal(who.rights, 0);
	assert_string_equal(who.source, "local:54321");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_paths_and_methods_have_no_route),
		cmocka_unit_test(parameter_is_one_segment),
		cmocka_unit_test(only_login_is_open),
		cmocka_unit_test(roles_grow_and_unknown_ones_have_nothing),
		cmocka_unit_test(cookie_is_found_by_its_whole_name),
		cmocka_unit_test(foreign_hosts_are_refused),
		cmocka_unit_test(foreign_origins_are_refused),
		cmocka_unit_test_setup_teardown(session_gives_the_rights_of_the_role, setup,
			teardown),
		cmocka_unit_test_setup_teardown(session_ends_when_idle_and_after_twelve_hours,
			setup, teardown),
		cmocka_unit_test_setup_teardown(sessions_outlive_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(stored_sessions_do_not_hold_the_cookie, setup,
			teardown),
		cmocka_unit_test_setup_teardown(damaged_file_of_logins_is_set_aside, setup,
			teardown),
		cmocka_unit_test_setup_teardown(removed_user_loses_his_session_and_stream, setup,
			teardown),
		cmocka_unit_test_setup_teardown(token_never_has_more_than_its_owner, setup,
			teardown),
		cmocka_unit_test_setup_teardown(local_socket_is_for_root_and_its_owner, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
