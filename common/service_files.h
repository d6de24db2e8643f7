// SPDX-License-Identifier: Apache-2.0
/* Files in a daemon's own folder: lock, start counter, dump. Part of service.c, not for daemons.
 * All of it blocks. */
#pragma once
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"

/* mkdir -p; new folders get `mode`. */
int service_folder_make(const char *dir, unsigned mode, struct bb_err *err);
/* Take <lib>/lock and write our pid into it. Returns a descriptor that holds the lock while it is
 * open, or -1. */
int service_lock_take(const char *lib, const char *name, struct bb_err *err);
/* Count a start in <lib>/epoch. Never fails: without the file the number comes from the wall clock,
 * which is larger than any count of starts, and the next start goes on from there. */
uint64_t service_epoch_next(const char *lib);
/* Open <run>/<name>.dump for writing, emptied. NULL on failure. */
FILE *service_dump_open(const char *run, const char *name, struct bb_err *err);
