// SPDX-License-Identifier: Apache-2.0
/* The numbered files <share>/migrations/NNNN_name.sql, in order. */
#pragma once
#include <stddef.h>

#include "common/err.h"

#define MIGRATIONS_MAX 500

struct migration {
	int version;
	char file[340];
};
struct migrations {
	size_t n;
	struct migration item[MIGRATIONS_MAX];
};
/* -1: no folder, no files, a number twice. */
int migrations_list(const char *share, struct migrations *m, struct bb_err *err);
