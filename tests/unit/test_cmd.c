// SPDX-License-Identifier: Apache-2.0
/* Client, busd's router and server, over real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "busd/route.h"
#include "common/clock.h"
#include "common/cmd.h"
#include "common/cmd_int.h"
#include "tests/unit/bus_lib.h"

/* The clock of this program: offsets in ns to BOOTTIME, MONOTONIC, REALTIME. */
static int64_t *clock_offsets;

static int clock_open(void)
{
	char file[] = "/tmp/test_cmd.XXXXXX";
	int fd = mkstemp(file);

	if (fd < 0 || ftruncate(fd, 3 * sizeof(int64_t)) < 0)
		return -1;
	clock_offsets = mmap(NULL, 3 * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	setenv("BUSBAR_TEST_CLOCK", file, 1);
	bb_clock_boot_ms(); /* maps the file */
	unlink(file);
	close(fd);
	return 0;
}

struct desk {
	struct bed *bed;
	struct route *route;
	struct bb_bus *daemon_bus;
	struct bb_cmd_server *server;
	struct bb_cmd_client *client;
	unsigned handled;
	bool is_slow; /* the handler keeps the call */
	bool is_look; /* it answers without having done anything */
	struct bb_cmd_call *open;
	unsigned done;
	unsigned code;
	char text[256], json[256];
	uint8_t key[16];
};

static void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	struct desk *d = arg;

	d->handled++;
	Busbar__V1__CommandReply look = BUSBAR__V1__COMMAND_REPLY__INIT;

	look.has_code = 1;
	look.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;
	if (d->is_slow)
		d->open = call;
	else if (d->is_look)
		bb_cmd_reply_look(call, &look);
	else
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK,
			"%s of %s is number %u", rq->verb, rq->user, d->handled);
}

static void on_done(void *arg, const Busbar__V1__CommandReply *r)
{
	struct desk *d = arg;

	d->done++;
	d->code = r->code;
	snprintf(d->text, sizeof(d->text), "%s", r->text);
	snprintf(d->json, sizeof(d->json), "%s", r->json);
	memcpy(d->key, r->cmd_key.data, sizeof(d->key));
}

static bool is_done(void *arg)
{
	return ((struct desk *)arg)->done > 0;
}

static bool knows_daemon(void *arg)
{
	struct route_stats st;

	route_stats(((struct desk *)arg)->route, &st);
	return st.daemons == 1;
}

static bool is_handled(void *arg)
{
	return ((struct desk *)arg)->handled > 0;
}

static void desk_open(struct desk *d, struct bed *b)
{
	memset(d, 0, sizeof(*d));
	d->bed = b;
	d->route = route_new(b->bus, b->loop, NULL);
	d->daemon_bus = bed_bus(b, "notifyd");
	d->server = bb_cmd_server_new(d->daemon_bus, on_command, d, NULL);
	d->client = bb_cmd_client_new(b->bus, NULL);
	assert_true(bed_until(b, knows_daemon, d));
}

static void desk_close(struct desk *d)
{
	bb_cmd_client_free(d->client);
	bb_cmd_server_free(d->server);
	route_free(d->route);
	bb_bus_free(d->daemon_bus);
}

static void ask(struct desk *d, const char *daemon, const char *key, uint32_t timeout_ms)
{
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;

	rq.verb = (char *)"ack";
	rq.user = (char *)"ann";
	rq.has_timeout_ms = timeout_ms != 0;
	rq.timeout_ms = timeout_ms;
	if (key) {
		rq.has_cmd_key = 1;
		rq.cmd_key = (ProtobufCBinaryData){ 16, (uint8_t *)key };
	}
	d->done = 0;
	bb_cmd_send(d->client, daemon, &rq, on_done, d);
	assert_int_equal(d->done, 0); /* never from inside */
}

static void request_reaches_the_named_daemon_and_its_answer_returns(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	ask(&d, "notifyd", NULL, 0);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_int_equal(d.code, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK);
	assert_string_equal(d.text, "ack of ann is number 1");
	desk_close(&d);
}

