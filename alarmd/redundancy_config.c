// SPDX-License-Identifier: Apache-2.0
/* Redundancy groups of a configuration generation. All of them are made anew; what a group was, and
 * the object with its alarms, go over from the one of the same key. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "alarmd/redundancy.h"
#include "common/point.h"
#include "common/str.h"

#define MEMBERS_MAX     4096
#define UNKNOWN_HOLD_MS 60000 /* a restart, or three missed polls of a device, are no news */
#define CLEAR_HOLD_MS   5000

/* ---- objects ---- */

struct device *redundancy_object(struct core *c, const char *key)
{
	char name[96];

	if (!bb_key_valid(key) || strchr(key, '/') ||
		snprintf(name, sizeof(name), REDUNDANCY_PREFIX "%s", key) >= (int)sizeof(name))
		return NULL;
	for (struct device *d = c->all; d; d = d->next)
		if (d->is_object && strcmp(d->key, name) == 0)
			return d;
	struct device *d = device_new(c, 0, name);
	d->is_object = d->share.is_object = true;
	d->comm = COMM_OK;
	return d;
}

static bool is_below(const struct group *g, const struct group *site)
{
	for (; g; g = g->parent)
		if (g == site)
			return true;
	return false;
}

/* The deepest site that holds all of its devices; where they have none in common the first one's
 * uppermost: a loss must be seen somewhere. */
static struct group *common_site(struct core *c, const struct redundancy *r)
{
	struct group *g = NULL;

	for (size_t i = 0; i < r->n_leaves; i++) {
		struct group *own = r->leaf[i].device->group, *up = g ? g : own;

		while (up && !is_below(own, up))
			up = up->parent;
		if (!up)
			for (up = g; up->parent;)
				up = up->parent;
		g = up;
	}
	return g ? g : group_get(c->groups, "busbar");
}

static void place(struct core *c, struct redundancy *r, const Busbar__V1__ConfigSite *site)
{
	struct device *o = r->object;
	struct group *g = site ? group_get(c->groups, site->key) : common_site(c, r);

	o->site_id = g->site_id;
	if (o->group == g)
		return;
	if (o->group)
		group_leave(c->groups, o->group, o->share);
	o->group = g;
	group_join(c->groups, g, o->share);
}

/* ---- one group ---- */

static void refer(struct device *d, struct redundancy *r, size_t member)
{
	d->refs = bb_realloc(d->refs, (d->n_refs + 1) * sizeof(*d->refs));
	d->refs[d->n_refs++] = (struct member_ref){ .r = r, .member = member };
}

static struct redundancy_member *member_add(struct redundancy *r, enum redundancy_kind kind)
{
	if (r->n_members == MEMBERS_MAX)
		return NULL;
	if ((r->n_members & (r->n_members + 1)) == 0)
		r->member = bb_realloc(r->member, 2 * (r->n_members + 1) * sizeof(*r->member));
	struct redundancy_member *m = &r->member[r->n_members++];
	*m = (struct redundancy_member){ .kind = kind };
	return m;
}

/* A device is one member however often it is reached. */
static void add_device(struct redundancy *r, struct device *d, uint64_t mark)
{
	for (size_t i = 0; i < d->n_refs; i++)
		if (d->refs[i].r == r && r->member[d->refs[i].member].kind == REDUNDANCY_DEVICE)
			return;
	struct redundancy_member *m = member_add(r, REDUNDANCY_DEVICE);
	if (!m)
		return;
	m->device = d;
	refer(d, r, r->n_members - 1);
	watch_power(d, mark);
}

static void add_condition(struct redundancy *r, struct device *d,
	const Busbar__V1__ConfigRedundancyMember *from, uint64_t mark)
{
	struct redundancy_member *m = member_add(r, REDUNDANCY_CONDITION);
	size_t n = strcspn(from->point, "#");
	int op = condition_op_parse(from->op);

	if (!m)
		return;
	m->op = op < 0 ? CONDITION_HAS : (enum condition_op)op;
	m->wanted = bb_strdup(from->value);
	m->point = bb_strdup(from->point);
	m->point[n] = '\0';
	m->index = bb_strdup(from->point[n] ? from->point + n + 1 : "");
	m->device = d;
	if (!d)
		return;
	refer(d, r, r->n_members - 1);
	watch_point(d, m->point, m->index, mark);
}

static const struct named_group *group_by_id(const struct core *c, uint64_t id)
{
	const struct named_group *g;

	for (struct bb_table_iter i = { 0 }; (g = bb_table_next(c->named, &i, NULL, NULL));)
		if (g->id == id)
			return g;
	return NULL;
}

static struct redundancy *by_id(const struct core *c, uint64_t id)
{
	for (size_t i = 0; i < c->n_redundancies; i++)
		if (c->redundancies[i]->id == id)
			return c->redundancies[i];
	return NULL;
}

