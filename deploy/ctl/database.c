// SPDX-License-Identifier: Apache-2.0
#include "deploy/ctl/database.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "common/str.h"
#include "deploy/ctl/migrations.h"

struct settings {
	char *database;
};

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "database", BB_CONF_STR, offsetof(struct settings, database), "", 0, 500, "dbname=busbar", "where PostgreSQL is (libpq conninfo)" },
	BB_CONF_END,
};
// clang-format on

char *database_conninfo(const struct ctl *c, struct bb_err *err)
{
	struct settings s = { 0 };
	char file[300];

	snprintf(file, sizeof(file), "%s/busbar.conf", c->dirs.etc);
	return bb_conf_load(file, "busbarctl", schema, &s, err) == 0 ? s.database : NULL;
}

PGconn *database_connect(const char *conninfo, bool *is_missing, struct bb_err *err)
{
	const char *keys[] = { "dbname", "application_name", "connect_timeout", NULL };
	const char *values[] = { conninfo, "busbarctl", "5", NULL };
	PGconn *pg = PQconnectdbParams(keys, values, 1);
	char reason[300];

	*is_missing = false;
	if (PQstatus(pg) == CONNECTION_OK)
		return pg;
	bb_text_clean(reason, sizeof(reason), PQerrorMessage(pg),
		strcspn(PQerrorMessage(pg), "\n"));
	*is_missing = strstr(PQerrorMessage(pg), "does not exist") &&
		      strstr(PQerrorMessage(pg), "database");
	PQfinish(pg);
	return bb_err_null(err,
		"cannot reach PostgreSQL with \"%s\" (`database` in busbar.conf): %s", conninfo,
		reason);
}

int database_version(PGconn *pg, struct bb_err *err)
{
	PGresult *r = PQexec(pg, "SELECT to_regclass('schema_version') IS NOT NULL");
	bool is_there = PQresultStatus(r) == PGRES_TUPLES_OK && PQgetvalue(r, 0, 0)[0] == 't';
	uint64_t version = 0;
	int rc =
		PQresultStatus(r) == PGRES_TUPLES_OK
			? 0
			: bb_err_set(err, "cannot read the schema version: %s", PQerrorMessage(pg));

	PQclear(r);
	if (rc != 0 || !is_there)
		return rc;
	r = PQexec(pg, "SELECT coalesce(max(version), 0) FROM schema_version");
	if (PQresultStatus(r) != PGRES_TUPLES_OK ||
		bb_parse_u64(PQgetvalue(r, 0, 0), "schema version", 0, 1000000, &version, err) != 0)
		rc = bb_err_set(err, "cannot read the schema version: %s", PQerrorMessage(pg));
	PQclear(r);
	return rc == 0 ? (int)version : -1;
}

int database_newest(const struct ctl *c, struct bb_err *err)
{
	struct migrations m;
	int newest;

	if (migrations_list(c->dirs.share, &m, err) != 0)
		return -1;
	newest = m.n ? m.item[m.n - 1].version : 0;
	return newest;
}
