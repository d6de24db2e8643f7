// SPDX-License-Identifier: Apache-2.0
/* Device lists: every line is read or named as bad, and the reader always comes to the end. */
#include <stdint.h>

#include "deploy/ctl/import_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct csv_row row;
	struct import_columns c;
	struct csv csv;
	size_t lines = 0;
	int rc;

	import_columns_default(&c);
	csv_init(&csv, (const char *)data, n);
	while ((rc = csv_next(&csv, &row, NULL)) != 0) {
		bb_assert(++lines <= n && row.line >= lines);
		if (rc == 1 && import_columns_read(&c, &row, NULL) != 0)
			import_columns_default(&c);
		if (rc == 1)
			json_decref(import_row(&c, &row, NULL));
	}
	return 0;
}
