// SPDX-License-Identifier: Apache-2.0
#include "webd/confdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

#define SCHEMA_NEEDED 20
#define DEBOUNCE_MS   50
#define QUEUE_MAX                                                                                  \
	800 /* statements; bb_pg takes 1,000, the rest is for readings of the configuration */

/* One reading of the whole configuration: six statements in a repeatable read, gathered in an
 * arena. */
struct reading {
	struct confdb *c;
	struct bb_arena *arena;
	Busbar__V1__Config config;
	uint64_t generation;
	bool has_failed;
};

/* A write whose caller waits until the configuration was read again. */
struct write {
	struct confdb *c;
	bb_pg_cb cb;
	void *arg;
};
struct waiter {
	struct waiter *next;
	PGresult *result;
	bb_pg_cb cb;
	void *arg;
};

struct confdb {
	struct confdb_options o;
	struct bb_pg *pg;
	struct bb_watch *debounce;
	struct waiter *waiting;
	bool has_read, is_schema_ok;
	uint64_t since_us;
	char reason[160];
};

static void on_notify(void *arg, const char *channel);

/* ---- reading ---- */

static uint64_t cell_u64(PGresult *r, int row, int column)
{
	uint64_t v = 0;

	bb_parse_u64(PQgetvalue(r, row, column), "number", 0, INT64_MAX, &v, NULL);
	return v;
}

static char *cell_text(struct reading *rd, PGresult *r, int row, int column)
{
	return bb_arena_strdup(rd->arena, PQgetvalue(r, row, column));
}

/* Result of one statement of the reading; NULL when it failed. */
static PGresult *good(struct reading *rd, PGresult *r, const char *error)
{
	if (r)
		return r;
	if (!rd->has_failed)
		bb_log(EV_DATABASE_REFUSED, BB_STR("text", "the configuration cannot be read"),
			BB_STR("error", error));
	rd->has_failed = true;
	return NULL;
}

static void on_begin(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	good(arg, r, error);
}

static void on_generation(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct reading *rd = arg;
	PGresult *r = good(rd, res, error);

	if (r && PQntuples(r) == 1)
		rd->generation = cell_u64(r, 0, 0);
}

static void on_sites(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct reading *rd = arg;
	PGresult *r = good(rd, res, error);
	size_t n = r ? (size_t)PQntuples(r) : 0;

	rd->config.site = bb_arena_alloc(rd->arena, (n + 1) * sizeof(*rd->config.site));
	rd->config.n_site = n;
	for (size_t i = 0; i < n; i++) {
		Busbar__V1__ConfigSite *s = bb_arena_alloc(rd->arena, sizeof(*s));

		busbar__v1__config_site__init(s);
		s->site_id = cell_u64(r, (int)i, 0);
		s->key = cell_text(rd, r, (int)i, 1);
		s->name = cell_text(rd, r, (int)i, 2);
		rd->config.site[i] = s;
	}
}

static void on_devices(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct reading *rd = arg;
	PGresult *r = good(rd, res, error);
	size_t n = r ? (size_t)PQntuples(r) : 0;

	rd->config.device = bb_arena_alloc(rd->arena, (n + 1) * sizeof(*rd->config.device));
	rd->config.n_device = n;
	for (size_t i = 0; i < n; i++) {
		Busbar__V1__ConfigDevice *d = bb_arena_alloc(rd->arena, sizeof(*d));

		busbar__v1__config_device__init(d);
		d->device_id = cell_u64(r, (int)i, 0);
		d->key = cell_text(rd, r, (int)i, 1);
		d->site_id = cell_u64(r, (int)i, 2);
		d->collector = cell_text(rd, r, (int)i, 3);
		d->address = cell_text(rd, r, (int)i, 4);
		d->port = (uint32_t)cell_u64(r, (int)i, 5);
		d->version = cell_text(rd, r, (int)i, 6);
		d->interval_ms = (uint32_t)cell_u64(r, (int)i, 7);
		d->status_interval_ms = (uint32_t)cell_u64(r, (int)i, 8);
		d->profile = cell_text(rd, r, (int)i, 9);
		rd->config.device[i] = d;
	}
}

static void on_users(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct reading *rd = arg;
	PGresult *r = good(rd, res, error);
	size_t n = r ? (size_t)PQntuples(r) : 0;

	rd->config.user = bb_arena_alloc(rd->arena, (n + 1) * sizeof(*rd->config.user));
	rd->config.n_user = n;
	for (size_t i = 0; i < n; i++) {
		Busbar__V1__ConfigUser *u = bb_arena_alloc(rd->arena, sizeof(*u));

		busbar__v1__config_user__init(u);
		u->id = cell_u64(r, (int)i, 0);
		u->name = cell_text(rd, r, (int)i, 1);
		u->password_hash = cell_text(rd, r, (int)i, 2);
		u->role = cell_text(rd, r, (int)i, 3);
		u->must_change = PQgetvalue(r, (int)i, 4)[0] == 't';
		rd->config.user[i] = u;
	}
}

