// SPDX-License-Identifier: Apache-2.0
/* Every scenario of tests/replay is a test of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/arena.h"
#include "tests/replay/scenario.h"

static void scenario(void **state)
{
	struct bb_err err;

	if (scenario_run(*state, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static void there_are_scenarios(void **state)
{
	assert_true(*(size_t *)*state >= 12);
}

int main(void)
{
	glob_t found = { 0 };
	int rc;

	/* From the root of the tree, as all tests run; see there_are_scenarios when not. */
	if (glob("tests/replay/*.scn", 0, NULL, &found) != 0)
		found.gl_pathc = 0;
	size_t n = found.gl_pathc;
	struct CMUnitTest *tests = bb_calloc(n + 1, sizeof(*tests));
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){ .name = strrchr(found.gl_pathv[i], '/') + 1,
			.test_func = scenario,
			.initial_state = found.gl_pathv[i] };
	tests[n] = (struct CMUnitTest){ .name = "there_are_scenarios",
		.test_func = there_are_scenarios,
		.initial_state = &n };
	rc = _cmocka_run_group_tests("replay", tests, n + 1, NULL, NULL);
	free(tests);
	globfree(&found);
	return rc;
}
