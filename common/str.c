// SPDX-License-Identifier: Apache-2.0
#include "common/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

enum { BUF_FIRST = 64, KEY_MAX = 200 };

static void buf_reserve(struct bb_buf *b, size_t more)
{
	size_t need = b->len + more + 1;
	size_t cap = b->cap ? b->cap : BUF_FIRST;

	bb_assert(need > more);
	if (need <= b->cap)
		return;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	b->data = bb_realloc(b->data, cap);
	b->cap = cap;
}

void bb_buf_fini(struct bb_buf *b)
{
	free(b->data);
	*b = (struct bb_buf){ 0 };
}

void bb_buf_reset(struct bb_buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void bb_buf_add(struct bb_buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void bb_buf_str(struct bb_buf *b, const char *s)
{
	bb_buf_add(b, s, strlen(s));
}

void bb_buf_printf(struct bb_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	buf_reserve(b, BUF_FIRST);
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	bb_assert(n >= 0);
	if ((size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

int bb_parse_u64(const char *s, const char *what, uint64_t min, uint64_t max, uint64_t *v,
	struct bb_err *err)
{
	unsigned long long n;
	char *end;

	/* strtoull skips blanks and accepts signs: "-1" would become the largest number. */
	if (!isdigit((unsigned char)s[0]))
		return bb_err_set(err, "%s \"%s\" is not a whole number", what, s);
	errno = 0;
	n = strtoull(s, &end, 10);
	if (*end)
		return bb_err_set(err, "%s \"%s\" is not a whole number", what, s);
	if (errno == ERANGE || n < min || n > max)
		return bb_err_set(err, "%s %s is not within %llu to %llu", what, s,
			(unsigned long long)min, (unsigned long long)max);
	*v = n;
	return 0;
}

int bb_parse_double(const char *s, double *v)
{
	double d;
	char *end;

	/* Keeps out what strtod takes besides decimal numbers: blanks, hexadecimal, "inf", "nan".
	 */
	if (!*s || s[strspn(s, "0123456789+-.eE")])
		return -1;
	d = strtod(s, &end);
	if (end == s || *end || !isfinite(d))
		return -1;
	*v = d;
	return 0;
}

/* Length of the valid sequence at p, 0 when there is none (RFC 3629: no overlong form, no
 * surrogate, at most U+10FFFF). */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
	size_t len;

	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
		return 0;
	if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

bool bb_utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	while (n > 0) {
		size_t len = utf8_sequence(p, n);

		if (len == 0)
			return false;
		p += len;
		n -= len;
	}
	return true;
}

/* C0, DEL, and C1 in its UTF-8 form: a terminal obeys them all. */
static bool is_control(const unsigned char *p, size_t len)
{
	return p[0] < 0x20 || p[0] == 0x7f || (len == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

void bb_text_clean(char *dst, size_t cap, const char *src, size_t n)
{
	const unsigned char *p = (const unsigned char *)src;
	size_t out = 0;

	bb_assert(cap > 0);
	while (n > 0) {
		size_t len = utf8_sequence(p, n);
		bool is_plain = len > 0 && !is_control(p, len);
		size_t put = is_plain ? len : 1;

		if (out + put >= cap)
			break;
		if (is_plain)
			memcpy(dst + out, p, len);
		else
			dst[out] = '?';
		out += put;
		len = len ? len : 1;
		p += len;
		n -= len;
	}
	dst[out] = '\0';
}

void bb_hex(char *dst, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++) {
		dst[2 * i] = digits[b[i] >> 4];
		dst[2 * i + 1] = digits[b[i] & 15];
	}
	dst[2 * n] = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int bb_unhex(void *dst, size_t cap, const char *hex)
{
	unsigned char *b = dst;
	size_t n = strlen(hex);

	if (n % 2 != 0 || n / 2 > cap || n / 2 > INT32_MAX)
		return -1;
	for (size_t i = 0; i < n / 2; i++) {
		int hi = hex_digit(hex[2 * i]), lo = hex_digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return -1;
		b[i] = (unsigned char)(hi << 4 | lo);
	}
	return (int)(n / 2);
}

uint64_t bb_hash(const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t h = 14695981039346656037u; /* FNV offset basis and prime */

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 1099511628211u;
	return h;
}

bool bb_key_valid(const char *key)
{
	bool is_start = true; /* of a segment, which must not be empty */
	size_t i;

	for (i = 0; key[i]; i++) {
		char c = key[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
			       c == '_' || c == '-';

		if (i >= KEY_MAX || (!is_word && (c != '/' || is_start)))
			return false;
		is_start = c == '/';
	}
	return !is_start;
}

bool bb_copy(char *dst, size_t cap, const char *src)
{
	size_t n = strlen(src);
	bool fits = n < cap;

	if (cap == 0)
		return false;
	n = fits ? n : cap - 1;
	memcpy(dst, src, n);
	dst[n] = '\0';
	return fits;
}
