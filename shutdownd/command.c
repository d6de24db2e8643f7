// SPDX-License-Identifier: Apache-2.0
/* Commands by way of busd: plans, simulate, confirm, metrics. */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "shutdownd/app.h"

/* ---- plans ---- */

static void orders_json(const struct plan *p, struct bb_json *j)
{
	bb_json_arr(j, "orders");
	for (size_t i = 0; i < p->n_orders; i++) {
		const struct order *o = &p->order[i];
		char id[72];

		snprintf(id, sizeof(id), "%llu-%llu-%llu", (unsigned long long)p->id,
			(unsigned long long)p->run, (unsigned long long)o->target_id);
		bb_json_obj(j, NULL);
		bb_json_str(j, "id", id);
		bb_json_str(j, "target", o->name);
		bb_json_str(j, "address", o->address);
		bb_json_int(j, "port", o->port);
		bb_json_str(j, "state", order_state_name(o->state));
		bb_json_int(j, "copies", o->copies);
		bb_json_str(j, "line", o->wire);
		bb_json_str(j, "reason", o->reason[0] ? o->reason : NULL);
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
}

static void devices_json(struct app *a, const struct plan *p, uint64_t now_ms, struct bb_json *j)
{
	bb_json_arr(j, "devices");
	for (size_t i = 0; i < p->n_devices; i++) {
		uint64_t age_ms;
		enum evidence_power power =
			evidence_power(a->evidence, p->device_id[i], now_ms, &age_ms);

		bb_json_obj(j, NULL);
		bb_json_str(j, "device", config_device_key(a, p->device_id[i]));
		bb_json_str(j, "power", evidence_power_name(power));
		if (age_ms == UINT64_MAX)
			bb_json_null(j, "age_s");
		else
			bb_json_num(j, "age_s", (double)age_ms / 1000);
		bb_json_bool(j, "alarm", ledger_alarm_is_open(a->ledger, p->device_id[i]));
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
}

/* When the hold is over, by what is known now. */
static double fires_in_s(const struct app *a, const struct plan *p, uint64_t now_ms)
{
	uint64_t hold_ms = act_is_alarmd_down(a, now_ms) ? 2 * p->hold_ms : p->hold_ms,
		 due_ms = p->armed_ms + hold_ms;

	return due_ms > now_ms ? (double)(due_ms - now_ms) / 1000 : 0;
}

static void plan_json(struct app *a, const struct plan *p, uint64_t now_ms, struct bb_json *j)
{
	static const char *const truth[] = { [EVIDENCE_FALSE] = "false",
		[EVIDENCE_UNPROVEN] = "unproven",
		[EVIDENCE_TRUE] = "true" };
	uint64_t real_us = bb_clock_real_us();

	bb_json_obj(j, NULL);
	bb_json_str(j, "plan", p->key);
	bb_json_int(j, "id", (int64_t)p->id);
	bb_json_int(j, "version", (int64_t)p->version);
	bb_json_str(j, "mode", plan_mode_name(p->mode));
	bb_json_int(j, "simulated_version", (int64_t)p->simulated_version);
	bb_json_str(j, "state", plan_state_name(p->state));
	bb_json_time(j, "since", real_us - (now_ms - p->since_ms) * 1000);
	bb_json_str(j, "condition", truth[p->truth]);
	if (p->state == PLAN_ARMED)
		bb_json_num(j, "fires_in_s", fires_in_s(a, p, now_ms));
	if (p->run)
		bb_json_int(j, "run", (int64_t)p->run);
	else
		bb_json_null(j, "run");
	bb_json_bool(j, "open", p->has_open_run);
	bb_json_bool(j, "awaits_confirmation", p->is_awaiting);
	devices_json(a, p, now_ms, j);
	orders_json(p, j);
	bb_json_end_obj(j);
}

void command_plans_json(struct app *a, struct bb_json *j)
{
	uint64_t now_ms = bb_clock_boot_ms();

	bb_json_obj(j, NULL);
	bb_json_bool(j, "alarmd_down", act_is_alarmd_down(a, now_ms));
	bb_json_arr(j, "plans");
	for (size_t i = 0; i < a->n_plans; i++)
		plan_json(a, a->plan[i], now_ms, j);
	bb_json_end_arr(j);
	bb_json_end_obj(j);
}

static void reply_json(struct bb_cmd_call *call, const char *text, struct bb_buf *json,
	void (*reply_with)(struct bb_cmd_call *call, const Busbar__V1__CommandReply *reply))
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;

	reply.has_code = 1;
	reply.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;
	reply.text = (char *)text;
	reply.json = json->data;
	reply_with(call, &reply);
	bb_buf_fini(json);
}

static void do_plans(struct app *a, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };

	command_plans_json(a, &j);
	reply_json(call, "", &out, bb_cmd_reply_look);
}

