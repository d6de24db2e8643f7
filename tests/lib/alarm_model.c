// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/alarm_model.h"

#include <string.h>

enum { STATUS, MEASURE };
#define LIMIT_MS(group) (5000 + 3 * ((group) == MEASURE ? 10000u : 2000u))

const char *const model_rules[] = { "on_battery", "low_battery", "charger_failed", "temperature",
	"comm_lost", "own" };
const char *const model_kinds[] = { "raise", "clear", "ack", "unack", "take", "comment", "shelve",
	"unshelve", "severity", "removed" };

bool model_has_rule(unsigned object, unsigned rule)
{
	return (object >= MODEL_DEVICES) == (rule == OWN);
}

static void note(struct model_object *o, unsigned rule, enum model_kind kind)
{
	o->count[rule][kind]++;
}

static void raise_alarm(struct model_object *o, unsigned rule)
{
	struct model_alarm *a = &o->alarm[rule];

	a->quiet = 0;
	if (a->open)
		return;
	a->open = true;
	a->acked = false;
	a->episode++;
	note(o, rule, RAISED);
}

static void clear_alarm(struct model_object *o, unsigned rule, enum model_kind kind)
{
	struct model_alarm *a = &o->alarm[rule];

	if (a->open)
		note(o, rule, kind);
	a->open = a->acked = false;
	a->quiet = 0;
}

/* Conditions that are believed at once; their end is believed when it was read twice. */
static void bit(struct model_object *o, unsigned rule, bool is_set, bool good)
{
	struct model_alarm *a = &o->alarm[rule];

	if (!good)
		a->quiet = 0;
	else if (is_set)
		raise_alarm(o, rule);
	else if (a->open && ++a->quiet == 2)
		clear_alarm(o, rule, CLEARED);
}

static void no_run(struct model_object *o)
{
	o->run = 0;
	o->rising = o->falling = false;
}

static void no_hold(struct model_object *o)
{
	for (unsigned r = 0; r < MODEL_RULES; r++)
		o->alarm[r].quiet = 0;
	no_run(o);
}

static void hot_due(struct model_object *o, uint64_t now)
{
	if (o->run < 2 || now - o->run_since < 10000)
		return;
	if (o->rising)
		raise_alarm(o, HOT);
	if (o->falling)
		clear_alarm(o, HOT, CLEARED);
	no_run(o);
}

/* Above 40 degrees raises, below 38 clears; both must last ten seconds and two readings. */
static void temperature(struct model *m, struct model_object *o, double degrees, bool good)
{
	bool is_hot = o->alarm[HOT].open, up = good && degrees > 40 && !is_hot,
	     down = good && degrees < 38 && is_hot;

	if (down && o->half)
		return;
	if (!up && !down) {
		no_run(o);
		return;
	}
	if (!o->run++)
		o->run_since = m->now;
	o->rising = up;
	o->falling = down;
	hot_due(o, m->now);
}

static void lose(struct model_object *o)
{
	if (o->comm != HEARD_LOST)
		no_hold(o);
	o->comm = HEARD_LOST;
}

/* The device answered. */
static void answered(struct model_object *o)
{
	o->comm = HEARD_OK;
	bit(o, COMM, false, true);
}

static void evaluate(struct model *m, struct model_object *o, const struct op *op, int group,
	bool good)
{
	if (group == MEASURE) {
		temperature(m, o, op->number / 2.0, good && !op->quality);
		return;
	}
	bit(o, ON_BATTERY, op->flags & WORD_OB, good && !op->quality);
	bit(o, LOW_BATTERY, op->flags & WORD_LB, good && !op->quality);
	if (op->flags & FLAG_TOLD)
		bit(o, CHARGER, op->flags & FLAG_SET, good && !(op->flags & FLAG_BAD));
}

static void reading(struct model *m, struct model_object *o, const struct op *op, int group,
	uint64_t sampled)
{
	bool good = m->now - sampled <= LIMIT_MS(group);

	o->said[group] = sampled + 1;
	if (group == STATUS)
		o->right_number = false; /* the number of a refused reading confirms nothing */
	if (sampled + 1 <= o->newest[group])
		return;
	o->newest[group] = sampled + 1;
	if (group == STATUS) {
		o->has_status = o->right_number = true;
		o->half = false;
		o->missed = 0;
	}
	if (group == STATUS || !o->has_status) {
		o->heard = m->now;
		o->interval = group == STATUS ? 2000 : 10000;
		if (sampled > m->epoch)
			answered(o);
	}
	if (sampled > m->epoch)
		evaluate(m, o, op, group, good);
}

