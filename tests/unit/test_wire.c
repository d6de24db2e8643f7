// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/point.h"
#include "common/wire.h"

static int setup(void **state)
{
	*state = bb_arena_new(4096, 16 * 1024 * 1024);
	return 0;
}

static int teardown(void **state)
{
	bb_arena_free(*state);
	return 0;
}

/* Pack, unpack, and hand back what came out, or NULL with the reason in `err`. */
#define AGAIN(fn, m) again_##fn(a, m, &err)
#define DEFINE_AGAIN(fn, type)                                                                     \
	static const type *again_##fn(struct bb_arena *a, const type *m, struct bb_err *err)       \
	{                                                                                          \
		size_t len;                                                                        \
		uint8_t *data = bb_pack(a, m, &len);                                               \
                                                                                                   \
		err->text[0] = '\0';                                                               \
		return bb_unpack_##fn(a, data, len, err);                                          \
	}
DEFINE_AGAIN(reading, Busbar__V1__Reading)
DEFINE_AGAIN(confirm, Busbar__V1__Confirm)
DEFINE_AGAIN(envelope, Busbar__V1__Envelope)
DEFINE_AGAIN(heartbeat, Busbar__V1__Heartbeat)
DEFINE_AGAIN(alarm, Busbar__V1__Alarm)
DEFINE_AGAIN(command_request, Busbar__V1__CommandRequest)
DEFINE_AGAIN(command_reply, Busbar__V1__CommandReply)
DEFINE_AGAIN(config, Busbar__V1__Config)

#define assert_refused(p, why)                                                                     \
	do {                                                                                       \
		assert_null(p);                                                                    \
		if (!strstr(err.text, why))                                                        \
			fail_msg("\"%s\" does not say \"%s\"", err.text, why);                     \
	} while (0)

/* ---- samples of every released version ---- */

static const void *decode(const char *name, struct bb_arena *a, const void *data, size_t len,
	struct bb_err *err)
{
#define MESSAGE(fn)                                                                                \
	if (strcmp(name, #fn) == 0)                                                                \
		return bb_unpack_##fn(a, data, len, err);
	MESSAGE(envelope)
	MESSAGE(reading)
	MESSAGE(confirm)
	MESSAGE(heartbeat)
	MESSAGE(device_state)
	MESSAGE(group_state)
	MESSAGE(redundancy_state)
	MESSAGE(alarm)
	MESSAGE(transition)
	MESSAGE(device_event)
	MESSAGE(log_pull)
	MESSAGE(log_batch)
	MESSAGE(command_request)
	MESSAGE(command_reply)
	MESSAGE(command_hello)
	MESSAGE(snap_request)
	MESSAGE(snap_end)
	MESSAGE(config_get)
	MESSAGE(config_generation)
	MESSAGE(config)
#undef MESSAGE
	bb_err_set(err, "no unpacker");
	return NULL;
}

static size_t load(const char *file, uint8_t *data, size_t cap)
{
	FILE *f = fopen(file, "re");
	size_t n;

	assert_non_null(f);
	n = fread(data, 1, cap, f);
	fclose(f);
	return n;
}

static const char *const versions[] = { "0.1" };
static const char *const names[] = { "envelope", "reading", "confirm", "heartbeat", "device_state",
	"group_state", "redundancy_state", "alarm", "transition", "log_pull", "log_batch", "command_request",
	"command_reply", "command_hello", "snap_request", "snap_end", "config_get",
	"config_generation", "config", "device_event" };

static void samples_of_all_versions_are_understood(void **state)
{
	uint8_t data[4096];
	char file[128];
	struct bb_err err;

	for (size_t v = 0; v < sizeof(versions) / sizeof(versions[0]); v++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			snprintf(file, sizeof(file), "proto/golden/%s/%s.bin", versions[v],
				names[i]);
			if (!decode(names[i], *state, data, load(file, data, sizeof(data)), &err))
				fail_msg("%s: %s", file, err.text);
		}
	}
}

static int count_value(void *arg, const struct bb_value *v)
{
	char *log = arg;
	size_t n = strlen(log);

	snprintf(log + n, 512 - n, "%s%s%s=%g%s%s/%s ", v->name, *v->index ? "#" : "", v->index,
		v->kind == BB_NUMBER ? v->number : v->flag, v->text, v->kind == BB_FLAG ? "?" : "",
		bb_quality_name(v->quality));
	return 1;
}

static void sample_reading_has_its_values(void **state)
{
	uint8_t data[4096];
	char log[512] = "";
	const Busbar__V1__Reading *r = bb_unpack_reading(*state, data,
		load("proto/golden/0.1/reading.bin", data, sizeof(data)), NULL);

	assert_non_null(r);
	bb_reading_each(r, count_value, log);
	assert_string_equal(log,
		"input.L1-N.voltage=231.5/good output.L1.current=0/stale ups.status=0OL CHRG/good alarm.fan.failed=0?/unknown "
		"battery.block.voltage#s2.b17=13.6/good battery.block.voltage#s2.b18=13.7/bad ");
}

static int stop_at_first(void *arg, const struct bb_value *v)
{
	++*(int *)arg;
	return 0;
}

static void visit_ends_when_told(void **state)
{
	uint8_t data[4096];
	int n = 0;

	bb_reading_each(bb_unpack_reading(*state, data,
				load("proto/golden/0.1/reading.bin", data, sizeof(data)), NULL),
		stop_at_first, &n);
	assert_int_equal(n, 1);
}

/* ---- what is refused ---- */

static Busbar__V1__Reading reading(void)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;

