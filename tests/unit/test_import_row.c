// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "deploy/ctl/import_row.h"

static struct csv csv;
static struct csv_row row;
static struct bb_err err;

static void open_text(const char *text)
{
	csv_init(&csv, text, strlen(text));
}

static void quotes_hold_commas_and_quotes(void **state)
{
	open_text("a,\"b,\"\"c\"\"\",,d\n");
	assert_int_equal(csv_next(&csv, &row, &err), 1);
	assert_int_equal(row.n, 4);
	assert_string_equal(row.field[1], "b,\"c\"");
	assert_string_equal(row.field[2], "");
	assert_string_equal(row.field[3], "d");
	assert_int_equal(csv_next(&csv, &row, &err), 0);
}

static void comments_and_empty_lines_are_skipped_but_counted(void **state)
{
	open_text("\xef\xbb\xbf# list\r\n\r\nx,y\r\n");
	assert_int_equal(csv_next(&csv, &row, &err), 1);
	assert_int_equal(row.line, 3);
	assert_string_equal(row.field[1], "y");
}

static void bad_lines_do_not_hide_the_next(void **state)
{
	char text[CSV_LINE + 100];

	open_text("\"open\n\"a\"b\n\xff\xfe\ngood\n");
	assert_int_equal(csv_next(&csv, &row, &err), -1);
	assert_int_equal(row.line, 1);
	assert_int_equal(csv_next(&csv, &row, &err), -1);
	assert_int_equal(csv_next(&csv, &row, &err), -1);
	assert_int_equal(csv_next(&csv, &row, &err), 1);
	assert_int_equal(row.line, 4);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	open_text(text);
	assert_int_equal(csv_next(&csv, &row, &err), -1);
	memset(text, ',', sizeof(text));
	text[CSV_FIELDS] = '\0';
	open_text(text);
	assert_int_equal(csv_next(&csv, &row, &err), -1);
	text[CSV_FIELDS - 1] = '\0';
	open_text(text);
	assert_int_equal(csv_next(&csv, &row, &err), 1);
	assert_int_equal(row.n, CSV_FIELDS);
}

static json_t *first_row(const char *text, struct import_columns *c)
{
	open_text(text);
	assert_int_equal(csv_next(&csv, &row, &err), 1);
	return import_row(c, &row, &err);
}

static void line_becomes_an_object_without_its_empty_cells(void **state)
{
	struct import_columns c;
	json_t *o;

	import_columns_default(&c);
	o = first_row("hh/ups,,10.0.0.1,161,2c,pub,2.5\n", &c);
	assert_non_null(o);
	assert_int_equal(json_integer_value(json_object_get(o, "port")), 161);
	assert_true(json_real_value(json_object_get(o, "interval_s")) == 2.5);
	assert_null(json_object_get(o, "collector"));
	assert_null(json_object_get(o, "profile"));
	json_decref(o);
}

static void header_names_the_columns_in_any_order(void **state)
{
	struct import_columns c;
	json_t *o;

	open_text("key,address,community\n");
	assert_int_equal(csv_next(&csv, &row, &err), 1);
	assert_int_equal(import_columns_read(&c, &row, &err), 0);
	o = first_row("a,10.0.0.1,secret\n", &c);
	assert_string_equal(json_string_value(json_object_get(o, "community")), "secret");
	json_decref(o);
	open_text("key,colour\nkey,key\n");
	csv_next(&csv, &row, &err);
	assert_int_equal(import_columns_read(&c, &row, &err), -1);
	csv_next(&csv, &row, &err);
	assert_int_equal(import_columns_read(&c, &row, &err), -1);
}

static void misfitting_lines_are_refused(void **state)
{
	struct import_columns c;

	import_columns_default(&c);
	assert_null(first_row("hh/ups,x,10.0.0.1,abc\n", &c));
	assert_null(first_row("hh/ups,x,10.0.0.1,1e99\n", &c));
	assert_null(first_row("hh/ups\n", &c));
	assert_null(first_row("1,2,3,4,5,6,7,8,9\n", &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_hold_commas_and_quotes),
		cmocka_unit_test(comments_and_empty_lines_are_skipped_but_counted),
		cmocka_unit_test(bad_lines_do_not_hide_the_next),
		cmocka_unit_test(line_becomes_an_object_without_its_empty_cells),
		cmocka_unit_test(header_names_the_columns_in_any_order),
		cmocka_unit_test(misfitting_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
