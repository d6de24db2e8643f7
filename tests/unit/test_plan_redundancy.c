// SPDX-License-Identifier: Apache-2.0
/* I24: one more healthy feed never causes an order. The same random history (outages, lies, missed and old polls, silence of the collector
 * and of alarmd, pauses) is seen by two plans with the same target: one over some UPSs, the other over the same and one more that is always
 * on mains; it needs as many feeds as before (one more must fail), or as many failures as before, or all to fail. Evidence and plan are the
 * real ones. Whenever the second plan orders something, the first has a run open in which the same target was told, or its own condition is
 * proven for its hold as well and it only waits for an answer of each UPS, because it lost its proof on the way (HOLD). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/point.h"
#include "shutdownd/plan.h"
#include "tests/sim/rng.h"

enum { DEVICES = 3, SPARE = DEVICES, STEP_MS = 500, POLL_MS = 2000, STEPS = 3000, HISTORIES = 400 };

struct side {
	struct plan *plan;
	size_t orders; /* runs in which the target was told */
	uint64_t told_run;
};

struct world {
	struct rng rng;
	uint64_t now_ms, seq[DEVICES + 1], heard_ms;
	size_t n, need;
	bool on_battery[DEVICES + 1], alarm[DEVICES + 1], is_alarmd_up, is_collector_up;
	uint64_t
		proven_ms; /* the condition of the plan without the spare holds since; 0: it does not */
	struct evidence *evidence;
	struct side without, with;
	unsigned long long seed;
};

static const uint64_t ids[DEVICES + 1] = { 11, 12, 13, 14 };

static bool chance(struct world *w, double p)
{
	return rng_unit(&w->rng) < p;
}

/* ---- the plans ---- */

static struct side *side_of(struct world *w, const struct plan *p)
{
	return p == w->with.plan ? &w->with : &w->without;
}

static void render(void *arg, const struct plan *p, const struct plan_target *t, struct order *o)
{
	snprintf(o->wire, sizeof(o->wire), "%llu", (unsigned long long)p->run);
}

static void run_record(void *arg, const struct plan *p)
{
}

static void order_record(void *arg, struct plan *p, struct order *o)
{
	plan_order_durable(o);
}

static bool has_record(const struct world *w, const struct plan *p)
{
	size_t n = 0, need = p->need ? p->need : p->n_devices;

	for (size_t i = 0; i < p->n_devices; i++)
		n += w->alarm[p->device_id[i] - ids[0]];
	return n >= need;
}

static bool is_told(const struct world *w)
{
	return w->without.plan->has_open_run && w->without.told_run == w->without.plan->run;
}

static bool is_waiting(const struct world *w)
{
	const struct plan *p = w->without.plan;
	uint64_t hold_ms = w->now_ms - w->heard_ms >= 30000 ? 2 * p->hold_ms : p->hold_ms;
	/* it was in HOLD when the spare plan armed, and has not had its hold since */
	bool is_late = p->state == PLAN_HOLD ||
		       (p->state == PLAN_ARMED && p->armed_ms > w->with.plan->armed_ms);

	return is_late && w->proven_ms && w->now_ms - w->proven_ms >= hold_ms &&
	       (has_record(w, p) || w->now_ms - w->heard_ms >= 30000);
}

static bool send_one(void *arg, const struct plan *p, struct order *o)
{
	struct world *w = arg;
	struct side *s = side_of(w, p);

	if (s == &w->with && !is_told(w) && !is_waiting(w))
		fail_msg("seed %llu at %llu ms: an order that the spare UPS caused", w->seed,
			(unsigned long long)w->now_ms);
	s->orders += s->told_run != p->run;
	s->told_run = p->run;
	return true;
}

static void changed(void *arg, const struct plan *p, enum plan_state from, enum plan_event ev)
{
}

static const struct plan_ops ops = { .render = render,
	.run_record = run_record,
	.order_record = order_record,
	.send = send_one,
	.changed = changed };

static struct plan *plan_over(const struct world *w, size_t n, size_t need, uint64_t hold_ms)
{
	struct plan *p = plan_new(w->now_ms);

	p->id = p->version = p->simulated_version = 1;
	p->mode = PLAN_AUTO;
	p->need = need;
	p->hold_ms = hold_ms;
	p->restore_hold_ms = 5000;
	p->validity_ms = 60000;
	p->n_devices = n;
	p->device_id = bb_calloc(n, sizeof(*p->device_id));
	memcpy(p->device_id, ids, n * sizeof(*ids));
	if (n > w->n)
		p->device_id[n - 1] = ids[SPARE];
	p->n_targets = 1;
	p->target = bb_calloc(1, sizeof(*p->target));
	p->target[0].id = 1;
	return p;
}

static void turn(struct world *w, struct plan *p)
{
	struct evidence_verdict v = evidence_judge(w->evidence, p->device_id, p->n_devices, p->need,
		p->since_ms, w->now_ms);
	struct plan_view view = {
		.now_ms = w->now_ms,
		.unix_s = 1700000000 + w->now_ms / 1000,
		.truth = v.truth,
		.is_restored = v.is_restored,
		.is_complete = v.is_complete,
		.has_record = has_record(w, p),
		.is_alarmd_down = w->now_ms - w->heard_ms >= 30000,
	};

	plan_turn(p, &view, &ops, w);
}

