// SPDX-License-Identifier: Apache-2.0
/* Random histories of a plan with 1 to 3 UPSs: truth, polls, losses, lies, alarmd, pauses, crashes
 * at any point, slow disks. Evidence, plan and ledger records are the real ones; the oracle below
 * keeps its own books, from what was handed in and what came out: no datagram without fresh proof,
 * hold, alarmd's record or its absence, validity, and a durable INTENT; nothing after a fresh
 * ONLINE; the same bytes under one id and at most three of them; run numbers only grow; none at all
 * while truth is ONLINE; and at the end of each history, when all is well again, one lasting outage
 * reaches every target exactly once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/arena.h"
#include "common/point.h"
#include "shutdownd/past.h"
#include "tests/sim/rng.h"

#define DEVICES 3
#define TARGETS 2
#define STEP_MS 200
#define POLL_MS 2000
#define QUEUE   64
#define SEEN    4096

/* ---- the oracle's books ---- */

struct books {
	/* Newest status each device's sample told since the last start or pause of shutdownd: 'O'
	 * on battery, 'L' online, '-' other. */
	char status[DEVICES];
	uint64_t sampled_ms[DEVICES];
	/* Newest message taken in since the start: its number and what it said, 0 a missed poll. */
	uint64_t seq[DEVICES];
	char said[DEVICES];
	uint64_t proven_ms; /* the condition holds without a break since; 0 it does not */
	uint64_t alarmd_heard_ms;
	/* Every datagram. */
	struct {
		uint64_t run, target, n;
		char wire[ORDER_WIRE_MAX];
	} order[SEEN];
	size_t n_orders;
	/* INTENTs on disk. */
	struct {
		uint64_t run, target, at_ms;
	} intent[SEEN];
	size_t n_intents;
	uint64_t last_run;
	size_t n_datagrams;
};

struct waiting {
	char *json;
	size_t len;
	uint64_t due_ms, run, target;
	enum order_state state;
	bool is_order;
};

struct world {
	struct rng rng;
	uint64_t now_ms, unix_s;
	size_t n_devices, need;
	uint64_t hold_ms;
	bool on_battery[DEVICES];
	uint64_t seq[DEVICES];  /* of the collector's newest message */
	unsigned told[DEVICES]; /* the status it told; 0: nothing that could be confirmed */
	bool alarm[DEVICES];    /* alarmd's record, durable */
	bool is_alarmd_up, is_collector_up, is_net_up, may_crash;
	struct evidence *evidence;
	struct plan *plan;
	struct past *disk;           /* what survives a crash */
	struct waiting queue[QUEUE]; /* records on their way to it */
	size_t n_queue;
	struct bb_buf buf;
	struct books b;
	bool must_crash;
};

static const uint64_t device_ids[DEVICES] = { 11, 12, 13 };
static unsigned long long seed_now;

#define check(w, cond, what)                                                                       \
	do {                                                                                       \
		if (!(cond))                                                                       \
			fail_msg("seed %llu at %llu ms: %s", seed_now,                             \
				(unsigned long long)(w)->now_ms, what);                            \
	} while (0)

static bool chance(struct world *w, double p)
{
	return rng_unit(&w->rng) < p;
}

/* ---- the oracle's judgement ---- */

static bool is_proven(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_devices; i++)
		n += w->b.status[i] == 'O' && w->now_ms - w->b.sampled_ms[i] <= 3 * POLL_MS;
	return n >= w->need;
}

static bool is_alarmd_silent(const struct world *w)
{
	return w->now_ms - w->b.alarmd_heard_ms >= 30000;
}

static bool has_record(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_devices; i++)
		n += w->alarm[i] && w->b.status[i] == 'O' &&
		     w->now_ms - w->b.sampled_ms[i] <= 3 * POLL_MS;
	return n >= w->need;
}

