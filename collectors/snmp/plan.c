// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/cells.h"
#include "collectors/snmp/choose.h"
#include "collectors/snmp/quirk.h"
#include "collectors/snmp/rows.h"
#include "common/arena.h"
#include "common/table.h"

const struct profile_oid plan_uptime_oid = { .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 3, 0 } };

struct plan_cache {
	struct bb_table *by_key;
};

/* ---- findings ---- */

struct finding *findings_add(struct findings *fs)
{
	if (fs->n == fs->cap) {
		fs->cap = fs->cap ? fs->cap * 2 : 32;
		fs->f = bb_realloc(fs->f, fs->cap * sizeof(*fs->f));
	}
	fs->f[fs->n] = (struct finding){ 0 };
	return &fs->f[fs->n++];
}

void findings_free(struct findings *fs)
{
	for (unsigned i = 0; i < fs->n; i++)
		free(fs->f[i].text);
	free(fs->f);
	*fs = (struct findings){ 0 };
}

struct maker {
	const struct plan_input *in;
	struct plan *p;
	struct layout_builder *layout;
	struct plan_object *object; /* slot holds the layout handle until the layout is built */
	unsigned n, cap;
	bool *active; /* quirks that apply */
	bool *serves; /* per point of the profile, see choose.h */
	struct cells cells;
	struct rows_of_device *rows;
};

/* ---- objects ---- */

/* The group a point is published with: alarms travel with the status, whatever they were read with. */
static unsigned home_of(const char *name, unsigned group)
{
	return strncmp(name, "alarm.", 6) ? group : GROUP_STATUS;
}

/* Several objects of a group may raise one flag (each rectifier of a shelf, say): they share its slot. */
static int flag_handle(struct maker *m, const char *name, unsigned group)
{
	int handle = layout_add(m->layout, name, home_of(name, group), NULL);

	m->p->has_far_flags |= home_of(name, group) != group;
	for (unsigned i = 0; handle < 0 && i < m->n; i++) {
		const struct plan_object *o = &m->object[i];
		const struct profile_map *map =
			o->flags && o->group == group ? o->point->map : NULL;

		for (unsigned k = 0; map && k < map->n && handle < 0; k++) {
			uint16_t slot = m->p->flag_slot[o->flags - 1 + k];

			if (map->value[k].flag && !strcmp(map->value[k].flag, name) &&
				slot != PLAN_NO_SLOT)
				handle = slot;
		}
	}
	return handle;
}

/* Flags that follow from a value. */
static void add_flags(struct maker *m, struct plan_object *o)
{
	const struct profile_map *map = o->point->map;
	struct plan *p = m->p;

	if (!map || !map->has_flags)
		return;
	o->flags = (uint16_t)(p->n_flag_slots + 1);
	p->flag_slot = bb_realloc(p->flag_slot, (p->n_flag_slots + map->n) * sizeof(*p->flag_slot));
	for (unsigned i = 0; i < map->n; i++) {
		int handle = -1;
		unsigned k = 0;

		/* Several values may mean the same flag: it has one slot, that of the first. */
		while (k < i && (!map->value[k].flag || !map->value[i].flag ||
					strcmp(map->value[k].flag, map->value[i].flag)))
			k++;
		if (map->value[i].flag && k == i)
			handle = flag_handle(m, map->value[i].flag, o->group);
		p->flag_slot[p->n_flag_slots + i] = k < i        ? p->flag_slot[p->n_flag_slots + k]
						    : handle < 0 ? (uint16_t)PLAN_NO_SLOT
								 : (uint16_t)handle;
	}
	p->n_flag_slots += map->n;
}

