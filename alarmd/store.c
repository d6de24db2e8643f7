// SPDX-License-Identifier: Apache-2.0
#include "alarmd/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alarmd/lost.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

#define CRITICAL         BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL
#define MAJOR            BUSBAR__V1__SEVERITY__SEVERITY_MAJOR
#define REPLAY_BATCH     1000
#define LOST_MS          1000 /* that evaluation may stand still for a damaged file */
#define SNAPSHOT_RECORDS 100000 /* a restart reads at most so many */

/* What waits for a record to be durable, in jseq order. */
struct pending {
	struct pending *next;
	uint64_t jseq;
	char *topic; /* an alarm to tell, or NULL: */
	bool is_over;
	uint8_t *body;
	size_t len;
	store_done cb; /* a command to answer */
	void *arg;
};

struct store {
	struct store_options o;
	struct bb_loop *loop;
	struct bb_journal *journal;
	struct core *core;
	struct bb_arena *arena;
	struct bb_watch *snapshot_timer, *retain_timer;
	struct pending *first, **last;
	uint64_t durable;
	uint64_t snapshot_at; /* newest record in the newest snapshot */
	uint8_t *snapshot;    /* taken, but not all of it is durable yet */
	size_t snapshot_len;
	bool last_durable; /* the newest done callback was for a record on disk */
	bool is_new;
	uint64_t missing;  /* first record a damaged file held; 0: none */
	struct lost *lost;
	char aside[512];  /* journal set aside at this start, or "" */
	char damage[500];
};

static void on_health(void *arg, enum bb_journal_health health, const struct bb_err *err)
{
	struct store *s = arg;
	const char *why = err && err->text[0] ? err->text : "the disk of the alarm journal";

	s->o.trouble(s->o.arg, "journal_emergency", health == BB_JOURNAL_EMERGENCY ? CRITICAL : 0,
		why);
	s->o.trouble(s->o.arg, "journal_tight", health == BB_JOURNAL_TIGHT ? MAJOR : 0, why);
}

/* Told at open, before there is anybody to tell, or when a closed file is read or looked through. */
static void on_damage(void *arg, const char *file, uint64_t first, uint64_t last)
{
	struct store *s = arg;
	char what[100] = "all its records were put back";

	if (first)
		snprintf(what, sizeof(what), "records %" PRIu64 " to %" PRIu64 " are missing", first,
			last);
	if (first && !s->core && (!s->missing || first < s->missing))
		s->missing = first;
	snprintf(s->damage, sizeof(s->damage),
		"journal file \"%s\" is damaged and was set aside: %s; keep the file and check the disk",
		file, what);
	if (s->core && s->lost)
		lost_rest(s->lost, LOST_MS);
	if (s->core)
		s->o.trouble(s->o.arg, "journal_damaged", CRITICAL, s->damage);
}

static void on_lost(void *arg, const uint8_t id[16], uint64_t first, uint64_t last,
	void (*put)(void *to, const struct bb_record *r), void *to)
{
	struct store *s = arg;

	if (s->lost)
		lost_ask(s->lost, id, first, last, put, to);
}

static void path_in(const struct store *s, const char *leaf, char *out, size_t cap)
{
	snprintf(out, cap, "%s/%s", s->o.lib, leaf);
}

/* The database was ahead of the journal when we last ran: put the journal aside, its numbers must
 * not be used twice. */
static int set_aside(struct store *s, struct bb_err *err)
{
	char marker[400], dir[400];

	path_in(s, "journal.abandoned", marker, sizeof(marker));
	if (access(marker, F_OK) < 0)
		return 0;
	path_in(s, "journal", dir, sizeof(dir));
	snprintf(s->aside, sizeof(s->aside), "%s.behind-%" PRIu64, dir,
		bb_clock_real_us() / 1000000);
	if (rename(dir, s->aside) < 0 && errno != ENOENT)
		return bb_err_errno(err, "cannot rename \"%s\"", dir);
	if (unlink(marker) < 0)
		return bb_err_errno(err, "cannot remove \"%s\"", marker);
	bb_log(EV_JOURNAL_NEW, BB_STR("aside", s->aside),
		BB_STR("reason", "the database held records this journal did not"));
	return 0;
}

/* Hand the kept snapshot over once everything in it is durable. */
static void snapshot_put(struct store *s)
{
	if (!s->snapshot || s->durable < s->snapshot_at || !s->last_durable)
		return;
	bb_journal_snapshot_put(s->journal, s->snapshot_at, s->snapshot, s->snapshot_len);
	free(s->snapshot);
	s->snapshot = NULL;
}

