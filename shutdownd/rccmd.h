// SPDX-License-Identifier: Apache-2.0
/* RCCMD as far as it is proven (spec: the open UDP form): one line per datagram, no terminator.
 * "message" is `CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT <text>`: a notice on the screen of
 * the client, not a shutdown. "shutdown" is a keyword by analogy that nobody has verified against
 * a client; it is refused unless the administrator allows unverified templates. UDP gives no proof
 * of receipt. Nothing here blocks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define RCCMD_TEXT_MAX 800 /* bytes of text; clients read 2048 per datagram */

struct rccmd_words {
	const char *device, *plan;
	uint64_t run;
};
/* Make the text: #DEVICE #PLAN #RUN replaced, control characters and invalid UTF-8 made harmless,
 * cut to RCCMD_TEXT_MAX. `cap` bytes at `out`, the whole line. Returns 0, or -1: the template is
 * refused, or the line does not fit. */
int rccmd_line(char *out, size_t cap, bool is_shutdown, bool allow_unverified, const char *text,
	const struct rccmd_words *w, struct bb_err *err);

struct rccmd;
/* `source` is the numeric address datagrams leave from ("" = any); clients filter by it. */
struct rccmd *rccmd_new(const char *source, struct bb_err *err);
void rccmd_free(struct rccmd *r);
/* Numeric IPv4 or IPv6 address; a name would need a name server in the middle of an outage. */
int rccmd_address_check(const char *address, struct bb_err *err);
/* Send one datagram. 0 when the kernel took it. */
int rccmd_send(struct rccmd *r, const char *address, uint16_t port, const char *line,
	struct bb_err *err);
