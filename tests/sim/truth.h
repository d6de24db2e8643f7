// SPDX-License-Identifier: Apache-2.0
/* The oracle: one JSON line per change of what is true about a simulated device, written before
 * anybody can ask the device again.
 *
 *   {"boot_ns":81234567890,"unix_us":1763712345678901,"addr":"127.1.0.5","what":"return","arg":"","duration_ms":20134}
 *
 * `duration_ms` stands on the line that ends something: return, answer. One write(2) per line, so
 * a killed simulator loses none. Blocks for the time of that write. */
#pragma once
#include <stdint.h>

#include "common/err.h"

struct truth;
/* Appends. A NULL file gives a log that swallows everything. */
struct truth *truth_open(const char *file, struct bb_err *err);
void truth_close(struct truth *t);
/* duration_ms < 0: none. address 0: the simulator itself. */
void truth_write(struct truth *t, uint32_t address, const char *what, const char *arg,
	int64_t duration_ms);
