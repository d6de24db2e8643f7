// SPDX-License-Identifier: Apache-2.0
#include "alarmd/config_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"

struct config_read {
	struct bb_arena *arena;
	struct config_rows rows;
	config_read_done done;
	void *arg;
	char error[512];
	size_t waiting; /* callbacks still to come */
};

/* One row of a result. */
struct row {
	struct config_read *c;
	const PGresult *res;
	int n;
};

static const char *cell(const struct row *r, int col)
{
	return PQgetisnull(r->res, r->n, col) ? NULL : PQgetvalue(r->res, r->n, col);
}

static char *text_of(const struct row *r, int col)
{
	const char *s = cell(r, col);

	return s ? bb_arena_strdup(r->c->arena, s) : NULL;
}

static uint64_t number_of(const struct row *r, int col)
{
	const char *s = cell(r, col);

	return s ? strtoull(s, NULL, 10) : 0;
}

/* A bytea column selected as encode(x, 'hex'). Returns whether it is there. */
static protobuf_c_boolean bytes_of(const struct row *r, int col, ProtobufCBinaryData *out)
{
	const char *s = cell(r, col);
	size_t cap = s ? strlen(s) / 2 : 0;

	if (!s)
		return 0;
	out->data = bb_arena_alloc(r->c->arena, cap + 1);
	int n = bb_unhex(out->data, cap, s);
	out->len = n > 0 ? (size_t)n : 0;
	return 1;
}

static void **list_new(struct config_read *c, int n)
{
	return bb_arena_alloc(c->arena, ((size_t)n + 1) * sizeof(void *));
}

#define NEW(c, type, init)                                                                         \
	({                                                                                         \
		type *m_ = bb_arena_alloc((c)->arena, sizeof(*m_));                                \
		init(m_);                                                                          \
		m_;                                                                                \
	})

static void take_generation(struct row *r)
{
	r->c->rows.generation = number_of(r, 0);
}

static void take_site(struct row *r)
{
	Busbar__V1__ConfigSite *m =
		NEW(r->c, Busbar__V1__ConfigSite, busbar__v1__config_site__init);

	m->has_site_id = 1;
	m->site_id = number_of(r, 0);
	m->key = text_of(r, 1);
	m->name = text_of(r, 2);
	m->has_link_device_id = cell(r, 3) != NULL;
	m->link_device_id = number_of(r, 3);
	r->c->rows.all.site[r->c->rows.all.n_site++] = m;
}

static void take_device(struct row *r)
{
	Busbar__V1__ConfigDevice *m =
		NEW(r->c, Busbar__V1__ConfigDevice, busbar__v1__config_device__init);

	m->has_device_id = m->has_site_id = m->has_port = m->has_interval_ms =
		m->has_status_interval_ms = 1;
	m->device_id = number_of(r, 0);
	m->key = text_of(r, 1);
	m->site_id = number_of(r, 2);
	m->collector = text_of(r, 3);
	m->address = text_of(r, 4);
	m->port = (uint32_t)number_of(r, 5);
	m->version = text_of(r, 6);
	m->has_community_sealed = bytes_of(r, 7, &m->community_sealed);
	m->interval_ms = (uint32_t)number_of(r, 8);
	m->status_interval_ms = (uint32_t)number_of(r, 9);
	m->profile = text_of(r, 10);
	if (*cell(r, 11)) {
		m->v3_user = text_of(r, 11);
		m->v3_auth = text_of(r, 12);
		m->v3_priv = text_of(r, 13);
		m->v3_context = text_of(r, 14);
		m->has_engine_id = *cell(r, 15) ? bytes_of(r, 15, &m->engine_id) : 0;
		m->has_v3_sealed = bytes_of(r, 16, &m->v3_sealed);
		bytes_of(r, 17, &r->c->rows.trap_sealed[r->c->rows.all.n_device]);
	}
	m->has_parent_id = cell(r, 18) != NULL;
	m->parent_id = number_of(r, 18);
	m->out_of_service = text_of(r, 19);
	m->out_of_service_by = text_of(r, 20);
	m->has_out_of_service_unix_us = cell(r, 21) != NULL;
	m->out_of_service_unix_us = number_of(r, 21);
	r->c->rows.all.device[r->c->rows.all.n_device++] = m;
}

