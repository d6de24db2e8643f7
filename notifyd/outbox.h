// SPDX-License-Identifier: Apache-2.0
/* notifyd's memory: the cursor in alarmd's log and the tasks that follow from it, event-sourced
 * in a journal of its own.
 *
 * Invariant: the cursor and the tasks of the records up to it are in one journal record, so a
 * crash repeats a pulled record as a whole or not at all. SENDING is durable before the mail
 * server can have the message; a task found SENDING at start is sent again under the same key.
 * Finished tasks leave memory. Opening blocks on the disk, nothing else does. */
#pragma once
#include <stdio.h>

#include "common/journal.h"
#include "common/wire.h"
#include "notifyd/task.h"

struct outbox;
struct outbox_options {
	struct bb_loop *loop;
	const char *dir; /* made when missing */
	/* The task is durable (or in memory only, when the disk is dead) and may be delivered.
	 * Owned by the outbox. */
	void (*ready)(void *arg, struct task *t);
	/* Everything up to jseq of alarmd's log is taken care of. */
	void (*taken)(void *arg, uint64_t jseq);
	/* An own-alarm of the store; severity 0 ends it. */
	void (*trouble)(void *arg, const char *code, unsigned severity, const char *text);
	void *arg;
};
/* Reads what is there; ready() runs for every unfinished task before the return. */
struct outbox *outbox_open(const struct outbox_options *o, struct bb_err *err);
void outbox_close(struct outbox *o); /* with a snapshot, so that the next start is quick */

/* The cursor as it is durable at start: the id is all zero when there is none. */
void outbox_cursor(const struct outbox *o, uint8_t journal_id[16], uint64_t *jseq);
/* The log starts anew behind jseq. */
void outbox_cursor_reset(struct outbox *o, const uint8_t journal_id[16], uint64_t jseq);

/* What follows from one pulled record. `task` holds key, recipient and order; tasks already
 * known are left out. A record that is not durable at alarmd does not move the cursor. */
struct outbox_input {
	const uint8_t *journal_id;
	uint64_t jseq;
	bool durable;
	const void *transition;
	size_t transition_len;
	const struct task *task;
	size_t tasks;
	uint64_t suppressed;
};
enum { OUTBOX_TASKS_MAX = 64 }; /* of one input */
void outbox_take(struct outbox *o, const struct outbox_input *in);
/* Note the beginning of an attempt; cb runs when that is durable. */
void outbox_begin(struct outbox *o, struct task *t, void (*cb)(void *arg, struct task *t),
	void *arg);
/* Note the end (SENT, FAILED ...). The task is gone. */
void outbox_end(struct outbox *o, struct task *t, unsigned step, const char *text);

struct outbox_stats {
	size_t open;
	uint64_t sent, failed, suppressed;
	uint64_t oldest_ms; /* age of the oldest open task since it was queued here */
	bool is_durable;
};
void outbox_stats(const struct outbox *o, struct outbox_stats *s);
void outbox_dump(const struct outbox *o, FILE *f);
