// SPDX-License-Identifier: Apache-2.0
/* Device groups: sets of devices that people name. What a group holds (devices, sites, other groups)
 * is worked out once per configuration; from there each device knows its groups, so that a change
 * of a device costs one addition per group. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

/* One configuration being taken. */
struct resolve {
	struct core *c;
	const Busbar__V1__Config *conf;
	struct bb_table *groups; /* ConfigGroup by id */
	struct bb_table *sites;  /* ConfigSite by id */
	struct bb_table *seen;   /* groups and devices of the group being resolved, by address */
	struct named_group *out;
};

static bool seen_before(struct resolve *r, const void *p)
{
	return bb_table_put_u64(r->seen, (uintptr_t)p, (void *)(uintptr_t)p) != NULL;
}

static void add_device(struct resolve *r, struct device *d)
{
	struct named_group *g = r->out;

	if (!d || !d->id || !d->is_configured || seen_before(r, d))
		return;
	/* Room for twice as many whenever the number reaches a power of two. */
	if ((g->n_devices & (g->n_devices + 1)) == 0)
		g->device = bb_realloc(g->device, 2 * (g->n_devices + 1) * sizeof(*g->device));
	g->device[g->n_devices++] = d;
}

static bool is_below(const struct group *g, const struct group *site)
{
	for (; g; g = g->parent)
		if (g == site)
			return true;
	return false;
}

static void add_site(struct resolve *r, uint64_t site_id)
{
	const Busbar__V1__ConfigSite *s = bb_table_get_u64(r->sites, site_id);
	const struct group *site = s ? group_find(r->c->groups, s->key) : NULL;

	for (struct device *d = site ? r->c->all : NULL; d; d = d->next)
		if (is_below(d->group, site))
			add_device(r, d);
}

/* A group that holds itself is entered once: what it holds is still a set. */
static void add_group(struct resolve *r, const Busbar__V1__ConfigGroup *g)
{
	if (!g || seen_before(r, g))
		return;
	for (size_t i = 0; i < g->n_device_id; i++)
		add_device(r, core_device(r->c, g->device_id[i]));
	for (size_t i = 0; i < g->n_site_id; i++)
		add_site(r, g->site_id[i]);
	for (size_t i = 0; i < g->n_member_id; i++)
		add_group(r, bb_table_get_u64(r->groups, g->member_id[i]));
}

static void named_free(void *p)
{
	struct named_group *g = p;

	free(g->device);
	free(g);
}

/* The group's share of its devices' numbers, on both sides. */
static void join_all(struct core *c, struct named_group *g)
{
	for (size_t i = 0; i < g->n_devices; i++) {
		struct device *d = g->device[i];

		d->named = bb_realloc(d->named, (d->n_named + 1) * sizeof(struct group *));
		d->named[d->n_named++] = g->state;
		group_join(c->named_tree, g->state, d->share);
	}
}

static bool key_fits(const char *key)
{
	return key && bb_key_valid(key) && !strchr(key, '/');
}

static void clear_id(void *arg, struct group *g)
{
	g->site_id = 0;
}

void named_leave(struct core *c, struct device *d)
{
	for (size_t i = 0; i < d->n_named; i++)
		group_leave(c->named_tree, d->named[i], d->share);
	free(d->named);
	d->named = NULL;
	d->n_named = 0;
}

void named_config(struct core *c, const Busbar__V1__Config *conf, struct bb_table *sites)
{
	struct resolve r = { .c = c, .conf = conf, .groups = bb_table_new(), .sites = sites };

	for (struct device *d = c->all; d; d = d->next)
		named_leave(c, d);
	bb_table_free(c->named, named_free);
	c->named = bb_table_new();
	group_each(c->named_tree, clear_id, NULL);
	for (size_t i = 0; i < conf->n_group; i++)
		bb_table_put_u64(r.groups, conf->group[i]->group_id, conf->group[i]);
	for (size_t i = 0; i < conf->n_group; i++) {
		const Busbar__V1__ConfigGroup *g = conf->group[i];

		if (!key_fits(g->key) || !g->group_id || bb_table_get(c->named, g->key))
			continue;
		r.out = bb_calloc(1, sizeof(*r.out));
		r.out->id = g->group_id;
		r.out->state = group_get(c->named_tree, g->key);
		group_set_site(c->named_tree, r.out->state, g->group_id, g->name);
		r.seen = bb_table_new();
		add_group(&r, g);
		bb_table_free(r.seen, NULL);
		join_all(c, r.out);
		bb_table_put(c->named, g->key, r.out);
	}
	group_tree_sweep(c->named_tree, c->env.group_gone, c->env.arg);
	bb_table_free(r.groups, NULL);
}

void named_free_all(struct core *c)
{
	bb_table_free(c->named, named_free);
	group_tree_free(c->named_tree);
}

struct group_tree *core_named_tree(struct core *c)
{
	return c->named_tree;
}

const struct named_group *core_named_group(const struct core *c, const char *key)
{
	return bb_table_get(c->named, key);
}

bool device_in_group(const struct device *d, const char *key)
{
	for (size_t i = 0; i < d->n_named; i++)
		if (strcmp(d->named[i]->key, key) == 0)
			return true;
	return false;
}
