// SPDX-License-Identifier: Apache-2.0
/* A calm card answers the same request with the same bytes, poll after poll, but for the request id and its uptime. Such
 * an echo needs no decoding: what it says is known. Kept as a keyed hash (a card cannot aim at it), so that ten thousand
 * answers cost no memory. Nothing allocates or blocks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct echo {
	uint64_t hash;
	uint16_t len;                   /* 0: nothing is kept */
	uint16_t id_at;                 /* four bytes that differ from answer to answer */
	uint16_t free_at, free_n;       /* contents of the value that may differ */
	uint32_t number;                /* that value in the newest echo */
};

/* Keep what this answer says; `varbind` (from 0) may have another value next time, -1: none may. Keeps nothing when the
 * answer is not understood. */
void echo_keep(struct echo *e, const uint8_t *data, size_t len, int varbind);
bool echo_is(const struct echo *e, const uint8_t *data, size_t len);
/* The value that may differ, as a number without sign; 0 when there is none. Only of what is an echo. */
uint32_t echo_number(const struct echo *e, const uint8_t *data);
