// SPDX-License-Identifier: Apache-2.0
/* replay FILE.scn ... : run scenarios and print what was recorded when. Exit code 1 if one is not
 * fulfilled. */
#include <stdio.h>
#include <string.h>

#include "tests/replay/scenario.h"

int main(int argc, char **argv)
{
	bool is_quiet = argc > 1 && strcmp(argv[1], "--quiet") == 0;
	int rc = 0;

	if (argc < 2 + is_quiet) {
		fprintf(stderr, "usage: replay [--quiet] FILE.scn ...\n");
		return 2;
	}
	for (int i = 1 + is_quiet; i < argc; i++) {
		struct bb_err err;
		if (!is_quiet)
			printf("%s\n", argv[i]);
		if (scenario_run(argv[i], is_quiet ? NULL : stdout, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			rc = 1;
		}
	}
	return rc;
}
