// SPDX-License-Identifier: Apache-2.0
/* Reading a journal on the loop's thread, through connections of its own: the tail, consumers
 * that lag, and the slow re-reading of closed generations that finds rotten bits before somebody
 * needs the records. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/journal_internal.h"
#include "common/str.h"

enum {
	SCRUB_RECORDS = 2000, /* a few milliseconds */
	SCRUB_BYTES = 4 * 1024 * 1024,
};

void journal_readers_close(struct bb_journal *j, uint64_t first)
{
	for (size_t i = 0; i < JOURNAL_READERS; i++) {
		if (j->reader[i].first && (!first || j->reader[i].first == first)) {
			journal_file_close(&j->reader[i].file, false);
			j->reader[i].first = 0;
		}
	}
}

enum journal_mode journal_mode_of(struct bb_journal *j, uint64_t first)
{
	char wal[JOURNAL_PATH_MAX];
	struct stat st;

	if (j->being_written == first)
		return JOURNAL_READ;
	journal_path(j->dir, first, "-wal", wal);
	return stat(wal, &st) == 0 && st.st_size > 0 ? JOURNAL_ALONE : JOURNAL_STATIC;
}

enum journal_fault journal_reader_get(struct bb_journal *j, uint64_t first, struct journal_file **f,
	struct bb_err *err)
{
	struct journal_reader *pick = &j->reader[0];
	char path[JOURNAL_PATH_MAX];
	enum journal_fault rc;

	for (size_t i = 0; i < JOURNAL_READERS; i++) {
		struct journal_reader *r = &j->reader[i];

		if (r->first == first) {
			r->used = ++j->reads;
			*f = &r->file;
			return JOURNAL_FINE;
		}
		if (!r->first || (pick->first && r->used < pick->used))
			pick = r;
	}
	if (pick->first)
		journal_readers_close(j, pick->first);
	journal_path(j->dir, first, "", path);
	rc = journal_file_open(&pick->file, path, journal_mode_of(j, first), err);
	if (rc == JOURNAL_FINE &&
		(pick->file.head.first != first || memcmp(pick->file.head.id, j->id, 16) != 0)) {
		bb_err_set(err, "journal \"%s\" does not belong here", path);
		journal_file_close(&pick->file, false);
		rc = JOURNAL_FAULT_DAMAGED;
	}
	if (rc != JOURNAL_FINE)
		return rc;
	pick->first = first;
	pick->used = ++j->reads;
	*f = &pick->file;
	return JOURNAL_FINE;
}

struct visit {
	bool (*cb)(void *arg, const struct bb_record *r);
	void *arg;
	uint64_t at; /* newest visited */
	bool stopped;
};

static bool visit_record(void *arg, const struct bb_record *r)
{
	struct visit *v = arg;

	v->at = r->jseq;
	v->stopped = !v->cb(v->arg, r);
	return !v->stopped;
}

/* Last number generation i has to give now. */
static uint64_t gen_last(const struct bb_journal *j, size_t i)
{
	return i + 1 < j->gens ? j->gen[i].last : j->written;
}

static enum journal_fault read_gen(struct bb_journal *j, size_t i, size_t max, struct visit *v,
	size_t *n, struct bb_err *err)
{
	uint64_t last = gen_last(j, i);
	struct journal_file *f;
	enum journal_fault rc = journal_reader_get(j, j->gen[i].first, &f, err);

	if (rc == JOURNAL_FINE)
		rc = journal_file_read(f, v->at, last + 1, max - *n, NULL, visit_record, v, n, err);
	if (rc == JOURNAL_FINE && !v->stopped && *n < max && v->at < last) {
		bb_err_set(err, "journal \"%s\" is damaged: it ends before record %llu", f->path,
			(unsigned long long)last);
		rc = JOURNAL_FAULT_DAMAGED;
	}
	return rc;
}

static int read_ring(struct bb_journal *j, size_t max, struct visit *v, size_t n)
{
	uint64_t at = v->at + 1 > j->ring_first ? v->at + 1 : j->ring_first;

	for (; j->ring && at < j->ring_end && n < max && !v->stopped; at++, n++)
		visit_record(v, &j->ring[at % JOURNAL_RING]->r);
	return (int)n;
}

