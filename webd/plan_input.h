// SPDX-License-Identifier: Apache-2.0
/* Shutdown plans as people write them, checked field by field; shared by the handlers and by
 * restore. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "common/err.h"

/* The checked document for plan_put() of the schema (the caller's to json_decref), or NULL with
 * the reason. */
json_t *plan_input_read(const json_t *object, struct bb_err *err);
bool plan_key_valid(const char *key); /* one segment of a-z 0-9 . _ -, at most 64 bytes */