	r.key = (char *)"hh/ups-1";
	return r;
}

static void parallel_arrays_of_unequal_length_are_refused(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	char *two[] = { (char *)"battery.charge", (char *)"battery.runtime" };
	double one[] = { 1, 2 };
	uint32_t quality[] = { 0 };
	Busbar__V1__Reading r = reading();

	r.number_name = two;
	r.n_number_name = 2;
	r.number = one;
	r.n_number = 1;
	assert_refused(AGAIN(reading, &r), "number has 1 elements for 2 names");
	r.n_number = 2;
	r.number_quality = quality;
	r.n_number_quality = 1;
	assert_refused(AGAIN(reading, &r), "number_quality");
	r.n_number_quality = 0;
	assert_non_null(AGAIN(reading, &r));
}

static void confirm_needs_a_number_and_a_time_for_each_device(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	uint64_t two[2] = { 1, 2 };
	Busbar__V1__Confirm c = BUSBAR__V1__CONFIRM__INIT;

	c.group = (char *)"status";
	c.n_device_id = c.n_topic_seq = c.n_before_ns = 2;
	c.device_id = c.topic_seq = c.before_ns = two;
	assert_non_null(AGAIN(confirm, &c));
	c.n_topic_seq = 1;
	assert_refused(AGAIN(confirm, &c), "topic_seq has 1 elements for 2 names");
	c.n_topic_seq = 2;
	c.n_before_ns = 0;
	assert_refused(AGAIN(confirm, &c), "before_ns has 0 elements");
	c.n_before_ns = 2;
	c.group = NULL;
	assert_refused(AGAIN(confirm, &c), "group is missing");
}

static void enumerations_out_of_range_are_refused(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	char *name[] = { (char *)"battery.charge" };
	double number[] = { 1 };
	uint32_t quality[] = { 4 };
	Busbar__V1__Reading r = reading();
	Busbar__V1__Alarm al = BUSBAR__V1__ALARM__INIT;
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;

	r.number_name = name;
	r.number = number;
	r.number_quality = quality;
	r.n_number_name = r.n_number = r.n_number_quality = 1;
	assert_refused(AGAIN(reading, &r), "number_quality is 4");
	al.has_severity = 1;
	al.severity = 7;
	assert_refused(AGAIN(alarm, &al), "severity is 7");
	reply.has_code = 1;
	reply.code = (Busbar__V1__CommandReply__Code)17;
	assert_refused(AGAIN(command_reply, &reply), "code has the unknown value 17");
}

static void invalid_keys_and_names_are_refused(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	char *name[] = { (char *)"battery\ncharge" };
	double number[] = { 1 };
	Busbar__V1__Reading r = reading();

	r.key = (char *)"hh/UPS 1";
	assert_refused(AGAIN(reading, &r), "key is not of the form");
	r.key = NULL;
	assert_refused(AGAIN(reading, &r), "key is missing");
	r = reading();
	r.number_name = name;
	r.number = number;
	r.n_number_name = r.n_number = 1;
	assert_refused(AGAIN(reading, &r), "number_name holds a control character");
	name[0] = (char *)"battery\xff";
	assert_refused(AGAIN(reading, &r), "number_name is not UTF-8");
}

static void publisher_that_could_leave_the_run_folder_is_refused(void **state)
{
	static const char *const evil[] = { "", ".", "..", "../x", "a/b", ".hidden", "a b",
		"UPPER" };
	struct bb_arena *a = *state;
	struct bb_err err;
	Busbar__V1__Envelope e = BUSBAR__V1__ENVELOPE__INIT;

	e.has_schema = 1;
	e.schema = 1;
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		e.publisher = (char *)evil[i];
		assert_refused(AGAIN(envelope, &e), "publisher is missing or not a daemon's name");
	}
	e.publisher = (char *)"collect-snmp";
	assert_non_null(AGAIN(envelope, &e));
	e.schema = 2;
	assert_refused(AGAIN(envelope, &e), "schema 2");
}

static void too_many_elements_are_refused(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	Busbar__V1__Heartbeat h = BUSBAR__V1__HEARTBEAT__INIT;
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;
	static char *many[5000];
	static double zeros[5000];

	for (size_t i = 0; i < 5000; i++)
		many[i] = (char *)"m";
	h.publisher = (char *)"alarmd";
	h.metric_name = many;
	h.metric = zeros;
	h.n_metric_name = h.n_metric = 4097;
	assert_refused(AGAIN(heartbeat, &h), "4097 elements");
	rq.has_cmd_key = 1;
	rq.cmd_key = (ProtobufCBinaryData){ 16, (uint8_t *)"0123456789abcdef" };
	rq.verb = (char *)"ack";
	rq.item = many;
	rq.n_item = 1001;
	assert_refused(AGAIN(command_request, &rq), "1001 elements");
	rq.n_item = 1000;
	assert_non_null(AGAIN(command_request, &rq));
}

