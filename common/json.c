// SPDX-License-Identifier: Apache-2.0
/* The JSON writer of str.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/str.h"

/* Up to here every whole double prints exactly as an integer. */
#define WHOLE_MAX 9007199254740992.0

/* Text with the bytes that JSON reserves escaped. Runs of harmless bytes are copied at once. */
static void put_string(struct bb_buf *out, const char *s)
{
	size_t n = strlen(s);
	bool is_valid = bb_utf8_valid(s, n);
	size_t from = 0;

	bb_buf_add(out, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\' && (c < 0x80 || is_valid))
			continue;
		if (c >= 0x80) {
			/* Somewhere a byte is wrong: keep the characters that are right. */
			size_t len = 1;

			while (len < 5 && i + len <= n && !bb_utf8_valid(s + i, len))
				len++;
			if (len < 5 && i + len <= n) {
				i += len - 1;
				continue;
			}
		}
		bb_buf_add(out, s + from, i - from);
		from = i + 1;
		if (c >= 0x80)
			bb_buf_str(out, "\xef\xbf\xbd");
		else if (c == '"' || c == '\\')
			bb_buf_printf(out, "\\%c", c);
		else
			bb_buf_printf(out, "\\u%04x", c);
	}
	bb_buf_add(out, s + from, n - from);
	bb_buf_add(out, "\"", 1);
}

/* What stands before every value: the comma and the key. */
static void put_front(struct bb_json *j, const char *key)
{
	if (j->comma)
		bb_buf_add(j->out, ",", 1);
	if (key) {
		put_string(j->out, key);
		bb_buf_add(j->out, ":", 1);
	}
	j->comma = true;
}

void bb_json_obj(struct bb_json *j, const char *key)
{
	put_front(j, key);
	bb_buf_add(j->out, "{", 1);
	j->comma = false;
}

void bb_json_arr(struct bb_json *j, const char *key)
{
	put_front(j, key);
	bb_buf_add(j->out, "[", 1);
	j->comma = false;
}

void bb_json_end_obj(struct bb_json *j)
{
	bb_buf_add(j->out, "}", 1);
	j->comma = true;
}

void bb_json_end_arr(struct bb_json *j)
{
	bb_buf_add(j->out, "]", 1);
	j->comma = true;
}

void bb_json_str(struct bb_json *j, const char *key, const char *value)
{
	if (!value) {
		bb_json_null(j, key);
		return;
	}
	put_front(j, key);
	put_string(j->out, value);
}

void bb_json_num(struct bb_json *j, const char *key, double value)
{
	char text[32];

	if (!isfinite(value)) {
		bb_json_null(j, key);
		return;
	}
	if (value == floor(value) && fabs(value) <= WHOLE_MAX) {
		bb_json_int(j, key, (int64_t)value);
		return;
	}
	put_front(j, key);
	/* 15 digits survive every round trip from text; some doubles need 16 or 17. */
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	bb_buf_str(j->out, text);
}

void bb_json_int(struct bb_json *j, const char *key, int64_t value)
{
	put_front(j, key);
	bb_buf_printf(j->out, "%" PRId64, value);
}

void bb_json_bool(struct bb_json *j, const char *key, bool value)
{
	bb_json_raw(j, key, value ? "true" : "false");
}

void bb_json_null(struct bb_json *j, const char *key)
{
	bb_json_raw(j, key, "null");
}

void bb_json_raw(struct bb_json *j, const char *key, const char *json)
{
	put_front(j, key);
	bb_buf_str(j->out, json);
}

void bb_json_time(struct bb_json *j, const char *key, uint64_t unix_us)
{
	char text[32];

	if (unix_us == 0)
		bb_json_null(j, key);
	else
		bb_json_str(j, key, bb_clock_rfc3339(unix_us, text));
}