static void oracle_sent(struct world *w, uint64_t run, const struct order *o)
{
	struct books *b = &w->b;
	uint64_t intent_ms = 0;
	size_t i;

	check(w, w->is_net_up, "a datagram without a network");
	check(w, is_proven(w), "a datagram without fresh proof");
	check(w, is_alarmd_silent(w) || has_record(w), "a datagram without alarmd's record");
	for (i = 0; i < b->n_intents; i++) {
		if (b->intent[i].run == run && b->intent[i].target == o->target_id)
			intent_ms = b->intent[i].at_ms;
	}
	check(w, intent_ms, "a datagram without durable INTENT");
	check(w, w->now_ms < intent_ms + 60000, "a datagram after its validity");
	check(w, run >= b->last_run, "a datagram of an older run");
	b->last_run = run;
	for (i = 0;
		i < b->n_orders && (b->order[i].run != run || b->order[i].target != o->target_id);
		i++)
		;
	if (i == b->n_orders) {
		b->n_orders++;
		b->order[i].run = run;
		b->order[i].target = o->target_id;
		snprintf(b->order[i].wire, sizeof(b->order[i].wire), "%s", o->wire);
	}
	check(w, !strcmp(b->order[i].wire, o->wire), "one id, two texts");
	check(w, ++b->order[i].n <= 3, "more than three datagrams");
	b->n_datagrams++;
}

/* A new run must have held for its time; called when the first INTENT of a run is made. */
static void oracle_run(struct world *w)
{
	uint64_t held_ms = w->b.proven_ms ? w->now_ms - w->b.proven_ms : 0;
	bool is_silent = is_alarmd_silent(w);

	check(w, w->b.proven_ms, "a run without proof");
	check(w, held_ms >= (is_silent ? 2 * w->hold_ms : w->hold_ms), "a run before its hold");
}

/* ---- the plan's world ---- */

static void render(void *arg, const struct plan *p, const struct plan_target *t, struct order *o)
{
	/* The time in the text shows whether a repeated order is made anew. */
	snprintf(o->wire, sizeof(o->wire), "%llu %llu", (unsigned long long)p->run,
		(unsigned long long)((struct world *)arg)->now_ms);
}

static void enqueue(struct world *w, bool is_order, const struct plan *p, const struct order *o)
{
	struct waiting *q = &w->queue[w->n_queue++];

	check(w, w->n_queue < QUEUE, "the queue of the test is too short");
	*q = (struct waiting){
		.json = bb_strdup(w->buf.data),
		.len = w->buf.len,
		.due_ms = w->now_ms + (chance(w, 0.05) ? 1500 : 0),
		.run = p->run,
		.is_order = is_order,
		.target = o ? o->target_id : 0,
		.state = o ? o->state : ORDER_INTENT,
	};
}

static void run_record(void *arg, const struct plan *p)
{
	struct world *w = arg;

	if (p->state == PLAN_RUNNING)
		oracle_run(w);
	past_run_record(&w->buf, p, NULL);
	enqueue(w, false, p, NULL);
}

static void order_record(void *arg, struct plan *p, struct order *o)
{
	struct world *w = arg;

	w->must_crash |= w->may_crash && chance(w, 0.02);
	past_order_record(&w->buf, p, o);
	enqueue(w, true, p, o);
}

