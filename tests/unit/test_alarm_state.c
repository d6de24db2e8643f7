// SPDX-License-Identifier: Apache-2.0
/* Every state x event pair, against expectations written down from the rules and not from the
 * table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "alarmd/state.h"
#include "proto/alarm.pb-c.h"

static const struct alarm_hold slow = { .raise_count = 2,
	.raise_ms = 10000,
	.clear_count = 2,
	.clear_ms = 10000 };
static const struct alarm_hold quick = { .raise_count = 1, .clear_count = 2 };
static const struct alarm_hold latching = { .raise_count = 1, .clear_count = 1, .latch = true };

/* What an event may be in a test: with the hold not over (slow rule, first reading) or over
 * (due). */
enum what {
	TRUE_,
	TRUE_DUE,
	BETWEEN,
	FALSE_,
	FALSE_DUE,
	FALSE_LATCH,
	NOT_GOOD,
	TICK,
	TICK_DUE,
	PAUSE,
	ACK,
	UNACK,
	TAKE,
	WORSE,
	MILDER,
	REMOVED,
	WHATS
};

static struct alarm_actions apply(struct alarm_state *s, enum what what)
{
	static const enum alarm_event plain[WHATS] = {
		[TRUE_] = ALARM_TRUE,
		[TRUE_DUE] = ALARM_TRUE,
		[BETWEEN] = ALARM_BETWEEN,
		[FALSE_] = ALARM_FALSE,
		[FALSE_DUE] = ALARM_FALSE,
		[FALSE_LATCH] = ALARM_FALSE,
		[NOT_GOOD] = ALARM_NOT_GOOD,
		[TICK] = ALARM_TICK,
		[TICK_DUE] = ALARM_TICK,
		[PAUSE] = ALARM_PAUSE,
		[ACK] = ALARM_ACK,
		[UNACK] = ALARM_UNACK,
		[TAKE] = ALARM_TAKE,
		[WORSE] = ALARM_WORSE,
		[MILDER] = ALARM_MILDER,
		[REMOVED] = ALARM_REMOVED,
	};
	const struct alarm_hold instant = { .raise_count = 1, .clear_count = 1 };
	const struct alarm_hold *hold = &slow;
	uint64_t now_ms = 1000;

	if (what == TRUE_DUE || what == FALSE_DUE)
		hold = &instant;
	if (what == FALSE_LATCH)
		hold = &latching;
	if (what == TICK_DUE) {
		s->count = 2;
		now_ms = 20000;
	}
	return alarm_step(s, plain[what], hold, now_ms);
}

static bool pending(enum alarm_phase p)
{
	return p == PHASE_PENDING || p == PHASE_LATCHED_PENDING;
}

static bool acked(enum alarm_phase p)
{
	return p == PHASE_ACTIVE_ACK || p == PHASE_CLEARING_ACK;
}

static bool latched(enum alarm_phase p)
{
	return p == PHASE_LATCHED || p == PHASE_LATCHED_PENDING;
}

static bool clearing(enum alarm_phase p)
{
	return p == PHASE_CLEARING || p == PHASE_CLEARING_ACK;
}

struct expected {
	enum alarm_phase next;
	enum alarm_action action;
};

static enum alarm_phase active_of(enum alarm_phase p)
{
	return acked(p) ? PHASE_ACTIVE_ACK : PHASE_ACTIVE;
}

static struct expected expect_condition(enum alarm_phase p, enum what what)
{
	enum alarm_phase rest = latched(p) ? PHASE_LATCHED : PHASE_NORMAL;