static void add_object(struct maker *m, const struct finding *f)
{
	const struct profile_point *p = m->in->profile->point[f->point];

	if (!m->serves[f->point])
		return;
	struct plan_object o = { .oid = p->oid,
		.point = p,
		.point_no = f->point,
		.scale = p->scale,
		.offset = p->offset,
		.group = p->group };
	char name[128], source[PROFILE_OID_TEXT], index[LAYOUT_INDEX_MAX] = "";

	if (!p->table && o.oid.n)
		o.oid.n--; /* the instance comes from what was found */
	if (o.oid.n + f->suffix_n > PROFILE_OID_MAX || m->n >= PLAN_MAX_OBJECTS)
		return;
	memcpy(o.oid.id + o.oid.n, f->suffix, f->suffix_n * sizeof(f->suffix[0]));
	o.oid.n = (uint8_t)(o.oid.n + f->suffix_n);
	snprintf(name, sizeof(name), "%s", p->name);
	const struct row_id no_row = { 0 };
	const struct rows *rows = p->table ? rows_live(m->rows, p->table) : NULL;
	const struct row *row = rows ? rows_get(rows, f->suffix, f->suffix_n) : NULL;
	bool is_cell = p->table && p->table->cell;
	if ((rows && (!row || (!row->number && !is_cell))) ||
		!rows_fit(m->rows, p, row ? &row->key : &no_row, &o))
		return;
	if (is_cell) {
		o.line = (uint16_t)(m->n + 1);
		if (!cells_index(&m->cells, m->rows, f, index))
			return;
	} else if (row) {
		bool several = p->line_name && rows_siblings(rows, row) > 1;

		o.line = row->number;
		if (!profile_name_of_row(name, sizeof(name), several ? p->line_name : p->name,
			    row->number))
			return;
	}
	int handle = layout_add_at(m->layout, name, index, home_of(name, p->group),
		profile_oid_print(&o.oid, source, sizeof(source)));
	if (handle < 0)
		return;
	o.slot = (uint16_t)handle;
	m->p->has_far_flags |= home_of(name, p->group) != p->group;
	if (fabs(o.scale) < 1 && fabs(round(1 / o.scale) - 1 / o.scale) < 1e-6)
		o.divisor = round(1 / o.scale);
	add_flags(m, &o);
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 64;
		m->object = bb_realloc(m->object, m->cap * sizeof(*m->object));
	}
	m->object[m->n++] = o;
}

static void add_alive(struct maker *m)
{
	m->object = bb_realloc(m->object, (m->cap = m->n + 1) * sizeof(*m->object));
	m->object[m->n++] = (struct plan_object){ .oid = *m->in->alive,
		.slot = PLAN_NO_SLOT,
		.group = GROUP_STATUS };
}

/* ---- derived values, alarms ---- */

static void add_derived(struct maker *m)
{
	const struct profile *pr = m->in->profile;

	m->p->derived = bb_calloc(pr->n_derived + 1, sizeof(*m->p->derived));
	for (unsigned i = 0; i < pr->n_derived; i++) {
		struct plan_derived *d = &m->p->derived[m->p->n_derived];

		*d = (struct plan_derived){ .how = (uint8_t)pr->derived[i].how,
			.group = pr->derived[i].group };
		for (unsigned k = 0; k < m->n && d->n < PROFILE_MAX_LINES; k++) {
			if (m->object[k].point &&
				!strcmp(m->object[k].point->name, pr->derived[i].from))
				d->from[d->n++] = m->object[k].slot;
		}
		int handle = d->n ? layout_add(m->layout, pr->derived[i].name, d->group, NULL) : -1;
		if (handle < 0)
			continue; /* nothing to derive it from, or the device has it itself */
		d->slot = (uint16_t)handle;
		m->p->n_derived++;
	}
}

static uint16_t own_slot(struct maker *m, const char *name)
{
	int handle = layout_add(m->layout, name, GROUP_STATUS, NULL);

	return handle < 0 ? (uint16_t)PLAN_NO_SLOT : (uint16_t)handle;
}

/* Sensors and switches have no such status. */
static bool tells_status(const struct maker *m)
{
	for (unsigned i = 0; i < m->n; i++) {
		const struct profile_point *p = m->object[i].point;
		unsigned words = p ? p->status | p->status_false : 0;

		if (!p)
			continue;
		for (unsigned k = 0; p->map && k < p->map->n; k++)
			words |= p->map->value[k].status;
		if (words || (p->group == GROUP_STATUS && m->in->profile->alarms.column.n))
			return true;
	}
	return false;
}

static void add_alarms(struct maker *m)
{
	const struct profile_alarms *a = &m->in->profile->alarms;
	int count = layout_builder_find(m->layout, "ups.alarm.count");

	m->p->status_slot = tells_status(m) ? own_slot(m, "ups.status") : (uint16_t)PLAN_NO_SLOT;
	m->p->alarm_text_slot = m->p->unrecognised_slot = PLAN_NO_SLOT;
	m->p->alarm_count_slot = count < 0 ? (uint16_t)PLAN_NO_SLOT : (uint16_t)count;
	m->p->alarm_slot = bb_calloc(a->n + 1, sizeof(uint16_t));
	if (!a->column.n)
		return;
	m->p->alarm_text_slot = own_slot(m, "ups.alarm");
	m->p->unrecognised_slot = own_slot(m, "ups.alarm.unrecognised");
	for (unsigned i = 0; i < a->n; i++) {
		unsigned k = 0;

		/* Several codes may mean the same flag, or none. */
		while (k < i && (!a->code[k].name || !a->code[i].name ||
					strcmp(a->code[k].name, a->code[i].name)))
			k++;
		m->p->alarm_slot[i] = k < i             ? m->p->alarm_slot[k]
				      : a->code[i].name ? own_slot(m, a->code[i].name)
							: (uint16_t)PLAN_NO_SLOT;
	}
}

