// SPDX-License-Identifier: Apache-2.0
/* Load for the bus: `bus-load RUN RATE BYTES TOPICS SECONDS` publishes RATE messages of BYTES a
 * second on TOPICS topics, evenly over ticks of 10 ms, and prints what it spent itself. How it
 * is used to measure busd: busd/README.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/str.h"
#include "proto/reading.pb-c.h"

enum { TICK_MS = 10, BYTES_MAX = 60000 };

struct load {
	struct bb_loop *loop;
	struct bb_pub *pub;
	uint64_t rate, bytes, topics;
	uint64_t begun_ms, sent;
	char body[BYTES_MAX];
};

static void on_tick(void *arg)
{
	struct load *l = arg;
	uint64_t due = (bb_clock_mono_ms() - l->begun_ms) * l->rate / 1000;

	for (; l->sent < due; l->sent++) {
		char topic[64];

		snprintf(topic, sizeof(topic), "reading/load/u%llu/measure/",
			(unsigned long long)(l->sent % l->topics));
		bb_pub_send(l->pub, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, l->body,
			l->bytes, 0);
	}
}

static void on_end(void *arg)
{
	bb_loop_stop(((struct load *)arg)->loop);
}

static uint64_t number(const char *text, const char *what, uint64_t max)
{
	struct bb_err err;
	uint64_t v;

	if (bb_parse_u64(text, what, 1, max, &v, &err) == 0)
		return v;
	fprintf(stderr, "bus-load: %s\n", err.text);
	exit(2);
}

int main(int argc, char **argv)
{
	static struct load l;
	struct bb_pub_options o = { .connect = BB_PUB_BUSD, .devices = 10000 };
	struct bb_err err;
	struct bb_bus *bus;
	struct rusage ru;

	if (argc != 6) {
		fprintf(stderr, "usage: bus-load RUN RATE BYTES TOPICS SECONDS\n");
		return 2;
	}
	l.rate = number(argv[2], "RATE", 1000000);
	l.bytes = number(argv[3], "BYTES", BYTES_MAX);
	l.topics = number(argv[4], "TOPICS", 1000000);
	l.loop = bb_loop_new(&err);
	bus = bb_bus_new(l.loop, argv[1], "bus-load", "bench", bb_clock_real_us(), &err);
	if (!bus || !(l.pub = bb_pub_new(bus, &o, &err))) {
		fprintf(stderr, "bus-load: %s\n", err.text);
		return 1;
	}
	l.begun_ms = bb_clock_mono_ms();
	bb_loop_every(l.loop, TICK_MS, on_tick, &l);
	bb_loop_after(l.loop, number(argv[5], "SECONDS", 3600) * 1000, on_end, &l);
	bb_loop_run(l.loop);
	getrusage(RUSAGE_SELF, &ru);
	printf("%llu messages, own CPU %.2f s\n", (unsigned long long)l.sent,
		(double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
			(double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
	bb_pub_free(l.pub);
	bb_bus_free(bus);
	bb_loop_free(l.loop);
	return 0;
}
