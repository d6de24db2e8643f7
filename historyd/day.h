// SPDX-License-Identifier: Apache-2.0
/* One point of one device over one UTC day as it is stored in sample_day: pure, no database, no clock.
 * Missing values are NaN. Times are steps of 100 ms since midnight UTC, strictly growing. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_STEPS 864000                /* 100 ms steps of a day */
#define DAY_MAX_SAMPLES 86400           /* one a second; beyond that samples of a device and day are refused */

struct day_series {
	int scale;                      /* value = running sum of d / 10^scale; -1: v */
	int16_t *d;                     /* caller's arrays of n */
	bool *missing;
	float *v;
	float hmin[24], havg[24], hmax[24];
	bool hmissing[24];
	int16_t hn[24];
};

/* Choose the finest scale 0..3 in which every value of `value` (float precision) is a whole number and all differences fit int16; else
 * -1. Fills d or v, missing, and the hours. */
void day_encode(struct day_series *out, const int32_t *t, const float *value, size_t n);
/* Back to values: NaN where missing. */
void day_decode(int scale, const int16_t *d, const bool *missing, const float *v, size_t n, float *value);
