// SPDX-License-Identifier: Apache-2.0
/* The configuration in PostgreSQL: read as a whole on every change (so that what was written is
 * seen at once), written through functions of the schema, each one transaction with its audit
 * row. While PostgreSQL is away the generation file of alarmd stands in (main.c). */
#pragma once
#include <stdbool.h>

#include "common/pg.h"
#include "common/wire.h"

struct confdb_options {
	struct bb_loop *loop;
	const char *conninfo;
	/* A whole configuration, borrowed. */
	void (*apply)(void *arg, const Busbar__V1__Config *c, uint64_t generation);
	void (*changed)(void *arg); /* up or down */
	void *arg;
};
struct confdb;
struct confdb *confdb_new(const struct confdb_options *o);
void confdb_free(struct confdb *c);
bool confdb_is_up(const struct confdb *c);
const char *confdb_reason(const struct confdb *c); /* why it is down; "" when up */
uint64_t confdb_since_us(const struct confdb *c);  /* of the present state */
bool confdb_has_read(const struct confdb *c);      /* at least once since the start */

/* Query with text parameters; for reading configuration. -1: not connected. */
int confdb_query(struct confdb *c, const char *sql, int n, const char *const *values, bb_pg_cb cb,
	void *arg);
/* Run a changing statement, then read the configuration anew, then call back: the caller's next
 * look shows what he wrote. */
int confdb_write(struct confdb *c, const char *sql, int n, const char *const *values, bb_pg_cb cb,
	void *arg);