static Busbar__V1__ConfigUser *user_of(struct reading *rd, uint64_t id)
{
	for (size_t i = 0; i < rd->config.n_user; i++)
		if (rd->config.user[i]->id == id)
			return rd->config.user[i];
	return NULL;
}

/* Tokens come sorted by user, so each user's lie side by side in one array. */
static void on_tokens(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct reading *rd = arg;
	PGresult *r = good(rd, res, error);
	size_t n = r ? (size_t)PQntuples(r) : 0;
	Busbar__V1__ConfigToken **all =
		bb_arena_alloc(rd->arena, (n + 1) * sizeof(Busbar__V1__ConfigToken *));

	for (size_t i = 0; i < n; i++) {
		Busbar__V1__ConfigToken *t = bb_arena_alloc(rd->arena, sizeof(*t));
		Busbar__V1__ConfigUser *u = user_of(rd, cell_u64(r, (int)i, 1));
		int len;

		busbar__v1__config_token__init(t);
		t->id = cell_u64(r, (int)i, 0);
		t->name = cell_text(rd, r, (int)i, 2);
		t->token_hash.data = bb_arena_alloc(rd->arena, 33);
		len = bb_unhex(t->token_hash.data, 33, PQgetvalue(r, (int)i, 3));
		t->token_hash.len = len > 0 ? (size_t)len : 0;
		t->role = cell_text(rd, r, (int)i, 4);
		all[i] = t;
		if (!u)
			continue;
		if (u->n_token == 0)
			u->token = &all[i];
		u->n_token++;
	}
}

static void wake_waiters(struct confdb *c, struct waiter *list, const char *error)
{
	for (struct waiter *w = list, *next; w; w = next) {
		next = w->next;
		w->cb(w->arg, w->result, NULL,
			""); /* it was written, whether or not it could be read again */
		PQclear(w->result);
		free(w);
	}
}

/* COMMIT ends the reading. Waiters that came after its begin get the next one. */
static void on_commit(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct reading *rd = arg;
	struct confdb *c = rd->c;

	if (good(rd, r, error) && !rd->has_failed) {
		c->has_read = true;
		c->o.apply(c->o.arg, &rd->config, rd->generation);
	}
	bb_arena_free(rd->arena);
	free(rd);
}

static const struct {
	const char *sql;
	bb_pg_cb cb;
	// clang-format off
} statements[] = {
	{ "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", on_begin },
	{ "SELECT generation FROM config_generation", on_generation },
	{ "SELECT site_id, key, name FROM site", on_sites },
	{ "SELECT device_id, key, site_id, collector, address, port, version, interval_ms, status_interval_ms, profile FROM device "
		"WHERE removed_at IS NULL", on_devices },
	{ "SELECT user_id, name, password_hash, role, must_change FROM users", on_users },
	{ "SELECT token_id, user_id, name, encode(token_hash, 'hex'), role FROM api_token WHERE revoked_at IS NULL ORDER BY user_id, token_id",
		on_tokens },
	{ "COMMIT", on_commit },
};
// clang-format on

static void read_all(struct confdb *c)
{
	struct reading *rd;
	size_t n = sizeof(statements) / sizeof(statements[0]);

	if (!bb_pg_is_up(c->pg))
		return;
	if (bb_pg_queue_depth(c->pg) > QUEUE_MAX) {
		on_notify(c, NULL);
		return;
	}
	rd = bb_calloc(1, sizeof(*rd));
	rd->c = c;
	rd->arena = bb_arena_new(64 << 10, 0);
	busbar__v1__config__init(&rd->config);
	for (size_t i = 0; i < n; i++)
		/* it is connected and there is room: nothing is refused half-way */
		bb_assert(bb_pg_query(c->pg, statements[i].sql, 0, NULL, NULL, NULL,
				  statements[i].cb, rd) == 0);
}

/* ---- writing ---- */

static void on_reread(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct confdb *c = arg;
	struct waiter *list = c->waiting;

	c->waiting = NULL;
	wake_waiters(c, list, error);
}

static void on_written(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct write *wr = arg;
	struct confdb *c = wr->c;
	struct waiter *w;

	if (!r || !bb_pg_is_up(c->pg)) {
		wr->cb(wr->arg, r, error, sqlstate);
		free(wr);
		return;
	}
	w = bb_calloc(1, sizeof(*w));
	w->cb = wr->cb;
	w->arg = wr->arg;
	w->result = PQcopyResult(r, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);
	w->next = c->waiting;
	c->waiting = w;
	free(wr);
	read_all(c);
	/* an empty statement behind the reading tells when it is through, even when it failed */
	if (bb_pg_query(c->pg, "SELECT 1", 0, NULL, NULL, NULL, on_reread, c) != 0)
		on_reread(c, NULL, "not connected", "");
}

