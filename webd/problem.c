// SPDX-License-Identifier: Apache-2.0
/* Answers of the API: JSON, nothing, and problems as RFC 9457 says. */
#include <stdarg.h>
#include <stdio.h>

#include "webd/request.h"

static const struct {
	int status;
	const char *type, *title;
	// clang-format off
} problems[] = {
	[PROBLEM_VALIDATION] = { 400, "/problems/validation", "The request does not fit" },
	[PROBLEM_LOGIN_REQUIRED] = { 401, "/problems/login-required", "Log in first" },
	[PROBLEM_LOGIN_FAILED] = { 401, "/problems/login-failed", "The name or the password is wrong" },
	[PROBLEM_FORBIDDEN] = { 403, "/problems/forbidden", "You may not do this" },
	[PROBLEM_CSRF] = { 403, "/problems/csrf", "The request does not come from this interface" },
	[PROBLEM_PASSWORD_CHANGE] = { 403, "/problems/password-change-required", "Change the one-time password first" },
	[PROBLEM_NOT_FOUND] = { 404, "/problems/not-found", "There is no such thing" },
	[PROBLEM_METHOD] = { 405, "/problems/method", "This cannot be done here" },
	[PROBLEM_CONFLICT] = { 409, "/problems/conflict", "This contradicts the present state" },
	[PROBLEM_STALE_VERSION] = { 412, "/problems/stale-version", "Somebody else has changed it" },
	[PROBLEM_IF_MATCH] = { 428, "/problems/if-match-required", "The version is missing" },
	[PROBLEM_TOO_LARGE] = { 413, "/problems/too-large", "The request is too large" },
	[PROBLEM_MEDIA_TYPE] = { 415, "/problems/media-type", "The body must be application/json" },
	[PROBLEM_HOST] = { 421, "/problems/host", "This host name is not served here" },
	[PROBLEM_RATE_LIMITED] = { 429, "/problems/rate-limited", "Too many tries" },
	[PROBLEM_REFUSED] = { 502, "/problems/refused", "The command was refused" },
	[PROBLEM_UNAVAILABLE] = { 503, "/problems/unavailable", "A part of the system does not answer" },
};
// clang-format on

static void finish(struct request *rq, int status, const char *type, struct bb_buf *body)
{
	json_decref(rq->body);
	rq->body = NULL;
	http_reply(rq->http, status, type, body);
}

void reply_json(struct request *rq, int status, struct bb_buf *json)
{
	finish(rq, status, "application/json", json);
}

void reply_empty(struct request *rq)
{
	finish(rq, 204, NULL, NULL);
}

static void problem_open(struct bb_json *j, const struct request *rq, enum problem p,
	const char *detail)
{
	bb_json_obj(j, NULL);
	bb_json_str(j, "type", problems[p].type);
	bb_json_str(j, "title", problems[p].title);
	bb_json_int(j, "status", problems[p].status);
	bb_json_str(j, "detail", detail);
	bb_json_str(j, "instance", rq->http->uri.path);
	bb_json_str(j, "request_id", rq->http->id);
}

static void problem_send(struct request *rq, enum problem p, struct bb_json *j)
{
	bb_json_end_obj(j);
	finish(rq, problems[p].status, "application/problem+json", j->out);
}

void reply_problem(struct request *rq, enum problem p, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char detail[BB_ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	problem_open(&j, rq, p, detail);
	problem_send(rq, p, &j);
}

void reply_invalid(struct request *rq, const char *pointer, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char detail[BB_ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	problem_open(&j, rq, PROBLEM_VALIDATION, detail);
	bb_json_arr(&j, "errors");
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "pointer", pointer);
	bb_json_str(&j, "code", "invalid");
	bb_json_str(&j, "detail", detail);
	bb_json_end_obj(&j);
	bb_json_end_arr(&j);
	problem_send(rq, PROBLEM_VALIDATION, &j);
}

void reply_rate_limited(struct request *rq, unsigned retry_after_s)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char text[32];

	snprintf(text, sizeof(text), "%u", retry_after_s);
	http_set_header(rq->http, "Retry-After", text);
	problem_open(&j, rq, PROBLEM_RATE_LIMITED, "wait before the next try");
	bb_json_int(&j, "retry_after", retry_after_s);
	problem_send(rq, PROBLEM_RATE_LIMITED, &j);
}

void reply_no_database(struct request *rq, const char *reason)
{
	reply_problem(rq, PROBLEM_UNAVAILABLE,
		"PostgreSQL does not answer (%s); live data and alarms go on without it",
		reason && *reason ? reason : "not connected");
}
