// SPDX-License-Identifier: Apache-2.0
#include "webd/weekly_input.h"

#include <string.h>

int weekly_minute_of(const char *at)
{
	for (int i = 0; i < 5; i++) {
		if (i == 2 ? at[i] != ':' : at[i] < '0' || at[i] > '9')
			return -1;
	}
	int hour = (at[0] - '0') * 10 + at[1] - '0', minute = (at[3] - '0') * 10 + at[4] - '0';
	return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

int weekly_days_of(const json_t *days)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	const json_t *v;
	int bits = 0;
	size_t i;

	if (!days)
		return 127;
	json_array_foreach(days, i, v)
	{
		int k = 0;

		while (k < 7 && !(json_is_string(v) && strcmp(json_string_value(v), names[k]) == 0))
			k++;
		if (k == 7)
			return -1;
		bits |= 1 << k;
	}
	return bits ? bits : -1;
}
