// SPDX-License-Identifier: Apache-2.0
/* All agents of one simulator, by address. A description has one agent or range per line:
 *
 *   127.1.0.1-127.1.39.16 model=rfc1628 phases=3 community=public delay_ms=20 loss=1 mtu=1472 runtime_s=1800
 *   127.2.0.1             model=recording file=deltaups.snmprec
 *
 * Everything behind the address has a default; `file` is relative to the description's folder; #
 * begins a comment. Only loopback addresses (127/8) are accepted. Loading blocks. */
#pragma once
#include "tests/sim/agent.h"

#define FLEET_MAX_AGENTS 200000

struct fleet;
struct fleet *fleet_new(void);
void fleet_free(struct fleet *f);
/* Add one line; `folder` is where relative files lie. */
int fleet_add(struct fleet *f, const char *line, const char *folder, uint64_t now_ns,
	struct bb_err *err);
int fleet_load(struct fleet *f, const char *file, uint64_t now_ns, struct bb_err *err);
/* Sort; to be called once after the last addition. Fails when an address is there twice, or none
 * is there. */
int fleet_seal(struct fleet *f, struct bb_err *err);
size_t fleet_count(const struct fleet *f);
struct agent *fleet_at(struct fleet *f, size_t i);           /* ascending address */
struct agent *fleet_find(struct fleet *f, uint32_t address); /* NULL: nobody lives there */
/* "127.0.0.1" or "127.0.0.1-127.0.0.9". */
int fleet_range(const char *text, uint32_t *first, uint32_t *last, struct bb_err *err);
/* Dotted form; `buf` has at least 16 bytes. */
const char *fleet_address(uint32_t address, char *buf);
