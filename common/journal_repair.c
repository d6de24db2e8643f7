// SPDX-License-Identifier: Apache-2.0
/* A damaged generation made again from what can be proven of it.
 *
 * A record is taken, from the damaged file or from elsewhere (bb_journal_options.lost), when its chain hash over a hash of its
 * predecessor is one that was stored for it: then it is what was written, to the bit. Consecutive records make one new file; behind
 * a record that nobody has, another one begins.
 *
 * The files are made whole in the folder `repair`, which then gets the name `repaired.<first number>`: from then on the repair
 * counts, and is finished by the next open when the process dies. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/journal_internal.h"
#include "common/log.h"
#include "common/str.h"

enum {
	WINDOW = 1000,     /* records asked for elsewhere at a time */
	COMMIT_EACH = 10000, /* records: a few megabytes */
	PATH = JOURNAL_PATH_MAX + 64,
};
static const uint8_t zeros[32];

struct chains {
	uint8_t of[6][32];
	unsigned n;
};

struct repair {
	struct bb_journal *j;
	struct journal_gen gen;
	struct journal_file old, out; /* db NULL: not open */
	bool is_newest, is_cut;       /* is_cut: the record before is missing */
	uint64_t upto;                /* the damaged file says it ends here */
	struct chains before;         /* hashes that the record before may have */
	struct bb_record *window;
	uint64_t window_from, window_to;
	size_t in_transaction;
	struct journal_repaired *result;
	char dir[JOURNAL_PATH_MAX];
};

static void chains_add(struct chains *c, const uint8_t chain[32])
{
	if (c->n < sizeof(c->of) / sizeof(c->of[0]))
		memcpy(c->of[c->n++], chain, 32);
}

/* ---- records from elsewhere ---- */

static void window_clear(struct repair *r)
{
	for (size_t i = 0; r->window && i < WINDOW + 1; i++)
		free((void *)(uintptr_t)r->window[i].data);
	free(r->window);
	r->window = NULL;
}

static void window_put(void *arg, const struct bb_record *rec)
{
	struct repair *r = arg;
	struct bb_record *w;
	uint8_t *copy;

	if (rec->jseq < r->window_from || rec->jseq > r->window_to || rec->len > JOURNAL_DATA_MAX)
		return;
	w = &r->window[rec->jseq - r->window_from];
	if (w->data)
		return;
	copy = bb_malloc(rec->len + 1);
	if (rec->len)
		memcpy(copy, rec->data, rec->len);
	*w = *rec;
	w->data = copy;
}

/* What is elsewhere of record n; also of the one before, for its hash. */
static const struct bb_record *elsewhere(struct repair *r, uint64_t n)
{
	if (!r->j->o.lost)
		return NULL;
	if (!r->window || n < r->window_from || n > r->window_to) {
		window_clear(r);
		r->window = bb_calloc(WINDOW + 1, sizeof(*r->window));
		r->window_from = n - 1;
		r->window_to = n - 1 + WINDOW;
		r->j->o.lost(r->j->o.arg, r->j->id, r->window_from, r->window_to, window_put, r);
	}
	const struct bb_record *w = &r->window[n - r->window_from];
	return w->data ? w : NULL;
}

/* ---- proof ---- */

/* The bytes of `data` with one of the predecessors' hashes make a hash stored for this number. */
static bool proves(const struct bb_record *data, const struct chains *before,
	const struct chains *stored, struct bb_record *out, uint8_t prev[32])
{
	for (unsigned b = 0; b < before->n; b++) {
		*out = *data;
		journal_record_chain(out, before->of[b]);
		for (unsigned s = 0; s < stored->n; s++) {
			if (memcmp(stored->of[s], out->chain, 32) == 0) {
				memcpy(prev, before->of[b], 32);
				return true;
			}
		}
	}
	return false;
}