int bb_journal_read(struct bb_journal *j, uint64_t after, size_t max,
	bool (*cb)(void *arg, const struct bb_record *r), void *arg, struct bb_err *err)
{
	struct visit v = { .cb = cb, .arg = arg, .at = after };
	struct bb_err own = { 0 };
	size_t n = 0, i = 0;

	err = err ? err : &own;
	while (i < j->gens && n < max && !v.stopped) {
		enum journal_fault rc;

		/* Nothing newer, or nothing at all: numbers may have jumped before its first. */
		if (gen_last(j, i) <= v.at || gen_last(j, i) < j->gen[i].first) {
			i++;
			continue;
		}
		rc = read_gen(j, i, max, &v, &n, err);
		if (rc == JOURNAL_FINE)
			continue;
		if (rc != JOURNAL_FAULT_DAMAGED)
			return n ? (int)n : -1;
		if (i + 1 < j->gens) {
			journal_set_aside(j, i, err->text);
			continue;
		}
		/* The writer has it open: it must turn to a new one first. */
		j->abandoning = j->gen[i].first;
		pthread_mutex_lock(&j->w.lock);
		j->w.abandon = j->abandoning;
		pthread_cond_signal(&j->w.wake);
		pthread_mutex_unlock(&j->w.lock);
		return n ? (int)n : -1;
	}
	return read_ring(j, max, &v, n);
}

int bb_journal_snapshot_get(struct bb_journal *j, uint64_t *jseq, uint8_t **data, size_t *len,
	struct bb_err *err)
{
	struct bb_err first_err = { 0 };
	int rc = 0;

	for (size_t i = j->gens; i-- > 0;) {
		struct journal_file *f;
		enum journal_fault fault = journal_reader_get(j, j->gen[i].first, &f, &first_err);

		if (fault == JOURNAL_FINE)
			fault = journal_file_snapshot_read(f, jseq, data, len, &first_err);
		if (fault != JOURNAL_FINE) {
			rc = -1;
			continue;
		}
		if (*data)
			return 1;
	}
	if (rc != 0)
		bb_err_set(err, "%s", first_err.text);
	return rc;
}

/* ---- scrubbing ---- */

static bool scrub_record(void *arg, const struct bb_record *r)
{
	size_t *bytes = arg;

	*bytes += r->len;
	return *bytes < SCRUB_BYTES;
}

static bool scrub_at(void *arg, const struct bb_record *r)
{
	struct visit *v = arg;

	v->at = r->jseq;
	return scrub_record(v->arg, r);
}

/* The closed generation to go on with: the one begun, else the next older than nothing, round
 * and round. */
static size_t scrub_pick(struct bb_journal *j)
{
	for (size_t i = 0; i + 1 < j->gens; i++) {
		if (j->gen[i].first < j->scrub_first)
			continue;
		if (j->gen[i].first > j->scrub_first) {
			j->scrub_first = j->gen[i].first;
			j->scrub_after = 0;
		}
		return i;
	}
	j->scrub_first = 0;
	return j->gens;
}

void journal_scrub(struct bb_journal *j)
{
	size_t i = scrub_pick(j), bytes = 0, n = 0;
	struct visit v = { .arg = &bytes };
	struct bb_err err = { 0 };
	struct journal_file *f;
	enum journal_fault rc;

	if (i == j->gens)
		return;
	rc = journal_reader_get(j, j->gen[i].first, &f, &err);
	if (rc == JOURNAL_FINE && j->scrub_after == 0) {
		j->scrub_after = j->scrub_first - 1;
		memcpy(j->scrub_prev, f->head.prev, sizeof(j->scrub_prev));
	}
	v.at = j->scrub_after;
	if (rc == JOURNAL_FINE)
		rc = journal_file_read(f, v.at, j->gen[i].last + 1, SCRUB_RECORDS, j->scrub_prev,
			scrub_at, &v, &n, &err);
	j->scrub_after = v.at;
	if (rc == JOURNAL_FINE && n == 0 && v.at < j->gen[i].last)
		rc = JOURNAL_FAULT_DAMAGED;
	if (rc == JOURNAL_FAULT_DAMAGED)
		journal_set_aside(j, i, err.text);
	if (rc != JOURNAL_FINE || v.at >= j->gen[i].last) {
		j->scrub_first++;
		j->scrub_after = 0;
	}
}
