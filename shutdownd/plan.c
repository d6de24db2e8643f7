// SPDX-License-Identifier: Apache-2.0
#include "shutdownd/plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"

/* clang-format off */
#define H PLAN_HOLD
#define I PLAN_IDLE
#define A PLAN_ARMED
#define R PLAN_RUNNING
#define C PLAN_CLOSING
#define B PLAN_ABORTED
#define X PLAN_EXPIRED
/* A state that does not react to an event names itself. ABORTED and EXPIRED have no open run: a
 * condition that is proven (again) arms anew, with its full hold time and a new run, because a
 * lasting outage must not be left without orders. CLOSING does not: its orders left, and a
 * flapping mains must not repeat them. */
static const unsigned char next[PLAN_STATES][PLAN_EVENTS] = {
	/* TRUE FALSE UNPROVEN, FRESH FRESH_RUN FRESH_CLOSE, FIRE REHEARSE, ENDED UNSENT,
	 * RESTORED AWAY CHANGED */
	[PLAN_HOLD]    = { H, H, H,   I, R, C,   H, H,   H, H,   H, H, H },
	[PLAN_IDLE]    = { A, I, I,   I, I, I,   I, I,   I, I,   I, H, H },
	[PLAN_ARMED]   = { A, I, H,   A, A, A,   R, C,   A, A,   I, H, H },
	[PLAN_RUNNING] = { R, B, R,   R, R, R,   R, R,   C, X,   B, H, B },
	[PLAN_CLOSING] = { C, C, C,   C, C, C,   C, C,   C, C,   I, C, C },
	[PLAN_ABORTED] = { A, B, B,   B, B, B,   B, B,   B, B,   I, H, B },
	[PLAN_EXPIRED] = { A, X, X,   X, X, X,   X, X,   X, X,   I, H, X },
};
#undef H
#undef I
#undef A
#undef R
#undef C
#undef B
#undef X
/* clang-format on */

static const char *const state_names[PLAN_STATES] = {
	[PLAN_HOLD] = "hold",
	[PLAN_IDLE] = "idle",
	[PLAN_ARMED] = "armed",
	[PLAN_RUNNING] = "running",
	[PLAN_CLOSING] = "closing",
	[PLAN_ABORTED] = "aborted",
	[PLAN_EXPIRED] = "expired",
};

static const char *const order_names[ORDER_STATES] = {
	[ORDER_INTENT] = "intent",
	[ORDER_SENT] = "sent",
	[ORDER_EXPIRED] = "expired",
	[ORDER_FAILED] = "failed",
	[ORDER_WITHDRAWN] = "withdrawn",
	[ORDER_SIMULATED] = "simulated",
};

struct plan *plan_new(uint64_t now_ms)
{
	struct plan *p = bb_calloc(1, sizeof(*p));

	p->state = PLAN_HOLD;
	p->since_ms = now_ms;
	return p;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	free(p->device_id);
	free(p->target);
	free(p->order);
	free(p);
}

struct order *plan_order(struct plan *p, uint64_t target_id)
{
	for (size_t i = 0; i < p->n_orders; i++) {
		if (p->order[i].target_id == target_id)
			return &p->order[i];
	}
	return NULL;
}

enum plan_state plan_next(enum plan_state s, enum plan_event ev)
{
	return next[s][ev];
}

const char *plan_state_name(enum plan_state s)
{
	return state_names[s];
}

const char *plan_mode_name(enum plan_mode m)
{
	return m == PLAN_AUTO ? "auto" : m == PLAN_CONFIRM ? "confirm" : "simulate";
}

const char *order_state_name(enum order_state s)
{
	return order_names[s];
}

int order_state_parse(const char *name)
{
	for (int s = 0; s < ORDER_STATES; s++) {
		if (!strcmp(order_names[s], name))
			return s;
	}
	return -1;
}

/* ---- orders ---- */