/* ---- quirks ---- */

static const char *found_text(const void *arg, const char *point)
{
	const struct plan_input *in = arg;

	for (unsigned i = 0; i < in->found->n; i++) {
		if (!strcmp(in->profile->point[in->found->f[i].point]->name, point))
			return in->found->f[i].text;
	}
	return NULL;
}

static void find_active(struct maker *m)
{
	const struct profile *pr = m->in->profile;

	m->active = bb_calloc(pr->n_quirks + 1, sizeof(bool));
	for (unsigned i = 0; i < pr->n_quirks; i++) {
		m->active[i] = quirk_applies(&pr->quirk[i]->when, m->in->sysobjectid,
			m->in->sysdescr, found_text, m->in);
		m->p->no_bulk |= m->active[i] && pr->quirk[i]->kind == QUIRK_NO_BULK;
	}
}

/* The value of another point on the same line, else the only one there is. */
static uint16_t neighbour(const struct maker *m, const struct plan_object *o, const char *name)
{
	uint16_t single = PLAN_NO_SLOT;
	unsigned n = 0;

	for (unsigned i = 0; name && i < m->n; i++) {
		const struct plan_object *other = &m->object[i];

		if (!other->point || strcmp(other->point->name, name) ||
			other->point->kind != BB_NUMBER)
			continue;
		if (other->line == o->line)
			return other->slot;
		single = other->slot;
		n++;
	}
	return n == 1 ? single : (uint16_t)PLAN_NO_SLOT;
}

static bool is_raw(const struct profile_quirk *q)
{
	return q->kind == QUIRK_SENTINEL || q->kind == QUIRK_NEGATIVE || q->kind == QUIRK_UNSET;
}

static bool concerns(const struct maker *m, unsigned quirk, const struct plan_object *o)
{
	const struct profile *pr = m->in->profile;

	if (!m->active[quirk] || !o->point || o->point->kind != BB_NUMBER ||
		!quirk_names(pr->quirk[quirk], o->point))
		return false;
	return pr->quirk_origin[quirk] == pr || o->point->origin == pr->quirk_origin[quirk];
}

static void add_check(struct maker *m, unsigned quirk, unsigned object)
{
	const struct profile_quirk *q = m->in->profile->quirk[quirk];
	struct plan *p = m->p;
	struct plan_check c = { .quirk = q,
		.object = (uint16_t)object,
		.slot = m->object[object].slot,
		.with_slot = PLAN_NO_SLOT };

	for (unsigned i = 0; i < q->n_with && c.with_slot == PLAN_NO_SLOT; i++)
		c.with_slot = neighbour(m, &m->object[object], q->with[i]);
	c.voltage_slot = neighbour(m, &m->object[object], q->voltage);
	c.current_slot = neighbour(m, &m->object[object], q->current);
	p->check = bb_realloc(p->check, (p->n_checks + 1) * sizeof(*p->check));
	p->check[p->n_checks++] = c;
}

static void add_checks(struct maker *m)
{
	const struct profile *pr = m->in->profile;

	for (unsigned i = 0; i < m->n; i++) {
		m->object[i].check_first = (uint16_t)m->p->n_checks;
		for (unsigned q = 0; q < pr->n_quirks; q++) {
			if (is_raw(pr->quirk[q]) && concerns(m, q, &m->object[i]))
				add_check(m, q, i);
		}
		m->object[i].check_n = (uint16_t)(m->p->n_checks - m->object[i].check_first);
	}
	m->p->n_raw_checks = m->p->n_checks;
	for (unsigned q = 0; q < pr->n_quirks; q++) {
		for (unsigned i = 0; i < m->n; i++) {
			if (!is_raw(pr->quirk[q]) && pr->quirk[q]->kind != QUIRK_NO_BULK &&
				concerns(m, q, &m->object[i]))
				add_check(m, q, i);
		}
	}
}

