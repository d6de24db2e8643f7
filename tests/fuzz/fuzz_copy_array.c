// SPDX-License-Identifier: Apache-2.0
/* Array fields of binary COPY rows. */
#include "common/pgbin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_element(void *arg, size_t i, const uint8_t *p)
{
	int32_t *out = arg;

	out[i] = p ? bb_bin_get16(p) : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int32_t out[256];

	bb_bin_read_array(data, size, 2, 256, on_element, out);
	bb_bin_read_array(data, size, 4, 256, on_element, out);
	return 0;
}
