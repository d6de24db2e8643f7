// SPDX-License-Identifier: Apache-2.0
#include "notifyd/deliver.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/table.h"
#include "notifyd/queue.h"
#include "notifyd/template.h"

enum {
	ANSWER_BYTES = 400,
	LATE_MS = 120000, /* a message waits for so long: an own-alarm */
	FAILED_MS =
		24 * 3600 *
		1000, /* how long a refused recipient is shown, unless a later message arrives */
};

struct failure {
	uint64_t at_ms;
	char address[255];
	char text[ANSWER_BYTES];
};

struct attempt {
	struct deliver *d;
	struct task *t; /* NULL: free */
};

struct deliver {
	struct deliver_options o;
	struct attempt attempt[SMTP_MAX]; /* at the server */
	struct outbox *outbox;
	struct queue *queue;
	struct bb_watch *timer;
	struct bb_arena *arena;
	size_t under_way;
	bool is_configured;
	size_t recipients;
	char from[255];
	unsigned server_failures;
	uint64_t server_due_ms;
	char answer[ANSWER_BYTES];
	/* recipient id -> struct failure: its newest message was refused */
	struct bb_table *failed;
	struct bb_log_limit limit;
};

static void pump(struct deliver *d);

struct deliver *deliver_new(const struct deliver_options *o)
{
	struct deliver *d = bb_calloc(1, sizeof(*d));

	d->o = *o;
	d->queue = queue_new();
	d->arena = bb_arena_new(4096, 0);
	d->failed = bb_table_new();
	return d;
}

void deliver_free(struct deliver *d)
{
	if (!d)
		return;
	bb_loop_cancel(d->timer);
	queue_free(d->queue);
	bb_arena_free(d->arena);
	bb_table_free(d->failed, free);
	free(d);
}

void deliver_set_outbox(struct deliver *d, struct outbox *o)
{
	d->outbox = o;
	pump(d);
}

/* ---- timing ---- */

/* 5 s, doubling, with a fifth of jitter either way, so that many daemons do not come back in
 * step. */
static uint64_t backoff_ms(const struct deliver *d, unsigned failures)
{
	uint64_t ms = d->o.retry_min_ms;

	while (--failures > 0 && ms < d->o.retry_max_ms)
		ms *= 2;
	if (ms > d->o.retry_max_ms)
		ms = d->o.retry_max_ms;
	return ms - ms / 5 + randombytes_uniform((uint32_t)(ms * 2 / 5) + 1);
}

static bool is_too_old(const struct deliver *d, const struct task *t)
{
	uint64_t now = bb_clock_boot_ns();

	return now > t->topic->queued_ns && (now - t->topic->queued_ns) / 1000000 > d->o.give_up_ms;
}

static void on_timer(void *arg)
{
	struct deliver *d = arg;

	d->timer = NULL;
	pump(d);
}

static void set_timer(struct deliver *d)
{
	uint64_t now = bb_clock_mono_ms(), due = queue_next_ms(d->queue);

	bb_loop_cancel(d->timer);
	d->timer = NULL;
	if (due == UINT64_MAX || !d->is_configured)
		return;
	if (due < d->server_due_ms)
		due = d->server_due_ms;
	d->timer = bb_loop_after(d->o.loop, due > now ? due - now : 0, on_timer, d);
}

/* ---- the end of an attempt ---- */

static void note_failed(struct deliver *d, const struct task *t, const char *text)
{
	struct failure *f = bb_table_get_u64(d->failed, t->recipient_id);

	if (!f) {
		f = bb_calloc(1, sizeof(*f));
		bb_table_put_u64(d->failed, t->recipient_id, f);
	}
	f->at_ms = bb_clock_boot_ms();
	bb_copy(f->address, sizeof(f->address), t->address);
	bb_copy(f->text, sizeof(f->text), text);
}

static void log_failed(struct deliver *d, const struct task *t, const char *text, bool is_final)
{
	uint64_t repeats = 0;

	if (is_final || bb_log_due(&d->limit, text, &repeats))
		bb_log(EV_MAIL_FAILED, BB_STR("to", t->address), BB_UINT("attempt", t->attempt),
			BB_STR("final", is_final ? "yes" : "no"), BB_STR("error", text),
			BB_UINT("repeats", repeats));
}

static void act_sent(struct deliver *d, struct task *t, const char *text)
{
	d->server_failures = 0;
	d->answer[0] = '\0';
	free(bb_table_del_u64(d->failed, t->recipient_id));
	bb_log(EV_MAIL_SENT, BB_STR("to", t->address), BB_UINT("attempt", t->attempt),
		BB_STR("server", text));
	queue_remove(d->queue, t);
	d->o.ended(d->o.arg, t, true, text);
	outbox_end(d->outbox, t, BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SENT, text);
}

static void act_failed(struct deliver *d, struct task *t, const char *text)
{
	log_failed(d, t, text, true);
	note_failed(d, t, text);
	queue_remove(d->queue, t);
	d->o.ended(d->o.arg, t, false, text);
	outbox_end(d->outbox, t, BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_FAILED, text);
}

static void act_refused(struct deliver *d, struct task *t, const char *text)
{
	d->server_failures = 0;
	act_failed(d, t, text);
}

static void act_later(struct deliver *d, struct task *t, const char *text)
{
	d->server_failures = 0;
	bb_copy(d->answer, sizeof(d->answer), text);
	log_failed(d, t, text, false);
	queue_postpone(d->queue, t, bb_clock_mono_ms() + backoff_ms(d, ++t->failures));
}

static void act_no_server(struct deliver *d, struct task *t, const char *text)
{
	bb_copy(d->answer, sizeof(d->answer), text);
	log_failed(d, t, text, false);
	d->server_due_ms = bb_clock_mono_ms() + backoff_ms(d, ++d->server_failures);
	queue_postpone(d->queue, t, 0);
}

