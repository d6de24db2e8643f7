// SPDX-License-Identifier: Apache-2.0
/* Comma separated tables (RFC 4180), line by line: quotes may hold commas and doubled quotes,
 * but no line ends. Empty lines and lines that begin with '#' are skipped; CR LF and a byte
 * order mark are fine. Pure; at most 32 fields and 4,096 bytes a line. */
#pragma once
#include <stddef.h>

#include "common/err.h"

#define CSV_FIELDS 32
#define CSV_LINE   4096

struct csv_row {
	unsigned line; /* counted from 1 */
	size_t n;
	char *field[CSV_FIELDS]; /* inside `text` */
	char text[CSV_LINE];
};

struct csv {
	const char *at, *end;
	unsigned line;
};
void csv_init(struct csv *c, const char *data, size_t len);
/* 1: row filled; 0: end; -1: this line is bad (row->line names it), the next call goes on behind
 * it. */
int csv_next(struct csv *c, struct csv_row *row, struct bb_err *err);
