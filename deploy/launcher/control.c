// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"
#include "common/str.h"
#include "deploy/launcher/stack.h"

int control_run_dir(const char *dir, char *out, size_t cap)
{
	char path[640];
	FILE *f;

	snprintf(path, sizeof(path), "%s/run.path", dir);
	f = fopen(path, "re");
	if (!f)
		return snprintf(out, cap, "%s/run", dir) < (int)cap ? 0 : -1;
	if (!fgets(out, (int)cap, f))
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
	return out[0] ? 0 : -1;
}

static int unix_socket(const char *path, int type, struct sockaddr_un *addr, struct bb_err *err)
{
	int fd;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (!bb_copy(addr->sun_path, sizeof(addr->sun_path), path))
		return bb_err_set(err, "the socket path \"%s\" is too long", path);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return bb_err_errno(err, "cannot make a socket for \"%s\"", path);
	return fd;
}

static struct child *by_pid(struct stack *s, pid_t pid)
{
	for (size_t i = 0; i < s->n_children; i++)
		if (s->child[i].pid == pid)
			return &s->child[i];
	return NULL;
}

/* sd_notify protocol: lines VARIABLE=VALUE; the sender's pid comes from the kernel. */
static void on_notify(void *arg, int fd, int what)
{
	struct stack *s = arg;
	char text[1024], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };

	for (;;) {
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
		struct cmsghdr *c;
		struct child *child;

		if (n < 0)
			return;
		text[n] = '\0';
		c = CMSG_FIRSTHDR(&m);
		if (!c || c->cmsg_type != SCM_CREDENTIALS)
			continue;
		struct ucred cred;
		memcpy(&cred, CMSG_DATA(c), sizeof(cred));
		child = by_pid(s, cred.pid);
		if (!child)
			continue;
		if (strstr(text, "READY=1") && child->state == CHILD_STARTING)
			child->state = CHILD_READY;
		child->last_watchdog_ms = bb_loop_now_ms(s->loop);
		stack_step(s);
	}
}

static void command_child(struct stack *s, const char *verb, const char *name, struct bb_buf *out)
{
	struct child *c = stack_find(s, name);

	if (!c) {
		bb_buf_printf(out, "1 no process \"%s\" in this stack\n", name);
		return;
	}
	c->wanted = strcmp(verb, "start") == 0;
	if (c->wanted && c->pid == 0) {
		c->state = CHILD_WAITING;
		c->restart_at_ms = 0;
		c->backoff_ms = 0;
	} else if (!c->wanted) {
		child_stop(c);
		/* "immediate" is PostgreSQL's crash-like stop */
		if (strcmp(verb, "crash") == 0 && c->pid > 0)
			kill(c->pid, strcmp(c->name, "postgres") == 0 ? SIGQUIT : SIGKILL);
	}
	bb_buf_str(out, "0 \n");
	stack_step(s);
}

static void command(struct stack *s, char *line, struct bb_buf *out)
{
	char *name = strchr(line, ' ');

	if (name)
		*name++ = '\0';
	if (strcmp(line, "status") == 0) {
		char *json = stack_status_json(s);

		bb_buf_printf(out, "%d %s\n", s->all_ready ? 0 : 1, json);
		free(json);
	} else if (strcmp(line, "down") == 0) {
		bb_buf_str(out, "0 \n");
		stack_stop(s);
	} else if (name && (!strcmp(line, "stop") || !strcmp(line, "start") || !strcmp(line, "crash"))) {
		command_child(s, line, name, out);
	} else {
		bb_buf_printf(out, "2 unknown command \"%s\"\n", line);
	}
}

/* One short line, one answer, close; the peer is a local tool of the same user, so a bounded wait is enough. */
static void on_control(void *arg, int fd, int what)
{
	struct stack *s = arg;
	struct timeval wait = { .tv_sec = 1 };
	struct bb_buf out = { 0 };
	char line[256];
	ssize_t n;
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (peer < 0)
		return;
	setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	n = recv(peer, line, sizeof(line) - 1, 0);
	if (n > 0) {
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		command(s, line, &out);
		if (send(peer, out.data, out.len, MSG_NOSIGNAL) < 0)
			bb_log(EV_NOTE, BB_STR("text", "a status client left before its answer"));
	}
	bb_buf_fini(&out);
	close(peer);
}

int control_open(struct stack *s, struct bb_err *err)
{
	struct sockaddr_un addr;
	int on = 1;

	snprintf(s->notify_path, sizeof(s->notify_path), "%s/notify.sock", s->run);
	snprintf(s->control_path, sizeof(s->control_path), "%s/stack.sock", s->run);
	unlink(s->notify_path);
	unlink(s->control_path);
	s->notify_fd = unix_socket(s->notify_path, SOCK_DGRAM, &addr, err);
	if (s->notify_fd < 0)
		return -1;
	if (bind(s->notify_fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		return bb_err_errno(err, "cannot bind \"%s\"", s->notify_path);
	setsockopt(s->notify_fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	s->control_fd = unix_socket(s->control_path, SOCK_STREAM, &addr, err);
	if (s->control_fd < 0)
		return -1;
	if (bind(s->control_fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(s->control_fd, 64) != 0)
		return bb_err_errno(err, "cannot listen on \"%s\"", s->control_path);
	bb_loop_add_fd(s->loop, s->notify_fd, BB_READ, on_notify, s);
	bb_loop_add_fd(s->loop, s->control_fd, BB_READ, on_control, s);
	return 0;
}

void control_close(struct stack *s)
{
	unlink(s->notify_path);
	unlink(s->control_path);
}

int control_ask(const char *dir, const char *line)
{
	struct sockaddr_un addr;
	struct bb_err err;
	struct bb_buf all = { 0 };
	char run[96], path[128], part[4096];
	ssize_t n;
	int rc, fd;

	if (control_run_dir(dir, run, sizeof(run)) != 0)
		return 3;
	snprintf(path, sizeof(path), "%s/stack.sock", run);
	fd = unix_socket(path, SOCK_STREAM, &addr, &err);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		if (fd >= 0)
			close(fd);
		return 3;
	}
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
		close(fd);
		return 3;
	}
	for (;;) {
		n = recv(fd, part, sizeof(part), 0);
		if (n < 0 && errno == EAGAIN) {
			usleep(5000);
			continue;
		}
		if (n <= 0)
			break;
		bb_buf_add(&all, part, (size_t)n);
	}
	close(fd);
	rc = all.len > 1 ? all.data[0] - '0' : 3;
	if (all.len > 2 && all.data[2] != '\n')
		fputs(all.data + 2, rc == 2 ? stderr : stdout);
	bb_buf_fini(&all);
	return rc;
}
