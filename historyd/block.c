// SPDX-License-Identifier: Apache-2.0
#include "historyd/block.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

#define MAGIC 0x62624231u       /* "bbB1" */

struct reader {
	const uint8_t *p, *end;
	bool bad;
};

static void put(struct bb_buf *b, const void *p, size_t n)
{
	bb_buf_add(b, p, n);
}

static void put_str(struct bb_buf *b, const char *s)
{
	uint16_t n = (uint16_t)strnlen(s, UINT16_MAX - 1);

	put(b, &n, sizeof(n));
	put(b, s, n);
	put(b, "", 1);
}

static void get(struct reader *r, void *out, size_t n)
{
	if (r->bad || (size_t)(r->end - r->p) < n) {
		r->bad = true;
		memset(out, 0, n);
		return;
	}
	memcpy(out, r->p, n);
	r->p += n;
}

static const char *get_str(struct reader *r)
{
	uint16_t n;
	const char *s;

	get(r, &n, sizeof(n));
	if (r->bad || (size_t)(r->end - r->p) < (size_t)n + 1 || r->p[n] != 0 || memchr(r->p, 0, n)) {
		r->bad = true;
		return "";
	}
	s = (const char *)r->p;
	r->p += n + 1;
	return s;
}

struct block *block_new(void)
{
	struct block *b = bb_calloc(1, sizeof(*b));

	b->min_us = UINT64_MAX;
	return b;
}

void block_free(struct block *b)
{
	if (!b)
		return;
	bb_buf_fini(&b->layouts);
	bb_buf_fini(&b->texts);
	bb_buf_fini(&b->rows);
	free(b);
}

void block_add_layout(struct block *b, const struct layout *l)
{
	uint16_t n = (uint16_t)l->n;

	put(&b->layouts, &l->id, sizeof(l->id));
	put(&b->layouts, &n, sizeof(n));
	for (size_t i = 0; i < l->n; i++) {
		put_str(&b->layouts, l->point[i]);
		put_str(&b->layouts, l->idx[i]);
	}
	b->n_layouts++;
}

void block_add_text(struct block *b, const struct block_text *t)
{
	uint8_t known = t->value != NULL;

	put(&b->texts, &t->site_id, 8);
	put(&b->texts, &t->device_id, 8);
	put(&b->texts, &t->at_us, 8);
	put_str(&b->texts, t->point);
	put_str(&b->texts, t->idx);
	put(&b->texts, &known, 1);
	put_str(&b->texts, known ? t->value : "");
	b->n_texts++;
}

struct head {
	uint32_t magic, n_rows, n_layouts, n_texts, layouts_len, texts_len, rows_len, spare;
	uint64_t min_us, max_us;
};

void block_save(const struct block *b, struct bb_buf *out)
{
	struct head h = { .magic = MAGIC, .n_rows = b->n_rows, .n_layouts = b->n_layouts, .n_texts = b->n_texts,
		.layouts_len = (uint32_t)b->layouts.len, .texts_len = (uint32_t)b->texts.len, .rows_len = (uint32_t)b->rows.len,
		.min_us = b->min_us, .max_us = b->max_us };

	put(out, &h, sizeof(h));
	put(out, b->layouts.data ? b->layouts.data : "", b->layouts.len);
	put(out, b->texts.data ? b->texts.data : "", b->texts.len);
	put(out, b->rows.data ? b->rows.data : "", b->rows.len);
}

struct block *block_load(const uint8_t *p, size_t n)
{
	struct block *b;
	struct head h;

	if (n < sizeof(h))
		return NULL;
	memcpy(&h, p, sizeof(h));
	if (h.magic != MAGIC || (uint64_t)h.layouts_len + h.texts_len + h.rows_len != n - sizeof(h))
		return NULL;
	p += sizeof(h);
	b = block_new();
	bb_buf_add(&b->layouts, p, h.layouts_len);
	bb_buf_add(&b->texts, p + h.layouts_len, h.texts_len);
	bb_buf_add(&b->rows, p + h.layouts_len + h.texts_len, h.rows_len);
	b->n_rows = h.n_rows;
	b->n_layouts = h.n_layouts;
	b->n_texts = h.n_texts;
	b->min_us = h.min_us;
	b->max_us = h.max_us;
	b->staged = true;
	return b;
}

int block_each_layout(const struct block *b, void (*cb)(void *arg, const struct layout *l), void *arg)
{
	struct reader r = { .p = (const uint8_t *)b->layouts.data, .end = (const uint8_t *)b->layouts.data + b->layouts.len };

	for (uint32_t i = 0; i < b->n_layouts; i++) {
		char *point[BLOCK_MAX_POINTS], *idx[BLOCK_MAX_POINTS];
		struct layout l = { .point = point, .idx = idx };
		uint16_t n;

		get(&r, &l.id, sizeof(l.id));
		get(&r, &n, sizeof(n));
		if (r.bad || n > BLOCK_MAX_POINTS)
			return -1;
		for (l.n = 0; l.n < n; l.n++) {
			point[l.n] = (char *)get_str(&r);
			idx[l.n] = (char *)get_str(&r);
		}
		if (r.bad)
			return -1;
		cb(arg, &l);
	}
	return 0;
}

int block_each_text(const struct block *b, void (*cb)(void *arg, const struct block_text *t), void *arg)
{
	struct reader r = { .p = (const uint8_t *)b->texts.data, .end = (const uint8_t *)b->texts.data + b->texts.len };

	for (uint32_t i = 0; i < b->n_texts; i++) {
		struct block_text t;
		uint8_t known;

		get(&r, &t.site_id, 8);
		get(&r, &t.device_id, 8);
		get(&r, &t.at_us, 8);
		t.point = get_str(&r);
		t.idx = get_str(&r);
		get(&r, &known, 1);
		t.value = get_str(&r);
		if (!known)
			t.value = NULL;
		if (r.bad)
			return -1;
		cb(arg, &t);
	}
	return 0;
}
