// SPDX-License-Identifier: Apache-2.0
/* The folder of a journal: which generations there are, whether they are whole, what to do with
 * those that are not. */
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/journal_internal.h"
#include "common/log.h"
#include "common/str.h"

enum {
	NAME_DIGITS = 16,
	GENERATIONS_MAX = 1000000,
};

/* What the folder holds besides generations that can be used. */
struct scan {
	uint64_t *aside; /* first numbers of files set aside earlier */
	size_t asides, asides_cap;
	uint64_t jump; /* numbers below may have been given out by files that cannot be read */
	bool has_id;
};

void journal_gen_add(struct bb_journal *j, uint64_t first)
{
	if (j->gens) {
		struct journal_gen *g = &j->gen[j->gens - 1];

		if (g->first == first) {
			journal_readers_close(j, first);
			return;
		}
		/* A reader that saw it grow would take the settled file for the growing one. */
		journal_readers_close(j, g->first);
		g->last = j->written;
	}
	if (j->gens == j->gens_cap) {
		j->gens_cap = j->gens_cap ? 2 * j->gens_cap : 16;
		j->gen = bb_realloc(j->gen, j->gens_cap * sizeof(*j->gen));
	}
	j->gen[j->gens++] = (struct journal_gen){ .first = first, .last = first - 1 };
}

void journal_set_aside(struct bb_journal *j, size_t i, const char *why)
{
	static const char *const suffix[] = { "", "-wal", "-shm" };
	struct journal_gen g = j->gen[i];
	uint64_t now_s = bb_clock_real_us() / 1000000;
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX + 64], text[BB_ERR_MAX];

	bb_copy(text, sizeof(text), why);
	journal_readers_close(j, g.first);
	for (size_t s = 0; s < 3; s++) {
		journal_path(j->dir, g.first, suffix[s], from);
		snprintf(to, sizeof(to), "%s/%016llx.db.damaged-%llu%s", j->dir,
			(unsigned long long)g.first, (unsigned long long)now_s, suffix[s]);
		if (rename(from, to) != 0 && s == 0)
			bb_log(EV_NOTE, BB_STR("file", from), BB_STR("text", "cannot be renamed"));
	}
	memmove(&j->gen[i], &j->gen[i + 1], (j->gens - i - 1) * sizeof(g));
	j->gens--;
	if (j->snapshot_file == g.first)
		j->snapshot_file = j->snapshot_jseq = 0;
	snprintf(to, sizeof(to), "%s/%016llx.db.damaged-%llu", j->dir, (unsigned long long)g.first,
		(unsigned long long)now_s);
	bb_log(EV_JOURNAL_DAMAGED, BB_STR("file", to), BB_UINT("first", g.first),
		BB_UINT("last", g.last), BB_STR("error", text));
	if (j->o.on_damage)
		j->o.on_damage(j->o.arg, to, g.first, g.last);
}

/* ---- opening ---- */

