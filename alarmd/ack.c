// SPDX-License-Identifier: Apache-2.0
/* What people do to an episode: acknowledge, take that back, take over, comment. The first
 * acknowledgement counts, the second gets its data; one for an episode that is over is refused. What a command did is remembered with its key, in the journal
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

/* Kinds of the records that commands make, and how a repeated command is answered. The first is
 * what older records were. */
static const struct {
	const char *kind, *done;
} deeds[] = {
	{ "ack", "acknowledged" },
	{ "unack", "acknowledgement taken back" },
	{ "take", "taken over" },
	{ "comment", "commented" },
	{ "shelve", "shelved" },
	{ "unshelve", "taken back from the shelf" },
};

static uint8_t deed_of(const char *kind)
{
	for (uint8_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (kind && strcmp(deeds[i].kind, kind) == 0)
			return i;
	return 0;
}

const char *memo_kind(const struct memo *m)
{
	return deeds[m->deed].kind;
}

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
	m->deed = deed_of(t->kind);
	replace_text(&m->user, t->user);
	replace_text(&m->comment, t->comment);
	bb_table_put_n(c->memos, &k, sizeof(k), m);
	c->memo_next = (c->memo_next + 1) % CORE_MEMOS_MAX;
}

static void answer(struct core_ack_result *out, const char *done, uint64_t jseq, const char *user,
	uint64_t at_us)
{
	char when[32];

	*out = (struct core_ack_result){ .code = OK, .jseq = jseq };
	snprintf(out->text, sizeof(out->text), "%s by %s at %s", done, user ? user : "",
		bb_clock_rfc3339(at_us, when));
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

bool ack_repeated(struct core *c, const char *text, const struct core_ack *by, struct alarm_id *id,
	struct core_ack_result *out)
{
	if (alarm_id_parse(text, id) < 0) {
		refuse(out, UNKNOWN_ID, "no such alarm: an id is <journal>-<number>");
		return true;
	}
	if (!by->cmd_key)
		return false;
	struct memo_key k = key_of(by->cmd_key, id);
	const struct memo *m = bb_table_get_n(c->memos, &k, sizeof(k));
	if (m)
		answer(out, deeds[m->deed].done, m->jseq, m->user, m->acked_us);
	return m != NULL;
}

struct alarm *ack_alarm(struct core *c, const char *text, const struct core_ack *by,
	struct core_ack_result *out)
{
	struct alarm_id id;

	if (ack_repeated(c, text, by, &id, out))
		return NULL;
	struct alarm *a = core_open_alarm(c, &id);
	if (!a)
		not_open(c, &id, out);
	return a;
}

static void apply(struct core *c, const char *text, enum alarm_event event,
	const struct core_ack *by, struct core_ack_result *out, uint64_t now_ns)
{
	struct alarm *a = ack_alarm(c, text, by, out);
	uint64_t jseq = c->env.next_jseq(c->env.arg);

	if (!a)
		return;
	struct alarm_id id = a->id;
	uint64_t now_us = c->env.wall_us(c->env.arg);
	switch (alarm_apply(c, a, event, by, now_ns)) {
	case ALARM_ACKED: answer(out, "acknowledged", jseq, by->user, now_us); break;
	case ALARM_TAKEN: answer(out, "taken over", jseq, by->user, now_us); break;
	case ALARM_UNACKED:
		answer(out, "acknowledgement taken back", jseq, by->user, now_us);
		break;
	case ALARM_REFUSE_TWICE: answer(out, "acknowledged", a->jseq, a->user, a->acked_us); break;
	case ALARM_REFUSE_UNACKED: refuse(out, REFUSED, "not acknowledged"); break;
	default: not_open(c, &id, out);
	}
}

void core_ack(struct core *c, const char *text, const struct core_ack *ack,
	struct core_ack_result *out, uint64_t now_ns)
{
	apply(c, text, ALARM_ACK, ack, out, now_ns);
}

void core_unack(struct core *c, const char *text, const struct core_ack *by,
	struct core_ack_result *out, uint64_t now_ns)
{
	apply(c, text, ALARM_UNACK, by, out, now_ns);
}

void core_take(struct core *c, const char *text, const struct core_ack *by,
	struct core_ack_result *out, uint64_t now_ns)
{
	apply(c, text, ALARM_TAKE, by, out, now_ns);
}

/* Changes nothing but the remark everybody sees; who acknowledged stays. */
void core_comment(struct core *c, const char *text, const struct core_ack *by,
	struct core_ack_result *out, uint64_t now_ns)
{
	struct alarm *a = ack_alarm(c, text, by, out);
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];

	if (!a)
		return;
	if (!by->comment || !*by->comment) {
		refuse(out, REFUSED, "the comment is empty");
		return;
	}
	a->jseq = c->env.next_jseq(c->env.arg);
	replace_text(&a->comment, by->comment);
	core_alarm_message(a, &m, id);
	a->device->jseq = core_emit(c, &m, "comment", m.state, m.state, by, now_ns);
	answer(out, "commented", a->jseq, by->user, c->env.wall_us(c->env.arg));
}
