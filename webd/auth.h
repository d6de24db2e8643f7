// SPDX-License-Identifier: Apache-2.0
/* Who is asking, and may he: sessions, tokens, the local socket; CSRF and origin. Nothing in a
 * cookie is believed. Nothing blocks. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "webd/http.h"
#include "webd/session.h"
#include "webd/users.h"

enum who { WHO_NOBODY, WHO_SESSION, WHO_TOKEN, WHO_LOCAL };
struct identity {
	enum who kind;
	char user[64];   /* "local:<uid>" on the local socket */
	char source[80]; /* for the audit: "web", "token:NAME", "local:UID" */
	char role[16];
	unsigned rights; /* enum right */
	bool must_change;
	struct session
		*session; /* WHO_SESSION: borrowed, only until the handler returns or waits */
	uint8_t session_hash[32];
	uint8_t token_hash[32]; /* WHO_TOKEN */
};

struct auth {
	struct users *users;
	struct sessions *sessions;
	const char *hosts; /* further names this server may be called by, separated by spaces */
};

void auth_identify(const struct auth *a, const struct http_req *rq, int64_t now_s,
	struct identity *who);
/* Is the identity still what it was? For streams that stay open. */
bool auth_still_valid(const struct auth *a, const struct identity *who, int64_t now_s);

/* Host header: loopback names with any port, or one of `hosts`. Against DNS rebinding. */
bool auth_host_allowed(const char *hosts, const char *host);
/* Origin and Sec-Fetch-Site, when sent, are our own. */
bool auth_origin_allowed(const char *origin, const char *fetch_site, const char *host);
/* The CSRF header of a session. */
bool auth_csrf_fits(const struct session *s, const char *header);
/* Value of cookie `name` in a Cookie header: false when it is not there or too long. */
bool auth_cookie(const char *header, const char *name, char *out, size_t cap);
