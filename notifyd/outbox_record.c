// SPDX-License-Identifier: Apache-2.0
#include "notifyd/outbox_record.h"

#include <string.h>

#include "common/clock.h"
#include "notifyd/config.h"

enum { OPEN_MAX = 100000 };

static Busbar__V1__OutboxTask *task_message(const struct task *t, struct bb_arena *a)
{
	Busbar__V1__OutboxTask *m = bb_arena_alloc(a, sizeof(*m));

	busbar__v1__outbox_task__init(m);
	m->has_task_id = m->has_notif_key = m->has_recipient_id = m->has_step = m->has_attempt = 1;
	m->task_id = t->id;
	m->notif_key = (ProtobufCBinaryData){ sizeof(t->key), (uint8_t *)t->key };
	m->recipient_id = t->recipient_id;
	m->name = (char *)t->name;
	m->address = (char *)t->address;
	m->step = (Busbar__V1__OutboxStep)t->step;
	m->attempt = t->attempt;
	return m;
}

int outbox_task_decode(struct task *t, const Busbar__V1__OutboxTask *m)
{
	if (!m->task_id || m->notif_key.len != sizeof(t->key) || !config_address_valid(m->address))
		return -1;
	*t = (struct task){
		.id = m->task_id,
		.recipient_id = m->recipient_id,
		.step = m->has_step ? m->step : BUSBAR__V1__OUTBOX_STEP__OUTBOX_STEP_QUEUED,
		.attempt = m->attempt,
		.name = m->name,
		.address = m->address,
	};
	memcpy(t->key, m->notif_key.data, sizeof(t->key));
	return 0;
}

static void queued_init(Busbar__V1__OutboxQueued *m, uint64_t queued_ns)
{
	busbar__v1__outbox_queued__init(m);
	m->has_queued_boot_ns = m->has_boot_id = 1;
	m->queued_boot_ns = queued_ns;
	m->boot_id = (ProtobufCBinaryData){ 16, (uint8_t *)bb_clock_boot_id() };
}

uint8_t *outbox_queued_encode(const struct outbox_queued_parts *p, struct bb_arena *a, size_t *len)
{
	Busbar__V1__OutboxQueued m;

	queued_init(&m, p->tasks ? p->task[0]->topic->queued_ns : bb_clock_boot_ns());
	if (p->cursor_id) {
		m.has_journal_id = m.has_after_jseq = 1;
		m.journal_id = (ProtobufCBinaryData){ 16, (uint8_t *)p->cursor_id };
		m.after_jseq = p->cursor;
	}
	m.has_transition = p->transition != NULL;
	m.transition = (ProtobufCBinaryData){ p->transition_len, (uint8_t *)p->transition };
	m.has_suppressed = p->suppressed != 0;
	m.suppressed = p->suppressed;
	m.task = bb_arena_alloc(a, (p->tasks + 1) * sizeof(*m.task));
	for (size_t i = 0; i < p->tasks; i++)
		m.task[m.n_task++] = task_message(p->task[i], a);
	return bb_pack(a, &m, len);
}

uint8_t *outbox_change_encode(const struct task *t, unsigned step, const char *text,
	struct bb_arena *a, size_t *len)
{
	Busbar__V1__OutboxChange m = BUSBAR__V1__OUTBOX_CHANGE__INIT;

	m.has_task_id = m.has_step = m.has_attempt = 1;
	m.task_id = t->id;
	m.step = (Busbar__V1__OutboxStep)step;
	m.attempt = t->attempt;
	m.text = *text ? (char *)text : NULL;
	return bb_pack(a, &m, len);
}

/* Tasks of one transition stand together in the list. */
static Busbar__V1__OutboxQueued *open_message(const struct task **at, struct bb_arena *a)
{
	Busbar__V1__OutboxQueued *m = bb_arena_alloc(a, sizeof(*m));
	const struct task_topic *topic = (*at)->topic;
	const struct task *t;
	size_t n = 0;

	queued_init(m, topic->queued_ns);
	m->has_transition = 1;
	m->transition = (ProtobufCBinaryData){ topic->len, (uint8_t *)topic->transition };
	for (t = *at; t && t->topic == topic; t = TAILQ_NEXT(t, link))
		n++;
	m->task = bb_arena_alloc(a, n * sizeof(*m->task));
	for (t = *at; t && t->topic == topic; t = TAILQ_NEXT(t, link))
		m->task[m->n_task++] = task_message(t, a);
	*at = t;
	return m;
}

uint8_t *outbox_snapshot_encode(const struct outbox_state *s, struct bb_arena *a, size_t *len)
{
	Busbar__V1__OutboxSnapshot m = BUSBAR__V1__OUTBOX_SNAPSHOT__INIT;
	const struct task *at = s->first;

	if (s->open > OPEN_MAX)
		return NULL;
	m.has_journal_id = m.has_after_jseq = m.has_next_task_id = 1;
	m.has_sent = m.has_failed = m.has_suppressed = 1;
	m.journal_id = (ProtobufCBinaryData){ 16, (uint8_t *)s->cursor_id };
	m.after_jseq = s->cursor;
	m.next_task_id = s->next_id;
	m.sent = s->sent;
	m.failed = s->failed;
	m.suppressed = s->suppressed;
	m.open = bb_arena_alloc(a, (s->open + 1) * sizeof(*m.open));
	while (at)
		m.open[m.n_open++] = open_message(&at, a);
	if (protobuf_c_message_get_packed_size(&m.base) > BB_WIRE_OUTBOX_MAX)
		return NULL;
	return bb_pack(a, &m, len);
}
