// SPDX-License-Identifier: Apache-2.0
#include "notifyd/trail.h"

#include <stdio.h>

#include "common/str.h"
#include "notifyd/route.h"

/* The address stays here: whoever may look at the log may not look at addresses. */
void trail_put(struct events *e, struct bb_arena *a, const struct task *t, bool was_taken,
	const char *text)
{
	struct bb_err err;
	const Busbar__V1__Transition *tr =
		e ? bb_unpack_transition(a, t->topic->transition, t->topic->len, &err) : NULL;
	const Busbar__V1__Alarm *m = tr ? tr->alarm : NULL;
	char words[400], code[300];

	if (!m)
		return;
	snprintf(words, sizeof(words), "%s of %s %s to %s",
		route_kind(tr) == ROUTE_CLEAR ? "the end" : "the begin", m->rule,
		was_taken ? "was told" : "could not be told", t->name);
	/* alarms of no device share the place of our own events: the code says whose it was */
	if (m->device_id)
		bb_copy(code, sizeof(code), m->rule);
	else
		snprintf(code, sizeof(code), "%s %s", m->key, m->rule);
	events_put(e,
		&(struct device_event){
			.device_id = m->device_id,
			.site_id = m->site_id,
			.key = m->key,
			.kind = was_taken ? "notified" : "notify_failed",
			.code = code,
			.text = words,
			.source = "e-mail",
			.user = t->name,
			.comment = text,
			.severity = was_taken ? BUSBAR__V1__SEVERITY__SEVERITY_INFO
					      : BUSBAR__V1__SEVERITY__SEVERITY_MINOR,
			.event_key = t->key,
			.is_test = m->test,
		},
		NULL, NULL);
}
