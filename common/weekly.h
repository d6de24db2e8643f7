// SPDX-License-Identifier: Apache-2.0
/* Times that come back every week, as people say them: on these days, at this time of the day, for so
 * long, in this time zone. They follow the zone's summer time. Not thread-safe: the zone is switched
 * through the environment; one thread of a process asks. Nothing blocks but the first use of a zone,
 * which reads its file. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define BB_WEEKLY_TZ_MAX 64

struct bb_weekly {
	uint32_t days; /* bit 0 Monday ... bit 6 Sunday */
	uint32_t at_minute, minutes;
	const char *tz; /* shorter than BB_WEEKLY_TZ_MAX */
};

/* Call before any thread exists: makes room for TZ in the environment. */
void bb_weekly_prepare(void);
/* First start whose end is after `from_s`; -1 when the zone or the days make none. */
int64_t bb_weekly_next(const struct bb_weekly *w, int64_t from_s);
