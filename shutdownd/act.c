// SPDX-License-Identifier: Apache-2.0
/* Between the pure plans and the world: what they know comes from evidence and ledger, what they
 * do goes to ledger, socket and log. */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "shutdownd/app.h"
#include "shutdownd/testkill.h"

/* Every start and every restart of a collector leaves plans without evidence for a moment. */
#define UNPROVEN_GRACE_MS 10000

struct plan *act_plan(const struct app *a, uint64_t plan_id)
{
	for (size_t i = 0; i < a->n_plans; i++) {
		if (a->plan[i] && a->plan[i]->id == plan_id)
			return a->plan[i];
	}
	return NULL;
}

/* ---- what a plan knows ---- */

bool act_is_alarmd_down(const struct app *a, uint64_t now_ms)
{
	return now_ms - a->caught_up_ms >= ALARMD_DOWN_MS;
}

/* The devices that fail by our own readings and by alarmd's record are enough to make the
 * condition true. */
static bool has_record(const struct app *a, const struct plan *p, uint64_t now_ms)
{
	size_t n = 0, need = p->need ? p->need : p->n_devices;

	for (size_t i = 0; i < p->n_devices; i++) {
		enum evidence_power power =
			evidence_power(a->evidence, p->device_id[i], now_ms, NULL);

		n += (power == POWER_ON_BATTERY || power == POWER_LOW_BATTERY) &&
		     ledger_alarm_is_open(a->ledger, p->device_id[i]);
	}
	return n >= need;
}

struct plan_view act_view(const struct app *a, const struct plan *p, uint64_t now_ms)
{
	struct evidence_verdict v = evidence_judge(a->evidence, p->device_id, p->n_devices, p->need,
		p->since_ms, now_ms);

	return (struct plan_view){
		.now_ms = now_ms,
		.unix_s = bb_clock_real_us() / 1000000,
		.truth = v.truth,
		.is_restored = v.is_restored,
		.is_complete = v.is_complete,
		.has_record = has_record(a, p, now_ms),
		.is_alarmd_down = act_is_alarmd_down(a, now_ms),
	};
}

