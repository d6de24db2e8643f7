// SPDX-License-Identifier: Apache-2.0
/* Which task is next: by due time, then by age; of tasks with the same order only the first.
 * Tasks are borrowed and stay alive until queue_remove(). Nothing blocks. */
#pragma once
#include "notifyd/task.h"

struct queue;
struct queue *queue_new(void);
void queue_free(struct queue *q);
/* Due at once, behind others of its order. */
void queue_add(struct queue *q, struct task *t);
/* Take the next task that is due; it is out until queue_postpone() or queue_remove(). NULL:
 * none. */
struct task *queue_take(struct queue *q, uint64_t now_ms);
/* Put a taken task back, still in front of its order. */
void queue_postpone(struct queue *q, struct task *t, uint64_t due_ms);
/* A taken task is finished; the one behind it is due at once. */
void queue_remove(struct queue *q, struct task *t);
/* When queue_take() may next give something; UINT64_MAX: never. */
uint64_t queue_next_ms(const struct queue *q);
