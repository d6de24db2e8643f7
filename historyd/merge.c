// SPDX-License-Identifier: Apache-2.0
#include "historyd/merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/day.h"

struct column {
	int series;
	float *value;           /* one per time entry, before and after sorting */
	size_t cap;
};

struct entry {
	int32_t t;
	uint32_t source;        /* position in the columns; larger = newer */
};

struct merge {
	struct entry *entry;
	size_t n, cap;
	struct column *column;
	size_t n_columns, cap_columns;
	size_t last_column;     /* where the next series is likely found */
	bool is_in_order;       /* every time is later than the one before */
	int32_t *times;
	float *scratch;
	size_t n_out, cap_out;
};

struct merge *merge_new(void)
{
	struct merge *m = bb_calloc(1, sizeof(*m));

	merge_reset(m);
	return m;
}

void merge_free(struct merge *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->cap_columns; i++)
		free(m->column[i].value);
	free(m->column);
	free(m->entry);
	free(m->times);
	free(m->scratch);
	free(m);
}

void merge_reset(struct merge *m)
{
	m->n = m->n_columns = m->n_out = 0;
	m->is_in_order = true;
}

static void column_room(struct column *c, size_t used, size_t n)
{
	if (n > c->cap) {
		c->cap = n * 2;
		c->value = bb_realloc(c->value, c->cap * sizeof(float));
	}
	for (size_t i = used; i < n; i++)
		c->value[i] = NAN;
}

static struct column *column_get(struct merge *m, int series)
{
	for (size_t k = 0, i = m->last_column; k < m->n_columns; k++) {
		i = i + 1 < m->n_columns ? i + 1 : 0;
		if (m->column[i].series == series) {
			m->last_column = i;
			return &m->column[i];
		}
	}
	if (m->n_columns == m->cap_columns) {
		size_t cap = m->cap_columns ? m->cap_columns * 2 : 32;

		m->column = bb_realloc(m->column, cap * sizeof(*m->column));
		memset(m->column + m->cap_columns, 0, (cap - m->cap_columns) * sizeof(*m->column));
		m->cap_columns = cap;
	}
	struct column *c = &m->column[m->n_columns++];

	c->series = series;
	column_room(c, 0, m->n);
	m->last_column = m->n_columns - 1;
	return c;
}

static bool entry_add(struct merge *m, int32_t t)
{
	if (m->n >= 2 * BB_DAY_MAX_SAMPLES || t < 0 || t >= BB_DAY_STEPS)
		return false;
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 1024;
		m->entry = bb_realloc(m->entry, m->cap * sizeof(*m->entry));
	}
	m->is_in_order = m->is_in_order && (m->n == 0 || t > m->entry[m->n - 1].t);
	m->entry[m->n] = (struct entry){ .t = t, .source = (uint32_t)m->n };
	m->n++;
	return true;
}

static void columns_room(struct merge *m, size_t used)
{
	for (size_t i = 0; i < m->n_columns; i++)
		column_room(&m->column[i], used, m->n);
}

size_t merge_old_times(struct merge *m, const int32_t *t, size_t n)
{
	size_t before = m->n;

	for (size_t i = 0; i < n && entry_add(m, t[i]); i++)
		;
	columns_room(m, before);
	return m->n - before;
}

void merge_old_series(struct merge *m, int series, const float *value, size_t from, size_t n)
{
	struct column *c = column_get(m, series);

	if (from < m->n)
		memcpy(c->value + from, value, (n < m->n - from ? n : m->n - from) * sizeof(float));
}

bool merge_add(struct merge *m, int32_t t, const int *series, const float *value, size_t n)
{
	if (!entry_add(m, t))
		return false;
	columns_room(m, m->n - 1);
	for (size_t i = 0; i < n; i++)
		column_get(m, series[i])->value[m->n - 1] = value[i];
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return x->source < y->source ? -1 : 1;
}

/* Of entries with the same time the newest good value counts. */
static void unite(struct merge *m, float *value)
{
	size_t out = 0;

	for (size_t i = 0; i < m->n; i++) {
		float v = value[m->entry[i].source];
		bool same = i > 0 && m->entry[i].t == m->entry[i - 1].t;

		if (!same)
			m->scratch[out++] = v;
		else if (!isnan(v))
			m->scratch[out - 1] = v;
	}
	memcpy(value, m->scratch, out * sizeof(float));
}

size_t merge_finish(struct merge *m)
{
	if (m->n > m->cap_out) {
		m->cap_out = m->n * 2;
		m->times = bb_realloc(m->times, m->cap_out * sizeof(*m->times));
		m->scratch = bb_realloc(m->scratch, m->cap_out * sizeof(*m->scratch));
	}
	m->n_out = 0;
	if (m->is_in_order) {
		for (; m->n_out < m->n; m->n_out++)
			m->times[m->n_out] = m->entry[m->n_out].t;
		return m->n_out;
	}
	qsort(m->entry, m->n, sizeof(*m->entry), by_time);
	for (size_t i = 0; i < m->n; i++)
		if (i == 0 || m->entry[i].t != m->entry[i - 1].t)
			m->times[m->n_out++] = m->entry[i].t;
	for (size_t i = 0; i < m->n_columns; i++)
		unite(m, m->column[i].value);
	return m->n_out;
}

size_t merge_entries(const struct merge *m)
{
	return m->n;
}

size_t merge_count(const struct merge *m)
{
	return m->n_out;
}

const int32_t *merge_times(const struct merge *m)
{
	return m->times;
}

size_t merge_series_count(const struct merge *m)
{
	return m->n_columns;
}

int merge_series_id(const struct merge *m, size_t i)
{
	return m->column[i].series;
}

const float *merge_series_values(const struct merge *m, size_t i)
{
	return m->column[i].value;
}
