// SPDX-License-Identifier: Apache-2.0
#include "alarmd/group.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/table.h"
#include "proto/reading.pb-c.h"

struct group_tree {
	struct bb_table *by_key;
	struct group *changed;
	const char *plane;
};

struct group_tree *group_tree_new(void)
{
	struct group_tree *t = bb_calloc(1, sizeof(*t));

	t->by_key = bb_table_new();
	t->plane = "group";
	return t;
}

void group_tree_set_plane(struct group_tree *t, const char *plane)
{
	t->plane = plane;
}

static void group_free(void *p)
{
	struct group *g = p;

	free(g->key);
	free(g->name);
	free(g);
}

void group_tree_free(struct group_tree *t)
{
	if (!t)
		return;
	bb_table_free(t->by_key, group_free);
	free(t);
}

static void mark(struct group_tree *t, struct group *g, uint64_t jseq)
{
	if (jseq > g->jseq)
		g->jseq = jseq;
	if (g->is_dirty)
		return;
	g->is_dirty = true;
	g->next_changed = t->changed;
	t->changed = g;
}

struct group *group_find(const struct group_tree *t, const char *key)
{
	return bb_table_get(t->by_key, key);
}

static struct group *group_make(struct group_tree *t, const char *key, size_t len,
	struct group *parent)
{
	struct group *g = bb_table_get_n(t->by_key, key, len);

	if (g)
		return g;
	g = bb_calloc(1, sizeof(*g));
	g->key = bb_calloc(1, len + 1);
	memcpy(g->key, key, len);
	const char *slash = strrchr(g->key, '/');
	g->name = bb_strdup(slash ? slash + 1 : g->key);
	g->parent = parent;
	g->plane = t->plane;
	bb_table_put(t->by_key, g->key, g);
	mark(t, g, 0);
	return g;
}

struct group *group_get(struct group_tree *t, const char *key)
{
	struct group *g = NULL;

	for (const char *end = key; end; end = *end ? end + 1 : NULL) {
		end += strcspn(end, "/");
		g = group_make(t, key, (size_t)(end - key), g);
	}
	return g;
}

void group_set_site(struct group_tree *t, struct group *g, uint64_t site_id, const char *name)
{
	const char *shown = name && name[0] ? name : g->name;

	if (g->site_id == site_id && strcmp(g->name, shown) == 0)
		return;
	g->site_id = site_id;
	if (shown != g->name) {
		free(g->name);
		g->name = bb_strdup(shown);
	}
	mark(t, g, 0);
}

static void add(struct group *g, struct group_share s, int sign)
{
	uint32_t *counts = s.is_object ? g->objects : g->by_severity;

	bb_assert(sign > 0 || counts[s.severity] > 0);
	counts[s.severity] += (uint32_t)sign;
	g->unack += (uint32_t)(s.unack ? sign : 0);
}

static void check_share(struct group_share s)
{
	bb_assert(s.severity > 0 && s.severity < GROUP_SEVERITIES);
}

void group_join(struct group_tree *t, struct group *g, struct group_share s)
{
	check_share(s);
	for (; g; g = g->parent) {
		g->members += !s.is_object;
		add(g, s, 1);
		mark(t, g, 0);
	}
}

void group_leave(struct group_tree *t, struct group *g, struct group_share s)
{
	check_share(s);
	for (; g; g = g->parent) {
		bb_assert(s.is_object || g->members > 0);
		g->members -= !s.is_object;
		add(g, s, -1);
		mark(t, g, 0);
	}
}

void group_change(struct group_tree *t, struct group *g, struct group_share old,
	struct group_share now, uint64_t jseq)
{
	check_share(old);
	check_share(now);
	bb_assert(old.is_object == now.is_object);
	if (old.severity == now.severity && old.unack == now.unack)
		return;
	for (; g; g = g->parent) {
		add(g, old, -1);
		add(g, now, 1);
		mark(t, g, jseq);
	}
}

void group_touch(struct group_tree *t, struct group *g)
{
	mark(t, g, 0);
}

unsigned group_worst(const struct group *g)
{
	for (unsigned s = 1; s < GROUP_SEVERITIES; s++)
		if (g->by_severity[s] || g->objects[s])
			return s;
	return BUSBAR__V1__SEVERITY__SEVERITY_NORMAL;
}

void group_flush_changed(struct group_tree *t, uint64_t durable_jseq,
	void (*cb)(void *arg, struct group *g), void *arg)
{
	struct group **at = &t->changed;

	while (*at) {
		struct group *g = *at;
		if (g->jseq > durable_jseq) {
			at = &g->next_changed;
			continue;
		}
		*at = g->next_changed;
		g->next_changed = NULL;
		g->is_dirty = false;
		cb(arg, g);
	}
}

void group_each(const struct group_tree *t, void (*cb)(void *arg, struct group *g), void *arg)
{
	struct group *g;

	for (struct bb_table_iter i = { 0 }; (g = bb_table_next(t->by_key, &i, NULL, NULL));)
		cb(arg, g);
}

static bool has_child(const struct group_tree *t, const struct group *g)
{
	struct group *c;

	for (struct bb_table_iter i = { 0 }; (c = bb_table_next(t->by_key, &i, NULL, NULL));)
		if (c->parent == g)
			return true;
	return false;
}

static bool has_objects(const struct group *g)
{
	for (unsigned s = 1; s < GROUP_SEVERITIES; s++)
		if (g->objects[s])
			return true;
	return false;
}

static void unlink_changed(struct group_tree *t, struct group *g)
{
	for (struct group **at = &t->changed; *at; at = &(*at)->next_changed) {
		if (*at == g) {
			*at = g->next_changed;
			return;
		}
	}
}

void group_tree_sweep(struct group_tree *t, void (*gone)(void *arg, const struct group *g),
	void *arg)
{
	bool again = true;

	/* Leaves first; a parent may become empty by losing its last child. */
	while (again) {
		struct group *g;
		again = false;
		for (struct bb_table_iter i = { 0 };
			(g = bb_table_next(t->by_key, &i, NULL, NULL));) {
			if (g->members || has_objects(g) || g->site_id || has_child(t, g))
				continue;
			if (gone)
				gone(arg, g);
			unlink_changed(t, g);
			bb_table_del(t->by_key, g->key);
			group_free(g);
			again = true;
		}
	}
}
