// SPDX-License-Identifier: Apache-2.0
/* notifyd's stored records: what can be read can be written, and reads the same again. First
 * byte: which record. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "notifyd/config.h"
#include "notifyd/outbox_record.h"

static void check_queued(struct bb_arena *a, const Busbar__V1__OutboxQueued *q)
{
	struct task_topic topic = { .refs = 1 };
	struct outbox_queued_parts parts = { .transition = "t", .transition_len = 1 };
	struct task *tasks = bb_arena_alloc(a, (q->n_task + 1) * sizeof(*tasks)), *at[4097], again;
	const Busbar__V1__OutboxQueued *back;
	size_t len;
	uint8_t *data;

	for (size_t i = 0; i < q->n_task; i++) {
		if (outbox_task_decode(&tasks[parts.tasks], q->task[i]) != 0)
			continue;
		tasks[parts.tasks].topic = &topic;
		at[parts.tasks] = &tasks[parts.tasks];
		parts.tasks++;
	}
	parts.task = at;
	data = outbox_queued_encode(&parts, a, &len);
	back = bb_unpack_outbox_queued(a, data, len, NULL);
	/* Defaults take more room than what came in. */
	if (!back)
		return;
	bb_assert(back->n_task == parts.tasks);
	for (size_t i = 0; i < parts.tasks; i++) {
		bb_assert(outbox_task_decode(&again, back->task[i]) == 0);
		bb_assert(again.id == tasks[i].id && strcmp(again.address, tasks[i].address) == 0);
		bb_assert(config_address_valid(again.address));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bb_arena *a = bb_arena_new(4096, 0);
	const Busbar__V1__OutboxQueued *q = NULL;
	const Busbar__V1__OutboxSnapshot *s = NULL;

	if (n > 0 && data[0] == 0)
		q = bb_unpack_outbox_queued(a, data + 1, n - 1, NULL);
	else if (n > 0 && data[0] == 1)
		s = bb_unpack_outbox_snapshot(a, data + 1, n - 1, NULL);
	else if (n > 0)
		bb_unpack_outbox_change(a, data + 1, n - 1, NULL);
	if (q)
		check_queued(a, q);
	for (size_t i = 0; s && i < s->n_open; i++)
		check_queued(a, s->open[i]);
	bb_arena_free(a);
	return 0;
}