/* Record n as it was written, and the hash of the one before. */
static bool recover(struct repair *r, uint64_t n, struct bb_record *out, uint8_t prev[32])
{
	struct chains stored = { .n = 0 };
	struct bb_record mine;
	bool has_mine = r->old.db && journal_file_peek(&r->old, n, &mine) == JOURNAL_FINE, ok;

	if (has_mine)
		chains_add(&stored, mine.chain);
	ok = has_mine && proves(&mine, &r->before, &stored, out, prev);
	if (!ok) {
		const struct bb_record *other = elsewhere(r, n);
		if (other) {
			const struct bb_record *last = &r->window[n - 1 - r->window_from];
			chains_add(&stored, other->chain);
			if (n > r->window_from && last->data)
				chains_add(&r->before, last->chain);
			ok = (has_mine && proves(&mine, &r->before, &stored, out, prev)) ||
			     proves(other, &r->before, &stored, out, prev);
		}
	}
	r->before.n = 0;
	if (ok)
		chains_add(&r->before, out->chain);
	for (unsigned i = 0; !ok && i < stored.n; i++)
		chains_add(&r->before, stored.of[i]);
	return ok;
}

/* Hashes that the record before the first one may have. */
static void begin_chain(struct repair *r)
{
	struct bb_journal *j = r->j;
	struct bb_record last;
	struct journal_file *f;

	if (r->gen.first == 1)
		chains_add(&r->before, zeros);
	if (r->old.db)
		chains_add(&r->before, r->old.head.prev);
	for (size_t i = 0; i < j->gens; i++)
		if (j->gen[i].first < r->gen.first &&
			journal_reader_get(j, j->gen[i].first, &f, NULL) == JOURNAL_FINE &&
			f->last == r->gen.first - 1 &&
			journal_file_peek(f, f->last, &last) == JOURNAL_FINE)
			chains_add(&r->before, last.chain);
}

/* ---- the new files ---- */

static void copy_cursor(void *arg, const char *consumer, uint64_t jseq)
{
	struct repair *r = arg;

	journal_file_cursor(&r->out, consumer, jseq, NULL);
}

/* Into the newest of the new files. */
static enum journal_fault copy_rest(struct repair *r, struct bb_err *err)
{
	enum journal_fault rc = JOURNAL_FINE;
	uint8_t *data = NULL;
	uint64_t jseq = 0;
	size_t len = 0;

	if (!r->old.db)
		return JOURNAL_FINE;
	journal_file_cursors(&r->old, copy_cursor, r, NULL);
	if (journal_file_snapshot_read(&r->old, &jseq, &data, &len, NULL) == JOURNAL_FINE && data &&
		jseq <= r->out.last) {
		rc = journal_file_snapshot(&r->out, jseq, data, len, err);
		r->result->snapshot_jseq = jseq;
	}
	free(data);
	return rc;
}

static enum journal_fault commit(struct repair *r, struct bb_err *err)
{
	r->in_transaction = 0;
	return journal_file_commit(&r->out, err);
}

static enum journal_fault out_close(struct repair *r, struct bb_err *err)
{
	static const char *const suffix[] = { "-wal", "-shm" };
	enum journal_fault rc = JOURNAL_FINE;
	char path[PATH];

	if (!r->out.db)
		return JOURNAL_FINE;
	if (r->in_transaction)
		rc = commit(r, err);
	journal_file_close(&r->out, true);
	for (size_t s = 0; s < 2; s++) {
		struct stat st;
		snprintf(path, sizeof(path), "%s%s", r->out.path, suffix[s]);
		/* settled: nothing may be left in it */
		if (s == 0 && rc == JOURNAL_FINE && stat(path, &st) == 0 && st.st_size > 0)
			rc = JOURNAL_FAULT_IO;
		unlink(path);
	}
	return rc;
}

static enum journal_fault out_open(struct repair *r, uint64_t first, const uint8_t prev[32],
	struct bb_err *err)
{
	struct journal_head h = { .first = first, .created_us = bb_clock_real_us() };
	char path[JOURNAL_PATH_MAX];

