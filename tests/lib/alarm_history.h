// SPDX-License-Identifier: Apache-2.0
/* Random histories for the model of alarms: made from a seed, printed for people. */
#pragma once
#include "tests/lib/alarm_model.h"

enum { HISTORY_STEPS = 160 };

/* HISTORY_STEPS of them. */
void history_make(uint64_t seed, struct op *ops);
/* One step as a line of cmocka's output. */
void history_print(const struct op *op);
/* Names in the world: key of an object (`out` has 16 bytes), id of its rule. */
const char *history_object(unsigned object, char *out);
const char *history_rule(unsigned object, unsigned rule);
