// SPDX-License-Identifier: Apache-2.0
/* Discoveries: the collector runs them, here they get their credentials, and hits are compared with the devices there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/table.h"
#include "webd/access.h"
#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/identity.h"
#include "webd/webd.h"

#define RANGES_MAX      256
#define CREDENTIALS_MAX 8
#define ADOPT_MAX       200

/* ---- start ---- */

struct start {
	json_t *ranges, *credentials;
	int64_t port;
};

// clang-format off
static const struct field start_fields[] = {
	{ "ranges", FIELD_ARRAY, true, offsetof(struct start, ranges), 1, RANGES_MAX },
	{ "credential_ids", FIELD_ARRAY, true, offsetof(struct start, credentials), 1, CREDENTIALS_MAX },
	{ "port", FIELD_INT, false, offsetof(struct start, port), 1, 65535 },
	FIELD_END,
};
// clang-format on

static void on_started(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (access_refused(rq, reply, "/ranges"))
		return;
	bb_buf_str(&b, reply->json ? reply->json : "{}");
	reply_json(rq, 201, &b);
	bb_buf_fini(&b);
}

static void on_credentials(struct request *rq, PGresult *r)
{
	struct start *in = rq->ctx;
	json_t *list = json_loads(PQgetvalue(r, 0, 0), 0, NULL), *c, *v;
	struct access_command cmd = { .rq = rq, .verb = "discover" };
	char port[24];
	size_t i;

	if (json_array_size(list) != json_array_size(in->credentials)) {
		json_decref(list);
		reply_invalid(rq, "/credential_ids",
			"a credential is not there (any more), or is named twice");
		return;
	}
	json_array_foreach(in->ranges, i, v) access_arg(&cmd, "range", json_string_value(v));
	snprintf(port, sizeof(port), "%lld", (long long)in->port);
	json_array_foreach(list, i, c)
	{
		access_arg(&cmd, "credential", json_string_value(json_object_get(c, "id")));
		if (in->port)
			json_object_set_new(c, "port", json_string(port));
		access_args_of(&cmd, c);
	}
	json_decref(list);
	access_send(&cmd, on_started);
}

/* "{1,2}", or NULL after answering. */
static const char *id_array(struct request *rq, const json_t *list, const char *pointer)
{
	struct bb_buf b = { 0 };
	const char *text = "{", *id;
	json_t *v;
	size_t i;

	bb_buf_str(&b, text);
	json_array_foreach((json_t *)list, i, v)
	{
		if (access_id(rq, v, &id) != 0) {
			reply_invalid(rq, pointer, "element %zu is no id", i);
			bb_buf_fini(&b);
			return NULL;
		}
		bb_buf_printf(&b, "%s%s", i ? "," : "", id);
	}
	bb_buf_str(&b, "}");
	text = bb_arena_strdup(rq->http->arena, b.data);
	bb_buf_fini(&b);
	return text;
}

void api_discovery_start(struct request *rq)
{
	struct start *in = bb_arena_alloc(rq->http->arena, sizeof(*in));
	const char *ids;
	json_t *v;
	size_t i;

	if (request_fields(rq, start_fields, in) != 0)
		return;
	json_array_foreach(in->ranges, i, v) if (!json_is_string(v) || json_string_length(v) > 200)
	{
		reply_invalid(rq, "/ranges", "element %zu is no text such as 10.1.0.0/22", i);
		return;
	}
	ids = id_array(rq, in->credentials, "/credential_ids");
	if (!ids)
		return;
	rq->ctx = in;
	const char *values[] = { ids };
	change_read(rq, "SELECT credential_use($1)", 1, values, on_credentials);
}

/* ---- looking ---- */