	memcpy(h.id, r->j->id, sizeof(h.id));
	memcpy(h.prev, prev, sizeof(h.prev));
	journal_path(r->dir, first, "", path);
	if (r->result->n == JOURNAL_SEGMENTS_MAX) {
		bb_err_set(err, "journal \"%s\" is damaged in too many places", r->old.path);
		return JOURNAL_FAULT_DAMAGED;
	}
	r->result->segment[r->result->n++] =
		(struct journal_gen){ .first = first, .is_repaired = true };
	return journal_file_create(&r->out, path, &h, err);
}

static enum journal_fault out_add(struct repair *r, const struct bb_record *rec,
	const uint8_t prev[32], struct bb_err *err)
{
	enum journal_fault rc = JOURNAL_FINE;

	if (r->is_cut)
		rc = out_close(r, err);
	r->is_cut = false;
	if (rc == JOURNAL_FINE && !r->out.db)
		rc = out_open(r, rec->jseq, prev, err);
	if (rc == JOURNAL_FINE && !r->in_transaction)
		rc = journal_file_begin(&r->out, err);
	if (rc == JOURNAL_FINE)
		rc = journal_file_add(&r->out, rec, err);
	if (rc == JOURNAL_FINE)
		r->result->segment[r->result->n - 1].last = rec->jseq;
	if (rc == JOURNAL_FINE && ++r->in_transaction == COMMIT_EACH)
		rc = commit(r, err);
	return rc;
}

/* Returns false when there is no more to look for. */
static bool skip(struct repair *r, uint64_t n)
{
	bool is_end = n > r->upto && (r->is_newest || !r->j->o.lost);

	r->is_cut = true;
	if (is_end && r->is_newest)
		return false;
	if (!r->result->missing_first)
		r->result->missing_first = n;
	r->result->missing_last = is_end ? r->gen.last : n;
	return !is_end;
}

static enum journal_fault write_all(struct repair *r, struct bb_err *err)
{
	enum journal_fault rc = JOURNAL_FINE, closed;
	struct bb_record rec;
	uint8_t prev[32];

	begin_chain(r);
	for (uint64_t n = r->gen.first; rc == JOURNAL_FINE && n <= r->gen.last; n++) {
		if (recover(r, n, &rec, prev))
			rc = out_add(r, &rec, prev, err);
		else if (!skip(r, n))
			break;
	}
	if (rc == JOURNAL_FINE && r->out.db && !r->in_transaction) {
		rc = journal_file_begin(&r->out, err);
		r->in_transaction = 1;
	}
	if (rc == JOURNAL_FINE && r->out.db)
		rc = copy_rest(r, err);
	closed = out_close(r, err);
	return rc == JOURNAL_FINE ? closed : rc;
}

/* ---- folders ---- */

static void folder_remove(const char *path)
{
	DIR *d = opendir(path);
	char name[PATH + 256];

	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		unlink(name);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

static int folder_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return rc;
}

static void repaired_path(const struct bb_journal *j, uint64_t first, uint64_t last, char out[PATH])
{
	snprintf(out, PATH, "%s/repaired.%016llx.%016llx", j->dir, (unsigned long long)first,
		(unsigned long long)last);
}

static int number_of(const struct dirent *e)
{
	return strlen(e->d_name) == 19 && strspn(e->d_name, "0123456789abcdef") == 16 &&
	       strcmp(e->d_name + 16, ".db") == 0;
}

