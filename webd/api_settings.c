// SPDX-License-Identifier: Apache-2.0
/* Settings and mail recipients. */
#include <stdio.h>
#include <string.h>

#include "common/point.h"
#include "common/seal.h"
#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/setting.h"
#include "webd/webd.h"

static const struct setting settings[] = {
#define SETTING(n, r, s, h) { .name = n, .reader = r, .is_secret = s, .help = h },
#define SETTING_NUMBER(n, r, lo, hi, h) { .name = n, .reader = r, .min = lo, .max = hi, .help = h },
#include "webd/setting.def"
#undef SETTING
#undef SETTING_NUMBER
};

static const char setting_names[] =
#define SETTING(n, r, s, h) n " "
#define SETTING_NUMBER(n, r, lo, hi, h) n " "
#include "webd/setting.def"
#undef SETTING
#undef SETTING_NUMBER
	;

const struct setting *setting_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof(settings) / sizeof(settings[0]); i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

int setting_check(const struct setting *s, const char *value, struct bb_err *err)
{
	uint64_t n;

	return s->max > 0 ? bb_parse_u64(value, s->name, s->min, s->max, &n, err) : 0;
}

void api_settings(struct request *rq)
{
	change_read(rq,
		"SELECT jsonb_agg(jsonb_build_object('name', name, 'value', value, 'secret', value_sealed IS NOT NULL) ORDER BY name) "
		"FROM setting",
		0, NULL, change_reply_items);
}

struct setting_value {
	const char *value;
};

// clang-format off
static const struct field value_fields[] = {
	{ "value", FIELD_STR_OR_NULL, true, offsetof(struct setting_value, value), 0, 400 },
	FIELD_END,
};
// clang-format on

/* Hex of the value sealed to the reader; NULL after answering. */
static const char *seal_value(struct request *rq, const struct setting *s, const char *value)
{
	struct bb_err err;
	struct bb_sealer *sealer =
		bb_sealer_load(bb_service_dirs(rq->w->service)->etc, s->reader, &err);
	size_t n = strlen(value), size = bb_seal_size(n);
	uint8_t *sealed = bb_arena_alloc(rq->http->arena, size);
	char *hex = bb_arena_alloc(rq->http->arena, 2 * size + 1);

	if (!sealer || bb_seal(sealer, value, n, sealed, &err) != 0) {
		reply_problem(rq, PROBLEM_UNAVAILABLE, "the secret cannot be sealed to \"%s\": %s",
			s->reader, err.text);
		hex = NULL;
	} else {
		bb_hex(hex, sealed, size);
	}
	bb_sealer_free(sealer);
	return hex;
}

void api_setting_put(struct request *rq)
{
	const struct setting *s = setting_find(rq->param);
	struct setting_value in = { 0 };
	const char *sealed = NULL;
	struct bb_err err;

	if (!s) {
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no setting \"%s\"; known ones: %s",
			rq->param, setting_names);
		return;
	}
	if (request_fields(rq, value_fields, &in) != 0)
		return;
	if (in.value && setting_check(s, in.value, &err) != 0) {
		reply_invalid(rq, "/value", "%s", err.text);
		return;
	}
	if (in.value && s->is_secret && !(sealed = seal_value(rq, s, in.value)))
		return;
	const char *values[] = { s->name, s->is_secret ? NULL : in.value, sealed, s->reader,
		rq->who.user, rq->who.source };
	change_run(rq, "SELECT setting_put($1, $2, $3, $4, $5, $6)", 6, values, change_reply_empty);
}

/* ---- recipients ---- */

// clang-format off
const struct field recipient_fields[] = {
	{ "name", FIELD_STR, true, offsetof(struct recipient_input, name), 1, 80 },
	{ "address", FIELD_STR, true, offsetof(struct recipient_input, address), 3, 254 },
	{ "min_severity", FIELD_STR, false, offsetof(struct recipient_input, severity), 1, 10 },
	FIELD_END,
};
// clang-format on

/* One mailbox, nothing a mail header or command could trip over. */
bool recipient_address_valid(const char *s)
{
	const char *at = strchr(s, '@');

	return at && at > s && at[1] && !strchr(at + 1, '@') &&
	       strspn(s,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@.!#$%&'*+/=?^_`{|}~-[]:") ==
		       strlen(s);
}

void api_recipients(struct request *rq)
{
	change_read(rq,
		"SELECT jsonb_agg(jsonb_build_object('id', recipient_id::text, 'name', name, 'address', address, 'min_severity', "
		"severity_name(min_severity)) ORDER BY name) FROM recipient",
		0, NULL, change_reply_items);
}

static void on_recipient_added(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "{\"id\":\"%s\"}", PQgetvalue(r, 0, 0));
	reply_json(rq, 201, &b);
	bb_buf_fini(&b);
}

void api_recipient_add(struct request *rq)
{
	struct recipient_input in = { .severity = "info" };
	char severity[12];
	int s;

	if (request_fields(rq, recipient_fields, &in) != 0)
		return;
	s = bb_severity_parse(in.severity);
	if (!recipient_address_valid(in.address) || s < 0) {
		reply_invalid(rq, s < 0 ? "/min_severity" : "/address", "%s",
			s < 0 ? "there is no such severity" : "this is no mail address");
		return;
	}
	snprintf(severity, sizeof(severity), "%d", s);
	const char *values[] = { in.name, in.address, severity, rq->who.user, rq->who.source };
	change_run(rq, "SELECT recipient_add($1, $2, $3, $4, $5)", 5, values, on_recipient_added);
}

void api_recipient_remove(struct request *rq)
{
	const char *values[] = { rq->param, rq->who.user, rq->who.source };
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) != 0)
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no recipient with this id");
	else
		change_run(rq, "SELECT recipient_remove($1, $2, $3)", 3, values,
			change_reply_empty);
}

/* ---- how long history is kept ---- */

void api_history(struct request *rq)
{
	change_read(rq, "SELECT history_list()", 0, NULL, change_reply_items);
}
