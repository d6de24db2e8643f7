// SPDX-License-Identifier: Apache-2.0
/* Drives common/pg by lines on stdin and prints what comes back, for test_pg.py.
 *   usage: pg-probe CONNINFO TIMEOUT_MS MAX_QUEUE
 *   query TAG SQL             result TAG ok ROWS FIRST | result TAG error SQLSTATE TEXT | refused
 * TAG params TAG VALUE SQL      the same with VALUE as $1 (text) and $2 (binary) and NULL as $3
 *   copy TAG BYTES SQL        COPY of lines "1\n2\n..." of about that size
 *   depth                     depth N
 *   end                       frees the connection and ends */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/pg.h"
#include "common/str.h"

struct probe {
	struct bb_loop *loop;
	struct bb_pg *pg;
	char line[4096];
	size_t len;
};

static void on_up(void *arg)
{
	struct probe *p = arg;

	printf("up\n");
	bb_pg_query(p->pg, "LISTEN probe", 0, NULL, NULL, NULL, NULL, NULL);
}

static void on_down(void *arg, const char *reason)
{
	printf("down %s\n", reason);
}

static void on_notify(void *arg, const char *channel)
{
	printf("notify %s\n", channel);
}

/* `arg` is the tag, owned. */
static void on_result(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	bb_assert(!res != !error);
	if (error)
		printf("result %s error %s %s\n", (char *)arg, *sqlstate ? sqlstate : "-", error);
	else
		printf("result %s ok %d %s\n", (char *)arg, PQntuples(res),
			PQntuples(res) > 0 ? PQgetvalue(res, 0, 0) : "-");
	free(arg);
}

static int copy_numbers(struct probe *p, const char *sql, size_t bytes, char *tag)
{
	struct bb_buf data = { 0 };
	int rc;

	for (unsigned i = 1; data.len < bytes; i++)
		bb_buf_printf(&data, "%u\n", i);
	rc = bb_pg_copy(p->pg, sql, data.data, data.len, on_result, tag);
	bb_buf_fini(&data);
	return rc;
}

/* `rest` is the statement, for "params" and "copy" behind one more word. */
static int statement_do(struct probe *p, const char *verb, char *tag, char *rest)
{
	char *word;

	if (strcmp(verb, "query") == 0)
		return bb_pg_query(p->pg, rest, 0, NULL, NULL, NULL, on_result, tag);
	word = strsep(&rest, " ");
	if (strcmp(verb, "params") == 0) {
		const char *const values[] = { word, word, NULL };
		const int lengths[] = { 0, (int)strlen(word), 0 }, formats[] = { 0, 1, 0 };

		return bb_pg_query(p->pg, rest, 3, values, lengths, formats, on_result, tag);
	}
	return copy_numbers(p, rest, strtoul(word, NULL, 10), tag);
}

static void command_do(struct probe *p, char *line)
{
	const char *verb = strsep(&line, " ");
	char *tag;

	if (strcmp(verb, "depth") == 0) {
		printf("depth %zu\n", bb_pg_queue_depth(p->pg));
		return;
	}
	if (strcmp(verb, "end") == 0) {
		bb_loop_stop(p->loop);
		return;
	}
	tag = bb_strdup(strsep(&line, " "));
	if (statement_do(p, verb, tag, line) == 0)
		return;
	printf("refused %s\n", tag);
	free(tag);
}

static void on_stdin(void *arg, int fd, int what)
{
	struct probe *p = arg;
	ssize_t n = read(fd, p->line + p->len, sizeof(p->line) - 1 - p->len);
	char *end;

	if (n <= 0) {
		bb_loop_stop(p->loop);
		return;
	}
	p->len += (size_t)n;
	p->line[p->len] = '\0';
	while ((end = strchr(p->line, '\n'))) {
		*end = '\0';
		command_do(p, p->line);
		p->len -= (size_t)(end + 1 - p->line);
		memmove(p->line, end + 1, p->len + 1);
	}
}

int main(int argc, char **argv)
{
	struct probe p = { .loop = bb_loop_new(NULL) };
	struct bb_pg_options o = {
		.application_name = "pg-probe",
		.up = on_up,
		.down = on_down,
		.notify = on_notify,
		.arg = &p,
	};

	if (argc != 4 || !p.loop)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	o.conninfo = argv[1];
	o.statement_timeout_ms = strtoull(argv[2], NULL, 10);
	o.max_queue = strtoull(argv[3], NULL, 10);
	p.pg = bb_pg_new(p.loop, &o);
	bb_loop_add_fd(p.loop, STDIN_FILENO, BB_READ, on_stdin, &p);
	bb_loop_run(p.loop);
	bb_pg_free(p.pg);
	bb_loop_free(p.loop);
	return 0;
}
