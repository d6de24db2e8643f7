// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/loop.h"

/* The clock of this program: offsets in ns to BOOTTIME, MONOTONIC, REALTIME. Waits are real, so
 * tests move the clock instead. */
static int64_t *clock_offsets;

static void clock_add_ms(int64_t boot_ms, int64_t mono_ms, int64_t real_ms)
{
	clock_offsets[0] += boot_ms * 1000000;
	clock_offsets[1] += mono_ms * 1000000;
	clock_offsets[2] += real_ms * 1000000;
}

/* Life goes on for all three clocks. */
static void clock_pass_ms(int64_t ms)
{
	clock_add_ms(ms, ms, ms);
}

struct seen {
	struct bb_loop *loop;
	struct bb_watch *watch, *other;
	char order[16];
	size_t n;
	int count;
	uint64_t away_ms;
	int64_t step_us;
};

static int setup(void **state)
{
	struct seen *s = calloc(1, sizeof(*s));

	s->loop = bb_loop_new(NULL);
	*state = s;
	return s->loop ? 0 : -1;
}

static int teardown(void **state)
{
	struct seen *s = *state;

	bb_loop_free(s->loop);
	free(s);
	return 0;
}

static void on_count(void *arg)
{
	((struct seen *)arg)->count++;
}

static void on_a(void *arg)
{
	struct seen *s = arg;

	s->order[s->n++] = 'a';
}

static void on_b(void *arg)
{
	struct seen *s = arg;

	s->order[s->n++] = 'b';
}

static void timers_run_in_order_of_deadline(void **state)
{
	struct seen *s = *state;

	bb_loop_after(s->loop, 200, on_b, s);
	bb_loop_after(s->loop, 100, on_a, s);
	bb_loop_after(s->loop, 200, on_a, s);
	bb_loop_turn(s->loop, 0);
	assert_string_equal(s->order, "");
	clock_pass_ms(300);
	bb_loop_turn(s->loop, 0);
	assert_string_equal(s->order, "aba");
}

static void many_timers_keep_their_order(void **state)
{
	struct seen *s = *state;
	struct bb_watch *w[200];

	for (unsigned i = 0; i < 200; i++)
		w[i] = bb_loop_after(s->loop, 1000 + i * 7919 % 211, on_count, s);
	for (unsigned i = 0; i < 200; i += 3)
		bb_loop_cancel(w[i]);
	clock_pass_ms(2000);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 200 - 67);
}

static void periodic_timer_keeps_its_phase(void **state)
{
	struct seen *s = *state;
	uint64_t first_ms = bb_clock_mono_ms();

	bb_loop_every(s->loop, 1000, on_count, s);
	clock_pass_ms(1900);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 1);
	/* Due at 2000, not at 2900; whatever this machine has lost meanwhile is less than the 900
	 * ms between. */
	clock_pass_ms((int64_t)(first_ms + 2100 - bb_clock_mono_ms()));
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 2);
}

static void missed_rounds_are_not_made_up_for(void **state)
{
	struct seen *s = *state;

	bb_loop_every(s->loop, 1000, on_count, s);
	clock_pass_ms(10500);
	for (int i = 0; i < 3; i++)
		bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 1);
}

static void on_again(void *arg)
{
	struct seen *s = arg;

	s->count++;
	bb_loop_after(s->loop, 0, on_again, s);
}

static void timer_of_zero_runs_once_a_turn(void **state)
{
	struct seen *s = *state;

	bb_loop_after(s->loop, 0, on_again, s);
	for (int i = 0; i < 5; i++)
		bb_loop_turn(s->loop, 1000);
	assert_int_equal(s->count, 5);
}

static void on_cancel_both(void *arg)
{
	struct seen *s = arg;

	s->count++;
	bb_loop_cancel(s->watch);
	bb_loop_cancel(s->other);
}

static void callback_may_cancel_itself_and_its_neighbour(void **state)
{
	struct seen *s = *state;

	s->watch = bb_loop_every(s->loop, 10, on_cancel_both, s);
	s->other = bb_loop_after(s->loop, 10, on_count, s);
	clock_pass_ms(100);
	bb_loop_turn(s->loop, 0);
	clock_pass_ms(100);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 1);
}

