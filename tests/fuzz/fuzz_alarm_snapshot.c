// SPDX-License-Identifier: Apache-2.0
/* The snapshot of the alarm set as it lies on disk, and every record in it. */
#include <stdlib.h>

#include "tests/lib/alarm_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = bb_malloc(sizeof(*w));
	struct bb_err err;

	world_init(w);
	world_device(w, "f/1", "collect-snmp");
	world_configure(w);
	if (core_restore(w->core, data, size, &err) == 0) {
		/* What was taken up can be written down, evaluated and closed again. */
		struct world_snapshot s = world_snapshot(w);
		core_replayed(w->core, 2000000000);
		world_to(w, 2000);
		world_read(w, "f/1", "status", "ups.status=OB;alarm.fan.failed=true");
		world_configure(w);
		free(s.data);
	}
	world_fini(w);
	free(w);
	return 0;
}
