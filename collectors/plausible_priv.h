// SPDX-License-Identifier: Apache-2.0
/* Between plausible.c, which looks at values, and plausible_roles.c, which works out once for all devices of a layout what there is
 * to look at: no name is looked up and no text made while values come. */
#pragma once
#include "collectors/layout.h"
#include "collectors/plausible.h"

#define PLAUSIBLE_NO_SLOT 0xffffU
#define PLAUSIBLE_NO_MARK 0xffffU

/* What a point is to these checks. */
enum role {
	ROLE_NONE,
	ROLE_PLAIN, /* sentinels only */
	ROLE_AC,
	ROLE_HERTZ,
	ROLE_BATTERY_VOLTAGE,
	ROLE_CELSIUS,
	ROLE_PERCENT,
	ROLE_CHARGE,
	ROLE_RUNTIME,
	ROLE_ON_BATTERY,
};

/* One slot that is looked at; other slots that matter to it, or PLAUSIBLE_NO_SLOT. */
struct plausible_look {
	uint16_t slot;
	uint16_t mark;                  /* of the device's marks, or PLAUSIBLE_NO_MARK */
	uint16_t hertz_slot, nominal_slot, runtime_slot;
	uint8_t role;                   /* enum role */
	bool is_numbered;               /* its name holds a number: one of several */
	bool is_time, is_input, is_between_lines;
	double most_percent;
};

/* Of a layout, in the order of its slots, so that those of a group lie side by side. */
struct plausible_looks {
	unsigned n, n_marks;
	uint16_t first[GROUP_COUNT], count[GROUP_COUNT];
	struct plausible_look look[];
};

/* Memory of a value, for those that can stand still or jump or vanish. Tenths of seconds of the loop's clock. */
struct plausible_mark {
	float last;                     /* NAN: none yet */
	uint32_t last_ds;
	uint32_t same_since_ds : 31, was_on_battery : 1;
};
#define DS_MASK 0x7fffffffU /* seven years */

/* One block, the caller's. */
struct plausible_looks *plausible_looks_make(const struct layout *l);
/* The number cards use for "not available" that `v` is, in whatever scale; 0: none. */
double plausible_sentinel(double v, bool is_time);
