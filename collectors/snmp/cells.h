// SPDX-License-Identifier: Apache-2.0
/* Rows that are battery strings or blocks: the index each value travels under ("s2", "s2.b17"). Pure;
 * borrows everything it is given. */
#pragma once
#include "collectors/layout.h"
#include "collectors/snmp/rows.h"

/* Zeroed before the first call for a device; remembers how far its tables reach. */
struct cells {
	struct cells_span {
		const char *table;
		uint32_t from, n;       /* least row, rows up to the greatest */
		uint32_t second_from;   /* least second number of a row */
	} span[16];
	unsigned n;
};
/* False: the row has no number that could be one. */
bool cells_index(struct cells *c, const struct rows_of_device *rows, const struct finding *f, char out[LAYOUT_INDEX_MAX]);
