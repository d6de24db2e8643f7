// SPDX-License-Identifier: Apache-2.0
/* A looker: `bus-look RUN PREFIX` prints what bb_sub tells, one line each:
 *   live TOPIC | row TOPIC | gone TOPIC | snapshot | peer NAME alive|suspect|lost [new] */
#include <stdio.h>

#include "common/bus.h"
#include "common/clock.h"
#include "proto/reading.pb-c.h"

static void on_message(void *arg, const struct bb_msg *m)
{
	const char *what = m->from_snapshot ? "row" : "live";

	if (m->kind != BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT)
		printf("%s %s\n", m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_GONE ? "gone" : what,
			m->topic);
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
	static const char *const names[] = { "alive", "suspect", "lost" };

	printf("peer %s %s%s\n", publisher, names[state], new_epoch ? " new" : "");
}

static void on_done(void *arg, const char *publisher)
{
	printf("snapshot\n");
}

int main(int argc, char **argv)
{
	const char *prefixes[] = { argc == 3 ? argv[2] : "", NULL };
	struct bb_sub_options o = { .prefixes = prefixes,
		.snapshots = true,
		.message = on_message,
		.peer = on_peer,
		.snapshot_done = on_done };
	struct bb_err err;
	struct bb_loop *loop;
	struct bb_bus *bus;

	if (argc != 3) {
		fprintf(stderr, "usage: bus-look RUN PREFIX\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	loop = bb_loop_new(&err);
	bus = loop ? bb_bus_new(loop, argv[1], "bus-look", "test", bb_clock_real_us(), &err) : NULL;
	if (!bus || !bb_sub_new(bus, &o, &err)) {
		fprintf(stderr, "bus-look: %s\n", err.text);
		return 1;
	}
	return bb_loop_run(loop);
}
