// SPDX-License-Identifier: Apache-2.0
/* A connection is a table of states: waiting for the next try, connecting, setting up, up. One
 * statement is under way at a time; the rest waits in the queue. Statements start from a timer of 0
 * ms, never inside bb_pg_query(), so no callback runs there. */
#include "common/pg.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/arena.h"
#include "common/str.h"

enum {
	BACKOFF_MIN_MS = 500,
	BACKOFF_MAX_MS = 30000,
	CONNECT_TIMEOUT_MS = 10000,
	QUEUE_DEFAULT = 1000,
	COPY_CHUNK = 64 * 1024,
};

enum pg_state { PG_WAITING, PG_CONNECTING, PG_SETTING_UP, PG_UP };

struct statement {
	STAILQ_ENTRY(statement) link;
	struct bb_arena *arena; /* owns everything below and this struct */
	const char *sql;
	int n;
	const char **values;
	int *lengths, *formats;
	const char *copy; /* COPY data, NULL for a plain statement */
	size_t copy_len, copy_sent;
	bool is_binary;  /* how the result comes */
	bool is_copying; /* the server asked for the data */
	bool copy_ended;
	bb_pg_cb cb;
	void *arg;
};

STAILQ_HEAD(statement_list, statement);

struct bb_pg {
	struct bb_loop *loop;
	struct bb_pg_options o; /* strings owned */
	enum pg_state state;
	PGconn *conn;
	struct bb_watch *fd, *kick, *timer; /* timer: next try, or the limit of what is under way */
	uint64_t backoff_ms;
	bool has_told_down;
	bool is_in_callback;
	struct statement_list queue; /* the first is under way when `is_sent` */
	size_t n_queue;
	bool is_sent;
	PGresult *result; /* of the statement under way, so far */
	struct bb_err error;
	char sqlstate[6];
};

static void connect_start(void *arg);
static void on_fd(void *arg, int fd, int what);
static void pump(struct bb_pg *p);

/* ---- statements ---- */

static struct statement *statement_new(const char *sql, size_t data_bytes)
{
	struct bb_arena *a =
		bb_arena_new(sizeof(struct statement) + strlen(sql) + data_bytes + 256, 0);
	struct statement *s = bb_arena_alloc(a, sizeof(*s));

	s->arena = a;
	s->sql = bb_arena_strdup(a, sql);
	return s;
}

static void params_copy(struct statement *s, int n, const char *const *values, const int *lengths,
	const int *formats)
{
	s->n = n;
	if (n == 0)
		return;
	s->values = bb_arena_alloc(s->arena, (size_t)n * sizeof(char *));
	s->lengths = bb_arena_alloc(s->arena, (size_t)n * sizeof(int));
	s->formats = bb_arena_alloc(s->arena, (size_t)n * sizeof(int));
	for (int i = 0; i < n; i++) {
		bool is_binary = formats && formats[i] == 1;

		s->formats[i] = is_binary;
		if (!values[i])
			continue;
		bb_assert(!is_binary || lengths);
		s->lengths[i] = is_binary ? lengths[i] : (int)strlen(values[i]);
		s->values[i] = is_binary ? bb_arena_memdup(s->arena, values[i], (size_t)lengths[i])
					 : bb_arena_strdup(s->arena, values[i]);
	}
}

static void statement_free(struct statement *s)
{
	bb_arena_free(s->arena);
}

static void statement_queue(struct bb_pg *p, struct statement *s)
{
	STAILQ_INSERT_TAIL(&p->queue, s, link);
	p->n_queue++;
}

/* Take the first statement off the queue and tell its owner. */
static void statement_end(struct bb_pg *p, PGresult *res, const char *error, const char *sqlstate)
{
	struct statement *s = STAILQ_FIRST(&p->queue);

	STAILQ_REMOVE_HEAD(&p->queue, link);
	p->n_queue--;
	p->is_sent = false;
	if (s->cb)
		s->cb(s->arg, res, error, sqlstate);
	statement_free(s);
}

/* ---- losing the connection ---- */

/* libpq's texts have line ends, and "ERROR:  " where we know that it is one. */
static void reason_set(struct bb_err *err, const char *text)
{
	size_t len;

	bb_text_clean(err->text, sizeof(err->text), text, strcspn(text, "\n"));
	len = strlen(err->text);
	while (len > 0 && err->text[len - 1] == ' ')
		err->text[--len] = '\0';
	if (len == 0)
		bb_err_set(err, "the connection was closed");
}

