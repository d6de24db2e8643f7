// SPDX-License-Identifier: Apache-2.0
#include "webd/auth.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/seal.h"
#include "common/str.h"
#include "webd/route.h"

bool auth_cookie(const char *header, const char *name, char *out, size_t cap)
{
	size_t name_len = strlen(name);

	for (const char *p = header; p && *p;) {
		size_t n;

		p += strspn(p, " ;");
		n = strcspn(p, ";");
		if (n > name_len && strncmp(p, name, name_len) == 0 && p[name_len] == '=') {
			size_t len = n - name_len - 1;

			if (len == 0 || len >= cap)
				return false;
			memcpy(out, p + name_len + 1, len);
			out[len] = '\0';
			return true;
		}
		p += n;
	}
	return false;
}

static bool name_in_list(const char *list, const char *name, size_t n)
{
	for (const char *p = list; p && *p;) {
		size_t len;

		p += strspn(p, " ,");
		len = strcspn(p, " ,");
		if (len == n && n > 0 && strncasecmp(p, name, n) == 0)
			return true;
		p += len;
	}
	return false;
}

bool auth_host_allowed(const char *hosts, const char *host)
{
	size_t n;

	if (!host || !*host)
		return false;
	n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (n > strlen(host) ||
		(host[n] != '\0' && (host[n] != ':' || strspn(host + n + 1, "0123456789") !=
							       strlen(host + n + 1))))
		return false;
	return name_in_list("localhost 127.0.0.1 [::1]", host, n) || name_in_list(hosts, host, n);
}

bool auth_origin_allowed(const char *origin, const char *fetch_site, const char *host)
{
	if (fetch_site && strcmp(fetch_site, "same-origin") != 0)
		return false;
	if (!origin)
		return true;
	/* a TLS proxy in front changes the scheme, never the name */
	const char *name = strstr(origin, "://");
	return name && host && strcasecmp(name + 3, host) == 0;
}

bool auth_csrf_fits(const struct session *s, const char *header)
{
	size_t n = strlen(s->csrf);

	return header && strlen(header) == n && sodium_memcmp(header, s->csrf, n) == 0;
}

static void identify_local(const struct http_req *rq, struct identity *who)
{
	who->kind = WHO_LOCAL;
	snprintf(who->user, sizeof(who->user), "local:%u", (unsigned)rq->peer.uid);
	snprintf(who->source, sizeof(who->source), "local:%u", (unsigned)rq->peer.uid);
	if (rq->peer.uid == 0 || rq->peer.uid == geteuid()) {
		bb_copy(who->role, sizeof(who->role), "admin");
		who->rights = role_rights("admin") | RIGHT_LOCAL;
	}
}

static void identify_token(const struct auth *a, const char *secret, struct identity *who)
{
	const struct token *t;

	bb_blake2b_256(secret, strlen(secret), who->token_hash);
	t = users_find_token(a->users, who->token_hash);
	if (!t)
		return;
	who->kind = WHO_TOKEN;
	bb_copy(who->user, sizeof(who->user), t->user->name);
	snprintf(who->source, sizeof(who->source), "token:%s", t->name);
	bb_copy(who->role, sizeof(who->role), t->role);
	/* a token never has more than its owner */
	who->rights = role_rights(t->role) & role_rights(t->user->role);
}

static void identify_session(const struct auth *a, const char *cookie, int64_t now_s,
	struct identity *who)
{
	struct session *s = session_find(a->sessions, cookie, now_s);
	const struct user *u = s ? users_find(a->users, s->user) : NULL;

	if (!u)
		return;
	who->kind = WHO_SESSION;
	who->session = s;
	memcpy(who->session_hash, s->hash, sizeof(who->session_hash));
	who->must_change = u->must_change;
	who->rights = role_rights(u->role);
	bb_copy(who->user, sizeof(who->user), u->name);
	bb_copy(who->source, sizeof(who->source), "web");
	bb_copy(who->role, sizeof(who->role), u->role);
}

void auth_identify(const struct auth *a, const struct http_req *rq, int64_t now_s,
	struct identity *who)
{
	const char *authorization = http_header(rq, "Authorization");
	char cookie[SESSION_COOKIE_MAX];

	*who = (struct identity){ .kind = WHO_NOBODY };
	if (rq->peer.is_local)
		identify_local(rq, who);
	else if (authorization && strncmp(authorization, "Bearer ", 7) == 0)
		identify_token(a, authorization + 7, who);
	else if (auth_cookie(http_header(rq, "Cookie"), "bb", cookie, sizeof(cookie)))
		identify_session(a, cookie, now_s, who);
}

bool auth_still_valid(const struct auth *a, const struct identity *who, int64_t now_s)
{
	const struct token *t;
	const struct user *u;

	switch (who->kind) {
	case WHO_LOCAL: return true;
	case WHO_TOKEN:
		t = users_find_token(a->users, who->token_hash);
		return t && (role_rights(t->role) & role_rights(t->user->role) & RIGHT_VIEW);
	case WHO_SESSION:
		u = users_find(a->users, who->user);
		return u && !u->must_change && (role_rights(u->role) & RIGHT_VIEW) &&
		       session_alive(a->sessions, who->session_hash, now_s);
	case WHO_NOBODY: break;
	}
	return false;
}
