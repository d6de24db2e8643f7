// SPDX-License-Identifier: Apache-2.0
#include "historyd/ingest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/point.h"
#include "common/str.h"
#include "common/table.h"

#define STATUS_MAX 16           /* numbers of the status group kept per device */
#define TEXTS_MAX 24
#define VALUES_MAX 4096
#define GAP_MIN_US 35000000     /* an unchanged status is published in full at least every 30 s */
#define SILENT_AFTER 3          /* passes without an answer */

struct status_number {
	const char *name;       /* interned */
	float value;
	bool missing;
};

struct text {
	const char *name;       /* interned */
	uint64_t hash;          /* of the value last written */
};

struct device {
	uint64_t status_us;             /* when the numbers below were answered, or confirmed */
	uint64_t status_epoch, status_seq;
	bool is_silent;                 /* it was written that its state is unknown */
	unsigned n_status, n_texts;
	struct status_number *status;   /* as many as there are: ten thousand devices have few each */
	struct text *texts;
	const struct layout *layout;    /* of its row before: the next one is most likely the same */
	struct bb_table *cell_texts;    /* "name#index" -> hash of the value last written, never 0; NULL: no battery blocks */
};

struct ingest {
	struct writer *writer;
	struct bb_table *devices;       /* device_id -> struct device */
	struct bb_table *names;         /* name -> interned copy */
	struct bb_table *layouts;       /* hash -> struct layout */
	uint64_t alive_us;              /* until when the process before this one wrote */
	/* the row being built */
	size_t n;
	const char *point[VALUES_MAX];
	char idx[VALUES_MAX][16];
	float value[VALUES_MAX];
	bool missing[VALUES_MAX];
};

static void device_free(void *p)
{
	struct device *d = p;

	bb_table_free(d->cell_texts, NULL);
	free(d->status);
	free(d->texts);
	free(d);
}

struct ingest *ingest_new(struct writer *w)
{
	struct ingest *in = bb_calloc(1, sizeof(*in));

	in->writer = w;
	in->devices = bb_table_new();
	in->names = bb_table_new();
	in->layouts = bb_table_new();
	return in;
}

static void layout_free(void *p)
{
	struct layout *l = p;

	for (size_t i = 0; i < l->n; i++)
		free(l->idx[i]);
	free(l->point);
	free(l->idx);
	free(l);
}

void ingest_free(struct ingest *in)
{
	if (!in)
		return;
	bb_table_free(in->devices, device_free);
	bb_table_free(in->names, free);
	bb_table_free(in->layouts, layout_free);
	free(in);
}

static const char *intern(struct ingest *in, const char *name)
{
	char *kept = bb_table_get(in->names, name);

	if (!kept) {
		kept = bb_strdup(name);
		bb_table_put(in->names, name, kept);
	}
	return kept;
}

static struct device *device_get(struct ingest *in, uint64_t id)
{
	struct device *d = bb_table_get_u64(in->devices, id);

	if (!d) {
		d = bb_calloc(1, sizeof(*d));
		bb_table_put_u64(in->devices, id, d);
	}
	return d;
}

static bool is_layout(const struct ingest *in, const struct layout *l)
{
	if (!l || l->n != in->n)
		return false;
	for (size_t i = 0; i < in->n; i++)
		if (l->point[i] != in->point[i] || strcmp(l->idx[i], in->idx[i]) != 0)
			return false;
	return true;
}

static const struct layout *layout_get(struct ingest *in, const struct layout *before)
{
	uint64_t h = 0;
	struct layout *l;

	if (is_layout(in, before))
		return before;
	for (size_t i = 0; i < in->n; i++) {
		h = h * 1099511628211ULL ^ bb_hash(in->point[i], strlen(in->point[i]) + 1);
		h = h * 1099511628211ULL ^ bb_hash(in->idx[i], strlen(in->idx[i]) + 1);
	}
	l = bb_table_get_u64(in->layouts, h);
	if (l)
		return l;
	l = bb_calloc(1, sizeof(*l));
	l->id = (int64_t)h;
	l->n = in->n;
	l->point = bb_calloc(in->n, sizeof(char *));
	l->idx = bb_calloc(in->n, sizeof(char *));
	for (size_t i = 0; i < in->n; i++) {
		l->point[i] = (char *)in->point[i];     /* interned, lives longer */
		l->idx[i] = bb_strdup(in->idx[i]);
	}
	bb_table_put_u64(in->layouts, h, l);
	return l;
}

