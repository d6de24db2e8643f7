// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "historyd/ingest.h"

#define S UINT64_C(1000000)

/* What would have been written: the writer is played by this file. */
static struct {
	unsigned rows;
	size_t values;
	float last;
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

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(status_numbers_are_part_of_the_row_for_three_intervals),
		T(confirmed_status_numbers_stay_part_of_the_row),
		T(a_confirmation_of_another_reading_keeps_nothing),
	};

	return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
