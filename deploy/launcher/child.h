// SPDX-License-Identifier: Apache-2.0
/* One supervised process: how to start it, when it counts as ready, how it is stopped. Children die with the launcher
 * (PR_SET_PDEATHSIG), say READY=1 and WATCHDOG=1 on the launcher's notify socket, and are started again when they die:
 * after 0.5 s, doubling to 5 s while they live less than 10 s. Output goes to <dir>/log/<name>.log. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

#define CHILD_MAX_ARGS 32

enum child_state { CHILD_STOPPED, CHILD_STARTING, CHILD_READY, CHILD_STOPPING, CHILD_WAITING, CHILD_FAILED };

struct child {
	char name[32];
	char *argv[CHILD_MAX_ARGS];     /* owned, NULL-terminated */
	int stop_signal;                /* SIGTERM; PostgreSQL: SIGINT */
	int death_signal;               /* when the launcher dies */
	bool notifies;                  /* READY=1 expected; otherwise ready when `probe` says so */
	bool (*probe)(void *arg);
	void *probe_arg;
	bool wanted;                    /* start again when it dies */
	bool once;                      /* may end with 0; ready then */
	enum child_state state;
	pid_t pid;
	uint64_t started_ms;
	uint64_t restart_at_ms;
	uint64_t backoff_ms;
	uint64_t last_watchdog_ms;
	bool has_watchdog;
	unsigned restarts;
	char reason[256];               /* last line of its log when it died */
};

const char *child_state_name(enum child_state s);
void child_set_args(struct child *c, const char *const *args);
void child_free(struct child *c);
/* Fork and exec with the environment of the launcher plus NOTIFY_SOCKET and, if watchdog_ms > 0, WATCHDOG_USEC. */
int child_start(struct child *c, const char *log_dir, const char *notify_socket, uint64_t watchdog_ms, uint64_t now_ms,
	struct bb_err *err);
/* The process ended with wait status `status`. Decides what comes next and notes the reason. */
void child_ended(struct child *c, int status, const char *log_dir, uint64_t now_ms);
void child_stop(struct child *c);
