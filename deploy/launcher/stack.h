// SPDX-License-Identifier: Apache-2.0
/* A whole suite under one folder: which processes, in which order, and the files they need. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "deploy/launcher/child.h"

#define STACK_MAX_CHILDREN 24

struct stack {
	struct bb_loop *loop;
	char dir[512];          /* absolute */
	char opt[640];          /* <dir>/opt: programs and shipped data */
	char run[96];           /* sockets */
	char log[640];
	char pg_bin[256];
	unsigned http_port;
	bool demo;
	bool watchdog;
	struct child child[STACK_MAX_CHILDREN];
	size_t n_children;
	size_t n_started;       /* children before this one have been started in order */
	bool all_ready;         /* told once */
	bool stopping;
	uint64_t welcome_by_ms; /* 0: nothing to say */
	uint64_t deadline_ms;   /* for becoming ready, or for stopping */
	int exit_code;
	int detach_fd;          /* -1, or where to tell the parent */
	int notify_fd, control_fd;
	char notify_path[128], control_path[128];
};

/* Make the folders, busbar.conf, keys and the database cluster where missing; list the children. Blocks (initdb). */
int stack_prepare(struct stack *s, struct bb_err *err);
/* Start what comes next; called again whenever something changed. */
void stack_step(struct stack *s);
void stack_stop(struct stack *s);
struct child *stack_find(struct stack *s, const char *name);
/* `{"address": ..., "daemons": [{"name", "pid", "state", "restarts", "reason"}]}`; caller frees. */
char *stack_status_json(const struct stack *s);

/* control.c: notify socket (READY=1, WATCHDOG=1) and control socket (status, stop NAME, start NAME, down). */
int control_open(struct stack *s, struct bb_err *err);
void control_close(struct stack *s);
/* Client: send one line, copy the answer to stdout; returns the exit code. */
int control_ask(const char *dir, const char *line);
/* Where the sockets of DIR are: <dir>/run, or the folder named by <dir>/run.path. */
int control_run_dir(const char *dir, char *out, size_t cap);
