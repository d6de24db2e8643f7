// SPDX-License-Identifier: Apache-2.0
/* Runs scenario files (*.scn) on the real evaluating core with a clock of its own. The language is
 * in tests/replay/README.md. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "common/err.h"

/* Run one file. Returns 0, or -1 with "file:line: what was expected and what is there". `trace`:
 * print every record, or NULL. */
int scenario_run(const char *file, FILE *trace, struct bb_err *err);
