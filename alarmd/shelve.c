// SPDX-License-Identifier: Apache-2.0
/* Shelving: an alarm that is known and dealt with is kept quiet until a time, or until it clears. A shelf belongs to a device and
 * a rule, not to one episode: what clears and comes back meanwhile stays quiet. It is a mark outside the life of the alarm: raises
 * and clears go on and are journalled. The end is people's wall clock; it is looked at each second, so a shelf that ended while we
 * were away ends when we are back. Each shelf is in the journal and in snapshots, like an alarm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/clock.h"
#include "common/str.h"

#define OK         BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define REFUSED    BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define UNKNOWN_ID BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

#define SHELVE_MAX_US (7 * UINT64_C(86400000000))
#define ACTIVE_UNACK  BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK
#define NORMAL        BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL

struct shelf *shelf_of(const struct device *d, const char *rule_id)
{
	for (struct shelf *s = d->shelves; s; s = s->next)
		if (strcmp(s->rule_id, rule_id) == 0)
			return s;
	return NULL;
}

static void shelf_free(struct shelf *s)
{
	free(s->rule_id);
	free(s->user);
	free(s->reason);
	free(s);
}

void shelves_free(struct device *d)
{
	for (struct shelf *s = d->shelves, *next; s; s = next) {
		next = s->next;
		shelf_free(s);
	}
	d->shelves = NULL;
}

static struct shelf *shelf_get(struct device *d, const char *rule_id)
{
	struct shelf *s = shelf_of(d, rule_id);

	if (s)
		return s;
	s = bb_calloc(1, sizeof(*s));
	s->rule_id = bb_strdup(rule_id);
	s->next = d->shelves;
	d->shelves = s;
	return s;
}

static void shelf_drop(struct device *d, const char *rule_id)
{
	for (struct shelf **at = &d->shelves; *at; at = &(*at)->next) {
		struct shelf *s = *at;

		if (strcmp(s->rule_id, rule_id) != 0)
			continue;
		*at = s->next;
		shelf_free(s);
		return;
	}
}

void shelf_fill(const struct shelf *s, Busbar__V1__Alarm *m)
{
	m->has_shelved_unix_us = m->has_shelved_until_unix_us = m->has_shelved_until_clear = true;
	m->shelved_unix_us = s->since_us;
	m->shelved_until_unix_us = s->until_us;
	m->shelved_until_clear = s->until_clear;
	m->shelved_by = s->user;
	m->shelve_reason = s->reason;
}

void shelf_own_message(const struct device *d, const struct shelf *s, Busbar__V1__Alarm *m, char *id)
{
	*m = (Busbar__V1__Alarm)BUSBAR__V1__ALARM__INIT;
	m->id = alarm_id_print(&s->id, id);
	m->has_device_id = m->has_site_id = m->has_severity = m->has_state = true;
	m->device_id = d->id;
	m->key = d->key;
	m->site_id = d->site_id;
	m->rule = s->rule_id;
	m->severity = s->severity;
	m->state = NORMAL;
	shelf_fill(s, m);
}

void shelf_message(const struct device *d, const struct shelf *s, Busbar__V1__Alarm *m, char *id)
{
	const struct alarm *a = alarm_of(d, s->rule_id);

	if (a && alarm_is_open(a->st.phase))
		core_alarm_message(a, m, id);
	else
		shelf_own_message(d, s, m, id);
}

static uint64_t record(struct core *c, struct device *d, const struct shelf *s, const char *kind,
	const struct core_ack *by, uint64_t now_ns)
{
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];
	struct alarm *a = alarm_of(d, s->rule_id);

	if (a) {
		a->jseq = c->env.next_jseq(c->env.arg);
		if (strcmp(kind, "unshelve") == 0 &&
			alarm_wire_state(a->st.phase) == ACTIVE_UNACK)
			quiet_tell(a);
	}
	shelf_message(d, s, &m, id);
	if (strcmp(kind, "unshelve") == 0)
		m.has_shelved_unix_us = m.has_shelved_until_unix_us = m.has_shelved_until_clear =
			false;
	d->jseq = core_emit(c, &m, kind, m.state, m.state, by, now_ns);
	return d->jseq;
}

static void refuse(struct core_ack_result *out, unsigned code, const char *text)
{
	*out = (struct core_ack_result){ .code = code };
	bb_copy(out->text, sizeof(out->text), text);
}

static bool until_fits(struct core *c, const struct core_ack *by, uint64_t *until_us,
	struct core_ack_result *out)
{
	uint64_t now_us = c->env.wall_us(c->env.arg);

	*until_us = by->until_us ? by->until_us : now_us + SHELVE_MAX_US;
	if (!by->comment || !*by->comment)
		refuse(out, REFUSED, "a shelf needs a reason");
	else if (!by->until_us && !by->until_clear)
		refuse(out, REFUSED, "say how long: until a time, or until it clears");
	else if (*until_us <= now_us)
		refuse(out, REFUSED, "the time it shall end at is over already");
	else if (*until_us > now_us + SHELVE_MAX_US)
		refuse(out, REFUSED, "at most 7 days at a time");
	else
		return true;
	return false;
}

void core_shelve(struct core *c, const char *text, const struct core_ack *by,
	struct core_ack_result *out, uint64_t now_ns)
{
	uint64_t until_us;
	struct alarm *a = ack_alarm(c, text, by, out);
	char when[32];

	if (!a || !until_fits(c, by, &until_us, out))
		return;
	struct shelf *s = shelf_get(a->device, a->rule_id);
	s->id = a->id;
	s->severity = a->severity;
	s->since_us = c->env.wall_us(c->env.arg);
	s->until_us = until_us;
	s->until_clear = by->until_clear;
	replace_text(&s->user, by->user);
	replace_text(&s->reason, by->comment);
	*out = (struct core_ack_result){ .code = OK };
	out->jseq = record(c, a->device, s, "shelve", by, now_ns);
	snprintf(out->text, sizeof(out->text), "shelved until %s%s",
		bb_clock_rfc3339(until_us, when), s->until_clear ? ", or until it clears" : "");
	device_summarise(c, a->device);
}

/* The shelf goes first, so that the record shows the alarm as everybody will see it. */
static uint64_t end_shelf(struct core *c, struct device *d, struct shelf *s,
	const struct core_ack *by, uint64_t now_ns)
{
	struct shelf gone = *s;
	uint64_t jseq;

	gone.rule_id = bb_strdup(s->rule_id);
	gone.user = gone.reason = NULL;
	shelf_drop(d, gone.rule_id);
	jseq = record(c, d, &gone, "unshelve", by, now_ns);
	device_summarise(c, d);
	free(gone.rule_id);
	return jseq;
}

