// SPDX-License-Identifier: Apache-2.0
#include "shutdownd/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/log.h"
#include "shutdownd/past.h"
#include "shutdownd/testkill.h"

#define CHANGES_MAX      1000 /* per record: 64 KiB are not to be passed */
#define CURSOR_RECORDS   256
#define CURSOR_MS        1000
#define SNAPSHOT_RECORDS 1000

/* An order's record on its way to the disk. */
struct waiting {
	struct ledger *ledger;
	uint64_t plan_id, run, target_id;
	enum order_state state;
	struct waiting *next;
};

struct ledger {
	struct bb_journal *journal;
	struct ledger_callbacks cb;
	struct past *past;
	struct waiting *waiting;
	struct bb_buf buf;
	int64_t changes[CHANGES_MAX]; /* noted, not yet appended: device raised, -device cleared */
	size_t n_changes;
	bool is_reset;    /* noted likewise */
	uint64_t n_moves; /* cursor moves noted likewise */
	uint64_t flushed_ms;
	uint64_t snapshot_jseq;
};

/* ---- appending ---- */

static void append(struct ledger *l, bb_journal_done_cb done, void *arg)
{
	bb_journal_append(l->journal, PAST_RECORD_TYPE, l->buf.data, l->buf.len, done, arg);
	/* The picture of the past grows by the same way at run time and at start. */
	past_apply(l->past, l->buf.data, l->buf.len);
}

void ledger_run(struct ledger *l, const struct plan *p, const char *evidence)
{
	past_run_record(&l->buf, p, evidence);
	append(l, NULL, NULL);
}

static void waiting_remove(struct waiting *w)
{
	struct waiting **at = &w->ledger->waiting;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	free(w);
}

static void on_order_durable(void *arg, uint64_t jseq, bool durable)
{
	struct waiting *w = arg;
	struct ledger *l = w->ledger;

	if (w->state == ORDER_INTENT)
		test_kill("after_intent");
	/* In emergency mode it is in memory only, and shutting down in order matters more than the
	 * ledger. */
	l->cb.order_durable(l->cb.arg, w->plan_id, w->run, w->target_id, w->state);
	waiting_remove(w);
}

void ledger_order(struct ledger *l, const struct plan *p, const struct order *o)
{
	struct waiting *w = bb_calloc(1, sizeof(*w));

	if (o->state == ORDER_INTENT)
		test_kill("before_intent");
	*w = (struct waiting){ .ledger = l,
		.plan_id = p->id,
		.run = p->run,
		.target_id = o->target_id,
		.state = o->state,
		.next = l->waiting };
	l->waiting = w;
	past_order_record(&l->buf, p, o);
	append(l, on_order_durable, w);
}

void ledger_simulated(struct ledger *l, const struct plan *p, const char *user)
{
	past_word_record(&l->buf, "simulated", p, "version", p->version, user);
	append(l, NULL, NULL);
}

void ledger_confirmed(struct ledger *l, const struct plan *p, uint64_t run, const char *user)
{
	past_word_record(&l->buf, "confirmed", p, "run", run, user);
	append(l, NULL, NULL);
}

/* ---- alarmd's log ---- */

static void on_cursor_durable(void *arg, uint64_t jseq, bool durable)
{
	struct ledger *l = arg;
	uint8_t id[16];

	l->cb.cursor_durable(l->cb.arg, past_cursor(l->past, id));
}

static void alarms_append(struct ledger *l)
{
	past_alarms_record(&l->buf, l->past, l->changes, l->n_changes, l->is_reset);
	l->n_changes = 0;
	l->n_moves = 0;
	l->is_reset = false;
	append(l, on_cursor_durable, l);
}

void ledger_alarm(struct ledger *l, uint64_t device_id, bool is_open)
{
	past_alarm(l->past, device_id, is_open);
	l->changes[l->n_changes++] = is_open ? (int64_t)device_id : -(int64_t)device_id;
	if (l->n_changes == CHANGES_MAX)
		alarms_append(l);
}

void ledger_cursor_set(struct ledger *l, const uint8_t journal_id[16], uint64_t jseq,
	bool is_durable)
{
	if (is_durable)
		past_cursor_set(l->past, journal_id, jseq);
	l->n_moves++;
}