static char *evidence_json(const struct app *a, const struct plan *p, struct bb_buf *out)
{
	struct bb_json j = { .out = out };

	bb_json_arr(&j, NULL);
	for (size_t i = 0; i < p->n_devices; i++) {
		uint64_t age_ms;
		enum evidence_power power =
			evidence_power(a->evidence, p->device_id[i], bb_clock_boot_ms(), &age_ms);

		bb_json_obj(&j, NULL);
		bb_json_str(&j, "device", config_device_key(a, p->device_id[i]));
		bb_json_str(&j, "power", evidence_power_name(power));
		if (age_ms != UINT64_MAX)
			bb_json_int(&j, "age_ms", (int64_t)age_ms);
		bb_json_bool(&j, "alarm", ledger_alarm_is_open(a->ledger, p->device_id[i]));
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	return out->data;
}

/* ---- what a plan does ---- */

/* The first device that is on battery, and how many more are. */
static void device_words(const struct app *a, const struct plan *p, char *out, size_t cap)
{
	uint64_t now_ms = bb_clock_boot_ms();
	const char *first = p->n_devices ? config_device_key(a, p->device_id[0]) : "";
	size_t n = 0;

	for (size_t i = 0; i < p->n_devices; i++) {
		enum evidence_power power =
			evidence_power(a->evidence, p->device_id[i], now_ms, NULL);

		if (power != POWER_ON_BATTERY && power != POWER_LOW_BATTERY)
			continue;
		if (!n++)
			first = config_device_key(a, p->device_id[i]);
	}
	if (n > 1)
		snprintf(out, cap, "%s and %zu more", first, n - 1);
	else
		snprintf(out, cap, "%s", first);
}

static void render(void *arg, const struct plan *p, const struct plan_target *t, struct order *o)
{
	struct app *a = arg;
	char device[240];
	struct rccmd_words words = { .device = device, .plan = p->key, .run = p->run };
	struct bb_err err;

	device_words(a, p, device, sizeof(device));
	if (rccmd_address_check(t->address, &err) == 0 &&
		rccmd_line(o->wire, sizeof(o->wire), t->is_shutdown,
			a->settings.allow_unverified_templates, t->text, &words, &err) == 0)
		return;
	o->wire[0] = '\0';
	bb_copy(o->reason, sizeof(o->reason), err.text);
}

static void run_record(void *arg, const struct plan *p)
{
	struct app *a = arg;
	struct bb_buf evidence = { 0 };

	a->counters.runs += p->state == PLAN_RUNNING;
	ledger_run(a->ledger, p, evidence_json(a, p, &evidence));
	bb_buf_fini(&evidence);
}

static void order_record(void *arg, struct plan *p, struct order *o)
{
	struct app *a = arg;

	a->counters.orders += o->state == ORDER_SENT;
	if (o->state == ORDER_FAILED) {
		a->counters.failures++;
		snprintf(a->failed, sizeof(a->failed), "plan %s, target %s: %s", p->key, o->name,
			o->reason);
	}
	ledger_order(a->ledger, p, o);
	bb_log(EV_ORDER, BB_STR("plan", p->key), BB_UINT("run", p->run), BB_STR("target", o->name),
		BB_STR("address", o->address), BB_STR("state", order_state_name(o->state)),
		BB_STR("line", o->wire), BB_STR("reason", o->reason));
}

void act_on_order_durable(void *arg, uint64_t plan_id, uint64_t run, uint64_t target_id,
	enum order_state state)
{
	struct app *a = arg;
	struct plan *p = act_plan(a, plan_id);
	struct order *o = p && p->run == run ? plan_order(p, target_id) : NULL;

	if (!o || o->state != state)
		return;
	/* It leaves with the next tick, the one place where things are decided. */
	plan_order_durable(o);
}

static bool send_order(void *arg, const struct plan *p, struct order *o)
{
	struct app *a = arg;
	struct bb_err err;

	if (rccmd_send(a->rccmd, o->address, o->port, o->wire, &err) < 0) {
		bb_copy(o->reason, sizeof(o->reason), err.text);
		return false;
	}
	test_kill("after_sendto");
	a->counters.datagrams++;
	return true;
}

static void changed(void *arg, const struct plan *p, enum plan_state from, enum plan_event ev)
{
	struct app *a = arg;

	if (p->state == PLAN_IDLE && from == PLAN_CLOSING)
		a->failed[0] = '\0';
	bb_log(EV_RUN, BB_STR("plan", p->key), BB_STR("mode", plan_mode_name(p->mode)),
		BB_STR("from", plan_state_name(from)), BB_STR("to", plan_state_name(p->state)),
		BB_UINT("run", p->has_open_run ? p->run : 0));
	if (p->state == PLAN_HOLD && ev == PLAN_EV_UNPROVEN)
		bb_log(EV_EVIDENCE_MISSING, BB_STR("plan", p->key));
}

const struct plan_ops act_ops = { .render = render,
	.run_record = run_record,
	.order_record = order_record,
	.send = send_order,
	.changed = changed };

void act_turn(struct app *a)
{
	uint64_t now_ms = bb_clock_boot_ms();

	for (size_t i = 0; i < a->n_plans; i++) {
		struct plan_view v = act_view(a, a->plan[i], now_ms);

		plan_turn(a->plan[i], &v, &act_ops, a);
	}
}

void act_away(struct app *a)
{
	uint64_t now_ms = bb_clock_boot_ms();

	evidence_discontinuity(a->evidence, now_ms);
	for (size_t i = 0; i < a->n_plans; i++)
		plan_away(a->plan[i], now_ms, &act_ops, a);
	a->tick_ms = now_ms;
	bb_sub_resync(a->sub);
}

/* ---- what others see of it ---- */

struct sums {
	size_t armed, open, unproven, unsimulated, awaiting, bad_targets;
	const struct plan *first_unproven, *first_unsimulated, *first_awaiting;
	char bad_target[1024];
};

static void sum_targets(struct sums *s, const struct app *a, const struct plan *p)
{
	for (size_t i = 0; i < p->n_targets; i++) {
		const struct plan_target *t = &p->target[i];
		struct rccmd_words w = { .device = "", .plan = "", .run = 0 };
		char line[ORDER_WIRE_MAX];
		struct bb_err err;

		if (rccmd_address_check(t->address, &err) == 0 &&
			rccmd_line(line, sizeof(line), t->is_shutdown,
				a->settings.allow_unverified_templates, t->text, &w, &err) == 0)
			continue;
		if (!s->bad_targets++)
			snprintf(s->bad_target, sizeof(s->bad_target), "plan %s, target %s: %s",
				p->key, t->name, err.text);
	}
}

static void sum(struct sums *s, const struct app *a, const struct plan *p)
{
	bool is_unproven =
		p->unproven_ms && bb_clock_boot_ms() - p->unproven_ms >= UNPROVEN_GRACE_MS;

	s->armed += p->state == PLAN_ARMED;
	s->open += p->has_open_run;
	s->unproven += is_unproven;
	if (is_unproven && !s->first_unproven)
		s->first_unproven = p;
	s->awaiting += p->is_awaiting;
	if (p->is_awaiting && !s->first_awaiting)
		s->first_awaiting = p;
	if (p->mode != PLAN_SIMULATE && p->simulated_version != p->version) {
		s->unsimulated++;
		if (!s->first_unsimulated)
			s->first_unsimulated = p;
	}
	sum_targets(s, a, p);
}

static void trouble(struct bb_pub *pub, bool is_there, const char *code, unsigned severity,
	const char *fmt, ...) BB_PRINTF(5, 6);
static void trouble(struct bb_pub *pub, bool is_there, const char *code, unsigned severity,
	const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	if (!is_there) {
		bb_pub_trouble(pub, code, 0, "");
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bb_pub_trouble(pub, code, severity, text);
}

static void troubles(struct app *a, const struct sums *s, struct bb_pub *pub)
{
	const char *p = s->first_unproven ? s->first_unproven->key : "",
		   *q = s->first_unsimulated ? s->first_unsimulated->key : "";

	trouble(pub, s->unproven, "plan_not_provable", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR,
		"%zu shutdown plans cannot be judged, plan %s among them: devices without fresh "
		"readings; nothing is sent; check the devices",
		s->unproven, p);
	trouble(pub, s->unsimulated, "plan_not_simulated", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR,
		"%zu shutdown plans would only simulate, plan %s among them: this version was never "
		"simulated; run simulate",
		s->unsimulated, q);
	trouble(pub, s->awaiting, "plan_awaits_confirmation",
		BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL,
		"plan %s waits for an operator to confirm run %llu",
		s->first_awaiting ? s->first_awaiting->key : "",
		(unsigned long long)(s->first_awaiting ? s->first_awaiting->run : 0));
	trouble(pub, s->bad_targets, "plan_refused", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR, "%s",
		s->bad_target);
	trouble(pub, bb_journal_health(ledger_journal(a->ledger)) == BB_JOURNAL_EMERGENCY,
		"journal_emergency", BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL,
		"the ledger cannot be written; orders go on from memory: %s", a->health);
	trouble(pub, a->failed[0], "order_failed", BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL,
		"order not sent: %s", a->failed);
}

void act_heartbeat(void *arg, struct bb_pub *pub)
{
	struct app *a = arg;
	struct sums s = { 0 };
	uint8_t id[16];
	uint64_t cursor = ledger_cursor(a->ledger, id),
		 head = a->log ? bb_pull_client_head(a->log) : 0;

	for (size_t i = 0; i < a->n_plans; i++)
		sum(&s, a, a->plan[i]);
	troubles(a, &s, pub);
	bb_pub_metric(pub, "plans", (double)a->n_plans);
	bb_pub_metric(pub, "plans_armed", (double)s.armed);
	bb_pub_metric(pub, "plans_unproven", (double)s.unproven);
	bb_pub_metric(pub, "runs_open", (double)s.open);
	bb_pub_metric(pub, "runs_total", (double)a->counters.runs);
	bb_pub_metric(pub, "orders_sent_total", (double)a->counters.orders);
	bb_pub_metric(pub, "orders_failed_total", (double)a->counters.failures);
	bb_pub_metric(pub, "datagrams_sent_total", (double)a->counters.datagrams);
	bb_pub_metric(pub, "readings_total", (double)a->counters.readings);
	bb_pub_metric(pub, "alarms_on_battery", (double)ledger_alarms_open(a->ledger));
	bb_pub_metric(pub, "queue_depth",
		(double)bb_journal_queue_depth(ledger_journal(a->ledger)));
	bb_pub_metric(pub, "log_lag_records", head > cursor ? (double)(head - cursor) : 0);
}
