// SPDX-License-Identifier: Apache-2.0
/* Changes of the configuration as handlers make them: run a function of the schema, turn its
 * refusal into a problem. */
#pragma once
#include "webd/confdb.h"
#include "webd/request.h"

/* Run a changing statement; `done` gets a good result only, everything else is answered here. */
typedef void (*change_done)(struct request *rq, PGresult *r);
void change_run(struct request *rq, const char *sql, int n, const char *const *values,
	change_done done);
/* The same for reading. */
void change_read(struct request *rq, const char *sql, int n, const char *const *values,
	change_done done);
/* 204. */
void change_reply_empty(struct request *rq, PGresult *r);
/* {"items": <the JSON array of the first cell>}. */
void change_reply_items(struct request *rq, PGresult *r);