static void timer_set(struct bb_pg *p, uint64_t ms, bb_cb cb)
{
	bb_loop_cancel(p->timer);
	p->timer = cb ? bb_loop_after(p->loop, ms, cb, p) : NULL;
}

static void connection_close(struct bb_pg *p)
{
	/* While the descriptor is open: libevent must forget it before its number is used again. */
	bb_loop_cancel(p->fd);
	bb_loop_cancel(p->kick);
	timer_set(p, 0, NULL);
	p->fd = p->kick = NULL;
	PQclear(p->result);
	p->result = NULL;
	PQfinish(p->conn);
	p->conn = NULL;
	p->is_sent = false;
	p->state = PG_WAITING;
}

static void queue_fail(struct bb_pg *p, const char *reason)
{
	p->is_in_callback = true;
	while (!STAILQ_EMPTY(&p->queue))
		statement_end(p, NULL, reason, "");
	p->is_in_callback = false;
}

static void backoff_start(struct bb_pg *p)
{
	/* A quarter up or down, so that the daemons do not come back in step. */
	uint32_t spread = (uint32_t)(p->backoff_ms / 2);

	timer_set(p, p->backoff_ms - spread / 2 + randombytes_uniform(spread + 1), connect_start);
	p->backoff_ms = p->backoff_ms * 2 < BACKOFF_MAX_MS ? p->backoff_ms * 2 : BACKOFF_MAX_MS;
}

static void lose(struct bb_pg *p, const char *text)
{
	struct bb_err reason;

	reason_set(&reason, text);
	connection_close(p);
	queue_fail(p, reason.text);
	backoff_start(p);
	if (p->has_told_down)
		return;
	p->has_told_down = true;
	if (p->o.down)
		p->o.down(p->o.arg, reason.text);
}

static void on_limit(void *arg)
{
	struct bb_pg *p = arg;

	p->timer = NULL;
	lose(p, p->state == PG_UP
			? "the server does not answer within the statement's time limit"
			: "the server does not answer within the time limit of connecting");
}

/* ---- connecting ---- */

static void go_up(struct bb_pg *p)
{
	p->state = PG_UP;
	p->backoff_ms = BACKOFF_MIN_MS;
	p->has_told_down = false;
	timer_set(p, 0, NULL);
	if (p->o.up)
		p->o.up(p->o.arg);
}

static void on_set_up(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct bb_pg *p = arg;

	if (res)
		go_up(p);
	else if (p->conn)
		lose(p, error);
}

/* The server stops a slow statement by itself and says so; our own, later limit catches a server
 * that says nothing. */
static void set_up(struct bb_pg *p)
{
	char sql[64];
	struct statement *s;

	p->state = PG_SETTING_UP;
	snprintf(sql, sizeof(sql), "SET statement_timeout = %llu",
		(unsigned long long)p->o.statement_timeout_ms);
	s = statement_new(sql, 0);
	s->cb = on_set_up;
	s->arg = p;
	statement_queue(p, s);
	pump(p);
}

static void watch(struct bb_pg *p, int what, bb_fd_cb cb)
{
	bb_loop_cancel(p->fd);
	p->fd = bb_loop_add_fd(p->loop, PQsocket(p->conn), what, cb, p);
}

static void on_connecting(void *arg, int fd, int what)
{
	struct bb_pg *p = arg;

	/* PQconnectPoll may close the socket and open another: forget it before. */
	bb_loop_cancel(p->fd);
	p->fd = NULL;
	switch (PQconnectPoll(p->conn)) {
	case PGRES_POLLING_READING: watch(p, BB_READ, on_connecting); break;
	case PGRES_POLLING_WRITING: watch(p, BB_WRITE, on_connecting); break;
	case PGRES_POLLING_OK:
		if (PQsetnonblocking(p->conn, 1) != 0) {
			lose(p, PQerrorMessage(p->conn));
			return;
		}
		watch(p, BB_READ, on_fd);
		set_up(p);
		break;
	default: lose(p, PQerrorMessage(p->conn));
	}
}

/* Errors come as results; notices ("relation exists, skipping") have no reader. */
static void notice_ignore(void *arg, const char *message)
{
}

static void connect_start(void *arg)
{
	struct bb_pg *p = arg;
	/* What stands before "dbname" may be overruled by the conninfo, what stands behind may not.
	 */
	const char *const keys[] = { "keepalives_idle", "keepalives_interval", "keepalives_count",
		"dbname", "application_name", "client_encoding", NULL };
	const char *const values[] = { "10", "3", "3", p->o.conninfo, p->o.application_name, "UTF8",
		NULL };

	p->timer = NULL;
	p->conn = PQconnectStartParams(keys, values, 1);
	bb_assert(p->conn);
	if (PQstatus(p->conn) == CONNECTION_BAD) {
		lose(p, PQerrorMessage(p->conn));
		return;
	}
	PQsetNoticeProcessor(p->conn, notice_ignore, NULL);
	p->state = PG_CONNECTING;
	timer_set(p, CONNECT_TIMEOUT_MS, on_limit);
	watch(p, BB_WRITE, on_connecting);
}

