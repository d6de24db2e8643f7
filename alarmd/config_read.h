// SPDX-License-Identifier: Apache-2.0
/* The configuration as PostgreSQL has it, read in one snapshot (repeatable read) into one Config
 * that holds everything, with what the wire form does not say kept beside it. */
#pragma once
#include "common/pg.h"
#include "common/wire.h"

struct config_rows {
	Busbar__V1__Config all;
	uint64_t generation;
	/* as many as all.setting: daemon that may open the sealed value, or "" */
	const char **setting_reader;
	/* as many as all.device: its SNMPv3 passwords sealed to collect-snmptrap; NULL when there is
	 * no such box */
	ProtobufCBinaryData *trap_sealed;
};

struct config_read;
/* Exactly one call: rows (the callee's, until it frees them) or the reason there are none. */
typedef void (*config_read_done)(void *arg, const struct config_rows *rows, const char *error);
/* Queue the whole transaction at once, so that nothing else gets between. -1 when the connection is
 * down. */
int config_read_start(struct bb_pg *pg, config_read_done done, void *arg);
void config_rows_free(const struct config_rows *rows); /* NULL is allowed */
