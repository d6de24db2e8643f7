// SPDX-License-Identifier: Apache-2.0
/* The samples of one device and UTC day put together from what day rows and parts hold already and what the window holds. Pure: no database.
 * Merging the same samples again changes nothing (times are rounded to 100 ms, a time is kept once), so a fold may be repeated. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct merge;
struct merge *merge_new(void);
void merge_free(struct merge *m);
void merge_reset(struct merge *m);
/* Times as stored, then each series of them (decoded to floats, NaN = missing), which begins at the entry `from`; the arrays are copied.
 * Returns how many times were taken: the day may hold too many. */
size_t merge_old_times(struct merge *m, const int32_t *t, size_t n);
void merge_old_series(struct merge *m, int series, const float *value, size_t from, size_t n);
size_t merge_entries(const struct merge *m);
/* A sample of the window. t in steps of 100 ms since midnight UTC. Returns false when the day holds too many samples. */
bool merge_add(struct merge *m, int32_t t, const int *series, const float *value, size_t n);
/* Sort and unite; afterwards the getters hold. Returns the number of times. */
size_t merge_finish(struct merge *m);
size_t merge_count(const struct merge *m);
const int32_t *merge_times(const struct merge *m);
size_t merge_series_count(const struct merge *m);
int merge_series_id(const struct merge *m, size_t i);
const float *merge_series_values(const struct merge *m, size_t i);
