// SPDX-License-Identifier: Apache-2.0
#include "alarmd/state.h"

#include "common/err.h"
#include "proto/alarm.pb-c.h"

/* Columns of the table: the events, with those that can end a hold told apart by whether they
 * did. */
enum column {
	COL_TRUE,
	COL_RAISE_DUE, /* true long and often enough */
	COL_BETWEEN,
	COL_FALSE,
	COL_CLEAR_DUE, /* false long and often enough */
	COL_LATCH_DUE, /* the same, for a rule that latches */
	COL_NOT_GOOD,
	COL_TICK, /* no hold ended */
	COL_PAUSE,
	COL_ACK,
	COL_UNACK,
	COL_TAKE,
	COL_WORSE,
	COL_MILDER,
	COL_REMOVED,
	COL_COUNT
};

struct cell {
	uint8_t next;
	uint8_t action;
};

// clang-format off
#define NOR PHASE_NORMAL
#define PEN PHASE_PENDING
#define ACT PHASE_ACTIVE
#define ACK PHASE_ACTIVE_ACK
#define CLR PHASE_CLEARING
#define CLA PHASE_CLEARING_ACK
#define LAT PHASE_LATCHED
#define LAP PHASE_LATCHED_PENDING
#define __ ALARM_NOTHING
#define RAI ALARM_RAISE
#define CLE ALARM_CLEAR
#define AKD ALARM_ACKED
#define UNA ALARM_UNACKED
#define TAK ALARM_TAKEN
#define SEV ALARM_SEVERITY
#define CLO ALARM_CLOSE
#define RFC ALARM_REFUSE_CLEARED
#define RFT ALARM_REFUSE_TWICE
#define RFU ALARM_REFUSE_UNACKED
/* A reading that is not good ends a hold on either side without a word: what is held must be seen
 * held, so the run starts again with the next good reading. The latched row of a second raise keeps
 * its episode: it is the same alarm, seen again before anybody looked. */
static const struct cell table[PHASE_COUNT][COL_COUNT] = {
	/*   TRUE      RAISE_DUE BETWEEN   FALSE     CLEAR_DUE LATCH_DUE NOT_GOOD  TICK
	 *     PAUSE     ACK       UNACK     TAKE      WORSE     MILDER    REMOVED */
	[NOR] = { {PEN,__}, {ACT,RAI},{NOR,__}, {NOR,__}, {NOR,__}, {NOR,__}, {NOR,__}, {NOR,__}, {NOR,__}, {NOR,RFC},{NOR,RFC},{NOR,RFC},{NOR,__}, {NOR,__}, {NOR,__} },
	[PEN] = { {PEN,__}, {ACT,RAI},{NOR,__}, {NOR,__}, {NOR,__}, {NOR,__}, {NOR,__}, {PEN,__}, {NOR,__}, {PEN,RFC},{PEN,RFC},{PEN,RFC},{PEN,__}, {PEN,__}, {NOR,__} },
	[ACT] = { {ACT,__}, {ACT,__}, {ACT,__}, {CLR,__}, {NOR,CLE},{LAT,CLE},{ACT,__}, {ACT,__}, {ACT,__}, {ACK,AKD},{ACT,RFU},{ACK,AKD},{ACT,SEV},{ACT,SEV},{NOR,CLO} },
	[ACK] = { {ACK,__}, {ACK,__}, {ACK,__}, {CLA,__}, {NOR,CLE},{NOR,CLE},{ACK,__}, {ACK,__}, {ACK,__}, {ACK,RFT},{ACT,UNA},{ACK,TAK},{ACT,SEV},{ACK,SEV},{NOR,CLO} },
	[CLR] = { {ACT,__}, {ACT,__}, {ACT,__}, {CLR,__}, {NOR,CLE},{LAT,CLE},{ACT,__}, {CLR,__}, {ACT,__}, {CLA,AKD},{CLR,RFU},{CLA,AKD},{CLR,SEV},{CLR,SEV},{NOR,CLO} },
	[CLA] = { {ACK,__}, {ACK,__}, {ACK,__}, {CLA,__}, {NOR,CLE},{NOR,CLE},{ACK,__}, {CLA,__}, {ACK,__}, {CLA,RFT},{CLR,UNA},{CLA,TAK},{CLR,SEV},{CLA,SEV},{NOR,CLO} },
	[LAT] = { {LAP,__}, {ACT,RAI},{LAT,__}, {LAT,__}, {LAT,__}, {LAT,__}, {LAT,__}, {LAT,__}, {LAT,__}, {NOR,AKD},{LAT,RFU},{NOR,AKD},{LAT,__}, {LAT,__}, {NOR,CLO} },
	[LAP] = { {LAP,__}, {ACT,RAI},{LAT,__}, {LAT,__}, {LAT,__}, {LAT,__}, {LAT,__}, {LAP,__}, {LAT,__}, {PEN,AKD},{LAP,RFU},{PEN,AKD},{LAP,__}, {LAP,__}, {NOR,CLO} },
};
// clang-format on

static bool is_pending(enum alarm_phase p)
{
	return p == PHASE_PENDING || p == PHASE_LATCHED_PENDING;
}

