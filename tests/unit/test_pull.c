// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/pull.h"
#include "common/sock.h"
#include "tests/lib/faultfs.h"
#include "tests/unit/journal_lib.h"

/* Owner and consumer in one loop. */
struct pt {
	struct jt *t;
	struct bb_bus *owner, *consumer;
	struct bb_pull_server *server;
	struct bb_pull_client *client;
	bool hold; /* the consumer does not report progress */
	uint64_t received, records, volatiles;
	bool in_order, wrong;
	unsigned restarts;
	uint64_t restart_first;
	uint8_t journal_id[16];
};

static void on_record(void *arg, const uint8_t journal_id[16], uint64_t jseq, uint32_t type,
	const void *data, size_t len, bool durable)
{
	struct pt *p = arg;
	uint8_t body[300];

	p->wrong |= len != jt_body(jseq, body) || memcmp(body, data, len) != 0 || type != jseq % 7;
	p->in_order &= jseq == p->received + 1;
	p->received = jseq;
	p->records++;
	p->volatiles += !durable;
	memcpy(p->journal_id, journal_id, 16);
	if (!p->hold)
		bb_pull_client_durable(p->client, jseq);
}

static void on_restart(void *arg, const uint8_t journal_id[16], uint64_t first_jseq)
{
	struct pt *p = arg;

	p->restarts++;
	p->restart_first = first_jseq;
	p->received = first_jseq - 1;
}

static void serve(struct pt *p)
{
	struct bb_err err;

	p->server = bb_pull_server_new(p->owner, "alarmd.log", p->t->j, &err);
	if (!p->server)
		fail_msg("%s", err.text);
}

static void consume(struct pt *p, uint64_t after)
{
	struct bb_pull_client_options o = {
		.leaf = "alarmd.log",
		.consumer = "notifyd",
		.after_jseq = after,
		.record = on_record,
		.restart = on_restart,
		.arg = p,
	};
	struct bb_err err;

	memcpy(o.journal_id, p->journal_id, 16);
	p->received = after;
	p->client = bb_pull_client_new(p->consumer, &o, &err);
	if (!p->client)
		fail_msg("%s", err.text);
}

static int setup(void **state)
{
	struct pt *p = calloc(1, sizeof(*p));
	struct bb_err err;

	p->t = jt_new();
	p->in_order = true;
	p->owner = bb_bus_new(p->t->loop, p->t->dir, "alarmd", "alarmd", 1, &err);
	p->consumer = bb_bus_new(p->t->loop, p->t->dir, "notifyd", "notifyd", 1, &err);
	jt_open(p->t);
	*state = p;
	return p->owner && p->consumer ? 0 : -1;
}

static int teardown(void **state)
{
	struct pt *p = *state;

	memset(faultfs_rules(), 0, sizeof(struct faultfs));
	bb_pull_client_free(p->client);
	bb_pull_server_free(p->server);
	bb_bus_free(p->consumer);
	bb_bus_free(p->owner);
	jt_free(p->t);
	free(p);
	return 0;
}

#define turn_until(p, condition)                                                                   \
	do {                                                                                       \
		uint64_t start_ms = bb_clock_mono_ms();                                            \
		while (!(condition)) {                                                             \
			if (bb_clock_mono_ms() - start_ms > 30000)                                 \
				fail_msg("not reached: %s (received %llu)", #condition,            \
					(unsigned long long)(p)->received);                        \
			bb_loop_turn((p)->t->loop, 100);                                           \
		}                                                                                  \
	} while (0)

static void all_records_arrive_in_order(void **state)
{
	struct pt *p = *state;

	jt_append(p->t, 1500);
	serve(p);
	consume(p, 0);
	turn_until(p, p->received == 1500);
	jt_append(p->t, 1500);
	turn_until(p, p->received == 3000);
	assert_int_equal(p->records, 3000);
	assert_true(p->in_order && !p->wrong);
	assert_int_equal(p->restarts, 0);
	assert_memory_equal(p->journal_id, bb_journal_id(p->t->j), 16);
}

static void the_owner_keeps_the_consumers_cursor(void **state)
{
	struct pt *p = *state;
	struct bb_consumer_info info[4];

	jt_append(p->t, 100);
	serve(p);
	consume(p, 0);
	turn_until(p, bb_journal_cursor_get(p->t->j, "notifyd") == 100);
	assert_int_equal(bb_pull_consumers(p->server, info, 4), 1);
	assert_string_equal(info[0].name, "notifyd");
	assert_int_equal(info[0].durable_jseq, 100);
	assert_true(info[0].silent_ms < 5000);
}

static void at_most_the_credit_is_in_flight(void **state)
{
	struct pt *p = *state;

	p->hold = true;
	jt_append(p->t, 3000);
	serve(p);
	consume(p, 0);
	turn_until(p, p->received == 1024);
	turn_until(p, bb_pull_client_head(p->client) == 3000 && p->received == 1024);
	for (unsigned i = 0; i < 30; i++)
		bb_loop_turn(p->t->loop, 50);
	assert_int_equal(p->received, 1024);
	p->hold = false;
	bb_pull_client_durable(p->client, 1024);
	turn_until(p, p->received == 3000);
	assert_true(p->in_order);
}

