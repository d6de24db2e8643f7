// SPDX-License-Identifier: Apache-2.0
/* Filters of the event log: what passes is JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "webd/event_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	static struct list l;
	struct bb_buf out = { 0 };

	memcpy(text, data, n);
	text[n] = '\0';
	if (bb_utf8_valid(text, strlen(text)) &&
		list_parse_filter(&l, text, event_filters, NULL) == 0 &&
		event_filter_write(&l, &out, NULL) == 0) {
		json_t *v = json_loadb(out.data, out.len, 0, NULL);

		bb_assert(json_is_object(v));
		json_decref(v);
	}
	bb_buf_fini(&out);
	free(text);
	return 0;
}
