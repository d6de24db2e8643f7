// SPDX-License-Identifier: Apache-2.0
#include "webd/plan_input.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "webd/request.h"

#define DEVICES_MAX 1000
#define TARGETS_MAX 1000

struct plan_input {
	int64_t need, hold_s, restore_hold_s, validity_s;
	json_t *devices, *targets;
};
struct target_input {
	const char *name, *address, *method, *template_name, *text;
	int64_t port;
};

// clang-format off
static const struct field plan_fields[] = {
	{ "need", FIELD_INT, false, offsetof(struct plan_input, need), 0, DEVICES_MAX },
	{ "hold_s", FIELD_INT, true, offsetof(struct plan_input, hold_s), 0, 86400 },
	{ "restore_hold_s", FIELD_INT, false, offsetof(struct plan_input, restore_hold_s), 0, 86400 },
	{ "validity_s", FIELD_INT, false, offsetof(struct plan_input, validity_s), 1, 86400 },
	{ "devices", FIELD_ARRAY, true, offsetof(struct plan_input, devices), 1, DEVICES_MAX },
	{ "targets", FIELD_ARRAY, true, offsetof(struct plan_input, targets), 1, TARGETS_MAX },
	FIELD_END,
};
static const struct field target_fields[] = {
	{ "name", FIELD_STR, true, offsetof(struct target_input, name), 1, 80 },
	{ "address", FIELD_STR, true, offsetof(struct target_input, address), 2, 64 },
	{ "port", FIELD_INT, false, offsetof(struct target_input, port), 1, 65535 },
	{ "method", FIELD_STR, false, offsetof(struct target_input, method), 1, 20 },
	{ "template", FIELD_STR, false, offsetof(struct target_input, template_name), 1, 20 },
	{ "text", FIELD_STR, false, offsetof(struct target_input, text), 0, 200 },
	FIELD_END,
};
// clang-format on

bool plan_key_valid(const char *key)
{
	return bb_key_valid(key) && !strchr(key, '/') && strlen(key) <= 64;
}

static int check_target(const struct target_input *t, struct bb_err *err)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, t->address, bytes) != 1 &&
		inet_pton(AF_INET6, t->address, bytes) != 1)
		return bb_err_set(err,
			"target \"%s\": \"%s\" is no numeric address; names are not looked up when power fails",
			t->name, t->address);
	if (strcmp(t->method, "rccmd-udp") != 0)
		return bb_err_set(err,
			"target \"%s\": there is no method \"%s\"; use \"rccmd-udp\"", t->name,
			t->method);
	if (strcmp(t->template_name, "message") != 0 && strcmp(t->template_name, "shutdown") != 0)
		return bb_err_set(err,
			"target \"%s\": the template is \"message\" or \"shutdown\" (unverified, off)",
			t->name);
	return 0;
}

static json_t *read_targets(const json_t *list, struct bb_err *err)
{
	json_t *out = json_array(), *v;
	char where[64];
	size_t i;

	json_array_foreach((json_t *)list, i, v)
	{
		struct target_input t = { .port = 6003,
			.method = "rccmd-udp",
			.template_name = "message",
			.text = "#DEVICE is on battery. Plan #PLAN, run #RUN." };

		if (fields_read(v, target_fields, &t, where, err) != 0) {
			bb_err_prefix(err, "target %zu, field \"%s\"", i + 1, where);
			json_decref(out);
			return NULL;
		}
		if (check_target(&t, err) != 0) {
			json_decref(out);
			return NULL;
		}
		json_array_append_new(out,
			json_pack("{s:s, s:s, s:I, s:s, s:s, s:s}", "name", t.name, "address",
				t.address, "port", (json_int_t)t.port, "method", t.method,
				"template", t.template_name, "text", t.text));
	}
	return out;
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Sorted and without repeats, as the schema gives them back, so that the same plan is seen to be
 * the same. */
static json_t *read_devices(const json_t *list, struct bb_err *err)
{
	const char *key[DEVICES_MAX];
	json_t *out, *v;
	size_t i, n = 0;

	json_array_foreach((json_t *)list, i, v)
	{
		key[n] = json_string_value(v);
		if (!key[n] || !bb_key_valid(key[n]))
			return bb_err_null(err, "device %zu is not a key", i + 1);
		n++;
	}
	qsort(key, n, sizeof(key[0]), by_text);
	out = json_array();
	for (i = 0; i < n; i++)
		if (i == 0 || strcmp(key[i], key[i - 1]) != 0)
			json_array_append_new(out, json_string(key[i]));
	return out;
}

json_t *plan_input_read(const json_t *object, struct bb_err *err)
{
	struct plan_input in = { .restore_hold_s = 30, .validity_s = 60 };
	json_t *devices, *targets;
	char where[64];

	if (fields_read(object, plan_fields, &in, where, err) != 0) {
		bb_err_prefix(err, "field \"%s\"", where);
		return NULL;
	}
	devices = read_devices(in.devices, err);
	targets = devices ? read_targets(in.targets, err) : NULL;
	if (!targets) {
		json_decref(devices);
		return NULL;
	}
	if ((size_t)in.need > json_array_size(devices)) {
		json_decref(devices);
		json_decref(targets);
		return bb_err_null(err, "field \"need\": it is larger than the number of devices");
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "need", (json_int_t)in.need, "hold_s",
		(json_int_t)in.hold_s, "restore_hold_s", (json_int_t)in.restore_hold_s,
		"validity_s", (json_int_t)in.validity_s, "devices", devices, "targets", targets);
}