	if (alarm_is_active(p)) {
		switch (what) {
		case FALSE_:
			return (struct expected){ acked(p) ? PHASE_CLEARING_ACK : PHASE_CLEARING,
				ALARM_NOTHING };
		case FALSE_DUE: return (struct expected){ PHASE_NORMAL, ALARM_CLEAR };
		case FALSE_LATCH:
			return (struct expected){ acked(p) ? PHASE_NORMAL : PHASE_LATCHED,
				ALARM_CLEAR };
		case TICK_DUE:
			return clearing(p) ? (struct expected){ PHASE_NORMAL, ALARM_CLEAR }
					   : (struct expected){ p, ALARM_NOTHING };
		case TICK: return (struct expected){ p, ALARM_NOTHING };
		default: return (struct expected){ active_of(p), ALARM_NOTHING };
		}
	}
	switch (what) {
	case TRUE_:
		return (struct expected){ latched(p) ? PHASE_LATCHED_PENDING : PHASE_PENDING,
			ALARM_NOTHING };
	case TRUE_DUE: return (struct expected){ PHASE_ACTIVE, ALARM_RAISE };
	case TICK: return (struct expected){ p, ALARM_NOTHING };
	case TICK_DUE:
		return pending(p) ? (struct expected){ PHASE_ACTIVE, ALARM_RAISE }
				  : (struct expected){ p, ALARM_NOTHING };
	default: return (struct expected){ rest, ALARM_NOTHING };
	}
}

static struct expected expect(enum alarm_phase p, enum what what)
{
	switch (what) {
	case ACK:
		if (acked(p))
			return (struct expected){ p, ALARM_REFUSE_TWICE };
		if (alarm_is_active(p))
			return (struct expected){ clearing(p) ? PHASE_CLEARING_ACK
							      : PHASE_ACTIVE_ACK,
				ALARM_ACKED };
		if (latched(p))
			return (struct expected){ pending(p) ? PHASE_PENDING : PHASE_NORMAL,
				ALARM_ACKED };
		return (struct expected){ p, ALARM_REFUSE_CLEARED };
	case UNACK:
		if (acked(p))
			return (struct expected){ clearing(p) ? PHASE_CLEARING : PHASE_ACTIVE,
				ALARM_UNACKED };
		return (struct expected){ p,
			alarm_is_open(p) ? ALARM_REFUSE_UNACKED : ALARM_REFUSE_CLEARED };
	case TAKE: return acked(p) ? (struct expected){ p, ALARM_TAKEN } : expect(p, ACK);
	case WORSE:
		if (alarm_is_active(p))
			return (struct expected){ clearing(p) ? PHASE_CLEARING : PHASE_ACTIVE,
				ALARM_SEVERITY };
		return (struct expected){ p, ALARM_NOTHING };
	case MILDER:
		return (struct expected){ p, alarm_is_active(p) ? ALARM_SEVERITY : ALARM_NOTHING };
	case REMOVED:
		return (struct expected){ PHASE_NORMAL,
			alarm_is_open(p) ? ALARM_CLOSE : ALARM_NOTHING };
	default: return expect_condition(p, what);
	}
}

static void every_state_and_event_does_what_the_rules_say(void **state)
{
	for (enum alarm_phase p = 0; p < PHASE_COUNT; p++) {
		for (enum what w = 0; w < WHATS; w++) {
			struct alarm_state s = { .phase = (uint8_t)p,
				.count = alarm_is_waiting(p) ? 1 : 0,
				.since_ms = 1000 };
			struct expected e = expect(p, w);
			struct alarm_actions a;
			/* A run of one reading, begun just now, is not over for the slow rule. */
			if (w == TRUE_ && pending(p))
				s.count = 0;
			if (w == FALSE_ && clearing(p))
				s.count = 0;
			a = apply(&s, w);
			if (s.phase != e.next || a.action != e.action)
				fail_msg("%s, event %d: %s action %d, expected %s action %d",
					alarm_phase_name(p), w, alarm_phase_name(s.phase), a.action,
					alarm_phase_name(e.next), e.action);
			assert_int_equal(a.from, alarm_wire_state(p));
			assert_int_equal(a.to, alarm_wire_state(s.phase));
		}
	}
}

static void only_journalled_actions_change_the_wire_state(void **state)
{
	for (enum alarm_phase p = 0; p < PHASE_COUNT; p++) {
		for (enum what w = 0; w < WHATS; w++) {
			struct alarm_state s = { .phase = (uint8_t)p,
				.count = alarm_is_waiting(p) ? 1 : 0,
				.since_ms = 1000 };
			struct alarm_actions a = apply(&s, w);
			if (a.from != a.to)
				assert_true(alarm_action_name(a.action)[0] != '\0');
		}
	}
}