/* ---- making ---- */

static void sort_by_group(struct maker *m)
{
	struct plan *p = m->p;

	p->object = bb_calloc(m->n + 1, sizeof(*p->object));
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		p->first[g] = (uint16_t)p->n_objects;
		for (unsigned i = 0; i < m->n; i++) {
			if (m->object[i].group == g)
				p->object[p->n_objects++] = m->object[i];
		}
		p->count[g] = (uint16_t)(p->n_objects - p->first[g]);
	}
	free(m->object);
	m->object = p->object;
}

static void to_slot(const uint16_t *slot_of, uint16_t *handle)
{
	if (*handle != PLAN_NO_SLOT)
		*handle = slot_of[*handle];
}

/* Handles of the layout builder become slots. */
static void finish_layout(struct maker *m)
{
	struct plan *p = m->p;
	uint16_t *slot_of = bb_calloc(LAYOUT_MAX_SLOTS, sizeof(*slot_of));

	p->layout = layout_build(m->layout, slot_of);
	for (unsigned i = 0; i < p->n_objects; i++)
		to_slot(slot_of, &p->object[i].slot);
	for (unsigned i = 0; i < p->n_derived; i++) {
		to_slot(slot_of, &p->derived[i].slot);
		for (unsigned k = 0; k < p->derived[i].n; k++)
			to_slot(slot_of, &p->derived[i].from[k]);
	}
	for (unsigned i = 0; i < p->n_flag_slots; i++)
		to_slot(slot_of, &p->flag_slot[i]);
	to_slot(slot_of, &p->status_slot);
	to_slot(slot_of, &p->alarm_text_slot);
	to_slot(slot_of, &p->alarm_count_slot);
	to_slot(slot_of, &p->unrecognised_slot);
	for (unsigned i = 0; i < p->profile->alarms.n; i++)
		to_slot(slot_of, &p->alarm_slot[i]);
	free(slot_of);
}

static struct plan *build(const struct plan_input *in)
{
	struct maker m = { .in = in, .p = bb_calloc(1, sizeof(struct plan)) };

	m.p->profile = in->profile;
	m.p->refs = 1;
	m.layout = layout_builder_new(in->profile->name);
	find_active(&m);
	m.rows = rows_new(in);
	m.serves = choose_points(in, m.rows, m.active);
	/* In the order of the profile, not of the walk: where two sources come out at one name (a scalar of a vendor's and a row of the
	 * UPS MIB, say), the first one written serves. */
	for (unsigned p = 0; p < in->profile->n_points; p++) {
		for (unsigned i = 0; i < in->found->n; i++) {
			if (in->found->f[i].point == p)
				add_object(&m, &in->found->f[i]);
		}
	}
	if (in->alive)
		add_alive(&m);
	add_derived(&m);
	add_alarms(&m);
	sort_by_group(&m);
	finish_layout(&m);
	add_checks(&m);
	free(m.active);
	free(m.serves);
	rows_free(m.rows);
	return m.p;
}

static void plan_free(struct plan *p)
{
	layout_unref(p->layout);
	free(p->object);
	free(p->check);
	free(p->derived);
	free(p->alarm_slot);
	free(p->flag_slot);
	free(p->shared_flag);
	free(p->key);
	free(p);
}

/* What makes two plans equal: objects with their slots' names, and the quirks at work. */
static void make_key(struct plan *p)
{
	size_t cap = sizeof(void *) +
		     p->n_objects * (sizeof(struct profile_oid) + 4 + 2 * sizeof(double) +
					    LAYOUT_INDEX_MAX) +
		     p->n_checks * sizeof(void *) + 1;
	uint8_t *k = p->key = bb_calloc(1, cap);

	memcpy(k, &p->profile, sizeof(void *));
	k += sizeof(void *);
	for (unsigned i = 0; i < p->n_objects; i++) {
		const struct plan_object *o = &p->object[i];

		memcpy(k, &o->point_no, 2);
		memcpy(k + 2, &o->line, 2);
		memcpy(k + 4, &o->scale, sizeof(double));
		memcpy(k + 4 + sizeof(double), &o->offset, sizeof(double));
		k += 4 + 2 * sizeof(double);
		*k++ = o->oid.n;
		memcpy(k, o->oid.id, o->oid.n * sizeof(o->oid.id[0]));
		k += o->oid.n * sizeof(o->oid.id[0]);
		if (o->point && o->point->table && o->point->table->index) {
			memcpy(k, p->layout->slot[o->slot].index, LAYOUT_INDEX_MAX);
			k += LAYOUT_INDEX_MAX;
		}
	}
	for (unsigned i = 0; i < p->n_checks; i++) {
		memcpy(k, &p->check[i].quirk, sizeof(void *));
		k += sizeof(void *);
	}
	p->key_len = (size_t)(k - p->key);
	bb_assert(p->key_len <= cap);
}

