// SPDX-License-Identifier: Apache-2.0
/* Times at which a device is expected to send a test trap. A trap of the device within the window is
 * the test and passed; a window that ends without one is missed. Outside of windows nothing is a test.
 *
 * The next occurrence of each window is kept in <lib>/windows, so that one that ends while nobody runs
 * is judged at the next start, once. Wall clock, because people set the devices by it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/wire.h"

struct window {
	uint64_t id, device_id;
	char *name, *tz;
	uint8_t days; /* bit 0 Monday */
	uint16_t at_minute, minutes;
	int64_t start_s; /* unix time of the occurrence that comes or runs */
	bool passed;     /* it came */
	uint64_t mark;
};

enum window_result { WINDOW_PASSED, WINDOW_MISSED };
struct windows;
struct windows_options {
	const char *lib;
	/* Once for each occurrence. */
	void (*result)(void *arg, const struct window *w, enum window_result r);
	void *arg;
};
/* Call before any thread exists: makes room for TZ in the environment. */
void windows_prepare(void);
struct windows *windows_new(const struct windows_options *o);
void windows_free(struct windows *w);
void windows_apply(struct windows *w, const Busbar__V1__Config *c, int64_t now_s);
/* A trap of this device came: true when it is a test. */
bool windows_trap(struct windows *w, uint64_t device_id, int64_t now_s);
/* Each second: what ended. */
void windows_tick(struct windows *w, int64_t now_s);
/* The occurrence that began at `start_s` is known to have passed: read back from the spool. */
void windows_known(struct windows *w, uint64_t window_id, int64_t start_s);
/* First start whose end is after `from_s`; -1 when the zone or the days make none. */
int64_t window_next(const struct window *w, int64_t from_s);
