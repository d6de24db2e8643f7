// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/clock.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define QUARTER_S 900
#define ZONE_MAX_S (14.5 * 3600) /* no zone is farther from UTC, and half an hour of drift beside */

struct moment {
	int year, month, day, hour, minute, second;
	bool has_zone;
	int zone_min; /* ahead of UTC */
};

static bool moment_drift(const struct moment *m, uint64_t now_us, double *drift_s)
{
	struct tm tm = { .tm_year = m->year - 1900, .tm_mon = m->month - 1, .tm_mday = m->day,
		.tm_hour = m->hour, .tm_min = m->minute, .tm_sec = m->second };
	double off;

	/* 60: a leap second */
	if (m->year < 1970 || m->year > 9999 || m->month < 1 || m->month > 12 || m->day < 1 || m->day > 31 ||
		m->hour > 23 || m->minute > 59 || m->second > 60)
		return false;
	off = (double)timegm(&tm) - m->zone_min * 60.0 - (double)now_us / 1e6;
	if (!m->has_zone && fabs(off) <= ZONE_MAX_S)
		off -= QUARTER_S * nearbyint(off / QUARTER_S);
	*drift_s = nearbyint(off);
	return true;
}

static bool octets(const uint8_t *p, size_t n, struct moment *m)
{
	*m = (struct moment){ .year = p[0] << 8 | p[1], .month = p[2], .day = p[3], .hour = p[4], .minute = p[5], .second = p[6] };
	if (n == 8)
		return true;
	m->has_zone = true;
	m->zone_min = (p[8] == '-' ? -1 : 1) * (p[9] * 60 + p[10]);
	return (p[8] == '+' || p[8] == '-') && p[9] <= 14 && p[10] <= 59;
}

/* A number of at most `digits` digits, then one of the characters of `end` (NUL: the end of the text). */
static bool number(const char **p, int digits, const char *end, int *out)
{
	const char *start = *p;

	*out = 0;
	while (**p >= '0' && **p <= '9' && *p - start < digits)
		*out = *out * 10 + *(*p)++ - '0';
	if (*p == start || !(**p ? strchr(end, **p) : strchr(end, 'Z')))
		return false;
	*p += **p != '\0';
	return true;
}

static bool time_of_day(const char *p, struct moment *m)
{
	/* 'Z' stands for the end of the text, too: number() */
	return number(&p, 2, ":", &m->hour) && number(&p, 2, ":", &m->minute) && number(&p, 2, "Z. ", &m->second);
}

static bool words(const uint8_t *text, size_t n, struct moment *m)
{
	char buf[32];
	const char *p = buf;

	if (n < 14 || n >= sizeof(buf) || memchr(text, '\0', n))
		return false;
	memcpy(buf, text, n);
	buf[n] = '\0';
	*m = (struct moment){ .has_zone = buf[n - 1] == 'Z' };
	if (buf[4] == '-')
		return number(&p, 4, "-", &m->year) && number(&p, 2, "-", &m->month) && number(&p, 2, " T:", &m->day) && time_of_day(p, m);
	return number(&p, 2, "/", &m->month) && number(&p, 2, "/", &m->day) && number(&p, 4, " T:", &m->year) && time_of_day(p, m);
}

bool clock_drift(const uint8_t *text, size_t n, uint64_t now_us, double *drift_s)
{
	struct moment m;

	/* the first octet of a year is 7 until 2047, of a text a digit */
	if ((n == 8 || n == 11) && text[0] < '0')
		return octets(text, n, &m) && moment_drift(&m, now_us, drift_s);
	while (n > 0 && (text[n - 1] == '\0' || text[n - 1] == ' '))
		n--;
	return words(text, n, &m) && moment_drift(&m, now_us, drift_s);
}

bool clock_drift_number(int64_t unix_s, uint64_t now_us, double *drift_s)
{
	if (unix_s < 0 || unix_s > INT64_C(253402300799))
		return false;
	*drift_s = nearbyint((double)unix_s - (double)now_us / 1e6);
	return true;
}