struct visit {
	struct ingest *in;
	struct device *dev;
	const Busbar__V1__Reading *r;
	uint64_t at_us;
	bool is_status;
};

static void status_put(struct visit *v, const struct bb_value *x)
{
	struct device *d = v->dev;
	unsigned i = 0;

	while (i < d->n_status && strcmp(d->status[i].name, x->name) != 0)
		i++;
	if (i == STATUS_MAX)
		return;
	if (i == d->n_status) {
		d->status = bb_realloc(d->status, ++d->n_status * sizeof(*d->status));
		d->status[i].name = intern(v->in, x->name);
	}
	d->status[i].missing = x->quality != BB_GOOD;
	d->status[i].value = (float)x->number;
}

static void cell_text_put(struct visit *v, const struct bb_value *x)
{
	struct device *d = v->dev;
	bool known = x->quality == BB_GOOD;
	uint64_t hash = known ? bb_hash(x->text, strlen(x->text)) | 1 : 2;
	void *mark = (void *)(uintptr_t)hash;
	char key[160];

	if (!d->cell_texts)
		d->cell_texts = bb_table_new();
	snprintf(key, sizeof(key), "%s#%s", x->name, x->index);
	if (bb_table_get(d->cell_texts, key) == mark ||
		(bb_table_count(d->cell_texts) >= VALUES_MAX && !bb_table_get(d->cell_texts, key)))
		return;
	bb_table_put(d->cell_texts, key, mark);
	writer_text(v->in->writer, v->r->site_id, v->r->device_id, v->at_us, x->name, x->index, known ? x->text : NULL);
}

static void text_put(struct visit *v, const struct bb_value *x)
{
	struct device *d = v->dev;
	bool known = x->quality == BB_GOOD;
	uint64_t hash = known ? bb_hash(x->text, strlen(x->text)) : 1;
	unsigned i = 0;

	if (x->index[0]) {
		cell_text_put(v, x);
		return;
	}
	while (i < d->n_texts && strcmp(d->texts[i].name, x->name) != 0)
		i++;
	if (i == TEXTS_MAX)
		return;
	if (i == d->n_texts) {
		d->texts = bb_realloc(d->texts, ++d->n_texts * sizeof(*d->texts));
		d->texts[i].name = intern(v->in, x->name);
	} else if (d->texts[i].hash == hash) {
		return;
	}
	d->texts[i].hash = hash;
	writer_text(v->in->writer, v->r->site_id, v->r->device_id, v->at_us, x->name, x->index, known ? x->text : NULL);
}

static int on_value(void *arg, const struct bb_value *x)
{
	struct visit *v = arg;
	struct ingest *in = v->in;

	if (x->kind == BB_TEXT) {
		text_put(v, x);
	} else if (x->kind == BB_NUMBER && v->is_status) {
		status_put(v, x);
	} else if (x->kind == BB_NUMBER && in->n < VALUES_MAX) {
		const struct layout *l = v->dev->layout;
		const char *before = l && in->n < l->n ? l->point[in->n] : NULL;

		in->point[in->n] = before && strcmp(before, x->name) == 0 ? before : intern(in, x->name);
		bb_copy(in->idx[in->n], sizeof(in->idx[0]), x->index);
		in->value[in->n] = (float)x->number;
		in->missing[in->n] = x->quality != BB_GOOD;
		in->n++;
	}
	return 1;
}

/* Names that the measurement row has itself are not appended a second time. */
static void append_status(struct ingest *in, const struct device *d)
{
	size_t own = in->n;

	for (unsigned i = 0; i < d->n_status && in->n < VALUES_MAX; i++) {
		bool twice = false;

		for (size_t k = 0; k < own && !twice; k++)
			twice = in->point[k] == d->status[i].name && !in->idx[k][0];
		if (twice)
			continue;
		in->point[in->n] = d->status[i].name;
		in->idx[in->n][0] = '\0';
		in->value[in->n] = d->status[i].value;
		in->missing[in->n] = d->status[i].missing;
		in->n++;
	}
}