static void absent_daemon_is_unavailable_at_once(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	ask(&d, "shutdownd", NULL, 600000); /* longer than the test waits */
	assert_true(bed_until(d.bed, is_done, &d));
	assert_int_equal(d.code, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE);
	assert_string_equal(d.text, "shutdownd is not connected to the bus, see whether it runs");
	desk_close(&d);
}

static void daemon_that_died_is_unavailable_at_once(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	bb_cmd_server_free(d.server);
	d.server = NULL;
	/* Not before busd's ZeroMQ has noticed; what was forwarded till then stays without answer. */
	for (int i = 0; i < 1000 && !strstr(d.text, "has just gone"); i++) {
		ask(&d, "notifyd", NULL, 600000);
		bed_turns(d.bed, 10);
	}
	assert_int_equal(d.code, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE);
	assert_non_null(strstr(d.text, "has just gone"));
	desk_close(&d);
}

static void same_key_is_done_once_and_answered_alike(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	ask(&d, "notifyd", "0123456789abcdef", 0);
	assert_true(bed_until(d.bed, is_done, &d));
	d.text[0] = '\0';
	ask(&d, "notifyd", "0123456789abcdef", 0);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_string_equal(d.text, "ack of ann is number 1");
	assert_memory_equal(d.key, "0123456789abcdef", 16);
	assert_int_equal(d.handled, 1);
	desk_close(&d);
}

static void a_look_is_not_remembered(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	d.is_look = true;
	for (unsigned i = 1; i <= 2; i++) {
		ask(&d, "notifyd", "0123456789abcdef", 0);
		assert_true(bed_until(d.bed, is_done, &d));
		assert_int_equal(d.code, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK);
		assert_int_equal(d.handled, i);
	}
	desk_close(&d);
}

static void repeat_of_a_running_request_waits_for_the_same_answer(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	d.is_slow = true;
	ask(&d, "notifyd", "0123456789abcdef", 600000);
	assert_true(bed_until(d.bed, is_handled, &d));
	ask(&d, "notifyd", "0123456789abcdef", 600000);
	bed_turns(d.bed, 20);
	assert_int_equal(d.handled, 1);
	bb_cmd_reply_text(d.open, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK, "done");
	assert_true(bed_until(d.bed, is_done, &d));
	bed_turns(d.bed, 5);
	assert_int_equal(d.done, 2);
	assert_string_equal(d.text, "done");
	desk_close(&d);
}

static void request_without_answer_ends_in_time_and_says_so(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	d.is_slow = true;
	ask(&d, "notifyd", NULL, 100);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_int_equal(d.code, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNAVAILABLE);
	assert_string_equal(d.text,
		"notifyd did not answer in time; the request may still be carried out");
	desk_close(&d);
}

/* busd ends; until ZeroMQ's thread has noticed, a request may still go into the dead connection. */
static void busd_stop(struct desk *d)
{
	route_free(d->route);
	d->route = NULL;
	for (int i = 0; i < 1000 && !strstr(d->text, "was not sent"); i++) {
		ask(d, "notifyd", NULL, 1);
		assert_true(bed_until(d->bed, is_done, d));
	}
}

static void request_without_busd_is_never_sent_later(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	busd_stop(&d);
	ask(&d, "notifyd", NULL, 100);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_string_equal(d.text,
		"the request was not sent: busd does not answer, see whether it runs");
	d.route = route_new(d.bed->bus, d.bed->loop, NULL);
	assert_true(bed_until(d.bed, knows_daemon, &d));
	bed_turns(d.bed, 20);
	assert_int_equal(d.handled, 0);
	desk_close(&d);
}

static void request_waits_for_busd_as_long_as_its_time_runs(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	busd_stop(&d);
	ask(&d, "absent", NULL, 600000);
	bed_turns(d.bed, 60); /* several tries */
	assert_int_equal(d.done, 0);
	d.route = route_new(d.bed->bus, d.bed->loop, NULL);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_string_equal(d.text, "absent is not connected to the bus, see whether it runs");
	desk_close(&d);
}