static void on_readable(void *arg, int fd, int what)
{
	struct seen *s = arg;
	char c;

	assert_int_equal(what, BB_READ);
	assert_int_equal(read(fd, &c, 1), 1);
	s->count++;
}

static void descriptor_is_told_until_it_is_switched_off(void **state)
{
	struct seen *s = *state;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	s->watch = bb_loop_add_fd(s->loop, fds[0], BB_READ, on_readable, s);
	assert_int_equal(write(fds[1], "xyz", 3), 3);
	bb_loop_turn(s->loop, 1000);
	bb_loop_turn(s->loop, 1000);
	assert_int_equal(s->count, 2);
	bb_loop_set_fd(s->watch, 0);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 2);
	bb_loop_set_fd(s->watch, BB_READ);
	bb_loop_turn(s->loop, 1000);
	assert_int_equal(s->count, 3);
	bb_loop_cancel(s->watch);
	close(fds[0]);
	close(fds[1]);
}

static void on_stop(void *arg)
{
	struct seen *s = arg;

	s->count++;
	bb_loop_stop(s->loop);
}

static void signal_reaches_its_callback(void **state)
{
	struct seen *s = *state;

	bb_loop_on_signal(s->loop, SIGUSR2, on_stop, s);
	raise(SIGUSR2);
	assert_int_equal(bb_loop_run(s->loop), 0);
	assert_int_equal(s->count, 1);
}

static bool on_hook_busy(void *arg)
{
	struct seen *s = arg;

	return ++s->count < 101;
}

static void busy_hook_keeps_the_loop_from_waiting(void **state)
{
	struct seen *s = *state;

	bb_loop_add_hook(s->loop, on_hook_busy, s);
	/* A hundred turns that wait for nothing; each would wait a second otherwise, and the alarm end the program. */
	alarm(60);
	for (int i = 0; i < 100; i++)
		bb_loop_turn(s->loop, UINT64_MAX);
	alarm(0);
	assert_int_equal(s->count, 100);
}

static bool on_hook_cancel(void *arg)
{
	struct seen *s = arg;

	s->count++;
	bb_loop_cancel(s->watch);
	bb_loop_cancel(s->other);
	return false;
}

static void hook_may_cancel_itself_and_the_next(void **state)
{
	struct seen *s = *state;

	s->watch = bb_loop_add_hook(s->loop, on_hook_cancel, s);
	s->other = bb_loop_add_hook(s->loop, on_hook_busy, s);
	bb_loop_turn(s->loop, 0);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 1);
}

static void on_discontinuity(void *arg, uint64_t away_ms, int64_t step_us)
{
	struct seen *s = arg;

	s->order[s->n++] = 'd';
	s->count++;
	s->away_ms = away_ms;
	s->step_us = step_us;
	bb_loop_cancel(s->watch);
}

static void ordinary_turns_tell_no_discontinuity(void **state)
{
	struct seen *s = *state;

	bb_loop_on_discontinuity(s->loop, 0, on_discontinuity, s);
	for (int i = 0; i < 3; i++) {
		bb_loop_turn(s->loop, 0);
		clock_pass_ms(900);
	}
	assert_int_equal(s->count, 0);
}

static void pause_is_told_before_timers_that_expired_in_it(void **state)
{
	struct seen *s = *state;

	bb_loop_on_discontinuity(s->loop, 5000, on_discontinuity, s);
	s->watch = bb_loop_after(s->loop, 3000, on_a, s);
	bb_loop_after(s->loop, 3000, on_b, s);
	bb_loop_turn(s->loop, 0);
	clock_pass_ms(60000);
	bb_loop_turn(s->loop, 0);
	assert_string_equal(s->order, "db");
	assert_in_range(s->away_ms, 60000, 90000);
	assert_int_equal(s->step_us, 0);
}

static void on_readable_order(void *arg, int fd, int what)
{
	on_a(arg);
}

