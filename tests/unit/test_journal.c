// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/journal_file.h"
#include "common/log.h"
#include "tests/unit/journal_lib.h"

static int setup(void **state)
{
	*state = jt_new();
	return 0;
}

static int teardown(void **state)
{
	jt_free(*state);
	return 0;
}

/* ---- order and content ---- */

static void records_come_back_in_order_with_their_bytes(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 1000);
	jt_wait_acked(t, 1000);
	assert_int_equal(jt_read_all(t, 0), 1000);
	assert_int_equal(t->done, 1000);
	assert_true(t->done_in_order);
	assert_int_equal(bb_journal_head(t->j), 1000);
	assert_int_equal(bb_journal_first(t->j), 1);
	assert_int_equal(bb_journal_queue_depth(t->j), 0);
}

static void a_record_is_not_readable_before_it_is_durable(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 10);
	assert_int_equal(jt_read_all(t, 0), 0);
	assert_int_equal(bb_journal_queue_depth(t->j), 10);
	jt_wait_acked(t, 10);
	assert_int_equal(jt_read_all(t, 0), 10);
}

static void numbers_identity_and_chain_go_on_after_reopening(void **state)
{
	struct jt *t = *state;
	uint8_t id[16], chain[32];

	jt_open(t);
	memcpy(id, bb_journal_id(t->j), 16);
	jt_append(t, 5);
	jt_wait_acked(t, 5);
	jt_read_all(t, 0);
	memcpy(chain, t->chain, 32);
	jt_reopen(t);
	assert_memory_equal(bb_journal_id(t->j), id, 16);
	assert_int_equal(bb_journal_next(t->j), 6);
	jt_append(t, 1);
	jt_wait_acked(t, 6);
	assert_int_equal(jt_read_all(t, 0), 6);
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 5), 1);
	assert_int_equal(t->damages, 0);
}

static void close_writes_what_is_queued(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 700);
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 0), 700);
}

static void largest_and_empty_records_survive(void **state)
{
	static const uint8_t big[64 * 1024];
	struct jt *t = *state;

	jt_open(t);
	bb_journal_append(t->j, 7, big, sizeof(big), NULL, NULL);
	bb_journal_append(t->j, 8, NULL, 0, NULL, NULL);
	jt_wait_acked(t, 2);
	t->any_content = true;
	assert_int_equal(jt_read_all(t, 0), 2);
	assert_int_equal(t->last_len, 0);
}

static void reading_stops_when_told_and_at_max(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 20);
	jt_wait_acked(t, 20);
	t->stop_after = 3;
	assert_int_equal(jt_read_all(t, 10), 3);
	t->stop_after = 0;
	assert_int_equal(jt_read(t, 10, 4), 4);
	assert_int_equal(jt_read(t, 20, 4), 0);
}

static void a_second_opener_is_refused(void **state)
{
	struct jt *t = *state;
	struct bb_journal_options o = { .dir = t->dir };
	struct bb_err err;

	jt_open(t);
	assert_null(bb_journal_open(t->loop, &o, &err));
	assert_non_null(strstr(err.text, "in use"));
}

static void commit_hook_runs_after_each_group(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	bb_journal_on_commit(t->j, jt_count, &t->commits);
	jt_append(t, 1);
	jt_wait_acked(t, 1);
	assert_int_equal(t->commits, 1);
}

/* ---- generations ---- */

static void generations_roll_and_read_across(void **state)
{
	struct jt *t = *state;

	t->o.max_records = 100;
	jt_open(t);
	for (unsigned i = 1; i <= 10; i++) {
		jt_append(t, 90);
		jt_wait_acked(t, 90 * i);
	}
	assert_true(jt_files(t, ".db") >= 5);
	assert_int_equal(jt_read_all(t, 0), 900);
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 0), 900);
	assert_int_equal(jt_read_all(t, 555), 345);
	assert_int_equal(t->damages, 0);
}

static void a_generation_ends_after_a_day(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 1);
	jt_wait_acked(t, 1);
	jt_clock_pass_ms(24 * 3600 * 1000 + 1);
	jt_append(t, 1);
	jt_wait_acked(t, 2);
	assert_int_equal(jt_files(t, ".db"), 2);
}

/* ---- snapshots, cursors, retention ---- */

