// SPDX-License-Identifier: Apache-2.0
#include "collectors/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"
#include "common/table.h"

#define KEY_MAX (128 + LAYOUT_INDEX_MAX)

static const char *const group_name[GROUP_COUNT] = {
	[GROUP_STATUS] = "status",
	[GROUP_MEASURE] = "measure",
	[GROUP_IDENT] = "ident",
	[GROUP_CELLS] = "cells",
};

const char *collector_group_name(unsigned group)
{
	return group < GROUP_COUNT ? group_name[group] : "";
}

int collector_group_parse(const char *name)
{
	for (int g = 0; g < GROUP_COUNT; g++) {
		if (!strcmp(group_name[g], name))
			return g;
	}
	return -1;
}

struct layout_builder {
	char *profile;
	struct layout_slot *slot;
	unsigned n, cap;
	struct bb_table *by_name; /* "name#index" -> handle + 1 */
};

struct layout_builder *layout_builder_new(const char *profile)
{
	struct layout_builder *b = bb_calloc(1, sizeof(*b));

	b->profile = bb_strdup(profile);
	b->by_name = bb_table_new();
	return b;
}

static void slots_free(struct layout_slot *slot, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		free(slot[i].name);
		free(slot[i].source);
	}
	free(slot);
}

void layout_builder_free(struct layout_builder *b)
{
	if (!b)
		return;
	slots_free(b->slot, b->n);
	bb_table_free(b->by_name, NULL);
	free(b->profile);
	free(b);
}

static int find(const struct bb_table *t, const char *name, const char *index)
{
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "%s#%s", name, index);
	return (int)(intptr_t)bb_table_get(t, key) - 1;
}

static void remember(struct bb_table *t, const struct layout_slot *s, unsigned at)
{
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "%s#%s", s->name, s->index);
	bb_table_put(t, key, (void *)(intptr_t)(at + 1));
}

int layout_builder_find(const struct layout_builder *b, const char *name)
{
	return find(b->by_name, name, "");
}

int layout_add(struct layout_builder *b, const char *name, unsigned group, const char *source)
{
	return layout_add_at(b, name, "", group, source);
}

int layout_add_at(struct layout_builder *b, const char *name, const char *index, unsigned group,
	const char *source)
{
	const struct bb_point *p = bb_point_find(name);

	if (!p || group >= GROUP_COUNT || b->n >= LAYOUT_MAX_SLOTS ||
		strlen(index) >= LAYOUT_INDEX_MAX || !bb_point_index_valid(index) ||
		(*index && p->kind == BB_FLAG) || find(b->by_name, name, index) >= 0)
		return -1;
	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 64;
		b->slot = bb_realloc(b->slot, b->cap * sizeof(*b->slot));
	}
	b->slot[b->n] = (struct layout_slot){
		.name = bb_strdup(name),
		.source = source ? bb_strdup(source) : NULL,
		.point = p,
		.group = (uint8_t)group,
		.kind = (uint8_t)p->kind,
	};
	bb_copy(b->slot[b->n].index, LAYOUT_INDEX_MAX, index);
	remember(b->by_name, &b->slot[b->n], b->n);
	return (int)b->n++;
}

/* ---- building ---- */

/* What slots are sorted by, with the place they came from. */
struct sort_key {
	const struct layout_slot *s;
	unsigned handle, string, block;
};

static int by_place(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;
	int order = (int)(x->s->kind == BB_FLAG) - (int)(y->s->kind == BB_FLAG);

	order = order ? order : (int)x->s->group - (int)y->s->group;
	order = order ? order : (int)x->s->kind - (int)y->s->kind;
	order = order ? order : (int)(*x->s->index != 0) - (int)(*y->s->index != 0);
	if (order || !*x->s->index)
		return order ? order : x->handle < y->handle ? -1 : 1;
	order = strcmp(x->s->name, y->s->name);
	order = order ? order : (x->string > y->string) - (x->string < y->string);
	return order ? order : (x->block > y->block) - (x->block < y->block);
}

/* "s2.b17" -> "s2.b" 17. */
static unsigned split_index(const char *index, char *prefix)
{
	size_t n = strlen(index);

	while (n && index[n - 1] >= '0' && index[n - 1] <= '9')
		n--;
	memcpy(prefix, index, n);
	prefix[n] = '\0';
	return (unsigned)strtoul(index + n, NULL, 10);
}

static void add_to_rows(struct layout *l, unsigned at)
{
	const struct layout_slot *s = &l->slot[at];
	struct layout_row *last = l->n_rows ? &l->row[l->n_rows - 1] : NULL;
	char prefix[LAYOUT_INDEX_MAX];
	unsigned number = split_index(s->index, prefix);

	if (last && last->group == s->group && !strcmp(last->name, s->name) &&
		!strcmp(last->prefix, prefix) && last->from + last->n == number) {
		last->n++;
		return;
	}
	l->row = bb_realloc(l->row, (l->n_rows + 1) * sizeof(*l->row));
	l->row[l->n_rows] = (struct layout_row){
		.name = s->name,
		.from = number,
		.first = (uint16_t)at,
		.n = 1,
		.group = s->group,
		.kind = s->kind,
	};
	bb_copy(l->row[l->n_rows++].prefix, LAYOUT_INDEX_MAX, prefix);
}

struct layout *layout_build(struct layout_builder *b, uint16_t *slot_of)
{
	struct layout *l = bb_calloc(1, sizeof(*l));

	l->refs = 1;
	l->n = b->n;
	l->profile = b->profile;
	l->slot = bb_calloc(b->n ? b->n : 1, sizeof(*l->slot));
	l->names = bb_calloc(b->n ? b->n : 1, sizeof(*l->names));
	l->by_name = bb_table_new();
	struct sort_key *key = bb_calloc(b->n ? b->n : 1, sizeof(*key));
	for (unsigned i = 0; i < b->n; i++) {
		key[i] = (struct sort_key){ .s = &b->slot[i], .handle = i };
		sscanf(b->slot[i].index, "s%u.b%u", &key[i].string, &key[i].block);
	}
	qsort(key, b->n, sizeof(*key), by_place);
	for (unsigned at = 0; at < b->n; at++) {
		struct layout_slot *s = &l->slot[at];

		*s = *key[at].s;
		l->names[at] = s->name;
		if (slot_of)
			slot_of[key[at].handle] = (uint16_t)at;
		remember(l->by_name, s, at);
		l->n_values += s->kind != BB_FLAG;
		l->total[s->group]++;
		if (*s->index)
			add_to_rows(l, at);
		else if (!l->count[s->group][s->kind]++)
			l->first[s->group][s->kind] = (uint16_t)at;
	}
	free(key);
	bb_table_free(b->by_name, NULL);
	free(b->slot);
	free(b);
	return l;
}

struct layout *layout_ref(struct layout *l)
{
	l->refs++;
	return l;
}

void layout_unref(struct layout *l)
{
	if (!l || --l->refs)
		return;
	slots_free(l->slot, l->n);
	bb_table_free(l->by_name, NULL);
	free(l->row);
	free(l->names);
	free(l->looks);
	free(l->profile);
	free(l);
}

int layout_find(const struct layout *l, const char *name)
{
	return layout_find_at(l, name, "");
}

int layout_find_at(const struct layout *l, const char *name, const char *index)
{
	return l ? find(l->by_name, name, index) : -1;
}
