// SPDX-License-Identifier: Apache-2.0
#include "shutdownd/past.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/table.h"

/* What is known of one plan. */
struct past_plan {
	uint64_t id, last_run, simulated_version;
	uint64_t run, run_version; /* newest run */
	bool is_open, is_running;  /* running: its INTENTs may be on their way */
	size_t n;
	struct order *order; /* of the newest run */
};

struct past {
	struct bb_table *plans;  /* id -> struct past_plan */
	struct bb_table *alarms; /* device_id -> itself: on_battery is open */
	uint8_t journal_id[16];
	uint64_t cursor;
};

struct past *past_new(void)
{
	struct past *p = bb_calloc(1, sizeof(*p));

	p->plans = bb_table_new();
	p->alarms = bb_table_new();
	return p;
}

static void plan_release(void *v)
{
	struct past_plan *pp = v;

	free(pp->order);
	free(pp);
}

void past_free(struct past *p)
{
	if (!p)
		return;
	bb_table_free(p->plans, plan_release);
	bb_table_free(p->alarms, NULL);
	free(p);
}

static struct past_plan *plan_of(struct past *p, uint64_t id)
{
	struct past_plan *pp = bb_table_get_u64(p->plans, id);

	if (pp)
		return pp;
	pp = bb_calloc(1, sizeof(*pp));
	pp->id = id;
	bb_table_put_u64(p->plans, id, pp);
	return pp;
}

/* ---- records as JSON ---- */

static void order_json(struct bb_json *j, uint64_t plan_id, uint64_t run, const struct order *o)
{
	char text[72], boot[33];

	snprintf(text, sizeof(text), "%llu-%llu-%llu", (unsigned long long)plan_id,
		(unsigned long long)run, (unsigned long long)o->target_id);
	bb_hex(boot, bb_clock_boot_id(), 16);
	bb_json_str(j, "id", text);
	bb_json_int(j, "target", (int64_t)o->target_id);
	bb_json_str(j, "state", order_state_name(o->state));
	bb_json_int(j, "copies", o->copies);
	bb_json_int(j, "expires_ms", (int64_t)o->expires_ms);
	bb_json_str(j, "boot", boot);
	bb_json_str(j, "name", o->name);
	bb_json_str(j, "address", o->address);
	bb_json_int(j, "port", o->port);
	bb_json_str(j, "wire", o->wire);
	if (o->reason[0])
		bb_json_str(j, "reason", o->reason);
}

static struct bb_json record_begin(struct bb_buf *out, const char *type)
{
	struct bb_json j = { .out = out };

	bb_buf_reset(out);
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "t", type);
	bb_json_time(&j, "at", bb_clock_real_us());
	return j;
}

void past_run_record(struct bb_buf *out, const struct plan *p, const char *evidence)
{
	struct bb_json j = record_begin(out, "run");

	bb_json_int(&j, "plan", (int64_t)p->id);
	bb_json_str(&j, "key", p->key);
	bb_json_int(&j, "version", (int64_t)p->run_version);
	bb_json_int(&j, "run", (int64_t)p->run);
	bb_json_str(&j, "state", plan_state_name(p->state));
	bb_json_bool(&j, "open", p->has_open_run);
	bb_json_str(&j, "mode", plan_mode_name(p->mode));
	bb_json_int(&j, "simulated_version", (int64_t)p->simulated_version);
	if (evidence)
		bb_json_raw(&j, "evidence", evidence);
	bb_json_end_obj(&j);
}

void past_order_record(struct bb_buf *out, const struct plan *p, const struct order *o)
{
	struct bb_json j = record_begin(out, "order");

	bb_json_int(&j, "plan", (int64_t)p->id);
	bb_json_int(&j, "run", (int64_t)p->run);
	order_json(&j, p->id, p->run, o);
	bb_json_end_obj(&j);
}

void past_word_record(struct bb_buf *out, const char *type, const struct plan *p, const char *name,
	uint64_t value, const char *user)
{
	struct bb_json j = record_begin(out, type);

	bb_json_int(&j, "plan", (int64_t)p->id);
	bb_json_str(&j, "key", p->key);
	bb_json_int(&j, name, (int64_t)value);
	bb_json_str(&j, "user", user);
	bb_json_end_obj(&j);
}

void past_alarms_record(struct bb_buf *out, const struct past *p, const int64_t *changes, size_t n,
	bool is_reset)
{
	struct bb_json j = record_begin(out, "alarms");
	char hex[33];

	bb_hex(hex, p->journal_id, sizeof(p->journal_id));
	bb_json_str(&j, "journal", hex);
	bb_json_int(&j, "cursor", (int64_t)p->cursor);
	bb_json_bool(&j, "reset", is_reset);
	bb_json_arr(&j, "changes");
	for (size_t i = 0; i < n; i++)
		bb_json_int(&j, NULL, changes[i]);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
}