static bool send_one(void *arg, const struct plan *p, struct order *o)
{
	struct world *w = arg;

	/* Dead already, only the test has not noticed yet. */
	if (w->must_crash || !w->is_net_up) {
		snprintf(o->reason, sizeof(o->reason), "down");
		return false;
	}
	oracle_sent(w, p->run, o);
	w->must_crash |= w->may_crash && chance(w, 0.05);
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

static void plan_start(struct world *w)
{
	struct plan *p = plan_new(w->now_ms);

	p->id = p->version = 1;
	p->mode = PLAN_AUTO;
	p->need = w->need;
	p->hold_ms = w->hold_ms;
	p->restore_hold_ms = 5000;
	p->validity_ms = 60000;
	p->n_devices = w->n_devices;
	p->device_id = bb_calloc(DEVICES, sizeof(*p->device_id));
	memcpy(p->device_id, device_ids, sizeof(device_ids));
	p->n_targets = TARGETS;
	p->target = bb_calloc(TARGETS, sizeof(*p->target));
	for (size_t i = 0; i < TARGETS; i++)
		p->target[i].id = i + 1;
	past_recover(w->disk, p);
	p->simulated_version = 1;
	w->plan = p;
	for (size_t i = 0; i < p->n_orders; i++) {
		if (p->order[i].state != ORDER_INTENT)
			continue;
		p->order[i].is_durable = false;
		past_order_record(&w->buf, p, &p->order[i]);
		enqueue(w, true, p, &p->order[i]);
	}
	w->evidence = evidence_new();
	evidence_discontinuity(w->evidence, w->now_ms);
	memset(w->b.status, 0, sizeof(w->b.status));
	memset(w->b.seq, 0, sizeof(w->b.seq));
	w->b.proven_ms = 0;
}

static void plan_stop(struct world *w)
{
	for (size_t i = 0; i < w->n_queue; i++)
		free(w->queue[i].json);
	w->n_queue = 0;
	plan_free(w->plan);
	evidence_free(w->evidence);
}

static void crash(struct world *w)
{
	/* Some of what was under way may have reached the disk all the same: a prefix, as journals
	 * do. */
	size_t reached = rng_between(&w->rng, 0, w->n_queue);

	for (size_t i = 0; i < reached; i++) {
		struct waiting *q = &w->queue[i];

		past_apply(w->disk, q->json, q->len);
		if (q->is_order && q->state == ORDER_INTENT) {
			w->b.intent[w->b.n_intents].run = q->run;
			w->b.intent[w->b.n_intents].target = q->target;
			w->b.intent[w->b.n_intents++].at_ms = w->now_ms;
		}
	}
	plan_stop(w);
	w->must_crash = false;
	w->now_ms += rng_between(&w->rng, 100, 3000);
	plan_start(w);
}

static void disk_turn(struct world *w)
{
	size_t n = 0;

	while (n < w->n_queue && w->queue[n].due_ms <= w->now_ms) {
		struct waiting *q = &w->queue[n++];
		struct order *o = q->is_order && w->plan->run == q->run
					  ? plan_order(w->plan, q->target)
					  : NULL;
		bool is_known = false;

		past_apply(w->disk, q->json, q->len);
		free(q->json);
		for (size_t i = 0; i < w->b.n_intents; i++)
			is_known |=
				w->b.intent[i].run == q->run && w->b.intent[i].target == q->target;
		if (q->is_order && q->state == ORDER_INTENT && !is_known) {
			check(w, w->b.n_intents < SEEN, "the books are full");
			w->b.intent[w->b.n_intents].run = q->run;
			w->b.intent[w->b.n_intents].target = q->target;
			w->b.intent[w->b.n_intents++].at_ms = w->now_ms;
		}
		if (o && o->state == q->state)
			plan_order_durable(o);
	}
	memmove(w->queue, w->queue + n, (w->n_queue - n) * sizeof(w->queue[0]));
	w->n_queue -= n;
}

/* ---- what happens ---- */

/* A poll that brought the same answer goes out as a confirmation of the message before. */
static void confirm_device(struct world *w, size_t i)
{
	struct books *b = &w->b;
	bool is_taken =
		evidence_confirm(w->evidence, device_ids[i], 1, w->seq[i], w->now_ms, w->now_ms);

	check(w, is_taken == (b->seq[i] == w->seq[i] && b->said[i]),
		"a confirmation misunderstood");
	if (!is_taken)
		return;
	b->status[i] = b->said[i];
	b->sampled_ms[i] = w->now_ms;
}

static void poll_device(struct world *w, size_t i, bool may_lie)
{
	char said;
	struct evidence_sample s = { .sampled_ms = w->now_ms,
		.interval_ms = POLL_MS,
		.has_status = true };

	s.status = w->on_battery[i] ? BB_ST_OB : BB_ST_OL;
	if (s.status == w->told[i] && chance(w, 0.7)) {
		confirm_device(w, i);
		return;
	}
	s.epoch = 1;
	s.topic_seq = ++w->seq[i];
	if (may_lie && chance(w, 0.02))
		s.status = chance(w, 0.5) ? BB_ST_OB | BB_ST_TEST : BB_ST_OL | BB_ST_OB;
	if (may_lie && chance(w, 0.02))
		s.has_status = false;
	if (may_lie && chance(w, 0.1)) {
		s.missed = 1 + (uint32_t)rng_between(&w->rng, 0, 3);
		s.has_status = false;
	}
	if (may_lie && chance(w, 0.05))
		s.sampled_ms -= rng_between(&w->rng, 0, 20000);
	said = !s.has_status ? '-' : s.status == BB_ST_OB ? 'O' : s.status == BB_ST_OL ? 'L' : '-';
	w->told[i] = !s.missed && said != '-' ? s.status : 0;
	/* alarmd sees the same poll and records it. */
	if (w->is_alarmd_up && w->told[i])
		w->alarm[i] = said == 'O';
	if (!evidence_put(w->evidence, device_ids[i], &s, w->now_ms))
		return;
	w->b.seq[i] = s.topic_seq;
	w->b.said[i] = s.missed ? 0 : said;
	if (s.missed)
		return;
	w->b.status[i] = said;
	w->b.sampled_ms[i] = s.sampled_ms;
}

static void pause_process(struct world *w, uint64_t ms)
{
	w->now_ms += ms;
	evidence_discontinuity(w->evidence, w->now_ms);
	memset(w->b.status, 0, sizeof(w->b.status));
	w->b.proven_ms = 0;
	plan_away(w->plan, w->now_ms, &ops, w);
}

static void trouble(struct world *w)
{
	for (size_t i = 0; i < w->n_devices; i++)
		w->on_battery[i] ^= chance(w, 0.004);
	w->is_alarmd_up ^= chance(w, w->is_alarmd_up ? 0.002 : 0.01);
	w->is_collector_up ^= chance(w, w->is_collector_up ? 0.003 : 0.02);
	w->is_net_up ^= chance(w, w->is_net_up ? 0.002 : 0.05);
	if (chance(w, 0.001))
		pause_process(w, rng_between(&w->rng, 6000, 90000));
	if (chance(w, 0.002))
		w->unix_s = rng_between(&w->rng, 1000, 2000000000);
	w->must_crash |= chance(w, 0.002);
}

static void step(struct world *w, bool may_lie)
{
	struct evidence_verdict v;
	struct plan_view view;

	w->now_ms += STEP_MS;
	w->unix_s += w->now_ms % 1000 < STEP_MS;
	if (w->is_alarmd_up)
		w->b.alarmd_heard_ms = w->now_ms;
	for (size_t i = 0; i < w->n_devices; i++) {
		if (w->is_collector_up && (w->now_ms / STEP_MS + i * 3) % (POLL_MS / STEP_MS) == 0)
			poll_device(w, i, may_lie);
	}
	disk_turn(w);
	if (!is_proven(w))
		w->b.proven_ms = 0;
	else if (!w->b.proven_ms)
		w->b.proven_ms = w->now_ms;
	v = evidence_judge(w->evidence, device_ids, w->n_devices, w->need, w->plan->since_ms,
		w->now_ms);
	view = (struct plan_view){
		.now_ms = w->now_ms,
		.unix_s = w->unix_s,
		.truth = v.truth,
		.is_restored = v.is_restored,
		.is_complete = v.is_complete,
		.has_record = has_record(w),
		.is_alarmd_down = is_alarmd_silent(w),
	};
	plan_turn(w->plan, &view, &ops, w);
	if (w->must_crash)
		crash(w);
}

/* ---- histories ---- */

static void world_open(struct world *w, unsigned long long seed)
{
	seed_now = seed;
	memset(w, 0, sizeof(*w));
	w->rng.state = seed;
	w->now_ms = 1000000;
	w->unix_s = 1700000000;
	w->n_devices = rng_between(&w->rng, 1, DEVICES);
	w->need = rng_between(&w->rng, 1, w->n_devices);
	w->hold_ms = rng_between(&w->rng, 0, 20) * 1000;
	w->is_alarmd_up = w->is_collector_up = w->is_net_up = true;
	w->b.alarmd_heard_ms = w->now_ms;
	w->disk = past_new();
	plan_start(w);
}

static void world_close(struct world *w)
{
	plan_stop(w);
	past_free(w->disk);
	bb_buf_fini(&w->buf);
}

static void heal(struct world *w)
{
	w->may_crash = false;
	w->must_crash = false;
	w->is_alarmd_up = w->is_collector_up = w->is_net_up = true;
}

/* All is well again: one outage longer than the hold reaches every target, once. */
static void lasting_outage_is_told(struct world *w)
{
	uint64_t before;
	size_t orders;

	heal(w);
	memset(w->on_battery, 0, sizeof(w->on_battery));
	for (int i = 0; i < 60000 / STEP_MS; i++)
		step(w, false);
	check(w, w->plan->state == PLAN_IDLE, "a plan does not come to rest");
	before = w->b.last_run;
	orders = w->b.n_orders;
	memset(w->on_battery, 1, sizeof(w->on_battery));
	for (uint64_t ms = 0; ms < w->hold_ms + 120000; ms += STEP_MS)
		step(w, false);
	check(w, w->b.last_run > before, "a lasting outage was not told");
	check(w, w->b.n_orders == orders + TARGETS,
		"a lasting outage was not told to each target once");
	for (size_t i = orders; i < w->b.n_orders; i++)
		check(w, w->b.order[i].n == 3, "not three copies");
}

static void random_histories_keep_the_promises(void **state)
{
	static struct world w;
	size_t datagrams = 0;

	for (unsigned long long seed = 1; seed <= 300; seed++) {
		world_open(&w, seed);
		w.may_crash = true;
		for (int i = 0; i < 4000; i++) {
			trouble(&w);
			step(&w, true);
		}
		datagrams += w.b.n_datagrams;
		lasting_outage_is_told(&w);
		world_close(&w);
	}
	/* Histories in which nothing is ever sent would prove nothing. */
	assert_true(datagrams > 1000);
}

static void while_truth_is_online_nothing_is_ever_sent(void **state)
{
	static struct world w;

	for (unsigned long long seed = 1; seed <= 200; seed++) {
		world_open(&w, seed);
		w.may_crash = true;
		for (int i = 0; i < 4000; i++) {
			trouble(&w);
			memset(w.on_battery, 0, sizeof(w.on_battery));
			step(&w, true);
		}
		check(&w, !w.b.n_datagrams, "an order without an outage");
		world_close(&w);
	}
}

/* One crash at a random moment of an otherwise healthy outage: the order still leaves, under one
 * id. */
static void a_crash_at_any_moment_loses_no_order(void **state)
{
	static struct world w;

	for (unsigned long long seed = 1; seed <= 400; seed++) {
		uint64_t at_ms;

		world_open(&w, seed);
		for (int i = 0; i < 50; i++)
			step(&w, false);
		memset(w.on_battery, 1, sizeof(w.on_battery));
		at_ms = w.now_ms + rng_between(&w.rng, 0, w.hold_ms + 8000);
		for (uint64_t end_ms = w.now_ms + 2 * w.hold_ms + 60000; w.now_ms < end_ms;) {
			step(&w, false);
			if (at_ms && w.now_ms >= at_ms) {
				crash(&w);
				at_ms = 0;
			}
		}
		check(&w, w.b.n_orders == TARGETS, "a crash lost or doubled an order");
		world_close(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_keep_the_promises),
		cmocka_unit_test(while_truth_is_online_nothing_is_ever_sent),
		cmocka_unit_test(a_crash_at_any_moment_loses_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
