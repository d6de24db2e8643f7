// SPDX-License-Identifier: Apache-2.0
/* Acknowledging an episode. The first acknowledgement counts, the second gets its data; one for an
 * episode that is over is refused. What a command did is remembered with its key, in the journal
 * and in snapshots, so that its repeat gets the same answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/clock.h"
#include "common/str.h"

#define OK         BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define REFUSED    BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define UNKNOWN_ID BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

struct memo_key {
	uint8_t cmd_key[16];
	struct alarm_id id;
};

static struct memo_key key_of(const uint8_t *cmd_key, const struct alarm_id *id)
{
	struct memo_key k = { .id = *id };

	memcpy(k.cmd_key, cmd_key, sizeof(k.cmd_key));
	return k;
}

void memo_add(struct core *c, const uint8_t *cmd_key, const struct alarm_id *id,
	const Busbar__V1__Transition *t)
{
	struct memo_key k = key_of(cmd_key, id);
	struct memo *m = &c->ring[c->memo_next];

	if (bb_table_get_n(c->memos, &k, sizeof(k)))
		return;
	if (m->jseq) {
		struct memo_key old = key_of(m->cmd_key, &m->id);
		bb_table_del_n(c->memos, &old, sizeof(old));
	}
	memcpy(m->cmd_key, cmd_key, sizeof(m->cmd_key));
	m->id = *id;
	m->jseq = t->jseq;
	m->acked_us = t->at_unix_us;
	replace_text(&m->user, t->user);
	replace_text(&m->comment, t->comment);
	bb_table_put_n(c->memos, &k, sizeof(k), m);
	c->memo_next = (c->memo_next + 1) % CORE_MEMOS_MAX;
}

static void answer(struct core_ack_result *out, unsigned code, uint64_t jseq, const char *user,
	uint64_t acked_us)
{
	char when[32];

	*out = (struct core_ack_result){ .code = code, .jseq = jseq };
	snprintf(out->text, sizeof(out->text), "acknowledged by %s at %s", user ? user : "",
		bb_clock_rfc3339(acked_us, when));
}

static void refuse(struct core_ack_result *out, unsigned code, const char *text)
{
	*out = (struct core_ack_result){ .code = code };
	bb_copy(out->text, sizeof(out->text), text);
}

static void not_open(struct core *c, const struct alarm_id *id, struct core_ack_result *out)
{
	bool ours = memcmp(id->journal, c->env.journal_id, sizeof(id->journal)) == 0;

	if (ours && id->jseq >= c->env.next_jseq(c->env.arg))
		refuse(out, UNKNOWN_ID, "no such alarm");
	else
		refuse(out, REFUSED, "already cleared");
}

void core_ack(struct core *c, const char *text, const struct core_ack *ack,
	struct core_ack_result *out, uint64_t now_ns)
{
	struct alarm_id id;

	if (alarm_id_parse(text, &id) < 0) {
		refuse(out, UNKNOWN_ID, "no such alarm: an id is <journal>-<number>");
		return;
	}
	if (ack->cmd_key) {
		struct memo_key k = key_of(ack->cmd_key, &id);
		const struct memo *m = bb_table_get_n(c->memos, &k, sizeof(k));
		if (m) {
			answer(out, OK, m->jseq, m->user, m->acked_us);
			return;
		}
	}
	struct alarm *a = core_open_alarm(c, &id);
	if (!a) {
		not_open(c, &id, out);
		return;
	}
	uint64_t jseq = c->env.next_jseq(c->env.arg);
	switch (alarm_apply(c, a, ALARM_ACK, ack, now_ns)) {
	case ALARM_ACKED: answer(out, OK, jseq, ack->user, c->env.wall_us(c->env.arg)); break;
	case ALARM_REFUSE_TWICE: answer(out, OK, a->jseq, a->user, a->acked_us); break;
	default: not_open(c, &id, out);
	}
}
