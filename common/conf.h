// SPDX-License-Identifier: Apache-2.0
/* busbar.conf (libconfig): one group "common", one per daemon. One schema table per daemon drives parsing, --check, --print-config
 * and the manual. Unknown keys, wrong types and values out of range are errors with file and line. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum bb_conf_type { BB_CONF_STR, BB_CONF_INT, BB_CONF_BOOL };
struct bb_conf_item {
	const char *key;
	enum bb_conf_type type;
	size_t offset;              /* offsetof in the daemon's settings struct: char * (owned), int64_t, bool */
	const char *unit;           /* "ms", "bytes" or "" */
	int64_t min, max;           /* ints: range; strings: length */
	const char *fallback;       /* default as text */
	const char *help;           /* one line */
};
#define BB_CONF_END { .key = NULL }

/* Fill `settings` from groups "common" and `daemon` of the file; `daemon` wins. A missing file means all defaults. */
int bb_conf_load(const char *file, const char *daemon, const struct bb_conf_item *schema, void *settings, struct bb_err *err);
void bb_conf_free(const struct bb_conf_item *schema, void *settings);
void bb_conf_print(const char *daemon, const struct bb_conf_item *schema, const void *settings);
