// SPDX-License-Identifier: Apache-2.0
/* The writer thread of a journal. It takes what is queued, commits it as one group, and tells
 * the loop. A file that failed once is never written again: the group, still in memory, goes to
 * a new one. What cannot be written at all is announced as not durable and kept in the backlog
 * for the next try. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/journal_internal.h"
#include "common/str.h"

enum {
	RETRY_MS = 1000, /* emergency: next try; and how long changed cursors may wait */
	STOP_MS = 5000,
	DAY_MS = 24 * 3600 * 1000,
};

/* ---- notes to the loop ---- */

static struct journal_note *note_new(enum journal_note_kind kind)
{
	struct journal_note *n = bb_calloc(1, sizeof(*n));

	n->kind = kind;
	return n;
}

static void note_send(struct journal_writer *w, struct journal_note *n)
{
	uint64_t one = 1;

	pthread_mutex_lock(&w->lock);
	*w->notes_end = n;
	w->notes_end = &n->next;
	pthread_mutex_unlock(&w->lock);
	/* Fails only when the counter is full, and then the loop is awake anyway. */
	if (write(w->event_fd, &one, sizeof(one)) < 0)
		return;
}

struct journal_note *journal_writer_notes(struct journal_writer *w)
{
	struct journal_note *n;

	pthread_mutex_lock(&w->lock);
	n = w->notes;
	w->notes = NULL;
	w->notes_end = &w->notes;
	pthread_mutex_unlock(&w->lock);
	return n;
}

static void say_health(struct journal_writer *w, enum bb_journal_health health,
	const struct bb_err *err)
{
	struct journal_note *n;

	if (w->health == health)
		return;
	w->health = health;
	n = note_new(NOTE_HEALTH);
	n->health = health;
	if (err)
		n->err = *err;
	note_send(w, n);
}

/* ---- the reserve ---- */

static void reserve_path(const struct journal_writer *w, char out[JOURNAL_PATH_MAX])
{
	snprintf(out, JOURNAL_PATH_MAX, "%s/reserve", w->dir);
}

bool journal_reserve_make(struct journal_writer *w)
{
	char path[JOURNAL_PATH_MAX];
	struct statvfs v;
	struct stat st;
	int fd;

	reserve_path(w, path);
	if (stat(path, &st) == 0 && (uint64_t)st.st_blocks * 512 >= w->reserve_bytes)
		return w->has_reserve = true;
	if (statvfs(w->dir, &v) != 0 || (uint64_t)v.f_bavail * v.f_frsize < 2 * w->reserve_bytes)
		return w->has_reserve = false;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return w->has_reserve = false;
	w->has_reserve = posix_fallocate(fd, 0, (off_t)w->reserve_bytes) == 0 && fsync(fd) == 0;
	close(fd);
	if (!w->has_reserve)
		unlink(path);
	return w->has_reserve;
}

static void say_tight(struct journal_writer *w)
{
	struct bb_err err;

	bb_err_set(&err, "no reserve of %llu bytes in \"%s\": the disk is full; free space",
		(unsigned long long)w->reserve_bytes, w->dir);
	say_health(w, BB_JOURNAL_TIGHT, &err);
}

bool journal_reserve_free(struct journal_writer *w)
{
	char path[JOURNAL_PATH_MAX];

	reserve_path(w, path);
	w->has_reserve = false;
	if (unlink(path) != 0)
		return false;
	/* Told before what the reserve carries is: whoever hears that a record is durable knows what it cost. */
	if (w->health == BB_JOURNAL_OK)
		say_tight(w);
	return true;
}

/* ---- generation files ---- */

static void unlink_file(const char *path)
{
	static const char *const suffix[] = { "", "-wal", "-shm" };
	char name[JOURNAL_PATH_MAX + 8];

	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffix[i]);
		unlink(name);
	}
}

/* Never write this file again. One that holds no acknowledged record goes, so that its name is
 * free. */
static void file_drop(struct journal_writer *w, const char *why)
{
	if (!w->file.db)
		return;
	journal_file_close(&w->file, false);
	if (w->written < w->file.head.first)
		unlink_file(w->file.path);
	bb_copy(w->reason, sizeof(w->reason), why);
}

