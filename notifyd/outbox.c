// SPDX-License-Identifier: Apache-2.0
#include "notifyd/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/table.h"
#include "notifyd/outbox_record.h"
#include "notifyd/route.h"

enum {
	SNAPSHOT_RECORDS = 10000,
	MAINTAIN_MS = 60000,
	CURSOR_MS = 100, /* how long a cursor without tasks may wait for company */
	READ_MAX = 4096,
};

TAILQ_HEAD(task_list, task);
TAILQ_HEAD(pending_list, pending);

/* An appended record whose fate is awaited: tasks that come, or one that begins. */
struct pending {
	TAILQ_ENTRY(pending) link;
	struct outbox *o;
	uint64_t taken;                        /* 0: not the last record of its input */
	void (*cb)(void *arg, struct task *t); /* not NULL: task[0] begins */
	void *arg;
	size_t n;
	struct task *task[OUTBOX_TASKS_MAX];
};

struct outbox {
	struct outbox_options o;
	struct bb_journal *journal;
	struct task_list tasks;
	struct pending_list pending;
	struct bb_table *by_id, *by_key;
	size_t open;
	uint8_t cursor_id[16];
	uint64_t cursor; /* of the newest record appended */
	uint64_t next_id;
	uint64_t sent, failed, suppressed;
	uint64_t records; /* since the last snapshot */
	uint64_t start_ns;
	uint64_t idle_jseq; /* taken, without tasks, not yet recorded; 0 = none */
	struct bb_watch *idle, *maintain;
	struct bb_arena *arena;
};

/* ---- tasks ---- */

static void topic_drop(struct task_topic *p)
{
	if (--p->refs == 0)
		free(p);
}

static struct task_topic *topic_new(const void *transition, size_t len, uint64_t queued_ns)
{
	struct task_topic *p = bb_calloc(1, sizeof(*p) + len);

	p->refs = 1;
	p->queued_ns = queued_ns;
	p->len = len;
	if (len)
		memcpy(p->transition, transition, len);
	return p;
}

static struct task *task_new(struct outbox *o, const struct task *from, struct task_topic *topic)
{
	size_t name = strlen(from->name) + 1, address = strlen(from->address) + 1;
	struct task *t = bb_calloc(1, sizeof(*t) + name + address);
	char *text = (char *)(t + 1);

	*t = *from;
	memcpy(text, from->name, name);
	memcpy(text + name, from->address, address);
	t->name = text;
	t->address = text + name;
	t->topic = topic;
	topic->refs++;
	TAILQ_INSERT_TAIL(&o->tasks, t, link);
	bb_table_put_u64(o->by_id, t->id, t);
	bb_table_put_n(o->by_key, t->key, sizeof(t->key), t);
	o->open++;
	if (o->next_id <= t->id)
		o->next_id = t->id + 1;
	return t;
}

static void task_free(struct outbox *o, struct task *t)
{
	TAILQ_REMOVE(&o->tasks, t, link);
	bb_table_del_u64(o->by_id, t->id);
	bb_table_del_n(o->by_key, t->key, sizeof(t->key));
	o->open--;
	topic_drop(t->topic);
	free(t);
}

static bool is_end(unsigned step)
{
	return step != BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_QUEUED &&
	       step != BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SENDING;
}

static void count_end(struct outbox *o, unsigned step)
{
	o->sent += step == BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SENT;
	o->failed += step == BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_FAILED;
	o->suppressed += step == BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SUPPRESSED ||
			 step == BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SUPERSEDED;
}

/* ---- loading ---- */

static void load_cursor(struct outbox *o, const ProtobufCBinaryData *id, uint64_t jseq)
{
	if (id->len != sizeof(o->cursor_id))
		return;
	memcpy(o->cursor_id, id->data, id->len);
	o->cursor = jseq;
}

/* Tasks of a record or snapshot. What cannot be understood any more is dropped loudly, the rest
 * goes on. */
static void load_queued(struct outbox *o, const Busbar__V1__OutboxQueued *q)
{
	bool same_boot =
		q->boot_id.len == 16 && memcmp(q->boot_id.data, bb_clock_boot_id(), 16) == 0;
	struct task_topic *topic = topic_new(q->transition.data, q->transition.len,
		same_boot ? q->queued_boot_ns : o->start_ns);
	const Busbar__V1__Transition *t =
		bb_unpack_transition(o->arena, q->transition.data, q->transition.len, NULL);

	for (size_t i = 0; i < q->n_task; i++) {
		struct task from;

		if (!t || !t->alarm || outbox_task_decode(&from, q->task[i]) != 0) {
			o->o.trouble(o->o.arg, "outbox_damaged",
				BUSBAR__V1__SEVERITY__SEVERITY_MAJOR,
				"a message in notifyd's journal cannot be read and was dropped");
			continue;
		}
		from.order = route_order(t->alarm, from.recipient_id);
		if (!bb_table_get_n(o->by_key, from.key, sizeof(from.key)) && !is_end(from.step))
			task_new(o, &from, topic);
	}
	topic_drop(topic);
}

