// SPDX-License-Identifier: Apache-2.0
/* Several sources for one name: a card may know a value finely and coarsely, or not at all where the
 * profile looks first, but where its base does. The first source that tells a value serves; where
 * none does, the first that is there. Pure. */
#pragma once
#include "collectors/snmp/rows.h"

/* One bool per point of the profile: does it serve? `active` tells which quirks apply. The caller frees. */
bool *choose_points(const struct plan_input *in, struct rows_of_device *rows, const bool *active);
