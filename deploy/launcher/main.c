// SPDX-License-Identifier: Apache-2.0
/* busbar-supervise: a whole suite under one folder, without systemd. Started by deploy/stack, which has made the user and copied the
 * programs. A crash of the launcher loses nothing: the children die with it (PR_SET_PDEATHSIG), and the next start begins clean.
 * Usage: busbar-supervise up|status|down|start|stop|crash --dir DIR [...], see deploy/stack --help. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/log.h"
#include "common/str.h"
#include "deploy/launcher/stack.h"

static void on_child(void *arg)
{
	struct stack *s = arg;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < s->n_children; i++)
			if (s->child[i].pid == pid)
				child_ended(&s->child[i], status, s->log, bb_loop_now_ms(s->loop));
	stack_step(s);
}

static void on_tick(void *arg)
{
	stack_step(arg);
}

static void on_stop(void *arg)
{
	stack_stop(arg);
}

/* The lock says which launcher owns the folder; a dead one's lock is free. */
static int take_lock(const struct stack *s, struct bb_err *err)
{
	char path[640], pid[32] = "";
	int fd, n;

	snprintf(path, sizeof(path), "%s/stack.lock", s->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return bb_err_errno(err, "cannot open \"%s\"", path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		n = (int)read(fd, pid, sizeof(pid) - 1);
		pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
		close(fd);
		return bb_err_set(err, "a stack already runs in \"%s\" (pid %s); stop it with \"deploy/stack down --dir %s\" or use another --dir",
			s->dir, pid, s->dir);
	}
	n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n)
		return bb_err_errno(err, "cannot write \"%s\"", path);
	return fd;
}

/* Processes of a launcher that was killed may need a moment to end; their state folders are locked until then. */
static void wait_for_leftovers(const struct stack *s)
{
	char path[700];
	const char *const names[] = { "alarmd", "notifyd", "shutdownd", "historyd", "webd", "collect-snmp", "collect-snmptrap", "busd" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/lib/%s/lock", s->dir, names[i]);
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		for (int tries = 0; fd >= 0 && tries < 100 && flock(fd, LOCK_EX | LOCK_NB) != 0; tries++)
			usleep(50000);
		if (fd >= 0)
			close(fd);
	}
}

static int up(struct stack *s, struct bb_err *err)
{
	if (take_lock(s, err) < 0)
		return -1;
	wait_for_leftovers(s);
	s->loop = bb_loop_new(err);
	if (!s->loop || stack_prepare(s, err) != 0 || control_open(s, err) != 0)
		return -1;
	s->deadline_ms = bb_loop_now_ms(s->loop) + 60000;
	bb_loop_on_signal(s->loop, SIGCHLD, on_child, s);
	bb_loop_on_signal(s->loop, SIGINT, on_stop, s);
	bb_loop_on_signal(s->loop, SIGTERM, on_stop, s);
	bb_loop_on_signal(s->loop, SIGHUP, on_stop, s);
	bb_loop_every(s->loop, 100, on_tick, s);
	stack_step(s);
	bb_loop_run(s->loop);
	control_close(s);
	return 0;
}

/* The parent returns when the stack is ready or has failed; its words come over the pipe. */
static int detach(struct stack *s)
{
	char text[1400];
	size_t n = 0;
	ssize_t got;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return 1;
	if (fork() == 0) {
		char log[640];
		int fd;

		close(fds[0]);
		setsid();
		snprintf(log, sizeof(log), "%s/stack.log", s->dir);
		fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
		if (fd >= 0) {
			dup2(fd, 1);
			dup2(fd, 2);
		}
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		dup2(fd, 0);
		s->detach_fd = fds[1];
		return -1;
	}
	close(fds[1]);
	while (n < sizeof(text) - 1 && (got = read(fds[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	if (strncmp(text, "ready ", 6) == 0) {
		fputs(text + 6, stdout);
		return 0;
	}
	fprintf(stderr, "deploy/stack: %s", n ? text + (strncmp(text, "failed ", 7) == 0 ? 7 : 0) : "the launcher ended without a word\n");
	return 1;
}

struct args {
	const char *verb, *name;
	bool detach;
};

static int parse(int argc, char **argv, struct stack *s, struct args *a)
{
	uint64_t port = 8080;
	struct bb_err err;

	a->verb = argc > 1 ? argv[1] : "";
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--dir") && i + 1 < argc) {
			bb_copy(s->dir, sizeof(s->dir), argv[++i]);
		} else if (!strcmp(argv[i], "--pg-bin") && i + 1 < argc) {
			bb_copy(s->pg_bin, sizeof(s->pg_bin), argv[++i]);
		} else if (!strcmp(argv[i], "--http") && i + 1 < argc) {
			if (bb_parse_u64(argv[++i], "--http", 1, 65535, &port, &err) != 0) {
				fprintf(stderr, "deploy/stack: %s\n", err.text);
				return -1;
			}
		} else if (!strcmp(argv[i], "--empty")) {
			s->demo = false;
		} else if (!strcmp(argv[i], "--no-watchdog")) {
			s->watchdog = false;
		} else if (!strcmp(argv[i], "--detach")) {
			a->detach = true;
		} else if (argv[i][0] != '-' && !a->name) {
			a->name = argv[i];
		} else {
			fprintf(stderr, "deploy/stack: unknown argument \"%s\"; see deploy/stack --help\n", argv[i]);
			return -1;
		}
	}
	s->http_port = (unsigned)port;
	snprintf(s->opt, sizeof(s->opt), "%s/opt", s->dir);
	return s->dir[0] == '/' ? 0 : -1;
}

int main(int argc, char **argv)
{
	static struct stack stack = { .demo = true, .watchdog = true, .detach_fd = -1 };
	struct args a = { 0 };
	struct bb_err err;
	char line[256];

	if (parse(argc, argv, &stack, &a) != 0)
		return 2;
	bb_log_open("stack", BB_INFO);
	if (strcmp(a.verb, "up") != 0) {
		snprintf(line, sizeof(line), "%s%s%s", a.verb, a.name ? " " : "", a.name ? a.name : "");
		return control_ask(stack.dir, line);
	}
	if (a.detach) {
		int rc = detach(&stack);
		if (rc >= 0)
			return rc;
	}
	if (up(&stack, &err) != 0) {
		if (stack.detach_fd >= 0)
			dprintf(stack.detach_fd, "failed %s\n", err.text);
		fprintf(stderr, "deploy/stack: %s\n", err.text);
		return 1;
	}
	return stack.exit_code;
}
