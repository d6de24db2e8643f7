// SPDX-License-Identifier: Apache-2.0
#include "webd/identity.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/table.h"
#include "webd/webd.h"

#define FLUSH_MS  1000
#define RETRY_MS  10000
#define ITEMS_MAX 500 /* of one statement */
#define NAMED     8   /* devices in the text of the alarm */

/* Ten thousand of these: the texts are packed, one behind the other. */
struct known {
	uint64_t device_id;
	char *accepted, *seen; /* NULL: none */
	char *heard;           /* waits until the table is read */
	char *since, *seen_at; /* RFC 3339, or NULL */
	bool is_dirty, is_accepting;
};

struct identities {
	struct webd *w;
	struct bb_table *by_id;
	struct bb_arena *arena;
	struct bb_watch *flush;
	bool is_loaded, is_loading, is_writing, is_told;
	bool is_stale; /* was written, and not read back */
	unsigned n_seen;
};

/* ---- packed texts ---- */

static char *pack(const struct bb_identity *i)
{
	char buf[BB_ID_FIELDS * BB_ID_TEXT];
	size_t n = 0;

	for (unsigned f = 0; f < BB_ID_FIELDS; f++)
		n += strlen(strcpy(buf + n, i->text[f])) + 1;
	char *out = bb_malloc(n);
	memcpy(out, buf, n);
	return out;
}

static void unpack(const char *p, struct bb_identity *i)
{
	memset(i, 0, sizeof(*i));
	for (unsigned f = 0; p && f < BB_ID_FIELDS; f++, p += strlen(p) + 1)
		bb_copy(i->text[f], BB_ID_TEXT, p);
}

static void put(char **to, char *text)
{
	free(*to);
	*to = text;
}

/* ---- judging ---- */

static void schedule(struct identities *ids, uint64_t ms);

static struct known *known_of(struct identities *ids, uint64_t device_id)
{
	struct known *k = bb_table_get_u64(ids->by_id, device_id);

	if (!k) {
		k = bb_calloc(1, sizeof(*k));
		k->device_id = device_id;
		bb_table_put_u64(ids->by_id, device_id, k);
	}
	return k;
}

/* A profile that a person named is his word, not a change of the card. */
static void excuse_profile(struct identities *ids, const struct known *k,
	const struct bb_identity *accepted, struct bb_identity *seen)
{
	const struct model_device *d = model_device(ids->w->model, k->device_id);

	if (d && d->profile_wanted && strcmp(d->profile_wanted, "auto") != 0 &&
		bb_identity_differs(accepted, seen) == 1U << BB_ID_PROFILE)
		*seen->text[BB_ID_PROFILE] = '\0';
}

static void judge(struct identities *ids, struct known *k)
{
	struct bb_identity accepted, seen, before;

	unpack(k->accepted, &accepted);
	unpack(k->heard, &seen);
	unpack(k->seen, &before);
	put(&k->heard, NULL);
	excuse_profile(ids, k, &accepted, &seen);
	if (bb_identity_alarming(&accepted, &seen)) {
		if (k->seen && !memcmp(&before, &seen, sizeof(seen)))
			return;
		ids->n_seen += !k->seen;
		put(&k->seen, pack(&seen));
		bb_log(EV_NOTE, BB_STR("text", "a device answers as other hardware"),
			BB_UINT("device_id", k->device_id));
		k->is_dirty = true;
	} else {
		if (k->seen) {
			put(&k->seen, NULL);
			put(&k->seen_at, NULL);
			ids->n_seen--;
			k->is_dirty = true;
		}
		if (bb_identity_merge(&accepted, &seen) || !k->accepted) {
			put(&k->accepted, pack(&accepted));
			k->is_dirty = true;
		}
	}
	if (k->is_dirty)
		schedule(ids, FLUSH_MS);
}

