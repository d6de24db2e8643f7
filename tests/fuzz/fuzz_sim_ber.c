// SPDX-License-Identifier: Apache-2.0
/* Whatever arrives, a simulated agent says nothing or answers within its limit. */
#include <stdlib.h>

#include "tests/sim/fleet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[BER_HEADROOM + BER_MAX_MESSAGE];
	static struct fleet *fleet;
	const uint8_t *answer;
	struct agent *a;
	size_t len = 0;

	if (!fleet) {
		fleet = fleet_new();
		agent_clock(5000000000u);
		bb_assert(fleet_add(fleet, "127.0.0.1 phases=3", ".", 0, NULL) == 0);
		bb_assert(fleet_seal(fleet, NULL) == 0);
		agent_set(fleet_at(fleet, 0), "1.3.6.1.2.1.33.1.2.4.0", "absent", NULL);
		agent_set(fleet_at(fleet, 0), "1.3.6.1.2.1.33.1.2.4.1", "70:1", NULL);
	}
	a = fleet_at(fleet, 0);
	answer = agent_answer(a, data, size, room, &len);
	bb_assert(!answer || (answer[0] == BER_SEQUENCE && len <= a->max_message));
	return 0;
}
