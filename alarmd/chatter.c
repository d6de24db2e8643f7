// SPDX-License-Identifier: Apache-2.0
/* An alarm that comes and goes: marked after 3 raises in 60 s or 5 in 10 min. All of them are recorded;
 * people get one message at the mark and one with the true state after 10 quiet minutes. A rise of the
 * severity counts like a raise, and one beyond what was told is told. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

#define QUICK_RAISES 3
#define QUICK_NS     (60 * NS_PER_S)
#define SLOW_RAISES  5
#define SLOW_NS      (600 * NS_PER_S)
#define QUIET_NS     (600 * NS_PER_S)
#define NORMAL       BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL

struct chatter {
	struct chatter *next; /* of the same device */
	char *rule_id;
	struct {
		uint64_t ns, us;
	} raised[SLOW_RAISES];     /* newest first; 0: none */
	uint64_t last_ns, last_us; /* newest raise or clear */
	uint32_t raises;           /* since the mark */
	uint8_t told;              /* worst severity people know of; 0: nobody was told */
	bool is_on, is_marked;     /* is_marked: the record of the mark is there */
	/* What the closing record says when nothing stands. */
	struct alarm_id id;
	uint8_t severity;
	uint64_t raised_us, cleared_us;
	char *subject, *text;
};

static struct chatter *chatter_of(const struct device *d, const char *rule_id)
{
	for (struct chatter *x = d->life.chatters; x; x = x->next)
		if (strcmp(x->rule_id, rule_id) == 0)
			return x;
	return NULL;
}

static struct chatter *chatter_get(struct device *d, const char *rule_id)
{
	struct chatter *x = chatter_of(d, rule_id);

	if (x)
		return x;
	x = bb_calloc(1, sizeof(*x));
	x->rule_id = bb_strdup(rule_id);
	x->next = d->life.chatters;
	d->life.chatters = x;
	return x;
}

static void chatter_drop(struct chatter *x)
{
	free(x->rule_id);
	free(x->subject);
	free(x->text);
	free(x);
}

void chatter_free(struct device *d)
{
	for (struct chatter *x = d->life.chatters, *next; x; x = next) {
		next = x->next;
		chatter_drop(x);
	}
	d->life.chatters = NULL;
}

bool chatter_is_on(const struct device *d, const char *rule_id)
{
	const struct chatter *x = chatter_of(d, rule_id);

	return x && x->is_on;
}

static void note(struct chatter *x, uint64_t ns, uint64_t us)
{
	memmove(&x->raised[1], &x->raised[0], sizeof(x->raised) - sizeof(x->raised[0]));
	x->raised[0].ns = ns ? ns : 1;
	x->raised[0].us = us;
	x->last_ns = ns;
	x->last_us = us;
}

static bool within(const struct chatter *x, unsigned n, uint64_t span_ns)
{
	return x->raised[n - 1].ns && x->raised[0].ns - x->raised[n - 1].ns <= span_ns;
}

static void raised(struct chatter *x, uint64_t ns, uint64_t us)
{
	note(x, ns, us);
	if (x->is_on) {
		x->raises++;
	} else if (within(x, QUICK_RAISES, QUICK_NS) || within(x, SLOW_RAISES, SLOW_NS)) {
		x->is_on = true;
		x->is_marked = false;
		x->raises = within(x, SLOW_RAISES, SLOW_NS) ? SLOW_RAISES : QUICK_RAISES;
		x->told = 0;
	}
}

static void keep(struct chatter *x, const Busbar__V1__Alarm *m)
{
	if (m->id)
		alarm_id_parse(m->id, &x->id);
	x->severity = (uint8_t)m->severity;
	x->raised_us = m->raised_unix_us;
	x->cleared_us = m->cleared_unix_us;
	replace_text(&x->subject, m->subject);
	replace_text(&x->text, m->text);
}

void chatter_raised(struct core *c, struct alarm *a, uint64_t now_ns)
{
	if (!a->is_test)
		raised(chatter_get(a->device, a->rule_id), now_ns, c->env.wall_us(c->env.arg));
}

/* A record of the mark when it is set, and another one when people are told later than that. */
void chatter_announce(struct core *c, struct alarm *a, uint64_t now_ns)
{
	struct chatter *x = chatter_of(a->device, a->rule_id);
	bool is_quiet = alarm_is_quiet(a);
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];

	if (!x || !x->is_on)
		return;
	core_alarm_message(a, &m, id);
	keep(x, &m);
	if (x->is_marked && (is_quiet || (x->told && a->severity >= x->told)))
		return;
	x->is_marked = true;
	quiet_tell(a);
	if (!is_quiet)
		x->told = a->severity;
	a->jseq = c->env.next_jseq(c->env.arg);
	core_alarm_message(a, &m, id);
	a->device->jseq = core_emit(c, &m, "chatter", m.state, m.state, NULL, now_ns);
}

void chatter_cleared(struct core *c, struct alarm *a, uint64_t now_ns)
{
	struct chatter *x = chatter_of(a->device, a->rule_id);

	if (!x)
		return;
	x->last_ns = now_ns;
	x->last_us = c->env.wall_us(c->env.arg);
	x->cleared_us = x->last_us;
}

void chatter_fill(const struct alarm *a, Busbar__V1__Alarm *m)
{
	const struct chatter *x = chatter_of(a->device, a->rule_id);

	m->has_chattering = true;
	m->chattering = x && x->is_on;
	m->has_chatter_raises = m->chattering;
	m->chatter_raises = m->chattering ? x->raises : 0;
}

