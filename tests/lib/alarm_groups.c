// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/alarm_groups.h"

#include <stdlib.h>
#include <string.h>

#include "common/str.h"

#define GROUPS_MAX 64
#define WORDS_MAX  200
#define SITE_ID    1000 /* devices of a world name site 1, which is in no configuration */
#define ERRORS     "OFF,BYPASS,TEST,CAL,LB,DEPLETED,OVER,FSD,ups_fault,output_off"

struct world_part {
	char key[64];
	char *word[WORDS_MAX];
	size_t n;
	bool is_redundancy;
};

/* The place in the list is the id. */
struct world_groups {
	struct world_part part[GROUPS_MAX];
	size_t n;
};

static struct world_part *part_find(const struct world *w, const char *key, bool is_redundancy)
{
	for (size_t i = 0; w->groups && i < w->groups->n; i++) {
		struct world_part *p = &w->groups->part[i];
		if (p->is_redundancy == is_redundancy && strcmp(p->key, key) == 0)
			return p;
	}
	return NULL;
}

static void part_clear(struct world_part *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->word[i]);
	p->n = 0;
}

static void part_set(struct world *w, const char *key, char **words, size_t n, bool is_redundancy)
{
	struct world_part *p = part_find(w, key, is_redundancy);

	if (!w->groups)
		w->groups = bb_calloc(1, sizeof(*w->groups));
	if (!p) {
		bb_assert(w->groups->n < GROUPS_MAX);
		p = &w->groups->part[w->groups->n++];
		bb_copy(p->key, sizeof(p->key), key);
		p->is_redundancy = is_redundancy;
	}
	part_clear(p);
	for (size_t i = 0; i < n && i < WORDS_MAX; i++)
		p->word[p->n++] = bb_strdup(words[i]);
}

void world_group(struct world *w, const char *key, char **members, size_t n)
{
	part_set(w, key, members, n, false);
}

void world_redundancy(struct world *w, const char *key, char **words, size_t n)
{
	part_set(w, key, words, n, true);
}

static uint64_t id_of(const struct world *w, const char *key, bool is_redundancy)
{
	const struct world_part *p = part_find(w, key, is_redundancy);

	bb_assert(p);
	return (uint64_t)(p - w->groups->part) + 1;
}

static uint64_t device_id(const struct world *w, const char *key, size_t len)
{
	for (size_t i = 0; i < w->n_devices; i++)
		if (strlen(w->devices[i].key) == len && strncmp(w->devices[i].key, key, len) == 0)
			return w->devices[i].id;
	return 999999;
}

static const char *after(const char *word, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(word, prefix, n) == 0 ? word + n : NULL;
}

static uint64_t *ids(const struct world *w)
{
	return bb_arena_alloc(w->arena, WORDS_MAX * sizeof(uint64_t));
}

static uint64_t site_add(const struct world *w, Busbar__V1__Config *conf, const char *key)
{
	Busbar__V1__ConfigSite *s = bb_arena_alloc(w->arena, sizeof(*s));

	busbar__v1__config_site__init(s);
	s->site_id = SITE_ID + conf->n_site;
	s->key = bb_arena_strdup(w->arena, key);
	s->name = s->key;
	conf->site[conf->n_site++] = s;
	return s->site_id;
}

static Busbar__V1__ConfigGroup *group_make(const struct world *w, const struct world_part *p,
	Busbar__V1__Config *conf)
{
	Busbar__V1__ConfigGroup *g = bb_arena_alloc(w->arena, sizeof(*g));

	busbar__v1__config_group__init(g);
	g->group_id = id_of(w, p->key, false);
	g->key = bb_arena_strdup(w->arena, p->key);
	g->name = g->key;
	g->device_id = ids(w);
	g->site_id = ids(w);
	g->member_id = ids(w);
	for (size_t i = 0; i < p->n; i++) {
		const char *site = after(p->word[i], "site:"), *sub = after(p->word[i], "group:");
		if (site)
			g->site_id[g->n_site_id++] = site_add(w, conf, site);
		else if (sub)
			g->member_id[g->n_member_id++] = id_of(w, sub, false);
		else
			g->device_id[g->n_device_id++] =
				device_id(w, p->word[i], strlen(p->word[i]));
	}
	return g;
}

