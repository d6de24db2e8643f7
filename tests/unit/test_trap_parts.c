// SPDX-License-Identifier: Apache-2.0
/* The parts of the receiver of traps that need no socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "collectors/snmptrap/identity.h"
#include "collectors/snmptrap/meaning.h"
#include "collectors/snmptrap/memory.h"
#include "collectors/snmptrap/windows.h"

/* ---- limits ---- */

static void an_address_gets_its_burst_and_then_its_rate(void **state)
{
	const struct limit l = { .rate = 50, .burst = 200 };
	struct bucket b = { 0 };
	unsigned n = 0;

	for (int i = 0; i < 1000; i++)
		n += bucket_take(&b, &l, 5000);
	assert_int_equal(n, 200);
	for (uint64_t ms = 5000; ms < 15000; ms++)
		n += bucket_take(&b, &l, ms);
	assert_in_range(n, 200 + 499, 200 + 501);
}

/* ---- memory ---- */

static void an_inform_is_new_once_and_forgotten_when_the_disk_did_not_take_it(void **state)
{
	struct informs *m = informs_new();
	const struct inform_key k = { .port = 9, .request_id = 7 };

	assert_int_equal(informs_hear(m, &k, 0, 1000), INFORM_NEW);
	assert_int_equal(informs_hear(m, &k, 10, 1000), INFORM_PENDING);
	informs_settle(m, &k, false);
	assert_int_equal(informs_hear(m, &k, 20, 1000), INFORM_NEW);
	informs_settle(m, &k, true);
	assert_int_equal(informs_hear(m, &k, 30, 1000), INFORM_STORED);
	assert_int_equal(informs_hear(m, &k, 5000, 1000), INFORM_NEW);
	informs_free(m);
}

static void the_memory_of_informs_is_bounded(void **state)
{
	struct informs *m = informs_new();

	for (uint32_t i = 0; i < 3 * INFORMS_MAX; i++) {
		const struct inform_key k = { .request_id = i };
		assert_int_equal(informs_hear(m, &k, i, 1000000), INFORM_NEW);
	}
	const struct inform_key newest = { .request_id = 3 * INFORMS_MAX - 1 };
	assert_int_equal(informs_hear(m, &newest, 0, 1000000), INFORM_PENDING);
	informs_free(m);
}

static uint32_t told;

static void on_tell(void *arg, const struct repeat *r)
{
	told += r->count;
}

static void repetitions_are_counted_and_told_as_one_number(void **state)
{
	struct repeats *m = repeats_new(on_tell, NULL);
	const struct repeat r = { .device_id = 1, .hash = 2, .keep_ms = 60000 };

	told = 0;
	assert_false(repeats_hear(m, &r, 0));
	for (uint64_t i = 1; i <= 5; i++)
		assert_true(
			repeats_hear(m, &r, i * 50000)); /* each within 60 s of the one before */
	repeats_tick(m, 300000);
	assert_int_equal(told, 0);
	repeats_tick(m, 310000);
	assert_int_equal(told, 5);
	assert_false(repeats_hear(m, &r, 310001));
	repeats_hear(m, &r, 310002);
	repeats_flush(m);
	assert_int_equal(told, 6);
	repeats_free(m);
}

static void strangers_are_listed_once_and_the_oldest_gives_way(void **state)
{
	struct strangers *m = strangers_new();
	const struct stranger *list[STRANGERS_MAX];

	for (unsigned i = 0; i < STRANGERS_MAX + 10; i++) {
		struct stranger s = { .first_us = i + 1, .last_us = i + 1, .reason = "who" };
		memcpy(s.from.b, &i, sizeof(i));
		assert_int_equal(strangers_hear(m, &s), 1);
		s.last_us = i + 2;
		assert_int_equal(strangers_hear(m, &s), 2);
	}
	assert_int_equal(strangers_list(m, list, STRANGERS_MAX), STRANGERS_MAX);
	assert_int_equal(list[0]->last_us, STRANGERS_MAX + 11);
	assert_int_equal(list[0]->first_us, STRANGERS_MAX + 10);
	assert_int_equal(list[STRANGERS_MAX - 1]->last_us, 12);
	strangers_free(m);
}

/* ---- meanings ---- */

static const char *const file =
	"traps = ( { root = \".1.3.6.1.2.1.33.2\"; list = ( "
	"{ id = 1; code = \"upsTrapOnBattery\"; severity = \"major\"; repeats = 60; }, "
	"{ id = 4; code = \"gone\"; text = \"it is gone\"; clears = [ \"upsTrapOnBattery\" ]; } ); } );";