static struct shelf *shelf_by_id(struct core *c, const struct alarm_id *id, struct device **owner)
{
	for (struct device *d = c->all; d; d = d->next) {
		for (struct shelf *s = d->shelves; s; s = s->next) {
			const struct alarm *a = alarm_of(d, s->rule_id);

			*owner = d;
			if (!memcmp(&s->id, id, sizeof(*id)) ||
				(a && !memcmp(&a->id, id, sizeof(*id))))
				return s;
		}
	}
	return NULL;
}

void core_unshelve(struct core *c, const char *text, const struct core_ack *by,
	struct core_ack_result *out, uint64_t now_ns)
{
	struct alarm_id id;
	struct device *d;

	if (ack_repeated(c, text, by, &id, out))
		return;
	struct shelf *s = shelf_by_id(c, &id, &d);
	if (!s) {
		refuse(out, REFUSED, "not shelved");
		return;
	}
	/* The shelf may be of an older episode than the one that stands. */
	struct core_ack named = *by;
	named.named = text;
	*out = (struct core_ack_result){ .code = OK, .jseq = end_shelf(c, d, s, &named, now_ns) };
	bb_copy(out->text, sizeof(out->text), "back from the shelf");
}

void shelves_tick(struct core *c, struct device *d, uint64_t now_ns)
{
	uint64_t now_us = d->shelves ? c->env.wall_us(c->env.arg) : 0;

	for (struct shelf *s = d->shelves, *next; s; s = next) {
		const struct alarm *a = alarm_of(d, s->rule_id);
		bool is_clear = !a || !alarm_is_open(a->st.phase);

		next = s->next;
		if (s->until_us <= now_us || (s->until_clear && is_clear))
			end_shelf(c, d, s, NULL, now_ns);
	}
}

/* ---- taking up records ---- */

bool shelf_replay(struct device *d, const Busbar__V1__Transition *t)
{
	const Busbar__V1__Alarm *m = t->alarm;
	struct alarm_id id;

	if (!t->kind)
		return false;
	if (strcmp(t->kind, "unshelve") == 0) {
		shelf_drop(d, m->rule);
		return true;
	}
	if (strcmp(t->kind, "shelve") != 0)
		return false;
	if (alarm_id_parse(m->id, &id) < 0)
		return true;
	struct shelf *s = shelf_get(d, m->rule);
	s->id = id;
	s->severity = (uint8_t)m->severity;
	s->since_us = m->shelved_unix_us;
	s->until_us = m->shelved_until_unix_us;
	s->until_clear = m->shelved_until_clear;
	replace_text(&s->user, m->shelved_by);
	replace_text(&s->reason, m->shelve_reason);
	return true;
}
