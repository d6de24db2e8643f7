// SPDX-License-Identifier: Apache-2.0
#include "historyd/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/pg.h"
#include "common/table.h"
#include "historyd/block.h"
#include "common/pgbin.h"

#define FLUSH_MS 500
#define BLOCK_BYTES (1u << 20)
#define QUEUE_BLOCKS 8
#define WINDOWS_MAX 400         /* of one block: a spool of more than two weeks is written in several */
#define STATEMENT_TIMEOUT_MS 20000

struct writer {
	struct bb_loop *loop;
	struct bb_pg *pg;
	struct spool *spool;
	unsigned window_s;
	struct block *open;             /* being filled */
	struct block *queue[QUEUE_BLOCKS];
	size_t n_queue;
	struct block *flying;
	bool flying_from_spool;
	bool flying_failed;             /* an earlier statement of it failed */
	char why[256];
	struct bb_table *known;         /* "L<id>" layouts and "W<start>" windows the database has */
	struct bb_watch *timer;
	struct bb_log_limit limit;
	struct writer_stats stats;
};

static void send_next(struct writer *w);

/* ---- filling ---- */

static void to_spool(struct writer *w, struct block *b)
{
	struct bb_buf out = { 0 };
	struct bb_err err = { .text = "samples wait in the spool" };
	uint64_t repeats;

	block_save(b, &out);
	w->stats.rows_spooled += b->n_rows;
	if (spool_put(w->spool, out.data, out.len, &err) != 0 || bb_log_due(&w->limit, err.text, &repeats))
		bb_log(EV_SPOOL, BB_ERRTEXT(&err), BB_UINT("spool_bytes", spool_bytes(w->spool)));
	bb_buf_fini(&out);
	block_free(b);
}

static void close_block(struct writer *w)
{
	if (w->open->n_rows == 0 && w->open->n_texts == 0)
		return;
	if (!bb_pg_is_up(w->pg)) {
		to_spool(w, w->open);
	} else {
		if (w->n_queue == QUEUE_BLOCKS) {
			to_spool(w, w->queue[0]);
			memmove(w->queue, w->queue + 1, --w->n_queue * sizeof(w->queue[0]));
		}
		w->queue[w->n_queue++] = w->open;
	}
	w->open = block_new();
	send_next(w);
}

static bool layout_in_block(const struct block *b, const struct layout *l)
{
	/* layouts are few: the bytes of the id are looked for among the heads written so far */
	return b->layouts.len >= sizeof(l->id) && memmem(b->layouts.data, b->layouts.len, &l->id, sizeof(l->id)) != NULL;
}

void writer_row(struct writer *w, const struct layout *l, uint64_t site_id, uint64_t device_id, uint64_t at_us, const float *value,
	const bool *missing)
{
	struct block *b = w->open;

	if (!layout_in_block(b, l))
		block_add_layout(b, l);
	bb_bin_row(&b->rows, 5);
	bb_bin_int8(&b->rows, (int64_t)site_id);
	bb_bin_int8(&b->rows, (int64_t)device_id);
	bb_bin_time(&b->rows, at_us);
	bb_bin_int8(&b->rows, l->id);
	bb_bin_float4s(&b->rows, value, missing, l->n);
	b->n_rows++;
	b->min_us = at_us < b->min_us ? at_us : b->min_us;
	b->max_us = at_us > b->max_us ? at_us : b->max_us;
	w->stats.rows++;
	w->stats.values += l->n;
	if (b->rows.len > BLOCK_BYTES)
		close_block(w);
}

void writer_text(struct writer *w, uint64_t site_id, uint64_t device_id, uint64_t at_us, const char *point, const char *idx,
	const char *value)
{
	struct block_text t = { .site_id = site_id, .device_id = device_id, .at_us = at_us, .point = point, .idx = idx, .value = value };

	block_add_text(w->open, &t);
	if (w->open->texts.len > BLOCK_BYTES)
		close_block(w);
}

/* ---- sending ---- */

static void on_part(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct writer *w = arg;

	if (error && !w->flying_failed) {
		w->flying_failed = true;
		bb_copy(w->why, sizeof(w->why), error);
	}
}

static void forget_windows(struct writer *w)
{
	bb_table_free(w->known, NULL);
	w->known = bb_table_new();
}

/* Duplicate rows or a window folded meanwhile: write row by row with conflicts ignored, once. Lost connection: spool. */
static void on_copied(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct writer *w = arg;
	struct block *b = w->flying;
	const char *why = error ? error : w->why;
	bool failed = error || w->flying_failed;
	bool lost = failed && (!bb_pg_is_up(w->pg) || !sqlstate[0] || !strcmp(sqlstate, "57014") || !strncmp(sqlstate, "53", 2));

	if (!b)
		return;         /* the writer is being freed and has put the block into the spool */
	w->flying = NULL;
	if (failed)
		forget_windows(w);
	if (!failed) {
		if (w->flying_from_spool)
			spool_drop_first(w->spool);
		block_free(b);
	} else if (lost) {
		if (w->flying_from_spool)
			block_free(b);
		else
			to_spool(w, b);
	} else if (!b->staged) {
		b->staged = true;
		memmove(w->queue + 1, w->queue, (w->n_queue < QUEUE_BLOCKS ? w->n_queue : QUEUE_BLOCKS - 1) * sizeof(w->queue[0]));
		w->queue[0] = b;
		w->n_queue += w->n_queue < QUEUE_BLOCKS;
	} else {
		bb_log(EV_DATABASE_REFUSED, BB_STR("error", why), BB_UINT("rows", b->n_rows));
		w->stats.blocks_refused++;
		if (w->flying_from_spool)
			spool_drop_first(w->spool);
		block_free(b);
	}
	send_next(w);
}