static bool is_clearing(enum alarm_phase p)
{
	return p == PHASE_CLEARING || p == PHASE_CLEARING_ACK;
}

static bool is_due(const struct alarm_state *s, uint8_t count, uint32_t ms, uint64_t now_ms)
{
	return s->count >= (count ? count : 1) && now_ms - s->since_ms >= ms;
}

/* One more reading in the direction of the phase, or the first of a new run. */
static void count_reading(struct alarm_state *s, bool goes_on, uint64_t now_ms)
{
	if (!goes_on)
		*s = (struct alarm_state){ .phase = s->phase, .since_ms = now_ms };
	if (s->count < UINT8_MAX)
		s->count++;
}

static enum column column_of(struct alarm_state *s, enum alarm_event event,
	const struct alarm_hold *hold, uint64_t now_ms)
{
	bool raise_due =
		is_pending(s->phase) && is_due(s, hold->raise_count, hold->raise_ms, now_ms);
	bool clear_due =
		is_clearing(s->phase) && is_due(s, hold->clear_count, hold->clear_ms, now_ms);

	switch (event) {
	case ALARM_TRUE:
		count_reading(s, is_pending(s->phase), now_ms);
		return is_due(s, hold->raise_count, hold->raise_ms, now_ms) ? COL_RAISE_DUE
									    : COL_TRUE;
	case ALARM_FALSE:
		count_reading(s, is_clearing(s->phase), now_ms);
		if (!is_due(s, hold->clear_count, hold->clear_ms, now_ms))
			return COL_FALSE;
		return hold->latch ? COL_LATCH_DUE : COL_CLEAR_DUE;
	case ALARM_TICK:
		if (raise_due)
			return COL_RAISE_DUE;
		if (clear_due)
			return hold->latch ? COL_LATCH_DUE : COL_CLEAR_DUE;
		return COL_TICK;
	case ALARM_BETWEEN: return COL_BETWEEN;
	case ALARM_NOT_GOOD: return COL_NOT_GOOD;
	case ALARM_PAUSE: return COL_PAUSE;
	case ALARM_ACK: return COL_ACK;
	case ALARM_UNACK: return COL_UNACK;
	case ALARM_TAKE: return COL_TAKE;
	case ALARM_WORSE: return COL_WORSE;
	case ALARM_MILDER: return COL_MILDER;
	case ALARM_REMOVED: return COL_REMOVED;
	}
	bb_assert(!"alarm event out of range");
}

struct alarm_actions alarm_step(struct alarm_state *s, enum alarm_event event,
	const struct alarm_hold *hold, uint64_t now_ms)
{
	bb_assert(s->phase < PHASE_COUNT);
	const struct cell *cell = &table[s->phase][column_of(s, event, hold, now_ms)];
	struct alarm_actions a = {
		.action = cell->action,
		.from = alarm_wire_state(s->phase),
		.to = alarm_wire_state(cell->next),
	};

	s->phase = cell->next;
	if (!alarm_is_waiting(s->phase))
		*s = (struct alarm_state){ .phase = s->phase };
	return a;
}

static const struct {
	const char *name;
	uint8_t wire;
} phases[PHASE_COUNT] = {
	[PHASE_NORMAL] = { "normal", BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL },
	[PHASE_PENDING] = { "pending", BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL },
	[PHASE_ACTIVE] = { "active", BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK },
	[PHASE_ACTIVE_ACK] = { "active_ack", BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK },
	[PHASE_CLEARING] = { "clearing", BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK },
	[PHASE_CLEARING_ACK] = { "clearing_ack", BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK },
	[PHASE_LATCHED] = { "latched", BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK },
	[PHASE_LATCHED_PENDING] = { "latched_pending",
		BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK },
};

unsigned alarm_wire_state(enum alarm_phase phase)
{
	return phases[phase].wire;
}

const char *alarm_phase_name(enum alarm_phase phase)
{
	return phases[phase].name;
}

bool alarm_is_active(enum alarm_phase p)
{
	return p == PHASE_ACTIVE || p == PHASE_ACTIVE_ACK || is_clearing(p);
}

bool alarm_is_open(enum alarm_phase p)
{
	return p != PHASE_NORMAL && p != PHASE_PENDING;
}

bool alarm_is_waiting(enum alarm_phase p)
{
	return is_pending(p) || is_clearing(p);
}

enum alarm_phase alarm_phase_of(unsigned wire_state)
{
	switch (wire_state) {
	case BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK: return PHASE_ACTIVE;
	case BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK: return PHASE_ACTIVE_ACK;
	case BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK: return PHASE_LATCHED;
	default: return PHASE_NORMAL;
	}
}

const char *alarm_action_name(enum alarm_action action)
{
	switch (action) {
	case ALARM_RAISE: return "raise";
	case ALARM_CLEAR: return "clear";
	case ALARM_ACKED: return "ack";
	case ALARM_UNACKED: return "unack";
	case ALARM_TAKEN: return "take";
	case ALARM_SEVERITY: return "severity";
	case ALARM_CLOSE: return "removed";
	case ALARM_NOTHING:
	case ALARM_REFUSE_CLEARED:
	case ALARM_REFUSE_TWICE:
	case ALARM_REFUSE_UNACKED: break;
	}
	return "";
}
