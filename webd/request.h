// SPDX-License-Identifier: Apache-2.0
/* One API request on its way: who asks, the body, the ways to answer. Lives in the arena of its
 * http_req and ends with exactly one of the reply_ or problem_ calls. */
#pragma once
#include <jansson.h>

#include "common/str.h"
#include "webd/auth.h"
#include "webd/http.h"
#include "webd/route.h"

struct webd;
struct request {
	struct webd *w;
	struct http_req *http;
	const struct route *route;
	struct identity who;
	const char *param; /* what stands for {..} in the pattern, or NULL */
	json_t *body;      /* object, for routes that have one; owned */
	void *ctx;         /* the handler's, in the arena */
};

/* webd's handler for http_new(): finds the route, the caller and the right, reads the body,
 * calls. `arg` is struct webd. */
void request_dispatch(void *arg, struct http_req *http);

void reply_json(struct request *rq, int status, struct bb_buf *json);
void reply_empty(struct request *rq); /* 204 */

enum problem {
	PROBLEM_VALIDATION,
	PROBLEM_LOGIN_REQUIRED,
	PROBLEM_LOGIN_FAILED,
	PROBLEM_FORBIDDEN,
	PROBLEM_CSRF,
	PROBLEM_PASSWORD_CHANGE,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD,
	PROBLEM_CONFLICT,
	PROBLEM_STALE_VERSION,
	PROBLEM_IF_MATCH,
	PROBLEM_TOO_LARGE,
	PROBLEM_MEDIA_TYPE,
	PROBLEM_HOST,
	PROBLEM_RATE_LIMITED,
	PROBLEM_REFUSED,
	PROBLEM_UNAVAILABLE,
};
/* RFC 9457. `fmt` is one sentence for people. */
void reply_problem(struct request *rq, enum problem p, const char *fmt, ...) BB_PRINTF(3, 4);
/* A field of the body or a query parameter does not fit. `pointer` is a JSON pointer ("/ids/3")
 * or "?name". */
void reply_invalid(struct request *rq, const char *pointer, const char *fmt, ...) BB_PRINTF(3, 4);
void reply_rate_limited(struct request *rq, unsigned retry_after_s);
/* "The database does not answer": what every handler says that needs it. */
void reply_no_database(struct request *rq, const char *reason);

/* ---- reading bodies ---- */

enum field_type { FIELD_STR, FIELD_INT, FIELD_NUM, FIELD_BOOL, FIELD_ARRAY, FIELD_STR_OR_NULL };
/* A member of a JSON object and where it goes: const char * (borrowed from the JSON), int64_t,
 * double, bool, json_t * (borrowed). */
struct field {
	const char *name;
	enum field_type type;
	bool is_required;
	size_t offset;
	double min, max; /* numbers: range; strings: bytes; arrays: elements */
};
#define FIELD_END                                                                                  \
	{                                                                                          \
		.name = NULL                                                                       \
	}
/* Fill `out` (preset with defaults). Unknown members, wrong types and control characters in
 * strings are refused: returns -1 with the member's name in `where` (at least 64 bytes) and the
 * reason. */
int fields_read(const json_t *object, const struct field *fields, void *out, char *where,
	struct bb_err *err);
/* The same for the body; answers the request itself when it returns -1. */
int request_fields(struct request *rq, const struct field *fields, void *out);
/* Refuse query parameters other than these (NULL-terminated). Returns -1 after answering. */
int request_params(struct request *rq, const char *const *allowed);
/* What stands in the quotes of If-Match, or "*". NULL: not sent, or neither. */
const char *request_if_match(struct request *rq);