static void load_change(struct outbox *o, const Busbar__V1__OutboxChange *c)
{
	struct task *t = bb_table_get_u64(o->by_id, c->task_id);

	if (!t)
		return;
	if (is_end(c->step)) {
		count_end(o, c->step);
		task_free(o, t);
		return;
	}
	t->step = c->step;
	t->attempt = c->attempt;
}

static bool load_record(void *arg, const struct bb_record *r)
{
	struct outbox *o = arg;
	const Busbar__V1__OutboxQueued *q;
	const Busbar__V1__OutboxChange *c;
	struct bb_err err = { 0 };

	bb_arena_reset(o->arena);
	if (r->type == OUTBOX_RECORD_QUEUED) {
		q = bb_unpack_outbox_queued(o->arena, r->data, r->len, &err);
		if (q) {
			load_queued(o, q);
			load_cursor(o, &q->journal_id, q->after_jseq);
			o->suppressed += q->suppressed;
		}
	} else if (r->type == OUTBOX_RECORD_CHANGE) {
		c = bb_unpack_outbox_change(o->arena, r->data, r->len, &err);
		if (c)
			load_change(o, c);
	}
	if (err.text[0])
		o->o.trouble(o->o.arg, "outbox_damaged", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR,
			err.text);
	return true;
}

static int load_snapshot(struct outbox *o, uint64_t *jseq, struct bb_err *err)
{
	const Busbar__V1__OutboxSnapshot *s;
	struct bb_arena *a;
	uint8_t *data = NULL;
	size_t len = 0;
	int rc;

	*jseq = 0;
	rc = bb_journal_snapshot_get(o->journal, jseq, &data, &len, err);
	if (rc <= 0) {
		*jseq = 0;
		return rc;
	}
	a = bb_arena_new(len + 1024, 0);
	s = bb_unpack_outbox_snapshot(a, data, len, err);
	if (s) {
		load_cursor(o, &s->journal_id, s->after_jseq);
		o->next_id = s->next_task_id;
		o->sent = s->sent;
		o->failed = s->failed;
		o->suppressed = s->suppressed;
		for (size_t i = 0; i < s->n_open; i++) {
			bb_arena_reset(o->arena);
			load_queued(o, s->open[i]);
		}
	}
	bb_arena_free(a);
	free(data);
	return s ? 1 : -1;
}

struct load_at {
	struct outbox *o;
	uint64_t jseq;
};

static bool load_next(void *arg, const struct bb_record *r)
{
	struct load_at *at = arg;

	at->jseq = r->jseq;
	return load_record(at->o, r);
}

/* Snapshot and tail. A damaged snapshot means older records once more, which known keys make
 * harmless. */
static void load(struct outbox *o)
{
	struct load_at at = { .o = o };
	struct bb_err err = { 0 };
	struct task *t;
	int n;

	if (load_snapshot(o, &at.jseq, &err) < 0)
		o->o.trouble(o->o.arg, "outbox_damaged", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR,
			err.text);
	do {
		err.text[0] = '\0';
		n = bb_journal_read(o->journal, at.jseq, READ_MAX, load_next, &at, &err);
	} while (n > 0);
	if (n < 0)
		o->o.trouble(o->o.arg, "outbox_damaged", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR,
			err.text);
	TAILQ_FOREACH(t, &o->tasks, link)
		o->o.ready(o->o.arg, t);
}

/* ---- snapshot ---- */

static void snapshot(struct outbox *o)
{
	uint8_t *data;
	size_t len;

	data = outbox_snapshot_encode(
		&(struct outbox_state){
			.cursor_id = o->cursor_id,
			.cursor = o->cursor,
			.next_id = o->next_id,
			.sent = o->sent,
			.failed = o->failed,
			.suppressed = o->suppressed,
			.first = TAILQ_FIRST(&o->tasks),
			.open = o->open,
		},
		o->arena, &len);
	if (data)
		bb_journal_snapshot_put(o->journal, bb_journal_next(o->journal) - 1, data, len);
	o->records = 0;
	bb_arena_reset(o->arena);
}

static void on_maintain(void *arg)
{
	struct outbox *o = arg;

	if (o->records >= SNAPSHOT_RECORDS)
		snapshot(o);
	bb_journal_retain(o->journal);
}

