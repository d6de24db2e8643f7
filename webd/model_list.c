// SPDX-License-Identifier: Apache-2.0
/* alarmd's own list of open alarms, against which the model is checked: what came over the bus
 * may have been missed. */
#include <jansson.h>
#include <string.h>

#include "common/clock.h"
#include "webd/model_priv.h"

static char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return (char *)(s ? s : ""); /* only read: model_alarm_put copies */
}

static uint64_t time_of(const json_t *o, const char *name)
{
	uint64_t us = 0;

	return bb_clock_parse_rfc3339(text_of(o, name), &us) == 0 ? us : 0;
}

static uint64_t number_of(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	uint64_t n = 0;

	if (json_is_integer(v))
		return json_integer_value(v) > 0 ? (uint64_t)json_integer_value(v) : 0;
	return json_is_string(
		       v) && bb_parse_u64(json_string_value(v), name, 0, UINT64_MAX, &n, NULL) == 0
		       ? n
		       : 0;
}

static int read_alarm(const json_t *o, struct model_alarm *a, struct bb_err *err)
{
	const json_t *value = json_object_get(o, "value"), *limit = json_object_get(o, "limit");
	int severity = bb_severity_parse(text_of(o, "severity")),
	    state = bb_alarm_state_parse(text_of(o, "state"));

	*a = (struct model_alarm){
		.id = text_of(o, "id"),
		.key = text_of(o, "device"),
		.rule = text_of(o, "rule"),
		.subject = text_of(o, "subject"),
		.user = text_of(o, "user"),
		.comment = text_of(o, "comment"),
		.text = text_of(o, "text"),
		.unit = text_of(o, "unit"),
		.device_id = number_of(o, "device_id"),
		.site_id = number_of(o, "site_id"),
		.jseq = number_of(o, "jseq"),
		.raised_us = time_of(o, "raised_at"),
		.cleared_us = time_of(o, "cleared_at"),
		.acked_us = time_of(o, "acked_at"),
		.has_value = json_is_number(value),
		.value = json_number_value(value),
		.has_limit = json_is_number(limit),
		.limit = json_number_value(limit),
		.is_test = json_is_true(json_object_get(o, "test")),
		.is_stale = json_is_true(json_object_get(o, "stale")),
		.is_chattering = json_is_true(json_object_get(o, "chattering")),
		.shelved_us = time_of(o, "shelved_at"),
		.shelved_until_us = time_of(o, "shelved_until"),
		.shelved_until_clear = json_is_true(json_object_get(o, "shelved_until_clear")),
		.shelved_by = text_of(o, "shelved_by"),
		.shelve_reason = text_of(o, "shelve_reason"),
		.suppressed_by = text_of(o, "suppressed_by"),
		.maintenance = text_of(o, "maintenance"),
		.out_of_service = text_of(o, "out_of_service"),
		.chatter_raises = (uint32_t)number_of(o, "chatter_raises"),
	};
	if (!*a->id || severity < 0 || state < 0)
		return bb_err_set(err,
			"alarmd's list of alarms holds an entry without id, severity or state");
	a->severity = (unsigned)severity;
	a->state = (unsigned)state;
	return 0;
}

/* alarmd cuts a list that would pass the size of a message; what is missing in it may still be
 * there. */
#define CUT_BYTES 690000

int model_alarm_list(struct model *m, const char *json, uint64_t asked_ms, struct bb_err *err)
{
	struct bb_table *named;
	struct bb_table_iter it = { 0 };
	json_error_t e;
	json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &e), *o;
	bool is_whole = strlen(json) < CUT_BYTES;
	struct model_alarm in, *a;
	size_t i;

	if (!json_is_array(root)) {
		json_decref(root);
		return bb_err_set(err, "alarmd's list of alarms cannot be read: %s",
			root ? "another shape" : e.text);
	}
	named = bb_table_new();
	json_array_foreach(root, i, o)
	{
		if (read_alarm(o, &in, err) != 0)
			continue;
		bb_table_put(named, in.id, m);
		a = bb_table_get(m->alarms, in.id);
		if (!a || a->jseq < in.jseq)
			model_alarm_put(m, &in, false);
	}
	/* what came after the question may have been raised while the list was on its way */
	while (is_whole && (a = bb_table_next(m->alarms, &it, NULL, NULL)))
		if (!bb_table_get(named, a->id) && a->heard_ms < asked_ms)
			model_alarm_drop(m, a);
	bb_table_free(named, NULL);
	json_decref(root);
	return 0;
}
