// SPDX-License-Identifier: Apache-2.0
/* Folds closed windows of sample_wide into parts (one row per device and day), in a thread of its own with a blocking connection, so that
 * it never delays the intake. One transaction writes the parts and drops the windows: killed at any point the fold is simply done
 * again. Then makes day rows of the parts of days that are over (day_rows.h), packs closed weeks (pack.h) and drops months that are not
 * wanted. Late rows open their old window anew and are folded by the next run. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"

struct fold;
struct fold_result {
	bool ok;
	uint64_t windows, rows, device_days, took_ms;
	char text[256];                 /* why not */
	unsigned n_dropped;             /* partitions, as the settings of retention ask for */
	char dropped[256];              /* their names */
};
struct fold_options {
	const char *conninfo;
	unsigned window_s;
	unsigned keep_windows;          /* fold when more closed windows than this are there, then all of them */
	void (*done)(void *arg, const struct fold_result *r);
	void *arg;
};
struct fold *fold_new(struct bb_loop *loop, const struct fold_options *o, struct bb_err *err);
void fold_free(struct fold *f);         /* waits for the device-day under way */
/* Fold what is closed; with `all` also the newest closed windows. Ignored while one runs. */
void fold_start(struct fold *f, bool all);
bool fold_running(const struct fold *f);