/* Only for these a device has to remember which pass told them last. */
static void number_shared_flags(struct plan *p)
{
	unsigned *owner = bb_calloc(p->layout->n + 1U, sizeof(*owner));

	p->shared_flag = bb_malloc((p->layout->n + 1U) * sizeof(*p->shared_flag));
	memset(p->shared_flag, 0xff, (p->layout->n + 1U) * sizeof(*p->shared_flag));
	for (unsigned i = 0; i < p->n_objects; i++) {
		const struct plan_object *o = &p->object[i];

		for (unsigned k = 0; o->flags && k < o->point->map->n; k++) {
			uint16_t slot = p->flag_slot[o->flags - 1 + k];

			if (slot == PLAN_NO_SLOT)
				continue;
			if (owner[slot] && owner[slot] != i + 1 &&
				p->shared_flag[slot] == PLAN_NO_SLOT)
				p->shared_flag[slot] = (uint16_t)p->n_shared_flags++;
			owner[slot] = i + 1;
		}
	}
	free(owner);
}

/* Is the row of this object among the findings? Whether a card appends zeros does not matter. */
static bool is_found(const struct findings *all, const struct plan_object *o, unsigned base_n)
{
	unsigned parts = o->point->table ? o->point->table->index : 1;

	for (unsigned i = 0; i < all->n; i++) {
		unsigned n = all->f[i].suffix_n < parts ? all->f[i].suffix_n : parts;

		if (all->f[i].point == o->point_no && n && n <= o->oid.n - base_n &&
			!memcmp(all->f[i].suffix, o->oid.id + base_n, n * sizeof(o->oid.id[0])))
			return true;
	}
	return false;
}

struct plan *plan_make(struct plan_cache *c, const struct plan_input *in)
{
	struct findings all = { 0 };
	struct plan_input wide = *in;

	for (unsigned i = 0; i < in->found->n; i++) {
		*findings_add(&all) = in->found->f[i];
		all.f[i].text = in->found->f[i].text ? bb_strdup(in->found->f[i].text) : NULL;
	}
	for (unsigned i = 0;
		in->keep && in->keep->profile == in->profile && i < in->keep->n_objects; i++) {
		const struct plan_object *o = &in->keep->object[i];
		unsigned base_n = o->point ? o->point->oid.n - (o->point->table ? 0U : 1U) : 0;

		if (!o->point || o->oid.n < base_n || o->oid.n - base_n > SUFFIX_MAX ||
			is_found(&all, o, base_n))
			continue;
		struct finding *f = findings_add(&all);
		f->point = o->point_no;
		f->suffix_n = (uint8_t)(o->oid.n - base_n);
		f->number = 1; /* it was there: it must not count as an empty row */
		f->is_number = true;
		memcpy(f->suffix, o->oid.id + base_n, f->suffix_n * sizeof(f->suffix[0]));
	}
	wide.found = &all;
	struct plan *p = build(&wide);
	findings_free(&all);
	make_key(p);
	struct plan *old = bb_table_get_n(c->by_key, p->key, p->key_len);
	if (old) {
		plan_free(p);
		return plan_ref(old);
	}
	number_shared_flags(p);
	p->cache = c;
	bb_table_put_n(c->by_key, p->key, p->key_len, p);
	return p;
}

struct plan *plan_ref(struct plan *p)
{
	p->refs++;
	return p;
}

void plan_unref(struct plan *p)
{
	if (!p || --p->refs)
		return;
	bb_table_del_n(p->cache->by_key, p->key, p->key_len);
	plan_free(p);
}

struct plan_cache *plan_cache_new(void)
{
	struct plan_cache *c = bb_calloc(1, sizeof(*c));

	c->by_key = bb_table_new();
	return c;
}

void plan_cache_free(struct plan_cache *c)
{
	if (!c)
		return;
	bb_table_free(c->by_key, NULL);
	free(c);
}

size_t plan_cache_count(const struct plan_cache *c)
{
	return bb_table_count(c->by_key);
}
