// SPDX-License-Identifier: Apache-2.0
/* The handlers named in route.def: each answers its request exactly once, now or later
 * (request.h). docs/api.md says what they do. */
#pragma once
#include "webd/request.h"

#define ROUTE(m, p, r, h) void api_##h(struct request *rq);
#include "webd/route.def"
#undef ROUTE
