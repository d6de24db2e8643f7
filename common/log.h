// SPDX-License-Identifier: Apache-2.0
/* Structured log. Events and their level, meaning and operator's action live in event.def. Under systemd the typed fields go to
 * the journal (sd_journal_sendv); otherwise one readable line to stderr:
 *   2026-11-21T07:40:01.123Z warning collect-snmp device_lost device=hh/ups-1 silent_s=31
 * Repeating faults: log on change, then hourly with a count (bb_log_limit). No log in a loop over devices. Not for secrets.
 * Control characters in values are printed as \xNN. Callable from any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum bb_level { BB_ERR, BB_WARN, BB_INFO, BB_DEBUG };

enum bb_event_id {
#define EVENT(id, level, name, meaning, action) EV_##id,
#include "common/event.def"
#undef EVENT
	EV_COUNT
};

struct bb_field {
	const char *name;
	enum { BB_FIELD_STR, BB_FIELD_UINT, BB_FIELD_INT, BB_FIELD_DOUBLE } type;
	union {
		const char *s;
		uint64_t u;
		int64_t i;
		double d;
	};
};
#define BB_STR(n, v) ((struct bb_field){ .name = (n), .type = BB_FIELD_STR, .s = (v) })
#define BB_UINT(n, v) ((struct bb_field){ .name = (n), .type = BB_FIELD_UINT, .u = (v) })
#define BB_INT(n, v) ((struct bb_field){ .name = (n), .type = BB_FIELD_INT, .i = (v) })
#define BB_DOUBLE(n, v) ((struct bb_field){ .name = (n), .type = BB_FIELD_DOUBLE, .d = (v) })
#define BB_ERRTEXT(e) BB_STR("error", (e)->text)

/* Call once at start. `name` is kept (a literal). `min` hides lower levels (BB_INFO by default). */
void bb_log_open(const char *name, enum bb_level min);
void bb_log_fields(enum bb_event_id id, const struct bb_field *fields, size_t n);
#define bb_log(id, ...) \
	bb_log_fields((id), (const struct bb_field[]){ __VA_ARGS__ }, \
		sizeof((const struct bb_field[]){ __VA_ARGS__ }) / sizeof(struct bb_field))

/* For faults that repeat: returns true the first time, when `text` changed, and once per hour; *repeats then tells how many were
 * swallowed. Zero-initialise the struct. */
struct bb_log_limit {
	uint64_t last_ms;
	uint64_t swallowed;
	uint64_t hash;
};
bool bb_log_due(struct bb_log_limit *l, const char *text, uint64_t *repeats);
