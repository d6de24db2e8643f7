// SPDX-License-Identifier: Apache-2.0
/* One message to one recipient, from the journal to the mail server. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "proto/notify.pb-c.h"

/* A transition that tasks are about; shared by its recipients. */
struct task_topic {
	size_t refs;
	uint64_t queued_ns; /* own BOOTTIME; of an earlier boot: that of our start */
	size_t len;
	uint8_t transition[]; /* packed, as pulled */
};

struct task {
	TAILQ_ENTRY(task) link; /* outbox: all tasks, oldest first */
	uint64_t id;
	uint8_t key[16];
	uint64_t recipient_id;
	uint64_t order;   /* see route_order */
	unsigned step;    /* OutboxStep */
	uint32_t attempt; /* begun so far */
	struct task_topic *topic;
	const char *name, *address; /* behind the struct */

	/* the queue's */
	uint64_t due_ms;     /* monotonic */
	size_t heap_at;      /* index + 1; 0 = not waiting in the heap */
	struct task *behind; /* next of the same order */
	/* delivery's */
	uint32_t failures; /* since start */
};
