// SPDX-License-Identifier: Apache-2.0
/* One point of one device over one UTC day as it is stored in sample_day, and its hours over a week as in sample_week: pure, no
 * database, no clock.
 * Missing values are NaN. Times are steps of 100 ms since midnight UTC, strictly growing. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BB_DAY_STEPS 864000                /* 100 ms steps of a day */
#define BB_DAY_MAX_SAMPLES 86400           /* one a second; beyond that samples of a device and day are refused */

struct bb_day_series {
	int scale;                      /* value = running sum of d / 10^scale; -1: v */
	int32_t *d;                     /* caller's arrays of n */
	bool *missing;
	float *v;
	float hmin[24], havg[24], hmax[24];
	bool hmissing[24];
	int16_t hn[24];
};

/* Choose the coarsest scale 0..3 in which every value of `value` (float precision) is a whole number of at most 10^9; else -1. Fills d or
 * v, missing, and the hours. */
void bb_day_encode(struct bb_day_series *out, const int32_t *t, const float *value, size_t n);
/* Back to values: NaN where missing. Rows of older programs; those of now are common/packed.h. */
void bb_day_decode(int scale, const int32_t *d, const bool *missing, const float *v, size_t n, float *value);

/* The hours of a week side by side: sample_week.h. Hour 0 begins on Monday 00:00 UTC. */
#define BB_WEEK_HOURS 168
#define BB_WEEK_BYTES (BB_WEEK_HOURS * 14)
struct bb_hour {
	float min, avg, max;
	int n;                          /* 0: nothing in it, the others are 0 */
};
void bb_week_put(uint8_t *week, size_t hour, const struct bb_hour *h);
struct bb_hour bb_week_get(const uint8_t *week, size_t hour);
