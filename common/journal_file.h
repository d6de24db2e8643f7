// SPDX-License-Identifier: Apache-2.0
/* One generation file of a journal, and the bytes in it. Private to common/journal*.c and its
 * tests.
 *
 * A generation holds consecutive records that begin with the number in its name. Its head row,
 * every record, cursor and snapshot carry a CRC32C, and each record the BLAKE2b-256 hash over
 * its predecessor's hash and its own bytes, so that a changed, missing or exchanged row is
 * found. Checkpoints are our own, because SQLite's automatic one hides a failed sync. All calls
 * block on the disk. A file is used by one thread at a time. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/journal.h"

enum {
	JOURNAL_HEAD_BYTES = 72,
	JOURNAL_DATA_MAX = 64 * 1024,
	JOURNAL_SNAPSHOT_MAX = 256 * 1024 * 1024,
	JOURNAL_NAME_MAX = 64,
	JOURNAL_PATH_MAX = 512,
};

/* What a failed step means for the file. */
enum journal_fault {
	JOURNAL_FINE,
	JOURNAL_FAULT_IO,   /* cannot be read or written now; nothing is known to be wrong in it */
	JOURNAL_FAULT_FULL, /* no space */
	JOURNAL_FAULT_DAMAGED, /* its content is not what was written */
};

/* First row of every generation. */
struct journal_head {
	uint8_t id[16];
	uint64_t first;      /* number of the first record */
	uint8_t prev[32];    /* chain hash of the record before it */
	uint64_t created_us; /* wall clock, for people */
};
void journal_head_encode(const struct journal_head *h, uint8_t out[JOURNAL_HEAD_BYTES]);
int journal_head_decode(struct journal_head *h, const uint8_t *p, size_t n);

uint32_t journal_crc(uint32_t crc, const void *p, size_t n); /* CRC32C; begin with 0 */
uint32_t journal_record_crc(const struct bb_record *r);
void journal_record_chain(struct bb_record *r, const uint8_t prev[32]); /* fills r->chain */

enum journal_mode {
	JOURNAL_WRITE,
	JOURNAL_READ, /* beside a writer */
	JOURNAL_ALONE, /* nobody else has it open; works on a full or dead disk */
	JOURNAL_STATIC, /* settled file without WAL: no locks, works on a read-only disk too */
};

struct journal_file {
	sqlite3 *db; /* NULL: not open */
	sqlite3_stmt *insert, *select;
	struct journal_head head;
	uint64_t last;      /* newest committed record; first - 1 while empty */
	uint64_t opened_ms; /* boot time */
	int wal_pages;
	char path[JOURNAL_PATH_MAX];
};

/* Say what SQLite's answer `rc` to `what` means, and why in err. */
enum journal_fault journal_file_fault(struct journal_file *f, int rc, const char *what,
	struct bb_err *err);

/* Make a new file with this head and open it for writing; fails when it exists. */
enum journal_fault journal_file_create(struct journal_file *f, const char *path,
	const struct journal_head *h, struct bb_err *err);
/* Open and check the head row; `last` is read, records are not checked. */
enum journal_fault journal_file_open(struct journal_file *f, const char *path, enum journal_mode m,
	struct bb_err *err);
/* `settle`: move the WAL into the file first (only for files that never failed). */
void journal_file_close(struct journal_file *f, bool settle);

/* Records, cursors and snapshot of one group between begin and commit. After any fault the
 * caller closes the file. */
enum journal_fault journal_file_begin(struct journal_file *f, struct bb_err *err);
enum journal_fault journal_file_add(struct journal_file *f, const struct bb_record *r,
	struct bb_err *err);
enum journal_fault journal_file_cursor(struct journal_file *f, const char *consumer, uint64_t jseq,
	struct bb_err *err);
enum journal_fault journal_file_snapshot(struct journal_file *f, uint64_t jseq, const void *data,
	size_t len, struct bb_err *err);
enum journal_fault journal_file_commit(struct journal_file *f, struct bb_err *err);
/* Moves the WAL into the file when it has grown long. Call after the group was announced. */
enum journal_fault journal_file_checkpoint(struct journal_file *f, struct bb_err *err);

/* Visit records with after < jseq < end, at most max, checking CRC and that none is missing.
 * Adds the count to *n. `prev`: NULL, or the chain hash of record `after`, then the chain is
 * checked too and *prev is moved on. */
enum journal_fault journal_file_read(struct journal_file *f, uint64_t after, uint64_t end,
	size_t max, uint8_t *prev, bool (*cb)(void *arg, const struct bb_record *r), void *arg,
	size_t *n, struct bb_err *err);
/* SQLite's own look at its pages. */
enum journal_fault journal_file_check(struct journal_file *f, struct bb_err *err);
/* One record as it lies there, nothing checked but its size; borrowed until the next call for this file. */
enum journal_fault journal_file_peek(struct journal_file *f, uint64_t jseq, struct bb_record *r);
enum journal_fault journal_file_cursors(struct journal_file *f,
	void (*cb)(void *arg, const char *consumer, uint64_t jseq), void *arg, struct bb_err *err);
/* *data is malloc'ed, NULL when there is none. */
enum journal_fault journal_file_snapshot_read(struct journal_file *f, uint64_t *jseq,
	uint8_t **data, size_t *len, struct bb_err *err);
