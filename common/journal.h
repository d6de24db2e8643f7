// SPDX-License-Identifier: Apache-2.0
/* Durable, numbered, chained record log in SQLite files: alarmd's transitions, notifyd's tasks,
 * shutdownd's ledger.
 *
 * A journal is a folder of generation files `<first jseq, 16 hex>.db` (WAL, synchronous=FULL),
 * at most 100,000 records or a day each; jseq runs on. Every record holds CRC32C of its bytes
 * and the BLAKE2b hash chain over its predecessor. One writer thread commits at once when idle
 * and groups what arrives during a sync (at most 256).
 *
 * Any error that leaves durability in doubt closes the generation for writing; the group goes
 * into a new one. On ENOSPC the reserve file (32 MiB, `reserve`) is freed first. If nothing can
 * be written: emergency mode. Records then live in a ring of 65,536, get numbers, are delivered
 * with durable = false, and are written when a later try (every second) succeeds. A damaged file
 * is renamed `*.damaged-<time>` and reported, and every record of it whose chain hash can be proven
 * (from the file itself, from `lost`) is written again under its own number. Where the end of the
 * newest file stays unknown, numbers jump behind all it may have given out.
 *
 * All calls from the loop's thread; callbacks run there. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"

struct bb_journal;

struct bb_record {
	uint64_t jseq;
	uint32_t type;
	bool durable;
	const uint8_t *data; /* borrowed until the callback returns */
	size_t len;
	uint8_t chain[32];
};

/* TIGHT: all is durable, but the reserve is used up or could not be made, because the disk is
 * (nearly) full. */
enum bb_journal_health { BB_JOURNAL_OK, BB_JOURNAL_EMERGENCY, BB_JOURNAL_TIGHT };

struct bb_journal_options {
	/* Of this journal alone; not <lib> itself, whose `lock` the service holds. */
	const char *dir;
	uint64_t max_records;   /* per generation; 0 = 100,000 */
	uint64_t retention_s;   /* 0 = 30 days */
	uint64_t reserve_bytes; /* 0 = 32 MiB */
	/* Reported once per change; `err` says what and where. Both are logged here already, and
	 * may run inside bb_journal_open(). */
	void (*on_health)(void *arg, enum bb_journal_health health, const struct bb_err *err);
	void (*on_damage)(void *arg, const char *file, uint64_t first_missing,
		uint64_t last_missing); /* 0, 0: all of it was put back */
	/* Give what is known elsewhere (a database) of records first to last, with their chain hashes, to `put`; whatever does not fit
	 * the chain is ignored. Called when a damaged file is found; may block, so it decides itself when that is allowed. NULL: never. */
	void (*lost)(void *arg, const uint8_t id[16], uint64_t first, uint64_t last,
		void (*put)(void *to, const struct bb_record *r), void *to);
	void *arg;
};

/* Opens or creates. Blocks (reads the newest generation, checks chain and CRC). NULL only when
 * the folder cannot be made or another process holds it; an unwritable disk gives a journal in
 * emergency mode. */
struct bb_journal *bb_journal_open(struct bb_loop *loop, const struct bb_journal_options *o,
	struct bb_err *err);
/* Writes out what is queued (blocks at most 5 s), then closes. Callbacks do not run any more.
 * NULL is allowed. */
void bb_journal_close(struct bb_journal *j);

const uint8_t *bb_journal_id(const struct bb_journal *j); /* 16 bytes, random at creation */
uint64_t bb_journal_head(
	const struct bb_journal *j); /* newest durable (or emergency-delivered) jseq; 0 = empty */
uint64_t bb_journal_next(const struct bb_journal *j);  /* number the next append gets */
uint64_t bb_journal_first(const struct bb_journal *j); /* oldest kept jseq */
enum bb_journal_health bb_journal_health(const struct bb_journal *j);

/* Queue a record; its number is returned at once. `done` runs (in jseq order) when its group is
 * durable, or with durable = false in emergency mode. Data are copied; at most 64 KiB. */
typedef void (*bb_journal_done_cb)(void *arg, uint64_t jseq, bool durable);
uint64_t bb_journal_append(struct bb_journal *j, uint32_t type, const void *data, size_t len,
	bb_journal_done_cb done, void *arg);
/* Called after each group became readable, for the pull server and the projection. */
void bb_journal_on_commit(struct bb_journal *j, void (*cb)(void *arg), void *arg); /* up to 8 */
void bb_journal_off_commit(struct bb_journal *j, void (*cb)(void *arg), void *arg);

/* Read durable (and emergency) records with jseq > after in order, at most max. The callback
 * returns false to stop early. Returns the number read, -1 on error. A gap (damaged generation)
 * is skipped; the caller sees it in the numbers. The callback may append, but not read the same
 * journal. */
int bb_journal_read(struct bb_journal *j, uint64_t after, size_t max,
	bool (*cb)(void *arg, const struct bb_record *r), void *arg, struct bb_err *err);

/* Newest snapshot of the owner's state: written durably beside the records (asynchronously),
 * removed with its generation only when a newer one exists. _get blocks; returns 1 and malloc'ed
 * data, 0 when there is none, -1 on error. */
void bb_journal_snapshot_put(struct bb_journal *j, uint64_t jseq, const void *data, size_t len);
int bb_journal_snapshot_get(struct bb_journal *j, uint64_t *jseq, uint8_t **data, size_t *len,
	struct bb_err *err);

/* Durable cursors of consumers hold back retention. Names up to 63 bytes, at most 32: false
 * beyond. Written with the next group, or within a second; a crash may bring back an older
 * position, which only holds back more. */
bool bb_journal_cursor_set(struct bb_journal *j, const char *consumer, uint64_t jseq);
uint64_t bb_journal_cursor_get(struct bb_journal *j, const char *consumer);
/* Remove whole closed generations below every cursor, older than retention, with a newer
 * snapshot. Cheap; call each minute. */
void bb_journal_retain(struct bb_journal *j);
size_t bb_journal_queue_depth(const struct bb_journal *j);
