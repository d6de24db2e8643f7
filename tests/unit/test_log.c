// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"

static char logged[16384];

/* Calls `log` with stderr in a file, and returns what was written, without the 24 bytes of time. */
static const char *capture(void (*log)(void))
{
	FILE *f = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t n;

	assert_non_null(f);
	dup2(fileno(f), STDERR_FILENO);
	bb_log_open("test", BB_INFO);
	log();
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(f);
	n = fread(logged, 1, sizeof(logged) - 1, f);
	logged[n] = '\0';
	fclose(f);
	return n > 25 ? logged + 25 : logged;
}

static void log_typed(void)
{
	bb_log(EV_DEVICE_LOST, BB_STR("device", "hh/ups-1"), BB_UINT("silent_s", 31),
		BB_INT("delta", -2), BB_DOUBLE("v", 230.5));
}

static void line_holds_level_name_event_and_fields(void **state)
{
	uint64_t us;

	assert_string_equal(capture(log_typed),
		"warning test device_lost device=hh/ups-1 silent_s=31 delta=-2 v=230.5\n");
	logged[24] = '\0';
	assert_int_equal(bb_clock_parse_rfc3339(logged, &us), 0);
}

static void log_hostile(void)
{
	bb_log(EV_NOTE, BB_STR("a", "x\n2026 forged"), BB_STR("b", "\x1b[2J\xc2\x9b"),
		BB_STR("c", "\xff°"), BB_STR("d", ""), BB_STR("e", "say \"hi\"\\"),
		BB_STR("f", "21 °C"), BB_STR("g", NULL));
}

static void values_cannot_forge_lines_or_drive_a_terminal(void **state)
{
	assert_string_equal(capture(log_hostile),
		"info test note a=\"x\\x0a2026 forged\" b=\\x1b[2J\\xc2\\x9b c=\\xff\\xc2\\xb0 d=\"\" "
		"e=\"say \\\"hi\\\"\\\\\" f=\"21 °C\" g=\"\"\n");
}

static void log_long(void)
{
	static char text[10000];

	memset(text, 'x', sizeof(text) - 1);
	bb_log(EV_NOTE, BB_STR("a", text), BB_STR("b", text));
}

static void long_line_is_cut_and_ends_in_a_newline(void **state)
{
	capture(log_long);
	assert_in_range(strlen(logged), 4000, 4096);
	assert_ptr_equal(strchr(logged, '\n'), logged + strlen(logged) - 1);
}

static void log_inherited_stream(void)
{
	setenv("JOURNAL_STREAM", "1:1", 1);
	bb_log_open("test", BB_INFO);
	unsetenv("JOURNAL_STREAM");
	bb_log(EV_NOTE, BB_STR("a", "b"));
}

static void stream_of_another_descriptor_is_not_taken_for_the_journal(void **state)
{
	assert_string_equal(capture(log_inherited_stream), "info test note a=b\n");
}

static void log_below_level(void)
{
	bb_log_open("test", BB_ERR);
	log_typed();
}

static void lower_levels_are_hidden(void **state)
{
	assert_string_equal(capture(log_below_level), "");
}

static void repeats_are_swallowed_until_the_text_changes(void **state)
{
	struct bb_log_limit l = { 0 };
	uint64_t repeats = 99;

	assert_true(bb_log_due(&l, "timeout", &repeats));
	assert_int_equal(repeats, 0);
	for (int i = 0; i < 5; i++)
		assert_false(bb_log_due(&l, "timeout", &repeats));
	assert_true(bb_log_due(&l, "refused", &repeats));
	assert_int_equal(repeats, 5);
}

static void repeats_are_told_after_an_hour(void **state)
{
	struct bb_log_limit l = { 0 };
	uint64_t repeats;

	assert_true(bb_log_due(&l, "timeout", &repeats));
	assert_false(bb_log_due(&l, "timeout", &repeats));
	l.last_ms -= 3600 * 1000;
	assert_true(bb_log_due(&l, "timeout", &repeats));
	assert_int_equal(repeats, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_holds_level_name_event_and_fields),
		cmocka_unit_test(values_cannot_forge_lines_or_drive_a_terminal),
		cmocka_unit_test(long_line_is_cut_and_ends_in_a_newline),
		cmocka_unit_test(stream_of_another_descriptor_is_not_taken_for_the_journal),
		cmocka_unit_test(lower_levels_are_hidden),
		cmocka_unit_test(repeats_are_swallowed_until_the_text_changes),
		cmocka_unit_test(repeats_are_told_after_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