void ledger_alarms_reset(struct ledger *l, const uint8_t journal_id[16], uint64_t cursor)
{
	l->n_changes = 0;
	l->is_reset = true;
	past_alarms_reset(l->past);
	past_cursor_set(l->past, journal_id, cursor);
	alarms_append(l);
}

void ledger_flush(struct ledger *l, uint64_t now_ms)
{
	bool is_due = l->n_changes || l->n_moves >= CURSOR_RECORDS ||
		      (l->n_moves && now_ms - l->flushed_ms >= CURSOR_MS);

	if (!is_due)
		return;
	l->flushed_ms = now_ms;
	alarms_append(l);
}

bool ledger_alarm_is_open(const struct ledger *l, uint64_t device_id)
{
	return past_alarm_is_open(l->past, device_id);
}

size_t ledger_alarms_open(const struct ledger *l)
{
	return past_alarms_open(l->past);
}

uint64_t ledger_cursor(const struct ledger *l, uint8_t journal_id[16])
{
	return past_cursor(l->past, journal_id);
}

/* ---- life ---- */

static bool replay(void *arg, const struct bb_record *r)
{
	struct ledger *l = arg;

	if (r->type == PAST_RECORD_TYPE && !past_apply(l->past, (const char *)r->data, r->len))
		bb_log(EV_JOURNAL_DAMAGED,
			BB_STR("error", "a ledger record cannot be read and is skipped"),
			BB_UINT("jseq", r->jseq));
	return true;
}

static int past_load(struct ledger *l, struct bb_err *err)
{
	uint8_t *data = NULL;
	size_t len = 0;
	int rc = bb_journal_snapshot_get(l->journal, &l->snapshot_jseq, &data, &len, err);

	if (rc < 0)
		return -1;
	if (rc > 0 && !past_apply_snapshot(l->past, (const char *)data, len)) {
		/* Records before it may be gone: better to know less than to refuse to start. */
		bb_log(EV_JOURNAL_DAMAGED, BB_STR("error", "the ledger's snapshot cannot be read"));
		l->snapshot_jseq = 0;
	}
	free(data);
	return bb_journal_read(l->journal, l->snapshot_jseq, SIZE_MAX, replay, l, err) < 0 ? -1 : 0;
}

struct ledger *ledger_open(struct bb_loop *loop, const char *dir, const struct ledger_callbacks *cb,
	struct bb_err *err)
{
	struct ledger *l = bb_calloc(1, sizeof(*l));
	struct bb_journal_options o = { .dir = dir, .on_health = cb->health, .arg = cb->arg };

	l->cb = *cb;
	l->past = past_new();
	l->journal = bb_journal_open(loop, &o, err);
	if (l->journal && past_load(l, err) == 0)
		return l;
	ledger_close(l);
	return NULL;
}

static void snapshot(struct ledger *l)
{
	uint64_t head;

	if (l->n_changes || l->n_moves)
		alarms_append(l);
	head = bb_journal_next(l->journal) - 1;
	bb_buf_reset(&l->buf);
	past_snapshot(l->past, &l->buf);
	bb_journal_snapshot_put(l->journal, head, l->buf.data, l->buf.len);
	l->snapshot_jseq = head;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	if (l->journal) {
		snapshot(l);
		bb_journal_close(l->journal);
	}
	while (l->waiting)
		waiting_remove(l->waiting);
	past_free(l->past);
	bb_buf_fini(&l->buf);
	free(l);
}

void ledger_minute(struct ledger *l)
{
	if (bb_journal_next(l->journal) > l->snapshot_jseq + SNAPSHOT_RECORDS)
		snapshot(l);
	bb_journal_retain(l->journal);
}

void ledger_recover(const struct ledger *l, struct plan *p)
{
	past_recover(l->past, p);
}

uint64_t ledger_simulated_version(const struct ledger *l, uint64_t plan_id)
{
	return past_simulated_version(l->past, plan_id);
}

const struct bb_journal *ledger_journal(const struct ledger *l)
{
	return l->journal;
}
