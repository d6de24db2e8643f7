// SPDX-License-Identifier: Apache-2.0
#include "alarmd/redundancy_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KW 1000.0

const struct redundancy *redundancy_named(const struct core *c, const char *key_or_id)
{
	const struct redundancy *r = core_redundancy(c, key_or_id);
	size_t n;
	struct redundancy *const *list = core_redundancies(c, &n);
	char id[24];

	for (size_t i = 0; !r && i < n; i++) {
		snprintf(id, sizeof(id), "%" PRIu64, list[i]->id);
		if (strcmp(id, key_or_id) == 0)
			r = list[i];
	}
	return r;
}

static void put_kw(struct bb_json *j, const char *name, bool has, double w)
{
	if (has)
		bb_json_num(j, name, w / KW);
	else
		bb_json_null(j, name);
}

static void put_result(struct bb_json *j, const char *name, const struct redundancy_result *s)
{
	const struct kofn *k = &s->count;

	bb_json_obj(j, name);
	bb_json_str(j, "state", truth_name(s->truth));
	bb_json_int(j, "total", k->working + k->failed + k->unknown);
	bb_json_int(j, "working", k->working);
	bb_json_int(j, "failed", k->failed);
	bb_json_int(j, "unknown", k->unknown);
	bb_json_int(j, "spare", (int64_t)k->working - (int64_t)k->need);
	put_kw(j, "load_kw", s->has_load, s->load_w);
	put_kw(j, "capacity_kw", s->has_capacity, s->capacity_w);
	put_kw(j, "spare_kw", s->has_load && s->has_capacity, s->capacity_w - s->load_w);
	bb_json_end_obj(j);
}

static bool is_other(const struct redundancy_result *a, const struct redundancy_result *b)
{
	return a->truth != b->truth || a->count.working != b->count.working ||
	       a->count.failed != b->count.failed;
}

void redundancy_what_if_json(const struct core *c, const struct redundancy *r,
	const struct bb_table *failed, uint64_t now_ns, struct bb_json *j)
{
	size_t n;
	struct redundancy *const *list = core_redundancies(c, &n);
	struct redundancy_result *then = bb_calloc(n + 1, sizeof(*then));

	redundancy_what_if(c, failed, now_ns, then);
	bb_json_obj(j, NULL);
	put_result(j, "now", &r->now);
	put_result(j, "then", &then[r->index]);
	bb_json_arr(j, "also");
	for (size_t i = 0; i < n; i++) {
		if (list[i] == r || !is_other(&list[i]->now, &then[i]))
			continue;
		bb_json_obj(j, NULL);
		bb_json_str(j, "key", list[i]->key);
		bb_json_str(j, "name", list[i]->name);
		put_result(j, "now", &list[i]->now);
		put_result(j, "then", &then[i]);
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
	bb_json_end_obj(j);
	free(then);
}

static void put_part(const struct core *c, const struct redundancy *r,
	const struct redundancy_member *m, uint64_t now_ns, struct bb_json *j)
{
	static const char *const kinds[] = { "device", "condition", "redundancy" };
	const struct redundancy_result *sub = m->group ? &m->group->now : NULL;
	char why[REDUNDANCY_WHY_MAX], id[24];
	enum truth t = redundancy_member_truth(c, r, m, now_ns, why);
	bool has_load = sub && sub->has_load, has_capacity = sub && sub->has_capacity;
	double load = sub ? sub->load_w : 0, capacity = sub ? sub->capacity_w : 0;

	if (m->kind == REDUNDANCY_DEVICE && m->device) {
		has_load = redundancy_load(m->device, now_ns, &load);
		has_capacity = redundancy_capacity(m->device, now_ns, &capacity);
	}
	bb_json_obj(j, NULL);
	bb_json_str(j, "name", m->group ? m->group->key : m->device ? m->device->key : "");
	if (m->device) {
		snprintf(id, sizeof(id), "%" PRIu64, m->device->id);
		bb_json_str(j, "device_id", id);
	} else {
		bb_json_null(j, "device_id");
	}
	bb_json_str(j, "kind", kinds[m->kind]);
	bb_json_str(j, "point", m->point);
	bb_json_str(j, "state", truth_name(t));
	bb_json_str(j, "why", why);
	put_kw(j, "load_kw", has_load, load);
	put_kw(j, "capacity_kw", has_capacity, capacity);
	bb_json_end_obj(j);
}

void redundancy_parts_json(const struct core *c, const struct redundancy *r, uint64_t now_ns,
	struct bb_json *j)
{
	bb_json_obj(j, NULL);
	bb_json_arr(j, "parts");
	for (size_t i = 0; i < r->n_members; i++)
		put_part(c, r, &r->member[i], now_ns, j);
	bb_json_end_arr(j);
	bb_json_end_obj(j);
}
