// SPDX-License-Identifier: Apache-2.0
/* One series of a chart: samples and hours go in, in any order, and minimum, average and maximum of
 * equal parts of the span come out. Samples are kept besides as long as they are no more than the
 * parts. Pure: no database, no clock. Times are Unix microseconds. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/day.h"
#include "common/str.h"

struct chart_span {
	int64_t from_us, to_us;
	unsigned parts;
};

struct chart_part {
	double sum;
	float min, max;
	uint32_t n; /* that sum is of; extremes of late samples may be there without */
	bool is_used;
};

struct chart_sample {
	int64_t at_us;
	float value;
};

struct chart {
	struct chart_span span;
	struct chart_part *part;     /* span.parts of them */
	struct chart_sample *sample; /* room for span.parts */
	size_t n_samples;
	struct chart_part *near;     /* the part used last, and its bounds */
	int64_t near_from_us, near_to_us;
	bool is_raw; /* every sample is in `sample` */
};

enum { CHART_MIN = 1, CHART_AVG = 2, CHART_MAX = 4 };

void chart_init(struct chart *c, const struct chart_span *span);
void chart_fini(struct chart *c);
void chart_sample_add(struct chart *c, int64_t at_us, float value);
/* A sample that hours given besides hold already, perhaps: extremes count, the average does not
 * unless its part has nothing else. */
void chart_sample_late(struct chart *c, int64_t at_us, float value);
/* `hour` in hours since 1970. It counts as a whole in the part in which it begins, the first one in
 * the first part. */
void chart_hour_add(struct chart *c, int64_t hour, const struct bb_hour *h);
/* The same for any other length. */
void chart_summary_add(struct chart *c, int64_t at_us, int64_t length_us, const struct bb_hour *h);
/* Members `raw`, `t`, those of `want` (CHART_ bits), `n` of an object. */
void chart_print(struct chart *c, unsigned want, struct bb_json *j);
/* At most 9 significant digits, no more than give the same float. Returns the length; `out` has
 * room for 32. */
size_t chart_number(char *out, double value);
