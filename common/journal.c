// SPDX-License-Identifier: Apache-2.0
/* The loop's side of a journal: opening, appending, the fate of records, retention. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/journal_internal.h"
#include "common/log.h"
#include "common/str.h"

enum {
	RETENTION_S = 30 * 24 * 3600,
	RESERVE_BYTES = 32 * 1024 * 1024,
};

void journal_path(const char *dir, uint64_t first, const char *suffix, char out[JOURNAL_PATH_MAX])
{
	snprintf(out, JOURNAL_PATH_MAX, "%s/%016llx.db%s", dir, (unsigned long long)first, suffix);
}

/* ---- open and close ---- */

/* A full or read-only disk must not keep the journal from being held: then the folder itself is
 * locked. */
static int take_lock(struct bb_journal *j, struct bb_err *err)
{
	char path[JOURNAL_PATH_MAX];

	snprintf(path, sizeof(path), "%s/lock", j->dir);
	j->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->lock_fd < 0)
		j->lock_fd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->lock_fd < 0)
		return bb_err_errno(err, "cannot open journal folder \"%s\"", j->dir);
	if (flock(j->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return bb_err_set(err, "journal \"%s\" is in use by another process", j->dir);
	return bb_err_errno(err, "cannot lock journal \"%s\"", j->dir);
}

static void note_apply(struct bb_journal *j, struct journal_note *n);

static void drain_notes(struct bb_journal *j)
{
	struct journal_note *n = journal_writer_notes(&j->w);
	bool readable = false;

	while (n) {
		struct journal_note *next = n->next;

		readable |= n->kind == NOTE_DURABLE || n->kind == NOTE_VOLATILE ||
			    n->kind == NOTE_WRITTEN;
		note_apply(j, n);
		free(n);
		n = next;
	}
	for (size_t i = 0; readable && i < j->hooks; i++)
		j->hook[i].cb(j->hook[i].arg);
}

static void on_event(void *arg, int fd, int what)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
		drain_notes(arg);
}

static int open_dir(struct bb_journal *j, struct bb_err *err)
{
	if (!bb_copy(j->dir, sizeof(j->dir), j->o.dir) ||
		!bb_copy(j->w.dir, sizeof(j->w.dir), j->dir))
		return bb_err_set(err, "journal path \"%s\" is too long", j->o.dir);
	if (mkdir(j->dir, 0700) != 0 && errno != EEXIST)
		return bb_err_errno(err, "cannot make journal folder \"%s\"", j->dir);
	return take_lock(j, err);
}

struct bb_journal *bb_journal_open(struct bb_loop *loop, const struct bb_journal_options *o,
	struct bb_err *err)
{
	struct bb_journal *j = bb_calloc(1, sizeof(*j));

	j->loop = loop;
	j->o = *o;
	j->o.max_records = o->max_records ? o->max_records : JOURNAL_RECORDS_MAX;
	j->o.retention_s = o->retention_s ? o->retention_s : RETENTION_S;
	j->o.reserve_bytes = o->reserve_bytes ? o->reserve_bytes : RESERVE_BYTES;
	j->lock_fd = -1;
	j->w.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	j->w.max_records = j->o.max_records;
	j->w.reserve_bytes = j->o.reserve_bytes;
	journal_writer_init(&j->w);
	if (sodium_init() < 0 || j->w.event_fd < 0) {
		bb_err_errno(err, "cannot prepare journal \"%s\"", o->dir);
		goto bad;
	}
	if (open_dir(j, err) != 0 || journal_dir_load(j, err) != 0)
		goto bad;
	memcpy(j->w.id, j->id, sizeof(j->id));
	j->w.written = j->written;
	j->head = j->w.taken;
	j->next = j->head + 1;
	journal_writer_first(&j->w);
	drain_notes(j);
	j->watch = bb_loop_add_fd(loop, j->w.event_fd, BB_READ, on_event, j);
	if (journal_writer_start(&j->w, err) != 0)
		goto bad;
	return j;
bad:
	j->w.stopped = true;
	bb_journal_close(j);
	return NULL;
}

/* Everything the writer has let go of, without telling anybody. */
static void free_notes(struct bb_journal *j)
{
	struct journal_note *n = journal_writer_notes(&j->w);

	while (n) {
		struct journal_note *next = n->next;

		/* Entries of NOTE_VOLATILE are still the backlog's. */
		for (size_t i = 0; n->kind != NOTE_VOLATILE && i < n->n; i++)
			free(n->entry[i]);
		free(n);
		n = next;
	}
}

void bb_journal_close(struct bb_journal *j)
{
	bool ended;

	if (!j)
		return;
	ended = j->w.stopped || journal_writer_stop(&j->w);
	bb_loop_cancel(j->watch);
	journal_readers_close(j, 0);
	if (!ended) {
		/* The thread hangs in the disk with our memory in its hands; the process is
		 * about to end. */
		bb_log(EV_NOTE, BB_STR("journal", j->dir), BB_STR("text", "the disk hangs"));
		return;
	}
	free_notes(j);
	journal_file_close(&j->w.file, true);
	journal_writer_fini(&j->w);
	if (j->w.event_fd >= 0)
		close(j->w.event_fd);
	if (j->lock_fd >= 0)
		close(j->lock_fd);
	free(j->gen);
	free(j->ring);
	free(j);
}