void ingest_confirm(struct ingest *in, uint64_t device_id, uint64_t epoch, uint64_t topic_seq, uint64_t at_us)
{
	struct device *d = bb_table_get_u64(in->devices, device_id);

	if (d && d->status_epoch == epoch && d->status_seq == topic_seq && at_us > d->status_us)
		d->status_us = at_us;
}

/* From `at_us` on nobody saw the state of the device: a chart must not show the last one as if it had lasted. */
static void state_unknown(struct ingest *in, struct device *d, const Busbar__V1__Reading *r, uint64_t at_us)
{
	unsigned i = 0;

	d->is_silent = true;
	while (i < d->n_texts && strcmp(d->texts[i].name, "ups.status") != 0)
		i++;
	if (i < d->n_texts)
		d->texts[i].hash = 1;
	else if (d->status_us)
		return; /* it is no UPS */
	writer_text(in->writer, r->site_id, r->device_id, at_us, "ups.status", "", NULL);
}

static void look_for_gap(struct ingest *in, struct device *d, const Busbar__V1__Reading *r, uint64_t at_us, uint64_t interval_us)
{
	uint64_t since = d->status_us ? d->status_us : in->alive_us, limit = 3 * interval_us;

	if (limit < GAP_MIN_US)
		limit = GAP_MIN_US;
	if (since && at_us > since + limit && !d->is_silent)
		state_unknown(in, d, r, d->status_us ? since + interval_us : since);
}

static void device_missed(struct ingest *in, const Busbar__V1__Reading *r, uint64_t interval_us)
{
	struct device *d = bb_table_get_u64(in->devices, r->device_id);

	if (d && d->status_us && !d->is_silent && r->missed >= SILENT_AFTER)
		state_unknown(in, d, r, d->status_us + interval_us);
}

void ingest_alive_before(struct ingest *in, uint64_t at_us)
{
	in->alive_us = at_us;
}

void ingest_reading(struct ingest *in, const Busbar__V1__Reading *r, uint64_t epoch, uint64_t topic_seq, uint64_t at_us)
{
	struct visit v = { .in = in, .r = r, .at_us = at_us };
	const char *group = r->group ? r->group : "";
	uint64_t interval_us = (uint64_t)(r->interval_ms ? r->interval_ms : 10000) * 1000;

	v.is_status = strcmp(group, "status") == 0;
	if (r->missed > 0 && v.is_status)
		device_missed(in, r, interval_us);
	if (r->missed > 0 || strcmp(group, "ident") == 0)
		return;
	v.dev = device_get(in, r->device_id);
	if (v.is_status)
		look_for_gap(in, v.dev, r, at_us, interval_us);
	in->n = 0;
	bb_reading_each(r, on_value, &v);
	if (v.is_status) {
		v.dev->is_silent = false;
		v.dev->status_us = at_us;
		v.dev->status_epoch = epoch;
		v.dev->status_seq = topic_seq;
		return;
	}
	if (in->n == 0)
		return;
	/* The rows of battery blocks are minutes apart and have a layout of their own. */
	if (strcmp(group, "cells") != 0 && v.dev->status_us + 3 * interval_us > at_us)
		append_status(in, v.dev);
	v.dev->layout = layout_get(in, v.dev->layout);
	writer_row(in->writer, v.dev->layout, r->site_id, r->device_id, at_us, in->value, in->missing);
}

size_t ingest_devices(const struct ingest *in)
{
	return bb_table_count(in->devices);
}

void ingest_keep(struct ingest *in, const Busbar__V1__Config *c)
{
	struct bb_table *live = bb_table_new();
	struct bb_table_iter it = { 0 };
	const void *key;
	struct device *d;
	size_t len;

	for (size_t i = 0; i < c->n_device; i++)
		bb_table_put_u64(live, c->device[i]->device_id, c->device[i]);
	while ((d = bb_table_next(in->devices, &it, &key, &len))) {
		uint64_t id;

		memcpy(&id, key, sizeof(id));
		if (bb_table_get_u64(live, id))
			continue;
		bb_table_del_u64(in->devices, id);
		device_free(d);
	}
	bb_table_free(live, NULL);
}
