// SPDX-License-Identifier: Apache-2.0
/* A journal in a folder of its own, with records whose bytes follow from their number, for the
 * journal's tests. */
#pragma once
#include "common/arena.h"
#include "common/journal.h"
#include "common/loop.h"

struct jt {
	char dir[128];
	struct bb_loop *loop;
	struct bb_journal *j;
	struct bb_journal_options o;
	uint64_t acked,
		acked_volatile; /* newest number whose done ran; how many were not durable */
	uint64_t done;
	bool done_in_order;
	unsigned commits;
	/* what on_health and on_damage told */
	unsigned healths;
	enum bb_journal_health health;
	char health_text[512];
	unsigned damages;
	uint64_t missing_first, missing_last;
	/* reading */
	bool any_content;
	size_t stop_after, seen;
	uint64_t at;
	bool wrong, gap;
	size_t last_len;
	uint8_t chain[32];
	uint64_t volatile_seen;
	int pipe;
};

struct jt *jt_new(void);
void jt_free(struct jt *t);
void jt_open(struct jt *t);
void jt_close(struct jt *t);
void jt_reopen(struct jt *t);
void jt_append(struct jt *t, unsigned n);
void jt_wait_acked(struct jt *t, uint64_t jseq);
void jt_wait_health(struct jt *t, enum bb_journal_health h);
/* Read behind `after`; fails the test when a record's bytes are not those of its number. Returns
 * how many. t->gap: numbers skipped. */
int jt_read(struct jt *t, uint64_t after, size_t max);
int jt_read_all(struct jt *t, uint64_t after);
size_t jt_body(uint64_t jseq, uint8_t out[300]);
/* Files in the folder whose name contains `part`, WAL and SHM not counted. */
unsigned jt_files(struct jt *t, const char *part);
void jt_count(void *counter);
void jt_remove_tree(const char *dir);

/* Own the clock: call first in main(). Also makes faults possible only below the test's folder. */
void jt_clock_setup(void);
void jt_clock_pass_ms(int64_t ms);
