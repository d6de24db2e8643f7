// SPDX-License-Identifier: Apache-2.0
/* The journal under the core: appends transitions, holds back everything that tells of them until
 * they are durable, takes snapshots and takes the alarm set up again at the start.
 *
 * Order of what follows a durable record: lookers are told, then commands that waited for it are
 * answered. */
#pragma once
#include "alarmd/core.h"
#include "common/journal.h"

enum { STORE_TRANSITION = 1 }; /* record types */

struct store;
struct store_options {
	const char *lib; /* state folder; the journal is <lib>/journal */
	const char *database; /* asked for records that a damaged file lost */
	uint64_t snapshot_ms;
	uint64_t journal_records; /* of one file */
	/* The newest transition of an alarm is durable (or accepted in emergency mode). is_over: it
	 * is normal again. */
	void (*alarm)(void *arg, const char *topic, const void *body, size_t len, bool is_over);
	/* Records up to here are durable. */
	void (*durable)(void *arg, uint64_t jseq);
	/* Own-alarms of the journal; severity 0 ends one. */
	void (*trouble)(void *arg, const char *code, unsigned severity, const char *text);
	void *arg;
};
/* Blocks: reads the newest generation. */
struct store *store_open(struct bb_loop *loop, const struct store_options *o, struct bb_err *err);
/* Takes a last snapshot and closes; blocks at most 5 s. */
void store_close(struct store *s);
struct bb_journal *store_journal(const struct store *s);
/* For core_env. */
uint64_t store_next_jseq(void *store);
uint64_t store_append(void *store, const Busbar__V1__Transition *t);
/* The journal is another one than at the last start (new, or set aside because the database knew
 * more). */
bool store_is_new(const struct store *s);

/* Take up the alarm set: snapshot, then the records after it. Alarms of a journal set aside are
 * journalled anew. Blocks. */
int store_replay(struct store *s, struct core *c, struct bb_err *err);

/* First record that a damaged file held, as found at the start: numbers from there on are missing unless the journal has them. 0: nothing
 * is missing. */
uint64_t store_missing(const struct store *s);
/* Files of the journal that were set aside as damaged lie there, from this start or an earlier one: says which. NULL: none. */
const char *store_damage(struct store *s);

uint64_t store_durable(const struct store *s);
/* False in emergency mode: records are accepted, but only in memory. */
bool store_is_durable(const struct store *s);
/* Run cb when `jseq` is durable; at once when it is already. is_durable is false in emergency
 * mode. */
typedef void (*store_done)(void *arg, bool is_durable);
void store_wait(struct store *s, uint64_t jseq, store_done cb, void *arg);

/* At the next start the journal is set aside and a new one begins: the database holds records of
 * ours that we do not. */
int store_abandon(struct store *s, struct bb_err *err);
