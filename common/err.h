// SPDX-License-Identifier: Apache-2.0
/* Errors as text, written once where the fact is known. Messages: lower case, no full stop, user data in quotes,
 * "cannot ..." rather than "error", the remedy where there is one, system text last. A NULL err is allowed everywhere. */
#pragma once
#include <stdarg.h>

#define BB_ERR_MAX 512

struct bb_err {
	char text[BB_ERR_MAX];
};

#define BB_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Set the text. Always returns -1, so that callers can `return bb_err_set(...)`. Too long texts are cut. */
int bb_err_set(struct bb_err *err, const char *fmt, ...) BB_PRINTF(2, 3);
/* The same with ": <strerror(errno)>" appended. errno is kept. */
int bb_err_errno(struct bb_err *err, const char *fmt, ...) BB_PRINTF(2, 3);
/* Put context in front: "<context>: <old text>". Returns -1. */
int bb_err_prefix(struct bb_err *err, const char *fmt, ...) BB_PRINTF(2, 3);
/* bb_err_set for functions that return a pointer: evaluates to NULL of any type. */
#define bb_err_null(...) (bb_err_set(__VA_ARGS__), NULL)

/* A broken invariant of our own code: print and abort. Never for input. Active in every build. */
#define bb_assert(x) ((x) ? (void)0 : bb_assert_failed(#x, __FILE__, __LINE__))
_Noreturn void bb_assert_failed(const char *expr, const char *file, int line);
