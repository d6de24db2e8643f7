// SPDX-License-Identifier: Apache-2.0
/* The small text parsers: what they take, they print again as they took it; what they clean is
 * clean. */
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/point.h"
#include "common/str.h"

static void check_time(const char *text)
{
	uint64_t us, again;
	char buf[25];

	if (bb_clock_parse_rfc3339(text, &us) < 0)
		return;
	bb_assert(bb_clock_parse_rfc3339(bb_clock_rfc3339(us, buf), &again) == 0);
	bb_assert(again == us / 1000 * 1000 || us >= 253402300800000000u);
}

static void check_clean(const char *text, size_t n)
{
	char out[64];

	bb_text_clean(out, sizeof(out), text, n);
	bb_assert(bb_utf8_valid(out, strlen(out)) && strcspn(out, "\n\r\t\x1b\x7f") == strlen(out));
}

static void check_json(const char *text)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_str(&j, text, text);
	bb_assert(bb_utf8_valid(b.data, b.len) && !strpbrk(b.data, "\n\r\t\x1b"));
	bb_buf_fini(&b);
}

static void check_numbers(const char *text)
{
	unsigned char bytes[32];
	uint64_t u;
	double d;

	if (bb_parse_u64(text, "number", 1, 65535, &u, NULL) == 0)
		bb_assert(u >= 1 && u <= 65535 && bb_parse_double(text, &d) == 0 && d == (double)u);
	bb_assert(bb_unhex(bytes, sizeof(bytes), text) <= (int)sizeof(bytes));
}

static void check_names(const char *text)
{
	char buf[128];

	if (bb_key_valid(text))
		bb_assert(strlen(text) <= 200 && !strstr(text, "//"));
	if (bb_point_find(text))
		bb_assert(bb_utf8_valid(text, strlen(text)));
	if (bb_point_index_valid(text))
		bb_assert(strlen(text) <= 9);
	bb_assert(bb_status_parse(bb_status_print(bb_status_parse(text), buf, sizeof(buf))) ==
		  bb_status_parse(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = bb_calloc(n + 1, 1);

	if (n > 0)
		memcpy(text, data, n);
	check_time(text);
	check_clean(text, n);
	check_json(text);
	check_numbers(text);
	check_names(text);
	free(text);
	return 0;
}