static void add_members(struct core *c, struct redundancy *r,
	const Busbar__V1__ConfigRedundancy *from)
{
	for (size_t i = 0; i < from->n_member; i++) {
		const Busbar__V1__ConfigRedundancyMember *m = from->member[i];
		struct device *d = m->device_id ? core_device(c, m->device_id) : NULL;
		const struct named_group *g = m->group_id ? group_by_id(c, m->group_id) : NULL;

		if (m->point && *m->point) {
			add_condition(r, d, m, c->config_pass);
		} else if (m->redundancy_id) {
			struct redundancy_member *x = member_add(r, REDUNDANCY_GROUP);
			if (x)
				x->group = by_id(c, m->redundancy_id);
		} else if (d) {
			add_device(r, d, c->config_pass);
		} else if (m->device_id) {
			member_add(r, REDUNDANCY_DEVICE); /* gone: nobody can tell */
		}
		for (size_t k = 0; g && k < g->n_devices; k++)
			add_device(r, g->device[k], c->config_pass);
	}
}

static void set_errors(struct redundancy *r, const Busbar__V1__ConfigRedundancy *from)
{
	r->fail_rules = bb_calloc(from->n_fails_on + 1, sizeof(*r->fail_rules));
	for (size_t i = 0; i < from->n_fails_on; i++) {
		if (isupper((unsigned char)from->fails_on[i][0]))
			r->fail_words |= bb_status_parse(from->fails_on[i]);
		else
			r->fail_rules[r->n_fail_rules++] = bb_strdup(from->fails_on[i]);
	}
}

static struct redundancy *redundancy_new(const Busbar__V1__ConfigRedundancy *from)
{
	struct redundancy *r = bb_calloc(1, sizeof(*r));
	uint32_t hold_ms = (from->hold_s < 3600 ? from->hold_s : 3600) * 1000;

	r->id = from->redundancy_id;
	r->key = bb_strdup(from->key);
	r->name = bb_strdup(*from->name ? from->name : from->key);
	r->need = from->need ? from->need : 1;
	for (enum kofn_alarm a = 0; a < KOFN_ALARMS; a++)
		r->hold[a] = (struct alarm_hold){ .raise_count = 1,
			.raise_ms = hold_ms,
			.clear_count = 1,
			.clear_ms = hold_ms > CLEAR_HOLD_MS ? hold_ms : CLEAR_HOLD_MS };
	r->hold[KOFN_UNKNOWN].clear_ms = CLEAR_HOLD_MS;
	r->hold[KOFN_UNKNOWN].raise_ms = hold_ms > UNKNOWN_HOLD_MS ? hold_ms : UNKNOWN_HOLD_MS;
	r->severity[KOFN_LOST] =
		from->severity ? (uint8_t)from->severity : BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL;
	r->severity[KOFN_REDUCED] = BUSBAR__V1__SEVERITY__SEVERITY_MINOR;
	r->severity[KOFN_UNKNOWN] = BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN;
	set_errors(r, from);
	return r;
}

void redundancy_free(struct redundancy *r)
{
	for (size_t i = 0; i < r->n_members; i++) {
		free(r->member[i].point);
		free(r->member[i].index);
		free(r->member[i].wanted);
	}
	for (size_t i = 0; i < r->n_fail_rules; i++)
		free(r->fail_rules[i]);
	free(r->fail_rules);
	free(r->member);
	free(r->leaf);
	free(r->key);
	free(r->name);
	free(r);
}

void redundancy_free_all(struct core *c)
{
	for (size_t i = 0; i < c->n_redundancies; i++)
		redundancy_free(c->redundancies[i]);
	free(c->redundancies);
	c->redundancies = NULL;
	c->n_redundancies = 0;
}

/* ---- order ---- */

enum visit { NEW, UNDER_WAY, DONE };

struct order {
	enum visit *state; /* by place in the list */
	struct redundancy **out;
	size_t n;
};

/* Groups in it first. What meets itself on the way is cyclic, and whatever holds such a one is only
 * as unknown as that member. */
static void visit(struct core *c, struct order *o, struct redundancy *r)
{
	if (o->state[r->index] != NEW) {
		r->is_cyclic |= o->state[r->index] == UNDER_WAY;
		return;
	}
	o->state[r->index] = UNDER_WAY;
	for (size_t i = 0; i < r->n_members; i++)
		if (r->member[i].group)
			visit(c, o, r->member[i].group);
	o->state[r->index] = DONE;
	o->out[o->n++] = r;
}

static void set_order(struct core *c)
{
	struct order o = { .state = bb_calloc(c->n_redundancies + 1, sizeof(*o.state)),
		.out = bb_calloc(c->n_redundancies + 1, sizeof(struct redundancy *)) };

	for (size_t i = 0; i < c->n_redundancies; i++)
		c->redundancies[i]->index = i;
	for (size_t i = 0; i < c->n_redundancies; i++)
		visit(c, &o, c->redundancies[i]);
	free(c->redundancies);
	free(o.state);
	c->redundancies = o.out;
	for (size_t i = 0; i < c->n_redundancies; i++)
		c->redundancies[i]->index = i;
}

