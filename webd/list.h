// SPDX-License-Identifier: Apache-2.0
/* The common form of lists: ?filter= &sort= &limit= &cursor=. Pure but for the answers it gives
 * to a bad request. Cursors are opaque texts that name the last row, so that pages stay right
 * when rows come and go. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define LIST_TERMS        16
#define LIST_VALUES       16
#define LIST_TEXT         1024
#define LIST_CURSOR_PARTS 4

struct list_term {
	const char *name;
	const char *value[LIST_VALUES];
	size_t n_values;
};
struct list {
	struct list_term term[LIST_TERMS];
	size_t n_terms;
	char text[LIST_TEXT]; /* what the terms point into */
	const char *sort;     /* one of the allowed ones, with its '-' */
	unsigned limit;
	char cursor_text[LIST_TEXT];
	const char *cursor[LIST_CURSOR_PARTS];
	size_t n_cursor; /* 0: the first page */
};

/* "severity:critical,major;site:hh" into terms; names must be in `allowed` (NULL-terminated). */
int list_parse_filter(struct list *l, const char *filter, const char *const *allowed,
	struct bb_err *err);
/* Cursor of the row whose sort values are `part`; `sort` is held in it, so that it fits no other
 * order. */
void list_cursor_make(char *out, size_t cap, const char *sort, const char *const *part, size_t n);
int list_cursor_parse(struct list *l, const char *cursor, struct bb_err *err);

/* Does `value` equal one of the values of the term `name`? True when there is no such term. */
bool list_matches(const struct list *l, const char *name, const char *value);
const struct list_term *list_term(const struct list *l, const char *name);

struct request;
/* Read all parameters of a list request. `sorts`: NULL-terminated, the first is the default.
 * Returns -1 after answering. */
int list_read(struct request *rq, struct list *l, const char *const *filters,
	const char *const *sorts);
