// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/bus_lib.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

int bed_setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	strcpy(b->dir, "/tmp/busbar-test.XXXXXX");
	if (!mkdtemp(b->dir))
		return -1;
	b->loop = bb_loop_new(NULL);
	b->bus = bed_bus(b, "alarmd");
	*state = b;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

int bed_teardown(void **state)
{
	struct bed *b = *state;

	nftw(b->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	/* A test that failed has left its sockets open; what it has to say must not end here. */
	if (!TAILQ_EMPTY(&b->bus->socks))
		return 0;
	bb_bus_free(b->bus);
	bb_loop_free(b->loop);
	free(b);
	return 0;
}

struct bb_bus *bed_bus(struct bed *b, const char *name)
{
	struct bb_bus *bus = bb_bus_new(b->loop, b->dir, name, "test", 1ull << 32, NULL);

	bus->times = (struct bb_bus_times){ .heartbeat_ms = 20,
		.suspect_ms = 100000,
		.lost_ms = 200000,
		.snap_retry_ms = 300,
		.snap_space_ms = 10 };
	return bus;
}

bool bed_until(struct bed *b, bool (*cond)(void *arg), void *arg)
{
	uint64_t end = bb_clock_mono_ms() + 10000;

	while (!cond(arg) && bb_clock_mono_ms() < end)
		bb_loop_turn(b->loop, 5);
	return cond(arg);
}

void bed_turns(struct bed *b, unsigned turns)
{
	while (turns--)
		bb_loop_turn(b->loop, 5);
}

/* ---- the hand-driven publisher ---- */

static void pack(struct bb_arena *a, const struct raw_msg *m, struct bb_frame frames[3])
{
	Busbar__V1__Envelope e = BUSBAR__V1__ENVELOPE__INIT;

	e.has_schema = e.has_source_epoch = e.has_publisher_seq = e.has_topic_seq = 1;
	e.has_boot_id = e.has_sampled_boot_ns = e.has_age_ms = e.has_kind = 1;
	e.schema = 1;
	e.publisher = (char *)m->publisher;
	e.source_epoch = m->epoch;
	e.publisher_seq = m->seq;
	e.topic_seq = m->topic_seq;
	e.boot_id = (ProtobufCBinaryData){ 16,
		(uint8_t *)(m->boot_id ? m->boot_id : bb_clock_boot_id()) };
	e.sampled_boot_ns = m->sampled_boot_ns ? m->sampled_boot_ns : bb_clock_boot_ns();
	e.age_ms = m->age_ms;
	e.kind = m->kind ? m->kind : BUSBAR__V1__ENVELOPE__KIND__KIND_READING;
	frames[0] = bb_frame_str(m->topic);
	frames[1].data = bb_pack(a, &e, &frames[1].len);
	frames[2] = m->text ? bb_frame_str(m->text) : (struct bb_frame){ "", 0 };
}

static void on_request(void *arg, const struct bb_frame *in, size_t n)
{
	struct raw_pub *r = arg;
	struct bb_arena *a = bb_arena_new(1024, 0);
	const Busbar__V1__SnapRequest *rq = bb_unpack_snap_request(a, in[1].data, in[1].len, NULL);
	Busbar__V1__SnapEnd end = BUSBAR__V1__SNAP_END__INIT;
	struct bb_frame frames[4] = { in[0] };

	r->requests++;
	snprintf(r->prefix, sizeof(r->prefix), "%s", rq->prefix);
	if (r->ignore) {
		r->ignore--;
		bb_arena_free(a);
		return;
	}
	for (size_t i = 0; i < r->n_rows; i++) {
		pack(a, &r->rows[i], frames + 1);
		bb_sock_send(r->snap, frames, 4);
	}
	end.has_request_id = end.has_rows = 1;
	end.request_id = rq->request_id;
	end.rows = (uint32_t)(r->n_rows + r->rows_withheld);
	r->rows_withheld = 0;
	frames[1].data = bb_pack(a, &end, &frames[1].len);
	bb_sock_send(r->snap, frames, 2);
	bb_arena_free(a);
}

void raw_open(struct raw_pub *r, struct bed *b, const char *name, const char *snap_leaf,
	const char *bind_out)
{
	struct bb_sock_options pub = { .type = BB_SOCK_PUB };
	struct bb_sock_options snap = { .type = BB_SOCK_ROUTER, .message = on_request, .arg = r };

	memset(r, 0, sizeof(*r));
	r->bus = bed_bus(b, name);
	r->out = bb_sock_new(r->bus, &pub, NULL);
	if (bind_out)
		bb_sock_bind(r->out, bind_out, NULL);
	else
		bb_sock_connect(r->out, "readings.alarmd", NULL);
	r->snap = bb_sock_new(r->bus, &snap, NULL);
	bb_sock_bind(r->snap, snap_leaf, NULL);
}

void raw_close(struct raw_pub *r)
{
	bb_sock_free(r->out);
	bb_sock_free(r->snap);
	bb_bus_free(r->bus);
}

void raw_send(struct raw_pub *r, const struct raw_msg *m)
{
	struct bb_arena *a = bb_arena_new(1024, 0);
	struct bb_frame frames[3];

	pack(a, m, frames);
	bb_sock_send(r->out, frames, 3);
	bb_arena_free(a);
}

void raw_heartbeat(struct raw_pub *r, const char *publisher, uint64_t epoch, uint64_t seq)
{
	char topic[128];

	bb_topic(topic, sizeof(topic), "heartbeat", publisher, NULL);
	raw_send(r, &(struct raw_msg){ .publisher = publisher,
			    .topic = topic,
			    .kind = BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT,
			    .epoch = epoch,
			    .seq = seq,
			    .topic_seq = seq });
}
