// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

#define ACTIVE_UNACK BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK

static const struct {
	const char *begin, *end;
} kinds[QUIET_KINDS] = {
	[QUIET_SUPPRESSED] = { "suppress", "unsuppress" },
	[QUIET_MAINTENANCE] = { "maintenance", "maintenance_end" },
	[QUIET_OUT_OF_SERVICE] = { "out_of_service", "in_service" },
};

bool alarm_is_quiet(const struct alarm *a)
{
	for (size_t i = 0; i < QUIET_KINDS; i++)
		if (a->quiet[i])
			return true;
	return shelf_of(a->device, a->rule_id) != NULL;
}

bool alarm_counts(const struct alarm *a)
{
	return !a->is_test && !alarm_is_quiet(a);
}

void quiet_begin(const struct core *c, struct alarm *a)
{
	/* Somebody wants to see a test go the whole way. */
	if (a->is_test)
		return;
	maintenance_look(c, a->device);
	replace_text(&a->quiet[QUIET_MAINTENANCE], a->device->life.maintenance);
	replace_text(&a->quiet[QUIET_OUT_OF_SERVICE], a->device->life.out_of_service);
}

void quiet_tell(struct alarm *a)
{
	if (alarm_is_quiet(a))
		return;
	if (!a->told_severity || a->severity < a->told_severity)
		a->told_severity = a->severity;
}

void quiet_mark(struct core *c, struct alarm *a, enum quiet_kind kind, const char *text,
	uint64_t now_ns)
{
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];

	if (strcmp(a->quiet[kind] ? a->quiet[kind] : "", text ? text : "") == 0)
		return;
	replace_text(&a->quiet[kind], text);
	if (!alarm_is_open(a->st.phase))
		return;
	/* Who was not told so far, or long ago, is told now: notifyd does by the same rule. */
	if (!text && alarm_wire_state(a->st.phase) == ACTIVE_UNACK)
		quiet_tell(a);
	a->jseq = c->env.next_jseq(c->env.arg);
	core_alarm_message(a, &m, id);
	a->device->jseq = core_emit(c, &m, text ? kinds[kind].begin : kinds[kind].end, m.state,
		m.state, NULL, now_ns);
	device_summarise(c, a->device);
}

void quiet_follow(struct core *c, struct device *d, uint64_t now_ns)
{
	for (struct alarm *a = d->alarms; a; a = a->next) {
		if (a->is_test)
			continue;
		quiet_mark(c, a, QUIET_OUT_OF_SERVICE, d->life.out_of_service, now_ns);
		quiet_mark(c, a, QUIET_MAINTENANCE, d->life.maintenance, now_ns);
	}
}

void quiet_fill(const struct alarm *a, Busbar__V1__Alarm *m)
{
	m->suppressed_by = a->quiet[QUIET_SUPPRESSED];
	m->maintenance = a->quiet[QUIET_MAINTENANCE];
	m->out_of_service = a->quiet[QUIET_OUT_OF_SERVICE];
	m->has_told_severity = true;
	m->told_severity = a->told_severity;
	m->has_test = m->has_test_until_unix_us = a->is_test;
	m->test = a->is_test;
	m->test_until_unix_us = a->test_until_us;
}

void quiet_take(struct alarm *a, const Busbar__V1__Alarm *m)
{
	replace_text(&a->quiet[QUIET_SUPPRESSED], m->suppressed_by);
	replace_text(&a->quiet[QUIET_MAINTENANCE], m->maintenance);
	replace_text(&a->quiet[QUIET_OUT_OF_SERVICE], m->out_of_service);
	a->is_test = m->test;
	a->test_until_us = m->test_until_unix_us;
	if (m->has_told_severity)
		a->told_severity = (uint8_t)m->told_severity;
	else /* a record from before the field: only a shelf kept quiet */
		a->told_severity = m->shelved_unix_us && m->raised_unix_us >= m->shelved_unix_us
					   ? 0
					   : a->severity;
}

void quiet_free(struct alarm *a)
{
	for (size_t i = 0; i < QUIET_KINDS; i++)
		free(a->quiet[i]);
}
