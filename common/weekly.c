// SPDX-License-Identifier: Apache-2.0
#include "common/weekly.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DAYS_AHEAD 9

/* In the environment since the start and changed in place: setenv() later could race with a thread
 * that reads the environment. */
static char tz_room[BB_WEEKLY_TZ_MAX + 4] = "TZ=UTC";

void bb_weekly_prepare(void)
{
	putenv(tz_room);
	tzset();
}

static void zone(const char *name)
{
	snprintf(tz_room, sizeof(tz_room), "TZ=%s", name);
	tzset();
}

int64_t bb_weekly_next(const struct bb_weekly *w, int64_t from_s)
{
	int64_t length_s = (int64_t)w->minutes * 60;
	time_t begin = (time_t)(from_s - length_s - 86400);
	int days = (int)(w->minutes / 1440) + DAYS_AHEAD + 2;
	int64_t found = -1;
	struct tm day;

	zone(w->tz);
	if (localtime_r(&begin, &day)) {
		for (int i = 0; found < 0 && i < days; i++) {
			struct tm t = { .tm_year = day.tm_year,
				.tm_mon = day.tm_mon,
				.tm_mday = day.tm_mday + i,
				.tm_hour = (int)(w->at_minute / 60),
				.tm_min = (int)(w->at_minute % 60),
				.tm_isdst = -1 };
			time_t start = mktime(&t);
			/* tm_wday counts from Sunday. */
			if (start != (time_t)-1 && w->days >> ((t.tm_wday + 6) % 7) & 1 &&
				(int64_t)start + length_s > from_s)
				found = (int64_t)start;
		}
	}
	zone("UTC");
	return found;
}
