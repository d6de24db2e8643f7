// SPDX-License-Identifier: Apache-2.0
/* A configuration generation becomes plans. A plan whose settings stay as they are keeps its life;
 * any other difference withdraws what has not left and starts its evidence anew. */
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "shutdownd/app.h"

#define MAX_PLANS   1000
#define MAX_SECONDS 86400

/* ---- what a generation may say ---- */

static int mode_parse(const char *mode)
{
	if (!strcmp(mode, "simulate"))
		return PLAN_SIMULATE;
	if (!strcmp(mode, "confirm"))
		return PLAN_CONFIRM;
	return strcmp(mode, "auto") == 0 ? (int)PLAN_AUTO : -1;
}

/* A text that is not in the message is NULL or empty. */
static const char *or_else(const char *s, const char *fallback)
{
	return s && *s ? s : fallback;
}

static int target_check(const Busbar__V1__ConfigPlan *c, const Busbar__V1__ConfigTarget *t,
	struct bb_err *err)
{
	const char *name = or_else(t->name, ""), *method = or_else(t->method, "rccmd-udp");
	const char *template_name = or_else(t->template_name, "message");

	if (!t->id || !t->port || t->port > 65535 || !*or_else(t->address, ""))
		return bb_err_set(err, "plan \"%s\": target \"%s\" needs id, address and port",
			c->key, name);
	if (strcmp(method, "rccmd-udp") != 0)
		return bb_err_set(err, "plan \"%s\": target \"%s\" has unknown method \"%s\"",
			c->key, name, method);
	if (strcmp(template_name, "message") != 0 && strcmp(template_name, "shutdown") != 0)
		return bb_err_set(err, "plan \"%s\": target \"%s\" has unknown template \"%s\"",
			c->key, name, template_name);
	return 0;
}

static int plan_check(const Busbar__V1__ConfigPlan *c, struct bb_err *err)
{
	if (!c->id || !c->key || !bb_key_valid(c->key) || !c->version)
		return bb_err_set(err, "plan %llu has no valid id, key and version",
			(unsigned long long)c->id);
	if (!c->mode || mode_parse(c->mode) < 0)
		return bb_err_set(err, "plan \"%s\": mode is simulate, confirm or auto", c->key);
	if (c->n_device_id > PLAN_MAX_DEVICES || c->n_target > PLAN_MAX_TARGETS)
		return bb_err_set(err, "plan \"%s\" has more than %d devices or %d targets", c->key,
			PLAN_MAX_DEVICES, PLAN_MAX_TARGETS);
	if (c->need > c->n_device_id)
		return bb_err_set(err, "plan \"%s\" needs more failing devices than it has",
			c->key);
	if (c->hold_s > MAX_SECONDS || c->restore_hold_s > MAX_SECONDS ||
		c->validity_s > MAX_SECONDS)
		return bb_err_set(err, "plan \"%s\": a time is above %d s", c->key, MAX_SECONDS);
	for (size_t i = 0; i < c->n_target; i++) {
		if (target_check(c, c->target[i], err) < 0)
			return -1;
	}
	return 0;
}

static int check(const Busbar__V1__Config *c, struct bb_err *err)
{
	if (c->n_plan > MAX_PLANS)
		return bb_err_set(err, "more than %d plans", MAX_PLANS);
	for (size_t i = 0; i < c->n_plan; i++) {
		if (plan_check(c->plan[i], err) < 0)
			return -1;
		for (size_t k = 0; k < i; k++) {
			if (c->plan[k]->id == c->plan[i]->id)
				return bb_err_set(err, "plan %llu is there twice",
					(unsigned long long)c->plan[i]->id);
		}
	}
	return 0;
}

/* ---- devices ---- */

const char *config_device_key(const struct app *a, uint64_t device_id)
{
	const struct watched *w = bb_table_get_u64(a->by_id, device_id);

	return w ? w->key : "";
}

static void watch(struct app *a, uint64_t device_id, const Busbar__V1__Config *c)
{
	struct watched *w = bb_table_get_u64(a->by_id, device_id);
	const char *key = "";

	for (size_t i = 0; i < c->n_device && !*key; i++) {
		if (c->device[i]->device_id == device_id && c->device[i]->key)
			key = c->device[i]->key;
	}
	if (!w) {
		w = bb_calloc(1, sizeof(*w));
		w->device_id = device_id;
		bb_table_put_u64(a->by_id, device_id, w);
	} else {
		bb_table_del(a->by_key, w->key);
	}
	w->is_wanted = true;
	bb_copy(w->key, sizeof(w->key), key);
	bb_table_put(a->by_key, w->key, w);
}

static void watch_all(struct app *a, const Busbar__V1__Config *c)
{
	struct watched *w;

	for (struct bb_table_iter i = { 0 }; (w = bb_table_next(a->by_id, &i, NULL, NULL));)
		w->is_wanted = false;
	for (size_t i = 0; i < c->n_plan; i++) {
		for (size_t k = 0; k < c->plan[i]->n_device_id; k++)
			watch(a, c->plan[i]->device_id[k], c);
	}
	for (struct bb_table_iter i = { 0 }; (w = bb_table_next(a->by_id, &i, NULL, NULL));) {
		if (w->is_wanted)
			continue;
		if (bb_table_get(a->by_key, w->key) == w)
			bb_table_del(a->by_key, w->key);
		bb_table_del_u64(a->by_id, w->device_id);
		evidence_forget(a->evidence, w->device_id);
		free(w);
	}
}

