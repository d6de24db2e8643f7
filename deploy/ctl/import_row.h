// SPDX-License-Identifier: Apache-2.0
/* Lines of a device list into DeviceConfig objects. A first line that begins with "key" names
 * the columns; without one they are
 * key,collector,address,port,version,community,interval_s,profile. Pure. */
#pragma once
#include <jansson.h>

#include "deploy/ctl/csv.h"

struct import_columns {
	const char *name[CSV_FIELDS]; /* of our own table */
	size_t n;
};
void import_columns_default(struct import_columns *c);
/* Take a header line. -1: a column we do not know, or no key column. */
int import_columns_read(struct import_columns *c, const struct csv_row *row, struct bb_err *err);
/* One line as JSON with its number; NULL with the reason. */
json_t *import_row(const struct import_columns *c, const struct csv_row *row, struct bb_err *err);
