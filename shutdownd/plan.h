// SPDX-License-Identifier: Apache-2.0
/* The life of one shutdown plan: a table [state][event], its orders, and nothing else. Pure: what
 * is known comes in as struct plan_view with its time, what shall happen goes out through struct
 * plan_ops. Times are BOOTTIME ms.
 *
 *   HOLD -> IDLE -> ARMED -> RUNNING -> CLOSING -> IDLE        side exits ABORTED, EXPIRED
 *
 * Invariants: an order is sent only in RUNNING, in mode auto or confirm, with the condition proven
 * at that moment, alarmd's record (or its absence and the doubled hold), inside its validity,
 * after its INTENT was durable, at most ORDER_COPIES times with the same bytes. Orders are made
 * once per run; run numbers only grow. Not thread-safe. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shutdownd/evidence.h"

#define PLAN_MAX_DEVICES 256
#define PLAN_MAX_TARGETS 256
#define ORDER_WIRE_MAX   1024
#define ORDER_COPIES     3
#define ORDER_COPY_MS    1000

enum plan_mode { PLAN_SIMULATE, PLAN_CONFIRM, PLAN_AUTO };

enum plan_state {
	PLAN_HOLD, /* nothing leaves before every UPS was read fresh or is lost */
	PLAN_IDLE,
	PLAN_ARMED,   /* the condition is proven; the hold time runs */
	PLAN_RUNNING, /* orders are being sent */
	PLAN_CLOSING, /* every order has its end; waits for mains to be back for restore_hold */
	PLAN_ABORTED, /* mains came back before all orders had left */
	PLAN_EXPIRED, /* no order left inside its validity */
	PLAN_STATES,
};

enum plan_event {
	PLAN_EV_TRUE,  /* the condition is proven */
	PLAN_EV_FALSE, /* it is disproven */
	PLAN_EV_UNPROVEN,
	PLAN_EV_FRESH,       /* every UPS known again, no open run */
	PLAN_EV_FRESH_RUN,   /* ... and orders of a run wait */
	PLAN_EV_FRESH_CLOSE, /* ... and the orders of a run have ended */
	PLAN_EV_FIRE,        /* the hold is over, both keys are there, the mode allows it */
	PLAN_EV_REHEARSE, /* the same, but the mode is simulate, or this version was never simulated */
	PLAN_EV_ENDED,    /* every order has its end */
	PLAN_EV_UNSENT,   /* every order has its end and none left */
	PLAN_EV_RESTORED, /* mains back for restore_hold */
	PLAN_EV_AWAY,     /* time discontinuity */
	PLAN_EV_CHANGED,  /* other settings */
	PLAN_EVENTS,
};

enum order_state {
	ORDER_INTENT, /* about to be sent */
	ORDER_SENT,
	ORDER_EXPIRED,   /* not sent inside its validity */
	ORDER_FAILED,    /* could not be sent */
	ORDER_WITHDRAWN, /* mains came back, or the plan changed, before it left */
	ORDER_SIMULATED,
	ORDER_STATES,
};

struct plan_target {
	uint64_t id;
	char name[64];
	char address[64]; /* numeric */
	uint16_t port;
	bool is_shutdown; /* template "shutdown", else "message" */
	char text[512];
};

struct order {
	uint64_t target_id;
	enum order_state state;
	bool is_durable;  /* the record of this state is */
	bool is_complete; /* no further copies */
	unsigned copies;  /* left so far, or may have before a crash */
	uint64_t next_ms; /* next attempt not before */
	uint64_t expires_ms;
	char reason[160]; /* why it failed */
	char name[64];
	char address[64];
	uint16_t port;
	char wire[ORDER_WIRE_MAX]; /* the datagram; empty: refused, see reason */
};

struct plan {
	/* Settings. `version` changes with every edit. */
	uint64_t id, version;
	char key[201];
	enum plan_mode mode;
	size_t need;
	uint64_t hold_ms, restore_hold_ms, validity_ms;
	size_t n_devices, n_targets;
	uint64_t *device_id; /* owned, like the next */
	struct plan_target *target;
	/* Life. */
	enum plan_state state;
	uint64_t since_ms;    /* in this state */
	uint64_t armed_ms;    /* the condition holds since, by our own readings */
	uint64_t restored_ms; /* mains is back since; 0: it is not */
	uint64_t last_run;    /* numbers only grow */
	uint64_t run;         /* the run shown; 0: none */
	uint64_t run_version;
	bool has_open_run; /* RUNNING or CLOSING, or HOLD on the way back there */
	bool is_recovered; /* the run comes from the ledger; some INTENTs may not have got there */
	bool is_awaiting;  /* ARMED in mode confirm: `run` waits for the operator */
	uint64_t confirmed_run;
	uint64_t simulated_version; /* newest version with a recorded simulation */
	enum evidence_truth truth;  /* of the last turn, for people */
	uint64_t unproven_ms;       /* unproven since; 0: it is not */
	size_t n_orders;
	struct order *order; /* owned; replaced when a run begins */
};

/* What is known at this moment. */
struct plan_view {
	uint64_t now_ms;
	uint64_t
		unix_s; /* run numbers begin there, so that they grow even when the ledger was lost */
	enum evidence_truth truth;
	bool is_restored;
	bool is_complete; /* evidence_verdict, since plan.since_ms */
	bool has_record; /* key 1: alarmd's durable on_battery alarms make the condition true too */
	bool is_alarmd_down; /* for 30 s: twice the hold replaces key 1 */
};

/* What a plan does. The callbacks may not call back into the plan, except plan_order_durable()
 * from order_record(). */
struct plan_ops {
	/* Fill wire, or leave it empty and fill reason, of a new order. */
	void (*render)(void *arg, const struct plan *p, const struct plan_target *t,
		struct order *o);
	/* Record the run as it is now; has_open_run tells whether it is over. */
	void (*run_record)(void *arg, const struct plan *p);
	/* Record the order; plan_order_durable() is to be called when that is on disk. */
	void (*order_record)(void *arg, struct plan *p, struct order *o);
	/* Send one datagram now. False with o->reason filled when it did not leave. */
	bool (*send)(void *arg, const struct plan *p, struct order *o);
	/* The state changed; for the log. */
	void (*changed)(void *arg, const struct plan *p, enum plan_state from, enum plan_event ev);
};

/* Zeroed, in HOLD. Caller fills the settings and frees with plan_free(). */
struct plan *plan_new(uint64_t now_ms);
void plan_free(struct plan *p);
struct order *plan_order(struct plan *p, uint64_t target_id); /* of the present run; NULL: none */
enum plan_state plan_next(enum plan_state s, enum plan_event ev);
const char *plan_state_name(enum plan_state s);
const char *plan_mode_name(enum plan_mode m);
const char *order_state_name(enum order_state s);
int order_state_parse(const char *name); /* -1: unknown */

/* Let the plan see the view and do what is due. */
void plan_turn(struct plan *p, const struct plan_view *v, const struct plan_ops *ops, void *arg);
/* The record of the order's present state is durable. */
void plan_order_durable(struct order *o);
/* The operator confirms a run that waits. Returns false when this run does not. */
bool plan_confirm(struct plan *p, uint64_t run);
/* Time discontinuity, and settings that are about to change or go (before they are overwritten). */
void plan_away(struct plan *p, uint64_t now_ms, const struct plan_ops *ops, void *arg);
void plan_changing(struct plan *p, uint64_t now_ms, const struct plan_ops *ops, void *arg);
/* An order has its end: nothing more leaves for it. */
bool order_is_ended(const struct order *o);