static uint64_t get_u64(const json_t *obj, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(obj, key));

	return v > 0 ? (uint64_t)v : 0;
}

static void get_text(const json_t *obj, const char *key, char *out, size_t cap)
{
	const char *s = json_string_value(json_object_get(obj, key));

	bb_copy(out, cap, s ? s : "");
}

static bool order_from_json(struct order *o, const json_t *obj)
{
	char state[16], boot[40], own[33];
	int s;

	get_text(obj, "state", state, sizeof(state));
	get_text(obj, "boot", boot, sizeof(boot));
	s = order_state_parse(state);
	if (s < 0)
		return false;
	bb_hex(own, bb_clock_boot_id(), 16);
	*o = (struct order){
		.target_id = get_u64(obj, "target"),
		.state = (enum order_state)s,
		.copies = (unsigned)get_u64(obj, "copies"),
		.port = (uint16_t)get_u64(obj, "port"),
		/* BOOTTIME of another boot says nothing: such an order is over. */
		.expires_ms = strcmp(boot, own) == 0 ? get_u64(obj, "expires_ms") : 0,
	};
	get_text(obj, "name", o->name, sizeof(o->name));
	get_text(obj, "address", o->address, sizeof(o->address));
	get_text(obj, "wire", o->wire, sizeof(o->wire));
	get_text(obj, "reason", o->reason, sizeof(o->reason));
	return true;
}

static void order_put(struct past_plan *pp, const struct order *o)
{
	for (size_t i = 0; i < pp->n; i++) {
		if (pp->order[i].target_id == o->target_id) {
			pp->order[i] = *o;
			return;
		}
	}
	pp->order = bb_realloc(pp->order, (pp->n + 1) * sizeof(*pp->order));
	pp->order[pp->n++] = *o;
}

/* ---- folding records in ---- */

static void apply_run(struct past *p, const json_t *r)
{
	struct past_plan *pp = plan_of(p, get_u64(r, "plan"));
	uint64_t run = get_u64(r, "run"), simulated = get_u64(r, "simulated_version");
	char state[16];

	if (run != pp->run)
		pp->n = 0;
	pp->run = run;
	pp->run_version = get_u64(r, "version");
	pp->is_open = json_is_true(json_object_get(r, "open"));
	get_text(r, "state", state, sizeof(state));
	pp->is_running = pp->is_open && !strcmp(state, plan_state_name(PLAN_RUNNING));
	if (run > pp->last_run)
		pp->last_run = run;
	if (simulated > pp->simulated_version)
		pp->simulated_version = simulated;
}

static bool apply_order(struct past *p, const json_t *r)
{
	struct past_plan *pp = plan_of(p, get_u64(r, "plan"));
	struct order o;

	if (get_u64(r, "run") != pp->run || !order_from_json(&o, r))
		return false;
	order_put(pp, &o);
	return true;
}

static void apply_alarms(struct past *p, const json_t *r)
{
	const json_t *changes = json_object_get(r, "changes");
	char hex[40];
	uint8_t id[16];

	get_text(r, "journal", hex, sizeof(hex));
	if (bb_unhex(id, sizeof(id), hex) != (int)sizeof(id))
		return;
	if (json_is_true(json_object_get(r, "reset")))
		past_alarms_reset(p);
	for (size_t i = 0; i < json_array_size(changes); i++) {
		json_int_t v = json_integer_value(json_array_get(changes, i));

		past_alarm(p, v < 0 ? (uint64_t)-v : (uint64_t)v, v > 0);
	}
	past_cursor_set(p, id, get_u64(r, "cursor"));
}

static bool apply(struct past *p, const json_t *r)
{
	char type[16];

	get_text(r, "t", type, sizeof(type));
	if (!strcmp(type, "run"))
		apply_run(p, r);
	else if (!strcmp(type, "order"))
		return apply_order(p, r);
	else if (!strcmp(type, "simulated"))
		plan_of(p, get_u64(r, "plan"))->simulated_version = get_u64(r, "version");
	else if (!strcmp(type, "alarms"))
		apply_alarms(p, r);
	else
		return !strcmp(type, "confirmed");
	return true;
}

bool past_apply(struct past *p, const char *json, size_t len)
{
	json_t *r = json_loadb(json, len, 0, NULL);
	bool is_ours = json_is_object(r) && apply(p, r);

	json_decref(r);
	return is_ours;
}

/* ---- snapshot ---- */

