// SPDX-License-Identifier: Apache-2.0
/* Rules as text and as JSON: whatever comes, it is refused, or it is written and read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "common/ruledef.h"

/* libconfig 1.5 forgets the texts it had read when it refuses something. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\nleak:libconfig_yyparse\n";
}

static void check_json(const char *text, size_t n)
{
	struct bb_arena *a = bb_arena_new(4096, 0);
	char pointer[96], again[96];
	const struct bb_ruledef *d = bb_ruledef_parse(a, text, n, pointer, NULL);
	struct bb_buf b = { 0 }, c = { 0 };
	struct bb_json j = { .out = &b }, k = { .out = &c };

	bb_assert(strlen(pointer) < sizeof(pointer));
	if (d) {
		bb_json_obj(&j, NULL);
		bb_ruledef_write(d, &j);
		bb_json_end_obj(&j);
		d = bb_ruledef_parse(a, b.data, b.len, again, NULL);
		bb_assert(d);
		bb_json_obj(&k, NULL);
		bb_ruledef_write(d, &k);
		bb_json_end_obj(&k);
		bb_assert(strcmp(b.data, c.data) == 0);
	}
	bb_buf_fini(&b);
	bb_buf_fini(&c);
	bb_arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	struct bb_buf b = { 0 };

	memcpy(text, data, n);
	text[n] = '\0';
	check_json(text, n);
	json_t *list = bb_ruledef_text_read(text, NULL), *again;
	if (list) {
		bb_ruledef_text_write(&b, list);
		again = bb_ruledef_text_read(b.data, NULL);
		bb_assert(again && json_equal(list, again));
		json_decref(again);
		json_decref(list);
	}
	bb_buf_fini(&b);
	free(text);
	return 0;
}
