// SPDX-License-Identifier: Apache-2.0
/* A recorded walk in the .snmprec form, `OID|TAG|VALUE` per line (TAG with a trailing x:
 * hexadecimal), served as it was recorded. Lines may be unsorted; of doubles the last wins; empty
 * lines and lines beginning with # are skipped. Loading blocks; caller frees. */
#pragma once
#include "tests/sim/agent.h"

struct recording;
struct recording *recording_load(const char *file, struct bb_err *err);
void recording_free(struct recording *r);
size_t recording_count(const struct recording *r);
extern const struct agent_model recording_model;

/* One value, "TAG:TEXT", number or text, to tag and BER content octets. Returns 0 or -1. */
int recording_value(const char *text, uint8_t *tag, uint8_t *out, size_t cap, size_t *len);
