// SPDX-License-Identifier: Apache-2.0
/* The configuration server: reads PostgreSQL, compiles one generation per daemon (each only what it
 * uses, secrets only to who can open them), serves them on alarmd.conf and keeps them as files
 * <lib>/generation-<daemon>, so that a cold start without PostgreSQL serves everybody. A change is
 * noticed by notification, and by asking for the generation number each poll_ms. */
#pragma once
#include "common/bus.h"
#include "common/wire.h"

struct config;
struct config_options {
	const char *lib;
	const char *conninfo;
	uint64_t poll_ms;
	/* alarmd's own part; borrowed. Runs inside config_new() for the file, and for every
	 * change. */
	void (*apply)(void *arg, const Busbar__V1__Config *c, uint64_t generation);
	/* severity 0 ends it. */
	void (*trouble)(void *arg, const char *code, unsigned severity, const char *text);
	void *arg;
};
struct config *config_new(struct bb_loop *loop, struct bb_bus *bus, const struct config_options *o,
	struct bb_err *err);
void config_free(struct config *c);
uint64_t config_generation(const struct config *c);
