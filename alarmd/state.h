// SPDX-License-Identifier: Apache-2.0
/* The life of one alarm as a table: what it was, what happened, what it is now and what has to be
 * told.
 *
 * A phase is one valid combination of condition (normal pending active clearing) x acknowledged x
 * latched. Pending and clearing are ours alone: on the wire they look like what they came from, and
 * they are never journalled. alarm_step() is pure: no clock, no memory, no input but its arguments.
 * Times are BOOTTIME milliseconds. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum alarm_phase {
	PHASE_NORMAL,
	PHASE_PENDING, /* condition true, not yet held long or often enough */
	PHASE_ACTIVE,
	PHASE_ACTIVE_ACK,
	PHASE_CLEARING, /* active, condition false, not yet held */
	PHASE_CLEARING_ACK,
	PHASE_LATCHED, /* gone, but kept until somebody acknowledges */
	PHASE_LATCHED_PENDING,
	PHASE_COUNT
};

/* What can happen to an alarm. */
enum alarm_event {
	ALARM_TRUE,     /* a good reading fulfils the raise condition */
	ALARM_BETWEEN,  /* a good reading in the dead band: neither raises nor clears */
	ALARM_FALSE,    /* a good reading fulfils the clear condition */
	ALARM_NOT_GOOD, /* a reading of any other quality: never evidence for or against */
	ALARM_TICK,     /* time went on, nothing new was read */
	ALARM_PAUSE,    /* restart or time discontinuity: holds begin again */
	ALARM_ACK,
	ALARM_UNACK,  /* takes the acknowledgement back */
	ALARM_TAKE,   /* somebody else takes the acknowledged alarm over; of an unacknowledged one: acknowledges */
	ALARM_WORSE, /* severity rises while active: takes the acknowledgement back */
	ALARM_MILDER,
	ALARM_REMOVED, /* the device left the configuration */
};

/* How long and how often a condition must hold. Counts are consecutive good readings; 0 counts as
 * 1. */
struct alarm_hold {
	uint32_t raise_ms, clear_ms;
	uint8_t raise_count, clear_count;
	bool latch; /* keep the alarm after it cleared until it is acknowledged */
};

/* Invariant: count and since_ms describe the run of readings that began the phase and mean
 * something only while the phase is pending or clearing. */
struct alarm_state {
	uint8_t phase;
	uint8_t count;
	uint64_t since_ms;
};

enum alarm_action {
	ALARM_NOTHING,
	ALARM_RAISE,
	ALARM_CLEAR,
	ALARM_ACKED,
	ALARM_UNACKED,
	ALARM_TAKEN,    /* acknowledged before, by somebody else from now on */
	ALARM_SEVERITY, /* severity changed; the acknowledgement is gone if `to` is active_unack */
	ALARM_CLOSE,    /* removed with its device */
	ALARM_REFUSE_CLEARED, /* acknowledge of something that is not there (any more) */
	ALARM_REFUSE_TWICE,   /* acknowledged already; the first one counts */
	ALARM_REFUSE_UNACKED, /* there is no acknowledgement to take back */
};

/* `from` and `to` are wire states (proto AlarmState). Only RAISE CLEAR ACKED UNACKED TAKEN SEVERITY CLOSE are
 * transitions to be journalled. */
struct alarm_actions {
	enum alarm_action action;
	unsigned from, to;
};

struct alarm_actions alarm_step(struct alarm_state *s, enum alarm_event event,
	const struct alarm_hold *hold, uint64_t now_ms);

unsigned alarm_wire_state(enum alarm_phase phase);
bool alarm_is_active(enum alarm_phase phase);  /* condition active or clearing */
bool alarm_is_open(enum alarm_phase phase);    /* anything but normal on the wire */
bool alarm_is_waiting(enum alarm_phase phase); /* a hold is running: wants ALARM_TICK */
/* The phase a journalled wire state is taken up with after a restart. */
enum alarm_phase alarm_phase_of(unsigned wire_state);
const char *alarm_phase_name(enum alarm_phase phase);
/* Wire name of the transition an action is journalled as: raise clear ack unack take severity removed. */
const char *alarm_action_name(enum alarm_action action);