void past_snapshot(const struct past *p, struct bb_buf *out)
{
	struct bb_json j = { .out = out };
	const struct past_plan *pp;
	const void *key;
	char hex[33];

	bb_hex(hex, p->journal_id, sizeof(p->journal_id));
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "journal", hex);
	bb_json_int(&j, "cursor", (int64_t)p->cursor);
	bb_json_arr(&j, "changes");
	for (struct bb_table_iter i = { 0 }; bb_table_next(p->alarms, &i, &key, NULL);) {
		uint64_t id;

		memcpy(&id, key, sizeof(id));
		bb_json_int(&j, NULL, (int64_t)id);
	}
	bb_json_end_arr(&j);
	bb_json_arr(&j, "plans");
	for (struct bb_table_iter i = { 0 }; (pp = bb_table_next(p->plans, &i, NULL, NULL));) {
		bb_json_obj(&j, NULL);
		bb_json_int(&j, "plan", (int64_t)pp->id);
		bb_json_int(&j, "last_run", (int64_t)pp->last_run);
		bb_json_int(&j, "simulated_version", (int64_t)pp->simulated_version);
		bb_json_int(&j, "run", (int64_t)pp->run);
		bb_json_int(&j, "version", (int64_t)pp->run_version);
		bb_json_bool(&j, "open", pp->is_open);
		bb_json_str(&j, "state", pp->is_running ? plan_state_name(PLAN_RUNNING) : "");
		bb_json_arr(&j, "orders");
		for (size_t k = 0; k < pp->n; k++) {
			bb_json_obj(&j, NULL);
			order_json(&j, pp->id, pp->run, &pp->order[k]);
			bb_json_end_obj(&j);
		}
		bb_json_end_arr(&j);
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
}

static void snapshot_plan(struct past *p, const json_t *r)
{
	struct past_plan *pp = plan_of(p, get_u64(r, "plan"));
	const json_t *orders = json_object_get(r, "orders");

	apply_run(p, r);
	if (get_u64(r, "last_run") > pp->last_run)
		pp->last_run = get_u64(r, "last_run");
	for (size_t i = 0; i < json_array_size(orders); i++) {
		struct order o;

		if (order_from_json(&o, json_array_get(orders, i)))
			order_put(pp, &o);
	}
}

bool past_apply_snapshot(struct past *p, const char *json, size_t len)
{
	json_t *r = json_loadb(json, len, 0, NULL);
	const json_t *plans = json_object_get(r, "plans");

	if (!json_is_array(plans)) {
		json_decref(r);
		return false;
	}
	apply_alarms(p, r);
	for (size_t i = 0; i < json_array_size(plans); i++)
		snapshot_plan(p, json_array_get(plans, i));
	json_decref(r);
	return true;
}

/* ---- what is asked of it ---- */

void past_recover(const struct past *p, struct plan *plan)
{
	const struct past_plan *pp = bb_table_get_u64(p->plans, plan->id);

	if (!pp)
		return;
	plan->last_run = pp->last_run;
	plan->simulated_version = pp->simulated_version;
	plan->run = pp->run;
	plan->run_version = pp->run_version;
	plan->has_open_run = pp->is_open;
	plan->is_recovered = pp->is_running;
	free(plan->order);
	plan->order = bb_calloc(pp->n + 1, sizeof(*plan->order));
	plan->n_orders = pp->n;
	for (size_t i = 0; i < pp->n; i++) {
		struct order *o = &plan->order[i];

		*o = pp->order[i];
		o->is_durable = true;
		/* An order that is SENT is not repeated; an INTENT may have left once. */
		o->is_complete = o->state != ORDER_INTENT;
		o->copies += o->state == ORDER_INTENT;
	}
}

uint64_t past_simulated_version(const struct past *p, uint64_t plan_id)
{
	const struct past_plan *pp = bb_table_get_u64(p->plans, plan_id);

	return pp ? pp->simulated_version : 0;
}

static char open_mark;

void past_alarm(struct past *p, uint64_t device_id, bool is_open)
{
	if (is_open)
		bb_table_put_u64(p->alarms, device_id, &open_mark);
	else
		bb_table_del_u64(p->alarms, device_id);
}

bool past_alarm_is_open(const struct past *p, uint64_t device_id)
{
	return bb_table_get_u64(p->alarms, device_id) != NULL;
}

size_t past_alarms_open(const struct past *p)
{
	return bb_table_count(p->alarms);
}

void past_alarms_reset(struct past *p)
{
	bb_table_free(p->alarms, NULL);
	p->alarms = bb_table_new();
}

uint64_t past_cursor(const struct past *p, uint8_t journal_id[16])
{
	memcpy(journal_id, p->journal_id, sizeof(p->journal_id));
	return p->cursor;
}

void past_cursor_set(struct past *p, const uint8_t journal_id[16], uint64_t cursor)
{
	memcpy(p->journal_id, journal_id, sizeof(p->journal_id));
	p->cursor = cursor;
}
