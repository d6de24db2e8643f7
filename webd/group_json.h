// SPDX-License-Identifier: Apache-2.0
/* How device groups and redundancy groups are at present, as members of a JSON object. */
#pragma once
#include "common/str.h"
#include "webd/model.h"

/* `g` NULL: alarmd has not spoken of it. */
void json_named_live(struct bb_json *j, const struct model *m, const struct model_group *g);
void json_redundancy_live(struct bb_json *j, struct model *m, const char *key);
