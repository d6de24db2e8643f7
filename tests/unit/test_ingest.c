// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/str.h"
#include "historyd/ingest.h"

#define S UINT64_C(1000000)

/* What would have been written: the writer is played by this file. */
static struct {
	unsigned rows;
	size_t values;
	float last;
	unsigned texts;
	char idx[20];
	char text[20]; /* "-": unknown */
	uint64_t text_us, unknown_us;
} written;

void writer_row(struct writer *w, const struct layout *l, uint64_t site_id, uint64_t device_id,
	uint64_t at_us, const float *value, const bool *missing)
{
	written.rows++;
	written.values = l->n;
	written.last = value[l->n - 1];
}

void writer_text(struct writer *w, uint64_t site_id, uint64_t device_id, uint64_t at_us,
	const char *point, const char *idx, const char *value)
{
	written.texts++;
	bb_copy(written.idx, sizeof(written.idx), idx);
	bb_copy(written.text, sizeof(written.text), value ? value : "-");
	written.text_us = at_us;
	if (!value)
		written.unknown_us = at_us;
}

static int setup(void **state)
{
	memset(&written, 0, sizeof(written));
	*state = ingest_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	ingest_free(*state);
	return 0;
}

/* Device 7 with one number. */
static void take(struct ingest *in, const char *group, const char *name, double value,
	uint64_t topic_seq, uint64_t at_us)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	char *names[] = { (char *)name };
	double numbers[] = { value };

	r.device_id = 7;
	r.key = "a/b";
	r.group = (char *)group;
	r.interval_ms = strcmp(group, "status") == 0 ? 2000 : 10000;
	r.n_number_name = r.n_number = 1;
	r.number_name = names;
	r.number = numbers;
	ingest_reading(in, &r, 3, topic_seq, at_us);
}

static size_t values_at(struct ingest *in, uint64_t at_us)
{
	take(in, "measure", "input.voltage", 230, 100, at_us);
	return written.values;
}

static void status_numbers_are_part_of_the_row_for_three_intervals(void **state)
{
	struct ingest *in = *state;

	take(in, "status", "battery.charge", 98, 40, 1000 * S);
	assert_int_equal(values_at(in, 1029 * S), 2);
	assert_true(written.last == 98);
	assert_int_equal(values_at(in, 1031 * S), 1);
}

static void confirmed_status_numbers_stay_part_of_the_row(void **state)
{
	struct ingest *in = *state;

	take(in, "status", "battery.charge", 98, 40, 1000 * S);
	ingest_confirm(in, 7, 3, 40, 1028 * S);
	assert_int_equal(values_at(in, 1031 * S), 2);
	ingest_confirm(in, 7, 3, 40, 1002 * S);
	assert_int_equal(values_at(in, 1057 * S), 2);
}

static void a_confirmation_of_another_reading_keeps_nothing(void **state)
{
	struct ingest *in = *state;

	ingest_confirm(in, 7, 3, 40, 1000 * S);
	take(in, "status", "battery.charge", 98, 40, 1000 * S);
	ingest_confirm(in, 7, 3, 41, 1028 * S);
	ingest_confirm(in, 7, 4, 40, 1028 * S);
	ingest_confirm(in, 8, 3, 40, 1028 * S);
	assert_int_equal(values_at(in, 1031 * S), 1);
}

/* Two blocks of string 1: voltages, and their states as texts. */
static void take_blocks(struct ingest *in, char *first_state, uint64_t at_us)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	Busbar__V1__Row volts = BUSBAR__V1__ROW__INIT, states = BUSBAR__V1__ROW__INIT;
	Busbar__V1__Row *rows[] = { &volts, &states };
	char *text[] = { first_state, "ok" };
	double number[] = { 12.5, 12.6 };

	volts.name = "battery.block.voltage";
	states.name = "battery.block.status";
	volts.index_prefix = states.index_prefix = "s1.b";
	volts.first = states.first = 1;
	volts.value = number;
	states.text = text;
	volts.n_value = states.n_text = 2;
	r.device_id = 7;
	r.key = "a/b";
	r.group = "cells";
	r.interval_ms = 300000;
	r.row = rows;
	r.n_row = 2;
	ingest_reading(in, &r, 3, 50, at_us);
}