/* ---- simulate and confirm ---- */

static struct plan *plan_named(const struct app *a, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	for (size_t i = 0; rq->n_item == 1 && i < a->n_plans; i++) {
		if (!strcmp(a->plan[i]->key, rq->item[0]))
			return a->plan[i];
	}
	if (rq->n_item != 1)
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED,
			"name one plan");
	else
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN,
			"there is no plan \"%s\"", rq->item[0]);
	return NULL;
}

static const char *user_of(const Busbar__V1__CommandRequest *rq)
{
	return rq->user ? rq->user : "";
}

/* What would leave, to whom; the same code makes the real lines. */
static size_t rehearse(struct app *a, struct plan *p, struct bb_json *j)
{
	size_t n_refused = 0;

	bb_json_arr(j, "orders");
	for (size_t i = 0; i < p->n_targets; i++) {
		struct order o = { .port = p->target[i].port };

		act_ops.render(a, p, &p->target[i], &o);
		n_refused += !o.wire[0];
		bb_json_obj(j, NULL);
		bb_json_str(j, "target", p->target[i].name);
		bb_json_str(j, "address", p->target[i].address);
		bb_json_int(j, "port", o.port);
		bb_json_str(j, "line", o.wire[0] ? o.wire : NULL);
		bb_json_str(j, "reason", o.reason[0] ? o.reason : NULL);
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
	return n_refused;
}

static void do_simulate(struct app *a, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct plan *p = plan_named(a, call, rq);
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	size_t n_refused;
	char text[160];

	if (!p)
		return;
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "key", p->key);
	bb_json_int(&j, "version", (int64_t)p->version);
	n_refused = rehearse(a, p, &j);
	bb_json_end_obj(&j);
	if (n_refused) {
		snprintf(text, sizeof(text),
			"%zu of %zu orders could not be sent; nothing is recorded", n_refused,
			p->n_targets);
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED, "%s", text);
		bb_buf_fini(&out);
		return;
	}
	snprintf(text, sizeof(text),
		"%zu orders would be sent; simulation of version %llu is recorded", p->n_targets,
		(unsigned long long)p->version);
	p->simulated_version = p->version;
	ledger_simulated(a->ledger, p, user_of(rq));
	bb_log(EV_COMMAND, BB_STR("verb", "simulate"), BB_STR("plan", p->key),
		BB_STR("user", user_of(rq)));
	reply_json(call, text, &out, bb_cmd_reply);
}

static void do_confirm(struct app *a, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct plan *p = plan_named(a, call, rq);
	uint64_t run = 0;

	if (!p)
		return;
	for (size_t i = 0; i < rq->n_arg_name && i < rq->n_arg; i++) {
		if (!strcmp(rq->arg_name[i], "run"))
			bb_parse_u64(rq->arg[i], "run", 1, UINT64_MAX, &run, NULL);
	}
	if (!run) {
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED,
			"say which run is confirmed (argument run)");
		return;
	}
	if (!plan_confirm(p, run)) {
		bb_log(EV_COMMAND_REFUSED, BB_STR("verb", "confirm"), BB_STR("plan", p->key),
			BB_UINT("run", run), BB_STR("user", user_of(rq)));
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED,
			"run %llu of plan \"%s\" does not wait for a "
			"confirmation",
			(unsigned long long)run, p->key);
		return;
	}
	ledger_confirmed(a->ledger, p, run, user_of(rq));
	bb_log(EV_COMMAND, BB_STR("verb", "confirm"), BB_STR("plan", p->key), BB_UINT("run", run),
		BB_STR("user", user_of(rq)));
	bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK,
		"run %llu of plan \"%s\" is confirmed", (unsigned long long)run, p->key);
}

static const struct verb {
	const char *name;
	void (*run)(struct app *a, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
} verbs[] = {
	{ "plans", do_plans },
	{ "simulate", do_simulate },
	{ "confirm", do_confirm },
};

void command_handle(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	const char *name = rq->verb ? rq->verb : "";

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i].name, name)) {
			verbs[i].run(arg, call, rq);
			return;
		}
	}
	bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN,
		"shutdownd does not know \"%s\"", name);
}