static void both_forms_of_a_name_mean_the_same(void **state)
{
	struct meanings *m = meanings_new();
	struct bb_err err;
	const uint32_t plain[] = { 1, 3, 6, 1, 2, 1, 33, 2, 1 };
	const uint32_t v1[] = { 1, 3, 6, 1, 2, 1, 33, 2, 0, 1 };
	const uint32_t extra[] = { 1, 3, 6, 1, 2, 1, 33, 2, 0, 0, 4 };
	const uint32_t other[] = { 1, 3, 6, 1, 2, 1, 33, 2, 1, 1 };

	assert_int_equal(meanings_add(m, "f", file, &err), 0);
	assert_int_equal(meanings_count(m), 2);
	assert_string_equal(meanings_find(m, plain, 9)->code, "upsTrapOnBattery");
	assert_string_equal(meanings_find(m, plain, 9)->text, "ups trap on battery");
	assert_ptr_equal(meanings_find(m, v1, 10), meanings_find(m, plain, 9));
	assert_string_equal(meanings_find(m, extra, 11)->clears[0], "upsTrapOnBattery");
	assert_null(meanings_find(m, other, 10));
	assert_null(meanings_find(m, plain, 0));
	assert_null(meanings_find(m, plain, 1));
	meanings_free(m);
}

static void a_wrong_list_is_refused_with_its_line(void **state)
{
	static const char *const wrong[] = {
		"traps = ( { root = \"x\"; list = (); } );",
		"traps = ( { root = \".1.3\"; list = ( { code = \"c\"; } ); } );",
		"traps = ( { root = \".1.3\"; list = ( { id = 1; code = \"c d\"; } ); } );",
		"traps = ( { root = \".1.3\"; list = ( { id = 1; code = \"c\"; severity = \"bad\"; } ); } );",
		"traps = ( { root = \".1.3\"; list = ( { id = 1; code = \"c\"; colour = 1; } ); } );",
		"traps = 3;",
		"traps = (",
	};
	struct meanings *m = meanings_new();

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bb_err err;
		assert_int_equal(meanings_add(m, "f", wrong[i], &err), -1);
		assert_memory_equal(err.text, "f:1: ", 5);
	}
	meanings_free(m);
}

/* Every list we ship: no two traps of one name, and what a trap ends is there. */
static void the_lists_we_ship_are_complete(void **state)
{
	struct meanings *m = meanings_new();

	assert_int_equal(meanings_load(m, "collectors/profiles"), 0);
	assert_in_range(meanings_count(m), 450, 2000);
	static const uint32_t names[][12] = {
		{ 9, 1, 3, 6, 1, 4, 1, 318, 0, 5 },
		{ 11, 1, 3, 6, 1, 4, 1, 705, 1, 11, 0, 11 },
		{ 9, 1, 3, 6, 1, 4, 1, 935, 0, 5 },
	};
	const struct meaning *apc = meanings_find(m, names[0] + 1, 9);
	assert_string_equal(apc->code, "upsOnBattery");
	assert_string_equal(meanings_find(m, names[1] + 1, 11)->code, "OnBattery");
	assert_string_equal(meanings_find(m, names[2] + 1, 9)->code, "upsOnBattery");
	meanings_free(m);
}

/* ---- windows ---- */

static int64_t utc(int year, int month, int day, int hour, int minute)
{
	struct tm t = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute };

	return timegm(&t);
}

static void the_next_window_follows_days_zone_and_summer_time(void **state)
{
	struct window w = { .days = 127, .at_minute = 120, .minutes = 10, .tz = "UTC" };

	assert_int_equal(window_next(&w, utc(2026, 11, 21, 1, 0)), utc(2026, 11, 21, 2, 0));
	assert_int_equal(window_next(&w, utc(2026, 11, 21, 2, 9)), utc(2026, 11, 21, 2, 0));
	assert_int_equal(window_next(&w, utc(2026, 11, 21, 2, 10)), utc(2026, 11, 22, 2, 0));
	w.tz = "Europe/Berlin";
	assert_int_equal(window_next(&w, utc(2026, 1, 10, 12, 0)), utc(2026, 1, 11, 1, 0));
	assert_int_equal(window_next(&w, utc(2026, 7, 10, 12, 0)), utc(2026, 7, 11, 0, 0));
	w.days = 1; /* Mondays; 2026-11-21 is a Saturday */
	assert_int_equal(window_next(&w, utc(2026, 11, 21, 12, 0)), utc(2026, 11, 23, 1, 0));
	/* over midnight */
	w = (struct window){ .days = 127, .at_minute = 1435, .minutes = 30, .tz = "UTC" };
	assert_int_equal(window_next(&w, utc(2026, 11, 21, 0, 10)), utc(2026, 11, 20, 23, 55));
}

static unsigned passed, missed;

static void on_result(void *arg, const struct window *w, enum window_result r)
{
	passed += r == WINDOW_PASSED;
	missed += r == WINDOW_MISSED;
}

static struct windows *make_windows(const char *lib, int64_t now)
{
	struct windows *w =
		windows_new(&(struct windows_options){ .lib = lib, .result = on_result });
	Busbar__V1__ConfigTrapWindow m = BUSBAR__V1__CONFIG_TRAP_WINDOW__INIT, *list[] = { &m };
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;

	m.window_id = 3;
	m.device_id = 8;
	m.days = 127;
	m.at_minute = 120;
	m.minutes = 10;
	m.tz = "UTC";
	c.n_trap_window = 1;
	c.trap_window = list;
	windows_apply(w, &c, now);
	return w;
}