static void daemon_that_says_hello_no_more_is_unavailable(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	d.daemon_bus->times.heartbeat_ms = 600000;
	bed_turns(d.bed, 20);           /* the last hello of the old pace */
	clock_offsets[1] += 6000000000; /* MONOTONIC */
	bed_turns(d.bed, 1);
	ask(&d, "notifyd", NULL, 600000);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_string_equal(d.text, "notifyd is not connected to the bus, see whether it runs");
	desk_close(&d);
}

static void metrics_are_answered_without_the_daemon(void **state)
{
	struct desk d;
	struct bb_pub_options o = { .connect = 0 };
	struct bb_pub *p;
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;

	desk_open(&d, *state);
	p = bb_pub_new(d.daemon_bus, &o, NULL);
	bb_pub_metric(p, "queue_depth", 7);
	rq.verb = (char *)"metrics";
	bb_cmd_send(d.client, "notifyd", &rq, on_done, &d);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_string_equal(d.json, "{\"metrics\":{\"queue_depth\":7},\"troubles\":[]}");
	assert_int_equal(d.handled, 0);
	bb_pub_free(p);
	desk_close(&d);
}

static void too_large_answer_becomes_a_refusal(void **state)
{
	struct desk d;
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	char *huge = malloc(BB_WIRE_REPLY_MAX + 1);

	desk_open(&d, *state);
	d.is_slow = true;
	ask(&d, "notifyd", NULL, 600000);
	assert_true(bed_until(d.bed, is_handled, &d));
	memset(huge, 'x', BB_WIRE_REPLY_MAX);
	huge[BB_WIRE_REPLY_MAX] = '\0';
	r.json = huge;
	bb_cmd_reply(d.open, &r);
	assert_true(bed_until(d.bed, is_done, &d));
	assert_int_equal(d.code, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED);
	assert_non_null(strstr(d.text, "ask for less"));
	free(huge);
	desk_close(&d);
}

static bool has_two_bad(void *arg)
{
	struct route_stats st;

	route_stats(((struct desk *)arg)->route, &st);
	return st.bad >= 2;
}

static void reply_of_a_stranger_is_not_passed_on(void **state)
{
	struct desk d;
	struct bb_sock_options o = { .type = BB_SOCK_DEALER, .early = true };
	struct bb_frame reply[] = { bb_frame_str(BB_CMD_REPLY), bb_frame_str("x"),
		bb_frame_str("") };
	struct bb_frame nonsense[] = { bb_frame_str("dance"), bb_frame_str(""), bb_frame_str("") };
	struct bb_sock *s;
	struct route_stats st;

	desk_open(&d, *state);
	s = bb_sock_new(d.bed->bus, &o, NULL);
	bb_sock_connect(s, "busd.cmd", NULL);
	bb_sock_send(s, reply, 3);
	bb_sock_send(s, nonsense, 3);
	assert_true(bed_until(d.bed, has_two_bad, &d));
	route_stats(d.route, &st);
	assert_int_equal(st.replies, 0);
	bb_sock_free(s);
	desk_close(&d);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bed_setup, bed_teardown)
	const struct CMUnitTest tests[] = {
		T(request_reaches_the_named_daemon_and_its_answer_returns),
		T(absent_daemon_is_unavailable_at_once),
		T(daemon_that_died_is_unavailable_at_once),
		T(same_key_is_done_once_and_answered_alike),
		T(a_look_is_not_remembered),
		T(repeat_of_a_running_request_waits_for_the_same_answer),
		T(request_without_answer_ends_in_time_and_says_so),
		T(request_without_busd_is_never_sent_later),
		T(request_waits_for_busd_as_long_as_its_time_runs),
		T(daemon_that_says_hello_no_more_is_unavailable),
		T(metrics_are_answered_without_the_daemon),
		T(too_large_answer_becomes_a_refusal),
		T(reply_of_a_stranger_is_not_passed_on),
	};
	if (clock_open() < 0)
		return 1;
	return cmocka_run_group_tests_name("cmd", tests, NULL, NULL);
}