static void keys_of_wrong_length_are_refused(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;

	rq.verb = (char *)"ack";
	assert_refused(AGAIN(command_request, &rq), "cmd_key is missing");
	rq.has_cmd_key = 1;
	rq.cmd_key = (ProtobufCBinaryData){ 15, (uint8_t *)"0123456789abcdef" };
	assert_refused(AGAIN(command_request, &rq), "cmd_key has 15 bytes instead of 16");
}

static void message_above_its_limit_is_refused_unread(void **state)
{
	struct bb_err err;
	static const uint8_t zeros[BB_WIRE_MAX + 1];

	assert_refused(bb_unpack_reading(*state, zeros, sizeof(zeros), &err),
		"at most 65536 are allowed");
	assert_refused(bb_unpack_reading(*state, "\xff\xff", 2, &err),
		"reading of 2 bytes cannot be decoded");
}

/* ---- what is mended or passed on ---- */

static void free_text_is_made_printable_instead_of_refused(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	Busbar__V1__Alarm al = BUSBAR__V1__ALARM__INIT;
	const Busbar__V1__Alarm *out;

	al.text = (char *)"t\x1b[31m\n°";
	al.comment = (char *)"caf\xe9";
	out = AGAIN(alarm, &al);
	assert_non_null(out);
	assert_string_equal(out->text, "t?[31m\n°");
	assert_string_equal(out->comment, "caf?");
}

static void absent_text_is_empty_never_null(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	Busbar__V1__Alarm al = BUSBAR__V1__ALARM__INIT;
	const Busbar__V1__Alarm *out = AGAIN(alarm, &al);

	assert_string_equal(out->rule, "");
	assert_string_equal(out->unit, "");
}

static void kind_of_a_later_version_passes(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	Busbar__V1__Envelope e = BUSBAR__V1__ENVELOPE__INIT;

	e.has_schema = e.has_kind = 1;
	e.schema = 1;
	e.publisher = (char *)"alarmd";
	e.kind = (Busbar__V1__Envelope__Kind)77;
	assert_int_equal(AGAIN(envelope, &e)->kind, 77);
}

static void number_that_is_none_is_not_good(void **state)
{
	struct bb_arena *a = *state;
	struct bb_err err;
	char *name[] = { (char *)"x" };
	double number[] = { NAN };
	char log[512] = "";
	Busbar__V1__Reading r = reading();

	r.number_name = name;
	r.number = number;
	r.n_number_name = r.n_number = 1;
	bb_reading_each(AGAIN(reading, &r), count_value, log);
	assert_non_null(strstr(log, "/bad"));
}

static void configuration_of_20000_devices_passes(void **state)
{
	struct bb_arena *a = bb_arena_new(4096, 64 * 1024 * 1024);
	struct bb_err err;
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;
	Busbar__V1__ConfigDevice d = BUSBAR__V1__CONFIG_DEVICE__INIT;
	Busbar__V1__ConfigDevice **list = calloc(20000, sizeof(*list));
	const Busbar__V1__Config *out;

	d.key = (char *)"de/hamburg/building-b/ups-00001";
	d.has_device_id = d.has_community_sealed = 1;
	d.device_id = 1;
	d.community_sealed = (ProtobufCBinaryData){ 60,
		(uint8_t *)"123456789 123456789 123456789 123456789 123456789 123456789 " };
	for (size_t i = 0; i < 20000; i++)
		list[i] = &d;
	c.device = list;
	c.n_device = 20000;
	out = AGAIN(config, &c);
	assert_non_null(out);
	assert_int_equal(out->n_device, 20000);
	free(list);
	bb_arena_free(a);
}

static void topic_ends_in_a_slash(void **state)
{
	char topic[64];

	bb_topic(topic, sizeof(topic), "reading", "hh/ups-1", "status");
	assert_string_equal(topic, "reading/hh/ups-1/status/");
	bb_topic(topic, sizeof(topic), "state", "hh/ups-1", NULL);
	assert_string_equal(topic, "state/hh/ups-1/");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(samples_of_all_versions_are_understood),
		T(sample_reading_has_its_values),
		T(visit_ends_when_told),
		T(parallel_arrays_of_unequal_length_are_refused),
		T(confirm_needs_a_number_and_a_time_for_each_device),
		T(enumerations_out_of_range_are_refused),
		T(invalid_keys_and_names_are_refused),
		T(publisher_that_could_leave_the_run_folder_is_refused),
		T(too_many_elements_are_refused),
		T(keys_of_wrong_length_are_refused),
		T(message_above_its_limit_is_refused_unread),
		T(free_text_is_made_printable_instead_of_refused),
		T(absent_text_is_empty_never_null),
		T(kind_of_a_later_version_passes),
		T(number_that_is_none_is_not_good),
		T(configuration_of_20000_devices_passes),
		T(topic_ends_in_a_slash),
	};
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
