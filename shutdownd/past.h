// SPDX-License-Identifier: Apache-2.0
/* The ledger's contents as a picture in memory: the fold of its records, and the JSON they are
 * made of. At run time and at start the same function folds a record in, so the two cannot differ.
 * No I/O. */
#pragma once
#include "common/str.h"
#include "shutdownd/plan.h"

#define PAST_RECORD_TYPE 1

struct past;
struct past *past_new(void);
void past_free(struct past *p);
/* False: not a record of ours; nothing changed. */
bool past_apply(struct past *p, const char *json, size_t len);
void past_snapshot(const struct past *p, struct bb_buf *out);
bool past_apply_snapshot(struct past *p, const char *json, size_t len);

/* Records. `out` is emptied first. `evidence` is a JSON array or NULL; `changes` holds device ids,
 * negative where an alarm closed. */
void past_run_record(struct bb_buf *out, const struct plan *p, const char *evidence);
void past_order_record(struct bb_buf *out, const struct plan *p, const struct order *o);
void past_word_record(struct bb_buf *out, const char *type, const struct plan *p, const char *name,
	uint64_t value, const char *user);
void past_alarms_record(struct bb_buf *out, const struct past *p, const int64_t *changes, size_t n,
	bool is_reset);

void past_recover(const struct past *p, struct plan *plan);
uint64_t past_simulated_version(const struct past *p, uint64_t plan_id);

void past_alarm(struct past *p, uint64_t device_id, bool is_open);
bool past_alarm_is_open(const struct past *p, uint64_t device_id);
size_t past_alarms_open(const struct past *p);
void past_alarms_reset(struct past *p);
uint64_t past_cursor(const struct past *p, uint8_t journal_id[16]);
void past_cursor_set(struct past *p, const uint8_t journal_id[16], uint64_t cursor);