static enum model_answer confirm(struct model *m, struct model_object *o, bool wrong)
{
	if (!o->said[STATUS])
		return ANSWER_NONE;
	if (wrong || !o->has_status || !o->right_number || o->missed ||
		m->now + 1 <= o->newest[STATUS])
		return ANSWER_OK;
	o->newest[STATUS] = m->now + 1;
	o->heard = m->now;
	if (m->now > m->epoch)
		answered(o);
	return ANSWER_OK;
}

static void miss(struct model *m, struct model_object *o)
{
	o->missed++;
	o->has_status = true;
	o->right_number = false;
	o->newest[STATUS] = m->now + 1;
	o->heard = m->now;
	o->interval = 2000;
	if (m->now <= m->epoch)
		return;
	if (o->missed >= 3) {
		lose(o);
		bit(o, COMM, true, true);
	} else {
		o->alarm[COMM].quiet = 0;
	}
}

/* ---- time ---- */

static int64_t wall(const struct model *m, uint64_t now)
{
	return (int64_t)now + m->wall_step;
}

static void shelves_end(struct model *m, struct model_object *o, uint64_t now)
{
	for (unsigned r = 0; r < MODEL_RULES; r++) {
		struct model_alarm *a = &o->alarm[r];
		if (!a->shelf.on ||
			(a->shelf.until_ms > wall(m, now) && !(a->shelf.until_clear && !a->open)))
			continue;
		a->shelf.on = false;
		note(o, r, UNSHELVED);
	}
}

static void second(struct model *m, struct model_object *o, uint64_t now)
{
	uint64_t limit = o->comm == HEARD_NEVER ? 60000 : 30000 + 5 * o->interval;

	if (o < m->o + MODEL_DEVICES && o->exists) {
		if (!o->missed && !m->collector_lost && o->run)
			hot_due(o, now);
		if (!m->collector_lost && now - o->heard > limit) {
			lose(o);
			bit(o, COMM, true, true);
		}
	}
	shelves_end(m, o, now);
}

static void time_goes_on(struct model *m, uint64_t to)
{
	for (uint64_t t = (m->now / 1000 + 1) * 1000; t <= to; t += 1000)
		for (unsigned i = 0; i < MODEL_OBJECTS; i++)
			second(m, &m->o[i], t);
	m->now = to;
}

static void collector_toggles(struct model *m)
{
	m->collector_lost = !m->collector_lost;
	for (unsigned i = 0; i < MODEL_DEVICES; i++) {
		if (m->collector_lost)
			no_hold(&m->o[i]);
		m->o[i].heard = m->now;
	}
	if (m->collector_lost)
		raise_alarm(&m->o[MODEL_COLLECTOR], OWN);
	else
		clear_alarm(&m->o[MODEL_COLLECTOR], OWN, CLEARED);
}

/* What is open stays; what was being counted starts again; nothing is evidence that is older. */
static void begins_again(struct model *m, bool is_restart)
{
	m->epoch = m->now;
	for (unsigned i = 0; i < MODEL_OBJECTS; i++) {
		struct model_object *o = &m->o[i];
		no_hold(o);
		o->heard = m->now;
		if (!is_restart)
			continue;
		o->alarm[OWN].unlisted = 0;
		o->missed = 0;
		o->interval = o->newest[STATUS] = o->newest[MEASURE] = 0;
		o->has_status = o->right_number = false;
		o->comm = HEARD_NEVER;
		o->half = o->alarm[HOT].open;
	}
}

/* ---- people ---- */

static bool change(struct model_object *o, unsigned rule, enum model_kind kind, bool acked)
{
	note(o, rule, kind);
	o->alarm[rule].acked = acked;
	return true;
}

/* Returns whether there is a record of it; the answer is *ok. */
static bool to_open(struct model *m, struct model_object *o, const struct op *op, bool *ok)
{
	struct model_alarm *a = &o->alarm[op->rule];
	int64_t ms = (int64_t)op->a;

	*ok = true;
	switch (op->flags) {
	case DEED_ACK: return a->acked ? false : change(o, op->rule, ACKED, true);
	case DEED_TAKE: return change(o, op->rule, a->acked ? TAKEN : ACKED, true);
	case DEED_UNACK: return *ok = a->acked ? change(o, op->rule, UNACKED, false) : false;
	case DEED_COMMENT: return *ok = op->a ? change(o, op->rule, COMMENTED, a->acked) : false;
	case DEED_SHELVE:
		*ok = ms !=
		      1; /* 0: until it clears; 1: a time that is over; more: until then, odd: or until it clears */
		if (!*ok)
			return false;
		a->shelf.on = true;
		a->shelf.until_clear = ms == 0 || ms & 1;
		a->shelf.until_ms = wall(m, m->now) + (ms ? ms : INT64_C(604800000));
		a->shelf.episode = a->episode;
		note(o, op->rule, SHELVED);
		return true;
	default: return *ok = false;
	}
}

