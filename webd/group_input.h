// SPDX-License-Identifier: Apache-2.0
/* Device groups and redundancy groups as people give them, checked and made whole for the schema.
 * NULL: `where` (64 bytes) names the place as a JSON pointer, err says why. Caller frees. */
#pragma once
#include <jansson.h>

#include "webd/request.h"

#define GROUP_POINTER_MAX 64
json_t *group_input_read(const json_t *object, bool with_key, char *where, struct bb_err *err);
json_t *redundancy_input_read(const json_t *object, bool with_key, char *where, struct bb_err *err);
