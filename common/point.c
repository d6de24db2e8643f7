// SPDX-License-Identifier: Apache-2.0
#include "common/point.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/str.h"
#include "proto/alarm.pb-c.h"
#include "proto/reading.pb-c.h"

enum { NAME_MAX_BYTES = 96 };

// clang-format off
static const struct bb_point points[] = {
#define POINT(pattern, kind, unit, min, max, description) { pattern, kind, unit, min, max, description },
#include "common/point.def"
#undef POINT
};
// clang-format on

enum { N_POINTS = sizeof(points) / sizeof(points[0]) };

static const struct bb_point *by_pattern[N_POINTS];

static int pattern_order(const void *a, const void *b)
{
	return strcmp((*(const struct bb_point *const *)a)->pattern,
		(*(const struct bb_point *const *)b)->pattern);
}

static void points_sort(void)
{
	for (size_t i = 0; i < N_POINTS; i++)
		by_pattern[i] = &points[i];
	qsort(by_pattern, N_POINTS, sizeof(by_pattern[0]), pattern_order);
	for (size_t i = 1; i < N_POINTS; i++)
		bb_assert(pattern_order(&by_pattern[i - 1], &by_pattern[i]) < 0);
}

static bool is_phase(const char *s, size_t n)
{
	static const char phases[] = " L1 L2 L3 L1-N L2-N L3-N L1-L2 L2-L3 L3-L1 ";
	char word[8];

	if (n == 0 || n > 5 || s[0] != 'L' || memchr(s, ' ', n))
		return false;
	snprintf(word, sizeof(word), " %.*s ", (int)n, s);
	return strstr(phases, word);
}

/* 1..999 without leading zeros: "1" and "01" would be two names of one point. Returns the digits
 * used, 0 if it is no number. */
static size_t number_length(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= 3 && s[0] != '0' ? n : 0;
}

/* What stands in the pattern where the name has this segment; NULL: the segment itself. */
static const char *placeholder(const char *segment, size_t n, unsigned *n_numbers)
{
	if (is_phase(segment, n))
		return "{phase}";
	if (number_length(segment) == n)
		return (*n_numbers)++ == 0 ? "{n}" : "{x}";
	return NULL;
}

/* "input.L1-N.voltage" -> "input.{phase}.voltage". False when the name is too long to be one. */
static bool pattern_of(const char *name, char *out, size_t cap)
{
	unsigned n_numbers = 0;
	size_t len = 0;

	for (;;) {
		size_t n = strcspn(name, ".");
		const char *word = placeholder(name, n, &n_numbers);
		size_t put = word ? strlen(word) : n;

		if (len + put + 2 > cap || memchr(name, '{', n))
			return false;
		memcpy(out + len, word ? word : name, put);
		len += put;
		if (!name[n])
			break;
		out[len++] = '.';
		name += n + 1;
	}
	out[len] = '\0';
	return true;
}

const struct bb_point *bb_point_find(const char *name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char pattern[NAME_MAX_BYTES];
	const struct bb_point wanted = { .pattern = pattern }, *key = &wanted, **found;

	pthread_once(&once, points_sort);
	if (!pattern_of(name, pattern, sizeof(pattern)))
		return NULL;
	found = bsearch(&key, by_pattern, N_POINTS, sizeof(by_pattern[0]), pattern_order);
	return found ? *found : NULL;
}

bool bb_point_index_valid(const char *index)
{
	size_t n;

	if (!*index)
		return true;
	if (*index++ != 's')
		return false;
	n = number_length(index);
	if (n == 0)
		return false;
	index += n;
	if (!*index)
		return true;
	if (index[0] != '.' || index[1] != 'b')
		return false;
	n = number_length(index + 2);
	return n > 0 && !index[2 + n];
}

size_t bb_point_count(void)
{
	return N_POINTS;
}

const struct bb_point *bb_point_at(size_t i)
{
	return i < N_POINTS ? &points[i] : NULL;
}

/* ---- names ---- */

static const char *const qualities[] = {
	[BB_GOOD] = "good",
	[BB_STALE] = "stale",
	[BB_BAD] = "bad",
	[BB_UNKNOWN] = "unknown",
};
_Static_assert((int)BB_GOOD == BUSBAR__V1__QUALITY__QUALITY_GOOD, "wire values of quality");
_Static_assert((int)BB_UNKNOWN == BUSBAR__V1__QUALITY__QUALITY_UNKNOWN, "wire values of quality");

static const char *const severities[] = {
	[BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL] = "critical",
	[BUSBAR__V1__SEVERITY__SEVERITY_MAJOR] = "major",
	[BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN] = "unknown",
	[BUSBAR__V1__SEVERITY__SEVERITY_MINOR] = "minor",
	[BUSBAR__V1__SEVERITY__SEVERITY_INFO] = "info",
	[BUSBAR__V1__SEVERITY__SEVERITY_NORMAL] = "normal",
};

static const char *const alarm_states[] = {
	[BUSBAR__V1__ALARM_STATE__ALARM_STATE_UNSPECIFIED] = "unspecified",
	[BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL] = "normal",
	[BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK] = "active_unack",
	[BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK] = "active_ack",
	[BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK] = "cleared_unack",
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Position of `name`, from 1 on (0 is "unspecified" in both tables it serves), or -1. */
static int name_parse(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 1; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

const char *bb_quality_name(unsigned quality)
{
	return quality < LENGTH(qualities) ? qualities[quality] : qualities[BB_UNKNOWN];
}

const char *bb_severity_name(unsigned severity)
{
	return severity > 0 && severity < LENGTH(severities) ? severities[severity] : "unknown";
}

int bb_severity_parse(const char *name)
{
	return name_parse(severities, LENGTH(severities), name);
}

const char *bb_alarm_state_name(unsigned state)
{
	return state < LENGTH(alarm_states) ? alarm_states[state] : alarm_states[0];
}

int bb_alarm_state_parse(const char *name)
{
	return name_parse(alarm_states, LENGTH(alarm_states), name);
}

/* By bit number. */
// clang-format off
static const char *const status_words[] = {
	"OL", "OB", "LB", "HB", "RB", "CHRG", "DISCHRG", "BYPASS", "CAL", "OFF", "OVER", "TRIM", "BOOST", "FSD", "TEST",
	"COMMLOST", "ECO", "DEPLETED",
};
// clang-format on

unsigned bb_status_parse(const char *words)
{
	unsigned bits = 0;

	for (;;) {
		size_t n;

		words += strspn(words, " ");
		n = strcspn(words, " ");
		if (n == 0)
			return bits;
		for (size_t i = 0; i < LENGTH(status_words); i++) {
			if (strlen(status_words[i]) == n && memcmp(status_words[i], words, n) == 0)
				bits |= 1u << i;
		}
		words += n;
	}
}

char *bb_status_print(unsigned bits, char *buf, size_t cap)
{
	size_t len = 0;

	bb_assert(cap > 0);
	buf[0] = '\0';
	for (size_t i = 0; i < LENGTH(status_words); i++) {
		size_t n = strlen(status_words[i]);

		if (!(bits & 1u << i) || len + (len > 0) + n >= cap)
			continue;
		if (len > 0)
			buf[len++] = ' ';
		memcpy(buf + len, status_words[i], n + 1);
		len += n;
	}
	return buf;
}
