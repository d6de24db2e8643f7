// SPDX-License-Identifier: Apache-2.0
/* migrate: numbered files in order, each one transaction, under an advisory lock, so that two
 * that run at once do not meet. Locks on tables are waited for 2 s only and tried again, so that
 * the running suite is never held up for long. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"
#include "deploy/ctl/database.h"
#include "deploy/ctl/migrations.h"

#define ADVISORY_KEY    "72657374617274" /* any fixed number */
#define WAIT_CONNECT_MS 20000
#define WAIT_LOCK_MS    60000
#define TRIES           15
#define FILE_MAX        (4u << 20)

/* Run statements that return nothing; -1 with the first line of the complaint. */
static int run_sql(PGconn *pg, const char *sql, char sqlstate[6], struct bb_err *err)
{
	PGresult *r = PQexec(pg, sql);
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE),
		   *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	int rc = 0;

	bb_copy(sqlstate, 6, state ? state : "");
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		rc = bb_err_set(err, "%s", text ? text : PQerrorMessage(pg));
	PQclear(r);
	return rc;
}

/* Value of `dbname` in a conninfo; malloc'ed. */
static char *database_name(const char *conninfo)
{
	PQconninfoOption *all = PQconninfoParse(conninfo, NULL);
	char *name = NULL;

	for (PQconninfoOption *o = all; o && o->keyword; o++)
		if (strcmp(o->keyword, "dbname") == 0 && o->val)
			name = strdup(o->val);
	PQconninfoFree(all);
	return name;
}

static int create_database(const char *conninfo, struct bb_err *err)
{
	const char *keys[] = { "dbname", "dbname", NULL },
		   *values[] = { conninfo, "postgres", NULL };
	char *name = database_name(conninfo), *quoted = NULL, state[6];
	PGconn *pg = PQconnectdbParams(keys, values, 1);
	struct bb_buf sql = { 0 };
	int rc = -1;

	if (!name || PQstatus(pg) != CONNECTION_OK) {
		bb_err_set(err, "the database is not there and cannot be made: %s",
			PQerrorMessage(pg));
		goto out;
	}
	quoted = PQescapeIdentifier(pg, name, strlen(name));
	bb_buf_printf(&sql, "CREATE DATABASE %s ENCODING 'UTF8' TEMPLATE template0", quoted);
	rc = run_sql(pg, sql.data, state, err);
	/* somebody else was quicker, or is just making it */
	if (rc != 0 && (strcmp(state, "42P04") == 0 || strcmp(state, "23505") == 0))
		rc = 0;
	if (rc != 0)
		bb_err_prefix(err, "cannot make database \"%s\"", name);
out:
	PQfreemem(quoted);
	bb_buf_fini(&sql);
	PQfinish(pg);
	free(name);
	return rc;
}

/* Connect, waiting for a server that is just starting; make the database when it is missing. */
static PGconn *connect_waiting(const char *conninfo, struct bb_err *err)
{
	uint64_t deadline_ms = bb_clock_mono_ms() + WAIT_CONNECT_MS;
	bool is_missing;
	PGconn *pg;

	for (;;) {
		pg = database_connect(conninfo, &is_missing, err);
		if (pg)
			return pg;
		if (is_missing && create_database(conninfo, err) != 0)
			return NULL;
		if (!is_missing) {
			if (bb_clock_mono_ms() >= deadline_ms)
				return NULL;
			usleep(200000);
		}
	}
}

static int take_lock(PGconn *pg, struct bb_err *err)
{
	uint64_t deadline_ms = bb_clock_mono_ms() + WAIT_LOCK_MS;

	for (;;) {
		PGresult *r = PQexec(pg, "SELECT pg_try_advisory_lock(" ADVISORY_KEY ")");
		bool is_good = PQresultStatus(r) == PGRES_TUPLES_OK,
		     is_mine = is_good && PQgetvalue(r, 0, 0)[0] == 't';

		PQclear(r);
		if (is_mine)
			return 0;
		if (!is_good)
			return bb_err_set(err, "cannot take the lock for migrations: %s",
				PQerrorMessage(pg));
		if (bb_clock_mono_ms() >= deadline_ms)
			return bb_err_set(err,
				"another migration has been running for a minute; look for its connection in pg_stat_activity");
		usleep(200000);
	}
}

static bool is_worth_another_try(const char *sqlstate)
{
	return strcmp(sqlstate, "55P03") == 0 ||
	       strcmp(sqlstate, "40P01") == 0; /* lock not available, deadlock */
}

static int apply(PGconn *pg, const struct migration *m, struct bb_err *err)
{
	size_t len;
	char *text = ctl_read_file(m->file, FILE_MAX, &len), state[6], back[6];
	struct bb_buf sql = { 0 };
	int rc = -1;

	if (!text)
		return bb_err_set(err, "migration %d cannot be read", m->version);
	bb_buf_printf(&sql, "BEGIN; SET LOCAL lock_timeout = '2s';\n%s\nCOMMIT;", text);
	for (int i = 0; i < TRIES; i++) {
		rc = run_sql(pg, sql.data, state, err);
		if (rc == 0)
			break;
		run_sql(pg, "ROLLBACK", back, NULL);
		if (!is_worth_another_try(state))
			break;
		sleep(1);
	}
	if (rc != 0)
		bb_err_prefix(err, "\"%s\" was not applied", m->file);
	bb_buf_fini(&sql);
	free(text);
	return rc;
}

/* Returns how many were applied, or -1. */
static int apply_all(PGconn *pg, const struct migrations *all, int *version, struct bb_err *err)
{
	int applied = 0;

	*version = database_version(pg, err);
	if (*version < 0)
		return -1;
	for (size_t i = 0; i < all->n; i++) {
		const struct migration *m = &all->item[i];

		if (m->version <= *version)
			continue;
		if (apply(pg, m, err) != 0)
			return -1;
		if (database_version(pg, err) != m->version)
			return bb_err_set(err,
				"\"%s\" does not record its number in schema_version", m->file);
		*version = m->version;
		applied++;
	}
	return applied;
}

static void be_quiet(void *arg, const char *notice)
{
}

int cmd_migrate(struct ctl *c)
{
	static struct migrations all;
	struct bb_err err;
	char *conninfo = database_conninfo(c, &err);
	PGconn *pg = NULL;
	int applied = -1, version = 0;

	if (conninfo && migrations_list(c->dirs.share, &all, &err) == 0)
		pg = connect_waiting(conninfo, &err);
	free(conninfo);
	if (!pg)
		return ctl_fail("%s", err.text);
	PQsetNoticeProcessor(pg, be_quiet, NULL);
	if (take_lock(pg, &err) == 0)
		applied = apply_all(pg, &all, &version, &err);
	PQfinish(pg);
	if (applied < 0)
		return ctl_fail("%s", err.text);
	if (c->is_json)
		ctl_print_json(json_pack("{s:i, s:i}", "applied", applied, "version", version));
	else
		printf("applied %d migrations; the schema is at version %d\n", applied, version);
	return 0;
}
