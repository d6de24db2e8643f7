// SPDX-License-Identifier: Apache-2.0
/* Samples of one device and UTC day on their way from the window into parts, and from parts into day rows: encoding of a merge into COPY
 * rows, and back from rows into a merge. No database. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/day.h"
#include "common/str.h"
#include "historyd/merge.h"

struct part_key {
	int64_t site_id, device_id;
	int32_t day;            /* days since 1970 */
};

/* Room for one day, used again and again. */
struct part_work;
struct part_work *part_work_new(void);
void part_work_free(struct part_work *w);

#define PART_COLUMNS "site_id, device_id, day, first, last, series, scale, ends, t, p"
#define PART_TIME_COLUMNS "site_id, device_id, day, last, t"
#define PART_DAY_COLUMNS "site_id, device_id, day, series, scale, hmin, havg, hmax, hn, s, p"

/* Rows for COPY of the columns above; the merge is finished and not empty. */
void part_write(struct part_work *w, const struct part_key *k, const struct merge *m, struct bb_buf *out);
void part_write_day(struct part_work *w, const struct part_key *k, const struct merge *m, struct bb_buf *time, struct bb_buf *days);

/* Fields series, scale, ends, t, p of a part, in binary form, into the merge. Returns -1 when they are not a part. */
struct part_field {
	const uint8_t *p;
	size_t len;
};
int part_read(struct part_work *w, const struct part_field field[5], struct merge *m);
/* A day row as it is stored, of any form. First the times (packed, or the array of differences), then each series. */
int part_read_times(struct part_work *w, struct part_field packed, struct part_field array, struct merge *m);
int part_read_series(struct part_work *w, int series, int scale, struct part_field packed, struct part_field array, struct merge *m);