/* ---- plans ---- */

static uint64_t seconds(protobuf_c_boolean has, uint32_t s, uint32_t fallback)
{
	return (has ? s : fallback) * 1000ull;
}

static void targets_fill(struct plan *p, const Busbar__V1__ConfigPlan *c)
{
	p->n_targets = c->n_target;
	p->target = bb_calloc(c->n_target + 1, sizeof(*p->target));
	for (size_t i = 0; i < c->n_target; i++) {
		const Busbar__V1__ConfigTarget *from = c->target[i];
		struct plan_target *t = &p->target[i];

		t->id = from->id;
		t->port = (uint16_t)from->port;
		t->is_shutdown = from->template_name && !strcmp(from->template_name, "shutdown");
		bb_copy(t->name, sizeof(t->name), from->name ? from->name : "");
		bb_copy(t->address, sizeof(t->address), from->address);
		bb_copy(t->text, sizeof(t->text), from->text ? from->text : "");
	}
}

static void plan_fill(struct plan *p, const Busbar__V1__ConfigPlan *c)
{
	free(p->device_id);
	free(p->target);
	p->id = c->id;
	p->version = c->version;
	bb_copy(p->key, sizeof(p->key), c->key);
	p->mode = (enum plan_mode)mode_parse(c->mode);
	p->need = c->need;
	p->hold_ms = c->hold_s * 1000ull;
	p->restore_hold_ms = seconds(c->has_restore_hold_s, c->restore_hold_s, 30);
	p->validity_ms = seconds(c->has_validity_s, c->validity_s, 60);
	p->n_devices = c->n_device_id;
	p->device_id = bb_calloc(c->n_device_id + 1, sizeof(*p->device_id));
	if (c->n_device_id)
		memcpy(p->device_id, c->device_id, c->n_device_id * sizeof(*p->device_id));
	targets_fill(p, c);
}

static bool is_same(const struct plan *p, const Busbar__V1__ConfigPlan *c)
{
	return p->version == c->version && (int)p->mode == mode_parse(c->mode) &&
	       p->n_devices == c->n_device_id && p->n_targets == c->n_target &&
	       p->need == c->need && p->hold_ms == c->hold_s * 1000ull &&
	       (!c->n_device_id ||
		       !memcmp(p->device_id, c->device_id, c->n_device_id * sizeof(*p->device_id)));
}

/* A plan we did not have: what the ledger knows of it, and what may still be waiting there. */
static struct plan *plan_adopt(struct app *a, const Busbar__V1__ConfigPlan *c, uint64_t now_ms)
{
	struct plan *p = plan_new(now_ms);

	plan_fill(p, c);
	ledger_recover(a->ledger, p);
	if (p->has_open_run && p->run_version != p->version)
		plan_changing(p, now_ms, &act_ops, a);
	for (size_t i = 0; i < p->n_orders; i++) {
		/* That it may have left once is on disk before it can leave again. */
		if (p->order[i].state != ORDER_INTENT)
			continue;
		p->order[i].is_durable = false;
		ledger_order(a->ledger, p, &p->order[i]);
	}
	return p;
}

static struct plan *plan_take(struct app *a, const Busbar__V1__ConfigPlan *c, uint64_t now_ms)
{
	for (size_t i = 0; i < a->n_plans; i++) {
		struct plan *p = a->plan[i];

		if (!p || p->id != c->id)
			continue;
		a->plan[i] = NULL;
		if (!is_same(p, c))
			plan_changing(p, now_ms, &act_ops, a);
		plan_fill(p, c);
		return p;
	}
	return plan_adopt(a, c, now_ms);
}

static void plan_drop(struct app *a, struct plan *p, uint64_t now_ms)
{
	if (!p)
		return;
	plan_changing(p, now_ms, &act_ops, a);
	plan_free(p);
}

int config_apply(void *arg, const Busbar__V1__Config *c, uint64_t generation, struct bb_err *err)
{
	struct app *a = arg;
	uint64_t now_ms = bb_clock_boot_ms();
	struct plan **plan;

	if (check(c, err) < 0)
		return -1;
	watch_all(a, c);
	plan = bb_calloc(c->n_plan + 1, sizeof(*plan));
	for (size_t i = 0; i < c->n_plan; i++)
		plan[i] = plan_take(a, c->plan[i], now_ms);
	for (size_t i = 0; i < a->n_plans; i++)
		plan_drop(a, a->plan[i], now_ms);
	free(a->plan);
	a->plan = plan;
	a->n_plans = c->n_plan;
	/* Readings of devices that are new to us may have passed by already. */
	if (a->sub)
		bb_sub_resync(a->sub);
	return 0;
}
