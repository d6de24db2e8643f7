// SPDX-License-Identifier: Apache-2.0
/* The two halves of a journal: the loop's (journal.c, journal_dir.c, journal_read.c) and the
 * writer thread's (journal_writer.c).
 *
 * Ownership of a record: the loop makes an entry and queues it; the writer owns it until it
 * tells its fate in a note; the loop frees it then. In emergency mode both look at an entry,
 * which nobody changes any more: the loop keeps it readable in its ring, the writer keeps it in
 * its backlog, and the loop frees it only after the writer's note said that it has let go. */
#pragma once
#include <pthread.h>

#include "common/journal.h"
#include "common/journal_file.h"

enum {
	JOURNAL_GROUP_MAX = 256,
	JOURNAL_RING = 65536,
	JOURNAL_CURSORS_MAX = 32,
	JOURNAL_READERS = 3, /* the tail, and consumers that lag behind */
};
#define JOURNAL_RECORDS_MAX 100000ULL

struct journal_entry {
	struct journal_entry *next;
	struct bb_record r; /* data points behind the struct */
	uint8_t prev[32];
	bool delivered; /* the writer's: announced as not durable */
	bb_journal_done_cb done;
	void *arg;
};

struct journal_cursor {
	char consumer[JOURNAL_NAME_MAX];
	uint64_t jseq;
};

/* Writer -> loop. */
struct journal_note {
	struct journal_note *next;
	enum journal_note_kind {
		NOTE_DURABLE,  /* entries: call done(true), free */
		NOTE_VOLATILE, /* entries: put into the ring, call done(false) */
		NOTE_WRITTEN,  /* entries from the ring are on disk now */
		NOTE_DROPPED,  /* entries from the ring are lost */
		NOTE_FILE,     /* a generation `number` is open; text: why */
		NOTE_SNAPSHOT, /* snapshot of `number` is durable in generation `file` */
		NOTE_HEALTH,
	} kind;
	uint64_t number, file;
	enum bb_journal_health health;
	struct bb_err err;
	size_t n;
	struct journal_entry *entry[JOURNAL_GROUP_MAX];
};

struct journal_writer {
	pthread_t thread;
	int event_fd; /* tells the loop about notes */
	char dir[JOURNAL_PATH_MAX - 32];
	uint64_t max_records, reserve_bytes;

	pthread_mutex_t lock; /* guards from here ... */
	pthread_cond_t wake;
	struct journal_entry *queue, **queue_end;
	struct journal_note *notes, **notes_end;
	struct journal_cursor cursor[JOURNAL_CURSORS_MAX];
	size_t cursors;
	bool cursors_dirty;
	uint8_t *snapshot;
	size_t snapshot_len;
	uint64_t snapshot_jseq;
	uint64_t abandon; /* generation found damaged while open for writing; 0 = none */
	bool want_reserve, stop, stopped; /* ... to here */

	struct journal_file file; /* db NULL: none can be written */
	uint8_t id[16];
	uint8_t chain[32]; /* of record `taken` */
	uint64_t taken;    /* newest number taken from the queue */
	uint64_t written;  /* newest number on disk */
	struct journal_entry *backlog, **backlog_end;
	size_t backlog_n;
	enum bb_journal_health health;
	uint64_t retry_at_ms;
	bool has_reserve;
	char reason[BB_ERR_MAX]; /* why the next generation is opened */
};

/* Fill locks and lists. The caller has set dir, limits, id, chain, taken, written and, if there
 * is one, file. */
void journal_writer_init(struct journal_writer *w);
/* Before the thread runs: have a file to write, or be in emergency mode. */
void journal_writer_first(struct journal_writer *w);
int journal_writer_start(struct journal_writer *w, struct bb_err *err);
/* Write what is queued, at most 5 s. Returns false when the thread hangs in the disk and had to
 * be left alone. */
