// SPDX-License-Identifier: Apache-2.0
/* The text of a message. Whatever comes from devices and people is data: control characters are
 * replaced, header fields are folded and encoded (RFC 2047), the body is quoted-printable, so
 * that no line of it can be taken for a header, a command or a boundary. */
#pragma once
#include "common/str.h"
#include "notifyd/route.h"

struct letter {
	const Busbar__V1__Transition *transition;
	enum route_kind kind;
	const char *from; /* checked addresses */
	const char *to, *to_name;
	const uint8_t *key; /* 16 bytes: Message-ID */
	uint64_t recipient_id;
	const char *install_id; /* hex */
	unsigned attempt;       /* 1 the first time */
};

/* Append the message, lines ended by CRLF. The same letter gives the same bytes but for
 * X-Busbar-Attempt. */
void template_render(const struct letter *l, struct bb_buf *out);
/* A message that proves the way to a person; nothing is wrong. */
void template_render_test(const struct letter *l, const char *user, uint64_t now_us,
	struct bb_buf *out);