bool order_is_ended(const struct order *o)
{
	if (o->state == ORDER_INTENT)
		return false;
	return o->state != ORDER_SENT || o->is_complete;
}

void plan_order_durable(struct order *o)
{
	o->is_durable = true;
}

static void order_set(struct plan *p, struct order *o, enum order_state to,
	const struct plan_ops *ops, void *arg)
{
	o->state = to;
	o->is_durable = false;
	ops->order_record(arg, p, o);
}

/* Everything an order needs at the moment it leaves, save its own validity. */
static bool may_send(const struct plan *p, const struct plan_view *v)
{
	return p->state == PLAN_RUNNING && p->mode != PLAN_SIMULATE &&
	       p->run_version == p->version && v->truth == EVIDENCE_TRUE &&
	       (v->has_record || v->is_alarmd_down);
}

static void order_attempt(struct plan *p, struct order *o, const struct plan_view *v,
	const struct plan_ops *ops, void *arg)
{
	o->next_ms = v->now_ms + ORDER_COPY_MS;
	if (!ops->send(arg, p, o))
		return;
	o->reason[0] = '\0';
	o->copies++;
	o->is_complete = o->copies >= ORDER_COPIES;
	if (o->state == ORDER_INTENT)
		order_set(p, o, ORDER_SENT, ops, arg);
}

static void order_turn(struct plan *p, struct order *o, const struct plan_view *v,
	const struct plan_ops *ops, void *arg)
{
	bool is_over = v->now_ms >= o->expires_ms;

	if (order_is_ended(o))
		return;
	if (o->state == ORDER_INTENT && !o->wire[0]) {
		order_set(p, o, ORDER_FAILED, ops, arg);
	} else if (o->state == ORDER_INTENT && is_over) {
		order_set(p, o, o->reason[0] ? ORDER_FAILED : ORDER_EXPIRED, ops, arg);
	} else if (is_over) {
		o->is_complete = true;
	} else if (o->is_durable && o->copies < ORDER_COPIES && v->now_ms >= o->next_ms &&
		   may_send(p, v)) {
		/* The first copy waits for INTENT on disk, the others for SENT: so a crash repeats
		 * one datagram at most. */
		order_attempt(p, o, v, ops, arg);
	}
}

static size_t count(const struct plan *p, enum order_state s)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_orders; i++)
		n += p->order[i].state == s;
	return n;
}

/* Nothing of this run may leave any more. Returns how many had not left yet. */
static size_t orders_withdraw(struct plan *p, const struct plan_ops *ops, void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_orders; i++) {
		p->order[i].is_complete = true;
		if (p->order[i].state != ORDER_INTENT)
			continue;
		n++;
		order_set(p, &p->order[i], ORDER_WITHDRAWN, ops, arg);
	}
	return n;
}

static void order_make(struct plan *p, const struct plan_target *t, enum order_state state,
	uint64_t now_ms, const struct plan_ops *ops, void *arg)
{
	struct order *o = &p->order[p->n_orders++];

	*o = (struct order){ .target_id = t->id,
		.expires_ms = now_ms + p->validity_ms,
		.port = t->port };
	bb_copy(o->name, sizeof(o->name), t->name);
	bb_copy(o->address, sizeof(o->address), t->address);
	ops->render(arg, p, t, o);
	order_set(p, o, state, ops, arg);
}

static void orders_make(struct plan *p, enum order_state state, uint64_t now_ms,
	const struct plan_ops *ops, void *arg)
{
	free(p->order);
	p->order = bb_calloc(p->n_targets + 1, sizeof(*p->order));
	p->n_orders = 0;
	for (size_t i = 0; i < p->n_targets; i++)
		order_make(p, &p->target[i], state, now_ms, ops, arg);
}

/* A crash between the record of the run and the INTENT of the last target: what is missing never
 * left. */