bool journal_writer_stop(struct journal_writer *w);
void journal_writer_fini(struct journal_writer *w);
void journal_writer_queue(struct journal_writer *w, struct journal_entry *e);
struct journal_note *journal_writer_notes(struct journal_writer *w); /* take all */
/* Make the reserve file if it is missing and twice its size is free. */
bool journal_reserve_make(struct journal_writer *w);
bool journal_reserve_free(struct journal_writer *w);

struct journal_gen {
	uint64_t first, last; /* last: of a closed one; the newest grows */
	bool is_repaired;     /* by this process: not tried twice */
};

enum { JOURNAL_SEGMENTS_MAX = 64, JOURNAL_ASIDE_MAX = JOURNAL_PATH_MAX + 64 };

/* What became of a damaged generation. */
struct journal_repaired {
	struct journal_gen segment[JOURNAL_SEGMENTS_MAX]; /* files in its place, oldest first */
	size_t n;
	bool is_whole; /* nothing is missing, and where it ends is known */
	uint64_t missing_first, missing_last; /* between these; 0: none */
	uint64_t last;                        /* number that the damaged file may have reached */
	uint64_t snapshot_jseq;               /* in the last file; 0: none */
};

struct journal_reader {
	uint64_t first; /* 0: unused */
	uint64_t used;
	struct journal_file file;
};

struct bb_journal {
	struct bb_loop *loop;
	struct bb_watch *watch;
	struct bb_journal_options o;
	char dir[JOURNAL_PATH_MAX - 32];
	int lock_fd;
	uint8_t id[16];
	uint64_t next;
	uint64_t head;    /* newest delivered */
	uint64_t written; /* newest on disk */
	enum bb_journal_health health;
	struct journal_gen *gen; /* oldest first */
	size_t gens, gens_cap;
	/* Generation the writer has open, 0 = none; as far as notes were read. */
	uint64_t being_written;
	/* by jseq % JOURNAL_RING, only in emergency mode; NULL until needed */
	struct journal_entry **ring;
	uint64_t ring_first, ring_end; /* [first, end) are in the ring */
	struct journal_reader reader[JOURNAL_READERS];
	uint64_t reads;
	uint64_t snapshot_jseq, snapshot_file; /* newest durable one; 0 = not known to be safe */
	uint64_t abandoning;
	uint64_t scrub_first, scrub_after;
	uint8_t scrub_prev[32];
	struct {
		void (*cb)(void *arg);
		void *arg;
	} hook[8];
	size_t hooks;
	struct journal_writer w;
};

void journal_path(const char *dir, uint64_t first, const char *suffix, char out[JOURNAL_PATH_MAX]);
/* journal_dir.c */
int journal_dir_load(struct bb_journal *j, struct bb_err *err);
void journal_gen_add(struct bb_journal *j, uint64_t first);
/* Rename the files of generation i, put what can be proven of it in its place, tell the owner. True when nothing is lost. */
bool journal_set_aside(struct bb_journal *j, size_t i, const char *why);
/* Only rename, to the name told in `to`, which also says up to which number it may have reached. */
void journal_put_aside(struct bb_journal *j, uint64_t first, uint64_t last,
	char to[JOURNAL_ASIDE_MAX]);
/* journal_repair.c */
/* Make new files for generation i. They count from here on; the caller calls journal_repair_finish() when n is not 0. */
void journal_repair(struct bb_journal *j, size_t i, struct journal_repaired *result);
/* Put the damaged file aside under the name `aside`, and those of the repair in its place. */
int journal_repair_finish(struct bb_journal *j, uint64_t first, uint64_t last,
	char aside[JOURNAL_ASIDE_MAX]);
/* Finish what a killed process began; true when there was something. */
bool journal_repair_resume(struct bb_journal *j);
/* journal_read.c */
void journal_readers_close(struct bb_journal *j, uint64_t first); /* 0: all */
enum journal_mode journal_mode_of(struct bb_journal *j, uint64_t first);
enum journal_fault journal_reader_get(struct bb_journal *j, uint64_t first, struct journal_file **f,
	struct bb_err *err);
void journal_scrub(struct bb_journal *j);