/* ---- what happens ---- */

static void poll_device(struct world *w, size_t i)
{
	bool is_true = i == SPARE; /* it is healthy: it neither fails nor lies */
	struct evidence_sample s = { .sampled_ms = w->now_ms,
		.interval_ms = POLL_MS,
		.has_status = true,
		.epoch = 1,
		.topic_seq = ++w->seq[i] };

	s.status = w->on_battery[i] ? BB_ST_OB : BB_ST_OL;
	if (!is_true && chance(w, 0.02))
		s.status = chance(w, 0.5) ? BB_ST_OB | BB_ST_TEST : BB_ST_OL | BB_ST_OB;
	if (!is_true && chance(w, 0.05)) {
		s.missed = 1 + (uint32_t)rng_between(&w->rng, 0, 3);
		s.has_status = false;
	}
	if (!is_true && chance(w, 0.03))
		s.sampled_ms -= rng_between(&w->rng, 0, 20000);
	if (w->is_alarmd_up && s.has_status)
		w->alarm[i] = s.status == BB_ST_OB;
	evidence_put(w->evidence, ids[i], &s, w->now_ms);
}

static void step(struct world *w)
{
	w->now_ms += STEP_MS;
	for (size_t i = 0; i < w->n; i++)
		w->on_battery[i] ^= chance(w, w->on_battery[i] ? 0.01 : 0.015);
	w->is_alarmd_up ^= chance(w, w->is_alarmd_up ? 0.002 : 0.02);
	w->is_collector_up ^= chance(w, w->is_collector_up ? 0.003 : 0.04);
	if (w->is_alarmd_up)
		w->heard_ms = w->now_ms;
	if (chance(w, 0.001)) {
		w->now_ms += rng_between(&w->rng, 6000, 90000);
		evidence_discontinuity(w->evidence, w->now_ms);
		w->proven_ms = 0;
		plan_away(w->without.plan, w->now_ms, &ops, w);
		plan_away(w->with.plan, w->now_ms, &ops, w);
	}
	for (size_t i = 0; i <= DEVICES; i++)
		if (w->is_collector_up && (i < w->n || i == SPARE) &&
			(w->now_ms / STEP_MS + i) % (POLL_MS / STEP_MS) == 0)
			poll_device(w, i);
	if (evidence_judge(w->evidence, w->without.plan->device_id, w->n, w->need, 0, w->now_ms)
			.truth != EVIDENCE_TRUE)
		w->proven_ms = 0;
	else if (!w->proven_ms)
		w->proven_ms = w->now_ms;
	turn(w, w->without.plan);
	turn(w, w->with.plan);
}

enum { ONE_MORE_MUST_FAIL, AS_MANY_MUST_FAIL, ALL_MUST_FAIL, WAYS };

static void history(struct world *w, unsigned long long seed, unsigned way)
{
	*w = (struct world){ .seed = seed, .rng.state = seed, .now_ms = 1000000 };
	w->n = rng_between(&w->rng, 1, DEVICES);
	w->need = way == ALL_MUST_FAIL ? 0 : rng_between(&w->rng, 1, w->n);
	w->is_alarmd_up = w->is_collector_up = true;
	w->heard_ms = w->now_ms;
	w->evidence = evidence_new();
	evidence_discontinuity(w->evidence, w->now_ms);
	uint64_t hold_ms = rng_between(&w->rng, 0, 10) * 1000;
	w->without.plan = plan_over(w, w->n, w->need, hold_ms);
	w->with.plan =
		plan_over(w, w->n + 1, way == ONE_MORE_MUST_FAIL ? w->need + 1 : w->need, hold_ms);
	for (int i = 0; i < STEPS; i++)
		step(w);
	plan_free(w->without.plan);
	plan_free(w->with.plan);
	evidence_free(w->evidence);
}

static void one_more_healthy_feed_causes_no_order(void **state)
{
	unsigned long long first = bb_clock_real_us() % 1000000;
	size_t without[WAYS] = { 0 }, with[WAYS] = { 0 };
	struct world w;

	if (getenv("BUSBAR_SEED"))
		first = strtoull(getenv("BUSBAR_SEED"), NULL, 10);
	print_message("seeds from %llu\n", first);
	for (unsigned i = 0; i < HISTORIES; i++) {
		history(&w, first + i, i % WAYS);
		without[i % WAYS] += w.without.orders;
		with[i % WAYS] += w.with.orders;
	}
	/* Where nothing is ever ordered nothing would be proven. */
	for (unsigned way = 0; way < WAYS; way++)
		assert_true(without[way] > HISTORIES / WAYS);
	assert_true(with[ONE_MORE_MUST_FAIL] > 20);
	assert_true(with[ONE_MORE_MUST_FAIL] < without[ONE_MORE_MUST_FAIL]);
	assert_true(with[AS_MANY_MUST_FAIL] > HISTORIES / WAYS);
	assert_int_equal(with[ALL_MUST_FAIL], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_more_healthy_feed_causes_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
