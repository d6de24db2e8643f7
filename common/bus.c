// SPDX-License-Identifier: Apache-2.0
#include "common/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus_int.h"
#include "common/str.h"

enum {
	ENDPOINT_MAX = 100
}; /* of the path: sun_path holds 107 bytes, libzmq adds a temporary name */

static const struct bb_bus_times default_times = {
	.heartbeat_ms = 1000,
	.suspect_ms = 3000,
	.lost_ms = 10000,
	.snap_retry_ms = 3000,
	.snap_space_ms = 1000,
};

struct bb_bus *bb_bus_new(struct bb_loop *loop, const char *run, const char *name, const char *role,
	uint64_t epoch, struct bb_err *err)
{
	struct bb_bus *b;

	if (!bb_daemon_name_valid(name))
		return bb_err_null(err, "\"%s\" cannot be a publisher's name", name);
	if (strlen(run) + sizeof("/") + strlen(name) + sizeof(".snap") > ENDPOINT_MAX)
		return bb_err_null(err,
			"the run folder \"%s\" is too long for sockets, choose a shorter one", run);
	b = bb_calloc(1, sizeof(*b));
	b->loop = loop;
	b->epoch = epoch;
	b->times = default_times;
	bb_copy(b->run, sizeof(b->run), run);
	bb_copy(b->name, sizeof(b->name), name);
	bb_copy(b->role, sizeof(b->role), role);
	TAILQ_INIT(&b->socks);
	b->hook = bb_loop_add_hook(loop, bb_sock_turn, b);
	return b;
}

void bb_bus_free(struct bb_bus *b)
{
	if (!b)
		return;
	bb_assert(TAILQ_EMPTY(
		&b->socks)); /* pubs, subs, clients and servers are freed before their bus */
	bb_loop_cancel(b->hook);
	free(b);
}

int bb_bus_endpoint(const struct bb_bus *b, const char *leaf, char *out, size_t cap,
	struct bb_err *err)
{
	int n = snprintf(out, cap, "ipc://%s/%s", b->run, leaf);

	if (n < 0 || (size_t)n >= cap || (size_t)n > ENDPOINT_MAX + strlen("ipc://"))
		return bb_err_set(err,
			"the socket path \"%s/%s\" is too long, choose a shorter run folder",
			b->run, leaf);
	return 0;
}
