// SPDX-License-Identifier: Apache-2.0
/* The values of one device, slot by slot of its layout. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/collector_priv.h"
#include "common/str.h"

static bool slot_is(const struct device *d, unsigned slot, unsigned kind)
{
	return d->layout && slot < d->layout->n && d->layout->slot[slot].kind == kind;
}

static void put_number(struct device *d, unsigned slot, double v, unsigned quality)
{
	bb_assert(slot_is(d, slot, BB_NUMBER));
	const struct bb_point *p = d->layout->slot[slot].point;
	bool possible = isfinite(v) && (p->min > p->max || (v >= p->min && v <= p->max));
	d->value[slot].number = isfinite(v) ? v : 0;
	d->quality[slot] = (uint8_t)(possible || quality != BB_GOOD ? quality : BB_BAD);
}

void device_set_number(struct device *d, unsigned slot, double v, unsigned quality)
{
	for (unsigned i = 0; i < d->set.n_corrections; i++) {
		const struct device_correction *c = &d->set.correction[i];

		if (c->factor != 0 && !strcmp(c->point, d->layout->slot[slot].name))
			v *= c->factor;
	}
	put_number(d, slot, v, quality);
}

void device_scale_number(struct device *d, unsigned slot, double factor)
{
	if (d->quality[slot] == BB_GOOD || d->quality[slot] == BB_BAD)
		put_number(d, slot, d->value[slot].number * factor, BB_GOOD);
}

void device_set_text(struct device *d, unsigned slot, const char *s, size_t n, unsigned quality)
{
	char clean[DEVICE_TEXT_MAX + 1];

	bb_assert(slot_is(d, slot, BB_TEXT));
	d->quality[slot] = (uint8_t)quality;
	if (!s)
		return;
	bb_text_clean(clean, sizeof(clean), s, n);
	if (d->value[slot].text && !strcmp(d->value[slot].text, clean))
		return;
	free(d->value[slot].text);
	d->value[slot].text = bb_strdup(clean);
}

void device_set_flag(struct device *d, unsigned slot, bool v, unsigned quality)
{
	bb_assert(slot_is(d, slot, BB_FLAG));
	d->flag[slot - d->layout->n_values] = v;
	d->quality[slot] = (uint8_t)quality;
}

static void texts_free(struct device *d)
{
	for (unsigned i = 0; d->layout && i < d->layout->n_values; i++) {
		if (d->layout->slot[i].kind == BB_TEXT)
			free(d->value[i].text);
	}
}

void device_drop_values(struct device *d)
{
	texts_free(d);
	plausible_free(d->plausible);
	d->plausible = NULL;
	free(d->value);
	layout_unref(d->layout);
	d->value = NULL;
	d->quality = NULL;
	d->flag = NULL;
	d->layout = NULL;
	d->status_slot = -1;
}

/* From the old layout to the new one, which takes the texts over. */
static void value_move(struct device *d, const struct layout *l, unsigned slot,
	union device_value *value, uint8_t *quality, bool *flag)
{
	const struct layout_slot *s = &l->slot[slot];
	int old = layout_find_at(d->layout, s->name, s->index);

	if (old < 0 || d->layout->slot[old].kind != s->kind)
		return;
	quality[slot] = d->quality[old];
	if (s->kind == BB_FLAG) {
		flag[slot - l->n_values] = device_flag(d, (unsigned)old);
		return;
	}
	value[slot] = d->value[old];
	d->value[old] = (union device_value){ .number = 0 };
}

void device_set_layout(struct device *d, struct layout *l)
{
	size_t values = l->n_values * sizeof(union device_value);
	union device_value *value = bb_calloc(1, values + l->n + (l->n - l->n_values) + 1);
	uint8_t *quality = (uint8_t *)value + values;
	bool *flag = (bool *)(quality + l->n);

	memset(quality, BB_UNKNOWN, l->n);
	for (unsigned i = 0; i < l->n; i++)
		value_move(d, l, i, value, quality, flag);
	device_drop_values(d);
	d->layout = l;
	d->value = value;
	d->quality = quality;
	d->flag = flag;
	d->status_slot = layout_find(l, "ups.status");
	d->plausible = plausible_new(l);
}
