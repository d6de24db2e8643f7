// SPDX-License-Identifier: Apache-2.0
/* Configuration generations: alarmd serves, every daemon keeps its last valid one as <lib>/generation (temp, fsync, rename, fsync
 * folder) and starts from it, so that nothing waits for PostgreSQL. */
#pragma once
#include "common/bus.h"
#include "common/wire.h"

struct bb_genconf;
/* Validate and take over; `c` is borrowed until the return. Return 0, or -1 with the reason: the generation before stays, an own-alarm
 * config_refused stands. */
typedef int (*bb_genconf_apply)(void *arg, const Busbar__V1__Config *c, uint64_t generation, struct bb_err *err);
/* Loads the file (a damaged one is set aside and logged, the one before it is used), applies it if valid, then asks alarmd.conf. `pub`
 * carries the own-alarms config_refused and config_unsaved; it may be NULL. */
struct bb_genconf *bb_genconf_new(struct bb_bus *b, const char *lib, struct bb_pub *pub, bb_genconf_apply apply, void *arg, struct bb_err *err);
void bb_genconf_free(struct bb_genconf *g);
uint64_t bb_genconf_generation(const struct bb_genconf *g);     /* 0: none yet */

struct bb_genconf_server;
struct bb_genconf_server *bb_genconf_server_new(struct bb_bus *b, struct bb_err *err);
void bb_genconf_server_free(struct bb_genconf_server *s);
/* Offer a generation for one daemon; who waits gets it at once. Body is copied. Unchanged bodies keep their old generation number.
 * A body of 32 MiB is logged and refused; the one before stays. */
void bb_genconf_server_put(struct bb_genconf_server *s, const char *daemon, uint64_t generation, const void *body, size_t len);
/* The file form, for alarmd's own copies: write atomically; read returns 1, 0 (none) or -1 (damaged, err says what). */
int bb_genconf_file_write(const char *file, uint64_t generation, const void *body, size_t len, struct bb_err *err);
int bb_genconf_file_read(const char *file, struct bb_arena *a, uint64_t *generation, const uint8_t **body, size_t *len, struct bb_err *err);
