// SPDX-License-Identifier: Apache-2.0
/* The parts of the daemon, for its own files. Everything runs in one loop. */
#pragma once
#include "common/bus.h"
#include "common/cmd.h"
#include "common/genconf.h"
#include "common/pull.h"
#include "common/service.h"
#include "common/table.h"
#include "shutdownd/evidence.h"
#include "shutdownd/ledger.h"
#include "shutdownd/plan.h"
#include "shutdownd/rccmd.h"

#define ALARMD_DOWN_MS 30000
#define TICK_MS        200
/* A tick so late lets the sockets be read for as long before anything is decided. */
#define LATE_MS 1000

struct settings {
	bool allow_unverified_templates;
	char *source_address;
	int64_t max_away_ms;
};

/* A UPS of some plan. */
struct watched {
	uint64_t device_id;
	char key[201];
	bool is_wanted; /* while a new configuration is taken over */
};

struct counters {
	uint64_t readings, datagrams, orders, runs, failures;
};

struct app {
	struct settings settings;
	struct bb_service *service;
	struct bb_loop *loop;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct bb_sub *sub;
	struct bb_pull_client *log;
	struct bb_genconf *conf;
	struct bb_cmd_server *commands;
	struct bb_arena *arena; /* of one message */
	struct ledger *ledger;
	struct evidence *evidence;
	struct rccmd *rccmd;
	struct plan **plan; /* owned */
	size_t n_plans;
	struct bb_table *by_id, *by_key; /* struct watched, owned by by_id */
	uint64_t tick_ms;                /* of the last tick */
	uint64_t calm_ms;                /* nothing is decided before */
	uint64_t caught_up_ms;           /* when we last had read all of alarmd's log */
	struct counters counters;
	char health[400]; /* of the ledger's journal */
	char failed[512]; /* newest order that could not be sent; stands until a run ends well */
};

/* ---- config.c: generations into plans ---- */
int config_apply(void *arg, const Busbar__V1__Config *c, uint64_t generation, struct bb_err *err);
const char *config_device_key(const struct app *a, uint64_t device_id);

/* ---- act.c: what a plan does: ledger, datagrams, log ---- */
extern const struct plan_ops act_ops;
struct plan_view act_view(const struct app *a, const struct plan *p, uint64_t now_ms);
bool act_is_alarmd_down(const struct app *a, uint64_t now_ms);
void act_on_order_durable(void *arg, uint64_t plan_id, uint64_t run, uint64_t target_id,
	enum order_state state);
struct plan *act_plan(const struct app *a, uint64_t plan_id);
/* Let all plans look. */
void act_turn(struct app *a);
void act_away(struct app *a);
/* Troubles and metrics into the heartbeat. */
void act_heartbeat(void *arg, struct bb_pub *pub);

/* ---- alarmlog.c: key 1, pulled from alarmd ---- */
int alarmlog_open(struct app *a, struct bb_err *err);
void alarmlog_on_durable(void *arg, uint64_t cursor);
void alarmlog_tick(struct app *a, uint64_t now_ms);

/* ---- command.c ---- */
void command_handle(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
struct bb_json;
/* {plans: [...]} as commands and the dump show it. */
void command_plans_json(struct app *a, struct bb_json *j);

/* ---- dump.c ---- */
void dump_write(void *arg, FILE *f);
