// SPDX-License-Identifier: Apache-2.0
#include "collectors/layout.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

static const char *const group_name[GROUP_COUNT] = {
	[GROUP_STATUS] = "status",
	[GROUP_MEASURE] = "measure",
	[GROUP_IDENT] = "ident",
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
};

struct layout_builder *layout_builder_new(const char *profile)
{
	struct layout_builder *b = bb_calloc(1, sizeof(*b));

	b->profile = bb_strdup(profile);
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
	free(b->profile);
	free(b);
}

int layout_builder_find(const struct layout_builder *b, const char *name)
{
	for (unsigned i = 0; i < b->n; i++) {
		if (!strcmp(b->slot[i].name, name))
			return (int)i;
	}
	return -1;
}

int layout_add(struct layout_builder *b, const char *name, unsigned group, const char *source)
{
	const struct bb_point *p = bb_point_find(name);

	if (!p || group >= GROUP_COUNT || b->n >= LAYOUT_MAX_SLOTS ||
		layout_builder_find(b, name) >= 0)
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
	return (int)b->n++;
}

struct layout *layout_build(struct layout_builder *b, uint16_t *slot_of)
{
	struct layout *l = bb_calloc(1, sizeof(*l));

	l->refs = 1;
	l->n = b->n;
	l->profile = b->profile;
	l->slot = bb_calloc(b->n ? b->n : 1, sizeof(*l->slot));
	l->names = bb_calloc(b->n ? b->n : 1, sizeof(*l->names));
	unsigned at = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		for (unsigned k = 0; k < LAYOUT_KINDS; k++) {
			l->first[g][k] = (uint16_t)at;
			for (unsigned i = 0; i < b->n; i++) {
				if (b->slot[i].group != g || b->slot[i].kind != k)
					continue;
				l->slot[at] = b->slot[i];
				l->names[at] = b->slot[i].name;
				if (slot_of)
					slot_of[i] = (uint16_t)at;
				at++;
			}
			l->count[g][k] = (uint16_t)(at - l->first[g][k]);
		}
	}
	bb_assert(at == b->n);
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
	free(l->names);
	free(l->profile);
	free(l);
}

int layout_find(const struct layout *l, const char *name)
{
	for (unsigned i = 0; l && i < l->n; i++) {
		if (!strcmp(l->slot[i].name, name))
			return (int)i;
	}
	return -1;
}
