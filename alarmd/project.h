// SPDX-License-Identifier: Apache-2.0
/* The journal as rows in PostgreSQL, each record exactly once: a batch, the current state and the
 * cursor are one statement, so an unknown outcome is settled by reading the cursor again. Nothing
 * waits for this: PostgreSQL may be away, slow, older or newer than we. */
#pragma once
#include "common/journal.h"
#include "common/loop.h"
#include "common/wire.h"

#define PROJECT_SCHEMA 12 /* oldest schema version this program works with */

struct project;
struct project_options {
	const char *conninfo;
	struct bb_journal *journal;
	uint64_t down_ms; /* away this long: own-alarm database_down */
	/* Own-alarms; severity 0 ends one. */
	void (*trouble)(void *arg, const char *code, unsigned severity, const char *text);
	/* alarm_state holds an alarm of another journal. is_start: this database never saw our
	 * journal, what is open there is where we begin. */
	void (*foreign)(void *arg, const Busbar__V1__Alarm *a, bool is_start);
	/* The journal lost its records from here on to a damaged file: what the database knows of the alarms in them is told by
	 * `refill` at the first connection. 0: nothing is missing. */
	uint64_t missing;
	void (*refill)(void *arg, const Busbar__V1__Alarm *a);
	/* The database has records of our journal that the journal lost. */
	void (*ahead)(void *arg, uint64_t cursor);
	void *arg;
};
struct project *project_new(struct bb_loop *loop, const struct project_options *o);
void project_free(struct project *p);

struct project_stats {
	bool is_up;
	uint64_t cursor; /* newest jseq in the database */
	uint64_t lag;    /* records it does not have yet */
	uint64_t written, refused;
	double commit_ms; /* of the newest batch, from sending to its answer */
};
void project_stats(const struct project *p, struct project_stats *out);
