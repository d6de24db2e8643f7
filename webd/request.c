// SPDX-License-Identifier: Apache-2.0
#include "webd/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "webd/handlers.h"
#include "webd/webd.h"

static bool is_write(const struct request *rq)
{
	return rq->http->method != HTTP_GET;
}

static bool has_right(const struct request *rq)
{
	return rq->route->right == RIGHT_OPEN || (rq->who.rights & rq->route->right);
}

static const char *needed_right(const struct request *rq)
{
	const char *name = right_name(rq->route->right, 0);

	return name ? name : "login";
}

/* Browsers only: a foreign page must not act, or listen, with somebody's cookie. Returns -1
 * after answering. */
static int check_origin(struct request *rq)
{
	const char *site = http_header(rq->http, "Sec-Fetch-Site"),
		   *host = http_header(rq->http, "Host");
	bool is_stream = rq->route->handler == api_stream;

	if (rq->who.kind == WHO_TOKEN || rq->who.kind == WHO_LOCAL || (!is_write(rq) && !is_stream))
		return 0;
	if (!auth_origin_allowed(http_header(rq->http, "Origin"), site, host) ||
		(is_stream && !site)) {
		reply_problem(rq, PROBLEM_CSRF,
			"the request comes from another site, or its origin is not told");
		return -1;
	}
	if (rq->who.kind == WHO_SESSION && is_write(rq) &&
		!auth_csrf_fits(rq->who.session, http_header(rq->http, "X-Busbar-CSRF"))) {
		reply_problem(rq, PROBLEM_CSRF,
			"header X-Busbar-CSRF is missing or old; get the present one from /me");
		return -1;
	}
	return 0;
}

static int check_rights(struct request *rq)
{
	if (rq->route->right == RIGHT_OPEN)
		return 0;
	if (rq->who.kind == WHO_NOBODY) {
		reply_problem(rq, PROBLEM_LOGIN_REQUIRED, "there is no session, or it has ended");
		return -1;
	}
	if (rq->who.must_change && rq->route->right != RIGHT_LOGIN) {
		reply_problem(rq, PROBLEM_PASSWORD_CHANGE,
			"a one-time password is in use; set an own one at /me/password");
		return -1;
	}
	if (!has_right(rq)) {
		rq->w->refused++;
		reply_problem(rq, PROBLEM_FORBIDDEN, "the right \"%s\" is missing",
			needed_right(rq));
		return -1;
	}
	return 0;
}

static bool is_json_type(const char *type)
{
	size_t n = type ? strcspn(type, "; ") : 0;

	return n == strlen("application/json") && strncasecmp(type, "application/json", n) == 0;
}

/* Writes have a JSON object as body; nothing at all stands for an empty one. */
static int read_body(struct request *rq)
{
	json_error_t e;

	if (!is_write(rq))
		return 0;
	if (rq->http->body_len == 0) {
		rq->body = json_object();
		return 0;
	}
	if (!is_json_type(http_header(rq->http, "Content-Type"))) {
		reply_problem(rq, PROBLEM_MEDIA_TYPE,
			"send the body with Content-Type: application/json");
		return -1;
	}
	rq->body = json_loadb(rq->http->body, rq->http->body_len, JSON_REJECT_DUPLICATES, &e);
	if (!rq->body || !json_is_object(rq->body)) {
		reply_invalid(rq, "", "the body is not a JSON object: %s",
			rq->body ? "another type" : e.text);
		return -1;
	}
	return 0;
}

/* ---- what handlers read ---- */

int request_fields(struct request *rq, const struct field *fields, void *out)
{
	struct bb_err err;
	char where[64], pointer[72];

	if (fields_read(rq->body, fields, out, where, &err) == 0)
		return 0;
	snprintf(pointer, sizeof(pointer), "/%s", where);
	reply_invalid(rq, pointer, "field \"%s\": %s", where, err.text);
	return -1;
}

int request_params(struct request *rq, const char *const *allowed)
{
	const struct uri *u = &rq->http->uri;

	for (size_t i = 0; i < u->n_params; i++) {
		const char *const *a = allowed;

		while (*a && strcmp(*a, u->param[i].name) != 0)
			a++;
		if (!*a) {
			reply_invalid(rq, "?", "there is no parameter \"%s\" here",
				u->param[i].name);
			return -1;
		}
	}
	return 0;
}

/* ---- the way of a request ---- */

static const char *api_path(const char *path)
{
	size_t n = strlen(ROUTE_BASE);

	if (strcmp(path, "/metrics") == 0)
		return path;
	return strncmp(path, ROUTE_BASE, n) == 0 && path[n] == '/' ? path + n : NULL;
}

static void find_and_call(struct request *rq, const char *path)
{
	const char *param;
	size_t param_len;
	bool other_methods;

	rq->route = route_find(rq->http->method, path, &param, &param_len, &other_methods);
	if (!rq->route) {
		reply_problem(rq, other_methods ? PROBLEM_METHOD : PROBLEM_NOT_FOUND, "%s",
			other_methods ? "this path has other methods" : "there is no such path");
		return;
	}
	if (param)
		rq->param = bb_arena_strndup(rq->http->arena, param, param_len);
	if (!rq->w->has_users && !rq->http->peer.is_local) {
		http_set_header(rq->http, "Retry-After", "1");
		reply_problem(rq, PROBLEM_UNAVAILABLE,
			"webd has no configuration yet: neither PostgreSQL nor alarmd has answered");
		return;
	}
	auth_identify(&rq->w->auth, rq->http, webd_now_s(), &rq->who);
	if (check_rights(rq) != 0 || check_origin(rq) != 0 || read_body(rq) != 0)
		return;
	rq->route->handler(rq);
}

void request_dispatch(void *arg, struct http_req *http)
{
	struct webd *w = arg;
	struct request *rq = bb_arena_alloc(http->arena, sizeof(*rq));
	const char *path = api_path(http->uri.path);

	rq->w = w;
	rq->http = http;
	w->requests++;
	if (!http->peer.is_local && !auth_host_allowed(w->set.hosts, http_header(http, "Host"))) {
		reply_problem(rq, PROBLEM_HOST,
			"use http://127.0.0.1 or http://localhost, or add the name to `hosts` of group webd in busbar.conf");
		return;
	}
	if (path)
		find_and_call(rq, path);
	else if (http->method != HTTP_GET)
		reply_problem(rq, PROBLEM_METHOD, "files can only be read");
	else
		static_serve(w->statics, rq);
}

const char *request_if_match(struct request *rq)
{
	const char *h = http_header(rq->http, "If-Match");
	size_t n = h ? strlen(h) : 0;

	if (n > 2 && n < 48 && h[0] == '"' && h[n - 1] == '"')
		return bb_arena_strndup(rq->http->arena, h + 1, n - 2);
	return h && strcmp(h, "*") == 0 ? h : NULL;
}
