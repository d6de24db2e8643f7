// SPDX-License-Identifier: Apache-2.0
/* Samples of one series that are in no day row yet, or in one just now: those of the open window and
 * those of parts. Each counts once, also when it is found among day rows and hours. Pure: no
 * database. */
#pragma once
#include <stdint.h>

#include "webd/chart.h"

struct series_open {
	struct series_sample *sample;
	size_t n, cap;
	struct series_seen *seen;
	size_t n_seen;
};

/* Rounded as folding does: steps of 100 ms. */
int32_t series_step(int64_t at_us);
int32_t series_day(int64_t at_us);

void series_open_fini(struct series_open *w);
/* Arrays of binary COPY: timestamptz and float4. */
void series_open_add_window(struct series_open *w, const uint8_t *at, size_t at_len, const uint8_t *value,
	size_t value_len);
struct series_day;
/* One series of a part (common/packed.h); `room` is overwritten. */
void series_open_add_part(struct series_open *w, struct series_day *room, int32_t day, const uint8_t *t, size_t t_len,
	int scale, const uint8_t *p, size_t p_len);
/* After the last one: in order of time, each time once. */
void series_open_order(struct series_open *w);
/* The samples of this day are in the chart. */
void series_open_strike(struct series_open *w, int32_t day, const struct series_day *s, size_t n);
/* Summaries of these days are in the chart, up to the step `last` of the last of them. */
void series_open_seen(struct series_open *w, int32_t day, int32_t days, int32_t last);
/* The rest into the chart. */
void series_open_finish(const struct series_open *w, struct chart *c);

/* One day being unpacked. */
struct series_day {
	int32_t t[BB_DAY_MAX_SAMPLES], d[BB_DAY_MAX_SAMPLES];
	bool missing[BB_DAY_MAX_SAMPLES];
	float v[BB_DAY_MAX_SAMPLES], value[BB_DAY_MAX_SAMPLES];
};