/* ---- what the writer tells ---- */

static void ring_put(struct bb_journal *j, struct journal_entry *e)
{
	if (!j->ring)
		j->ring = bb_calloc(JOURNAL_RING, sizeof(*j->ring));
	if (j->ring_first == j->ring_end)
		j->ring_first = j->ring_end = e->r.jseq;
	/* The writer drops the oldest only after announcing the newest. */
	if (j->ring_end - j->ring_first >= JOURNAL_RING)
		j->ring_first = j->ring_end - JOURNAL_RING + 1;
	j->ring[e->r.jseq % JOURNAL_RING] = e;
	j->ring_end = e->r.jseq + 1;
}

/* The writer has let go of an entry the ring showed. */
static void ring_drop(struct bb_journal *j, struct journal_entry *e)
{
	if (j->ring_first <= e->r.jseq)
		j->ring_first = e->r.jseq + 1;
	if (j->ring_first >= j->ring_end) {
		j->ring_first = j->ring_end = 0;
		free(j->ring);
		j->ring = NULL;
	}
	free(e);
}

static void apply_entries(struct bb_journal *j, struct journal_note *n)
{
	for (size_t i = 0; i < n->n; i++) {
		struct journal_entry *e = n->entry[i];
		bool fresh = n->kind == NOTE_DURABLE || n->kind == NOTE_VOLATILE;
		bb_journal_done_cb done = e->done;
		uint64_t jseq = e->r.jseq;
		void *arg = e->arg;

		if (fresh)
			j->head = jseq;
		if (n->kind != NOTE_VOLATILE && n->kind != NOTE_DROPPED)
			j->written = jseq;
		if (n->kind == NOTE_VOLATILE)
			ring_put(j, e);
		else if (n->kind == NOTE_DURABLE)
			free(e);
		else
			ring_drop(j, e);
		if (fresh && done)
			done(arg, jseq, n->kind == NOTE_DURABLE);
	}
}

static void apply_file(struct bb_journal *j, const struct journal_note *n)
{
	char path[JOURNAL_PATH_MAX];

	journal_path(j->dir, n->number, "", path);
	bb_log(EV_JOURNAL_NEW, BB_STR("file", path), BB_STR("why", n->err.text));
	if (j->snapshot_file == n->number)
		j->snapshot_file = j->snapshot_jseq = 0;
	journal_gen_add(j, n->number);
	j->being_written = n->number;
	for (size_t i = 0; j->abandoning && i + 1 < j->gens; i++)
		if (j->gen[i].first == j->abandoning)
			journal_set_aside(j, i, "found while reading");
	j->abandoning = 0;
}

static void apply_health(struct bb_journal *j, const struct journal_note *n)
{
	static const enum bb_event_id event[] = {
		[BB_JOURNAL_OK] = EV_JOURNAL_RECOVERED,
		[BB_JOURNAL_EMERGENCY] = EV_JOURNAL_EMERGENCY,
		[BB_JOURNAL_TIGHT] = EV_NOTE,
	};

	j->health = n->health;
	if (n->health == BB_JOURNAL_EMERGENCY)
		j->being_written = 0;
	bb_log(event[n->health], BB_STR("journal", j->dir), BB_ERRTEXT(&n->err));
	if (j->o.on_health)
		j->o.on_health(j->o.arg, n->health, &n->err);
}

static void note_apply(struct bb_journal *j, struct journal_note *n)
{
	switch (n->kind) {
	case NOTE_DURABLE:
	case NOTE_VOLATILE:
	case NOTE_WRITTEN: apply_entries(j, n); break;
	case NOTE_DROPPED:
		if (j->o.on_damage)
			j->o.on_damage(j->o.arg, j->dir, n->entry[0]->r.jseq,
				n->entry[n->n - 1]->r.jseq);
		apply_entries(j, n);
		break;
	case NOTE_FILE: apply_file(j, n); break;
	case NOTE_SNAPSHOT:
		j->snapshot_jseq = n->number;
		j->snapshot_file = n->file;
		break;
	case NOTE_HEALTH: apply_health(j, n); break;
	}
}

/* ---- the public face ---- */

const uint8_t *bb_journal_id(const struct bb_journal *j)
{
	return j->id;
}

uint64_t bb_journal_head(const struct bb_journal *j)
{
	return j->head;
}

uint64_t bb_journal_next(const struct bb_journal *j)
{
	return j->next;
}

uint64_t bb_journal_first(const struct bb_journal *j)
{
	if (j->gens)
		return j->gen[0].first;
	return j->ring ? j->ring_first : j->next;
}

