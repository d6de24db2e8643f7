// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "collectors/wheel.h"

struct fired {
	struct wheel *w;
	struct wheel_entry timer, other;
	unsigned n;
	uint64_t at_ms;
};

static void note(void *arg)
{
	struct fired *f = arg;

	f->n++;
	f->at_ms = wheel_now_ms(f->w);
}

static void run_to(struct wheel *w, uint64_t *mono, uint64_t to)
{
	while (*mono < to)
		wheel_advance(w, *mono += 10);
}

static void a_timer_runs_once_and_not_early(void **state)
{
	struct wheel *w = wheel_new();
	struct fired f = { .w = w };
	uint64_t mono = 1000;

	wheel_advance(w, mono);
	wheel_set(w, &f.timer, 95, note, &f);
	assert_true(wheel_armed(&f.timer));
	run_to(w, &mono, 5000);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.at_ms, 100);
	assert_false(wheel_armed(&f.timer));
	wheel_free(w);
}

static void a_timer_longer_than_a_turn_waits_its_rounds(void **state)
{
	struct wheel *w = wheel_new();
	struct fired f = { .w = w };
	uint64_t mono = 10;

	wheel_advance(w, mono);
	wheel_set(w, &f.timer, 100000, note, &f);
	run_to(w, &mono, 99990);
	assert_int_equal(f.n, 0);
	run_to(w, &mono, 100020);
	assert_int_equal(f.n, 1);
	wheel_free(w);
}

static void a_pause_is_not_a_burst(void **state)
{
	struct wheel *w = wheel_new();
	struct fired f = { .w = w };

	wheel_advance(w, 1000);
	wheel_set(w, &f.timer, 500, note, &f);
	assert_int_equal(wheel_advance(w, 61000), 60000 - 10);
	assert_int_equal(f.n, 0);
	uint64_t mono = 61000;
	run_to(w, &mono, 61480);
	assert_int_equal(f.n, 0);
	run_to(w, &mono, 61500);
	assert_int_equal(f.n, 1);
	wheel_free(w);
}

static void cancel_other(void *arg)
{
	struct fired *f = arg;

	wheel_cancel(&f->other);
	wheel_set(f->w, &f->timer, 0, note, f);
}

static void callbacks_may_cancel_and_arm(void **state)
{
	struct wheel *w = wheel_new();
	struct fired f = { .w = w };
	uint64_t mono = 10;

	wheel_advance(w, mono);
	wheel_set(w, &f.timer, 50, cancel_other, &f);
	wheel_set(w, &f.other, 50, note, &f);
	run_to(w, &mono, 60);
	assert_int_equal(f.n, 0);
	run_to(w, &mono, 70);
	assert_int_equal(f.n, 1);
	wheel_free(w);
}

static void a_phase_is_kept_whatever_came_between(void **state)
{
	struct wheel *w = wheel_new();
	struct fired f = { .w = w };
	uint64_t mono = 1000;

	wheel_advance(w, mono);
	assert_int_equal(wheel_phase_ms(w, 700, 2000, 0), 700);
	run_to(w, &mono, mono + 700);
	assert_int_equal(wheel_phase_ms(w, 700, 2000, 0), 0);
	assert_int_equal(wheel_phase_ms(w, 700, 2000, 1000), 2000);
	run_to(w, &mono, mono + 990);
	assert_int_equal(wheel_phase_ms(w, 700, 2000, 1000), 1010);
	run_to(w, &mono, mono + 20);
	assert_int_equal(wheel_phase_ms(w, 700, 2000, 1000), 2990);
	assert_int_equal(wheel_phase_ms(w, 2700, 2000, 0), 990);
	assert_int_equal(wheel_phase_ms(w, 5, 0, 30), 30);
	assert_int_equal(wheel_left_ms(w, &f.timer), 0);
	wheel_set(w, &f.timer, 500, note, &f);
	run_to(w, &mono, mono + 100);
	assert_int_equal(wheel_left_ms(w, &f.timer), 400);
	wheel_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_runs_once_and_not_early),
		cmocka_unit_test(a_timer_longer_than_a_turn_waits_its_rounds),
		cmocka_unit_test(a_pause_is_not_a_burst),
		cmocka_unit_test(callbacks_may_cancel_and_arm),
		cmocka_unit_test(a_phase_is_kept_whatever_came_between),
	};

	return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}
