// SPDX-License-Identifier: Apache-2.0
/* Filters of the event log: from the terms of a list request to the JSON object the functions of
 * the schema take (events_page() ...). Pure. */
#pragma once
#include "common/str.h"
#include "webd/list.h"

#define EVENT_WORDS 16

extern const char *const event_filters[]; /* names, NULL-terminated */

/* Append the object to `out`. -1 with the reason when a value is not one of its filter. */
int event_filter_write(const struct list *l, struct bb_buf *out, struct bb_err *err);
