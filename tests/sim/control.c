// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "tests/sim/ups.h"

#define LINE_MAX_BYTES 4096

struct client {
	struct control *control;
	struct bb_watch *watch;
	int fd;
	size_t len;
	char line[LINE_MAX_BYTES];
	struct client *next;
};

struct control {
	struct bb_loop *loop;
	struct control_options o;
	struct bb_watch *watch;
	struct client *clients;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;
};

/* ---- lines ---- */

static void stats(struct control *c, struct bb_buf *out)
{
	const struct net_stats *s = net_stats(c->o.net);
	struct bb_json j = { .out = out };

	bb_json_obj(&j, NULL);
	bb_json_int(&j, "agents", (int64_t)fleet_count(c->o.fleet));
	bb_json_int(&j, "requests", (int64_t)s->requests);
	bb_json_int(&j, "answers", (int64_t)s->answers);
	bb_json_int(&j, "lost", (int64_t)s->lost);
	bb_json_int(&j, "ignored", (int64_t)s->ignored);
	bb_json_int(&j, "delayed", (int64_t)s->delayed);
	bb_json_end_obj(&j);
}

static int state(struct control *c, const char *address, struct bb_buf *out, struct bb_err *err)
{
	struct bb_json j = { .out = out };
	uint64_t now_ns = bb_clock_boot_ns();
	uint32_t first, last;
	struct agent *a;

	if (fleet_range(address, &first, &last, err) < 0)
		return -1;
	a = fleet_find(c->o.fleet, first);
	if (!a)
		return bb_err_set(err, "nobody lives at \"%s\"", address);
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "model", a->model->name);
	bb_json_bool(&j, "silent", a->is_silent);
	bb_json_num(&j, "loss", a->loss_pct);
	bb_json_int(&j, "slow_ms", a->slow_ms);
	if (a->ups) {
		bb_json_bool(&j, "on_battery", a->ups->on_battery_ns != 0);
		bb_json_int(&j, "battery", (int64_t)a->ups->battery);
		bb_json_num(&j, "charge", ups_charge(a->ups, now_ns));
		bb_json_int(&j, "alarms", (int64_t)a->ups->n_rows);
	}
	bb_json_end_obj(&j);
	return 0;
}

static int line_run(struct control *c, char *line, struct bb_buf *out, struct bb_err *err)
{
	if (!strcmp(line, "stats")) {
		stats(c, out);
		return 0;
	}
	if (!strncmp(line, "state ", 6))
		return state(c, line + 6, out, err);
	if (!strcmp(line, "quiesce")) {
		generate_quiesce(c->o.generate);
		return 0;
	}
	return verb_run(c->o.fleet, c->o.truth, line, err);
}

/* ---- clients ---- */

static void client_free(struct client *cl)
{
	struct client **p = &cl->control->clients;

	while (*p != cl)
		p = &(*p)->next;
	*p = cl->next;
	bb_loop_cancel(cl->watch);
	close(cl->fd);
	free(cl);
}

/* Returns false when the client does not read its answers. */
static bool reply(struct client *cl, char *line)
{
	struct bb_buf out = { 0 }, text = { 0 };
	struct bb_err err = { .text = "" };
	bool is_sent;

	line[strcspn(line, "\r")] = '\0';
	agent_clock(bb_clock_boot_ns());
	if (line_run(cl->control, line, &out, &err) < 0)
		bb_buf_printf(&text, "ERR %s\n", err.text);
	else
		bb_buf_printf(&text, "OK%s%s\n", out.len ? " " : "", out.len ? out.data : "");
	is_sent =
		send(cl->fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)text.len;
	bb_buf_fini(&out);
	bb_buf_fini(&text);
	return is_sent;
}

static void client_readable(void *arg, int fd, int what)
{
	struct client *cl = arg;
	ssize_t n = recv(fd, cl->line + cl->len, sizeof(cl->line) - cl->len, MSG_DONTWAIT);
	char *nl;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			client_free(cl);
		return;
	}
	cl->len += (size_t)n;
	while ((nl = memchr(cl->line, '\n', cl->len))) {
		size_t used = (size_t)(nl - cl->line) + 1;

		*nl = '\0';
		if (!reply(cl, cl->line)) {
			client_free(cl);
			return;
		}
		cl->len -= used;
		memmove(cl->line, cl->line + used, cl->len);
	}
	if (cl->len == sizeof(cl->line))
		client_free(cl);
}

static void acceptable(void *arg, int fd, int what)
{
	struct control *c = arg;
	struct client *cl;
	int s = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (s < 0)
		return;
	cl = bb_calloc(1, sizeof(*cl));
	cl->control = c;
	cl->fd = s;
	cl->next = c->clients;
	c->clients = cl;
	cl->watch = bb_loop_add_fd(c->loop, s, BB_READ, client_readable, cl);
}

/* ---- life ---- */

static int control_listen(struct control *c, struct bb_err *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int probe;

	memcpy(sa.sun_path, c->path, sizeof(sa.sun_path));
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (probe >= 0 && connect(probe, (struct sockaddr *)&sa, sizeof(sa)) == 0) {
		close(probe);
		return bb_err_set(err, "another process listens on \"%s\"", c->path);
	}
	if (probe >= 0)
		close(probe);
	unlink(c->path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
		listen(c->fd, 16) < 0)
		return bb_err_errno(err, "cannot listen on \"%s\"", c->path);
	return 0;
}

struct control *control_open(struct bb_loop *loop, const char *path,
	const struct control_options *o, struct bb_err *err)
{
	struct control *c = bb_calloc(1, sizeof(*c));

	c->loop = loop;
	c->o = *o;
	c->fd = -1;
	if (!bb_copy(c->path, sizeof(c->path), path)) {
		bb_err_set(err, "the path of the control socket is too long");
		free(c);
		return NULL;
	}
	if (control_listen(c, err) < 0) {
		if (c->fd >= 0)
			close(c->fd);
		free(c);
		return NULL;
	}
	c->watch = bb_loop_add_fd(loop, c->fd, BB_READ, acceptable, c);
	return c;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	while (c->clients)
		client_free(c->clients);
	bb_loop_cancel(c->watch);
	close(c->fd);
	unlink(c->path);
	free(c);
}