static int by_first(const void *a, const void *b)
{
	const struct journal_gen *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void remember_aside(struct scan *s, uint64_t first)
{
	if (s->asides == s->asides_cap) {
		s->asides_cap = s->asides_cap ? 2 * s->asides_cap : 16;
		s->aside = bb_realloc(s->aside, s->asides_cap * sizeof(*s->aside));
	}
	s->aside[s->asides++] = first;
}

static void set_aside_now(struct bb_journal *j, struct scan *s, size_t i, const char *why)
{
	remember_aside(s, j->gen[i].first);
	journal_set_aside(j, i, why);
}

static void scan_name(struct bb_journal *j, struct scan *s, const char *name)
{
	char digits[NAME_DIGITS + 1];
	uint64_t first;
	char *end;

	if (strlen(name) < NAME_DIGITS + 3 || strspn(name, "0123456789abcdef") != NAME_DIGITS ||
		memcmp(name + NAME_DIGITS, ".db", 3) != 0)
		return;
	memcpy(digits, name, NAME_DIGITS);
	digits[NAME_DIGITS] = '\0';
	first = strtoull(digits, &end, 16);
	if (first == 0 || first > INT64_MAX / 2)
		return;
	name += NAME_DIGITS + 3;
	if (!*name && j->gens < GENERATIONS_MAX) {
		if (j->gens == j->gens_cap) {
			j->gens_cap = j->gens_cap ? 2 * j->gens_cap : 16;
			j->gen = bb_realloc(j->gen, j->gens_cap * sizeof(*j->gen));
		}
		j->gen[j->gens++] = (struct journal_gen){ .first = first };
	} else if (strncmp(name, ".damaged-", 9) == 0) {
		remember_aside(s, first);
	}
}

static int scan_folder(struct bb_journal *j, struct scan *s, struct bb_err *err)
{
	DIR *d = opendir(j->dir);
	struct dirent *e;

	if (!d)
		return bb_err_errno(err, "cannot read journal folder \"%s\"", j->dir);
	while ((e = readdir(d)))
		scan_name(j, s, e->d_name);
	closedir(d);
	if (j->gens)
		qsort(j->gen, j->gens, sizeof(*j->gen), by_first);
	return 0;
}

/* A generation that cannot be used may have held this many records. */
static uint64_t most_it_held(const struct bb_journal *j)
{
	return j->o.max_records > JOURNAL_RECORDS_MAX ? j->o.max_records : JOURNAL_RECORDS_MAX;
}

/* A newest file that cannot be read: go on behind every number it may have given out. */
static void jump_behind(struct bb_journal *j, struct scan *s, size_t i)
{
	j->gen[i].last = j->gen[i].first + most_it_held(j) - 1;
	if (i + 1 < j->gens)
		j->gen[i].last = j->gen[i + 1].first - 1;
	if (s->jump < j->gen[i].last)
		s->jump = j->gen[i].last;
}

/* Take the head of an older generation: number range, id, snapshot. */
static enum journal_fault look_at(struct bb_journal *j, size_t i, struct bb_err *err)
{
	uint64_t end = i + 1 < j->gens ? j->gen[i + 1].first : INT64_MAX;
	struct journal_file *f;
	enum journal_fault rc;
	uint64_t jseq;
	uint8_t *data;
	size_t len;

	rc = journal_reader_get(j, j->gen[i].first, &f, err);
	if (rc != JOURNAL_FINE)
		return rc;
	/* What lies behind the beginning of the next one was never acknowledged from here. */
	j->gen[i].last = f->last < end ? f->last : end - 1;
	if (journal_file_snapshot_read(f, &jseq, &data, &len, NULL) == JOURNAL_FINE && data) {
		j->snapshot_jseq = jseq;
		j->snapshot_file = j->gen[i].first;
		free(data);
	}
	return JOURNAL_FINE;
}

static void report_gap(struct bb_journal *j, const struct scan *s, uint64_t first, uint64_t last)
{
	/* The loss of a file set aside was reported when that happened. */
	for (size_t i = 0; i < s->asides; i++)
		if (s->aside[i] >= first && s->aside[i] <= last)
			return;
	bb_log(EV_JOURNAL_DAMAGED, BB_STR("file", j->dir), BB_UINT("first", first),
		BB_UINT("last", last), BB_STR("error", "records are missing"));
	if (j->o.on_damage)
		j->o.on_damage(j->o.arg, j->dir, first, last);
}

static bool count_record(void *arg, const struct bb_record *r)
{
	return true;
}

static void cursor_load(void *arg, const char *consumer, uint64_t jseq)
{
	bb_journal_cursor_set(arg, consumer, jseq);
}

/* SQLite's own look at its pages. */
static enum journal_fault quick_check(struct journal_file *f, struct bb_err *err)
{
	enum journal_fault fault = JOURNAL_FINE;
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(f->db, "PRAGMA quick_check(1)", -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW) {
		/* A disk or a memory that failed just now is no damage of the file. */
		fault = journal_file_fault(f, rc, "check", err);
	} else if (strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0) {
		bb_err_set(err, "journal \"%s\" is damaged: pages are wrong", f->path);
		fault = JOURNAL_FAULT_DAMAGED;
	}
	sqlite3_finalize(st);
	return fault;
}

/* Check every record of an open file; the chain hash of the last one goes to the writer. */
static enum journal_fault check_file(struct bb_journal *j, struct journal_file *f, uint64_t first,
	struct bb_err *err)
{
	enum journal_fault rc;
	size_t n = 0;

	if (f->head.first != first || memcmp(f->head.id, j->id, sizeof(j->id)) != 0) {
		bb_err_set(err, "journal \"%s\" does not belong here", f->path);
		return JOURNAL_FAULT_DAMAGED;
	}
	rc = quick_check(f, err);
	memcpy(j->w.chain, f->head.prev, sizeof(j->w.chain));
	if (rc == JOURNAL_FINE)
		rc = journal_file_read(f, first - 1, INT64_MAX, SIZE_MAX, j->w.chain, count_record,
			NULL, &n, err);
	if (rc == JOURNAL_FINE && first + n != f->last + 1) {
		bb_err_set(err, "journal \"%s\" is damaged: records are missing", f->path);
		rc = JOURNAL_FAULT_DAMAGED;
	}
	if (rc == JOURNAL_FINE)
		rc = journal_file_cursors(f, cursor_load, j, err);
	return rc;
}

/* Open the newest generation for writing. Where the disk refuses, it is at least read, and the
 * writer makes a new one. */
static enum journal_fault check_newest(struct bb_journal *j, struct bb_err *err)
{
	uint64_t first = j->gen[j->gens - 1].first;
	struct journal_writer *w = &j->w;
	bool writable = true;
	char path[JOURNAL_PATH_MAX];
	enum journal_fault rc;

	journal_path(j->dir, first, "", path);
	rc = journal_file_open(&w->file, path, JOURNAL_WRITE, err);
	if (rc == JOURNAL_FAULT_FULL && journal_reserve_free(w))
		rc = journal_file_open(&w->file, path, JOURNAL_WRITE, err);
	if (rc == JOURNAL_FAULT_FULL || rc == JOURNAL_FAULT_IO) {
		bb_copy(w->reason, sizeof(w->reason), err->text);
		writable = false;
		rc = journal_file_open(&w->file, path, journal_mode_of(j, first), err);
	}
	if (rc != JOURNAL_FINE)
		return rc;
	rc = check_file(j, &w->file, first, err);
	if (rc == JOURNAL_FINE)
		j->written = w->taken = w->file.last;
	if (rc == JOURNAL_FINE && writable)
		j->being_written = first;
	else
		journal_file_close(&w->file, false);
	return rc;
}

/* Without the newest file the cursors are those of the one before, which hold back more, not
 * less. */
static void load_older_cursors(struct bb_journal *j)
{
	struct journal_file *f;

	for (size_t i = j->gens; i-- > 0;)
		if (journal_reader_get(j, j->gen[i].first, &f, NULL) == JOURNAL_FINE &&
			journal_file_cursors(f, cursor_load, j, NULL) == JOURNAL_FINE)
			return;
}

/* Find the newest whole generation and open it for writing. Damaged ones are set aside; one that
 * cannot be read now stays. */
static void load_newest(struct bb_journal *j, struct scan *s)
{
	enum journal_fault rc = JOURNAL_FAULT_DAMAGED;

	while (j->gens && rc == JOURNAL_FAULT_DAMAGED) {
		size_t i = j->gens - 1;
		struct bb_err err = { 0 };

		rc = check_newest(j, &err);
		if (rc == JOURNAL_FINE)
			break;
		bb_copy(j->w.reason, sizeof(j->w.reason), err.text);
		jump_behind(j, s, i);
		j->written = j->gen[i].first - 1;
		if (rc == JOURNAL_FAULT_DAMAGED)
			set_aside_now(j, s, i, err.text);
		else
			bb_log(EV_NOTE, BB_ERRTEXT(&err));
	}
	if (rc != JOURNAL_FINE)
		load_older_cursors(j);
	if (j->w.taken < s->jump)
		j->w.taken = s->jump;
	/* Its numbers must not run into those that damaged files may have given out. */
	if (j->w.file.db && j->w.file.last < j->w.taken) {
		journal_file_close(&j->w.file, true);
		j->being_written = 0;
	}
	j->w.cursors_dirty = false;
}

static void take_id(struct bb_journal *j, struct scan *s)
{
	/* The oldest decides: a foreign file copied in is the newer one. */
	for (size_t i = 0; i < j->gens && !s->has_id; i++) {
		char path[JOURNAL_PATH_MAX];
		struct journal_file one;

		journal_path(j->dir, j->gen[i].first, "", path);
		if (journal_file_open(&one, path, JOURNAL_READ, NULL) != JOURNAL_FINE &&
			journal_file_open(&one, path, JOURNAL_STATIC, NULL) != JOURNAL_FINE)
			continue;
		s->has_id = one.head.first == j->gen[i].first;
		memcpy(j->id, one.head.id, sizeof(j->id));
		journal_file_close(&one, false);
	}
	if (!s->has_id)
		randombytes_buf(j->id, sizeof(j->id));
}

int journal_dir_load(struct bb_journal *j, struct bb_err *err)
{
	struct scan s = { 0 };
	int rc = scan_folder(j, &s, err);

	if (rc != 0)
		return rc;
	take_id(j, &s);
	load_newest(j, &s);
	for (size_t i = 0; i < j->gens;) {
		struct bb_err why = { 0 };
		enum journal_fault fault = look_at(j, i, &why);

		if (fault != JOURNAL_FINE)
			jump_behind(j, &s, i);
		if (fault == JOURNAL_FAULT_DAMAGED && j->gen[i].first != j->being_written)
			set_aside_now(j, &s, i, why.text);
		else
			i++;
	}
	for (size_t i = 0; i + 1 < j->gens; i++)
		if (j->gen[i].last + 1 < j->gen[i + 1].first)
			report_gap(j, &s, j->gen[i].last + 1, j->gen[i + 1].first - 1);
	free(s.aside);
	return 0;
}