static void blocks_have_rows_of_their_own(void **state)
{
	struct ingest *in = *state;

	take(in, "status", "battery.charge", 98, 40, 1000 * S);
	take_blocks(in, "ok", 1001 * S);
	assert_int_equal(written.values, 2);
	assert_true(fabs(written.last - 12.6) < 1e-4);
}

static void states_of_blocks_are_written_when_they_change(void **state)
{
	struct ingest *in = *state;

	written.texts = 0;
	take_blocks(in, "ok", 1000 * S);
	assert_int_equal(written.texts, 2);
	take_blocks(in, "ok", 1300 * S);
	assert_int_equal(written.texts, 2);
	take_blocks(in, "voltage low", 1600 * S);
	assert_int_equal(written.texts, 3);
	assert_string_equal(written.idx, "s1.b1");
}

/* A status pass of device 7 every 2 s; `missed` passes had no answer. */
static void status(struct ingest *in, const char *words, uint32_t missed, uint64_t at_us)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	char *names[] = { "ups.status" }, *texts[] = { (char *)words };

	r.device_id = 7;
	r.key = "a/b";
	r.group = "status";
	r.interval_ms = 2000;
	r.missed = missed;
	if (!missed) {
		r.n_text_name = r.n_text = 1;
		r.text_name = names;
		r.text = texts;
	}
	ingest_reading(in, &r, 3, at_us / S, at_us);
}

static void a_silent_device_is_unknown_from_the_pass_after_its_last_answer(void **state)
{
	struct ingest *in = *state;

	status(in, "OL", 0, 100 * S);
	status(in, NULL, 1, 102 * S);
	status(in, NULL, 2, 104 * S);
	assert_int_equal(written.texts, 1);
	for (uint32_t i = 3; i < 9; i++)
		status(in, NULL, i, (100 + 2 * i) * S);
	assert_int_equal(written.texts, 2);
	assert_string_equal(written.text, "-");
	assert_int_equal(written.text_us, 102 * S);
	status(in, "OL", 0, 500 * S);
	assert_int_equal(written.texts, 3);
	assert_string_equal(written.text, "OL");
	assert_int_equal(written.text_us, 500 * S);
}

static void a_gap_that_nobody_announced_is_unknown_too(void **state)
{
	struct ingest *in = *state;

	status(in, "OL", 0, 100 * S);
	status(in, "OL", 0, 134 * S); /* as late as an unchanged status may be */
	assert_int_equal(written.texts, 1);
	status(in, "OL", 0, 300 * S);
	assert_int_equal(written.texts, 3);
	assert_int_equal(written.unknown_us, 136 * S);
	assert_int_equal(written.text_us, 300 * S);
}

static void confirmed_answers_leave_no_gap(void **state)
{
	struct ingest *in = *state;

	status(in, "OL", 0, 100 * S);
	for (unsigned t = 102; t < 300; t += 2)
		ingest_confirm(in, 7, 3, 100, t * S);
	status(in, "OB", 0, 300 * S);
	assert_int_equal(written.texts, 2);
	assert_int_equal(written.unknown_us, 0);
}

static void the_time_without_this_daemon_is_unknown(void **state)
{
	struct ingest *in = *state;

	ingest_alive_before(in, 1000 * S);
	status(in, "OL", 0, 5000 * S);
	assert_int_equal(written.texts, 2);
	assert_int_equal(written.unknown_us, 1000 * S);
	assert_string_equal(written.text, "OL");
}

static void a_short_restart_is_no_gap(void **state)
{
	struct ingest *in = *state;

	ingest_alive_before(in, 1000 * S);
	status(in, "OL", 0, 1020 * S);
	assert_int_equal(written.texts, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(status_numbers_are_part_of_the_row_for_three_intervals),
		T(confirmed_status_numbers_stay_part_of_the_row),
		T(a_confirmation_of_another_reading_keeps_nothing),
		T(blocks_have_rows_of_their_own),
		T(states_of_blocks_are_written_when_they_change),
		T(a_silent_device_is_unknown_from_the_pass_after_its_last_answer),
		T(a_gap_that_nobody_announced_is_unknown_too),
		T(confirmed_answers_leave_no_gap),
		T(the_time_without_this_daemon_is_unknown),
		T(a_short_restart_is_no_gap),
	};

	return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
