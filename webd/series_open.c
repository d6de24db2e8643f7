// SPDX-License-Identifier: Apache-2.0
#include "webd/series_open.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/packed.h"
#include "common/pgbin.h"

#define DAY_US      (24 * 3600000000LL)
#define STEP_US     100000
#define SAMPLES_MAX 1000000

struct series_sample {
	int64_t at_us;
	float value; /* NaN: nothing, or found in a day row */
};

/* Days whose summaries were read, up to `last` (steps of 100 ms) of the last of them. */
struct series_seen {
	int32_t day, days, last;
};

int32_t series_day(int64_t at_us)
{
	return (int32_t)(at_us >= 0 ? at_us / DAY_US : -((-at_us + DAY_US - 1) / DAY_US));
}

int32_t series_step(int64_t at_us)
{
	int64_t t = (at_us - series_day(at_us) * DAY_US + STEP_US / 2) / STEP_US;

	return (int32_t)(t < BB_DAY_STEPS ? t : BB_DAY_STEPS - 1);
}

void series_open_fini(struct series_open *w)
{
	free(w->sample);
	free(w->seen);
	*w = (struct series_open){ 0 };
}

/* ---- adding ---- */

static struct series_sample *room_for(struct series_open *w, size_t n)
{
	if (n > SAMPLES_MAX - w->n)
		return NULL;
	if (w->n + n > w->cap) {
		w->cap = (w->n + n) * 2;
		w->sample = bb_realloc(w->sample, w->cap * sizeof(*w->sample));
	}
	return w->sample + w->n;
}

static void take_at(void *arg, size_t i, const uint8_t *p)
{
	((struct series_sample *)arg)[i].at_us = p ? bb_bin_get64(p) + BB_PG_EPOCH_US : 0;
}

static void take_value(void *arg, size_t i, const uint8_t *p)
{
	struct series_sample *s = arg;
	uint32_t raw = p ? (uint32_t)bb_bin_get32(p) : 0;

	memcpy(&s[i].value, &raw, sizeof(raw));
	if (!p)
		s[i].value = NAN;
}

void series_open_add_window(struct series_open *w, const uint8_t *at, size_t at_len, const uint8_t *value,
	size_t value_len)
{
	size_t n = at_len / 12 + 1; /* no more elements than that */
	struct series_sample *s = room_for(w, n);
	long got = s ? bb_bin_read_array(at, at_len, 8, n, take_at, s) : 0;

	if (got > 0 && bb_bin_read_array(value, value_len, 4, n, take_value, s) == got)
		w->n += (size_t)got;
}

void series_open_add_part(struct series_open *w, struct series_day *room, int32_t day, const uint8_t *t, size_t t_len,
	int scale, const uint8_t *p, size_t p_len)
{
	long n = bb_packed_times_read(t, t_len, room->t, BB_DAY_MAX_SAMPLES);
	struct series_sample *s = n > 0 ? room_for(w, (size_t)n) : NULL;

	if (!s || bb_packed_values_read(p, p_len, scale, room->value, (size_t)n) != 0)
		return;
	for (long i = 0; i < n; i++)
		s[i] = (struct series_sample){ day * DAY_US + (int64_t)room->t[i] * STEP_US,
			room->value[i] };
	w->n += (size_t)n;
}

static int64_t steps(const struct series_sample *s)
{
	return (int64_t)series_day(s->at_us) * BB_DAY_STEPS + series_step(s->at_us);
}

static int by_step(const void *a, const void *b)
{
	int64_t x = steps(a), y = steps(b);

	return x < y ? -1 : x > y;
}

void series_open_order(struct series_open *w)
{
	size_t n = 1;

	while (n < w->n && steps(&w->sample[n]) > steps(&w->sample[n - 1]))
		n++;
	if (n >= w->n)
		return;
	qsort(w->sample, w->n, sizeof(*w->sample), by_step);
	n = 0;
	for (size_t i = 1; i < w->n; i++) {
		if (steps(&w->sample[i]) != steps(&w->sample[n]))
			w->sample[++n] = w->sample[i];
		else if (isnan(w->sample[n].value))
			w->sample[n].value = w->sample[i].value;
	}
	w->n = n + 1;
}

/* ---- what is in day rows as well ---- */

static int step_order(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return x < y ? -1 : x > y;
}

void series_open_strike(struct series_open *w, int32_t day, const struct series_day *s, size_t n)
{
	for (size_t i = 0; i < w->n; i++) {
		int32_t step = series_step(w->sample[i].at_us);
		const int32_t *found;

		if (series_day(w->sample[i].at_us) != day)
			continue;
		found = bsearch(&step, s->t, n, sizeof(step), step_order);
		if (found && !isnan(s->value[found - s->t]))
			w->sample[i].value = NAN;
	}
}

void series_open_seen(struct series_open *w, int32_t day, int32_t days, int32_t last)
{
	if (w->n == 0)
		return;
	if ((w->n_seen & (w->n_seen + 1)) == 0)
		w->seen = bb_realloc(w->seen, (2 * w->n_seen + 1) * sizeof(*w->seen));
	w->seen[w->n_seen++] = (struct series_seen){ day, days, last };
}

static bool is_seen(const struct series_open *w, int64_t at_us)
{
	int32_t day = series_day(at_us), step = series_step(at_us);

	for (size_t i = 0; i < w->n_seen; i++) {
		const struct series_seen *s = &w->seen[i];

		if (day >= s->day && day < s->day + s->days)
			return day < s->day + s->days - 1 || step <= s->last;
	}
	return false;
}

void series_open_finish(const struct series_open *w, struct chart *c)
{
	for (size_t i = 0; i < w->n; i++)
		if (is_seen(w, w->sample[i].at_us))
			chart_sample_late(c, w->sample[i].at_us, w->sample[i].value);
		else
			chart_sample_add(c, w->sample[i].at_us, w->sample[i].value);
}