static enum journal_fault file_new(struct journal_writer *w, struct bb_err *err)
{
	struct journal_entry *e = w->backlog;
	struct journal_head h = {
		.first = e ? e->r.jseq : w->taken + 1,
		.created_us = bb_clock_real_us(),
	};
	char path[JOURNAL_PATH_MAX];
	enum journal_fault rc;

	memcpy(h.id, w->id, sizeof(h.id));
	memcpy(h.prev, e ? e->prev : w->chain, sizeof(h.prev));
	journal_path(w->dir, h.first, "", path);
	/* A leftover of a failed try by this name: no record in it was ever acknowledged. */
	unlink_file(path);
	rc = journal_file_create(&w->file, path, &h, err);
	if (rc != JOURNAL_FINE)
		unlink_file(path);
	return rc;
}

static const char *due_for_roll(const struct journal_writer *w)
{
	if (!w->file.db || w->written < w->file.head.first)
		return NULL;
	if (w->written - w->file.head.first + 1 >= w->max_records)
		return "the generation is full";
	if (bb_clock_boot_ms() - w->file.opened_ms >= DAY_MS)
		return "a day is over";
	return NULL;
}

/* ---- writing a group ---- */

struct work {
	size_t records; /* from the front of the backlog */
	struct journal_cursor cursor[JOURNAL_CURSORS_MAX];
	size_t cursors;
	bool cursors_dirty; /* else only a new file needs them */
	uint8_t *snapshot;
	size_t snapshot_len;
	uint64_t snapshot_jseq;
};

static enum journal_fault work_commit(struct journal_writer *w, const struct work *k, bool is_new,
	struct bb_err *err)
{
	enum journal_fault rc = journal_file_begin(&w->file, err);
	size_t cursors = is_new || k->cursors_dirty ? k->cursors : 0;
	struct journal_entry *e = w->backlog;

	for (size_t i = 0; rc == JOURNAL_FINE && i < k->records; i++, e = e->next)
		rc = journal_file_add(&w->file, &e->r, err);
	for (size_t i = 0; rc == JOURNAL_FINE && i < cursors; i++)
		rc = journal_file_cursor(&w->file, k->cursor[i].consumer, k->cursor[i].jseq, err);
	if (rc == JOURNAL_FINE && k->snapshot)
		rc = journal_file_snapshot(&w->file, k->snapshot_jseq, k->snapshot, k->snapshot_len,
			err);
	return rc == JOURNAL_FINE ? journal_file_commit(&w->file, err) : rc;
}

/* Write the group somewhere: into the open file, else a new one, else a new one after freeing
 * the reserve. */
static int work_write(struct journal_writer *w, const struct work *k, struct bb_err *err)
{
	for (unsigned tries = 0; tries < 3; tries++) {
		bool is_new = !w->file.db;
		enum journal_fault rc = is_new ? file_new(w, err) : JOURNAL_FINE;

		if (rc == JOURNAL_FINE)
			rc = work_commit(w, k, is_new, err);
		if (rc == JOURNAL_FINE) {
			if (is_new) {
				struct journal_note *n = note_new(NOTE_FILE);

				n->number = w->file.head.first;
				bb_copy(n->err.text, sizeof(n->err.text), w->reason);
				note_send(w, n);
			}
			return 0;
		}
		file_drop(w, err ? err->text : "");
		if (rc == JOURNAL_FAULT_FULL && !journal_reserve_free(w) && is_new)
			break;
	}
	return -1;
}

/* Tell the fate of the first n entries of the backlog and let go of them. Those announced before
 * are only written now. */
static void backlog_pop(struct journal_writer *w, size_t n, enum journal_note_kind fresh,
	enum journal_note_kind delivered)
{
	while (n > 0) {
		bool was = w->backlog->delivered;
		struct journal_note *note = note_new(was ? delivered : fresh);

		while (n > 0 && w->backlog->delivered == was && note->n < JOURNAL_GROUP_MAX) {
			struct journal_entry *e = w->backlog;

			w->backlog = e->next;
			w->backlog_n--;
			note->entry[note->n++] = e;
			n--;
			if (!w->backlog)
				break;
		}
		if (!w->backlog)
			w->backlog_end = &w->backlog;
		note_send(w, note);
	}
}

