// SPDX-License-Identifier: Apache-2.0
/* Bodies, filters and cursors of the API: what passes the tables has the form they promise. */
#include <stdlib.h>
#include <string.h>

#include "webd/group_input.h"
#include "webd/list.h"
#include "webd/plan_input.h"
#include "webd/request.h"

struct body {
	const char *text;
	int64_t number;
	json_t *list;
};

// clang-format off
static const struct field fields[] = {
	{ "text", FIELD_STR, true, offsetof(struct body, text), 1, 20 },
	{ "number", FIELD_INT, false, offsetof(struct body, number), 1, 10 },
	{ "list", FIELD_ARRAY, false, offsetof(struct body, list), 1, 4 },
	FIELD_END,
};
// clang-format on

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "severity", "site", "q", NULL };
	static struct list l;
	struct body b = { .number = 1 };
	char where[64], *text = malloc(n + 1);
	struct bb_err err;
	json_t *root = json_loadb((const char *)data, n, JSON_REJECT_DUPLICATES, NULL);

	if (root && fields_read(root, fields, &b, where, NULL) == 0)
		bb_assert(strlen(b.text) <= 20 && b.number >= 1 && b.number <= 10);
	if (root)
		json_decref(plan_input_read(root, NULL));
	for (int with_key = 0; root && with_key < 2; with_key++) {
		json_decref(group_input_read(root, with_key, where, &err));
		json_decref(redundancy_input_read(root, with_key, where, &err));
	}
	json_decref(root);
	memcpy(text, data, n);
	text[n] = '\0';
	l.sort = "key";
	if (list_parse_filter(&l, text, names, NULL) == 0)
		bb_assert(l.n_terms <= 3);
	if (list_cursor_parse(&l, text, NULL) == 0)
		bb_assert(l.n_cursor >= 1 && l.n_cursor <= LIST_CURSOR_PARTS);
	free(text);
	return 0;
}