static void newest_snapshot_is_returned_after_reopening(void **state)
{
	struct jt *t = *state;
	uint8_t *data = NULL;
	uint64_t jseq = 0;
	size_t len = 0;

	jt_open(t);
	assert_int_equal(bb_journal_snapshot_get(t->j, &jseq, &data, &len, NULL), 0);
	jt_append(t, 3);
	bb_journal_snapshot_put(t->j, 2, "two", 3);
	bb_journal_snapshot_put(t->j, 3, "three", 5);
	jt_reopen(t);
	assert_int_equal(bb_journal_snapshot_get(t->j, &jseq, &data, &len, NULL), 1);
	assert_int_equal(jseq, 3);
	assert_memory_equal(data, "three", 5);
	free(data);
}

static void cursors_survive_reopening_and_new_generations(void **state)
{
	struct jt *t = *state;

	t->o.max_records = 10;
	jt_open(t);
	jt_append(t, 5);
	jt_wait_acked(t, 5);
	bb_journal_cursor_set(t->j, "notifyd", 4);
	assert_int_equal(bb_journal_cursor_get(t->j, "notifyd"), 4);
	for (unsigned i = 0; i < 5; i++) {
		jt_append(t, 10);
		jt_wait_acked(t, 15 + 10 * i);
	}
	jt_reopen(t);
	assert_int_equal(bb_journal_cursor_get(t->j, "notifyd"), 4);
	assert_int_equal(bb_journal_cursor_get(t->j, "nobody"), 0);
}

static void cursor_names_and_number_are_bounded(void **state)
{
	struct jt *t = *state;
	char name[80];

	jt_open(t);
	memset(name, 'x', sizeof(name));
	name[64] = '\0';
	assert_false(bb_journal_cursor_set(t->j, name, 1));
	for (unsigned i = 0; i < 32; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		assert_true(bb_journal_cursor_set(t->j, name, 1));
	}
	assert_false(bb_journal_cursor_set(t->j, "one more", 1));
}

/* Five generations of ten records, old enough to go. */
static void old_generations(struct jt *t)
{
	t->o.max_records = 10;
	t->o.retention_s = 3600;
	jt_open(t);
	for (unsigned i = 1; i <= 5; i++) {
		jt_append(t, 10);
		jt_wait_acked(t, 10 * i);
	}
	jt_clock_pass_ms(2 * 3600 * 1000);
}

static void snapshot_at(struct jt *t, uint64_t jseq)
{
	bb_journal_snapshot_put(t->j, jseq, "s", 1);
	/* The snapshot is asynchronous; a record behind it is acknowledged after it. */
	jt_append(t, 1);
	jt_wait_acked(t, bb_journal_next(t->j) - 1);
	jt_append(t, 1);
	jt_wait_acked(t, bb_journal_next(t->j) - 1);
}

static void retention_removes_old_generations_below_cursor_and_snapshot(void **state)
{
	struct jt *t = *state;

	old_generations(t);
	bb_journal_retain(t->j);
	assert_int_equal(bb_journal_first(t->j), 1); /* no snapshot yet */
	snapshot_at(t, 50);
	bb_journal_retain(t->j);
	assert_int_equal(bb_journal_first(t->j), 51);
	assert_int_equal(jt_files(t, ".db"), 1);
	assert_int_equal(jt_read_all(t, 0), 2);
}

static void a_cursor_holds_back_retention(void **state)
{
	struct jt *t = *state;

	old_generations(t);
	bb_journal_cursor_set(t->j, "slow", 25);
	snapshot_at(t, 50);
	bb_journal_retain(t->j);
	assert_int_equal(bb_journal_first(t->j), 21);
	bb_journal_cursor_set(t->j, "slow", 50);
	bb_journal_retain(t->j);
	assert_int_equal(bb_journal_first(t->j), 51);
}

static void young_generations_are_kept(void **state)
{
	struct jt *t = *state;

	old_generations(t);
	jt_clock_pass_ms(-2 * 3600 * 1000);
	snapshot_at(t, 50);
	bb_journal_retain(t->j);
	assert_int_equal(bb_journal_first(t->j), 1);
}

/* ---- crash ---- */

enum { KILLS = 50 };

/* Append without end; tell each acknowledged number through the pipe. */
static void child_done(void *arg, uint64_t jseq, bool durable)
{
	int fd = *(int *)arg;

	if (!durable || write(fd, &jseq, sizeof(jseq)) != (ssize_t)sizeof(jseq))
		_exit(3);
}

