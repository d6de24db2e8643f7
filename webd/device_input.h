// SPDX-License-Identifier: Apache-2.0
/* DeviceConfig as it comes from people, checked field by field, its community and passwords sealed at once. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "common/err.h"

struct webd;
enum input_mode {
	INPUT_ADD,    /* key, address, community (or v3_user) needed */
	INPUT_IMPORT, /* key and address needed; no community: keep the present one */
	INPUT_PATCH,  /* whatever is there */
};
/* Read one object. Returns the item for the SQL functions (the caller's to json_decref), or NULL
 * with the reason and the field's name in `where` (64 bytes). */
json_t *device_input_read(struct webd *w, const json_t *object, enum input_mode mode, char *where,
	struct bb_err *err);
/* Check one device of a backup: plain fields as above, sealed community as hex. */
json_t *device_input_restore(struct webd *w, const json_t *object, char *where, struct bb_err *err);
/* Is there a profile of that name, or is it "auto"? */
bool device_profile_exists(const struct webd *w, const char *name);