static void take_snapshot(void *arg)
{
	struct store *s = arg;
	uint64_t newest = bb_journal_next(s->journal) - 1;

	if (!s->core || newest == s->snapshot_at)
		return;
	free(s->snapshot);
	core_snapshot(s->core, &s->snapshot, &s->snapshot_len);
	s->snapshot_at = newest;
	snapshot_put(s);
}

static void on_retain(void *arg)
{
	struct store *s = arg;

	bb_journal_retain(s->journal);
}

static struct bb_journal *journal_open(struct store *s, const char *dir, struct bb_err *err)
{
	struct bb_journal_options jo = { .dir = dir,
		.max_records = s->o.journal_records,
		.on_health = on_health,
		.on_damage = on_damage,
		.lost = on_lost,
		.arg = s };

	return bb_journal_open(s->loop, &jo, err);
}

struct store *store_open(struct bb_loop *loop, const struct store_options *o, struct bb_err *err)
{
	struct store *s = bb_calloc(1, sizeof(*s));
	char dir[400];

	s->o = *o;
	s->loop = loop;
	s->last = &s->first;
	s->last_durable = true;
	s->arena = bb_arena_new(16384, 0);
	path_in(s, "journal", dir, sizeof(dir));
	s->lost = o->database ? lost_new(o->database) : NULL;
	if (set_aside(s, err) < 0 || !(s->journal = journal_open(s, dir, err))) {
		store_close(s);
		return NULL;
	}
	s->is_new = bb_journal_head(s->journal) == 0;
	s->durable = bb_journal_head(s->journal);
	s->snapshot_timer = bb_loop_every(loop, o->snapshot_ms, take_snapshot, s);
	s->retain_timer = bb_loop_every(loop, 60000, on_retain, s);
	return s;
}

static void pending_free(struct pending *p)
{
	free(p->topic);
	free(p->body);
	free(p);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	bb_loop_cancel(s->snapshot_timer);
	bb_loop_cancel(s->retain_timer);
	if (s->journal) {
		take_snapshot(s);
		bb_journal_close(s->journal);
	}
	for (struct pending *p = s->first, *next; p; p = next) {
		next = p->next;
		if (p->cb)
			p->cb(p->arg, false);
		pending_free(p);
	}
	lost_free(s->lost);
	bb_arena_free(s->arena);
	free(s->snapshot);
	free(s);
}

struct bb_journal *store_journal(const struct store *s)
{
	return s->journal;
}

uint64_t store_missing(const struct store *s)
{
	return s->missing;
}

/* It stands as long as the file lies there or its numbers are missing: until retention reaches them. */
const char *store_damage(struct store *s)
{
	char dir[400];
	DIR *d;

	path_in(s, "journal", dir, sizeof(dir));
	d = opendir(dir);
	for (struct dirent *e; !s->damage[0] && d && (e = readdir(d));)
		if (strstr(e->d_name, ".damaged-"))
			snprintf(s->damage, sizeof(s->damage),
				"a damaged file of the alarm journal was set aside: \"%.160s\"; keep it elsewhere and check the disk",
				e->d_name);
	if (d)
		closedir(d);
	return s->damage[0] ? s->damage : NULL;
}

bool store_is_new(const struct store *s)
{
	return s->is_new;
}

uint64_t store_durable(const struct store *s)
{
	return s->durable;
}

bool store_is_durable(const struct store *s)
{
	return bb_journal_health(s->journal) != BB_JOURNAL_EMERGENCY;
}

uint64_t store_next_jseq(void *store)
{
	struct store *s = store;

	return bb_journal_next(s->journal);
}

static void enqueue(struct store *s, struct pending *p)
{
	*s->last = p;
	s->last = &p->next;
}

static void on_done(void *arg, uint64_t jseq, bool durable)
{
	struct store *s = arg;

	s->durable = jseq;
	s->last_durable = durable;
	while (s->first && s->first->jseq <= jseq) {
		struct pending *p = s->first;
		s->first = p->next;
		if (!s->first)
			s->last = &s->first;
		if (p->topic)
			s->o.alarm(s->o.arg, p->topic, p->body, p->len, p->is_over);
		else
			p->cb(p->arg, durable);
		pending_free(p);
	}
	s->o.durable(s->o.arg, jseq);
	snapshot_put(s);
	if (jseq >= s->snapshot_at + SNAPSHOT_RECORDS)
		take_snapshot(s);
}