static void orders_fill(struct plan *p, uint64_t now_ms, const struct plan_ops *ops, void *arg)
{
	p->is_recovered = false;
	p->order = bb_realloc(p->order, (p->n_orders + p->n_targets + 1) * sizeof(*p->order));
	for (size_t i = 0; i < p->n_targets; i++) {
		if (!plan_order(p, p->target[i].id))
			order_make(p, &p->target[i], ORDER_INTENT, now_ms, ops, arg);
	}
}

/* ---- transitions ---- */

static void run_number(struct plan *p, uint64_t unix_s)
{
	p->last_run = unix_s > p->last_run ? unix_s : p->last_run + 1;
	p->run = p->last_run;
	p->run_version = p->version;
	p->n_orders = 0;
}

static void run_begin(struct plan *p, enum order_state first, const struct plan_view *v,
	const struct plan_ops *ops, void *arg)
{
	if (!p->is_awaiting)
		run_number(p, v->unix_s);
	p->is_awaiting = false;
	p->has_open_run = true;
	if (first == ORDER_SIMULATED)
		p->simulated_version = p->version;
	ops->run_record(arg, p);
	orders_make(p, first, v->now_ms, ops, arg);
}

static void run_end(struct plan *p, const struct plan_ops *ops, void *arg)
{
	if (!p->has_open_run)
		return;
	p->has_open_run = false;
	ops->run_record(arg, p);
}

/* Go where the table says. Returns whether the state changed. `v` is NULL for events without a
 * view. */
static bool step(struct plan *p, enum plan_event ev, uint64_t now_ms, const struct plan_view *v,
	const struct plan_ops *ops, void *arg)
{
	enum plan_state from = p->state, to = plan_next(from, ev);

	if (to == from)
		return false;
	p->state = to;
	p->since_ms = now_ms;
	if (to != PLAN_RUNNING && to != PLAN_CLOSING && from == PLAN_ARMED)
		p->is_awaiting = false;
	if (to == PLAN_ARMED)
		p->armed_ms = now_ms;
	if (ev == PLAN_EV_FIRE)
		run_begin(p, ORDER_INTENT, v, ops, arg);
	else if (ev == PLAN_EV_REHEARSE)
		run_begin(p, ORDER_SIMULATED, v, ops, arg);
	else if (ev == PLAN_EV_FRESH_RUN && p->is_recovered)
		orders_fill(p, now_ms, ops, arg);
	else if (to == PLAN_CLOSING && from == PLAN_RUNNING)
		ops->run_record(arg, p);
	else if (to == PLAN_ABORTED || to == PLAN_EXPIRED || to == PLAN_IDLE)
		run_end(p, ops, arg);
	ops->changed(arg, p, from, ev);
	return true;
}

/* ---- what each state looks for ---- */

static enum plan_event condition(const struct plan_view *v)
{
	return v->truth == EVIDENCE_TRUE    ? PLAN_EV_TRUE
	       : v->truth == EVIDENCE_FALSE ? PLAN_EV_FALSE
					    : PLAN_EV_UNPROVEN;
}

static enum plan_event turn_hold(struct plan *p, const struct plan_view *v)
{
	if (!v->is_complete)
		return PLAN_EVENTS;
	if (!p->has_open_run)
		return PLAN_EV_FRESH;
	if (p->is_recovered)
		return PLAN_EV_FRESH_RUN;
	for (size_t i = 0; i < p->n_orders; i++) {
		if (p->order[i].state == ORDER_INTENT)
			return PLAN_EV_FRESH_RUN;
	}
	return PLAN_EV_FRESH_CLOSE;
}

