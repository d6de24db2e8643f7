// SPDX-License-Identifier: Apache-2.0
#include "deploy/launcher/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"

#define LOG_KEEP_BYTES (16 * 1024 * 1024)

const char *child_state_name(enum child_state s)
{
	static const char *const names[] = {
		[CHILD_STOPPED] = "stopped",   [CHILD_STARTING] = "starting", [CHILD_READY] = "ready",
		[CHILD_STOPPING] = "stopping", [CHILD_WAITING] = "restarting", [CHILD_FAILED] = "failed",
	};

	return names[s];
}

void child_set_args(struct child *c, const char *const *args)
{
	size_t n = 0;

	for (; args[n]; n++) {
		bb_assert(n + 1 < CHILD_MAX_ARGS);
		c->argv[n] = bb_strdup(args[n]);
	}
	c->argv[n] = NULL;
}

void child_free(struct child *c)
{
	for (size_t i = 0; i < CHILD_MAX_ARGS && c->argv[i]; i++)
		free(c->argv[i]);
	memset(c->argv, 0, sizeof(c->argv));
}

/* Appends; a log that has grown large is moved aside once, so that a stack left alone does not fill the disk. */
static int log_open(const struct child *c, const char *log_dir, struct bb_err *err)
{
	char path[PATH_MAX], old[PATH_MAX + 4];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.log", log_dir, c->name);
	if (stat(path, &st) == 0 && st.st_size > LOG_KEEP_BYTES) {
		snprintf(old, sizeof(old), "%s.1", path);
		if (rename(path, old) != 0)
			return bb_err_errno(err, "cannot move the log \"%s\" aside", path);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		return bb_err_errno(err, "cannot open the log \"%s\"", path);
	return fd;
}

_Noreturn static void child_exec(struct child *c, int log_fd, const char *notify_socket, uint64_t watchdog_ms, pid_t launcher)
{
	char usec[32];
	sigset_t none;
	int null_fd = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, c->death_signal);
	if (getppid() != launcher)
		_exit(126);
	setpgid(0, 0);          /* Ctrl-C reaches the launcher alone, which stops in order */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(null_fd, 0);
	dup2(log_fd, 1);
	dup2(log_fd, 2);
	if (c->notifies)
		setenv("NOTIFY_SOCKET", notify_socket, 1);
	if (c->notifies && watchdog_ms > 0) {
		snprintf(usec, sizeof(usec), "%llu", (unsigned long long)watchdog_ms * 1000);
		setenv("WATCHDOG_USEC", usec, 1);
	}
	execv(c->argv[0], c->argv);
	dprintf(2, "cannot run \"%s\": %s\n", c->argv[0], strerror(errno));
	_exit(127);
}

int child_start(struct child *c, const char *log_dir, const char *notify_socket, uint64_t watchdog_ms, uint64_t now_ms,
	struct bb_err *err)
{
	int log_fd = log_open(c, log_dir, err);
	pid_t launcher = getpid();

	if (log_fd < 0)
		return -1;
	c->pid = fork();
	if (c->pid < 0) {
		c->pid = 0;
		close(log_fd);
		return bb_err_errno(err, "cannot fork for \"%s\"", c->name);
	}
	if (c->pid == 0)
		child_exec(c, log_fd, notify_socket, watchdog_ms, launcher);
	close(log_fd);
	c->state = CHILD_STARTING;
	c->started_ms = now_ms;
	c->last_watchdog_ms = 0;
	c->has_watchdog = c->notifies && watchdog_ms > 0;
	return 0;
}

/* The last line of the log usually says why. */
static void note_reason(struct child *c, int status, const char *log_dir)
{
	char path[PATH_MAX], tail[1024];
	size_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.log", log_dir, c->name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		off_t end = lseek(fd, 0, SEEK_END);
		off_t from = end > (off_t)sizeof(tail) - 1 ? end - ((off_t)sizeof(tail) - 1) : 0;
		ssize_t got = pread(fd, tail, sizeof(tail) - 1, from);

		n = got > 0 ? (size_t)got : 0;
		close(fd);
	}
	while (n > 0 && (tail[n - 1] == '\n' || tail[n - 1] == '\r'))
		n--;
	tail[n] = '\0';
	char *line = strrchr(tail, '\n');
	line = line ? line + 1 : tail;
	if (WIFSIGNALED(status))
		snprintf(c->reason, sizeof(c->reason), "killed by signal %d", WTERMSIG(status));
	else
		bb_text_clean(c->reason, sizeof(c->reason), line, strlen(line));
}

void child_ended(struct child *c, int status, const char *log_dir, uint64_t now_ms)
{
	bool was_stopping = c->state == CHILD_STOPPING;

	c->pid = 0;
	if (c->once && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		c->state = CHILD_READY;
		return;
	}
	note_reason(c, status, log_dir);
	if (was_stopping || !c->wanted) {
		c->state = c->once ? CHILD_FAILED : CHILD_STOPPED;
		return;
	}
	if (c->once) {
		c->state = CHILD_FAILED;
		return;
	}
	c->restarts++;
	c->backoff_ms = now_ms - c->started_ms > 10000 || c->backoff_ms == 0 ? 500 : c->backoff_ms * 2;
	if (c->backoff_ms > 5000)
		c->backoff_ms = 5000;
	c->restart_at_ms = now_ms + c->backoff_ms;
	c->state = CHILD_WAITING;
}

void child_stop(struct child *c)
{
	if (c->pid > 0) {
		kill(c->pid, c->stop_signal);
		kill(c->pid, SIGCONT);
		c->state = CHILD_STOPPING;
	} else {
		c->state = CHILD_STOPPED;
	}
}
