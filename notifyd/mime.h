// SPDX-License-Identifier: Apache-2.0
/* Header fields and bodies of mail. Input is any text; output is ASCII in lines of at most 78
 * characters, each ended by CRLF. */
#pragma once
#include "common/str.h"

/* "Name: value", folded; encoded words where the value is not ASCII. Control characters become
 * '?'. At most 400 bytes of the value. */
void mime_header(struct bb_buf *out, const char *name, const char *value);
/* "Name: "display" <address>"; the address is checked by the caller. */
void mime_mailbox(struct bb_buf *out, const char *name, const char *display, const char *address);
void mime_date(struct bb_buf *out, uint64_t unix_us);
/* Quoted-printable; '\n' ends a line, other control characters become '?'. */
void mime_body(struct bb_buf *out, const char *text);
