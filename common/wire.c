// SPDX-License-Identifier: Apache-2.0
/* Packing and checked unpacking. Every message goes through one walk over its protobuf-c
 * descriptor; what is special about a field stands in the tables below, what is special about a
 * message (lengths of parallel arrays, mandatory names) in its own small check. */
#include "common/wire.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/point.h"
#include "common/str.h"

enum {
	ARRAY_MAX = 4096,
	FINDINGS_MAX = 64,
	CONFIG_ARRAY_MAX = 131072,
	NAME_MAX_BYTES = 255, /* whatever is not free text */
	DAEMON_MAX_BYTES = 64,
	KIND_MAX_BYTES = 32,
	BOOT_ID_BYTES = 16,
	JOURNAL_ID_BYTES = 16,
	CMD_KEY_BYTES = 16,
	NOTIF_KEY_BYTES = 16,
	EVENT_KEY_BYTES = 16,
	HASH_BYTES = 32,
	COMMAND_ITEMS_MAX = 1000,
	LOG_RECORDS_MAX = 1024,
	QUALITY_MAX = BB_UNKNOWN,
};

/* Text for people, and settings: any length the message allows; stray control characters are
 * replaced, not refused, because a sentence must never cost us the alarm that carries it. */
static const char *const free_text[] = {
	"text",
	"comment",
	"lost_reason",
	"json",
	"arg",
	"value",
	"address",
	"password_hash",
	"shelve_reason",
	"maintenance",
	"out_of_service",
	"cause",
	"consequence",
	"action",
	NULL,
};

/* uint32 fields that hold an enumeration. */
static const struct {
	const char *field;
	uint32_t max;
} ranges[] = {
	{ "severity", BUSBAR__V1__SEVERITY__SEVERITY_NORMAL },
	{ "told_severity", BUSBAR__V1__SEVERITY__SEVERITY_NORMAL },
	{ "from_severity", BUSBAR__V1__SEVERITY__SEVERITY_NORMAL },
	{ "min_severity", BUSBAR__V1__SEVERITY__SEVERITY_NORMAL },
	{ "state", BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK },
	{ "from", BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK },
	{ "to", BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK },
	{ "number_quality", QUALITY_MAX },
	{ "text_quality", QUALITY_MAX },
	{ "flag_quality", QUALITY_MAX },
	{ "quality", QUALITY_MAX },
	{ "port", 65535 },
	{ "comm", 2 },
	{ "result", BUSBAR__V1__REDUNDANCY_RESULT__REDUNDANCY_RESULT_UNKNOWN },
};

/* Byte strings of a fixed length; absent or empty is allowed here. */
static const struct {
	const char *field;
	size_t len;
} fixed_bytes[] = {
	{ "boot_id", BOOT_ID_BYTES },
	{ "journal_id", JOURNAL_ID_BYTES },
	{ "cmd_key", CMD_KEY_BYTES },
	{ "hash", HASH_BYTES },
	{ "have_hash", HASH_BYTES },
	{ "token_hash", HASH_BYTES },
	{ "notif_key", NOTIF_KEY_BYTES },
	{ "feed_journal_id", JOURNAL_ID_BYTES },
	{ "event_key", EVENT_KEY_BYTES },
};

bool bb_daemon_name_valid(const char *name)
{
	return name && strlen(name) <= DAEMON_MAX_BYTES && name[0] != '.' && !strchr(name, '/') &&
	       bb_key_valid(name);
}

/* ---- what holds for a field ---- */

/* The tables above for one field. Names are compared once, not for each value of each message. */
struct field_rule {
	const ProtobufCFieldDescriptor *field;
	bool is_free_text, is_key;
	uint32_t max; /* of an uint32 */
	size_t len;   /* of bytes; 0: any */
};

static struct field_rule rule_make(const ProtobufCFieldDescriptor *field)
{
	struct field_rule r = { .field = field, .max = UINT32_MAX };

