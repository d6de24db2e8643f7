// SPDX-License-Identifier: Apache-2.0
/* The file form of a configuration generation: whatever it holds, the body lies inside it and
 * its numbers agree. */
#include "common/genconf_int.h"
#include "common/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bb_arena *a = bb_arena_new(4096, 16 * 1024 * 1024);
	const uint8_t *body;
	uint64_t generation;
	size_t len;

	if (bb_genconf_file_parse(data, n, &generation, &body, &len, NULL) == 0) {
		bb_assert(body >= data && body + len == data + n);
		bb_unpack_config(a, body, len, NULL);
	}
	bb_arena_free(a);
	return 0;
}
