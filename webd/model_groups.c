// SPDX-License-Identifier: Apache-2.0
/* Device groups and redundancy groups as alarmd tells them. What they are made of stands in
 * PostgreSQL; here is only how they are. */
#include <stdlib.h>
#include <string.h>

#include "webd/model_priv.h"

static void named_free(void *p)
{
	struct model_group *g = p;

	free(g->key);
	free(g->name);
	free(g);
}

static void redundancy_free(void *p)
{
	struct model_redundancy *r = p;

	free(r->key);
	free(r->name);
	free(r);
}

void model_groups_free(struct model *m)
{
	bb_table_free(m->named, named_free);
	bb_table_free(m->redundancies, redundancy_free);
}

void model_take_named(struct model *m, const Busbar__V1__GroupState *s)
{
	struct model_group *g = bb_table_get(m->named, s->key);

	if (!g) {
		g = bb_calloc(1, sizeof(*g));
		g->is_named = g->is_configured = true;
		g->key = bb_strdup(s->key);
		bb_table_put(m->named, g->key, g);
	}
	model_group_state(g, s);
	m->listener.group(m->listener.arg, g);
}

void model_take_redundancy(struct model *m, const struct bb_msg *msg)
{
	struct bb_err err;
	const Busbar__V1__RedundancyState *s =
		bb_unpack_redundancy_state(m->arena, msg->body, msg->body_len, &err);

	if (!s || !*s->key) {
		m->bad++;
		return;
	}
	struct model_redundancy *r = bb_table_get(m->redundancies, s->key);
	if (!r) {
		r = bb_calloc(1, sizeof(*r));
		r->key = bb_strdup(s->key);
		bb_table_put(m->redundancies, r->key, r);
	}
	r->id = s->redundancy_id;
	model_set_text(&r->name, s->name);
	r->site_id = s->site_id;
	r->result = s->result;
	r->need = s->need;
	r->working = s->working;
	r->failed = s->failed;
	r->unknown = s->unknown;
	r->has_load = s->has_load_w;
	r->load_w = s->load_w;
	r->has_capacity = s->has_capacity_w;
	r->capacity_w = s->capacity_w;
	r->since_us = s->since_unix_us;
	r->severity = s->severity;
	r->has_unack = s->unack;
	r->is_changed = true;
	if (m->listener.redundancy)
		m->listener.redundancy(m->listener.arg, r);
}

void model_groups_gone(struct model *m, const char *plane, const char *key)
{
	if (strcmp(plane, "devgroup") == 0) {
		struct model_group *g = bb_table_del(m->named, key);
		if (g) {
			m->listener.group_gone(m->listener.arg, g);
			named_free(g);
		}
	} else if (strcmp(plane, "redundancy") == 0) {
		struct model_redundancy *r = bb_table_del(m->redundancies, key);
		if (r) {
			if (m->listener.redundancy_gone)
				m->listener.redundancy_gone(m->listener.arg, r);
			redundancy_free(r);
		}
	}
}

struct model_group *model_named(const struct model *m, const char *key)
{
	return bb_table_get(m->named, key);
}

struct model_redundancy *model_redundancy(const struct model *m, const char *key)
{
	return bb_table_get(m->redundancies, key);
}

void model_named_each(const struct model *m, void (*cb)(void *arg, struct model_group *g),
	void *arg)
{
	struct bb_table_iter i = { 0 };
	struct model_group *g;

	while ((g = bb_table_next(m->named, &i, NULL, NULL)))
		cb(arg, g);
}

void model_redundancy_each(const struct model *m, void (*cb)(void *arg, struct model_redundancy *r),
	void *arg)
{
	struct bb_table_iter i = { 0 };
	struct model_redundancy *r;

	while ((r = bb_table_next(m->redundancies, &i, NULL, NULL)))
		cb(arg, r);
}

const char *model_site_key(const struct model *m, uint64_t site_id)
{
	struct bb_table_iter i = { 0 };
	const struct model_group *g;

	while (site_id && (g = bb_table_next(m->groups, &i, NULL, NULL)))
		if (g->id == site_id)
			return g->key;
	return "";
}
