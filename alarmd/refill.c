// SPDX-License-Identifier: Apache-2.0
#include "alarmd/refill.h"

#include <stdlib.h>
#include <string.h>

#include "alarmd/project_row.h"
#include "alarmd/store.h"
#include "common/str.h"
#include "common/table.h"

#define NORMAL     BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL
#define READ_BATCH 1000
#define JSEQ       17 /* column */

/* An alarm that is over has no row in alarm_state. */
const char refill_query[] =
	"SELECT e.alarm_id, e.site_id, e.device_id, e.device, e.rule, e.subject, coalesce(s.episode, 0), e.severity, coalesce(s.state, 1), "
	"(extract(epoch FROM coalesce(s.raised_at, e.at)) * 1000000)::bigint, (extract(epoch FROM s.cleared_at) * 1000000)::bigint, "
	"(extract(epoch FROM s.acked_at) * 1000000)::bigint, s.user_name, s.comment, coalesce(s.text, e.text), e.value, e.unit, e.jseq "
	"FROM (SELECT DISTINCT ON (alarm_id) * FROM events WHERE journal_id = $1::bytea AND jseq >= $2::bigint AND rule <> 'event' "
	"ORDER BY alarm_id, jseq DESC) e LEFT JOIN alarm_state s ON s.alarm_id = e.alarm_id ORDER BY e.jseq";

struct newest {
	struct bb_table *of; /* alarm id -> malloc'ed jseq */
	struct bb_arena *arena;
	uint64_t at;
};

static bool note(void *arg, const struct bb_record *r)
{
	struct newest *n = arg;
	const Busbar__V1__Transition *t = NULL;

	n->at = r->jseq;
	if (r->type == STORE_TRANSITION)
		t = bb_unpack_transition(n->arena, r->data, r->len, NULL);
	if (t && t->alarm && t->alarm->id) {
		uint64_t *jseq = bb_table_get(n->of, t->alarm->id);
		if (!jseq) {
			jseq = bb_malloc(sizeof(*jseq));
			bb_table_put(n->of, t->alarm->id, jseq);
		}
		*jseq = r->jseq;
	}
	bb_arena_reset(n->arena);
	return true;
}

int refill_rows(struct bb_journal *j, uint64_t missing, const PGresult *res,
	void (*cb)(void *arg, const Busbar__V1__Alarm *a), void *arg, struct bb_err *err)
{
	struct newest n = { .of = bb_table_new(),
		.arena = bb_arena_new(16384, 0),
		.at = missing - 1 };
	int rc;

	do
		rc = bb_journal_read(j, n.at, READ_BATCH, note, &n, err);
	while (rc > 0);
	for (int i = 0; rc == 0 && i < PQntuples(res); i++) {
		Busbar__V1__Alarm a;
		project_row_read(res, i, &a);
		const uint64_t *ours = bb_table_get(n.of, a.id);
		if (!ours || *ours < strtoull(PQgetvalue(res, i, JSEQ), NULL, 10))
			cb(arg, &a);
	}
	bb_table_free(n.of, free);
	bb_arena_free(n.arena);
	return rc;
}

static const struct device *owner(const struct core *c, const Busbar__V1__Alarm *a)
{
	const struct device *d = a->device_id ? core_device(c, a->device_id) : core_devices(c);

	while (!a->device_id && d && (d->id || strcmp(d->key, a->key) != 0))
		d = d->next;
	return d;
}

/* Another episode of the rule stands. */
static bool is_overtaken(const struct device *d, const Busbar__V1__Alarm *a)
{
	for (const struct alarm *x = d->alarms; x; x = x->next)
		if (strcmp(x->rule_id, a->rule) == 0 && alarm_is_open(x->st.phase))
			return true;
	return false;
}

void refill_take(struct core *c, const Busbar__V1__Alarm *a, uint64_t now_ns)
{
	const struct device *d = owner(c, a);
	struct alarm_id id;

	if (alarm_id_parse(a->id, &id) < 0)
		return;
	bool stands = core_open_alarm(c, &id) != NULL;
	bool may_stand =
		a->state != NORMAL && d && (!d->id || d->is_configured) && !is_overtaken(d, a);
	if (stands || may_stand)
		core_carry(c, a, now_ns);
	else if (a->state != NORMAL)
		core_close_foreign(c, a, now_ns);
}