static void flag_raises_at_once_and_clears_after_two(void **state)
{
	struct alarm_state s = { 0 };

	assert_int_equal(alarm_step(&s, ALARM_TRUE, &quick, 0).action, ALARM_RAISE);
	assert_int_equal(alarm_step(&s, ALARM_FALSE, &quick, 2000).action, ALARM_NOTHING);
	assert_int_equal(alarm_step(&s, ALARM_FALSE, &quick, 4000).action, ALARM_CLEAR);
	assert_int_equal(s.phase, PHASE_NORMAL);
}

static void limit_needs_count_and_time(void **state)
{
	struct alarm_state s = { 0 };

	alarm_step(&s, ALARM_TRUE, &slow, 0);
	alarm_step(&s, ALARM_TRUE, &slow, 5000);
	assert_int_equal(alarm_step(&s, ALARM_TICK, &slow, 9999).action, ALARM_NOTHING);
	assert_int_equal(alarm_step(&s, ALARM_TICK, &slow, 10000).action, ALARM_RAISE);
}

static void time_alone_does_not_raise(void **state)
{
	struct alarm_state s = { 0 };

	alarm_step(&s, ALARM_TRUE, &slow, 0);
	assert_int_equal(alarm_step(&s, ALARM_TICK, &slow, 60000).action, ALARM_NOTHING);
	assert_int_equal(alarm_step(&s, ALARM_TRUE, &slow, 60001).action, ALARM_RAISE);
}

static void a_reading_that_is_not_good_starts_the_hold_again(void **state)
{
	struct alarm_state s = { 0 };

	alarm_step(&s, ALARM_TRUE, &slow, 0);
	alarm_step(&s, ALARM_NOT_GOOD, &slow, 5000);
	alarm_step(&s, ALARM_TRUE, &slow, 10000);
	assert_int_equal(alarm_step(&s, ALARM_TRUE, &slow, 15000).action, ALARM_NOTHING);
	assert_int_equal(alarm_step(&s, ALARM_TRUE, &slow, 20000).action, ALARM_RAISE);
}

static void the_dead_band_keeps_an_active_alarm(void **state)
{
	struct alarm_state s = { .phase = PHASE_ACTIVE };

	alarm_step(&s, ALARM_FALSE, &quick, 0);
	alarm_step(&s, ALARM_BETWEEN, &quick, 1000);
	assert_int_equal(alarm_step(&s, ALARM_FALSE, &quick, 2000).action, ALARM_NOTHING);
	assert_int_equal(s.phase, PHASE_CLEARING);
}

static void latched_alarm_waits_for_somebody(void **state)
{
	struct alarm_state s = { .phase = PHASE_ACTIVE };
	struct alarm_actions a = alarm_step(&s, ALARM_FALSE, &latching, 0);

	assert_int_equal(a.to, BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK);
	a = alarm_step(&s, ALARM_ACK, &latching, 1000);
	assert_int_equal(a.to, BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL);
}

static void counting_does_not_wrap(void **state)
{
	const struct alarm_hold long_hold = { .raise_count = 2, .raise_ms = UINT32_MAX };
	struct alarm_state s = { 0 };

	for (int i = 0; i < 1000; i++)
		alarm_step(&s, ALARM_TRUE, &long_hold, (uint64_t)i);
	assert_int_equal(s.count, UINT8_MAX);
	assert_int_equal(s.phase, PHASE_PENDING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_and_event_does_what_the_rules_say),
		cmocka_unit_test(only_journalled_actions_change_the_wire_state),
		cmocka_unit_test(flag_raises_at_once_and_clears_after_two),
		cmocka_unit_test(limit_needs_count_and_time),
		cmocka_unit_test(time_alone_does_not_raise),
		cmocka_unit_test(a_reading_that_is_not_good_starts_the_hold_again),
		cmocka_unit_test(the_dead_band_keeps_an_active_alarm),
		cmocka_unit_test(latched_alarm_waits_for_somebody),
		cmocka_unit_test(counting_does_not_wrap),
	};

	return cmocka_run_group_tests_name("alarm_state", tests, NULL, NULL);
}
