// SPDX-License-Identifier: Apache-2.0
#include "notifyd/mime.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	COLUMNS = 76,
	VALUE_MAX = 401,
	WORD_FRAME = 12, /* "=?UTF-8?B?" and "?=" */
};

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

/* Words of up to COLUMNS characters; longer ones are cut with a fold, since white space may come
 * anywhere in our values. */
static void fold_ascii(struct bb_buf *out, size_t column, const char *value)
{
	while (*value) {
		size_t n = strcspn(value + 1, " ") + 1;

		if (column + n > COLUMNS && column > 1) {
			bb_buf_str(out, *value == ' ' ? "\r\n" : "\r\n ");
			column = *value == ' ' ? 0 : 1;
		}
		if (n > COLUMNS - 2)
			n = COLUMNS - 2;
		bb_buf_add(out, value, n);
		column += n;
		value += n;
	}
	bb_buf_str(out, "\r\n");
}

static void encoded_words(struct bb_buf *out, size_t column, const char *value)
{
	size_t left = strlen(value);

	while (left) {
		size_t room = (COLUMNS - WORD_FRAME - column) / 4 * 3,
		       n = left < room ? left : room;
		char base64[COLUMNS + 1];

		/* Not inside a character. */
		while (n < left && ((unsigned char)value[n] & 0xc0) == 0x80)
			n--;
		sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)value, n,
			sodium_base64_VARIANT_ORIGINAL);
		bb_buf_printf(out, "=?UTF-8?B?%s?=%s", base64, n < left ? "\r\n " : "");
		column = 1;
		value += n;
		left -= n;
	}
}

void mime_header(struct bb_buf *out, const char *name, const char *value)
{
	char clean[VALUE_MAX];

	bb_text_clean(clean, sizeof(clean), value, strlen(value));
	bb_buf_printf(out, "%s: ", name);
	if (is_ascii(clean) && !strstr(clean, "=?")) {
		fold_ascii(out, strlen(name) + 2, clean);
		return;
	}
	encoded_words(out, strlen(name) + 2, clean);
	bb_buf_str(out, "\r\n");
}

void mime_mailbox(struct bb_buf *out, const char *name, const char *display, const char *address)
{
	char clean[101];

	bb_text_clean(clean, sizeof(clean), display, strlen(display));
	bb_buf_printf(out, "%s: ", name);
	if (is_ascii(clean) && !strpbrk(clean, "\"\\"))
		bb_buf_printf(out, "\"%s\"", clean);
	else
		encoded_words(out, strlen(name) + 2, clean);
	bb_buf_printf(out, "\r\n <%s>\r\n", address);
}

void mime_date(struct bb_buf *out, uint64_t unix_us)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(unix_us / 1000000);
	struct tm tm;

	if (t > 253402300799 || !gmtime_r(&t, &tm)) {
		t = 0;
		gmtime_r(&t, &tm);
	}
	bb_buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void mime_body(struct bb_buf *out, const char *text)
{
	size_t column = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool at_end = p[1] == '\n' || !p[1];
		unsigned char c = *p < 0x20 && *p != '\n' ? '?' : *p;
		bool escape = c >= 0x7f || c == '=' || (c == ' ' && at_end);

		if (c == '\n') {
			bb_buf_str(out, "\r\n");
			column = 0;
			continue;
		}
		if (column + (escape ? 3 : 1) > COLUMNS - 1) {
			bb_buf_str(out, "=\r\n");
			column = 0;
		}
		bb_buf_printf(out, escape ? "=%02X" : "%c", c);
		column += escape ? 3 : 1;
	}
	if (column)
		bb_buf_str(out, "\r\n");
}