int journal_repair_finish(struct bb_journal *j, uint64_t first, uint64_t last,
	char aside[JOURNAL_ASIDE_MAX])
{
	char folder[PATH], from[PATH + 256], to[PATH + 256];
	struct dirent **names = NULL;
	int rc = 0, n;

	repaired_path(j, first, last, folder);
	n = scandir(folder, &names, number_of, alphasort);
	if (n > 0)
		journal_put_aside(j, first, last, aside);
	/* The one with the name of the damaged file comes last: as long as any is here, what lies there is the damaged one. */
	for (int i = n; i-- > 0;) {
		snprintf(from, sizeof(from), "%s/%s", folder, names[i]->d_name);
		snprintf(to, sizeof(to), "%s/%s", j->dir, names[i]->d_name);
		if (rename(from, to) != 0)
			rc = -1;
		free(names[i]);
	}
	free(names);
	rmdir(folder);
	return n > 0 && folder_sync(j->dir) != 0 ? -1 : rc;
}

bool journal_repair_resume(struct bb_journal *j)
{
	char path[PATH], aside[JOURNAL_ASIDE_MAX];
	DIR *d = opendir(j->dir);
	bool any = false;

	snprintf(path, sizeof(path), "%s/repair", j->dir);
	folder_remove(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		unsigned long long first, last;
		if (sscanf(e->d_name, "repaired.%16llx.%16llx", &first, &last) != 2)
			continue;
		journal_repair_finish(j, first, last, aside);
		any = true;
	}
	if (d)
		closedir(d);
	return any;
}

static void old_open(struct repair *r)
{
	uint64_t first = r->gen.first;
	char path[JOURNAL_PATH_MAX];

	r->upto = first - 1;
	journal_path(r->j->dir, first, "", path);
	if (journal_file_open(&r->old, path, journal_mode_of(r->j, first), NULL) != JOURNAL_FINE)
		return;
	if (r->old.head.first != first || memcmp(r->old.head.id, r->j->id, sizeof(r->j->id)) != 0)
		journal_file_close(&r->old, false);
	else
		r->upto = r->old.last < r->gen.last ? r->old.last : r->gen.last;
}

/* Where the newest file ended is known only when nothing is wrong with its pages. */
static void judge(struct repair *r)
{
	struct journal_repaired *d = r->result;
	uint64_t end = d->n ? d->segment[d->n - 1].last : r->gen.first - 1;

	d->last = r->gen.last;
	d->is_whole = d->n && !d->missing_first;
	if (!r->is_newest)
		return;
	d->is_whole = d->is_whole && r->old.db && end == r->old.last &&
		      journal_file_check(&r->old, NULL) == JOURNAL_FINE;
	if (d->is_whole) {
		d->last = end;
		return;
	}
	if (!d->missing_first)
		d->missing_first = end + 1;
	d->missing_last = r->gen.last;
}

void journal_repair(struct bb_journal *j, size_t i, struct journal_repaired *result)
{
	struct repair r = { .j = j,
		.gen = j->gen[i],
		.is_newest = i + 1 == j->gens,
		.result = result };
	char committed[PATH];
	struct bb_err err = { 0 };
	enum journal_fault rc = JOURNAL_FAULT_IO;

	*result = (struct journal_repaired){ .n = 0 };
	snprintf(r.dir, sizeof(r.dir), "%s/repair", j->dir);
	folder_remove(r.dir);
	if (!r.gen.is_repaired && mkdir(r.dir, 0700) == 0) {
		old_open(&r);
		rc = write_all(&r, &err);
		judge(&r);
		journal_file_close(&r.old, false);
		window_clear(&r);
		repaired_path(j, r.gen.first, result->last, committed);
		if (rc == JOURNAL_FINE && result->n && folder_sync(r.dir) == 0 &&
			rename(r.dir, committed) == 0 && folder_sync(j->dir) == 0)
			return;
		if (rc != JOURNAL_FINE)
			bb_log(EV_NOTE, BB_STR("text", "a damaged journal file cannot be repaired"),
				BB_ERRTEXT(&err));
		folder_remove(r.dir);
	}
	*result = (struct journal_repaired){ .missing_first = r.gen.first,
		.missing_last = r.gen.last,
		.last = r.gen.last };
}