/* ---- opening ---- */

static void on_health(void *arg, enum bb_journal_health health, const struct bb_err *err)
{
	struct outbox *o = arg;

	o->o.trouble(o->o.arg, "journal_emergency",
		health == BB_JOURNAL_EMERGENCY ? BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL : 0,
		err->text);
	o->o.trouble(o->o.arg, "journal_tight",
		health == BB_JOURNAL_TIGHT ? BUSBAR__V1__SEVERITY__SEVERITY_MAJOR : 0, err->text);
}

static void on_damage(void *arg, const char *file, uint64_t first, uint64_t last)
{
	struct outbox *o = arg;
	struct bb_err err;

	if (!first)
		bb_err_set(&err, "\"%s\" is damaged and was set aside; all its records were put back",
			file);
	else
		bb_err_set(&err,
			"messages may be missing: records %llu to %llu are lost, \"%s\" is damaged",
			(unsigned long long)first, (unsigned long long)last, file);
	o->o.trouble(o->o.arg, "outbox_damaged", BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL, err.text);
}

struct outbox *outbox_open(const struct outbox_options *options, struct bb_err *err)
{
	struct outbox *o = bb_calloc(1, sizeof(*o));
	struct bb_journal_options jo = { .dir = options->dir,
		.on_health = on_health,
		.on_damage = on_damage,
		.arg = o };

	o->o = *options;
	TAILQ_INIT(&o->tasks);
	TAILQ_INIT(&o->pending);
	o->by_id = bb_table_new();
	o->by_key = bb_table_new();
	o->arena = bb_arena_new(4096, 0);
	o->next_id = 1;
	o->start_ns = bb_clock_boot_ns();
	o->journal = bb_journal_open(options->loop, &jo, err);
	if (!o->journal) {
		outbox_close(o);
		return NULL;
	}
	load(o);
	o->maintain = bb_loop_every(options->loop, MAINTAIN_MS, on_maintain, o);
	return o;
}

static void flush_idle(struct outbox *o);

static struct pending *pending_new(struct outbox *o)
{
	struct pending *p = bb_calloc(1, sizeof(*p));

	p->o = o;
	TAILQ_INSERT_TAIL(&o->pending, p, link);
	return p;
}

static void pending_drop(struct pending *p)
{
	TAILQ_REMOVE(&p->o->pending, p, link);
	free(p);
}

void outbox_close(struct outbox *o)
{
	struct pending *p;
	struct task *t;

	if (!o)
		return;
	if (o->journal) {
		flush_idle(o);
		snapshot(o);
	}
	bb_loop_cancel(o->idle);
	bb_loop_cancel(o->maintain);
	bb_journal_close(o->journal);
	while ((p = TAILQ_FIRST(&o->pending)))
		pending_drop(p);
	while ((t = TAILQ_FIRST(&o->tasks)))
		task_free(o, t);
	bb_table_free(o->by_id, NULL);
	bb_table_free(o->by_key, NULL);
	bb_arena_free(o->arena);
	free(o);
}

/* ---- the cursor ---- */

void outbox_cursor(const struct outbox *o, uint8_t journal_id[16], uint64_t *jseq)
{
	memcpy(journal_id, o->cursor_id, 16);
	*jseq = o->cursor;
}

static void on_durable(void *arg, uint64_t jseq, bool durable)
{
	struct pending *p = arg;
	struct outbox *o = p->o;

	/* Durable or not: when the disk is dead, messages go out from memory. */
	if (p->cb)
		p->cb(p->arg, p->task[0]);
	for (size_t i = 0; !p->cb && i < p->n; i++)
		o->o.ready(o->o.arg, p->task[i]);
	if (p->taken)
		o->o.taken(o->o.arg, p->taken);
	pending_drop(p);
}

static void append_queued(struct outbox *o, const struct outbox_input *in, struct pending *p,
	bool is_last)
{
	struct outbox_queued_parts parts = {
		.cursor_id = is_last && in->durable ? in->journal_id : NULL,
		.cursor = in->jseq,
		.transition = p->n ? in->transition : NULL,
		.transition_len = p->n ? in->transition_len : 0,
		.task = p->task,
		.tasks = p->n,
		.suppressed = is_last ? in->suppressed : 0,
	};
	size_t len;
	uint8_t *data = outbox_queued_encode(&parts, o->arena, &len);

	p->taken = is_last ? in->jseq : 0;
	bb_journal_append(o->journal, OUTBOX_RECORD_QUEUED, data, len, on_durable, p);
	o->records++;
	bb_arena_reset(o->arena);
}