/* SENDING x what came of it. QUEUED -> SENDING and the way out by age are in begin(). */
static void (*const acts[])(struct deliver *d, struct task *t, const char *text) = {
	[SMTP_TAKEN] = act_sent,
	[SMTP_REFUSED] = act_refused,
	[SMTP_LATER] = act_later,
	[SMTP_NO_SERVER] = act_no_server,
};

static void on_result(void *arg, enum smtp_result result, const char *text)
{
	struct attempt *a = arg;
	struct task *t = a->t;

	a->t = NULL;
	a->d->under_way--;
	acts[result](a->d, t, text);
	pump(a->d);
}

static struct attempt *attempt_free_slot(struct deliver *d)
{
	size_t i = 0;

	while (d->attempt[i].t)
		i++;
	bb_assert(i < SMTP_MAX);
	d->attempt[i].d = d;
	return &d->attempt[i];
}

/* ---- the beginning ---- */

static int render(struct deliver *d, const struct task *t, struct bb_buf *out)
{
	struct letter l = {
		.from = d->from,
		.to = t->address,
		.to_name = t->name,
		.key = t->key,
		.recipient_id = t->recipient_id,
		.install_id = d->o.install_id,
		.attempt = t->attempt,
	};

	bb_arena_reset(d->arena);
	l.transition = bb_unpack_transition(d->arena, t->topic->transition, t->topic->len, NULL);
	if (!l.transition || !l.transition->alarm)
		return -1;
	l.kind = route_kind(l.transition);
	template_render(&l, out);
	return 0;
}

/* SENDING is durable: from here on the server may have the message. */
static void on_begun(void *arg, struct task *t)
{
	struct deliver *d = arg;
	struct bb_buf message = { 0 };
	struct attempt *a;

	if (!d->is_configured) {
		d->under_way--;
		queue_postpone(d->queue, t, 0);
		return;
	}
	if (render(d, t, &message) != 0) {
		bb_buf_fini(&message);
		d->under_way--;
		act_failed(d, t, "the stored transition cannot be read");
		pump(d);
		return;
	}
	a = attempt_free_slot(d);
	a->t = t;
	smtp_send(d->o.smtp, t->address, &message, on_result, a);
}

static void begin(struct deliver *d, struct task *t)
{
	if (is_too_old(d, t)) {
		act_failed(d, t, *d->answer ? d->answer : "could not be sent in time");
		return;
	}
	d->under_way++;
	outbox_begin(d->outbox, t, on_begun, d);
}

static void pump(struct deliver *d)
{
	uint64_t now = bb_clock_mono_ms();
	struct task *t;

	if (!d->is_configured || !d->outbox)
		return;
	/* A server that was away gets one message; when it takes that, the others follow. */
	while (d->under_way < (d->server_failures ? 1 : SMTP_MAX) &&
		(!d->server_failures || now >= d->server_due_ms) && (t = queue_take(d->queue, now)))
		begin(d, t);
	if (!d->server_failures)
		d->server_due_ms = 0;
	set_timer(d);
}

void deliver_add(struct deliver *d, struct task *t)
{
	queue_add(d->queue, t);
	pump(d);
}

void deliver_configure(struct deliver *d, const struct config *c)
{
	bb_copy(d->from, sizeof(d->from), c->smtp.from);
	d->is_configured = *c->smtp.host != '\0';
	d->recipients = c->recipients;
	d->server_failures = 0;
	d->server_due_ms = 0;
	d->answer[0] = '\0';
	deliver_check(d);
	pump(d);
}

/* ---- own-alarms ---- */

static void check_failed(struct deliver *d)
{
	struct bb_table_iter i = { 0 };
	struct failure *f, *newest = NULL;
	const void *key;
	size_t key_len, n = 0;
	struct bb_err text = { 0 };

	while ((f = bb_table_next(d->failed, &i, &key, &key_len))) {
		if (bb_clock_boot_ms() - f->at_ms > FAILED_MS) {
			bb_table_del_n(d->failed, key, key_len);
			free(f);
			continue;
		}
		n++;
		if (!newest || f->at_ms > newest->at_ms)
			newest = f;
	}
	if (newest)
		bb_err_set(&text, "%zu recipients cannot be reached by mail, the last is %s: %s", n,
			newest->address, newest->text);
	d->o.trouble(d->o.arg, "notify_failed", n ? BUSBAR__V1__SEVERITY__SEVERITY_MAJOR : 0,
		text.text);
}

void deliver_check(struct deliver *d)
{
	struct outbox_stats s = { 0 };
	struct bb_err text = { 0 };
	bool is_late, is_unset;

	if (d->outbox)
		outbox_stats(d->outbox, &s);
	is_unset = !d->is_configured && (d->recipients || s.open);
	d->o.trouble(d->o.arg, "notify_not_configured",
		is_unset ? BUSBAR__V1__SEVERITY__SEVERITY_MINOR : 0,
		"no mail server is set (smtp.host): nobody is told of alarms by mail");
	is_late = d->is_configured && s.open && s.oldest_ms > LATE_MS;
	if (is_late)
		bb_err_set(&text, "%zu messages wait, the oldest for %llu min: %s", s.open,
			(unsigned long long)(s.oldest_ms / 60000),
			*d->answer ? d->answer : "the mail server is slow");
	d->o.trouble(d->o.arg, "notify_delayed", is_late ? BUSBAR__V1__SEVERITY__SEVERITY_MAJOR : 0,
		text.text);
	check_failed(d);
}

bool deliver_is_configured(const struct deliver *d)
{
	return d->is_configured;
}

const char *deliver_last_answer(const struct deliver *d)
{
	return d->answer;
}