static void announce_volatile(struct journal_writer *w)
{
	struct journal_note *note = NULL;

	for (struct journal_entry *e = w->backlog; e; e = e->next) {
		if (e->delivered)
			continue;
		e->delivered = true;
		if (!note)
			note = note_new(NOTE_VOLATILE);
		note->entry[note->n++] = e;
		if (note->n == JOURNAL_GROUP_MAX) {
			note_send(w, note);
			note = NULL;
		}
	}
	if (note)
		note_send(w, note);
	if (w->backlog_n > JOURNAL_RING)
		backlog_pop(w, w->backlog_n - JOURNAL_RING, NOTE_DROPPED, NOTE_DROPPED);
}

static void emergency(struct journal_writer *w, const struct bb_err *err)
{
	w->retry_at_ms = bb_clock_mono_ms() + RETRY_MS;
	say_health(w, BB_JOURNAL_EMERGENCY, err);
	announce_volatile(w);
}

static void after_write(struct journal_writer *w)
{
	struct bb_err err = { 0 };

	if (w->backlog)
		return;
	if (w->has_reserve)
		say_health(w, BB_JOURNAL_OK, NULL);
	else
		say_tight(w);
	if (journal_file_checkpoint(&w->file, &err) != JOURNAL_FINE)
		file_drop(w, err.text);
}

static void say_snapshot(struct journal_writer *w, uint64_t jseq)
{
	struct journal_note *n = note_new(NOTE_SNAPSHOT);

	n->number = jseq;
	n->file = w->file.head.first;
	note_send(w, n);
}

/* ---- the thread ---- */

/* Move what waits into the backlog, at most a group; chain hashes are made here, in the order of
 * the numbers. */
static void take_entries(struct journal_writer *w)
{
	for (size_t i = 0; i < JOURNAL_GROUP_MAX && w->queue; i++) {
		struct journal_entry *e = w->queue;

		w->queue = e->next;
		if (!w->queue)
			w->queue_end = &w->queue;
		e->next = NULL;
		*w->backlog_end = e;
		w->backlog_end = &e->next;
		w->backlog_n++;
	}
}

static void chain_entries(struct journal_writer *w)
{
	for (struct journal_entry *e = w->backlog; e; e = e->next) {
		if (e->r.jseq <= w->taken)
			continue;
		memcpy(e->prev, w->chain, sizeof(e->prev));
		journal_record_chain(&e->r, w->chain);
		memcpy(w->chain, e->r.chain, sizeof(w->chain));
		w->taken = e->r.jseq;
	}
}

static void take_work(struct journal_writer *w, struct work *k)
{
	memcpy(k->cursor, w->cursor, sizeof(k->cursor));
	k->cursors = w->cursors;
	k->cursors_dirty = w->cursors_dirty;
	/* A snapshot must not be on disk before the records it stands for. */
	if (w->snapshot && w->snapshot_jseq <= w->written) {
		k->snapshot = w->snapshot;
		k->snapshot_len = w->snapshot_len;
		k->snapshot_jseq = w->snapshot_jseq;
		w->snapshot = NULL;
	}
}

/* Write the backlog in groups. Locked at entry and return. */
static void flush(struct journal_writer *w)
{
	for (;;) {
		struct work k = { .records = w->backlog_n < JOURNAL_GROUP_MAX ? w->backlog_n
									      : JOURNAL_GROUP_MAX };
		struct bb_err err = { 0 };
		const char *why;
		int rc;

		take_work(w, &k);
		if (k.records == 0 && !k.cursors_dirty && !k.snapshot && w->file.db)
			return;
		w->cursors_dirty = false;
		pthread_mutex_unlock(&w->lock);
		why = due_for_roll(w);
		if (why) {
			journal_file_close(&w->file, true);
			bb_copy(w->reason, sizeof(w->reason), why);
		}
		rc = work_write(w, &k, &err);
		if (rc == 0) {
			if (k.records)
				w->written = w->file.last;
			backlog_pop(w, k.records, NOTE_DURABLE, NOTE_WRITTEN);
			if (k.snapshot)
				say_snapshot(w, k.snapshot_jseq);
			after_write(w);
		} else {
			emergency(w, &err);
		}
		free(k.snapshot);
		pthread_mutex_lock(&w->lock);
		if (rc != 0) {
			w->cursors_dirty = true;
			return;
		}
	}
}

