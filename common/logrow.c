// SPDX-License-Identifier: Apache-2.0
#include "common/logrow.h"

#include <math.h>
#include <string.h>

#define EVENT_RULE "event"
/* First byte of a rest. */
enum { REST_WHOLE = 0, REST_PART = 1 };

static const char *text_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static int marks_of(const Busbar__V1__Transition *t)
{
	const Busbar__V1__Alarm *a = t->alarm;

	return (a->shelved_unix_us ? BB_MARK_SHELVED : 0) |
	       (text_or_null(a->suppressed_by) ? BB_MARK_SUPPRESSED : 0) |
	       (text_or_null(a->maintenance) ? BB_MARK_MAINTENANCE : 0) |
	       (text_or_null(a->out_of_service) ? BB_MARK_OUT_OF_SERVICE : 0) |
	       (t->time_unsynced ? BB_MARK_TIME_UNSYNCED : 0);
}

void bb_logrow_of(const Busbar__V1__Transition *t, struct bb_logrow *row)
{
	const Busbar__V1__Alarm *a = t->alarm;
	bool is_told = t->feed && *t->feed; /* by a collector */

	*row = (struct bb_logrow){
		.jseq = t->jseq,
		.at_us = t->at_unix_us,
		.site_id = a->site_id,
		.device_id = a->device_id,
		.device = text_or_empty(a->key),
		.alarm_id = text_or_empty(a->id),
		.rule = text_or_empty(a->rule),
		.subject = text_or_empty(a->subject),
		.kind = text_or_empty(t->kind),
		.from_state = t->from,
		.to_state = t->to,
		.severity = a->severity,
		.user_name = text_or_null(t->user),
		.comment = text_or_null(t->comment),
		.text = text_or_null(a->text),
		.unit = text_or_null(a->unit),
		.source = is_told ? text_or_null(t->source) : NULL,
		.has_value = a->has_value && isfinite(a->value),
		.test = a->test,
		.clock_step = t->clock_step,
		.source_at_us = is_told ? t->event_unix_us : 0,
		.count = is_told && t->count > 1 ? t->count : 0,
		.marks = marks_of(t),
	};
	row->value = row->has_value ? a->value : 0;
	row->raised_us = strcmp(row->rule, EVENT_RULE) == 0 ? 0 : a->raised_unix_us;
}

/* ---- between row and message ---- */

static void put_text(char **field, const char *text)
{
	if (*field) /* the record has it */
		*field = (char *)(uintptr_t)text_or_empty(text);
}