static void a_new_consumer_goes_on_after_its_cursor(void **state)
{
	struct pt *p = *state;

	jt_append(p->t, 10);
	serve(p);
	consume(p, 0);
	turn_until(p, p->received == 10);
	bb_pull_client_free(p->client);
	consume(p, 7);
	turn_until(p, p->records == 13);
	assert_int_equal(p->received, 10);
	assert_int_equal(p->restarts, 0);
}

static void a_restarted_owner_is_found_again(void **state)
{
	struct pt *p = *state;

	jt_append(p->t, 10);
	serve(p);
	consume(p, 0);
	turn_until(p, p->received == 10);
	bb_pull_server_free(p->server);
	p->server = NULL;
	jt_append(p->t, 10);
	jt_wait_acked(p->t, 20);
	jt_reopen(p->t);
	serve(p);
	turn_until(p, p->received == 20);
	assert_int_equal(p->records, 20);
	assert_true(p->in_order);
}

static void an_absent_owner_shows_as_not_connected(void **state)
{
	struct pt *p = *state;

	consume(p, 0);
	assert_false(bb_pull_client_connected(p->client));
	serve(p);
	turn_until(p, bb_pull_client_connected(p->client));
}

static void another_journal_restarts_with_its_oldest(void **state)
{
	struct pt *p = *state;

	jt_append(p->t, 10);
	serve(p);
	memset(p->journal_id, 7, 16);
	consume(p, 5000);
	turn_until(p, p->received == 10);
	assert_int_equal(p->restarts, 1);
	assert_int_equal(p->restart_first, 1);
	assert_int_equal(p->records, 10);
}

static void a_cursor_ahead_of_the_owner_restarts_behind_its_head(void **state)
{
	struct pt *p = *state;

	jt_append(p->t, 10);
	jt_wait_acked(p->t, 10);
	memcpy(p->journal_id, bb_journal_id(p->t->j), 16);
	serve(p);
	consume(p, 50);
	turn_until(p, p->restarts == 1);
	assert_int_equal(p->restart_first, 11);
	jt_append(p->t, 1);
	turn_until(p, p->received == 11);
	assert_int_equal(p->records, 1);
}

/* The disk dies, the owner too; its memory was the only copy, and the numbers are used again. */
static void volatile_records_arrive_but_do_not_move_the_cursor(void **state)
{
	struct pt *p = *state;
	struct faultfs *f = faultfs_rules();

	jt_append(p->t, 10);
	serve(p);
	consume(p, 0);
	turn_until(p, bb_journal_cursor_get(p->t->j, "notifyd") == 10);
	snprintf(f->path, sizeof(f->path), "%s", p->t->dir);
	f->write = (struct faultfs_op){ .err = EIO, .count = -1 };
	f->sync = f->write;
	jt_append(p->t, 2000);
	turn_until(p, p->received == 2010);
	assert_int_equal(p->volatiles, 2000);
	for (unsigned i = 0; i < 30; i++)
		bb_loop_turn(p->t->loop, 50);
	assert_int_equal(bb_journal_cursor_get(p->t->j, "notifyd"), 10);
	/* close writes what it can: nothing */
	bb_pull_server_free(p->server);
	p->server = NULL;
	jt_close(p->t);
	f->write.err = f->sync.err = 0;
	jt_open(p->t);
	assert_int_equal(bb_journal_head(p->t->j), 10);
	jt_append(p->t, 5);
	p->received = 10;
	p->hold = true;
	serve(p);
	turn_until(p, p->received == 15);
	/* Their numbers were reported as done before; these records are not. */
	for (unsigned i = 0; i < 30; i++)
		bb_loop_turn(p->t->loop, 50);
	assert_int_equal(bb_journal_cursor_get(p->t->j, "notifyd"), 10);
	bb_pull_client_durable(p->client, 15);
	turn_until(p, bb_journal_cursor_get(p->t->j, "notifyd") == 15);
	assert_int_equal(p->records, 2015);
	assert_int_equal(p->restarts, 0);
}

static void hostile_frames_are_survived(void **state)
{
	struct pt *p = *state;
	static const char *const bad[] = { "", "x",
		"\x0a\x03"
		"a b",
		"\xff\xff\xff\xff\xff" };
	struct bb_sock_options o = { .type = BB_SOCK_DEALER, .early = true };
	struct bb_sock *s = bb_sock_new(p->consumer, &o, NULL);

	jt_append(p->t, 10);
	serve(p);
	assert_int_equal(bb_sock_connect(s, "alarmd.log", NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bb_frame f[2] = { { bad[i], strlen(bad[i]) }, { "y", 1 } };

		bb_sock_send(s, f, 1 + i % 2);
	}
	consume(p, 0);
	turn_until(p, p->received == 10);
	bb_sock_free(s);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_records_arrive_in_order),
		T(the_owner_keeps_the_consumers_cursor),
		T(at_most_the_credit_is_in_flight),
		T(a_new_consumer_goes_on_after_its_cursor),
		T(a_restarted_owner_is_found_again),
		T(an_absent_owner_shows_as_not_connected),
		T(another_journal_restarts_with_its_oldest),
		T(a_cursor_ahead_of_the_owner_restarts_behind_its_head),
		T(volatile_records_arrive_but_do_not_move_the_cursor),
		T(hostile_frames_are_survived),
	};

	jt_clock_setup();
	bb_log_open("test_pull", BB_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
