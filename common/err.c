// SPDX-License-Identifier: Apache-2.0
#include "common/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int bb_err_set(struct bb_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int bb_err_errno(struct bb_err *err, const char *fmt, ...)
{
	int saved = errno;
	char reason[128];
	size_t len;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s",
		strerror_r(saved, reason, sizeof(reason)));
	errno = saved;
	return -1;
}

int bb_err_prefix(struct bb_err *err, const char *fmt, ...)
{
	struct bb_err old;
	size_t len;
	va_list ap;

	if (!err)
		return -1;
	old = *err;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", old.text);
	return -1;
}

_Noreturn void bb_assert_failed(const char *expr, const char *file, int line)
{
	fprintf(stderr, "broken invariant \"%s\" at %s:%d\n", expr, file, line);
	abort();
}
