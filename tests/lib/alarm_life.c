// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/alarm_life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"

#define FACTS_MAX 200
#define WORDS_MAX 10

/* One line of words each; a later one with the same verb and name takes its place. */
struct world_life {
	struct {
		char *word[WORDS_MAX];
		size_t n;
		uint64_t at_us;
	} fact[FACTS_MAX];
	size_t n;
};

static uint64_t span_us(const char *text)
{
	char *end;
	double v = strtod(text, &end);

	return (uint64_t)(v * (*end == 'h' ? 3600 : *end == 'm' ? 60 : 1) * 1e6);
}

static bool fits(char **w, size_t n)
{
	if (strcmp(w[0], "maintenance") == 0)
		return n >= 3;
	return n == (strcmp(w[0], "in-service") == 0 ? 2u : 3u);
}

int world_life(struct world *w, char **words, size_t n)
{
	bool is_in = strcmp(words[0], "in-service") == 0;
	const char *verb = is_in ? "out-of-service" : words[0];
	size_t i = 0;

	if (n > WORDS_MAX || !fits(words, n))
		return -1;
	if (!w->life)
		w->life = bb_calloc(1, sizeof(*w->life));
	while (i < w->life->n && (strcmp(w->life->fact[i].word[0], verb) != 0 ||
					 strcmp(w->life->fact[i].word[1], words[1]) != 0))
		i++;
	bb_assert(i < FACTS_MAX);
	for (size_t k = 0; k < w->life->fact[i].n; k++)
		free(w->life->fact[i].word[k]);
	w->life->n += i == w->life->n;
	w->life->fact[i].n = 0;
	w->life->fact[i].at_us = world_wall_us(w);
	w->life->fact[i].word[w->life->fact[i].n++] = bb_strdup(verb);
	for (size_t k = 1; k < n; k++)
		w->life->fact[i].word[w->life->fact[i].n++] = bb_strdup(words[k]);
	if (is_in)
		w->life->fact[i].word[w->life->fact[i].n++] = bb_strdup("none");
	return 0;
}

void world_life_fini(struct world *w)
{
	for (size_t i = 0; w->life && i < w->life->n; i++)
		for (size_t k = 0; k < w->life->fact[i].n; k++)
			free(w->life->fact[i].word[k]);
	free(w->life);
}

static Busbar__V1__ConfigDevice *device_of(const Busbar__V1__Config *conf, const char *key)
{
	for (size_t i = 0; i < conf->n_device; i++)
		if (strcmp(conf->device[i]->key, key) == 0)
			return conf->device[i];
	return NULL;
}

static uint64_t id_of(const Busbar__V1__Config *conf, const char *key)
{
	const Busbar__V1__ConfigDevice *d = device_of(conf, key);

	return d ? d->device_id : 0;
}

static Busbar__V1__ConfigSite *site_of(const struct world *w, Busbar__V1__Config *conf,
	const char *key)
{
	for (size_t i = 0; i < conf->n_site; i++)
		if (strcmp(conf->site[i]->key, key) == 0)
			return conf->site[i];
	Busbar__V1__ConfigSite **list =
		bb_arena_alloc(w->arena, (conf->n_site + 1) * sizeof(struct site *));
	if (conf->n_site)
		memcpy(list, conf->site, conf->n_site * sizeof(*list));
	conf->site = list;
	Busbar__V1__ConfigSite *s = bb_arena_alloc(w->arena, sizeof(*s));
	busbar__v1__config_site__init(s);
	s->site_id = 5000 + conf->n_site;
	s->key = (char *)(uintptr_t)key;
	conf->site[conf->n_site++] = s;
	return s;
}

static const char *after(const char *word, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(word, prefix, n) == 0 ? word + n : NULL;
}

static void take_scope(const Busbar__V1__Config *conf, Busbar__V1__ConfigMaintenance *m,
	const char *word)
{
	const char *name;

	if ((name = after(word, "device=")))
		m->device_id = id_of(conf, name);
	else if ((name = after(word, "site=")))
		m->site = (char *)(uintptr_t)name;
	else if ((name = after(word, "profile=")))
		m->profile = (char *)(uintptr_t)name;
	else if ((name = after(word, "group=")))
		m->group = (char *)(uintptr_t)name;
}

static void maintenance(const struct world *w, Busbar__V1__Config *conf, size_t i)
{
	char *const *word = w->life->fact[i].word;
	Busbar__V1__ConfigMaintenance *m = bb_arena_alloc(w->arena, sizeof(*m));
	unsigned hour, minute;

	busbar__v1__config_maintenance__init(m);
	m->id = i + 1;
	m->name = word[1];
	if (strcmp(word[2], "weekly") == 0) {
		bb_assert(w->life->fact[i].n >= 7 && sscanf(word[4], "%u:%u", &hour, &minute) == 2);
		m->days = (uint32_t)atoi(word[3]);
		m->at_minute = hour * 60 + minute;
		m->minutes = (uint32_t)atoi(word[5]);
		m->tz = word[6];
	} else {
		bb_assert(after(word[2], "for="));
		m->starts_unix_us = w->life->fact[i].at_us;
		m->ends_unix_us = m->starts_unix_us + span_us(after(word[2], "for="));
	}
	for (size_t k = 3; k < w->life->fact[i].n; k++)
		take_scope(conf, m, word[k]);
	conf->maintenance[conf->n_maintenance++] = m;
}

void world_life_config(const struct world *w, Busbar__V1__Config *conf)
{
	size_t n = w->life ? w->life->n : 0;

	conf->maintenance = bb_arena_alloc(w->arena, (n + 1) * sizeof(*conf->maintenance));
	for (size_t i = 0; i < n; i++) {
		char **word = w->life->fact[i].word;
		bool is_none = strcmp(word[2], "none") == 0;
		Busbar__V1__ConfigDevice *d = device_of(conf, word[1]);

		if (strcmp(word[0], "link") == 0)
			site_of(w, conf, word[1])->link_device_id =
				is_none ? 0 : id_of(conf, word[2]);
		else if (is_none)
			continue;
		else if (strcmp(word[0], "maintenance") == 0)
			maintenance(w, conf, i);
		else if (strcmp(word[0], "parent") == 0 && d)
			d->parent_id = id_of(conf, word[2]);
		else if (strcmp(word[0], "out-of-service") == 0 && d)
			d->out_of_service = word[2];
	}
}
