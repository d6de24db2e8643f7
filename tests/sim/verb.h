// SPDX-License-Identifier: Apache-2.0
/* What can happen to a simulated device. One line, the same in script files and on the control
 * socket:
 *
 *   ADDR[-ADDR] | all   onbattery | return | low | depleted | silent | answer | slow MS | loss PERCENT |
 *                       alarm CODE on|off | set OID VALUE | unset | reboot
 *
 * A verb that changes nothing is no error and leaves no line in the truth log. */
#pragma once
#include "tests/sim/fleet.h"
#include "tests/sim/truth.h"

/* Run one line; `line` is cut up. Returns 0, or -1 when the line is wrong or some agent cannot do
 * it (the others did). */
int verb_run(struct fleet *f, struct truth *t, char *line, struct bb_err *err);
/* The same for one agent, without words. */
void verb_on_battery(struct truth *t, struct agent *a);
void verb_return(struct truth *t, struct agent *a);
void verb_low(struct truth *t, struct agent *a);
void verb_silent(struct truth *t, struct agent *a);
void verb_loss(struct truth *t, struct agent *a, double percent);