static enum model_answer deed(struct model *m, struct model_object *o, const struct op *op)
{
	struct model_alarm *a = &o->alarm[op->rule];
	unsigned episode = a->episode - op->quality;
	bool ok = false, is_recorded = false, is_current = a->open && op->quality == 0;

	if (!o->exists || a->episode <= op->quality || episode >= 64)
		return ANSWER_NONE;
	uint8_t *memo = &m->memo[op->number][o - m->o][op->rule][episode];
	if (*memo && op->number)
		return ANSWER_OK;
	if (op->flags == DEED_UNSHELVE && a->shelf.on &&
		(is_current || a->shelf.episode == episode)) {
		a->shelf.on = false;
		note(o, op->rule, UNSHELVED);
		ok = is_recorded = true;
	} else if (op->flags != DEED_UNSHELVE && is_current) {
		is_recorded = to_open(m, o, op, &ok);
	}
	*memo |= is_recorded;
	return ok ? ANSWER_OK : ANSWER_REFUSED;
}

/* ---- the rest ---- */

static void trouble(struct model_object *o, unsigned severity)
{
	struct model_alarm *a = &o->alarm[OWN];

	if (!severity) {
		if (a->open && ++a->unlisted >= 2)
			clear_alarm(o, OWN, CLEARED);
		return;
	}
	a->unlisted = 0;
	if (a->open && severity != a->severity) {
		note(o, OWN, SEVERITY);
		a->acked &= severity > a->severity; /* 1 is the worst */
	}
	a->severity = severity;
	raise_alarm(o, OWN);
}

static void remove_object(struct model_object *o)
{
	for (unsigned r = 0; r < MODEL_RULES; r++) {
		clear_alarm(o, r, REMOVED);
		o->alarm[r] = (struct model_alarm){ 0 };
	}
	o->exists = false;
}

static enum model_answer add(struct model *m, struct model_object *o)
{
	unsigned count[MODEL_RULES][MODEL_KINDS];
	unsigned i = (unsigned)(o - m->o);

	if (o->exists)
		return ANSWER_NONE;
	memcpy(count, o->count, sizeof(count));
	*o = (struct model_object){ .exists = true, .heard = m->now };
	memcpy(o->count, count, sizeof(count));
	for (unsigned k = 0; k < MODEL_KEYS; k++) /* its episodes are others */
		memset(m->memo[k][i], 0, sizeof(m->memo[k][i]));
	return ANSWER_OK;
}

void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (unsigned i = 0; i < MODEL_OBJECTS; i++)
		m->o[i].exists = true;
}

static enum model_answer said(struct model *m, struct model_object *o, const struct op *op)
{
	uint64_t age = op->a < m->now ? op->a : 0;

	if (!o->exists)
		return ANSWER_NONE;
	switch (op->kind) {
	case OP_STATUS: reading(m, o, op, STATUS, m->now - age); return ANSWER_OK;
	case OP_MEASURE: reading(m, o, op, MEASURE, m->now - age); return ANSWER_OK;
	case OP_CONFIRM: return confirm(m, o, op->flags & 1);
	case OP_AGAIN:
		if (!o->said[op->flags & 1])
			return ANSWER_NONE;
		reading(m, o,
			&(struct op){ .flags = WORD_OB | WORD_LB | FLAG_TOLD | FLAG_SET,
				.number = 100 },
			op->flags & 1, o->said[op->flags & 1] - 1);
		return ANSWER_OK;
	default:
		if (m->now + 1 <= o->newest[STATUS])
			return ANSWER_NONE;
		miss(m, o);
		return ANSWER_OK;
	}
}

enum model_answer model_op(struct model *m, const struct op *op)
{
	struct model_object *o = &m->o[op->object];

	switch ((enum op_kind)op->kind) {
	case OP_TIME: time_goes_on(m, m->now + op->a); break;
	case OP_STATUS:
	case OP_MEASURE:
	case OP_AGAIN:
	case OP_CONFIRM:
	case OP_MISS: return said(m, o, op);
	case OP_DEED: return deed(m, o, op);
	case OP_RESTART: begins_again(m, true); break;
	case OP_PAUSE: begins_again(m, false); break;
	case OP_PEER: collector_toggles(m); break;
	case OP_CLOCK: m->wall_step += op->step * 1000; break;
	case OP_EVENT:
		if (m->events == MODEL_EVENTS)
			return ANSWER_NONE;
		m->events++;
		break;
	case OP_EVENT_AGAIN: return op->number < m->events ? ANSWER_OK : ANSWER_NONE;
	case OP_REMOVE:
		if (!o->exists || !op->object)
			return ANSWER_NONE;
		remove_object(o);
		break;
	case OP_ADD: return add(m, o);
	case OP_TROUBLE: trouble(&m->o[MODEL_NOTIFYD], op->number); break;
	case OP_SNAPSHOT:
	case OP_KINDS: break;
	}
	return ANSWER_OK;
}
