// SPDX-License-Identifier: Apache-2.0
#include "common/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common/err.h"
#include "common/str.h"

enum { OFFSET_BOOT, OFFSET_MONO, OFFSET_REAL, N_OFFSETS };

#ifdef BB_TEST_CLOCK
static const int64_t *test_offsets;

/* A test that believes it owns the clock must not run on the true one: every failure ends the
 * process. */
static void test_offsets_map(void)
{
	const char *file = getenv("BUSBAR_TEST_CLOCK");
	const size_t size = N_OFFSETS * sizeof(int64_t);
	void *map;
	int fd;

	if (!file)
		return;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	bb_assert(fd >= 0 && lseek(fd, 0, SEEK_END) >= (off_t)size);
	map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	bb_assert(map != MAP_FAILED);
	close(fd);
	test_offsets = map;
}

static int64_t test_offset(int which)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, test_offsets_map);
	return test_offsets ? __atomic_load_n(&test_offsets[which], __ATOMIC_RELAXED) : 0;
}
#else
static int64_t test_offset(int which)
{
	return 0;
}
#endif

static uint64_t now_ns(clockid_t clock, int offset)
{
	struct timespec ts;

	bb_assert(clock_gettime(clock, &ts) == 0);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec +
	       (uint64_t)test_offset(offset);
}

uint64_t bb_clock_boot_ns(void)
{
	return now_ns(CLOCK_BOOTTIME, OFFSET_BOOT);
}

uint64_t bb_clock_boot_ms(void)
{
	return bb_clock_boot_ns() / 1000000;
}

uint64_t bb_clock_mono_ms(void)
{
	return now_ns(CLOCK_MONOTONIC, OFFSET_MONO) / 1000000;
}

uint64_t bb_clock_real_us(void)
{
	return now_ns(CLOCK_REALTIME, OFFSET_REAL) / 1000;
}

static uint8_t boot_id[16];

/* 32 hex digits, with or without the dashes of a UUID. */
static bool boot_id_parse(const char *text)
{
	char hex[33];
	size_t n = 0;

	for (; *text && n < sizeof(hex) - 1; text++) {
		if (*text != '-')
			hex[n++] = *text;
	}
	hex[n] = '\0';
	return bb_unhex(boot_id, sizeof(boot_id), hex) == sizeof(boot_id);
}

static void boot_id_read(void)
{
	const char *given = getenv("BUSBAR_BOOT_ID");
	char text[64] = "";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f) {
		if (!fgets(text, sizeof(text), f))
			text[0] = '\0';
		fclose(f);
	}
	if (boot_id_parse(text) || (given && boot_id_parse(given)))
		return;
	bb_assert(sodium_init() >= 0);
	randombytes_buf(boot_id, sizeof(boot_id));
}

const uint8_t *bb_clock_boot_id(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, boot_id_read);
	return boot_id;
}

char *bb_clock_rfc3339(uint64_t unix_us, char *buf)
{
	const uint64_t last_us =
		253402300799999999u; /* 9999-12-31T23:59:59.999999Z: four digits of year */
	uint64_t us = unix_us < last_us ? unix_us : last_us;
	time_t s = (time_t)(us / 1000000);
	unsigned ms = (unsigned)(us / 1000 % 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	snprintf(buf, 25, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		(unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)(tm.tm_mon + 1) % 100u,
		(unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u,
		(unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u, ms);
	return buf;
}

/* Exactly n digits at *p, then the character `end` (0: none is taken). Returns the number, or -1.
 */
static int digits_take(const char **p, int n, char end)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	if (end && *(*p)++ != end)
		return -1;
	return v;
}

/* ".123": digits past the sixth are dropped. Returns microseconds, or -1. */
static int fraction_take(const char **p)
{
	int us = 0, scale = 100000;

	if (**p != '.')
		return 0;
	(*p)++;
	if (**p < '0' || **p > '9')
		return -1;
	for (; **p >= '0' && **p <= '9'; (*p)++, scale /= 10)
		us += (**p - '0') * scale;
	return us;
}

/* "Z" or "+02:00". Returns 0 and the seconds to subtract, or -1. */
static int zone_take(const char **p, int *offset_s)
{
	int sign, h, m;

	*offset_s = 0;
	if (**p == 'Z' || **p == 'z') {
		(*p)++;
		return 0;
	}
	if (**p != '+' && **p != '-')
		return -1;
	sign = *(*p)++ == '+' ? 1 : -1;
	h = digits_take(p, 2, ':');
	m = h < 0 ? -1 : digits_take(p, 2, '\0');
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -1;
	*offset_s = sign * (h * 3600 + m * 60);
	return 0;
}

static int date_take(const char **p, struct tm *tm)
{
	int year = digits_take(p, 4, '-');
	int month = year < 0 ? -1 : digits_take(p, 2, '-');
	int day = month < 0 ? -1 : digits_take(p, 2, '\0');

	if (day < 0 || (**p != 'T' && **p != 't' && **p != ' '))
		return -1;
	(*p)++;
	*tm = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	return 0;
}

static int clock_take(const char **p, struct tm *tm)
{
	tm->tm_hour = digits_take(p, 2, ':');
	tm->tm_min = tm->tm_hour < 0 ? -1 : digits_take(p, 2, ':');
	tm->tm_sec = tm->tm_min < 0 ? -1 : digits_take(p, 2, '\0');
	/* 60 is a leap second; it counts as the first of the next minute. */
	return tm->tm_sec < 0 || tm->tm_sec > 60 || tm->tm_min > 59 || tm->tm_hour > 23 ? -1 : 0;
}

int bb_clock_parse_rfc3339(const char *text, uint64_t *unix_us)
{
	const char *p = text;
	struct tm tm, norm;
	int us, offset_s;
	int64_t s;

	if (date_take(&p, &tm) < 0 || clock_take(&p, &tm) < 0)
		return -1;
	us = fraction_take(&p);
	if (us < 0 || zone_take(&p, &offset_s) < 0 || *p)
		return -1;
	norm = (struct tm){ .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday };
	s = timegm(&norm);
	/* timegm turns the 30th of February into the 1st of March. */
	if (norm.tm_mon != tm.tm_mon)
		return -1;
	s += tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec - offset_s;
	if (s < 0)
		return -1;
	*unix_us = (uint64_t)s * 1000000u + (uint64_t)us;
	return 0;
}