/* Hooks run before the wait, so this is a pause in it. */
static bool on_hook_pause(void *arg)
{
	struct seen *s = arg;

	if (s->count++ == 1)
		clock_pass_ms(60000);
	return false;
}

static void pause_in_the_wait_is_told_before_descriptors(void **state)
{
	struct seen *s = *state;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	bb_loop_on_discontinuity(s->loop, 5000, on_discontinuity, s);
	bb_loop_add_hook(s->loop, on_hook_pause, s);
	bb_loop_turn(s->loop, 0);
	bb_loop_add_fd(s->loop, fds[0], BB_READ, on_readable_order, s);
	assert_int_equal(write(fds[1], "x", 1), 1);
	bb_loop_turn(s->loop, 1000);
	assert_string_equal(s->order, "da");
	close(fds[0]);
	close(fds[1]);
}

static void suspend_is_told(void **state)
{
	struct seen *s = *state;

	bb_loop_on_discontinuity(s->loop, 0, on_discontinuity, s);
	bb_loop_turn(s->loop, 0);
	clock_add_ms(1500, 0, 1500);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 1);
	assert_in_range(s->away_ms, 1500, 30000);
	assert_int_equal(s->step_us, 0);
}

static void wall_step_is_told_without_absence(void **state)
{
	struct seen *s = *state;

	bb_loop_on_discontinuity(s->loop, 60000, on_discontinuity, s);
	bb_loop_turn(s->loop, 0);
	clock_add_ms(0, 0, -3600000);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 1);
	assert_int_equal(s->away_ms, 0);
	assert_in_range(-s->step_us, 3590000000, 3600100000);
}

static void small_wall_correction_is_not_told(void **state)
{
	struct seen *s = *state;

	bb_loop_on_discontinuity(s->loop, 60000, on_discontinuity, s);
	bb_loop_turn(s->loop, 0);
	clock_add_ms(0, 0, 1500);
	bb_loop_turn(s->loop, 0);
	assert_int_equal(s->count, 0);
}

static void stop_before_run_is_honoured(void **state)
{
	struct seen *s = *state;

	bb_loop_stop(s->loop);
	assert_int_equal(bb_loop_run(s->loop), 0);
	assert_int_equal(bb_loop_turns(s->loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timers_run_in_order_of_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(many_timers_keep_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(periodic_timer_keeps_its_phase, setup, teardown),
		cmocka_unit_test_setup_teardown(missed_rounds_are_not_made_up_for, setup, teardown),
		cmocka_unit_test_setup_teardown(timer_of_zero_runs_once_a_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(callback_may_cancel_itself_and_its_neighbour, setup,
			teardown),
		cmocka_unit_test_setup_teardown(descriptor_is_told_until_it_is_switched_off, setup,
			teardown),
		cmocka_unit_test_setup_teardown(signal_reaches_its_callback, setup, teardown),
		cmocka_unit_test_setup_teardown(busy_hook_keeps_the_loop_from_waiting, setup,
			teardown),
		cmocka_unit_test_setup_teardown(hook_may_cancel_itself_and_the_next, setup,
			teardown),
		cmocka_unit_test_setup_teardown(ordinary_turns_tell_no_discontinuity, setup,
			teardown),
		cmocka_unit_test_setup_teardown(pause_is_told_before_timers_that_expired_in_it,
			setup, teardown),
		cmocka_unit_test_setup_teardown(pause_in_the_wait_is_told_before_descriptors, setup,
			teardown),
		cmocka_unit_test_setup_teardown(suspend_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(wall_step_is_told_without_absence, setup, teardown),
		cmocka_unit_test_setup_teardown(small_wall_correction_is_not_told, setup, teardown),
		cmocka_unit_test_setup_teardown(stop_before_run_is_honoured, setup, teardown),
	};
	char file[] = "/tmp/test_loop.XXXXXX";
	int fd = mkstemp(file);

	if (fd < 0 || ftruncate(fd, 3 * sizeof(int64_t)) < 0)
		return 1;
	clock_offsets = mmap(NULL, 3 * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	setenv("BUSBAR_TEST_CLOCK", file, 1);
	bb_clock_boot_ms();
	unlink(file);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