int confdb_query(struct confdb *c, const char *sql, int n, const char *const *values, bb_pg_cb cb,
	void *arg)
{
	return confdb_is_up(c) && bb_pg_queue_depth(c->pg) < QUEUE_MAX
		       ? bb_pg_query(c->pg, sql, n, values, NULL, NULL, cb, arg)
		       : -1;
}

int confdb_write(struct confdb *c, const char *sql, int n, const char *const *values, bb_pg_cb cb,
	void *arg)
{
	struct write *wr;

	if (!confdb_is_up(c) || bb_pg_queue_depth(c->pg) >= QUEUE_MAX)
		return -1;
	wr = bb_calloc(1, sizeof(*wr));
	wr->c = c;
	wr->cb = cb;
	wr->arg = arg;
	if (bb_pg_query(c->pg, sql, n, values, NULL, NULL, on_written, wr) == 0)
		return 0;
	free(wr);
	return -1;
}

/* ---- connection ---- */

static void set_state(struct confdb *c, const char *reason)
{
	c->since_us = bb_clock_real_us();
	bb_text_clean(c->reason, sizeof(c->reason), reason, strlen(reason));
	c->o.changed(c->o.arg);
}

static void on_schema(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct confdb *c = arg;
	uint64_t version = r && PQntuples(r) == 1 ? cell_u64(r, 0, 0) : 0;

	if (!r && sqlstate[0] == '\0')
		return; /* lost again; down() says so */
	c->is_schema_ok = version >= SCHEMA_NEEDED;
	if (!c->is_schema_ok) {
		bb_log(EV_SCHEMA_OLD, BB_UINT("version", version),
			BB_UINT("needed", SCHEMA_NEEDED));
		set_state(c, "the database schema is too old; run busbarctl migrate");
		return;
	}
	set_state(c, "");
	read_all(c);
}

static void ignore_result(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	if (!r && sqlstate[0])
		bb_log(EV_DATABASE_REFUSED, BB_STR("text", "LISTEN was refused"),
			BB_STR("error", error));
}

static void check_schema(struct confdb *c)
{
	bb_pg_query(c->pg, "SELECT coalesce(max(version), 0) FROM schema_version", 0, NULL, NULL,
		NULL, on_schema, c);
}

static void on_up(void *arg)
{
	struct confdb *c = arg;

	bb_pg_query(c->pg, "LISTEN busbar_config", 0, NULL, NULL, NULL, ignore_result, c);
	check_schema(c);
}

static void on_down(void *arg, const char *reason)
{
	struct confdb *c = arg;
	struct waiter *list = c->waiting;

	c->is_schema_ok = false;
	c->waiting = NULL;
	wake_waiters(c, list, reason);
	set_state(c, reason && *reason ? reason : "not connected");
}

static void on_debounce(void *arg)
{
	struct confdb *c = arg;

	c->debounce = NULL;
	if (confdb_is_up(c))
		read_all(c);
}

static void on_notify(void *arg, const char *channel)
{
	struct confdb *c = arg;

	if (!c->debounce)
		c->debounce = bb_loop_after(c->o.loop, DEBOUNCE_MS, on_debounce, c);
}

struct confdb *confdb_new(const struct confdb_options *o)
{
	struct confdb *c = bb_calloc(1, sizeof(*c));
	struct bb_pg_options po = { .conninfo = o->conninfo,
		.application_name = "webd",
		.statement_timeout_ms = 30000,
		.up = on_up,
		.down = on_down,
		.notify = on_notify,
		.arg = c };

	c->o = *o;
	c->since_us = bb_clock_real_us();
	bb_copy(c->reason, sizeof(c->reason), "not connected yet");
	c->pg = bb_pg_new(o->loop, &po);
	return c;
}

void confdb_free(struct confdb *c)
{
	if (!c)
		return;
	bb_loop_cancel(c->debounce);
	c->debounce = NULL;
	bb_pg_free(c->pg);
	wake_waiters(c, c->waiting, "stopping");
	free(c);
}

bool confdb_is_up(const struct confdb *c)
{
	return c->is_schema_ok && bb_pg_is_up(c->pg);
}

const char *confdb_reason(const struct confdb *c)
{
	return confdb_is_up(c) ? "" : c->reason;
}

uint64_t confdb_since_us(const struct confdb *c)
{
	return c->since_us;
}

bool confdb_has_read(const struct confdb *c)
{
	return c->has_read;
}