static void array_item(struct bb_buf *out, const char *item)
{
	bb_buf_str(out, out->len > 1 ? "," : "");
	if (!item) {
		bb_buf_str(out, "NULL");
		return;
	}
	bb_buf_str(out, "\"");
	for (const char *p = item; *p; p++) {
		if (*p == '"' || *p == '\\')
			bb_buf_str(out, "\\");
		bb_buf_add(out, p, 1);
	}
	bb_buf_str(out, "\"");
}

static void text_array(struct bb_buf *out, char *const *items, size_t n)
{
	bb_buf_str(out, "{");
	for (size_t i = 0; i < n; i++)
		array_item(out, items[i]);
	bb_buf_str(out, "}");
}

static void ensure_layout(void *arg, const struct layout *l)
{
	struct writer *w = arg;
	struct bb_buf points = { 0 }, idx = { 0 };
	char key[32], id[24];

	snprintf(key, sizeof(key), "L%lld", (long long)l->id);
	if (bb_table_get(w->known, key))
		return;
	bb_table_put(w->known, key, w);
	snprintf(id, sizeof(id), "%lld", (long long)l->id);
	text_array(&points, l->point, l->n);
	text_array(&idx, l->idx, l->n);
	const char *values[] = { id, points.data, idx.data };
	bb_pg_query(w->pg, "SELECT layout_ensure($1::bigint, $2::text[], $3::text[])", 3, values, NULL, NULL, on_part, w);
	bb_buf_fini(&points);
	bb_buf_fini(&idx);
}

static void ensure_windows(struct writer *w, const struct block *b)
{
	uint64_t step = w->window_s, first = b->min_us / 1000000 / step, last = b->max_us / 1000000 / step;
	char key[32], from[24], seconds[16];

	snprintf(seconds, sizeof(seconds), "%u", w->window_s);
	/* the next one as well, so that the hour's change costs no wait */
	for (uint64_t n = first; n <= last + 1 && n - first < WINDOWS_MAX; n++) {
		snprintf(key, sizeof(key), "W%llu", (unsigned long long)n);
		if (bb_table_get(w->known, key))
			continue;
		bb_table_put(w->known, key, w);
		snprintf(from, sizeof(from), "%llu", (unsigned long long)(n * step));
		const char *values[] = { from, seconds };
		bb_pg_query(w->pg, "SELECT sample_window_ensure(to_timestamp($1::float8), $2::int)", 2, values, NULL, NULL, on_part, w);
	}
}

struct text_columns {
	struct bb_buf site, device, at, point, idx, value;
};

static void add_text(void *arg, const struct block_text *t)
{
	struct text_columns *c = arg;
	const char *comma = c->site.len > 1 ? "," : "";
	char at[32];

	bb_buf_printf(&c->site, "%s%llu", comma, (unsigned long long)t->site_id);
	bb_buf_printf(&c->device, "%s%llu", comma, (unsigned long long)t->device_id);
	array_item(&c->at, bb_clock_rfc3339(t->at_us, at));
	array_item(&c->point, t->point);
	array_item(&c->idx, t->idx);
	array_item(&c->value, t->value);
}

/* All text changes of a block in one statement. Returns -1 when the block is damaged. */
static int send_texts(struct writer *w, const struct block *b)
{
	struct text_columns c = { 0 };
	struct bb_buf *const all[] = { &c.site, &c.device, &c.at, &c.point, &c.idx, &c.value };
	const char *values[6];
	int rc;

	if (b->n_texts == 0)
		return 0;
	for (size_t i = 0; i < 6; i++)
		bb_buf_str(all[i], "{");
	rc = block_each_text(b, add_text, &c);
	for (size_t i = 0; i < 6; i++) {
		bb_buf_str(all[i], "}");
		values[i] = all[i]->data;
	}
	if (rc == 0)
		bb_pg_query(w->pg, "SELECT text_change_put($1, $2, $3, $4, $5, $6)", 6, values, NULL, NULL, on_part, w);
	for (size_t i = 0; i < 6; i++)
		bb_buf_fini(all[i]);
	return rc;
}

/* The connection went away before the block was sent; the next timer or reconnect tries again. */
static void put_back(struct writer *w)
{
	struct block *b = w->flying;

	w->flying = NULL;
	if (w->flying_from_spool)
		block_free(b);
	else
		to_spool(w, b);
}