/* The alarm of a chatter that does not stand at present. */
static void message(const struct device *d, const struct chatter *x, Busbar__V1__Alarm *m, char *id)
{
	*m = (Busbar__V1__Alarm)BUSBAR__V1__ALARM__INIT;
	m->id = alarm_id_print(&x->id, id);
	m->has_device_id = m->has_site_id = m->has_severity = m->has_state = m->has_episode =
		m->has_raised_unix_us = m->has_cleared_unix_us = m->has_told_severity =
			m->has_chattering = true;
	m->device_id = d->id;
	m->key = d->key;
	m->site_id = d->site_id;
	m->rule = x->rule_id;
	m->subject = x->subject;
	m->text = x->text;
	m->episode = x->id.jseq;
	m->severity = x->severity;
	m->state = NORMAL;
	m->raised_unix_us = x->raised_us;
	m->cleared_unix_us = x->cleared_us;
	m->told_severity = x->told;
	m->chattering = x->is_on;
}

/* Ten quiet minutes: the mark goes, and the record shows the alarm as it truly is. */
static void end(struct core *c, struct device *d, struct chatter *x, uint64_t now_ns)
{
	struct alarm *a = alarm_of(d, x->rule_id);
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];

	x->is_on = false;
	if (a && alarm_is_open(a->st.phase)) {
		a->jseq = c->env.next_jseq(c->env.arg);
		if (alarm_is_active(a->st.phase))
			quiet_tell(a);
		else
			a->told_severity = x->told;
		core_alarm_message(a, &m, id);
	} else {
		message(d, x, &m, id);
		m.has_jseq = true;
		m.jseq = c->env.next_jseq(c->env.arg);
	}
	d->jseq = core_emit(c, &m, "chatter_end", m.state, m.state, NULL, now_ns);
	device_summarise(c, d);
}

void chatter_tick(struct core *c, struct device *d, uint64_t now_ns)
{
	for (struct chatter **at = &d->life.chatters; *at;) {
		struct chatter *x = *at;

		if (now_ns < x->last_ns || now_ns - x->last_ns < QUIET_NS) {
			at = &x->next;
			continue;
		}
		if (x->is_on)
			end(c, d, x, now_ns);
		*at = x->next;
		chatter_drop(x);
	}
}

/* ---- records ---- */

uint64_t record_boot_ns(const struct core *c, const Busbar__V1__Transition *t)
{
	uint64_t now_us = c->env.wall_us ? c->env.wall_us(c->env.arg) : 0, age_ns;

	if (t->boot_id.len == 16 && memcmp(t->boot_id.data, c->env.boot_id, 16) == 0)
		return t->at_boot_ns;
	age_ns = now_us > t->at_unix_us ? (now_us - t->at_unix_us) * 1000 : 0;
	return c->epoch_ns > age_ns ? c->epoch_ns - age_ns : 1;
}

static bool is_kind(const Busbar__V1__Transition *t, const char *kind)
{
	return t->kind && strcmp(t->kind, kind) == 0;
}

static bool is_quiet(const Busbar__V1__Alarm *m)
{
	return m->shelved_unix_us || (m->suppressed_by && *m->suppressed_by) ||
	       (m->maintenance && *m->maintenance) || (m->out_of_service && *m->out_of_service);
}

static void replay_mark(struct chatter *x, const Busbar__V1__Alarm *m)
{
	x->is_on = x->is_marked = true;
	if (m->chatter_raises)
		x->raises = m->chatter_raises;
	keep(x, m);
}

bool chatter_replay(struct core *c, struct device *d, const Busbar__V1__Transition *t)
{
	const Busbar__V1__Alarm *m = t->alarm;
	uint64_t ns = record_boot_ns(c, t);
	struct chatter *x;

	if (m->test)
		return false;
	if (is_kind(t, "raise") || is_kind(t, "chatter_raise") ||
		(is_kind(t, "severity") && t->from_severity > m->severity)) {
		x = chatter_get(d, m->rule);
		raised(x, ns, t->at_unix_us);
		if (x->is_on)
			keep(x, m);
	} else if (is_kind(t, "chatter") || is_kind(t, "chatter_mark")) {
		x = chatter_get(d, m->rule);
		replay_mark(x, m);
		if (is_kind(t, "chatter_mark"))
			x->told = (uint8_t)m->told_severity;
		else if (!is_quiet(m))
			x->told = (uint8_t)m->severity;
		x->last_ns = ns;
		x->last_us = t->at_unix_us;
	} else if ((x = chatter_of(d, m->rule)) && is_kind(t, "chatter_end")) {
		x->is_on = false;
		memset(x->raised, 0, sizeof(x->raised));
	} else if (x && (is_kind(t, "clear") || is_kind(t, "removed"))) {
		x->last_ns = ns;
		x->last_us = t->at_unix_us;
		x->cleared_us = m->cleared_unix_us;
	}
	return is_kind(t, "chatter_raise") || is_kind(t, "chatter_mark");
}

void chatter_each(const struct core *c, const struct device *d, life_each_cb *cb, void *arg)
{
	for (const struct chatter *x = d->life.chatters; x; x = x->next) {
		Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
		Busbar__V1__Alarm m;
		char id[ALARM_ID_CHARS];

		message(d, x, &m, id);
		t.alarm = &m;
		t.has_boot_id = t.has_at_boot_ns = t.has_at_unix_us = true;
		t.boot_id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)c->env.boot_id };
		t.kind = "chatter_raise";
		for (int i = SLOW_RAISES - 1; i >= 0; i--) {
			t.at_boot_ns = x->raised[i].ns;
			t.at_unix_us = x->raised[i].us;
			if (x->raised[i].ns)
				cb(arg, &t);
		}
		t.kind = "chatter_mark";
		t.at_boot_ns = x->last_ns;
		t.at_unix_us = x->last_us;
		m.has_chatter_raises = true;
		m.chatter_raises = x->raises;
		if (x->is_on)
			cb(arg, &t);
	}
}
