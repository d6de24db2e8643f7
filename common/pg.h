// SPDX-License-Identifier: Apache-2.0
/* Non-blocking libpq in the loop: one connection, a queue of statements, reconnect with 0.5 s to 30 s backoff and jitter.
 * Callbacks may queue statements, but not free the connection. A host name in conninfo is looked up blocking: use an address or a
 * local socket. */
#pragma once
#include <libpq-fe.h>

#include "common/loop.h"

struct bb_pg;
/* up: connected (run what each connection needs: LISTEN, schema check); down: lost, or the first try failed; `reason` says why. */
struct bb_pg_options {
	const char *conninfo;
	const char *application_name;
	uint64_t statement_timeout_ms;      /* 0 = none; a stalled server counts as down a quarter later */
	size_t max_queue;                   /* statements; 0 = 1,000; beyond it bb_pg_query fails */
	void (*up)(void *arg);
	void (*down)(void *arg, const char *reason);
	void (*notify)(void *arg, const char *channel);
	void *arg;
};
struct bb_pg *bb_pg_new(struct bb_loop *loop, const struct bb_pg_options *o);
void bb_pg_free(struct bb_pg *p);                       /* outstanding callbacks run with an error */
bool bb_pg_is_up(const struct bb_pg *p);

/* Result callback: exactly one of res (borrowed; PGRES_COMMAND_OK or TUPLES_OK) and error (text) is set. `sqlstate` is "" for lost
 * connections: the outcome is then unknown. */
typedef void (*bb_pg_cb)(void *arg, PGresult *res, const char *error, const char *sqlstate);
/* Queue a statement with text (or binary) parameters, copied. Without parameters (n 0) `sql` may be several statements, which are one
 * transaction; res is then the last one's. Callbacks run in order, never inside this call. -1 when the queue is full or the
 * connection is down. */
int bb_pg_query(struct bb_pg *p, const char *sql, int n, const char *const *values, const int *lengths, const int *formats, bb_pg_cb cb,
	void *arg);
/* The same with text parameters (n > 0) and the result in binary form (common/pgbin.h reads arrays). */
int bb_pg_query_binary(struct bb_pg *p, const char *sql, int n, const char *const *values, bb_pg_cb cb, void *arg);
/* COPY ... FROM STDIN with `data` (copied), e.g. in binary format. */
int bb_pg_copy(struct bb_pg *p, const char *copy_sql, const void *data, size_t len, bb_pg_cb cb, void *arg);
size_t bb_pg_queue_depth(const struct bb_pg *p);