static void fly(struct writer *w, struct block *b)
{
	struct bb_buf copy = { 0 };
	int rc;

	w->flying = b;
	w->flying_failed = false;
	if (block_each_layout(b, ensure_layout, w) != 0 || send_texts(w, b) != 0) {
		w->flying_failed = true;
		b->staged = true;
		bb_copy(w->why, sizeof(w->why), "the block is damaged");
	}
	if (b->n_rows == 0) {
		rc = bb_pg_query(w->pg, "SELECT 1", 0, NULL, NULL, NULL, on_copied, w);
	} else {
		ensure_windows(w, b);
		bb_bin_begin(&copy);
		bb_buf_add(&copy, b->rows.data, b->rows.len);
		bb_bin_end(&copy);
		if (b->staged) {
			bb_pg_query(w->pg, "CREATE TEMP TABLE IF NOT EXISTS stage (LIKE sample_wide)", 0, NULL, NULL, NULL, on_part, w);
			bb_pg_query(w->pg, "TRUNCATE stage", 0, NULL, NULL, NULL, on_part, w);
			bb_pg_copy(w->pg, "COPY stage FROM STDIN (FORMAT binary)", copy.data, copy.len, on_part, w);
			rc = bb_pg_query(w->pg, "INSERT INTO sample_wide SELECT * FROM stage ON CONFLICT DO NOTHING", 0, NULL, NULL, NULL,
				on_copied, w);
		} else {
			rc = bb_pg_copy(w->pg, "COPY sample_wide FROM STDIN (FORMAT binary)", copy.data, copy.len, on_copied, w);
		}
		bb_buf_fini(&copy);
	}
	if (rc != 0)
		put_back(w);
}

static void send_next(struct writer *w)
{
	uint8_t *bytes;
	size_t len;

	if (w->flying || !bb_pg_is_up(w->pg))
		return;
	if (w->n_queue > 0) {
		struct block *b = w->queue[0];

		memmove(w->queue, w->queue + 1, --w->n_queue * sizeof(w->queue[0]));
		w->flying_from_spool = false;
		fly(w, b);
		return;
	}
	if (spool_first(w->spool, &bytes, &len) == 1) {
		struct block *b = block_load(bytes, len);

		free(bytes);
		if (!b) {
			spool_drop_first(w->spool);
			w->stats.blocks_refused++;
			return;
		}
		w->flying_from_spool = true;
		fly(w, b);
	}
}

/* ---- life ---- */

static void on_up(void *arg)
{
	struct writer *w = arg;

	bb_log(EV_DATABASE_BACK, BB_UINT("spool_bytes", spool_bytes(w->spool)));
	forget_windows(w);
	send_next(w);
}

static void on_down(void *arg, const char *reason)
{
	struct writer *w = arg;
	uint64_t repeats;

	if (bb_log_due(&w->limit, reason, &repeats))
		bb_log(EV_DATABASE_LOST, BB_STR("error", reason), BB_UINT("repeats", repeats));
	for (size_t i = 0; i < w->n_queue; i++)
		to_spool(w, w->queue[i]);
	w->n_queue = 0;
}

static void on_timer(void *arg)
{
	struct writer *w = arg;

	close_block(w);
	send_next(w);
}

struct writer *writer_new(struct bb_loop *loop, const struct writer_options *o, struct bb_err *err)
{
	struct writer *w = bb_calloc(1, sizeof(*w));
	struct bb_pg_options pg = { .conninfo = o->conninfo, .application_name = "historyd",
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS, .up = on_up, .down = on_down, .arg = w };

	w->loop = loop;
	w->window_s = o->window_s;
	w->open = block_new();
	w->known = bb_table_new();
	w->spool = spool_open(o->spool_dir, o->spool_bytes, err);
	if (!w->spool) {
		writer_free(w);
		return NULL;
	}
	w->pg = bb_pg_new(loop, &pg);
	w->timer = bb_loop_every(loop, FLUSH_MS, on_timer, w);
	return w;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	bb_loop_cancel(w->timer);
	if (w->spool) {
		for (size_t i = 0; i < w->n_queue; i++)
			to_spool(w, w->queue[i]);
		w->n_queue = 0;
		if (w->open->n_rows || w->open->n_texts)
			to_spool(w, w->open);
		else
			block_free(w->open);
		if (w->flying && !w->flying_from_spool)
			to_spool(w, w->flying);
		else
			block_free(w->flying);
		w->flying = NULL;
	} else {
		block_free(w->open);
	}
	w->open = block_new();
	if (w->pg)
		bb_pg_free(w->pg);
	block_free(w->open);
	spool_close(w->spool);
	bb_table_free(w->known, NULL);
	free(w);
}

void writer_stats(const struct writer *w, struct writer_stats *out)
{
	*out = w->stats;
	out->spool_bytes = spool_bytes(w->spool);
	out->segments_dropped = spool_dropped(w->spool);
	out->queue_blocks = w->n_queue + (w->flying != NULL);
	out->database_up = bb_pg_is_up(w->pg);
}
