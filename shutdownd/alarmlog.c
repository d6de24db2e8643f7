// SPDX-License-Identifier: Apache-2.0
/* Key 1: which devices alarmd has recorded as on battery, pulled from its log. Only the open
 * on_battery alarms are kept, of all devices, because a plan may get a device whose alarm is
 * already open. */
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "shutdownd/app.h"

#define RULE       "on_battery"
#define TRANSITION 1

static void record(void *arg, const uint8_t journal_id[16], uint64_t jseq, uint32_t type,
	const void *data, size_t len, bool durable)
{
	struct app *a = arg;
	const Busbar__V1__Transition *t = NULL;
	struct bb_err err;

	if (type == TRANSITION) {
		t = bb_unpack_transition(a->arena, data, len, &err);
		if (!t)
			bb_log(EV_BUS_BAD, BB_STR("from", "alarmd.log"), BB_UINT("jseq", jseq),
				BB_ERRTEXT(&err));
	}
	/* In alarmd's emergency mode its records are not on disk; they count, because nobody has
	 * better ones. */
	if (t && t->alarm && t->alarm->rule && !strcmp(t->alarm->rule, RULE) &&
		t->alarm->device_id) {
		bool is_open =
			t->alarm->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK ||
			t->alarm->state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK;

		ledger_alarm(a->ledger, t->alarm->device_id, is_open);
	}
	bb_arena_reset(a->arena);
	ledger_cursor_set(a->ledger, journal_id, jseq, durable);
	if (!durable)
		bb_pull_client_durable(a->log, jseq);
}

static void restart(void *arg, const uint8_t journal_id[16], uint64_t first_jseq)
{
	struct app *a = arg;

	ledger_alarms_reset(a->ledger, journal_id, first_jseq ? first_jseq - 1 : 0);
}

void alarmlog_on_durable(void *arg, uint64_t cursor)
{
	struct app *a = arg;

	if (a->log)
		bb_pull_client_durable(a->log, cursor);
}

void alarmlog_tick(struct app *a, uint64_t now_ms)
{
	uint8_t id[16];

	ledger_flush(a->ledger, now_ms);
	if (bb_pull_client_connected(a->log) &&
		ledger_cursor(a->ledger, id) >= bb_pull_client_head(a->log))
		a->caught_up_ms = now_ms;
}

int alarmlog_open(struct app *a, struct bb_err *err)
{
	struct bb_pull_client_options o = { .leaf = "alarmd.log",
		.consumer = "shutdownd",
		.record = record,
		.restart = restart,
		.arg = a };

	o.after_jseq = ledger_cursor(a->ledger, o.journal_id);
	a->caught_up_ms = bb_clock_boot_ms();
	a->log = bb_pull_client_new(a->bus, &o, err);
	return a->log ? 0 : -1;
}