/* ---- working through the queue ---- */

enum sent { SENT_ALL, SENT_PART, SENT_LOST };

/* What does not fit into the socket now is asked for again when it is writable. */
static enum sent output_flush(struct bb_pg *p)
{
	int rc = PQflush(p->conn);

	if (rc < 0) {
		lose(p, PQerrorMessage(p->conn));
		return SENT_LOST;
	}
	bb_loop_set_fd(p->fd, rc > 0 ? BB_READ | BB_WRITE : BB_READ);
	return rc > 0 ? SENT_PART : SENT_ALL;
}

/* Hand over as much COPY data as the socket takes; the rest follows when it is writable. It stops only
 * where output_flush() itself waits for that: a socket that became free in between is not told again. */
static bool copy_send(struct bb_pg *p, struct statement *s)
{
	enum sent sent = SENT_ALL;

	while (!s->copy_ended && sent == SENT_ALL) {
		size_t rest = s->copy_len - s->copy_sent;
		size_t part = rest < COPY_CHUNK ? rest : COPY_CHUNK;
		int rc = rest > 0 ? PQputCopyData(p->conn, s->copy + s->copy_sent, (int)part)
				  : PQputCopyEnd(p->conn, NULL);

		/* 0: libpq found no room for the data, and nothing will tell when there is. */
		if (rc <= 0) {
			lose(p, rc < 0 ? PQerrorMessage(p->conn) : "out of memory while copying");
			return false;
		}
		s->copy_sent += part;
		s->copy_ended = rest == 0;
		sent = output_flush(p);
	}
	if (s->copy_ended)
		s->is_copying = false;
	return sent != SENT_LOST;
}

static void error_keep(struct bb_pg *p, const PGresult *r)
{
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (p->error.text[0])
		return;
	bb_err_set(&p->error, "%s%s%s%s", text ? text : PQresultErrorMessage(r), detail ? " (" : "",
		detail ? detail : "", detail ? ")" : "");
	if (!p->error.text[0])
		bb_err_set(&p->error, "the server refused the statement without a reason");
	bb_copy(p->sqlstate, sizeof(p->sqlstate), state ? state : "");
}

static void result_keep(struct bb_pg *p, PGresult *r)
{
	struct statement *s = STAILQ_FIRST(&p->queue);

	switch (PQresultStatus(r)) {
	case PGRES_COPY_IN:
		/* A plain statement that turns out to be a COPY has no data: it copies none. */
		s->is_copying = true;
		break;
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		PQclear(p->result);
		p->result = r;
		return;
	default: error_keep(p, r);
	}
	PQclear(r);
}

static void statement_done(struct bb_pg *p)
{
	PGresult *res = p->result;
	struct bb_err error = p->error;
	char sqlstate[sizeof(p->sqlstate)];

	/* "terminating connection" comes as an error of the statement, but does not say whether it
	 * was carried out. */
	if (PQstatus(p->conn) == CONNECTION_BAD || (!res && !error.text[0])) {
		lose(p, error.text[0] ? error.text : PQerrorMessage(p->conn));
		return;
	}
	bb_copy(sqlstate, sizeof(sqlstate), p->sqlstate);
	p->result = NULL;
	if (p->state == PG_UP)
		timer_set(p, 0, NULL);
	p->is_in_callback = true;
	statement_end(p, error.text[0] ? NULL : res, error.text[0] ? error.text : NULL, sqlstate);
	p->is_in_callback = false;
	PQclear(res);
}

/* Take results until the server has no more. Returns false when the connection is lost. */
static bool results_take(struct bb_pg *p)
{
	while (p->is_sent && !PQisBusy(p->conn)) {
		struct statement *s = STAILQ_FIRST(&p->queue);
		PGresult *r;

		if (s->is_copying && !copy_send(p, s))
			return false;
		if (s->is_copying)
			return true;
		r = PQgetResult(p->conn);
		if (r)
			result_keep(p, r);
		else
			statement_done(p);
		if (!p->conn)
			return false;
	}
	return true;
}

