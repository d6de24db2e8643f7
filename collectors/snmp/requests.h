// SPDX-License-Identifier: Apache-2.0
/* The requests of a poll group, in pieces the card can answer. Devices that hold the same and share a community share
 * them, too (reference-counted): ten thousand copies took more memory than everything else together, and each was
 * fetched into the cache for one sending. A device whose card refuses objects has its own. */
#pragma once
#include "collectors/snmp/codec.h"
#include "collectors/snmp/plan.h"

struct requests {
	struct packet **p;              /* each knows its first object and how many it asks for */
	uint16_t n;
	unsigned refs;
	uint8_t *key;                   /* in the table of shared ones; NULL: not shared */
	size_t key_len;
	struct bb_table *table;
	struct plan *plan;              /* referenced: the key holds its address */
};

struct requests_input {
	struct plan *plan;
	unsigned group, most;           /* objects in a piece */
	const uint8_t *skip;            /* per object of the plan: not asked for; NULL: all are */
	enum codec_version version;
	const char *community;
};

/* Caller holds one reference. `table`: of the process, for the shared ones; empty again when all are unreferenced. */
struct requests *requests_get(struct bb_table *table, const struct requests_input *in);
void requests_unref(struct requests *r);        /* NULL is allowed */
