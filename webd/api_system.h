// SPDX-License-Identifier: Apache-2.0
/* Answers that the stream pushes too. */
#pragma once
#include "common/str.h"

struct webd;
void json_summary(struct bb_json *j, struct webd *w);
void json_system(struct bb_json *j, struct webd *w);