/* DEVICE:POINT:OP:VALUE */
static void condition_make(const struct world *w, const char *word,
	Busbar__V1__ConfigRedundancyMember *m)
{
	size_t n = strcspn(word, ":");
	char *save = NULL, *rest = bb_arena_strdup(w->arena, word + n);

	m->device_id = device_id(w, word, n);
	m->point = strtok_r(rest, ":", &save);
	m->op = strtok_r(NULL, ":", &save);
	m->value = strtok_r(NULL, ":", &save);
	bb_assert(m->value);
}

static void member_make(const struct world *w, const char *word, Busbar__V1__ConfigRedundancy *r)
{
	const char *group = after(word, "group:"), *other = after(word, "redundancy:");
	Busbar__V1__ConfigRedundancyMember *m = bb_arena_alloc(w->arena, sizeof(*m));

	busbar__v1__config_redundancy_member__init(m);
	if (group)
		m->group_id = id_of(w, group, false);
	else if (other)
		m->redundancy_id = id_of(w, other, true);
	else if (strchr(word, ':'))
		condition_make(w, word, m);
	else
		m->device_id = device_id(w, word, strlen(word));
	r->member[r->n_member++] = m;
}

static Busbar__V1__ConfigRedundancy *redundancy_make(const struct world *w,
	const struct world_part *p)
{
	Busbar__V1__ConfigRedundancy *r = bb_arena_alloc(w->arena, sizeof(*r));
	char *errors = bb_arena_strdup(w->arena, ERRORS), *save = NULL;

	busbar__v1__config_redundancy__init(r);
	r->redundancy_id = id_of(w, p->key, true);
	r->key = bb_arena_strdup(w->arena, p->key);
	r->name = r->key;
	r->need = 1;
	r->member = bb_arena_alloc(w->arena, WORDS_MAX * sizeof(*r->member));
	r->fails_on = bb_arena_alloc(w->arena, WORDS_MAX * sizeof(*r->fails_on));
	for (size_t i = 0; i < p->n; i++) {
		const char *need = after(p->word[i], "need="), *hold = after(p->word[i], "hold="),
			   *on = after(p->word[i], "on=");
		if (need)
			r->need = (uint32_t)atoi(need);
		else if (hold)
			r->hold_s = (uint32_t)atoi(hold);
		else if (on)
			errors = bb_arena_strdup(w->arena, on);
		else
			member_make(w, p->word[i], r);
	}
	for (char *e = strtok_r(errors, ",", &save); e; e = strtok_r(NULL, ",", &save))
		r->fails_on[r->n_fails_on++] = e;
	return r;
}

void world_groups_config(const struct world *w, Busbar__V1__Config *conf)
{
	if (!w->groups)
		return;
	conf->site = bb_arena_alloc(w->arena, GROUPS_MAX * WORDS_MAX * sizeof(*conf->site));
	conf->group = bb_arena_alloc(w->arena, GROUPS_MAX * sizeof(*conf->group));
	conf->redundancy = bb_arena_alloc(w->arena, GROUPS_MAX * sizeof(*conf->redundancy));
	for (size_t i = 0; i < w->groups->n; i++) {
		const struct world_part *p = &w->groups->part[i];
		if (!p->n)
			continue;
		if (p->is_redundancy)
			conf->redundancy[conf->n_redundancy++] = redundancy_make(w, p);
		else
			conf->group[conf->n_group++] = group_make(w, p, conf);
	}
}

void world_groups_fini(struct world *w)
{
	for (size_t i = 0; w->groups && i < w->groups->n; i++)
		part_clear(&w->groups->part[i]);
	free(w->groups);
}