/* Wait for something to do. Locked. */
static void wait_work(struct journal_writer *w)
{
	struct timespec until = { 0 };

	while (!w->queue && !w->stop && !w->abandon && !w->want_reserve &&
		!(w->snapshot && w->snapshot_jseq <= w->written)) {
		if (!w->cursors_dirty && w->health != BB_JOURNAL_EMERGENCY) {
			pthread_cond_wait(&w->wake, &w->lock);
			continue;
		}
		if (until.tv_sec == 0) {
			clock_gettime(CLOCK_MONOTONIC, &until);
			until.tv_sec += RETRY_MS / 1000;
		}
		if (pthread_cond_timedwait(&w->wake, &w->lock, &until) == ETIMEDOUT)
			return;
	}
}

/* Locked at entry and return. */
static void do_requests(struct journal_writer *w)
{
	uint64_t abandon = w->abandon;
	bool want_reserve = w->want_reserve;

	w->abandon = 0;
	w->want_reserve = false;
	if (!abandon && !want_reserve)
		return;
	pthread_mutex_unlock(&w->lock);
	if (abandon && w->file.db && w->file.head.first == abandon)
		file_drop(w, "the generation before is damaged");
	if (want_reserve && w->health == BB_JOURNAL_TIGHT && journal_reserve_make(w))
		say_health(w, BB_JOURNAL_OK, NULL);
	pthread_mutex_lock(&w->lock);
}

static void *writer_main(void *arg)
{
	struct journal_writer *w = arg;
	bool stop = false;

	pthread_mutex_lock(&w->lock);
	while (!stop) {
		wait_work(w);
		stop = w->stop;
		do_requests(w);
		do {
			take_entries(w);
			pthread_mutex_unlock(&w->lock);
			chain_entries(w);
			if (w->health == BB_JOURNAL_EMERGENCY && !stop)
				announce_volatile(w);
			pthread_mutex_lock(&w->lock);
			if (w->health != BB_JOURNAL_EMERGENCY || stop ||
				bb_clock_mono_ms() >= w->retry_at_ms)
				flush(w);
		} while (w->queue);
	}
	pthread_mutex_unlock(&w->lock);
	journal_file_close(&w->file, true);
	pthread_mutex_lock(&w->lock);
	w->stopped = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* ---- called by the loop ---- */

void journal_writer_init(struct journal_writer *w)
{
	pthread_condattr_t attr;

	w->queue_end = &w->queue;
	w->notes_end = &w->notes;
	w->backlog_end = &w->backlog;
	w->health = BB_JOURNAL_OK;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
}

void journal_writer_first(struct journal_writer *w)
{
	struct work k = { .records = 0 };
	struct bb_err err = { 0 };

	journal_reserve_make(w);
	if (!w->reason[0])
		bb_copy(w->reason, sizeof(w->reason), "the journal is new");
	memcpy(k.cursor, w->cursor, sizeof(k.cursor));
	k.cursors = w->cursors;
	if (!w->file.db && work_write(w, &k, &err) != 0)
		emergency(w, &err);
	else
		after_write(w);
}

int journal_writer_start(struct journal_writer *w, struct bb_err *err)
{
	sigset_t all, old;
	int rc;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0) {
		errno = rc;
		return bb_err_errno(err, "cannot start the journal's writer thread");
	}
	return 0;
}

void journal_writer_queue(struct journal_writer *w, struct journal_entry *e)
{
	pthread_mutex_lock(&w->lock);
	*w->queue_end = e;
	w->queue_end = &e->next;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

bool journal_writer_stop(struct journal_writer *w)
{
	struct timespec until;
	bool stopped;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += STOP_MS / 1000;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->wake);
	while (!w->stopped && pthread_cond_timedwait(&w->wake, &w->lock, &until) != ETIMEDOUT)
		continue;
	stopped = w->stopped;
	pthread_mutex_unlock(&w->lock);
	if (!stopped)
		return false;
	pthread_join(w->thread, NULL);
	return true;
}

static void entries_free(struct journal_entry *e)
{
	while (e) {
		struct journal_entry *next = e->next;

		free(e);
		e = next;
	}
}

void journal_writer_fini(struct journal_writer *w)
{
	entries_free(w->queue);
	entries_free(w->backlog);
	free(w->snapshot);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
}
