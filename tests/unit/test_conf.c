// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/conf.h"

struct settings {
	char *database;
	int64_t interval_ms;
	bool is_on;
};

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "database", BB_CONF_STR, offsetof(struct settings, database), "", 0, 20, "dbname=busbar", "where the record lies" },
	{ "interval_ms", BB_CONF_INT, offsetof(struct settings, interval_ms), "ms", 100, 9000000000, "2000", "time between polls" },
	{ "on", BB_CONF_BOOL, offsetof(struct settings, is_on), "", 0, 0, "true", "whether it works" },
	BB_CONF_END
};
// clang-format on

static char file[64];

/* Loads a file of this text as "alarmd". */
static int load(const char *text, struct settings *s, struct bb_err *err)
{
	FILE *f = fopen(file, "w");

	fputs(text, f);
	fclose(f);
	return bb_conf_load(file, "alarmd", schema, s, err);
}

static void refused_with(const char *text, int line, const char *reason)
{
	struct settings s = { 0 };
	struct bb_err err;
	char expected[BB_ERR_MAX];

	assert_int_equal(load(text, &s, &err), -1);
	assert_null(s.database);
	snprintf(expected, sizeof(expected), "%s:%d: %s", file, line, reason);
	assert_string_equal(err.text, expected);
}

static void missing_file_gives_defaults(void **state)
{
	struct settings s = { 0 };

	assert_int_equal(bb_conf_load("/nonexistent/busbar.conf", "alarmd", schema, &s, NULL), 0);
	assert_string_equal(s.database, "dbname=busbar");
	assert_int_equal(s.interval_ms, 2000);
	assert_true(s.is_on);
	bb_conf_free(schema, &s);
}

static void own_group_wins_over_common(void **state)
{
	struct settings s = { 0 };

	assert_int_equal(
		load("alarmd = { interval_ms = 300; };\n"
		     "common = { database = \"host=/x\"; interval_ms = 200; on = false; };\n"
		     "webd = { what = \"ever\"; }; collect-modbus = { };",
			&s, NULL),
		0);
	assert_string_equal(s.database, "host=/x");
	assert_int_equal(s.interval_ms, 300);
	assert_false(s.is_on);
	bb_conf_free(schema, &s);
}

static void common_may_hold_what_only_others_need(void **state)
{
	const struct bb_conf_item none[] = { BB_CONF_END };
	struct settings s = { 0 };
	struct bb_err err;

	assert_int_equal(load("common = { database = \"x\"; };", &s, NULL), 0);
	bb_conf_free(schema, &s);
	assert_int_equal(bb_conf_load(file, "busd", none, &s, NULL), 0);
	assert_int_equal(load("busd = { database = \"x\"; };", &s, NULL), 0);
	bb_conf_free(schema, &s);
	assert_int_equal(bb_conf_load(file, "busd", none, &s, &err), -1);
}

static void large_numbers_are_read(void **state)
{
	struct settings s = { 0 };

	assert_int_equal(load("alarmd = { interval_ms = 8000000000L; };", &s, NULL), 0);
	assert_int_equal(s.interval_ms, 8000000000);
	bb_conf_free(schema, &s);
}

static void faults_are_named_with_file_and_line(void **state)
{
	refused_with("alarmd = {\n  intervall_ms = 1000;\n};", 2,
		"unknown key \"intervall_ms\" in group \"alarmd\"; --print-config shows the known ones");
	refused_with("common = {\n\n  databse = \"x\"; };", 3,
		"unknown key \"databse\" in group \"common\"; --print-config shows the known ones");
	refused_with("alarmd = { interval_ms = 99; };", 1,
		"interval_ms is 99, but must be 100 to 9000000000 ms");
	refused_with("alarmd = { interval_ms = \"1000\"; };", 1,
		"interval_ms must be a whole number");
	refused_with("alarmd = { interval_ms = 1.5; };", 1, "interval_ms must be a whole number");
	refused_with("alarmd = { on = 1; };", 1, "on must be true or false");
	refused_with("alarmd = { database = true; };", 1, "database must be a text in quotes");
	refused_with("alarmd = {\n database = \"123456789012345678901\"; };", 2,
		"database has 21 bytes, but must have 0 to 20");
	refused_with("\nalarmdd = { };", 2,
		"unknown group \"alarmdd\"; groups are \"common\" and the names of the daemons");
	refused_with("alarmd = 3;", 1, "\"alarmd\" must be a group: alarmd = { ... };");
	refused_with("alarmd = {\n interval_ms = ;\n};", 2, "syntax error");
}

static void what_is_no_text_file_is_refused(void **state)
{
	struct settings s = { 0 };
	struct bb_err err;

	assert_int_equal(bb_conf_load("/tmp", "alarmd", schema, &s, &err), -1);
	assert_string_equal(err.text, "cannot read \"/tmp\": Is a directory");
	assert_int_equal(bb_conf_load("/dev/zero", "alarmd", schema, &s, &err), -1);
	assert_non_null(strstr(err.text, "is larger than"));
}

static void printed_settings_load_again(void **state)
{
	struct settings a = { 0 }, b = { 0 };
	FILE *saved = stdout;

	assert_int_equal(
		load("alarmd = { database = \"a\\\"b\\\\c\\n\"; interval_ms = 5000000000L; on = false; };",
			&a, NULL),
		0);
	stdout = fopen(file, "w");
	bb_conf_print("alarmd", schema, &a);
	fclose(stdout);
	stdout = saved;
	assert_int_equal(bb_conf_load(file, "alarmd", schema, &b, NULL), 0);
	assert_string_equal(b.database, "a\"b\\c\n");
	assert_int_equal(b.interval_ms, 5000000000);
	assert_false(b.is_on);
	bb_conf_free(schema, &a);
	bb_conf_free(schema, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_file_gives_defaults),
		cmocka_unit_test(own_group_wins_over_common),
		cmocka_unit_test(common_may_hold_what_only_others_need),
		cmocka_unit_test(large_numbers_are_read),
		cmocka_unit_test(faults_are_named_with_file_and_line),
		cmocka_unit_test(what_is_no_text_file_is_refused),
		cmocka_unit_test(printed_settings_load_again),
	};
	int rc;

	snprintf(file, sizeof(file), "/tmp/test_conf.%ld", (long)getpid());
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file);
	return rc;
}