static void on_list(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (access_refused(rq, reply, "/"))
		return;
	bb_buf_printf(&b, "{\"items\":%s}", reply->json ? reply->json : "[]");
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_discoveries(struct request *rq)
{
	struct access_command c = { .rq = rq, .verb = "discovery" };

	access_send(&c, on_list);
}

/* What the answers are compared with. */
struct compare {
	struct webd *w;
	struct bb_table *by_address, *by_identity;
};

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static struct compare compare_open(struct webd *w)
{
	struct compare c = { w, bb_table_new(), identities_index(w->identities) };
	struct model_device **all;
	char at[120];
	size_t n;

	all = model_devices(w->model, &n);
	for (size_t i = 0; i < n; i++) {
		snprintf(at, sizeof(at), "%s#%u", all[i]->address ? all[i]->address : "",
			all[i]->port);
		bb_table_put(c.by_address, at, all[i]);
	}
	return c;
}

static void compare_close(struct compare *c)
{
	bb_table_free(c->by_address, NULL);
	bb_table_free(c->by_identity, NULL);
}

static void hit_identity(const json_t *hit, struct bb_identity *id)
{
	memset(id, 0, sizeof(*id));
	for (unsigned f = 0; f < BB_ID_FIELDS; f++)
		bb_identity_set(id, f, text_of(hit, bb_identity_names[f]));
}

/* {device_id, key, moved, by, changed} */
static json_t *known_json(struct compare *c, const struct model_device *d, const char *by,
	bool has_moved, const struct bb_identity *card)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct bb_identity accepted;
	char id[24];
	json_t *o;

	snprintf(id, sizeof(id), "%llu", (unsigned long long)d->id);
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "device_id", id);
	bb_json_str(&j, "key", d->key);
	bb_json_bool(&j, "moved", has_moved);
	bb_json_str(&j, "by", by);
	if (identities_get(c->w->identities, d->id, &accepted))
		identity_write_changed(&j, &accepted, card);
	else
		bb_json_null(&j, "changed");
	bb_json_end_obj(&j);
	o = json_loads(b.data, 0, NULL);
	bb_buf_fini(&b);
	return o;
}

/* Who the card is decides, not where it answers: two cards that changed places are both found moved. */
static json_t *known_of(struct compare *c, const json_t *hit)
{
	struct bb_identity card;
	enum bb_identity_field by;
	char at[120];
	struct model_device *here;

	hit_identity(hit, &card);
	snprintf(at, sizeof(at), "%s#%lld", text_of(hit, "address"),
		(long long)json_integer_value(json_object_get(hit, "port")));
	here = bb_table_get(c->by_address, at);
	uint64_t id = identities_match(c->by_identity, &card, &by);
	if (id && (!here || id != here->id))
		return known_json(c, model_device(c->w->model, id), bb_identity_names[by], true,
			&card);
	return here ? known_json(c, here, "address", false, &card) : json_null();
}

static void on_discovery(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct request *rq = arg;
	struct compare c;
	json_t *o, *hit;
	size_t i;

	if (access_refused(rq, reply, "?after"))
		return;
	o = json_loads(reply->json ? reply->json : "{}", 0, NULL);
	c = compare_open(rq->w);
	json_array_foreach(json_object_get(o, "hits"), i, hit)
		json_object_set_new(hit, "known", known_of(&c, hit));
	compare_close(&c);
	access_reply(rq, 200, o ? o : json_object());
}

void api_discovery(struct request *rq)
{
	static const char *const params[] = { "after", NULL };
	struct access_command c = { .rq = rq, .verb = "discovery" };
	const char *after = uri_param(&rq->http->uri, "after");

	if (request_params(rq, params) != 0)
		return;
	access_arg(&c, "job", rq->param);
	access_arg(&c, "after", after && *after ? after : "0");
	access_send(&c, on_discovery);
}

static void on_stopped(void *arg, const Busbar__V1__CommandReply *reply)
{
	if (!access_refused(arg, reply, "/"))
		reply_empty(arg);
}

void api_discovery_stop(struct request *rq)
{
	struct access_command c = { .rq = rq, .verb = "discovery_stop" };

	access_arg(&c, "job", rq->param);
	access_send(&c, on_stopped);
}

/* ---- adding ---- */

struct adopt {
	json_t *items;
};

// clang-format off
static const struct field adopt_fields[] = {
	{ "items", FIELD_ARRAY, true, offsetof(struct adopt, items), 1, ADOPT_MAX },
	FIELD_END,
};
// clang-format on