static void flush_idle(struct outbox *o)
{
	struct outbox_input in = { .journal_id = o->cursor_id,
		.jseq = o->idle_jseq,
		.durable = true };

	bb_loop_cancel(o->idle);
	o->idle = NULL;
	if (o->idle_jseq)
		append_queued(o, &in, pending_new(o), true);
	o->idle_jseq = 0;
}

static void on_idle(void *arg)
{
	struct outbox *o = arg;

	o->idle = NULL;
	flush_idle(o);
}

void outbox_cursor_reset(struct outbox *o, const uint8_t journal_id[16], uint64_t jseq)
{
	struct outbox_input in = { .journal_id = o->cursor_id, .jseq = jseq, .durable = true };

	flush_idle(o);
	memcpy(o->cursor_id, journal_id, sizeof(o->cursor_id));
	o->cursor = jseq;
	append_queued(o, &in, pending_new(o), true);
}

/* ---- tasks come, begin and end ---- */

static void take_tasks(struct outbox *o, const struct outbox_input *in)
{
	struct task_topic *topic =
		topic_new(in->transition, in->transition_len, bb_clock_boot_ns());
	struct pending *p = pending_new(o);

	for (size_t i = 0; i < in->tasks; i++) {
		struct task from = in->task[i];

		/* A repeated record (never durable at alarmd) must not make a second message
		 * while the first waits. */
		if (bb_table_get_n(o->by_key, from.key, sizeof(from.key)))
			continue;
		if (p->n == OUTBOX_TASKS_MAX) {
			append_queued(o, in, p, false);
			p = pending_new(o);
		}
		from.id = o->next_id++;
		from.step = BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_QUEUED;
		p->task[p->n++] = task_new(o, &from, topic);
	}
	append_queued(o, in, p, true);
	topic_drop(topic);
}

void outbox_take(struct outbox *o, const struct outbox_input *in)
{
	if (in->durable) {
		memcpy(o->cursor_id, in->journal_id, sizeof(o->cursor_id));
		o->cursor = in->jseq;
	}
	o->suppressed += in->suppressed;
	if (in->tasks || in->suppressed || !in->durable) {
		bb_loop_cancel(o->idle);
		o->idle = NULL;
		o->idle_jseq = 0;
		take_tasks(o, in);
		return;
	}
	/* Nothing to tell: the cursor alone may wait for the next record. */
	o->idle_jseq = in->jseq;
	if (!o->idle)
		o->idle = bb_loop_after(o->o.loop, CURSOR_MS, on_idle, o);
}

static void append_change(struct outbox *o, const struct task *t, unsigned step, const char *text,
	bb_journal_done_cb done, void *arg)
{
	size_t len;
	uint8_t *data = outbox_change_encode(t, step, text, o->arena, &len);

	bb_journal_append(o->journal, OUTBOX_RECORD_CHANGE, data, len, done, arg);
	o->records++;
	bb_arena_reset(o->arena);
}

void outbox_begin(struct outbox *o, struct task *t, void (*cb)(void *arg, struct task *t),
	void *arg)
{
	struct pending *p = pending_new(o);

	p->cb = cb;
	p->arg = arg;
	p->task[p->n++] = t;
	t->step = BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SENDING;
	t->attempt++;
	append_change(o, t, t->step, "", on_durable, p);
}

void outbox_end(struct outbox *o, struct task *t, unsigned step, const char *text)
{
	bb_assert(is_end(step));
	append_change(o, t, step, text, NULL, NULL);
	count_end(o, step);
	task_free(o, t);
}

/* ---- looking ---- */

void outbox_stats(const struct outbox *o, struct outbox_stats *s)
{
	const struct task *first = TAILQ_FIRST(&o->tasks);
	uint64_t now = bb_clock_boot_ns();

	*s = (struct outbox_stats){
		.open = o->open,
		.sent = o->sent,
		.failed = o->failed,
		.suppressed = o->suppressed,
		.is_durable = bb_journal_health(o->journal) != BB_JOURNAL_EMERGENCY,
	};
	if (first && now > first->topic->queued_ns)
		s->oldest_ms = (now - first->topic->queued_ns) / 1000000;
}

void outbox_dump(const struct outbox *o, FILE *f)
{
	const struct task *t;

	fprintf(f, "cursor %llu, %zu open, %llu sent, %llu failed, %llu suppressed\n",
		(unsigned long long)o->cursor, o->open, (unsigned long long)o->sent,
		(unsigned long long)o->failed, (unsigned long long)o->suppressed);
	TAILQ_FOREACH(t, &o->tasks, link)
		fprintf(f, "task %llu to %s step %u attempt %u\n", (unsigned long long)t->id,
			t->address, t->step, t->attempt);
}
