// SPDX-License-Identifier: Apache-2.0
/* Sites and devices of a configuration generation are compared with what is there: new ones come,
 * changed ones are moved or renamed and keep their alarms, the others go and their alarms are
 * closed. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

static const char *parent_key(const char *key, char *out, size_t cap)
{
	const char *slash = strrchr(key, '/');

	bb_copy(out, cap, slash ? key : "unsorted");
	if (slash)
		out[slash - key] = '\0';
	return out;
}

static void device_move(struct core *c, struct device *d, const char *site_key)
{
	struct group *g = group_get(c->groups, site_key);

	if (g == d->group)
		return;
	if (d->group)
		group_leave(c->groups, d->group, d->share);
	d->group = g;
	group_join(c->groups, g, d->share);
}

static void device_assign(struct core *c, struct device *d, const char *collector, uint64_t now_ns)
{
	struct publisher *p = publisher_get(c, collector);

	if (p)
		p->is_collector = true;
	if (d->publisher == p && d->is_configured)
		return;
	comm_forget(c, d);
	d->publisher = p;
	memset(d->read_ns, 0, sizeof(d->read_ns));
	d->status_seq = 0;
	d->heard_ms = now_ns / NS_PER_MS;
	d->missed = 0;
	d->missing_groups = 0;
	d->begin_ms = now_ns / NS_PER_MS;
}

/* The old name's topics end; alarms, history and acknowledgements belong to the id and stay. */
static void device_rename(struct core *c, struct device *d, const char *key)
{
	if (strcmp(d->key, key) == 0)
		return;
	if (c->env.device_gone)
		c->env.device_gone(c->env.arg, d);
	free(d->key);
	d->key = bb_strdup(key);
	d->is_published = false;
	for (struct alarm *a = d->alarms; a; a = a->next)
		if (alarm_is_open(a->st.phase) && c->env.remark)
			c->env.remark(c->env.arg, a);
}

static void device_take(struct core *c, const Busbar__V1__ConfigDevice *cd, struct bb_table *sites,
	uint64_t now_ns)
{
	struct device *d = core_device(c, cd->device_id);
	const Busbar__V1__ConfigSite *site = bb_table_get_u64(sites, cd->site_id);
	char parent[256];

	if (!cd->device_id || !cd->key || !bb_key_valid(cd->key))
		return;
	if (!d)
		d = device_new(c, cd->device_id, cd->key);
	device_rename(c, d, cd->key);
	device_assign(c, d, cd->collector ? cd->collector : "", now_ns);
	d->is_configured = true;
	d->site_id = cd->site_id;
	d->mark = c->config_pass;
	if (d->publisher) {
		d->publisher->devices++;
		d->publisher->is_expected = true;
	}
	d->life.parent_id = cd->parent_id;
	replace_text(&d->life.out_of_service, cd->out_of_service);
	if (cd->profile && strcmp(cd->profile, "auto") != 0)
		replace_text(&d->life.profile, cd->profile);
	device_move(c, d,
		site && site->key ? site->key : parent_key(cd->key, parent, sizeof(parent)));
	device_summarise(c, d);
}

void device_remove(struct core *c, struct device *d, uint64_t now_ns)
{
	for (struct alarm *a = d->alarms, *next; a; a = next) {
		next = a->next;
		alarm_apply(c, a, ALARM_REMOVED, NULL, now_ns);
	}
	if (d->group)
		group_leave(c->groups, d->group, d->share);
	named_leave(c, d);
	comm_forget(c, d);
	if (c->env.device_gone)
		c->env.device_gone(c->env.arg, d);
	device_free(c, d);
}

static void clear_site(void *arg, struct group *g)
{
	g->site_id = 0;
}

static void take_sites(struct core *c, const Busbar__V1__Config *conf, struct bb_table *sites)
{
	group_each(c->groups, clear_site, NULL);
	for (size_t i = 0; i < conf->n_site; i++) {
		const Busbar__V1__ConfigSite *s = conf->site[i];
		if (!s->key || !bb_key_valid(s->key))
			continue;
		bb_table_put_u64(sites, s->site_id, (void *)(uintptr_t)s);
		if (s->site_id)
			group_set_site(c->groups, group_get(c->groups, s->key), s->site_id,
				s->name);
		else
			group_set_site(c->groups, group_get(c->groups, "busbar"), 0, s->name);
	}
}

void core_config(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns)
{
	struct bb_table *sites = bb_table_new();

	c->config_pass++;
	for (size_t i = 0; i < c->n_publishers; i++) {
		c->publishers[i].devices = 0;
		c->publishers[i].is_expected = false;
	}
	take_sites(c, conf, sites);
	for (size_t i = 0; i < conf->n_device; i++)
		device_take(c, conf->device[i], sites, now_ns);
	for (struct device *d = c->all, *next; d; d = next) {
		next = d->next;
		if (d->id && d->mark != c->config_pass)
			device_remove(c, d, now_ns);
	}
	named_config(c, conf, sites);
	rules_config(c, conf, now_ns);
	redundancy_config(c, conf, sites, now_ns);
	for (size_t i = 0; i < c->n_publishers; i++)
		if (!c->publishers[i].waiting_since_ms)
			c->publishers[i].waiting_since_ms = now_ns / NS_PER_MS;
	if (conf->n_plan) {
		struct publisher *p = publisher_get(c, "shutdownd");
		if (p)
			p->is_expected = true;
	}
	if (conf->n_recipient) {
		struct publisher *p = publisher_get(c, "notifyd");
		if (p)
			p->is_expected = true;
	}
	parent_config(c, conf);
	group_tree_sweep(c->groups, c->env.group_gone, c->env.arg);
	c->stats.devices = (uint32_t)bb_table_count(c->devices);
	c->has_config = true;
	maintenance_config(c, conf, now_ns);
	if (c->is_live) {
		comm_expect(c, now_ns);
		event_expect(c, conf, now_ns);
	}
	bb_table_free(sites, NULL);
}