	for (const char *const *f = free_text; *f; f++)
		r.is_free_text |= strcmp(*f, field->name) == 0;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (strcmp(ranges[i].field, field->name) == 0)
			r.max = ranges[i].max;
	}
	for (size_t i = 0; i < sizeof(fixed_bytes) / sizeof(fixed_bytes[0]); i++) {
		if (strcmp(fixed_bytes[i].field, field->name) == 0)
			r.len = fixed_bytes[i].len;
	}
	r.is_key = strcmp(field->name, "key") == 0;
	return r;
}

/* Per thread, because journals are read in their writers' threads, too. Two fields of one place take
 * turns, which costs time only. */
static const struct field_rule *rule_of(const ProtobufCFieldDescriptor *f)
{
	static _Thread_local struct field_rule cache[256];
	struct field_rule *r =
		&cache[(uintptr_t)f / sizeof(*f) % (sizeof(cache) / sizeof(cache[0]))];

	if (r->field != f)
		*r = rule_make(f);
	return r;
}

/* ---- strings ---- */

static bool is_plain_ascii(const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p < 0x20 || *p >= 0x7f)
			return false;
	}
	return true;
}

/* Make free text printable, in place: the memory is the arena's. */
static void clean_text(char *s)
{
	bool valid = bb_utf8_valid(s, strlen(s));

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c >= 0x80 && !valid))
			*s = '?';
	}
}

static int check_name(const char *s, const char *field, struct bb_err *err)
{
	size_t n = strlen(s);

	if (n > NAME_MAX_BYTES)
		return bb_err_set(err, "%s has %zu bytes, at most %d are allowed", field, n,
			NAME_MAX_BYTES);
	if (is_plain_ascii(s))
		return 0;
	if (!bb_utf8_valid(s, n))
		return bb_err_set(err, "%s is not UTF-8", field);
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return bb_err_set(err, "%s holds a control character", field);
	}
	return 0;
}

static int check_string(char **s, const struct field_rule *r, struct bb_err *err)
{
	static char empty[] = "";

	if (!*s) {
		*s = empty;
		return 0;
	}
	if (r->is_free_text) {
		if (!is_plain_ascii(*s))
			clean_text(*s);
		return 0;
	}
	if (r->is_key && **s && !bb_key_valid(*s))
		return bb_err_set(err, "key is not of the form a-z0-9._- joined by '/'");
	return check_name(*s, r->field->name, err);
}

/* ---- numbers and bytes ---- */

static int check_u32(uint32_t v, const struct field_rule *r, struct bb_err *err)
{
	return v <= r->max ? 0
			   : bb_err_set(err, "%s is %u, at most %u is known", r->field->name, v,
				     r->max);
}

static int check_bytes(const ProtobufCBinaryData *b, const struct field_rule *r, struct bb_err *err)
{
	if (r->len && b->len && b->len != r->len)
		return bb_err_set(err, "%s has %zu bytes instead of %zu", r->field->name, b->len,
			r->len);
	return 0;
}

static int check_enum(const ProtobufCFieldDescriptor *f, int v, struct bb_err *err)
{
	/* A kind of a later version is the receiver's to count: refusing the envelope would look
	 * like a gap. */
	if (f->descriptor == &busbar__v1__envelope__kind__descriptor)
		return 0;
	if (!protobuf_c_enum_descriptor_get_value(f->descriptor, v))
		return bb_err_set(err, "%s has the unknown value %d", f->name, v);
	return 0;
}

/* ---- the walk ---- */

static int check_message(ProtobufCMessage *m, size_t array_max, struct bb_err *err);

static int check_value(const struct field_rule *r, void *at, size_t array_max, struct bb_err *err)
{
	const ProtobufCFieldDescriptor *f = r->field;

	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING: return check_string(at, r, err);
	case PROTOBUF_C_TYPE_UINT32: return check_u32(*(uint32_t *)at, r, err);
	case PROTOBUF_C_TYPE_BYTES: return check_bytes(at, r, err);
	case PROTOBUF_C_TYPE_ENUM: return check_enum(f, *(int *)at, err);
	case PROTOBUF_C_TYPE_MESSAGE:
		if (!*(ProtobufCMessage **)at)
			return 0;
		if (check_message(*(ProtobufCMessage **)at, array_max, err) < 0)
			return bb_err_prefix(err, "%s", f->name);
		return 0;
	default: return 0;
	}
}

