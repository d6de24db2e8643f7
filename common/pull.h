// SPDX-License-Identifier: Apache-2.0
/* The log plane: a consumer pulls an owner's journal after its own durable cursor
 * (reliability.md 3). ROUTER at the owner, DEALER at the consumer, at most 1,024 records in
 * flight. The owner stores each consumer's durable position as a journal cursor, which holds
 * back retention. A consumer that loses the connection or sees no answer for 5 s pulls again
 * after what it received: at least once, in order.
 *
 * Volatile records (the owner's journal is in emergency mode) are delivered like others, but do
 * not move the cursor: when the owner dies before it could write them, their numbers are used
 * again. So the cursor a consumer keeps is the newest number it made durable with durable =
 * true, and a volatile record may come a second time. */
#pragma once
#include "common/bus.h"
#include "common/journal.h"

struct bb_pull_server;
/* Serve `j` on ipc <run>/<leaf>. Freed before `j` is closed. */
struct bb_pull_server *bb_pull_server_new(struct bb_bus *b, const char *leaf, struct bb_journal *j,
	struct bb_err *err);
void bb_pull_server_free(struct bb_pull_server *s);
struct bb_consumer_info {
	char name[64];
	uint64_t durable_jseq;
	uint64_t silent_ms; /* since its last pull */
};
size_t bb_pull_consumers(const struct bb_pull_server *s, struct bb_consumer_info *out, size_t max);

struct bb_pull_client;
struct bb_pull_client_options {
	const char *leaf;       /* "alarmd.log" */
	const char *consumer;   /* own name */
	uint8_t journal_id[16]; /* of the cursor; zero at the first start */
	uint64_t after_jseq;
	/* A record, in order. The owner of the client makes its effect durable and then calls
	 * bb_pull_client_durable(). */
	void (*record)(void *arg, const uint8_t journal_id[16], uint64_t jseq, uint32_t type,
		const void *data, size_t len, bool durable);
	/* The owner's journal is another one than the cursor's, or the cursor is older than what
	 * is kept or newer than what is there: the cursor is now first_jseq - 1 of that journal.
	 * Runs before the records. Not called at the first start. */
	void (*restart)(void *arg, const uint8_t journal_id[16], uint64_t first_jseq);
	void *arg;
};
struct bb_pull_client *bb_pull_client_new(struct bb_bus *b, const struct bb_pull_client_options *o,
	struct bb_err *err);
void bb_pull_client_free(struct bb_pull_client *c);
/* Everything up to jseq is dealt with and durable here; gives the owner room to send more. */
void bb_pull_client_durable(struct bb_pull_client *c, uint64_t jseq);
uint64_t bb_pull_client_head(
	const struct bb_pull_client *c); /* newest jseq the owner told; lag = head - durable */
bool bb_pull_client_connected(const struct bb_pull_client *c); /* an answer within the last 5 s */
