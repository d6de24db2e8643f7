// SPDX-License-Identifier: Apache-2.0
/* Ranges of addresses as people type them, one a line: whatever is accepted is within bounds and every address of it can be told. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *save = NULL, address[INET6_ADDRSTRLEN];
	struct range_list l = { 0 };
	struct bb_err err;

	memcpy(text, data, size);
	text[size] = '\0';
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		uint32_t before = l.count;

		if (range_list_add(&l, line, &err))
			break;
		if (l.count < before || l.count > RANGE_MAX_ADDRESSES || !l.count)
			abort();
		range_list_address(&l, 0, address);
		range_list_address(&l, l.count - 1, address);
	}
	range_list_fini(&l);
	free(text);
	return 0;
}
