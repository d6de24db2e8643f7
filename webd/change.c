// SPDX-License-Identifier: Apache-2.0
#include "webd/change.h"

#include <string.h>

#include "common/log.h"
#include "webd/webd.h"

struct change {
	struct request *rq;
	change_done done;
};

static void refuse(struct request *rq, const char *error, const char *sqlstate)
{
	static const struct {
		const char *sqlstate;
		enum problem problem;
	} known[] = {
		{ "BB400", PROBLEM_VALIDATION },
		{ "BB404", PROBLEM_NOT_FOUND },
		{ "BB409", PROBLEM_CONFLICT },
		{ "BB412", PROBLEM_STALE_VERSION },
		{ "23505", PROBLEM_CONFLICT },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].sqlstate, sqlstate) == 0) {
			reply_problem(rq, known[i].problem, "%s", error);
			return;
		}
	if (!sqlstate[0]) {
		reply_problem(rq, PROBLEM_UNAVAILABLE,
			"the connection to PostgreSQL broke (%s); look whether the change was made before you repeat it",
			error);
		return;
	}
	bb_log(EV_DATABASE_REFUSED, BB_STR("request", rq->http->id), BB_STR("sqlstate", sqlstate),
		BB_STR("error", error));
	reply_problem(rq, PROBLEM_UNAVAILABLE, "PostgreSQL refused this: %s", error);
}

static void on_result(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct change *c = arg;

	if (r)
		c->done(c->rq, r);
	else
		refuse(c->rq, error, sqlstate);
}

static struct change *change_new(struct request *rq, change_done done)
{
	struct change *c = bb_arena_alloc(rq->http->arena, sizeof(*c));

	c->rq = rq;
	c->done = done;
	return c;
}

void change_run(struct request *rq, const char *sql, int n, const char *const *values,
	change_done done)
{
	rq->who.session = NULL; /* may end while PostgreSQL works */
	if (confdb_write(rq->w->conf, sql, n, values, on_result, change_new(rq, done)) != 0)
		reply_no_database(rq, confdb_reason(rq->w->conf));
}

void change_read(struct request *rq, const char *sql, int n, const char *const *values,
	change_done done)
{
	rq->who.session = NULL;
	if (confdb_query(rq->w->conf, sql, n, values, on_result, change_new(rq, done)) != 0)
		reply_no_database(rq, confdb_reason(rq->w->conf));
}

void change_reply_empty(struct request *rq, PGresult *r)
{
	reply_empty(rq);
}

void change_reply_items(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "{\"items\":%s}",
		PQntuples(r) == 1 && !PQgetisnull(r, 0, 0) ? PQgetvalue(r, 0, 0) : "[]");
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}
