// SPDX-License-Identifier: Apache-2.0
/* Runs of names in a packed reading: in order, inside, and apart; and a message taken into the cache comes back as
 * it was. */
#include <string.h>

#include "busd/cache.h"
#include "busd/names.h"
#include "common/arena.h"
#include "proto/reading.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bb_msg m = { .topic = "reading/a/status/",
		.kind = BUSBAR__V1__ENVELOPE__KIND__KIND_READING,
		.publisher = "collect-x",
		.envelope = "",
		.body = data,
		.body_len = n };
	struct cache *c = cache_new(10, 1 << 20);
	struct cache_row row;
	struct names names;
	size_t at = 0;

	names_find(data, n, &names);
	for (unsigned i = 0; i < names.n; i++) {
		bb_assert(names.run[i].at >= at && names.run[i].len > 0);
		at = names.run[i].at + names.run[i].len;
		bb_assert(at <= n);
	}
	if (cache_take(c, &m)) {
		cache_row(c, 0, &row);
		bb_assert(row.body_len == n && (!n || memcmp(row.body, data, n) == 0));
	}
	cache_free(c);
	return 0;
}