static enum plan_event turn_armed(struct plan *p, const struct plan_view *v,
	const struct plan_ops *ops, void *arg)
{
	uint64_t hold_ms = v->is_alarmd_down ? 2 * p->hold_ms : p->hold_ms;

	if (v->truth != EVIDENCE_TRUE)
		return condition(v);
	if (v->now_ms - p->armed_ms < hold_ms || !(v->has_record || v->is_alarmd_down))
		return PLAN_EVENTS;
	if (p->mode == PLAN_SIMULATE || p->simulated_version != p->version)
		return PLAN_EV_REHEARSE;
	if (p->mode == PLAN_AUTO)
		return PLAN_EV_FIRE;
	if (!p->is_awaiting) {
		run_number(p, v->unix_s);
		p->is_awaiting = true;
		ops->run_record(arg, p);
	}
	return p->confirmed_run == p->run ? PLAN_EV_FIRE : PLAN_EVENTS;
}

static enum plan_event turn_running(struct plan *p, const struct plan_view *v,
	const struct plan_ops *ops, void *arg)
{
	bool is_ended = true;

	if (v->truth == EVIDENCE_FALSE)
		return orders_withdraw(p, ops, arg) ? PLAN_EV_FALSE : PLAN_EV_ENDED;
	for (size_t i = 0; i < p->n_orders; i++) {
		order_turn(p, &p->order[i], v, ops, arg);
		is_ended = is_ended && order_is_ended(&p->order[i]);
	}
	if (!is_ended)
		return PLAN_EVENTS;
	return count(p, ORDER_EXPIRED) && count(p, ORDER_EXPIRED) == p->n_orders ? PLAN_EV_UNSENT
										 : PLAN_EV_ENDED;
}

static enum plan_event turn_over(struct plan *p, const struct plan_view *v)
{
	if (p->restored_ms && v->now_ms - p->restored_ms >= p->restore_hold_ms)
		return PLAN_EV_RESTORED;
	return condition(v);
}

static enum plan_event look(struct plan *p, const struct plan_view *v, const struct plan_ops *ops,
	void *arg)
{
	switch (p->state) {
	case PLAN_HOLD: return turn_hold(p, v);
	case PLAN_IDLE: return condition(v);
	case PLAN_ARMED: return turn_armed(p, v, ops, arg);
	case PLAN_RUNNING: return turn_running(p, v, ops, arg);
	default: return turn_over(p, v);
	}
}

void plan_turn(struct plan *p, const struct plan_view *v, const struct plan_ops *ops, void *arg)
{
	p->truth = v->truth;
	if (v->truth != EVIDENCE_UNPROVEN)
		p->unproven_ms = 0;
	else if (!p->unproven_ms)
		p->unproven_ms = v->now_ms;
	if (!v->is_restored)
		p->restored_ms = 0;
	else if (!p->restored_ms)
		p->restored_ms = v->now_ms;
	/* Several steps may be due at once; no way through the table is longer than its states. */
	for (int i = 0; i < PLAN_STATES; i++) {
		enum plan_event ev = look(p, v, ops, arg);

		if (ev == PLAN_EVENTS || !step(p, ev, v->now_ms, v, ops, arg))
			return;
	}
}

bool plan_confirm(struct plan *p, uint64_t run)
{
	if (!p->is_awaiting || p->run != run)
		return false;
	p->confirmed_run = run;
	return true;
}

void plan_away(struct plan *p, uint64_t now_ms, const struct plan_ops *ops, void *arg)
{
	p->restored_ms = 0;
	if (!step(p, PLAN_EV_AWAY, now_ms, NULL, ops, arg))
		p->since_ms = now_ms;
}

void plan_changing(struct plan *p, uint64_t now_ms, const struct plan_ops *ops, void *arg)
{
	enum plan_event ev = PLAN_EV_CHANGED;

	p->is_recovered = false;
	if (p->has_open_run && !orders_withdraw(p, ops, arg) && p->state == PLAN_RUNNING)
		ev = PLAN_EV_ENDED;
	p->restored_ms = 0;
	step(p, ev, now_ms, NULL, ops, arg);
	/* Back from a restart with orders that never left: under the new settings this run has
	 * nothing more to wait for. */
	if (p->state == PLAN_HOLD && !count(p, ORDER_SENT))
		run_end(p, ops, arg);
}
