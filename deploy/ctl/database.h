// SPDX-License-Identifier: Apache-2.0
/* The suite's PostgreSQL, reached directly: for migrate and doctor. Calls block. */
#pragma once
#include <libpq-fe.h>

#include "deploy/ctl/ctl.h"

/* Conninfo of busbar.conf; malloc'ed, NULL after filling err. */
char *database_conninfo(const struct ctl *c, struct bb_err *err);
/* Connect; NULL with one sentence. *is_missing: the server is there, the database is not. */
PGconn *database_connect(const char *conninfo, bool *is_missing, struct bb_err *err);
/* Newest version in schema_version; 0 for an empty database, -1 with the reason. */
int database_version(PGconn *pg, struct bb_err *err);
/* Highest number among the migration files; -1 with the reason. */
int database_newest(const struct ctl *c, struct bb_err *err);