enum bb_journal_health bb_journal_health(const struct bb_journal *j)
{
	return j->health;
}

size_t bb_journal_queue_depth(const struct bb_journal *j)
{
	return (size_t)(j->next - 1 - j->head);
}

uint64_t bb_journal_append(struct bb_journal *j, uint32_t type, const void *data, size_t len,
	bb_journal_done_cb done, void *arg)
{
	struct journal_entry *e;
	uint8_t *copy;

	bb_assert(len <= JOURNAL_DATA_MAX);
	e = bb_calloc(1, sizeof(*e) + len);
	copy = (uint8_t *)(e + 1);
	if (len)
		memcpy(copy, data, len);
	e->r = (struct bb_record){ .jseq = j->next++, .type = type, .data = copy, .len = len };
	e->done = done;
	e->arg = arg;
	journal_writer_queue(&j->w, e);
	return j->next - 1;
}

void bb_journal_on_commit(struct bb_journal *j, void (*cb)(void *arg), void *arg)
{
	bb_assert(j->hooks < sizeof(j->hook) / sizeof(j->hook[0]));
	j->hook[j->hooks].cb = cb;
	j->hook[j->hooks++].arg = arg;
}

void bb_journal_off_commit(struct bb_journal *j, void (*cb)(void *arg), void *arg)
{
	for (size_t i = 0; i < j->hooks; i++)
		if (j->hook[i].cb == cb && j->hook[i].arg == arg)
			j->hook[i] = j->hook[--j->hooks];
}

void bb_journal_snapshot_put(struct bb_journal *j, uint64_t jseq, const void *data, size_t len)
{
	uint8_t *copy, *old;

	bb_assert(len <= JOURNAL_SNAPSHOT_MAX);
	copy = bb_malloc(len + 1);
	if (len)
		memcpy(copy, data, len);
	pthread_mutex_lock(&j->w.lock);
	old = j->w.snapshot;
	j->w.snapshot = copy;
	j->w.snapshot_len = len;
	j->w.snapshot_jseq = jseq;
	pthread_cond_signal(&j->w.wake);
	pthread_mutex_unlock(&j->w.lock);
	free(old);
}

static struct journal_cursor *cursor_find(struct journal_writer *w, const char *consumer)
{
	for (size_t i = 0; i < w->cursors; i++)
		if (strcmp(w->cursor[i].consumer, consumer) == 0)
			return &w->cursor[i];
	return NULL;
}

bool bb_journal_cursor_set(struct bb_journal *j, const char *consumer, uint64_t jseq)
{
	struct journal_writer *w = &j->w;
	struct journal_cursor *c;
	bool ok = strlen(consumer) < JOURNAL_NAME_MAX;

	pthread_mutex_lock(&w->lock);
	c = cursor_find(w, consumer);
	ok = ok && (c || w->cursors < JOURNAL_CURSORS_MAX);
	if (ok && !c) {
		c = &w->cursor[w->cursors++];
		*c = (struct journal_cursor){ .jseq = UINT64_MAX };
		bb_copy(c->consumer, sizeof(c->consumer), consumer);
	}
	if (ok && c->jseq != jseq) {
		c->jseq = jseq;
		w->cursors_dirty = true;
		pthread_cond_signal(&w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	return ok;
}

uint64_t bb_journal_cursor_get(struct bb_journal *j, const char *consumer)
{
	/* Only this thread changes cursors. */
	const struct journal_cursor *c = cursor_find(&j->w, consumer);

	return c ? c->jseq : 0;
}

/* May the oldest generation go? It is closed, below every cursor, older than the retention, and
 * a newer snapshot exists. */
static bool may_remove(struct bb_journal *j, const struct journal_gen *g, const char *path)
{
	struct stat st;

	if (j->snapshot_file <= g->first || j->snapshot_jseq < g->last)
		return false;
	for (size_t i = 0; i < j->w.cursors; i++)
		if (j->w.cursor[i].jseq < g->last)
			return false;
	if (stat(path, &st) != 0)
		return false;
	return (uint64_t)st.st_mtime + j->o.retention_s < bb_clock_real_us() / 1000000;
}

void bb_journal_retain(struct bb_journal *j)
{
	static const char *const suffix[] = { "-wal", "-shm", "" };
	char path[JOURNAL_PATH_MAX];

	while (j->gens > 1) {
		journal_path(j->dir, j->gen[0].first, "", path);
		if (!may_remove(j, &j->gen[0], path))
			break;
		journal_readers_close(j, j->gen[0].first);
		for (size_t i = 0; i < 3; i++) {
			journal_path(j->dir, j->gen[0].first, suffix[i], path);
			unlink(path);
		}
		j->gens--;
		memmove(j->gen, j->gen + 1, j->gens * sizeof(j->gen[0]));
	}
	pthread_mutex_lock(&j->w.lock);
	j->w.want_reserve = true;
	pthread_cond_signal(&j->w.wake);
	pthread_mutex_unlock(&j->w.lock);
	journal_scrub(j);
}