uint64_t store_append(void *store, const Busbar__V1__Transition *t)
{
	struct store *s = store;
	struct pending *p = bb_calloc(1, sizeof(*p));
	char topic[512];
	size_t len;
	const uint8_t *data = bb_pack(s->arena, t, &len);

	uint64_t jseq = bb_journal_append(s->journal, STORE_TRANSITION, data, len, on_done, s);
	if (t->feed) {
		/* An event is no alarm: nobody is told but those who read the log. */
		free(p);
		bb_arena_reset(s->arena);
		return jseq;
	}
	data = bb_pack(s->arena, t->alarm, &len);
	bb_topic(topic, sizeof(topic), "alarm", t->alarm->key, t->alarm->rule);
	p->jseq = jseq;
	p->topic = bb_strdup(topic);
	p->body = bb_malloc(len ? len : 1);
	memcpy(p->body, data, len);
	p->len = len;
	p->is_over = t->to == BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
	enqueue(s, p);
	bb_arena_reset(s->arena);
	return jseq;
}

void store_wait(struct store *s, uint64_t jseq, store_done cb, void *arg)
{
	if (jseq <= s->durable) {
		cb(arg, s->last_durable);
		return;
	}
	struct pending *p = bb_calloc(1, sizeof(*p));
	p->jseq = jseq;
	p->cb = cb;
	p->arg = arg;
	enqueue(s, p);
}

/* ---- start ---- */

struct replay {
	struct core *core;
	struct bb_arena *arena;
	uint64_t last, bad;
	bool is_carried; /* journalled again instead of taken up */
};

static bool replay_record(void *arg, const struct bb_record *r)
{
	struct replay *rp = arg;

	rp->last = r->jseq;
	if (r->type != STORE_TRANSITION)
		return true;
	const Busbar__V1__Transition *t = bb_unpack_transition(rp->arena, r->data, r->len, NULL);
	if (t)
		core_replay(rp->core, t);
	else
		rp->bad++;
	bb_arena_reset(rp->arena);
	return true;
}

static int replay_journal(struct bb_journal *j, struct core *c, uint64_t *snapshot_at,
	uint64_t *bad, struct bb_err *err)
{
	struct replay rp = { .core = c, .arena = bb_arena_new(16384, 0) };
	uint8_t *snapshot = NULL;
	size_t len = 0;
	int n = bb_journal_snapshot_get(j, &rp.last, &snapshot, &len, err);

	/* Without a usable snapshot the records tell the same from the beginning. */
	if (n == 1 && core_restore(c, snapshot, len, err) < 0)
		n = -1;
	if (n < 0)
		bb_log(EV_NOTE,
			BB_STR("text",
				"snapshot of the alarm set is not usable; reading all records"),
			BB_ERRTEXT(err));
	if (n != 1)
		rp.last = 0;
	*snapshot_at = rp.last;
	free(snapshot);
	do
		n = bb_journal_read(j, rp.last, REPLAY_BATCH, replay_record, &rp, err);
	while (n > 0);
	*bad = rp.bad;
	bb_arena_free(rp.arena);
	return n;
}

/* Journal the open alarms of the journal set aside again in the new one, under their old ids. */
static int carry_over(struct store *s, struct core *c, struct bb_err *err)
{
	struct core_env none = { .journal_id = bb_journal_id(s->journal),
		.boot_id = bb_clock_boot_id() };
	struct core *old = core_new(&none, 0);
	struct bb_journal *j = journal_open(s, s->aside, err);
	uint64_t bad, unused, now_ns = bb_clock_boot_ns();
	int rc = j ? replay_journal(j, old, &unused, &bad, err) : -1;

	for (struct device *d = core_devices(old); rc >= 0 && d; d = d->next) {
		for (struct alarm *a = d->alarms; a; a = a->next) {
			Busbar__V1__Alarm m;
			char id[ALARM_ID_CHARS];
			core_alarm_message(a, &m, id);
			core_carry(c, &m, now_ns);
		}
	}
	if (j)
		bb_journal_close(j);
	core_free(old);
	return rc < 0 ? -1 : 0;
}

int store_replay(struct store *s, struct core *c, struct bb_err *err)
{
	uint64_t bad = 0;

	if (s->aside[0] && carry_over(s, c, err) < 0)
		bb_log(EV_JOURNAL_DAMAGED, BB_STR("file", s->aside), BB_ERRTEXT(err));
	if (replay_journal(s->journal, c, &s->snapshot_at, &bad, err) < 0)
		return bb_err_prefix(err, "cannot read the journal");
	if (bad)
		bb_log(EV_JOURNAL_DAMAGED, BB_STR("file", s->o.lib), BB_UINT("undecodable", bad));
	s->core = c;
	if (s->lost)
		lost_rest(s->lost, LOST_MS);
	return 0;
}

int store_abandon(struct store *s, struct bb_err *err)
{
	char marker[400];

	path_in(s, "journal.abandoned", marker, sizeof(marker));
	int fd = open(marker, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return bb_err_errno(err, "cannot make \"%s\"", marker);
	int rc = fsync(fd);
	close(fd);
	return rc < 0 ? bb_err_errno(err, "cannot sync \"%s\"", marker) : 0;
}
