// SPDX-License-Identifier: Apache-2.0
/* notifyd's memory and its order of work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "notifyd/outbox.h"
#include "notifyd/queue.h"
#include "notifyd/route.h"
#include "tests/unit/journal_lib.h"

enum {
	QUEUED = BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_QUEUED,
	SENDING = BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SENDING,
	SENT = BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_SENT,
	FAILED = BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_FAILED,
};

struct ot {
	char dir[64], sub[80];
	struct bb_loop *loop;
	struct outbox *o;
	struct bb_arena *arena;
	struct task *ready[64];
	size_t n;
	uint64_t taken;
	unsigned begun, troubles;
};

static const uint8_t journal_id[16] = "a journal's id..";

static void on_ready(void *arg, struct task *t)
{
	struct ot *x = arg;

	x->ready[x->n++ % 64] = t;
}

static void on_taken(void *arg, uint64_t jseq)
{
	((struct ot *)arg)->taken = jseq;
}

static void on_trouble(void *arg, const char *code, unsigned severity, const char *text)
{
	((struct ot *)arg)->troubles += severity != 0;
}

static void on_begun(void *arg, struct task *t)
{
	((struct ot *)arg)->begun++;
}

static void reopen(struct ot *x)
{
	struct outbox_options o = { .loop = x->loop,
		.dir = x->sub,
		.ready = on_ready,
		.taken = on_taken,
		.trouble = on_trouble,
		.arg = x };
	struct bb_err err;

	outbox_close(x->o);
	x->n = 0;
	x->o = outbox_open(&o, &err);
	if (!x->o)
		fail_msg("%s", err.text);
}

/* What a crash would leave: the files as they are now, without the snapshot that closing makes. */
static void crash(struct ot *x)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "cp -r '%s' '%s/copy'", x->sub, x->dir);
	assert_int_equal(system(cmd), 0);
	outbox_close(x->o);
	x->o = NULL;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s' && mv '%s/copy' '%s'", x->sub, x->dir, x->sub);
	assert_int_equal(system(cmd), 0);
	reopen(x);
}

