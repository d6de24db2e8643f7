// SPDX-License-Identifier: Apache-2.0
#include "webd/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

#define HOUR_US 3600000000LL

void chart_init(struct chart *c, const struct chart_span *span)
{
	*c = (struct chart){ .span = *span, .is_raw = true };
	c->part = bb_calloc(span->parts, sizeof(*c->part));
	c->sample = bb_malloc(span->parts * sizeof(*c->sample));
}

void chart_fini(struct chart *c)
{
	free(c->part);
	free(c->sample);
	*c = (struct chart){ 0 };
}

static int64_t part_begin(const struct chart *c, size_t i)
{
	uint64_t span = (uint64_t)(c->span.to_us - c->span.from_us);
	unsigned __int128 x = (unsigned __int128)span * i + c->span.parts - 1;

	return c->span.from_us + (int64_t)(x / c->span.parts);
}

/* Samples mostly come in order, and the part of the one before is the part of the next: millions of
 * divisions less. */
static struct chart_part *part_of(struct chart *c, int64_t at_us)
{
	uint64_t off, span = (uint64_t)(c->span.to_us - c->span.from_us);

	if (at_us >= c->near_from_us && at_us < c->near_to_us)
		return c->near;
	if (at_us < c->span.from_us || at_us >= c->span.to_us)
		return NULL;
	off = (uint64_t)(at_us - c->span.from_us);
	size_t i = (size_t)((unsigned __int128)off * c->span.parts / span);

	c->near = &c->part[i];
	c->near_from_us = part_begin(c, i);
	c->near_to_us = part_begin(c, i + 1);
	return c->near;
}

static void widen(struct chart_part *p, float min, float max)
{
	if (!p->is_used || min < p->min)
		p->min = min;
	if (!p->is_used || max > p->max)
		p->max = max;
	p->is_used = true;
}

void chart_sample_add(struct chart *c, int64_t at_us, float value)
{
	struct chart_part *p = part_of(c, at_us);

	if (!p || !isfinite(value))
		return;
	widen(p, value, value);
	p->sum += value;
	p->n++;
	if (c->is_raw && c->n_samples < c->span.parts)
		c->sample[c->n_samples++] = (struct chart_sample){ at_us, value };
	else
		c->is_raw = false;
}

void chart_sample_late(struct chart *c, int64_t at_us, float value)
{
	struct chart_part *p = part_of(c, at_us);

	if (!p || !isfinite(value))
		return;
	if (!p->is_used)
		chart_sample_add(c, at_us, value);
	else
		widen(p, value, value);
}

void chart_hour_add(struct chart *c, int64_t hour, const struct bb_hour *h)
{
	chart_summary_add(c, hour * HOUR_US, HOUR_US, h);
}

void chart_summary_add(struct chart *c, int64_t at_us, int64_t length_us, const struct bb_hour *h)
{
	struct chart_part *p;

	if (at_us < c->span.from_us && at_us + length_us > c->span.from_us)
		at_us = c->span.from_us;
	p = part_of(c, at_us);
	if (!p || h->n <= 0 || !isfinite(h->min) || !isfinite(h->avg) || !isfinite(h->max))
		return;
	widen(p, h->min, h->max);
	p->sum += (double)h->avg * h->n;
	p->n += (uint32_t)h->n;
	c->is_raw = false;
}

/* ---- printing: a year of 24 series is 100,000 numbers, and printf takes a third of a microsecond
 * for one ---- */

static size_t put_digits(char *out, uint64_t v)
{
	char text[24];
	size_t n = sizeof(text);

	do {
		text[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(out, text + n, sizeof(text) - n);
	return sizeof(text) - n;
}

/* `m` / 10^decimals without trailing zeros. */
static size_t put_decimal(char *out, uint64_t m, unsigned decimals, bool is_negative)
{
	size_t len = 0;
	uint64_t one = 1;

	while (decimals > 0 && m % 10 == 0) {
		m /= 10;
		decimals--;
	}
	for (unsigned i = 0; i < decimals; i++)
		one *= 10;
	if (is_negative && m > 0)
		out[len++] = '-';
	len += put_digits(out + len, m / one);
	if (decimals == 0)
		return len;
	out[len++] = '.';
	for (uint64_t rest = m % one; one > 1; rest %= one) {
		one /= 10;
		out[len++] = (char)('0' + rest / one);
	}
	return len;
}

size_t chart_number(char *out, double value)
{
	static const double power[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8 };
	double size = fabs(value);

	if (value == 0) {
		out[0] = '0';
		return 1;
	}
	if (!(size >= 1e-2 && size < 1e9)) {
		int n = snprintf(out, 32, isfinite(value) ? "%.9g" : "null", value);

		return (size_t)n;
	}
	for (unsigned d = 0, digits = 9; d < sizeof(power) / sizeof(power[0]); d++) {
		double m = nearbyint(size * power[d]);

		while (digits > 0 && size < power[digits - 1])
			digits--; /* in front of the point */
		if ((float)(m / power[d]) == (float)size || d + digits >= 9 || d == 8)
			return put_decimal(out, (uint64_t)m, d, value < 0);
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct chart_sample *x = a, *y = b;

	return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

/* What a row of the answer is made of, whichever form it comes from. */
struct line {
	int64_t at_ms;
	double value[3];
	uint32_t n;
};

static struct line part_line(const struct chart *c, size_t i)
{
	const struct chart_part *p = &c->part[i];
	uint64_t span = (uint64_t)(c->span.to_us - c->span.from_us);
	int64_t off = (int64_t)((unsigned __int128)span * i / c->span.parts);

	return (struct line){ .at_ms = (c->span.from_us + off) / 1000,
		.value = { p->min, p->n ? p->sum / p->n : NAN, p->max },
		.n = p->n };
}

static struct line sample_line(const struct chart *c, size_t i)
{
	double v = c->sample[i].value;

	return (struct line){ .at_ms = c->sample[i].at_us / 1000, .value = { v, v, v }, .n = 1 };
}

enum { COLUMN_T = 3, COLUMN_N };

static void print_column(const struct chart *c, const char *name, unsigned column, struct bb_json *j)
{
	size_t n = c->is_raw ? c->n_samples : c->span.parts, len = 0;
	char chunk[4096];

	bb_json_arr(j, name);
	for (size_t i = 0, printed = 0; i < n; i++) {
		if (!c->is_raw && !c->part[i].is_used)
			continue;
		struct line l = c->is_raw ? sample_line(c, i) : part_line(c, i);

		if (len > sizeof(chunk) - 40) {
			bb_buf_add(j->out, chunk, len);
			len = 0;
		}
		if (printed++)
			chunk[len++] = ',';
		if (column == COLUMN_T)
			len += put_decimal(chunk + len, (uint64_t)llabs(l.at_ms), 0, l.at_ms < 0);
		else if (column == COLUMN_N)
			len += put_digits(chunk + len, l.n);
		else
			len += chart_number(chunk + len, l.value[column]);
	}
	bb_buf_add(j->out, chunk, len);
	bb_json_end_arr(j);
}

void chart_print(struct chart *c, unsigned want, struct bb_json *j)
{
	static const char *const name[] = { "min", "avg", "max" };

	if (c->is_raw)
		qsort(c->sample, c->n_samples, sizeof(*c->sample), by_time);
	bb_json_bool(j, "raw", c->is_raw);
	print_column(c, "t", COLUMN_T, j);
	for (unsigned k = 0; k < 3; k++)
		if (want & 1u << k)
			print_column(c, name[k], k, j);
	print_column(c, "n", COLUMN_N, j);
}
