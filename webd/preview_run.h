// SPDX-License-Identifier: Apache-2.0
/* One pass of stored samples through alarmd's core: devices, a rule, a clock that is that of the
 * samples. No I/O; one thread. */
#pragma once
#include "alarmd/rule.h"
#include "webd/preview.h"

struct preview_sample {
	uint64_t device_id, at_us;
	const char *point, *index; /* "": nothing but that the device answered */
	const char *text;          /* NULL: a number or a flag */
	double number;
	bool is_flag, flag;
	bool is_good;
};

struct preview_run;
/* Counts go to the devices and to `out`, both borrowed. */
struct preview_run *preview_run_new(const struct bb_ruledef *def, struct preview_device *devices,
	size_t n, uint64_t from_us, uint64_t to_us, struct preview_result *out);
/* In the order of time, then of devices. Values of one device and time are one reading. */
void preview_run_sample(struct preview_run *r, const struct preview_sample *s);
/* What was given so far is judged; borrowed texts may go. */
void preview_run_flush(struct preview_run *r);
/* `to_the_end`: time goes on to `to_us`, and alarms that stand count up to there. */
void preview_run_free(struct preview_run *r, bool to_the_end);