static bool statement_send(struct bb_pg *p, struct statement *s)
{
	int ok = s->n == 0 ? PQsendQuery(p->conn, s->sql)
			   : PQsendQueryParams(p->conn, s->sql, s->n, NULL, s->values, s->lengths,
				     s->formats, s->is_binary);

	if (!ok) {
		lose(p, PQerrorMessage(p->conn));
		return false;
	}
	p->is_sent = true;
	p->error.text[0] = p->sqlstate[0] = '\0';
	if (p->state == PG_UP && p->o.statement_timeout_ms > 0)
		timer_set(p, p->o.statement_timeout_ms * 5 / 4 + 100, on_limit);
	return output_flush(p) != SENT_LOST;
}

static void notifies_tell(struct bb_pg *p)
{
	PGnotify *n;

	while ((n = PQnotifies(p->conn))) {
		if (p->o.notify)
			p->o.notify(p->o.arg, n->relname);
		PQfreemem(n);
	}
}

static void pump(struct bb_pg *p)
{
	while (p->conn && results_take(p)) {
		struct statement *s = STAILQ_FIRST(&p->queue);

		if (p->is_sent || !s)
			return;
		if (!statement_send(p, s))
			return;
	}
}

static void on_fd(void *arg, int fd, int what)
{
	struct bb_pg *p = arg;

	if ((what & BB_READ) && !PQconsumeInput(p->conn)) {
		lose(p, PQerrorMessage(p->conn));
		return;
	}
	if (output_flush(p) == SENT_LOST)
		return;
	notifies_tell(p);
	pump(p);
}

static void on_kick(void *arg)
{
	struct bb_pg *p = arg;

	p->kick = NULL;
	pump(p);
}

/* ---- interface ---- */

struct bb_pg *bb_pg_new(struct bb_loop *loop, const struct bb_pg_options *o)
{
	struct bb_pg *p = bb_calloc(1, sizeof(*p));

	bb_assert(sodium_init() >= 0);
	p->loop = loop;
	p->o = *o;
	p->o.conninfo = bb_strdup(o->conninfo);
	p->o.application_name = bb_strdup(o->application_name);
	p->o.max_queue = o->max_queue ? o->max_queue : QUEUE_DEFAULT;
	p->backoff_ms = BACKOFF_MIN_MS;
	STAILQ_INIT(&p->queue);
	timer_set(p, 0, connect_start);
	return p;
}

void bb_pg_free(struct bb_pg *p)
{
	if (!p)
		return;
	bb_assert(!p->is_in_callback);
	connection_close(p);
	queue_fail(p, "the daemon ends");
	free((char *)p->o.conninfo);
	free((char *)p->o.application_name);
	free(p);
}

bool bb_pg_is_up(const struct bb_pg *p)
{
	return p->state == PG_UP;
}

/* Returns false when nothing may be queued. */
static bool may_queue(const struct bb_pg *p)
{
	return p->state == PG_UP && p->n_queue < p->o.max_queue;
}

static void queue_and_kick(struct bb_pg *p, struct statement *s, bb_pg_cb cb, void *arg)
{
	s->cb = cb;
	s->arg = arg;
	statement_queue(p, s);
	if (!p->is_sent && !p->kick)
		p->kick = bb_loop_after(p->loop, 0, on_kick, p);
}

int bb_pg_query(struct bb_pg *p, const char *sql, int n, const char *const *values,
	const int *lengths, const int *formats, bb_pg_cb cb, void *arg)
{
	struct statement *s;

	if (!may_queue(p))
		return -1;
	s = statement_new(sql, 0);
	params_copy(s, n, values, lengths, formats);
	queue_and_kick(p, s, cb, arg);
	return 0;
}

int bb_pg_copy(struct bb_pg *p, const char *copy_sql, const void *data, size_t len, bb_pg_cb cb,
	void *arg)
{
	struct statement *s;

	if (!may_queue(p))
		return -1;
	s = statement_new(copy_sql, len);
	s->copy = bb_arena_memdup(s->arena, data, len);
	s->copy_len = len;
	queue_and_kick(p, s, cb, arg);
	return 0;
}

int bb_pg_query_binary(struct bb_pg *p, const char *sql, int n, const char *const *values,
	bb_pg_cb cb, void *arg)
{
	struct statement *s;

	if (!may_queue(p))
		return -1;
	s = statement_new(sql, 0);
	params_copy(s, n, values, NULL, NULL);
	s->is_binary = true;
	queue_and_kick(p, s, cb, arg);
	return 0;
}

size_t bb_pg_queue_depth(const struct bb_pg *p)
{
	return p->n_queue;
}