#define PUT(message, field, v)                                                                     \
	do {                                                                                       \
		if ((message)->has_##field)                                                        \
			(message)->field = (v);                                                    \
	} while (0)

/* Set what the columns hold to what they hold, where the record has the field at all. */
static void put_columns(Busbar__V1__Transition *t, const struct bb_logrow *row,
	const uint8_t journal_id[16])
{
	Busbar__V1__Alarm *a = t->alarm;

	if (t->has_journal_id)
		t->journal_id = (ProtobufCBinaryData){ journal_id ? 16 : 0,
			(uint8_t *)(uintptr_t)journal_id };
	PUT(t, jseq, row->jseq);
	PUT(t, at_unix_us, row->at_us);
	PUT(t, from, row->from_state);
	PUT(t, to, row->to_state);
	PUT(t, clock_step, row->clock_step);
	PUT(t, event_unix_us, row->source_at_us);
	PUT(t, count, row->count ? row->count : t->count);
	put_text(&t->kind, row->kind);
	put_text(&t->user, row->user_name);
	put_text(&t->comment, row->comment);
	put_text(&t->source, row->source);
	PUT(a, site_id, row->site_id);
	PUT(a, device_id, row->device_id);
	PUT(a, severity, row->severity);
	PUT(a, raised_unix_us, row->raised_us);
	PUT(a, test, row->test);
	PUT(a, value, row->value);
	put_text(&a->key, row->device);
	put_text(&a->id, row->alarm_id);
	put_text(&a->rule, row->rule);
	put_text(&a->subject, row->subject);
	put_text(&a->text, row->text);
	put_text(&a->unit, row->unit);
}

static void *arena_alloc(void *arena, size_t n)
{
	return bb_arena_alloc(arena, n ? n : 1);
}

static void arena_keep(void *arena, void *p)
{
}

/* Unchecked, with its unknown fields: it is to be packed as it was. */
static Busbar__V1__Transition *unpack(struct bb_arena *a, const void *data, size_t len)
{
	ProtobufCAllocator allocator = { .alloc = arena_alloc,
		.free = arena_keep,
		.allocator_data = a };

	return busbar__v1__transition__unpack(&allocator, len, len ? data : (const uint8_t *)"");
}

uint8_t *bb_logrow_record(struct bb_arena *a, const struct bb_logrow *row,
	const uint8_t journal_id[16], const void *rest, size_t rest_len, size_t *len,
	struct bb_err *err)
{
	const uint8_t *bytes = rest;
	Busbar__V1__Transition *t;

	if (rest_len < 1 || bytes[0] > REST_PART || rest_len > BB_WIRE_MAX + 1)
		return bb_err_null(err, "the rest of the record is not one");
	if (bytes[0] == REST_WHOLE) {
		*len = rest_len - 1;
		return bb_arena_memdup(a, bytes + 1, rest_len - 1);
	}
	t = unpack(a, bytes + 1, rest_len - 1);
	if (!t || !t->alarm)
		return bb_err_null(err, "the rest of the record cannot be decoded");
	put_columns(t, row, journal_id);
	return bb_pack(a, t, len);
}

/* A rest that holds the record without the columns; NULL when they do not give it back. */
static uint8_t *rest_part(struct bb_arena *a, const void *record, size_t record_len, size_t *len)
{
	static const struct bb_logrow nothing = { .count = 1 };
	const Busbar__V1__Transition *checked = bb_unpack_transition(a, record, record_len, NULL);
	Busbar__V1__Transition *t = unpack(a, record, record_len);
	uint8_t journal_id[16], *rest, *again;
	struct bb_logrow row;
	size_t n;

	if (!checked || !t || !t->alarm || checked->journal_id.len != sizeof(journal_id))
		return NULL;
	memcpy(journal_id, checked->journal_id.data, sizeof(journal_id));
	bb_logrow_of(checked, &row);
	put_columns(t, &nothing, NULL);
	const uint8_t *packed = bb_pack(a, t, &n);
	rest = bb_arena_alloc(a, n + 1);
	rest[0] = REST_PART;
	memcpy(rest + 1, packed, n);
	*len = n + 1;
	again = bb_logrow_record(a, &row, journal_id, rest, *len, &n, NULL);
	return again && n == record_len && memcmp(again, record, n) == 0 ? rest : NULL;
}

uint8_t *bb_logrow_rest(struct bb_arena *a, const void *record, size_t record_len, size_t *len)
{
	uint8_t *rest = rest_part(a, record, record_len, len);

	if (rest)
		return rest;
	rest = bb_arena_alloc(a, record_len + 1);
	rest[0] = REST_WHOLE;
	memcpy(rest + 1, record, record_len);
	*len = record_len + 1;
	return rest;
}

/* ---- comparing ---- */

static bool differ(const char *x, const char *y)
{
	return (x == NULL) != (y == NULL) || (x && strcmp(x, y) != 0);
}

const char *bb_logrow_difference(const struct bb_logrow *x, const struct bb_logrow *y)
{
	const struct {
		const char *name;
		bool differs;
	} columns[] = {
		{ "jseq", x->jseq != y->jseq },
		{ "at", x->at_us != y->at_us },
		{ "site_id", x->site_id != y->site_id },
		{ "device_id", x->device_id != y->device_id },
		{ "device", differ(x->device, y->device) },
		{ "alarm_id", differ(x->alarm_id, y->alarm_id) },
		{ "rule", differ(x->rule, y->rule) },
		{ "subject", differ(x->subject, y->subject) },
		{ "kind", differ(x->kind, y->kind) },
		{ "from_state", x->from_state != y->from_state },
		{ "to_state", x->to_state != y->to_state },
		{ "severity", x->severity != y->severity },
		{ "user_name", differ(x->user_name, y->user_name) },
		{ "comment", differ(x->comment, y->comment) },
		{ "text", differ(x->text, y->text) },
		{ "unit", differ(x->unit, y->unit) },
		{ "source", differ(x->source, y->source) },
		{ "value", x->has_value != y->has_value ||
				   memcmp(&x->value, &y->value, sizeof(x->value)) != 0 },
		{ "test", x->test != y->test },
		{ "clock_step", x->clock_step != y->clock_step },
		{ "source_at", x->source_at_us != y->source_at_us },
		{ "raised_at", x->raised_us != y->raised_us },
		{ "count", x->count != y->count },
		{ "marks", x->marks >= 0 && y->marks >= 0 && x->marks != y->marks },
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (columns[i].differs)
			return columns[i].name;
	return NULL;
}
