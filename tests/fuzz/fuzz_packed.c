// SPDX-License-Identifier: Apache-2.0
/* Packed samples, as they come from the database. The first byte chooses scale and number of values. */
#include "common/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int32_t t[1024];
	static float v[1024];
	struct bb_hour slot[BB_SLOTS];
	int scale;

	if (size < 1)
		return 0;
	scale = data[0] % 5 - 1;
	bb_packed_times_read(data + 1, size - 1, t, 1024);
	bb_packed_values_read(data + 1, size - 1, scale, v, (size_t)(data[0] / 5) * 17);
	bb_packed_slots_read(data + 1, size - 1, scale, slot);
	return 0;
}
