// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "common/err.h"

static void set_returns_minus_one_and_keeps_the_text(void **state)
{
	struct bb_err err;

	assert_int_equal(bb_err_set(&err, "cannot open \"%s\"", "x"), -1);
	assert_string_equal(err.text, "cannot open \"x\"");
}

static void errno_appends_the_system_text_and_keeps_errno(void **state)
{
	struct bb_err err;

	errno = ENOENT;
	assert_int_equal(bb_err_errno(&err, "cannot open \"%s\"", "x"), -1);
	assert_string_equal(err.text, "cannot open \"x\": No such file or directory");
	assert_int_equal(errno, ENOENT);
}

static void prefix_puts_context_in_front(void **state)
{
	struct bb_err err;

	bb_err_set(&err, "inner");
	assert_int_equal(bb_err_prefix(&err, "line %d", 7), -1);
	assert_string_equal(err.text, "line 7: inner");
}

static void long_text_is_cut_not_overrun(void **state)
{
	struct bb_err err;
	char longer[2 * BB_ERR_MAX];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	bb_err_set(&err, "%s", longer);
	assert_int_equal(strlen(err.text), BB_ERR_MAX - 1);
	errno = EIO;
	bb_err_errno(&err, "%s", longer);
	assert_int_equal(strlen(err.text), BB_ERR_MAX - 1);
	bb_err_prefix(&err, "front");
	assert_int_equal(strlen(err.text), BB_ERR_MAX - 1);
}

static void null_is_allowed(void **state)
{
	assert_int_equal(bb_err_set(NULL, "x"), -1);
	assert_int_equal(bb_err_errno(NULL, "x"), -1);
	assert_int_equal(bb_err_prefix(NULL, "x"), -1);
	assert_null(bb_err_null(NULL, "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_minus_one_and_keeps_the_text),
		cmocka_unit_test(errno_appends_the_system_text_and_keeps_errno),
		cmocka_unit_test(prefix_puts_context_in_front),
		cmocka_unit_test(long_text_is_cut_not_overrun),
		cmocka_unit_test(null_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
