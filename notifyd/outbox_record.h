// SPDX-License-Identifier: Apache-2.0
/* Bytes of the outbox: journal records and the snapshot (proto/notify.proto). Encoded data live
 * in the arena. */
#pragma once
#include "common/wire.h"
#include "notifyd/task.h"

enum { OUTBOX_RECORD_QUEUED = 1, OUTBOX_RECORD_CHANGE = 2 };

struct outbox_queued_parts {
	const uint8_t *cursor_id; /* NULL: the cursor does not move */
	uint64_t cursor;
	const void *transition;
	size_t transition_len;
	struct task *const *task;
	size_t tasks;
	uint64_t suppressed;
};
uint8_t *outbox_queued_encode(const struct outbox_queued_parts *p, struct bb_arena *a, size_t *len);
uint8_t *outbox_change_encode(const struct task *t, unsigned step, const char *text,
	struct bb_arena *a, size_t *len);

struct outbox_state {
	const uint8_t *cursor_id;
	uint64_t cursor, next_id, sent, failed, suppressed;
	const struct task *first; /* of the list, oldest first */
	size_t open;
};
/* NULL when there is more than a snapshot can hold; the log then only becomes longer. */
uint8_t *outbox_snapshot_encode(const struct outbox_state *s, struct bb_arena *a, size_t *len);

/* Fill everything but topic and order; strings point into m. -1: not a task anybody can be sent. */
int outbox_task_decode(struct task *t, const Busbar__V1__OutboxTask *m);
