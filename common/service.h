// SPDX-License-Identifier: Apache-2.0
/* The life every daemon shares: options, configuration, log, signals, supervisor, watchdog. main() fills a bb_service_spec and calls
 * bb_service_run(), which parses --dir --config --check --print-config --debug --version --help, loads the settings, opens the log,
 * takes the lock file <lib>/lock (a second instance is refused with the pid of the first), makes the loop, calls start(), says
 * READY=1 when the daemon calls bb_service_ready(), feeds the watchdog only while the loop turns, and on SIGTERM/SIGINT calls stop()
 * and leaves the loop. SIGUSR1 calls dump() with <run>/<name>.dump open. Core dumps are off; memory is not locked.
 * Exit codes: 0 ended in order, 1 could not start or go on (one FATAL line says why), 2 wrong usage or configuration. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "common/conf.h"
#include "common/loop.h"

struct bb_dirs {
	char etc[256];              /* busbar.conf, profiles/, keys/<daemon>.pub, secret/<daemon>.key */
	char lib[256];              /* own state: /var/lib/busbar/<daemon> */
	char run[96];               /* sockets; short, see bb_bus_endpoint */
	char share[256];            /* shipped data: profiles, web files, migrations */
};

struct bb_service;
struct bb_service_spec {
	const char *name;           /* "alarmd" */
	const char *summary;        /* first line of --help */
	const struct bb_conf_item *schema;
	void *settings;             /* filled before start() */
	int (*start)(struct bb_service *s, void *arg, struct bb_err *err);
	void (*stop)(void *arg);    /* drain and release; also called when start() failed half-way */
	void (*dump)(void *arg, FILE *f);
	void *arg;
	bool needs_lock;
};

/* Directories: --dir DIR gives DIR/etc, DIR/lib/<name>, DIR/run (or the short folder named by DIR/run.path) and BUSBAR_SHARE, DIR/opt/share or the
 * compiled-in share; without it /etc/busbar, /var/lib/busbar/<name>, /run/busbar, PREFIX/share/busbar. */
int bb_service_run(const struct bb_service_spec *spec, int argc, char **argv);
struct bb_loop *bb_service_loop(struct bb_service *s);
const struct bb_dirs *bb_service_dirs(struct bb_service *s);
const char *bb_service_name(struct bb_service *s);
void bb_service_ready(struct bb_service *s);               /* idempotent */
void bb_service_status(struct bb_service *s, const char *text);
/* End with exit code 1 after logging FATAL with the text; for what cannot be mended inside. */
void bb_service_fail(struct bb_service *s, const struct bb_err *err);
/* Strictly growing start counter kept in <lib>/epoch << 32 | random; time-based when the file is lost. */
uint64_t bb_service_epoch(struct bb_service *s);
int bb_dirs_find(const char *dir, const char *name, struct bb_dirs *out, struct bb_err *err);   /* for tools */