/* ---- devices whose power counts ---- */

static void add_leaf(struct redundancy *r, struct bb_table *seen, struct redundancy_leaf leaf)
{
	if (bb_table_put_u64(seen, leaf.device->id, leaf.device))
		return;
	if ((r->n_leaves & (r->n_leaves + 1)) == 0)
		r->leaf = bb_realloc(r->leaf, 2 * (r->n_leaves + 1) * sizeof(*r->leaf));
	r->leaf[r->n_leaves++] = leaf;
}

/* Groups in it have their leaves already. */
static void set_leaves(struct redundancy *r)
{
	struct bb_table *seen = bb_table_new();

	for (size_t i = 0; i < r->n_members; i++) {
		const struct redundancy_member *m = &r->member[i];

		if (m->kind == REDUNDANCY_DEVICE && m->device)
			add_leaf(r, seen, (struct redundancy_leaf){ .device = m->device, .by = r });
		for (size_t k = 0; m->group && m->group != r && k < m->group->n_leaves; k++)
			add_leaf(r, seen, m->group->leaf[k]);
	}
	bb_table_free(seen, NULL);
}

/* ---- a generation ---- */

static void forget_members(struct core *c)
{
	for (struct device *d = c->all; d; d = d->next) {
		free(d->refs);
		d->refs = NULL;
		d->n_refs = 0;
	}
}

static void make_all(struct core *c, const Busbar__V1__Config *conf)
{
	struct bb_table *keys = bb_table_new();

	c->redundancies = bb_calloc(conf->n_redundancy + 1, sizeof(struct redundancy *));
	c->n_redundancies = 0;
	for (size_t i = 0; i < conf->n_redundancy; i++) {
		const Busbar__V1__ConfigRedundancy *from = conf->redundancy[i];
		if (!from->redundancy_id || strchr(from->key, '/') ||
			bb_table_put(keys, from->key, (void *)(uintptr_t)from) ||
			!redundancy_object(c, from->key))
			continue;
		struct redundancy *r = redundancy_new(from);
		r->object = redundancy_object(c, from->key);
		r->object->mark = c->config_pass;
		r->is_from_start = !c->has_config;
		c->redundancies[c->n_redundancies++] = r;
	}
	bb_table_free(keys, NULL);
	for (size_t i = 0; i < conf->n_redundancy; i++) {
		struct redundancy *r = by_id(c, conf->redundancy[i]->redundancy_id);
		if (r && !r->n_members)
			add_members(c, r, conf->redundancy[i]);
	}
}

static void take_over(struct core *c, struct redundancy **old, size_t n_old)
{
	for (size_t i = 0; i < n_old; i++) {
		struct redundancy *r = core_redundancy(c, old[i]->key);
		if (r) {
			r->now = old[i]->now;
			r->since_us = old[i]->since_us;
			r->is_from_start = old[i]->is_from_start;
			r->is_published = old[i]->is_published;
		} else if (old[i]->is_published && c->env.redundancy_gone) {
			c->env.redundancy_gone(c->env.arg, old[i]->key);
		}
		redundancy_free(old[i]);
	}
	free(old);
}

static const Busbar__V1__ConfigRedundancy *config_of(const Busbar__V1__Config *conf, uint64_t id)
{
	for (size_t i = 0; i < conf->n_redundancy; i++)
		if (conf->redundancy[i]->redundancy_id == id)
			return conf->redundancy[i];
	return NULL;
}

void redundancy_config(struct core *c, const Busbar__V1__Config *conf, struct bb_table *sites,
	uint64_t now_ns)
{
	struct redundancy **old = c->redundancies;
	size_t n_old = c->n_redundancies;

	forget_members(c);
	make_all(c, conf);
	for (struct device *d = c->all, *next; d; d = next) {
		next = d->next;
		watch_sweep(d, c->config_pass);
		if (d->is_object && d->mark != c->config_pass)
			device_remove(c, d, now_ns);
	}
	set_order(c);
	for (size_t i = 0; i < c->n_redundancies; i++) {
		struct redundancy *r = c->redundancies[i];
		const Busbar__V1__ConfigRedundancy *from = config_of(conf, r->id);

		set_leaves(r);
		place(c, r, from->site_id ? bb_table_get_u64(sites, from->site_id) : NULL);
		redundancy_bind_alarms(r);
		r->is_changed = r->is_due = true;
	}
	take_over(c, old, n_old);
	for (size_t i = 0; i < c->n_redundancies; i++)
		device_summarise(c, c->redundancies[i]->object);
	redundancy_tick(c, now_ns);
}