static int take_value(void *arg, const struct bb_value *v)
{
	static const struct {
		const char *point;
		enum bb_identity_field field;
	} wanted[] = {
		{ "device.serial", BB_ID_SERIAL },
		{ "device.macaddr", BB_ID_MAC },
		{ "device.engineid", BB_ID_ENGINE },
		{ "device.mfr", BB_ID_MFR },
		{ "device.model", BB_ID_MODEL },
		{ "device.sysobjectid", BB_ID_SYSOBJECTID },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (v->kind == BB_TEXT && v->quality == BB_GOOD && !*v->index &&
			strcmp(v->name, wanted[i].point) == 0)
			bb_identity_set(arg, wanted[i].field, v->text);
	return 1;
}

void identities_message(struct identities *ids, const struct bb_msg *m)
{
	const Busbar__V1__Reading *r;
	struct bb_identity seen = { 0 };
	struct bb_err err;
	struct known *k;

	if (m->kind != BUSBAR__V1__ENVELOPE__KIND__KIND_READING)
		return;
	bb_arena_reset(ids->arena);
	r = bb_unpack_reading(ids->arena, m->body, m->body_len, &err);
	if (!r || r->missed || !r->device_id)
		return;
	bb_reading_each(r, take_value, &seen);
	bb_identity_set(&seen, BB_ID_PROFILE, r->profile ? r->profile : "");
	k = known_of(ids, r->device_id);
	put(&k->heard, pack(&seen));
	if (ids->is_loaded)
		judge(ids, k);
}

/* ---- PostgreSQL ---- */

static json_t *to_json(const char *packed)
{
	struct bb_identity i;
	json_t *o = json_object();

	unpack(packed, &i);
	for (unsigned f = 0; f < BB_ID_FIELDS; f++)
		json_object_set_new(o, bb_identity_names[f], json_string(i.text[f]));
	return o;
}

static void mark_all_dirty_again(struct identities *ids)
{
	/* Which of them were in the statement that failed is not known any more; writing one twice
	 * changes nothing. */
	struct bb_table_iter it = { 0 };
	struct known *k;

	while ((k = bb_table_next(ids->by_id, &it, NULL, NULL)))
		k->is_dirty |= k->accepted != NULL;
}

static void on_written(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct identities *ids = arg;

	ids->is_writing = false;
	if (r) {
		ids->is_stale = true;
		schedule(ids, FLUSH_MS);
		return;
	}
	bb_log(EV_DATABASE_REFUSED, BB_STR("text", "identities cannot be kept"),
		BB_STR("error", error));
	mark_all_dirty_again(ids);
	schedule(ids, RETRY_MS);
}

static char *dirty_items(struct identities *ids)
{
	json_t *items = json_array();
	struct bb_table_iter it = { 0 };
	struct known *k;
	char *text = NULL;

	while (json_array_size(items) < ITEMS_MAX &&
		(k = bb_table_next(ids->by_id, &it, NULL, NULL))) {
		if (!k->is_dirty || k->is_accepting)
			continue;
		k->is_dirty = false;
		json_array_append_new(items,
			json_pack("{s:I, s:o, s:o}", "device_id", (json_int_t)k->device_id,
				"accepted", to_json(k->accepted), "seen",
				k->seen ? to_json(k->seen) : json_null()));
	}
	if (json_array_size(items))
		text = json_dumps(items, JSON_COMPACT);
	json_decref(items);
	return text;
}

static void on_flush(void *arg)
{
	struct identities *ids = arg;
	char *text;

	ids->flush = NULL;
	if (!ids->is_loaded || ids->is_writing)
		return;
	if (!confdb_is_up(ids->w->conf)) {
		schedule(ids, RETRY_MS);
		return;
	}
	text = dirty_items(ids);
	if (!text) {
		/* All is written: read back since when. */
		if (ids->is_stale)
			identities_reload(ids);
		ids->is_stale = false;
		return;
	}
	const char *values[] = { text };
	ids->is_writing = true;
	if (confdb_query(ids->w->conf, "SELECT identity_put($1)", 1, values, on_written, ids) != 0)
		on_written(ids, NULL, "not connected", "");
	free(text);
}

static void schedule(struct identities *ids, uint64_t ms)
{
	if (!ids->flush)
		ids->flush = bb_loop_after(ids->w->loop, ms, on_flush, ids);
}

static void read_columns(PGresult *r, int row, int first, struct bb_identity *i)
{
	memset(i, 0, sizeof(*i));
	for (int f = 0; f < BB_ID_FIELDS; f++)
		if (!PQgetisnull(r, row, first + f))
			bb_copy(i->text[f], BB_ID_TEXT, PQgetvalue(r, row, first + f));
}

static char *cell_or_null(PGresult *r, int row, int column)
{
	return PQgetisnull(r, row, column) ? NULL : bb_strdup(PQgetvalue(r, row, column));
}

static void take_row(struct identities *ids, PGresult *r, int row)
{
	struct bb_identity i;
	uint64_t id;
	struct known *k;

	if (bb_parse_u64(PQgetvalue(r, row, 0), "device_id", 1, INT64_MAX, &id, NULL) != 0)
		return;
	k = known_of(ids, id);
	if (k->is_dirty)
		return; /* ours is newer */
	read_columns(r, row, 1, &i);
	put(&k->accepted, pack(&i));
	put(&k->since, cell_or_null(r, row, 1 + BB_ID_FIELDS));
	ids->n_seen -= k->seen != NULL;
	put(&k->seen, NULL);
	put(&k->seen_at, cell_or_null(r, row, 2 + BB_ID_FIELDS));
	if (k->seen_at) {
		read_columns(r, row, 3 + BB_ID_FIELDS, &i);
		put(&k->seen, pack(&i));
		ids->n_seen++;
	}
}

static void on_loaded(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct identities *ids = arg;
	struct bb_table_iter it = { 0 };
	struct known *k;

	ids->is_loading = false;
	if (!r)
		return; /* the next connection asks again */
	for (int i = 0; i < PQntuples(r); i++)
		take_row(ids, r, i);
	ids->is_loaded = true;
	while ((k = bb_table_next(ids->by_id, &it, NULL, NULL)))
		if (k->heard)
			judge(ids, k);
}

#define TIME(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

void identities_reload(struct identities *ids)
{
	static const char sql[] =
		"SELECT device_id, serial, mac, engine_id, mfr, model, profile, sysobjectid, " TIME(
			"since") ", " TIME("seen_at") ", seen->>'serial', seen->>'mac', seen->>'engine_id', seen->>'mfr', seen->>'model', seen->>'profile', "
						      "seen->>'sysobjectid' FROM identity_list()";

	if (!ids->is_loading && confdb_is_up(ids->w->conf))
		ids->is_loading = confdb_query(ids->w->conf, sql, 0, NULL, on_loaded, ids) == 0;
}

/* ---- accepting ---- */

char *identities_accept(struct identities *ids, uint64_t device_id)
{
	struct known *k = bb_table_get_u64(ids->by_id, device_id);
	json_t *seen;
	char *text;

	if (!k || !k->seen)
		return NULL;
	k->is_accepting = true;
	seen = to_json(k->seen);
	text = json_dumps(seen, JSON_COMPACT);
	json_decref(seen);
	return text;
}

void identities_accepted(struct identities *ids, uint64_t device_id, bool is_done)
{
	struct known *k = bb_table_get_u64(ids->by_id, device_id);

	if (!k)
		return;
	k->is_accepting = false;
	if (is_done && k->seen) {
		put(&k->accepted, k->seen);
		k->seen = NULL;
		put(&k->seen_at, NULL);
		ids->n_seen--;
		k->is_dirty = false;
		identities_reload(ids);
	}
	if (k->is_dirty)
		schedule(ids, FLUSH_MS);
}

/* ---- telling ---- */

void identities_trouble(struct identities *ids, struct bb_pub *p)
{
	char text[600];
	size_t at = 0, n = 0;
	struct bb_table_iter it = { 0 };
	struct known *k;

	if (!ids->n_seen && !ids->is_told)
		return;
	while (ids->n_seen && (k = bb_table_next(ids->by_id, &it, NULL, NULL))) {
		const struct model_device *d =
			k->seen ? model_device(ids->w->model, k->device_id) : NULL;
		struct bb_identity was, is;

		if (!d || !d->is_configured || n++ >= NAMED || at >= sizeof(text))
			continue;
		unpack(k->accepted, &was);
		unpack(k->seen, &is);
		at += (size_t)snprintf(text + at, sizeof(text) - at,
			"%s%s (%.40s %.30s, was %.40s %.30s)", n > 1 ? ", " : "", d->key,
			is.text[BB_ID_MODEL], is.text[BB_ID_SERIAL], was.text[BB_ID_MODEL],
			was.text[BB_ID_SERIAL]);
	}
	ids->is_told = n > 0;
	if (n > NAMED && at < sizeof(text))
		snprintf(text + at, sizeof(text) - at, " and %zu more", n - NAMED);
	char whole[700];
	snprintf(whole, sizeof(whole),
		"%zu devices answer as other hardware than was accepted; look at each and accept what it is: %s",
		n, n ? text : "");
	bb_pub_trouble(p, "identity_changed", n ? BUSBAR__V1__SEVERITY__SEVERITY_MINOR : 0, whole);
}

void identity_write_changed(struct bb_json *j, const struct bb_identity *accepted,
	const struct bb_identity *seen)
{
	unsigned bits = bb_identity_alarming(accepted, seen);

	if (!bits) {
		bb_json_null(j, "changed");
		return;
	}
	bb_json_obj(j, "changed");
	for (unsigned f = 0; f < BB_ID_FIELDS; f++) {
		if (!(bits & 1U << f))
			continue;
		bb_json_arr(j, bb_identity_names[f]);
		bb_json_str(j, NULL, accepted->text[f]);
		bb_json_str(j, NULL, seen->text[f]);
		bb_json_end_arr(j);
	}
	bb_json_end_obj(j);
}

void identities_write(struct identities *ids, uint64_t device_id, struct bb_json *j)
{
	const struct known *k = bb_table_get_u64(ids->by_id, device_id);
	struct bb_identity accepted, seen;

	unpack(k ? k->accepted : NULL, &accepted);
	unpack(k ? k->seen : NULL, &seen);
	bb_json_obj(j, NULL);
	for (unsigned f = 0; f < BB_ID_FIELDS; f++)
		bb_json_str(j, bb_identity_names[f], accepted.text[f]);
	bb_json_str(j, "since", k ? k->since : NULL);
	bb_json_str(j, "changed_at", k && k->seen ? k->seen_at : NULL);
	identity_write_changed(j, &accepted, &seen);
	bb_json_end_obj(j);
}

bool identities_get(struct identities *ids, uint64_t device_id, struct bb_identity *accepted)
{
	const struct known *k = bb_table_get_u64(ids->by_id, device_id);

	unpack(k ? k->accepted : NULL, accepted);
	return k && k->accepted;
}

/* ---- finding a card again ---- */

static const enum bb_identity_field proofs[] = { BB_ID_SERIAL, BB_ID_MAC, BB_ID_ENGINE };
enum { PROOFS = sizeof(proofs) / sizeof(proofs[0]) };
static struct known twice; /* stands for more than one */

static const char *proof_key(char *buf, size_t cap, const struct bb_identity *i,
	enum bb_identity_field f)
{
	snprintf(buf, cap, "%u:%s", f, i->text[f]);
	for (char *p = buf; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return *i->text[f] ? buf : NULL;
}

/* By what each configured device can be told; made anew for each look, because devices come and go. */
struct bb_table *identities_index(struct identities *ids)
{
	struct bb_table *t = bb_table_new();
	struct bb_table_iter it = { 0 };
	char buf[BB_ID_TEXT + 8];
	struct known *k;

	while ((k = bb_table_next(ids->by_id, &it, NULL, NULL))) {
		const struct model_device *d = model_device(ids->w->model, k->device_id);
		struct bb_identity is;

		if (!d || !d->is_configured || !k->accepted)
			continue;
		unpack(k->accepted, &is);
		for (size_t i = 0; i < PROOFS; i++) {
			const char *key = proof_key(buf, sizeof(buf), &is, proofs[i]);

			if (key && bb_table_put(t, key, k))
				bb_table_put(t, key, &twice);
		}
	}
	return t;
}

uint64_t identities_match(const struct bb_table *index, const struct bb_identity *card,
	enum bb_identity_field *by)
{
	char buf[BB_ID_TEXT + 8];

	for (size_t i = 0; i < PROOFS; i++) {
		const char *key = proof_key(buf, sizeof(buf), card, proofs[i]);
		const struct known *k = key ? bb_table_get(index, key) : NULL;
		struct bb_identity is;

		if (!k || k == &twice)
			continue;
		*by = proofs[i];
		unpack(k->accepted, &is);
		/* A card that was put into another UPS has its old address and another serial number: found, and shown as changed. */
		if (bb_identity_proof(&is, card) != BB_ID_FIELDS || proofs[i] == BB_ID_MAC)
			return k->device_id;
	}
	*by = BB_ID_FIELDS;
	return 0;
}

/* ---- life ---- */

struct identities *identities_new(struct webd *w)
{
	struct identities *ids = bb_calloc(1, sizeof(*ids));

	ids->w = w;
	ids->by_id = bb_table_new();
	ids->arena = bb_arena_new(4096, 0);
	return ids;
}

static void known_free(void *arg)
{
	struct known *k = arg;

	free(k->accepted);
	free(k->seen);
	free(k->heard);
	free(k->since);
	free(k->seen_at);
	free(k);
}

void identities_free(struct identities *ids)
{
	if (!ids)
		return;
	bb_loop_cancel(ids->flush);
	bb_table_free(ids->by_id, known_free);
	bb_arena_free(ids->arena);
	free(ids);
}
