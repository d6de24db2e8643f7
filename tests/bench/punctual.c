// SPDX-License-Identifier: Apache-2.0
/* Who is polled on time: `punctual RUN SECONDS INTERVAL_MS` hears the status of all devices, as readings and as
 * confirmations, and prints for each `ID ANSWERED MISSED`. The time is that of the device's answer. A gap of one and a half
 * intervals is one missed poll, of two and a half two; also before the first answer and behind the last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/str.h"
#include "common/table.h"
#include "common/wire.h"

struct seen {
	uint64_t id, last_ns, answered, missed;
};

struct listener {
	struct bb_loop *loop;
	struct bb_arena *arena;
	struct bb_table *devices;
	uint64_t begun_ns, interval_ns;
};

static uint64_t polls_in(const struct listener *l, uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (to_ns - from_ns + l->interval_ns / 2) / l->interval_ns : 0;
}

static void take(struct listener *l, uint64_t id, uint64_t at_ns)
{
	struct seen *s = bb_table_get_u64(l->devices, id);

	if (!s) {
		s = bb_calloc(1, sizeof(*s));
		s->id = id;
		s->last_ns = l->begun_ns;
		bb_table_put_u64(l->devices, id, s);
	}
	if (at_ns <= s->last_ns)
		return;
	uint64_t polls = polls_in(l, s->last_ns, at_ns);
	s->missed += polls > 1 ? polls - 1 : 0;
	s->answered++;
	s->last_ns = at_ns;
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct listener *l = arg;
	struct bb_err err;

	bb_arena_reset(l->arena);
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING) {
		const Busbar__V1__Reading *r =
			bb_unpack_reading(l->arena, m->body, m->body_len, &err);

		if (r && !r->missed && !strcmp(r->group, "status"))
			take(l, r->device_id, m->sampled_own_ns);
	} else if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM) {
		const Busbar__V1__Confirm *c =
			bb_unpack_confirm(l->arena, m->body, m->body_len, &err);

		for (size_t i = 0; c && i < c->n_device_id; i++)
			take(l, c->device_id[i], m->sampled_own_ns - c->before_ns[i]);
	}
}

static void on_end(void *arg)
{
	struct listener *l = arg;
	struct bb_table_iter it = { 0 };
	uint64_t now = bb_clock_boot_ns();
	struct seen *s;

	while ((s = bb_table_next(l->devices, &it, NULL, NULL))) {
		uint64_t polls = polls_in(l, s->last_ns, now);

		printf("%llu %llu %llu\n", (unsigned long long)s->id,
			(unsigned long long)s->answered,
			(unsigned long long)(s->missed + (polls > 1 ? polls - 1 : 0)));
	}
	bb_loop_stop(l->loop);
}

int main(int argc, char **argv)
{
	static const char *const prefixes[] = { "reading/", "confirm/", NULL };
	struct listener l = { 0 };
	struct bb_sub_options o = { .prefixes = prefixes, .message = on_message, .arg = &l };
	uint64_t seconds, interval_ms;
	struct bb_err err;
	struct bb_bus *bus;
	struct bb_sub *sub;

	if (argc != 4 || bb_parse_u64(argv[2], "SECONDS", 1, 3600, &seconds, &err) ||
		bb_parse_u64(argv[3], "INTERVAL_MS", 50, 3600000, &interval_ms, &err)) {
		fprintf(stderr, "usage: punctual RUN SECONDS INTERVAL_MS\n");
		return 2;
	}
	l.interval_ns = interval_ms * 1000000;
	l.devices = bb_table_new();
	l.arena = bb_arena_new(65536, 0);
	l.loop = bb_loop_new(&err);
	bus = bb_bus_new(l.loop, argv[1], "punctual", "bench", bb_clock_real_us(), &err);
	if (!bus || !(sub = bb_sub_new(bus, &o, &err))) {
		fprintf(stderr, "punctual: %s\n", err.text);
		return 1;
	}
	l.begun_ns = bb_clock_boot_ns();
	bb_loop_after(l.loop, seconds * 1000, on_end, &l);
	bb_loop_run(l.loop);
	bb_sub_free(sub);
	bb_bus_free(bus);
	bb_loop_free(l.loop);
	bb_table_free(l.devices, free);
	bb_arena_free(l.arena);
	return 0;
}
