// SPDX-License-Identifier: Apache-2.0
/* What a device says the time is. */
#include <math.h>
#include <stdlib.h>

#include "collectors/snmp/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	double drift;

	if (clock_drift(data, size, UINT64_C(1792224000000000), &drift) && !(fabs(drift) < 3e11))
		abort();
	return 0;
}
