// SPDX-License-Identifier: Apache-2.0
/* busbar-points: prints the registry of points, as JSON for the web interface (--json) or as a
 * table for people (--markdown). */
#include <stdio.h>
#include <string.h>

#include "common/point.h"
#include "common/str.h"

static const char *const kinds[] = {
	[BB_NUMBER] = "number",
	[BB_TEXT] = "text",
	[BB_FLAG] = "flag",
};

static void json_print(struct bb_buf *out)
{
	struct bb_json j = { .out = out };

	bb_json_arr(&j, NULL);
	for (size_t i = 0; i < bb_point_count(); i++) {
		const struct bb_point *p = bb_point_at(i);

		bb_buf_str(out, i ? ",\n" : "\n");
		j.comma = false;
		bb_json_obj(&j, NULL);
		bb_json_str(&j, "pattern", p->pattern);
		bb_json_str(&j, "kind", kinds[p->kind]);
		bb_json_str(&j, "unit", p->unit);
		if (p->min <= p->max) {
			bb_json_num(&j, "min", p->min);
			bb_json_num(&j, "max", p->max);
		}
		bb_json_str(&j, "description", p->description);
		bb_json_end_obj(&j);
	}
	bb_buf_str(out, "\n]\n");
}

static void markdown_print(struct bb_buf *out)
{
	bb_buf_str(out,
		"# Points\n\n"
		"Printed from `common/point.def` by `make docs`; do not edit.\n\n"
		"A device reports its values under these names, which are NUT's (RFC 9271) where NUT has one; `[+]` marks ours. `{phase}` is one\n"
		"of `L1 L2 L3 L1-N L2-N L3-N L1-L2 L2-L3 L3-L1`, `{n}` and `{x}` are 1 to 999. Battery strings and blocks are told apart by the\n"
		"index, `s2` or `s2.b17`. A value outside the range cannot be real, whatever the device.\n\n"
		"| point | kind | unit | range | meaning |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < bb_point_count(); i++) {
		const struct bb_point *p = bb_point_at(i);

		bb_buf_printf(out, "| `%s` | %s | %s | ", p->pattern, kinds[p->kind], p->unit);
		if (p->min <= p->max)
			bb_buf_printf(out, "%.15g to %.15g", p->min, p->max);
		bb_buf_printf(out, " | %s |\n", p->description);
	}
}

int main(int argc, char **argv)
{
	struct bb_buf out = { 0 };
	bool ok;

	if (argc == 2 && strcmp(argv[1], "--json") == 0)
		json_print(&out);
	else if (argc == 2 && strcmp(argv[1], "--markdown") == 0)
		markdown_print(&out);
	else {
		fprintf(stderr, "usage: busbar-points --json | --markdown\n");
		return 2;
	}
	ok = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
	bb_buf_fini(&out);
	return ok ? 0 : 1;
}
