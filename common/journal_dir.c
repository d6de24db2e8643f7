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
	struct journal_gen *aside; /* set aside earlier */
	size_t asides, asides_cap;
	bool is_resumed; /* a repair was finished just now */
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

void journal_put_aside(struct bb_journal *j, uint64_t first, uint64_t last,
	char to[JOURNAL_ASIDE_MAX])
{
	static const char *const suffix[] = { "", "-wal", "-shm" };
	char from[JOURNAL_PATH_MAX], name[JOURNAL_ASIDE_MAX + 8];

	snprintf(to, JOURNAL_ASIDE_MAX, "%s/%016llx.db.damaged-%llu.%016llx", j->dir,
		(unsigned long long)first, (unsigned long long)(bb_clock_real_us() / 1000000),
		(unsigned long long)last);
	for (size_t s = 0; s < 3; s++) {
		journal_path(j->dir, first, suffix[s], from);
		snprintf(name, sizeof(name), "%s%s", to, suffix[s]);
		if (rename(from, name) != 0 && s == 0 && errno != ENOENT)
			bb_log(EV_NOTE, BB_STR("file", from), BB_STR("text", "cannot be renamed"));
	}
}

/* The files of the repair take the place of generation i. */
static void replace_gen(struct bb_journal *j, size_t i, const struct journal_repaired *r)
{
	size_t after = j->gens - i - 1;

	if (j->gens + r->n > j->gens_cap) {
		j->gens_cap = j->gens + r->n + 16;
		j->gen = bb_realloc(j->gen, j->gens_cap * sizeof(*j->gen));
	}
	memmove(&j->gen[i + r->n], &j->gen[i + 1], after * sizeof(*j->gen));
	memcpy(&j->gen[i], r->segment, r->n * sizeof(*j->gen));
	j->gens = i + r->n + after;
}

bool journal_set_aside(struct bb_journal *j, size_t i, const char *why)
{
	struct journal_gen g = j->gen[i];
	char to[JOURNAL_ASIDE_MAX], text[BB_ERR_MAX];
	struct journal_repaired r;

	bb_copy(text, sizeof(text), why);
	journal_readers_close(j, g.first);
	journal_repair(j, i, &r);
	if (r.n == 0)
		journal_put_aside(j, g.first, g.last, to);
	else if (journal_repair_finish(j, g.first, r.last, to) != 0)
		bb_log(EV_NOTE, BB_STR("file", to), BB_STR("text", "its repair cannot be put in place"));
	if (j->snapshot_file == g.first)
		j->snapshot_file = j->snapshot_jseq = 0;
	if (r.snapshot_jseq > j->snapshot_jseq) {
		j->snapshot_jseq = r.snapshot_jseq;
		j->snapshot_file = r.segment[r.n - 1].first;
	}
	replace_gen(j, i, &r);
	bb_log(EV_JOURNAL_DAMAGED, BB_STR("file", to), BB_UINT("first", r.missing_first),
		BB_UINT("last", r.missing_last), BB_STR("error", text));
	if (j->o.on_damage)
		j->o.on_damage(j->o.arg, to, r.missing_first, r.missing_last);
	return r.is_whole;
}

/* ---- opening ---- */

static int by_first(const void *a, const void *b)
{
	const struct journal_gen *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void remember_aside(struct scan *s, uint64_t first, uint64_t last)
{
	if (s->asides == s->asides_cap) {
		s->asides_cap = s->asides_cap ? 2 * s->asides_cap : 16;
		s->aside = bb_realloc(s->aside, s->asides_cap * sizeof(*s->aside));
	}
	s->aside[s->asides++] = (struct journal_gen){ .first = first, .last = last };
}

static bool set_aside_now(struct bb_journal *j, struct scan *s, size_t i, const char *why)
{
	remember_aside(s, j->gen[i].first, j->gen[i].last);
	return journal_set_aside(j, i, why);
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
		const char *last = strchr(name + 9, '.');
		remember_aside(s, first, last ? strtoull(last + 1, NULL, 16) : first);
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

/* The loss of a file set aside was reported when that happened. */
static bool is_reported(const struct scan *s, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < s->asides && !s->is_resumed; i++)
		if (s->aside[i].last >= first && s->aside[i].first <= last)
			return true;
	return false;
}

static void report_gap(struct bb_journal *j, uint64_t first, uint64_t last)
{
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
	rc = journal_file_check(f, err);
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
		uint64_t jump = s->jump;
		jump_behind(j, s, i);
		j->written = j->gen[i].first - 1;
		if (rc != JOURNAL_FAULT_DAMAGED)
			bb_log(EV_NOTE, BB_ERRTEXT(&err));
		else if (set_aside_now(j, s, i, err.text))
			s->jump = jump;
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

/* A generation that ends early: is it the file, or is one missing behind it? */
static bool ends_wrongly(struct bb_journal *j, size_t i, struct bb_err *err)
{
	struct journal_file *f;

	return journal_reader_get(j, j->gen[i].first, &f, err) == JOURNAL_FINE &&
	       journal_file_check(f, err) == JOURNAL_FAULT_DAMAGED;
}

static void look_at_gaps(struct bb_journal *j, struct scan *s)
{
	for (size_t i = 0; i + 1 < j->gens; i++) {
		uint64_t first = j->gen[i].last + 1, last = j->gen[i + 1].first - 1;
		struct bb_err why = { 0 };

		if (first > last || is_reported(s, first, last))
			continue;
		if (!ends_wrongly(j, i, &why)) {
			report_gap(j, first, last);
			continue;
		}
		j->gen[i].last = last;
		set_aside_now(j, s, i, why.text);
	}
}

int journal_dir_load(struct bb_journal *j, struct bb_err *err)
{
	struct scan s = { 0 };

	s.is_resumed = journal_repair_resume(j);
	int rc = scan_folder(j, &s, err);

	if (rc != 0)
		return rc;
	take_id(j, &s);
	/* The process may have died before the next file was made. */
	for (size_t i = 0; i < s.asides; i++)
		if (s.jump < s.aside[i].last)
			s.jump = s.aside[i].last;
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
	look_at_gaps(j, &s);
	free(s.aside);
	return 0;
}