static void a_trap_in_the_window_passes_once_and_none_is_missed_once(void **state)
{
	char dir[] = "/tmp/busbar-windows-XXXXXX", path[64];
	int64_t two = utc(2026, 11, 21, 2, 0);

	assert_non_null(mkdtemp(dir));
	passed = missed = 0;
	struct windows *w = make_windows(dir, two - 60);
	assert_false(windows_trap(w, 8, two - 1)); /* outside: real */
	assert_false(windows_trap(w, 9, two + 1)); /* another device: real */
	assert_true(windows_trap(w, 8, two + 1));
	assert_true(windows_trap(w, 8, two + 2));
	windows_tick(w, two + 600);
	assert_false(windows_trap(w, 8, two + 601));
	assert_int_equal(passed * 10 + missed, 10);
	windows_tick(w, two + 86400 + 599);
	assert_int_equal(missed, 0);
	windows_tick(w, two + 86400 + 600);
	windows_tick(w, two + 86400 + 700);
	assert_int_equal(passed * 10 + missed, 11);
	windows_free(w);

	/* The next one ends while nobody runs. */
	w = make_windows(dir, two + 2 * 86400 + 3600);
	windows_tick(w, two + 2 * 86400 + 3600);
	assert_int_equal(missed, 2);
	windows_free(w);
	/* ... and is known to have passed. */
	w = make_windows(dir, two + 3 * 86400 + 3600);
	windows_known(w, 3, two + 3 * 86400);
	windows_tick(w, two + 3 * 86400 + 3600);
	assert_int_equal(missed, 2);
	windows_free(w);
	snprintf(path, sizeof(path), "%s/windows", dir);
	unlink(path);
	rmdir(dir);
}

/* ---- identity ---- */

static void the_engine_stays_and_its_starts_are_counted(void **state)
{
	char dir[] = "/tmp/busbar-engine-XXXXXX", path[64];
	struct identity a, b;
	struct bb_err err;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(identity_load(dir, &a, &err), 0);
	assert_int_equal(identity_load(dir, &b, &err), 0);
	assert_int_equal(a.n, 17);
	assert_memory_equal(a.id, b.id, a.n);
	assert_int_equal(b.boots, a.boots + 1);
	snprintf(path, sizeof(path), "%s/engine", dir);
	unlink(path);
	rmdir(dir);
	assert_int_equal(identity_load(dir, &b, &err), -1);
}

/* ---- messages ---- */

static void an_inform_becomes_its_answer_and_nothing_else_does(void **state)
{
	uint8_t inform[] = { 0xa6, 11, 2, 1, 5, 2, 1, 7, 2, 1, 9, 0x30, 0 };
	uint8_t trap[] = { 0xa7, 11, 2, 1, 5, 2, 1, 7, 2, 1, 9, 0x30, 0 };

	assert_true(message_make_response(inform, sizeof(inform)));
	assert_memory_equal(inform, ((uint8_t[]){ 0xa2, 11, 2, 1, 5, 2, 1, 0, 2, 1, 0, 0x30, 0 }),
		sizeof(inform));
	assert_false(message_make_response(trap, sizeof(trap)));
	assert_false(message_make_response(inform, 4));
}

static void numbers_are_written_in_their_shortest_form(void **state)
{
	uint8_t buf[16];
	struct ber_out o = { .buf = buf, .cap = sizeof(buf) };
	int64_t v;

	ber_put_int(&o, BER_INT, 0x80);
	assert_int_equal(o.used, 4);
	assert_memory_equal(ber_out_start(&o), ((uint8_t[]){ 2, 2, 0, 0x80 }), 4);
	struct ber b = { ber_out_start(&o), buf + sizeof(buf) };
	assert_true(ber_int(&b, &v));
	assert_int_equal(v, 0x80);
	o.used = 0;
	ber_put_int(&o, BER_INT, 0);
	assert_memory_equal(ber_out_start(&o), ((uint8_t[]){ 2, 1, 0 }), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_gets_its_burst_and_then_its_rate),
		cmocka_unit_test(an_inform_is_new_once_and_forgotten_when_the_disk_did_not_take_it),
		cmocka_unit_test(the_memory_of_informs_is_bounded),
		cmocka_unit_test(repetitions_are_counted_and_told_as_one_number),
		cmocka_unit_test(strangers_are_listed_once_and_the_oldest_gives_way),
		cmocka_unit_test(both_forms_of_a_name_mean_the_same),
		cmocka_unit_test(a_wrong_list_is_refused_with_its_line),
		cmocka_unit_test(the_lists_we_ship_are_complete),
		cmocka_unit_test(the_next_window_follows_days_zone_and_summer_time),
		cmocka_unit_test(a_trap_in_the_window_passes_once_and_none_is_missed_once),
		cmocka_unit_test(the_engine_stays_and_its_starts_are_counted),
		cmocka_unit_test(an_inform_becomes_its_answer_and_nothing_else_does),
		cmocka_unit_test(numbers_are_written_in_their_shortest_form),
	};

	windows_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