/* {seq, key} or {seq, device_id}; answers itself. */
static int check_item(struct request *rq, size_t i, json_t *item)
{
	const json_t *seq = json_object_get(item, "seq"),
		     *device = json_object_get(item, "device_id");
	const char *key = json_string_value(json_object_get(item, "key")), *id;
	char pointer[40];

	json_object_del(item, "error");
	snprintf(pointer, sizeof(pointer), "/items/%zu", i);
	if (!json_is_integer(seq) || json_integer_value(seq) < 1)
		reply_invalid(rq, pointer, "\"seq\" is the number of a hit");
	else if (!key == !device)
		reply_invalid(rq, pointer,
			"give \"key\" for a new device or \"device_id\" for one that has moved");
	else if (key && !bb_key_valid(key))
		reply_invalid(rq, pointer,
			"a key is made of a-z, 0-9, '.', '_', '-' in segments joined by '/'");
	else if (device && access_id(rq, device, &id) != 0)
		reply_invalid(rq, pointer, "\"device_id\" is no id");
	else
		return 0;
	return -1;
}

static void on_adopted(struct request *rq, PGresult *r)
{
	const struct adopt *in = rq->ctx;
	json_t *done = json_loads(PQgetvalue(r, 0, 0), 0, NULL), *v;
	size_t i;

	/* what was no hit at all never went to the database */
	json_array_foreach(in->items, i, v) if (json_object_get(v, "error"))
		json_array_append_new(done,
			json_pack("{s:O, s:b, s:n, s:O}", "seq", json_object_get(v, "seq"), "ok", 0,
				"device_id", "error", json_object_get(v, "error")));
	access_reply(rq, 200, json_pack("{s:o}", "items", done));
}

static const json_t *hit_of(const json_t *hits, json_int_t seq)
{
	json_t *h;
	size_t i;

	json_array_foreach((json_t *)hits, i,
		h) if (json_integer_value(json_object_get(h, "seq")) == seq) return h;
	return NULL;
}

static void on_hits(void *arg, const Busbar__V1__CommandReply *reply)
{
	static const char *const taken[] = { "address", "port", "credential_id" };
	struct request *rq = arg;
	const struct adopt *in = rq->ctx;
	json_t *o, *items = json_array(), *v;
	char *text;
	size_t i;

	if (access_refused(rq, reply, "/items")) {
		json_decref(items);
		return;
	}
	o = json_loads(reply->json ? reply->json : "{}", 0, NULL);
	json_array_foreach(in->items, i, v)
	{
		const json_t *hit = hit_of(json_object_get(o, "hits"),
			json_integer_value(json_object_get(v, "seq")));

		if (!hit) {
			json_object_set_new(v, "error",
				json_string("the discovery has no hit with this number"));
			continue;
		}
		for (size_t k = 0; k < sizeof(taken) / sizeof(taken[0]); k++)
			json_object_set(v, taken[k], json_object_get(hit, taken[k]));
		json_array_append(items, v);
	}
	json_decref(o);
	text = json_dumps(items, JSON_COMPACT);
	json_decref(items);
	const char *values[] = { text, rq->who.user, rq->who.source };
	change_run(rq, "SELECT discovery_adopt($1, $2, $3)", 3, values, on_adopted);
	free(text);
}

void api_discovery_adopt(struct request *rq)
{
	struct access_command c = { .rq = rq, .verb = "discovery" };
	struct adopt *in = bb_arena_alloc(rq->http->arena, sizeof(*in));
	char seq[24];
	json_t *v;
	size_t i;

	if (request_fields(rq, adopt_fields, in) != 0)
		return;
	rq->ctx = in;
	access_arg(&c, "job", rq->param);
	json_array_foreach(in->items, i, v)
	{
		if (check_item(rq, i, v) != 0)
			return;
		snprintf(seq, sizeof(seq), "%lld",
			(long long)json_integer_value(json_object_get(v, "seq")));
		access_arg(&c, "seq", seq);
	}
	access_send(&c, on_hits);
}