static size_t element_size(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_STRING: return sizeof(char *);
	case PROTOBUF_C_TYPE_UINT32: return sizeof(uint32_t);
	case PROTOBUF_C_TYPE_MESSAGE: return sizeof(void *);
	case PROTOBUF_C_TYPE_ENUM: return sizeof(int);
	case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
	default: return 0; /* nothing to check in each element */
	}
}

static int check_message(ProtobufCMessage *m, size_t array_max, struct bb_err *err)
{
	/* Dropped, so that packing again never carries on what nobody checked. */
	m->n_unknown_fields = 0;
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		char *at = (char *)m + f->offset;
		size_t step = element_size(f->type), n;

		if (f->label != PROTOBUF_C_LABEL_REPEATED) {
			if (check_value(rule_of(f), at, array_max, err) < 0)
				return -1;
			continue;
		}
		n = *(size_t *)((char *)m + f->quantifier_offset);
		if (n > array_max)
			return bb_err_set(err, "%s has %zu elements, at most %zu are allowed",
				f->name, n, array_max);
		at = *(char **)at;
		if (!step || !n)
			continue;
		/* A copy: what lies deeper may take its place. */
		const struct field_rule r = *rule_of(f);
		for (size_t k = 0; k < n; k++) {
			if (check_value(&r, at + k * step, array_max, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- what is special about a message ---- */

static int need_daemon(const char *name, const char *field, struct bb_err *err)
{
	return bb_daemon_name_valid(name)
		       ? 0
		       : bb_err_set(err, "%s is missing or not a daemon's name", field);
}

static int need_equal(size_t values, size_t names, const char *field, struct bb_err *err)
{
	return values == names
		       ? 0
		       : bb_err_set(err, "%s has %zu elements for %zu names", field, values, names);
}

static int need_equal_or_none(size_t n, size_t names, const char *field, struct bb_err *err)
{
	return n ? need_equal(n, names, field, err) : 0;
}

static int check_envelope(void *p, struct bb_err *err)
{
	Busbar__V1__Envelope *e = p;

	if (e->schema != 1)
		return bb_err_set(err, "schema %u is not known here", e->schema);
	return need_daemon(e->publisher, "publisher", err);
}

static int check_rows(const Busbar__V1__Reading *r, struct bb_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_row; i++) {
		const Busbar__V1__Row *row = r->row[i];

		if (!*row->name || !*row->index_prefix)
			return bb_err_set(err, "row has no name or no index_prefix");
		if (row->n_value && row->n_text)
			return bb_err_set(err, "row has both numbers and texts");
		if (need_equal_or_none(row->n_quality, row->n_value + row->n_text, "row quality",
			    err) < 0)
			return -1;
		n += row->n_value + row->n_text;
	}
	if (r->n_finding > FINDINGS_MAX)
		return bb_err_set(err, "finding has %zu elements, at most %d are allowed",
			r->n_finding, FINDINGS_MAX);
	return n <= ARRAY_MAX ? 0
			      : bb_err_set(err, "row has %zu values, at most %d are allowed", n,
					ARRAY_MAX);
}

static int check_reading(void *p, struct bb_err *err)
{
	Busbar__V1__Reading *r = p;

	if (!*r->key)
		return bb_err_set(err, "key is missing");
	if (need_equal(r->n_number, r->n_number_name, "number", err) < 0 ||
		need_equal_or_none(r->n_number_quality, r->n_number_name, "number_quality", err) <
			0 ||
		need_equal(r->n_text, r->n_text_name, "text", err) < 0 ||
		need_equal_or_none(r->n_text_quality, r->n_text_name, "text_quality", err) < 0 ||
		need_equal(r->n_flag, r->n_flag_name, "flag", err) < 0 ||
		need_equal_or_none(r->n_flag_quality, r->n_flag_name, "flag_quality", err) < 0)
		return -1;
	return check_rows(r, err);
}

static int check_confirm(void *p, struct bb_err *err)
{
	Busbar__V1__Confirm *c = p;

	if (!*c->group)
		return bb_err_set(err, "group is missing");
	if (need_equal(c->n_topic_seq, c->n_device_id, "topic_seq", err) < 0)
		return -1;
	return need_equal(c->n_before_ns, c->n_device_id, "before_ns", err);
}

static int check_heartbeat(void *p, struct bb_err *err)
{
	Busbar__V1__Heartbeat *h = p;

	if (need_daemon(h->publisher, "publisher", err) < 0)
		return -1;
	return need_equal(h->n_metric, h->n_metric_name, "metric", err);
}

static int check_group_state(void *p, struct bb_err *err)
{
	Busbar__V1__GroupState *g = p;

	if (g->n_severity_active > BUSBAR__V1__SEVERITY__SEVERITY_NORMAL + 1)
		return bb_err_set(err, "severity_active has %zu elements, at most 7 are known",
			g->n_severity_active);
	return 0;
}

/* The kind becomes the kind of a transition, which readers of the log take as a word. */
static int check_device_event(void *p, struct bb_err *err)
{
	const char *kind = ((Busbar__V1__DeviceEvent *)p)->kind;
	size_t n = strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n && n <= KIND_MAX_BYTES && !kind[n]
		       ? 0
		       : bb_err_set(err, "kind is missing or not a word of a-z0-9_");
}

static int check_log_pull(void *p, struct bb_err *err)
{
	return need_daemon(((Busbar__V1__LogPull *)p)->consumer, "consumer", err);
}

static int check_log_batch(void *p, struct bb_err *err)
{
	Busbar__V1__LogBatch *b = p;

	if (b->n_record > LOG_RECORDS_MAX)
		return bb_err_set(err, "record has %zu elements, at most %d are allowed",
			b->n_record, LOG_RECORDS_MAX);
	return 0;
}

static int check_command_request(void *p, struct bb_err *err)
{
	Busbar__V1__CommandRequest *r = p;

	if (!r->cmd_key.len)
		return bb_err_set(err, "cmd_key is missing");
	if (!*r->verb)
		return bb_err_set(err, "verb is missing");
	if (r->n_item > COMMAND_ITEMS_MAX)
		return bb_err_set(err, "item has %zu elements, at most %d are allowed", r->n_item,
			COMMAND_ITEMS_MAX);
	return need_equal(r->n_arg, r->n_arg_name, "arg", err);
}

static int check_command_hello(void *p, struct bb_err *err)
{
	return need_daemon(((Busbar__V1__CommandHello *)p)->daemon, "daemon", err);
}

static int check_config_get(void *p, struct bb_err *err)
{
	return need_daemon(((Busbar__V1__ConfigGet *)p)->daemon, "daemon", err);
}

static int check_config_generation(void *p, struct bb_err *err)
{
	Busbar__V1__ConfigGeneration *g = p;

	if (!g->hash.len)
		return bb_err_set(err, "hash is missing");
	return need_daemon(g->daemon, "daemon", err);
}

static int check_config(void *p, struct bb_err *err)
{
	Busbar__V1__Config *c = p;

	for (size_t i = 0; i < c->n_device; i++) {
		if (!*c->device[i]->key || !c->device[i]->device_id)
			return bb_err_set(err, "device %zu has no key or no device_id", i);
	}
	return 0;
}

/* ---- unpacking ---- */

struct message_type {
	const char *name;
	const ProtobufCMessageDescriptor *descriptor;
	size_t max_bytes, array_max;
	int (*check)(void *message, struct bb_err *err);
};

static void *arena_alloc(void *arena, size_t n)
{
	return bb_arena_alloc(arena, n ? n : 1);
}

static void arena_keep(void *arena, void *p)
{
}

static void *unpack(const struct message_type *t, struct bb_arena *a, const void *data, size_t len,
	struct bb_err *err)
{
	ProtobufCAllocator allocator = { .alloc = arena_alloc,
		.free = arena_keep,
		.allocator_data = a };
	ProtobufCMessage *m;

	if (len > t->max_bytes)
		return bb_err_null(err, "%s has %zu bytes, at most %zu are allowed", t->name, len,
			t->max_bytes);
	/* protobuf-c refuses a NULL pointer even for an empty message. */
	m = protobuf_c_message_unpack(t->descriptor, &allocator, len,
		len ? data : (const uint8_t *)"");
	if (!m)
		return bb_err_null(err, "%s of %zu bytes cannot be decoded", t->name, len);
	if (check_message(m, t->array_max, err) < 0 || (t->check && t->check(m, err) < 0)) {
		bb_err_prefix(err, "%s", t->name);
		return NULL;
	}
	return m;
}

/* One exported function per message: bb_unpack_<fn>(). */
#define UNPACK(fn, type, max, elements, extra)                                                     \
	BB_WIRE_UNPACK(fn, Busbar__V1__##type)                                                     \
	{                                                                                          \
		static const struct message_type t = {                                             \
			.name = #fn,                                                               \
			.descriptor = &busbar__v1__##fn##__descriptor,                             \
			.max_bytes = (max),                                                        \
			.array_max = (elements),                                                   \
			.check = (extra),                                                          \
		};                                                                                 \
		return unpack(&t, a, data, len, err);                                              \
	}

// clang-format off
UNPACK(envelope,          Envelope,         BB_WIRE_MAX,        ARRAY_MAX,        check_envelope)
UNPACK(reading,           Reading,          BB_WIRE_MAX,        ARRAY_MAX,        check_reading)
UNPACK(confirm,           Confirm,          BB_WIRE_MAX,        ARRAY_MAX,        check_confirm)
UNPACK(heartbeat,         Heartbeat,        BB_WIRE_MAX,        ARRAY_MAX,        check_heartbeat)
UNPACK(device_state,      DeviceState,      BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(group_state,       GroupState,       BB_WIRE_MAX,        ARRAY_MAX,        check_group_state)
UNPACK(redundancy_state,  RedundancyState,  BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(alarm,             Alarm,            BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(transition,        Transition,       BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(device_event,      DeviceEvent,      BB_WIRE_MAX,        ARRAY_MAX,        check_device_event)
UNPACK(log_pull,          LogPull,          BB_WIRE_MAX,        ARRAY_MAX,        check_log_pull)
UNPACK(log_batch,         LogBatch,         BB_WIRE_BATCH_MAX,  ARRAY_MAX,        check_log_batch)
UNPACK(command_request,   CommandRequest,   BB_WIRE_BATCH_MAX,  ARRAY_MAX,        check_command_request)
UNPACK(command_reply,     CommandReply,     BB_WIRE_REPLY_MAX,  ARRAY_MAX,        NULL)
UNPACK(command_hello,     CommandHello,     BB_WIRE_MAX,        ARRAY_MAX,        check_command_hello)
UNPACK(snap_request,      SnapRequest,      BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(snap_end,          SnapEnd,          BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(config_get,        ConfigGet,        BB_WIRE_MAX,        ARRAY_MAX,        check_config_get)
UNPACK(config_generation, ConfigGeneration, BB_WIRE_CONFIG_MAX, ARRAY_MAX,        check_config_generation)
UNPACK(config,            Config,           BB_WIRE_CONFIG_MAX, CONFIG_ARRAY_MAX, check_config)
UNPACK(outbox_queued,     OutboxQueued,     BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(outbox_change,     OutboxChange,     BB_WIRE_MAX,        ARRAY_MAX,        NULL)
UNPACK(outbox_snapshot,   OutboxSnapshot,   BB_WIRE_OUTBOX_MAX, CONFIG_ARRAY_MAX, NULL)
// clang-format on

uint8_t *bb_pack(struct bb_arena *a, const void *m, size_t *len)
{
	size_t n = protobuf_c_message_get_packed_size(m);
	uint8_t *out = bb_arena_alloc(a, n ? n : 1);

	if (out)
		*len = protobuf_c_message_pack(m, out);
	return out;
}

/* ---- values of a reading ---- */

struct visit {
	int (*cb)(void *arg, const struct bb_value *v);
	void *arg;
};

static unsigned quality_at(const uint32_t *quality, size_t n, size_t i)
{
	return i < n ? quality[i] : BB_GOOD;
}

/* A number that is none cannot be good, whatever the sender says. */
static int visit_number(const struct visit *to, struct bb_value *v)
{
	if (!isfinite(v->number) && v->quality == BB_GOOD)
		v->quality = BB_BAD;
	return to->cb(to->arg, v);
}

static int visit_numbers(const Busbar__V1__Reading *r, const struct visit *to)
{
	for (size_t i = 0; i < r->n_number; i++) {
		struct bb_value v = { .name = r->number_name[i],
			.index = "",
			.kind = BB_NUMBER,
			.quality = quality_at(r->number_quality, r->n_number_quality, i),
			.number = r->number[i],
			.text = "" };

		if (!visit_number(to, &v))
			return 0;
	}
	return 1;
}

static int visit_texts(const Busbar__V1__Reading *r, const struct visit *to)
{
	for (size_t i = 0; i < r->n_text; i++) {
		struct bb_value v = { .name = r->text_name[i],
			.index = "",
			.kind = BB_TEXT,
			.quality = quality_at(r->text_quality, r->n_text_quality, i),
			.text = r->text[i] };

		if (!to->cb(to->arg, &v))
			return 0;
	}
	return 1;
}

static int visit_flags(const Busbar__V1__Reading *r, const struct visit *to)
{
	for (size_t i = 0; i < r->n_flag; i++) {
		struct bb_value v = { .name = r->flag_name[i],
			.index = "",
			.kind = BB_FLAG,
			.quality = quality_at(r->flag_quality, r->n_flag_quality, i),
			.text = "",
			.flag = r->flag[i] };

		if (!to->cb(to->arg, &v))
			return 0;
	}
	return 1;
}

static int visit_row(const Busbar__V1__Row *row, const struct visit *to)
{
	for (size_t i = 0; i < row->n_value + row->n_text; i++) {
		char index[NAME_MAX_BYTES + 16];
		struct bb_value v = { .name = row->name,
			.index = index,
			.kind = row->n_text ? BB_TEXT : BB_NUMBER,
			.quality = quality_at(row->quality, row->n_quality, i),
			.number = row->n_text ? 0 : row->value[i],
			.text = row->n_text ? row->text[i] : "" };

		snprintf(index, sizeof(index), "%s%zu", row->index_prefix, (size_t)row->first + i);
		if (row->n_text ? !to->cb(to->arg, &v) : !visit_number(to, &v))
			return 0;
	}
	return 1;
}

void bb_reading_each(const Busbar__V1__Reading *r, int (*cb)(void *arg, const struct bb_value *v),
	void *arg)
{
	const struct visit to = { .cb = cb, .arg = arg };

	if (!visit_numbers(r, &to) || !visit_texts(r, &to) || !visit_flags(r, &to))
		return;
	for (size_t i = 0; i < r->n_row; i++) {
		if (!visit_row(r->row[i], &to))
			return;
	}
}

void bb_topic(char *out, size_t cap, const char *plane, const char *key, const char *group_or_null)
{
	if (group_or_null)
		snprintf(out, cap, "%s/%s/%s/", plane, key, group_or_null);
	else
		snprintf(out, cap, "%s/%s/", plane, key);
}
