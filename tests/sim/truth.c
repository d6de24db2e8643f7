// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/truth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "tests/sim/fleet.h"

struct truth {
	int fd;
	struct bb_buf line;
};

struct truth *truth_open(const char *file, struct bb_err *err)
{
	struct truth *t;
	int fd = -1;

	if (file) {
		fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (fd < 0) {
			bb_err_errno(err, "cannot open truth log \"%s\"", file);
			return NULL;
		}
	}
	t = bb_calloc(1, sizeof(*t));
	t->fd = fd;
	return t;
}

void truth_close(struct truth *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	bb_buf_fini(&t->line);
	free(t);
}

void truth_write(struct truth *t, uint32_t address, const char *what, const char *arg,
	int64_t duration_ms)
{
	struct bb_json j = { .out = &t->line };
	char text[16];

	if (t->fd < 0)
		return;
	bb_buf_reset(&t->line);
	bb_json_obj(&j, NULL);
	bb_json_int(&j, "boot_ns", (int64_t)bb_clock_boot_ns());
	bb_json_int(&j, "unix_us", (int64_t)bb_clock_real_us());
	bb_json_str(&j, "addr", address ? fleet_address(address, text) : "");
	bb_json_str(&j, "what", what);
	bb_json_str(&j, "arg", arg);
	if (duration_ms >= 0)
		bb_json_int(&j, "duration_ms", duration_ms);
	bb_json_end_obj(&j);
	bb_buf_str(&t->line, "\n");
	/* An oracle with holes is worse than none. */
	if (write(t->fd, t->line.data, t->line.len) != (ssize_t)t->line.len) {
		fprintf(stderr, "fleetsim: cannot write the truth log: %s\n", strerror(errno));
		abort();
	}
}
