// SPDX-License-Identifier: Apache-2.0
/* Brings tasks to the mail server: order, attempts, retries, giving up, and the own-alarms about
 * it.
 *
 * Two clocks of patience: a task that is refused for now waits 5 s, doubling to 10 min; a server
 * that cannot be reached holds all tasks back in the same way, and is then tried with one.
 * Nothing blocks. Uses the loop of the outbox. */
#pragma once
#include <stdio.h>

#include "notifyd/outbox.h"
#include "notifyd/send_smtp.h"

struct deliver;
struct deliver_options {
	struct bb_loop *loop;
	struct smtp *smtp;      /* borrowed */
	const char *install_id; /* borrowed */
	uint64_t retry_min_ms, retry_max_ms, give_up_ms;
	void (*trouble)(void *arg, const char *code, unsigned severity, const char *text);
	/* A message has come to its end, whatever it is. */
	void (*ended)(void *arg, const struct task *t, bool was_taken, const char *text);
	void *arg;
};
struct deliver *deliver_new(const struct deliver_options *o);
void deliver_free(struct deliver *d);
/* Borrowed. Comes after deliver_new(), because it gives tasks while it opens. */
void deliver_set_outbox(struct deliver *d, struct outbox *o);
/* New settings: what waits is tried at once. `from` is copied. */
void deliver_configure(struct deliver *d, const struct config *c);
void deliver_add(struct deliver *d, struct task *t);
/* Bring the level-triggered own-alarms up to date; each second. */
void deliver_check(struct deliver *d);
bool deliver_is_configured(const struct deliver *d);
/* What the server said last when it did not take a message; "" when all is well. */
const char *deliver_last_answer(const struct deliver *d);
