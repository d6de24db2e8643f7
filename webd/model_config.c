// SPDX-License-Identifier: Apache-2.0
/* The configuration's part of the model: which devices and sites there are. */
#include <stdlib.h>
#include <string.h>

#include "webd/model_priv.h"

static void take_device(struct model *m, const Busbar__V1__ConfigDevice *c)
{
	struct model_device *d = bb_table_get_u64(m->devices, c->device_id);
	bool is_changed = false;

	if (!c->key || !bb_key_valid(c->key))
		return;
	if (!d)
		d = model_device_make(m, c->device_id, c->key);
	else if (strcmp(d->key, c->key) != 0) {
		model_device_rekey(m, d, c->key);
		is_changed = true;
	}
	if (!d->is_configured) {
		free(m->device_list);
		m->device_list = NULL;
		is_changed = true;
	}
	d->is_configured = d->is_seen = true;
	model_set_text(&d->collector, c->collector);
	model_expect(m, d->collector);
	model_set_text(&d->address, c->address);
	model_set_text(&d->version, c->version);
	model_set_text(&d->profile_wanted, c->profile && *c->profile ? c->profile : "auto");
	d->port = c->port;
	d->interval_ms = c->interval_ms;
	d->status_interval_ms = c->status_interval_ms;
	if (is_changed)
		m->listener.device(m->listener.arg, d);
}

static void take_site(struct model *m, const Busbar__V1__ConfigSite *c)
{
	struct model_group *g;

	if (c->site_id == 0 || !c->key || !bb_key_valid(c->key))
		return;
	g = model_group_make(m, c->key);
	g->id = c->site_id;
	g->is_configured = g->is_seen = true;
	if (c->name && *c->name)
		model_set_text(&g->name, c->name);
}

void model_config(struct model *m, const Busbar__V1__Config *c)
{
	struct bb_table_iter i = { 0 }, k = { 0 };
	struct model_device *d;
	struct model_group *g;

	/* a removed key may be in use again at once: forget the old holders before the new ones
	 * come */
	for (size_t n = 0; n < c->n_device; n++)
		if ((d = bb_table_get_u64(m->devices, c->device[n]->device_id)))
			d->is_seen = true;
	while ((d = bb_table_next(m->devices, &i, NULL, NULL))) {
		if (!d->is_seen && d->is_configured)
			model_device_drop(m, d);
		else
			d->is_seen = false;
	}
	for (size_t n = 0; n < c->n_device; n++)
		take_device(m, c->device[n]);
	for (size_t n = 0; n < c->n_site; n++)
		take_site(m, c->site[n]);
	while ((g = bb_table_next(m->groups, &k, NULL, NULL))) {
		if (!g->is_seen && g->is_configured && !g->has_state)
			model_group_drop(m, g);
		else
			g->is_seen = false;
	}
	i = (struct bb_table_iter){ 0 };
	while ((d = bb_table_next(m->devices, &i, NULL, NULL)))
		d->is_seen = false;
	m->has_config = true;
}