static void child_burst(void *arg)
{
	struct jt *t = arg;
	uint8_t body[300];

	for (unsigned i = 0; i < 7; i++) {
		uint64_t jseq = bb_journal_next(t->j);
		size_t n = jt_body(jseq, body);

		bb_journal_append(t->j, (uint32_t)(jseq % 7), body, n, child_done, &t->pipe);
	}
	if (bb_journal_next(t->j) % 40 < 7) {
		bb_journal_snapshot_put(t->j, bb_journal_head(t->j), body, sizeof(body));
		bb_journal_cursor_set(t->j, "c", bb_journal_head(t->j));
	}
}

static void child_run(struct jt *t, int fd)
{
	t->pipe = fd;
	bb_loop_free(t->loop);
	t->loop = bb_loop_new(NULL);
	t->o.max_records = 400;
	jt_open(t);
	bb_loop_every(t->loop, 1, child_burst, t);
	bb_loop_run(t->loop);
	_exit(4);
}

/* Let the child run until it acknowledged `least` more, then a random little longer, and kill
 * it. Returns the newest acknowledged. */
static uint64_t run_and_kill(struct jt *t, unsigned *seed)
{
	uint64_t jseq, newest = 0;
	unsigned least = (unsigned)rand_r(seed) % 60;
	int fd[2];
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child_run(t, fd[1]);
	}
	close(fd[1]);
	for (unsigned i = 0; i <= least; i++) {
		assert_int_equal(read(fd[0], &jseq, sizeof(jseq)), sizeof(jseq));
		newest = jseq;
	}
	usleep((unsigned)rand_r(seed) % 3000); /* the random moment itself */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(fd[0], &jseq, sizeof(jseq)) == (ssize_t)sizeof(jseq))
		newest = jseq;
	close(fd[0]);
	return newest;
}

static void acknowledged_records_survive_sigkill(void **state)
{
	struct jt *t = *state;
	unsigned seed = (unsigned)bb_clock_real_us();

	print_message("seed %u\n", seed);
	for (unsigned i = 0; i < KILLS; i++) {
		uint64_t newest = run_and_kill(t, &seed);

		t->o.max_records = 400;
		jt_open(t);
		assert_true(bb_journal_head(t->j) >= newest);
		assert_int_equal(jt_read_all(t, 0), bb_journal_head(t->j));
		assert_int_equal(t->damages, 0);
		jt_close(t);
	}
}

/* ---- bytes ---- */

static void crc_is_castagnoli(void **state)
{
	assert_int_equal(journal_crc(0, "123456789", 9), 0xe3069283);
}

static void head_row_with_any_flipped_bit_is_refused(void **state)
{
	struct journal_head h = { .first = 77, .created_us = 5 }, back;
	uint8_t bytes[JOURNAL_HEAD_BYTES];

	memset(h.id, 9, sizeof(h.id));
	journal_head_encode(&h, bytes);
	assert_int_equal(journal_head_decode(&back, bytes, sizeof(bytes)), 0);
	assert_int_equal(back.first, 77);
	for (unsigned bit = 0; bit < 8 * sizeof(bytes); bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(journal_head_decode(&back, bytes, sizeof(bytes)), -1);
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_int_equal(journal_head_decode(&back, bytes, sizeof(bytes) - 1), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(records_come_back_in_order_with_their_bytes),
		T(a_record_is_not_readable_before_it_is_durable),
		T(numbers_identity_and_chain_go_on_after_reopening),
		T(close_writes_what_is_queued),
		T(largest_and_empty_records_survive),
		T(reading_stops_when_told_and_at_max),
		T(a_second_opener_is_refused),
		T(commit_hook_runs_after_each_group),
		T(generations_roll_and_read_across),
		T(a_generation_ends_after_a_day),
		T(newest_snapshot_is_returned_after_reopening),
		T(cursors_survive_reopening_and_new_generations),
		T(cursor_names_and_number_are_bounded),
		T(retention_removes_old_generations_below_cursor_and_snapshot),
		T(a_cursor_holds_back_retention),
		T(young_generations_are_kept),
		T(acknowledged_records_survive_sigkill),
		cmocka_unit_test(crc_is_castagnoli),
		cmocka_unit_test(head_row_with_any_flipped_bit_is_refused),
	};

	jt_clock_setup();
	bb_log_open("test_journal", BB_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