static int setup(void **state)
{
	struct ot *x = calloc(1, sizeof(*x));

	strcpy(x->dir, "/tmp/test_outbox.XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	snprintf(x->sub, sizeof(x->sub), "%s/outbox", x->dir);
	x->loop = bb_loop_new(NULL);
	x->arena = bb_arena_new(4096, 0);
	reopen(x);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct ot *x = *state;

	outbox_close(x->o);
	bb_loop_free(x->loop);
	bb_arena_free(x->arena);
	jt_remove_tree(x->dir);
	free(x);
	return 0;
}

/* A raise of the device, for n recipients. */
static void take(struct ot *x, uint64_t jseq, unsigned device, unsigned n, bool durable)
{
	Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
	Busbar__V1__Alarm a = BUSBAR__V1__ALARM__INIT;
	struct outbox_input in = { .journal_id = journal_id,
		.jseq = jseq,
		.durable = durable,
		.tasks = n };
	struct task task[200];
	char address[200][40];

	a.has_device_id = a.has_episode = t.has_jseq = 1;
	a.device_id = device;
	a.key = a.rule = a.subject = a.id = "x";
	a.episode = t.jseq = jseq;
	t.alarm = &a;
	in.transition = bb_pack(x->arena, &t, &in.transition_len);
	for (unsigned i = 0; i < n; i++) {
		snprintf(address[i], sizeof(address[i]), "r%u@example.org", i);
		task[i] = (struct task){ .recipient_id = i, .name = "", .address = address[i] };
		route_key(&t, ROUTE_RAISE, i, "email", task[i].key);
		task[i].order = route_order(&a, i);
	}
	in.task = task;
	outbox_take(x->o, &in);
}

#define turn_until(x, condition)                                                                   \
	do {                                                                                       \
		uint64_t start_ms = bb_clock_mono_ms();                                            \
		while (!(condition)) {                                                             \
			if (bb_clock_mono_ms() - start_ms > 30000)                                 \
				fail_msg("not reached: %s", #condition);                           \
			bb_loop_turn((x)->loop, 100);                                              \
		}                                                                                  \
	} while (0)

static uint64_t cursor(struct ot *x)
{
	uint8_t id[16];
	uint64_t jseq;

	outbox_cursor(x->o, id, &jseq);
	return jseq;
}

static struct outbox_stats stats(struct ot *x)
{
	struct outbox_stats s;

	outbox_stats(x->o, &s);
	return s;
}

static void tasks_are_ready_when_durable_and_the_cursor_with_them(void **state)
{
	struct ot *x = *state;

	take(x, 5, 1, 3, true);
	assert_int_equal(x->n, 0);
	assert_int_equal(x->taken, 0);
	turn_until(x, x->taken == 5);
	assert_int_equal(x->n, 3);
	crash(x);
	assert_int_equal(x->n, 3);
	assert_int_equal(cursor(x), 5);
	assert_string_equal(x->ready[2]->address, "r2@example.org");
}

static void a_record_without_tasks_moves_the_cursor(void **state)
{
	struct ot *x = *state;

	for (uint64_t jseq = 1; jseq <= 100; jseq++)
		take(x, jseq, 1, 0, true);
	turn_until(x, x->taken == 100);
	crash(x);
	assert_int_equal(cursor(x), 100);
}

static void a_volatile_record_makes_tasks_but_does_not_move_the_cursor(void **state)
{
	struct ot *x = *state;

	take(x, 5, 1, 1, true);
	take(x, 6, 1, 1, false);
	turn_until(x, x->taken == 6);
	assert_int_equal(x->n, 2);
	crash(x);
	assert_int_equal(cursor(x), 5);
	assert_int_equal(x->n, 2);
}

static void a_repeated_record_makes_no_second_message(void **state)
{
	struct ot *x = *state;

	take(x, 5, 1, 2, false);
	take(x, 5, 1, 2, true);
	turn_until(x, x->taken == 5 && cursor(x) == 5);
	turn_until(x, bb_loop_turns(x->loop) > 0 && stats(x).open == 2);
	reopen(x);
	assert_int_equal(x->n, 2);
}

static void more_recipients_than_fit_one_record_are_all_kept(void **state)
{
	struct ot *x = *state;

	take(x, 5, 1, 150, true);
	turn_until(x, x->taken == 5);
	assert_int_equal(x->n, 150);
	crash(x);
	assert_int_equal(x->n, 150);
}

static void a_task_found_sending_is_ready_again_with_its_key_and_attempt(void **state)
{
	struct ot *x = *state;
	uint8_t key[16];

	take(x, 5, 1, 1, true);
	turn_until(x, x->n == 1);
	memcpy(key, x->ready[0]->key, 16);
	outbox_begin(x->o, x->ready[0], on_begun, x);
	assert_int_equal(x->begun, 0);
	turn_until(x, x->begun == 1);
	crash(x);
	assert_int_equal(x->n, 1);
	assert_int_equal(x->ready[0]->step, SENDING);
	assert_int_equal(x->ready[0]->attempt, 1);
	assert_memory_equal(x->ready[0]->key, key, 16);
}

static void finished_tasks_are_gone_and_counted(void **state)
{
	struct ot *x = *state;

	take(x, 5, 1, 3, true);
	turn_until(x, x->n == 3);
	outbox_end(x->o, x->ready[0], SENT, "250 ok");
	outbox_end(x->o, x->ready[1], FAILED, "550 no");
	assert_int_equal(stats(x).open, 1);
	take(x, 6, 2, 0, true);
	turn_until(x, x->taken == 6);
	crash(x);
	assert_int_equal(x->n, 1);
	reopen(x);
	assert_int_equal(x->n, 1);
	assert_int_equal(x->ready[0]->recipient_id, 2);
	assert_int_equal(stats(x).sent, 1);
	assert_int_equal(stats(x).failed, 1);
}

static void a_cursor_reset_is_kept(void **state)
{
	static const uint8_t other[16] = "another journal.";
	struct ot *x = *state;
	uint8_t id[16];
	uint64_t jseq;

	take(x, 500, 1, 0, true);
	outbox_cursor_reset(x->o, other, 3);
	turn_until(x, x->taken == 3);
	crash(x);
	outbox_cursor(x->o, id, &jseq);
	assert_int_equal(jseq, 3);
	assert_memory_equal(id, other, 16);
}

static void age_counts_from_the_queueing(void **state)
{
	struct ot *x = *state;

	take(x, 5, 1, 1, true);
	turn_until(x, x->n == 1);
	jt_clock_pass_ms(60000);
	assert_true(stats(x).oldest_ms >= 60000);
	reopen(x);
	assert_true(stats(x).oldest_ms >= 60000);
}

/* ---- the queue ---- */

static void the_queue_gives_by_due_time_then_age(void **state)
{
	struct queue *q = queue_new();
	struct task t[3] = { { .id = 1, .order = 1 }, { .id = 2, .order = 2 },
		{ .id = 3, .order = 3 } };

	queue_add(q, &t[2]);
	queue_add(q, &t[1]);
	queue_add(q, &t[0]);
	assert_ptr_equal(queue_take(q, 0), &t[0]);
	queue_postpone(q, &t[0], 100);
	assert_ptr_equal(queue_take(q, 50), &t[1]);
	assert_ptr_equal(queue_take(q, 50), &t[2]);
	assert_null(queue_take(q, 99));
	assert_int_equal(queue_next_ms(q), 100);
	assert_ptr_equal(queue_take(q, 100), &t[0]);
	queue_free(q);
}

static void what_is_behind_waits_until_the_first_is_finished(void **state)
{
	struct queue *q = queue_new();
	struct task t[3] = { { .id = 1, .order = 9 }, { .id = 2, .order = 9 },
		{ .id = 3, .order = 9 } };

	for (size_t i = 0; i < 3; i++)
		queue_add(q, &t[i]);
	assert_ptr_equal(queue_take(q, 0), &t[0]);
	assert_null(queue_take(q, 1000));
	queue_postpone(q, &t[0], 500);
	assert_null(queue_take(q, 499));
	assert_ptr_equal(queue_take(q, 500), &t[0]);
	queue_remove(q, &t[0]);
	assert_ptr_equal(queue_take(q, 500), &t[1]);
	queue_remove(q, &t[1]);
	assert_ptr_equal(queue_take(q, 500), &t[2]);
	queue_remove(q, &t[2]);
	assert_int_equal(queue_next_ms(q), UINT64_MAX);
	queue_free(q);
}

static void a_thousand_tasks_come_out_in_order(void **state)
{
	struct queue *q = queue_new();
	struct task *t = calloc(1000, sizeof(*t));
	unsigned seed = 1;

	for (size_t i = 0; i < 1000; i++) {
		t[i].id = i + 1;
		t[i].order = i;
		queue_add(q, &t[i]);
	}
	for (size_t i = 0; i < 1000; i++)
		queue_postpone(q, queue_take(q, 0), 1 + (uint64_t)rand_r(&seed) % 500);
	for (uint64_t last = 0, i = 0; i < 1000; i++) {
		struct task *next = queue_take(q, 1000);

		assert_true(next->due_ms >= last);
		last = next->due_ms;
	}
	assert_null(queue_take(q, 1000));
	queue_free(q);
	free(t);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tasks_are_ready_when_durable_and_the_cursor_with_them),
		T(a_record_without_tasks_moves_the_cursor),
		T(a_volatile_record_makes_tasks_but_does_not_move_the_cursor),
		T(a_repeated_record_makes_no_second_message),
		T(more_recipients_than_fit_one_record_are_all_kept),
		T(a_task_found_sending_is_ready_again_with_its_key_and_attempt),
		T(finished_tasks_are_gone_and_counted),
		T(a_cursor_reset_is_kept),
		T(age_counts_from_the_queueing),
		cmocka_unit_test(the_queue_gives_by_due_time_then_age),
		cmocka_unit_test(what_is_behind_waits_until_the_first_is_finished),
		cmocka_unit_test(a_thousand_tasks_come_out_in_order),
	};

	jt_clock_setup();
	bb_log_open("test_outbox", BB_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
