// SPDX-License-Identifier: Apache-2.0
/* A recording as text, one object a line: OID|TAG|VALUE (TAG with a trailing x: hexadecimal). */
#pragma once
#include <stddef.h>

#include "common/str.h"

struct rec_line {
	const char *oid, *tag, *value;  /* into the text */
};
struct recording {
	char *text;                     /* owned, cut into lines */
	struct rec_line *line;
	size_t n;
};
/* Takes the text. Lines that are no objects are left out. */
void recording_read(struct recording *r, char *text);
void recording_fini(struct recording *r);
const char *recording_get(const struct recording *r, const char *oid);  /* NULL: not there */
/* Write it with what tells whose device it is replaced, the same by the same. `serial` may be NULL. */
void recording_sanitise(const struct recording *r, const char *serial, struct bb_buf *out);
/* The beginning of a profile. */
void recording_draft(const struct recording *r, struct bb_buf *out);