/* Rows come in the order of devices, as those did. */
static Busbar__V1__ConfigDevice *device_of(struct config_read *c, uint64_t id)
{
	size_t low = 0, high = c->rows.all.n_device;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (c->rows.all.device[mid]->device_id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->rows.all.n_device && c->rows.all.device[low]->device_id == id
		       ? c->rows.all.device[low]
		       : NULL;
}

static void take_correction(struct row *r)
{
	Busbar__V1__ConfigDevice *d = device_of(r->c, number_of(r, 0));
	Busbar__V1__ConfigCorrection *m =
		NEW(r->c, Busbar__V1__ConfigCorrection, busbar__v1__config_correction__init);

	if (!d)
		return;
	/* The rows of one device are the count of its first row. */
	if (!d->correction)
		d->correction =
			(Busbar__V1__ConfigCorrection **)list_new(r->c, (int)number_of(r, 4));
	m->point = text_of(r, 1);
	m->kind = text_of(r, 2);
	m->has_factor = 1;
	m->factor = strtod(cell(r, 3), NULL);
	d->correction[d->n_correction++] = m;
}

static void take_setting(struct row *r)
{
	Busbar__V1__ConfigSetting *m =
		NEW(r->c, Busbar__V1__ConfigSetting, busbar__v1__config_setting__init);
	char *reader = text_of(r, 3);

	m->name = text_of(r, 0);
	m->value = text_of(r, 1);
	m->has_value_sealed = bytes_of(r, 2, &m->value_sealed);
	r->c->rows.setting_reader[r->c->rows.all.n_setting] = reader ? reader : "";
	r->c->rows.all.setting[r->c->rows.all.n_setting++] = m;
}

static void take_recipient(struct row *r)
{
	Busbar__V1__ConfigRecipient *m =
		NEW(r->c, Busbar__V1__ConfigRecipient, busbar__v1__config_recipient__init);

	m->has_id = m->has_min_severity = 1;
	m->id = number_of(r, 0);
	m->name = text_of(r, 1);
	m->address = text_of(r, 2);
	m->min_severity = (uint32_t)number_of(r, 3);
	r->c->rows.all.recipient[r->c->rows.all.n_recipient++] = m;
}

static void take_plan(struct row *r)
{
	Busbar__V1__ConfigPlan *m =
		NEW(r->c, Busbar__V1__ConfigPlan, busbar__v1__config_plan__init);

	m->has_id = m->has_version = m->has_simulated_version = m->has_need = 1;
	m->has_hold_s = m->has_restore_hold_s = m->has_validity_s = 1;
	m->id = number_of(r, 0);
	m->key = text_of(r, 1);
	m->version = number_of(r, 2);
	m->mode = text_of(r, 3);
	m->simulated_version = number_of(r, 4);
	m->need = (uint32_t)number_of(r, 5);
	m->hold_s = (uint32_t)number_of(r, 6);
	m->restore_hold_s = (uint32_t)number_of(r, 7);
	m->validity_s = (uint32_t)number_of(r, 8);
	r->c->rows.all.plan[r->c->rows.all.n_plan++] = m;
}

static Busbar__V1__ConfigPlan *plan_of(struct config_read *c, uint64_t id)
{
	for (size_t i = 0; i < c->rows.all.n_plan; i++)
		if (c->rows.all.plan[i]->id == id)
			return c->rows.all.plan[i];
	return NULL;
}

static void take_plan_device(struct row *r)
{
	Busbar__V1__ConfigPlan *p = plan_of(r->c, number_of(r, 0));

	if (!p)
		return;
	if (!p->device_id)
		p->device_id = bb_arena_alloc(r->c->arena,
			(size_t)PQntuples(r->res) * sizeof(*p->device_id));
	p->device_id[p->n_device_id++] = number_of(r, 1);
}

static void take_target(struct row *r)
{
	Busbar__V1__ConfigPlan *p = plan_of(r->c, number_of(r, 0));
	Busbar__V1__ConfigTarget *m =
		NEW(r->c, Busbar__V1__ConfigTarget, busbar__v1__config_target__init);

	if (!p)
		return;
	if (!p->target)
		p->target = (Busbar__V1__ConfigTarget **)list_new(r->c, PQntuples(r->res));
	m->has_id = m->has_port = 1;
	m->id = number_of(r, 1);
	m->name = text_of(r, 2);
	m->address = text_of(r, 3);
	m->port = (uint32_t)number_of(r, 4);
	m->method = text_of(r, 5);
	m->template_name = text_of(r, 6);
	m->text = text_of(r, 7);
	p->target[p->n_target++] = m;
}

static void take_window(struct row *r)
{
	Busbar__V1__ConfigTrapWindow *m =
		NEW(r->c, Busbar__V1__ConfigTrapWindow, busbar__v1__config_trap_window__init);

	m->has_window_id = m->has_device_id = m->has_days = m->has_at_minute = m->has_minutes = 1;
	m->window_id = number_of(r, 0);
	m->device_id = number_of(r, 1);
	m->name = text_of(r, 2);
	m->days = (uint32_t)number_of(r, 3);
	m->at_minute = (uint32_t)number_of(r, 4);
	m->minutes = (uint32_t)number_of(r, 5);
	m->tz = text_of(r, 6);
	r->c->rows.all.trap_window[r->c->rows.all.n_trap_window++] = m;
}

static void take_rule(struct row *r)
{
	Busbar__V1__ConfigRule *m = NEW(r->c, Busbar__V1__ConfigRule, busbar__v1__config_rule__init);

	m->has_entry = m->has_removed = 1;
	m->entry = number_of(r, 0);
	m->json = text_of(r, 1);
	m->user = text_of(r, 2);
	m->removed = *cell(r, 3) == 't';
	r->c->rows.all.rule[r->c->rows.all.n_rule++] = m;
}

/* ---- device groups and redundancy groups ---- */

static void take_group(struct row *r)
{
	Busbar__V1__ConfigGroup *m =
		NEW(r->c, Busbar__V1__ConfigGroup, busbar__v1__config_group__init);

	m->has_group_id = 1;
	m->group_id = number_of(r, 0);
	m->key = text_of(r, 1);
	m->name = text_of(r, 2);
	r->c->rows.all.group[r->c->rows.all.n_group++] = m;
}

static void add_id(struct row *r, int col, uint64_t **list, size_t *n)
{
	if (!cell(r, col))
		return;
	if (!*list)
		*list = bb_arena_alloc(r->c->arena,
			(size_t)number_of(r, 4) * sizeof(**list)); /* at most so many of the group */
	(*list)[(*n)++] = number_of(r, col);
}

static void take_group_member(struct row *r)
{
	Busbar__V1__ConfigGroup *g = NULL;
	uint64_t id = number_of(r, 0);

	for (size_t i = 0; i < r->c->rows.all.n_group; i++)
		if (r->c->rows.all.group[i]->group_id == id)
			g = r->c->rows.all.group[i];
	if (!g)
		return;
	add_id(r, 1, &g->device_id, &g->n_device_id);
	add_id(r, 2, &g->site_id, &g->n_site_id);
	add_id(r, 3, &g->member_id, &g->n_member_id);
}

static void take_redundancy(struct row *r)
{
	Busbar__V1__ConfigRedundancy *m =
		NEW(r->c, Busbar__V1__ConfigRedundancy, busbar__v1__config_redundancy__init);

	m->has_redundancy_id = m->has_site_id = m->has_need = m->has_hold_s = m->has_severity = 1;
	m->redundancy_id = number_of(r, 0);
	m->key = text_of(r, 1);
	m->name = text_of(r, 2);
	m->site_id = number_of(r, 3);
	m->need = (uint32_t)number_of(r, 4);
	m->hold_s = (uint32_t)number_of(r, 5);
	m->severity = (uint32_t)number_of(r, 6);
	/* Words without blanks, joined by blanks. */
	char *save = NULL, *list = text_of(r, 7);
	m->fails_on = (char **)list_new(r->c, (int)strlen(list));
	for (char *w = strtok_r(list, " ", &save); w; w = strtok_r(NULL, " ", &save))
		m->fails_on[m->n_fails_on++] = w;
	r->c->rows.all.redundancy[r->c->rows.all.n_redundancy++] = m;
}

static void take_redundancy_member(struct row *r)
{
	Busbar__V1__ConfigRedundancy *g = NULL;
	Busbar__V1__ConfigRedundancyMember *m = NEW(r->c, Busbar__V1__ConfigRedundancyMember,
		busbar__v1__config_redundancy_member__init);
	uint64_t id = number_of(r, 0);

	for (size_t i = 0; i < r->c->rows.all.n_redundancy; i++)
		if (r->c->rows.all.redundancy[i]->redundancy_id == id)
			g = r->c->rows.all.redundancy[i];
	if (!g)
		return;
	if (!g->member)
		g->member = (Busbar__V1__ConfigRedundancyMember **)list_new(r->c,
			(int)number_of(r, 7));
	m->has_device_id = cell(r, 1) != NULL;
	m->device_id = number_of(r, 1);
	m->point = text_of(r, 2);
	m->op = text_of(r, 3);
	m->value = text_of(r, 4);
	m->has_group_id = cell(r, 5) != NULL;
	m->group_id = number_of(r, 5);
	m->has_redundancy_id = cell(r, 6) != NULL;
	m->redundancy_id = number_of(r, 6);
	g->member[g->n_member++] = m;
}

static void take_maintenance(struct row *r)
{
	Busbar__V1__ConfigMaintenance *m =
		NEW(r->c, Busbar__V1__ConfigMaintenance, busbar__v1__config_maintenance__init);

	m->has_id = m->has_device_id = m->has_starts_unix_us = m->has_ends_unix_us = 1;
	m->has_days = m->has_at_minute = m->has_minutes = 1;
	m->id = number_of(r, 0);
	m->name = text_of(r, 1);
	m->profile = text_of(r, 2);
	m->site = text_of(r, 3);
	m->group = text_of(r, 4);
	m->device_id = number_of(r, 5);
	m->starts_unix_us = number_of(r, 6);
	m->ends_unix_us = number_of(r, 7);
	m->days = (uint32_t)number_of(r, 8);
	m->at_minute = (uint32_t)number_of(r, 9);
	m->minutes = (uint32_t)number_of(r, 10);
	m->tz = text_of(r, 11);
	r->c->rows.all.maintenance[r->c->rows.all.n_maintenance++] = m;
}

static void take_user(struct row *r)
{
	Busbar__V1__ConfigUser *m =
		NEW(r->c, Busbar__V1__ConfigUser, busbar__v1__config_user__init);
	const char *must_change = cell(r, 4);

	m->has_id = m->has_must_change = 1;
	m->id = number_of(r, 0);
	m->name = text_of(r, 1);
	m->password_hash = text_of(r, 2);
	m->role = text_of(r, 3);
	m->must_change = must_change && must_change[0] == 't';
	r->c->rows.all.user[r->c->rows.all.n_user++] = m;
}

static void take_token(struct row *r)
{
	Busbar__V1__ConfigUser *u = NULL;
	uint64_t user_id = number_of(r, 0);

	for (size_t i = 0; i < r->c->rows.all.n_user; i++)
		if (r->c->rows.all.user[i]->id == user_id)
			u = r->c->rows.all.user[i];
	if (!u)
		return;
	if (!u->token)
		u->token = (Busbar__V1__ConfigToken **)list_new(r->c, PQntuples(r->res));
	Busbar__V1__ConfigToken *m =
		NEW(r->c, Busbar__V1__ConfigToken, busbar__v1__config_token__init);
	m->has_id = 1;
	m->id = number_of(r, 1);
	m->has_token_hash = bytes_of(r, 2, &m->token_hash);
	m->role = text_of(r, 3);
	m->name = text_of(r, 4);
	u->token[u->n_token++] = m;
}

#define LIST(field) offsetof(Busbar__V1__Config, field)
#define NO_LIST     SIZE_MAX

// clang-format off
/* In this order: plans before what belongs to them, users before their tokens. */
static const struct {
	const char *sql;
	size_t list;                    /* member of Config to give room for the rows, or NO_LIST */
	void (*take)(struct row *r);
} reads[] = {
	{ "SELECT generation FROM config_generation", NO_LIST, take_generation },
	{ "SELECT site_id, key, name, link_device FROM site ORDER BY site_id", LIST(site), take_site },
	{ "SELECT device_id, key, site_id, collector, address, port, version, encode(community_sealed, 'hex'), interval_ms, "
	  "status_interval_ms, profile, v3_user, v3_auth, v3_priv, v3_context, v3_engine_id, encode(v3_sealed, 'hex'), "
	  "encode(v3_trap_sealed, 'hex'), parent_id, out_of_service, out_of_service_by, "
	  "(extract(epoch FROM out_of_service_at) * 1000000)::bigint FROM device WHERE removed_at IS NULL ORDER BY device_id",
		LIST(device), take_device },
	{ "SELECT device_id, point, kind, factor, count(*) OVER (PARTITION BY device_id) FROM device_correction ORDER BY device_id, point, kind",
		NO_LIST, take_correction },
	{ "SELECT name, value, encode(value_sealed, 'hex'), reader FROM setting ORDER BY name", LIST(setting), take_setting },
	{ "SELECT recipient_id, name, address, min_severity FROM recipient ORDER BY recipient_id", LIST(recipient), take_recipient },
	{ "SELECT plan_id, key, version, mode, simulated_version, need, hold_s, restore_hold_s, validity_s FROM plan ORDER BY plan_id",
		LIST(plan), take_plan },
	{ "SELECT plan_id, device_id FROM plan_device ORDER BY plan_id, device_id", NO_LIST, take_plan_device },
	{ "SELECT plan_id, target_id, name, address, port, method, template_name, text FROM plan_target ORDER BY plan_id, target_id",
		NO_LIST, take_target },
	{ "SELECT w.window_id, w.device_id, w.name, w.days, w.at_minute, w.minutes, w.tz FROM trap_window w JOIN device d USING (device_id) "
	  "WHERE d.removed_at IS NULL ORDER BY w.window_id", LIST(trap_window), take_window },
	{ "SELECT entry, doc, user_name, removed FROM rule_docs()", LIST(rule), take_rule },
	{ "SELECT group_id, key, name FROM device_group ORDER BY group_id", LIST(group), take_group },
	{ "SELECT group_id, device_id, site_id, member_id, count(*) OVER (PARTITION BY group_id) FROM device_group_member "
	  "ORDER BY group_id, device_id, site_id, member_id", NO_LIST, take_group_member },
	{ "SELECT redundancy_id, key, name, site_id, need, hold_s, severity, array_to_string(fails_on, ' ') FROM redundancy_group "
	  "ORDER BY redundancy_id", LIST(redundancy), take_redundancy },
	{ "SELECT redundancy_id, device_id, point, op, value, group_id, member_id, count(*) OVER (PARTITION BY redundancy_id) "
	  "FROM redundancy_member ORDER BY redundancy_id, position", NO_LIST, take_redundancy_member },
	{ "SELECT m.maintenance_id, m.name, m.profile, s.key, g.key, m.device_id, (extract(epoch FROM m.starts_at) * 1000000)::bigint, "
	  "(extract(epoch FROM m.ends_at) * 1000000)::bigint, m.days, m.at_minute, m.minutes, m.tz FROM maintenance m "
	  "LEFT JOIN site s USING (site_id) LEFT JOIN device_group g USING (group_id) "
	  "WHERE m.ends_at IS NULL OR m.ends_at > now() - interval '1 day' ORDER BY m.maintenance_id",
		LIST(maintenance), take_maintenance },
	{ "SELECT user_id, name, password_hash, role, must_change FROM users ORDER BY user_id", LIST(user), take_user },
	{ "SELECT user_id, token_id, encode(token_hash, 'hex'), role, name FROM api_token WHERE revoked_at IS NULL ORDER BY token_id",
		NO_LIST, take_token },
};
// clang-format on

enum { READS = sizeof(reads) / sizeof(reads[0]) };

/* A statement of the transaction and whom it belongs to. */
struct step {
	struct config_read *c;
	size_t i;
};

static void finish_one(struct config_read *c, const char *error)
{
	if (error && !c->error[0])
		bb_copy(c->error, sizeof(c->error), error);
	if (--c->waiting)
		return;
	bool is_read = !c->error[0];

	c->done(c->arg, is_read ? &c->rows : NULL, is_read ? NULL : c->error);
	if (!is_read)
		bb_arena_free(c->arena);
}

void config_rows_free(const struct config_rows *rows)
{
	if (rows)
		bb_arena_free(((const struct config_read *)((const char *)rows -
				       offsetof(struct config_read, rows)))->arena);
}

static void on_frame(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct config_read *c = arg;

	/* COMMIT of a failed transaction is answered with ROLLBACK, not with an error; the failed
	 * read has told. */
	finish_one(c, error);
}

static void on_rows(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct step *s = arg;
	struct config_read *c = s->c;

	if (res) {
		int n = PQntuples(res);
		if (reads[s->i].list != NO_LIST)
			*(void ***)((char *)&c->rows.all + reads[s->i].list) = list_new(c, n);
		if (reads[s->i].take == take_setting)
			c->rows.setting_reader = (const char **)list_new(c, n);
		if (reads[s->i].take == take_device)
			c->rows.trap_sealed = bb_arena_alloc(c->arena,
				((size_t)n + 1) * sizeof(*c->rows.trap_sealed));
		for (int k = 0; k < n; k++)
			reads[s->i].take(&(struct row){ .c = c, .res = res, .n = k });
	}
	finish_one(c, error);
}

int config_read_start(struct bb_pg *pg, config_read_done done, void *arg)
{
	struct bb_arena *arena = bb_arena_new(65536, 0);
	struct config_read *c = bb_arena_alloc(arena, sizeof(*c));
	struct step *steps = bb_arena_alloc(arena, READS * sizeof(*steps));

	*c = (struct config_read){ .arena = arena, .done = done, .arg = arg };
	busbar__v1__config__init(&c->rows.all);
	/* One more than is queued, so that a queue that refuses half of it cannot end the read
	 * inside this loop. */
	c->waiting = 1;
	int rc = bb_pg_query(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL, NULL,
		NULL, on_frame, c);
	if (rc < 0) {
		bb_arena_free(arena);
		return -1;
	}
	c->waiting++;
	for (size_t i = 0; rc == 0 && i < READS; i++) {
		steps[i] = (struct step){ .c = c, .i = i };
		rc = bb_pg_query(pg, reads[i].sql, 0, NULL, NULL, NULL, on_rows, &steps[i]);
		c->waiting += rc == 0;
	}
	if (rc == 0)
		rc = bb_pg_query(pg, "COMMIT", 0, NULL, NULL, NULL, on_frame, c);
	c->waiting += rc == 0;
	finish_one(c, rc < 0 ? "the queue of statements is full" : NULL);
	return 0;
}
