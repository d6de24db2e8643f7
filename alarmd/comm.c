// SPDX-License-Identifier: Apache-2.0
/* Who answers: devices, collectors, the other daemons. One cause gives one alarm: while a collector
 * is lost, or most of its devices fell silent together, the single devices are its consequences and
 * raise nothing of their own. */
#include <stdio.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

#define UNKNOWN BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN
#define MAJOR   BUSBAR__V1__SEVERITY__SEVERITY_MAJOR

#define NETWORK_WINDOW_S  15
#define NETWORK_MIN       5 /* devices */
#define NETWORK_RAISE_PCT 30
#define NETWORK_CLEAR_PCT 15
#define SILENT_NEW_MS     60000 /* a configured device its collector never spoke of */
#define SILENT_MS         30000 /* plus five intervals */

struct publisher *core_publishers(const struct core *c, size_t *n)
{
	*n = c->n_publishers;
	return (struct publisher *)(uintptr_t)c->publishers;
}

struct publisher *publisher_find(struct core *c, const char *name)
{
	for (size_t i = 0; i < c->n_publishers; i++)
		if (strcmp(c->publishers[i].name, name) == 0)
			return &c->publishers[i];
	return NULL;
}

/* NULL when the name is no daemon's name or there are too many: somebody floods us with names. */
struct publisher *publisher_get(struct core *c, const char *name)
{
	struct publisher *p = publisher_find(c, name);
	char key[sizeof(p->name) + 8];

	if (p)
		return p;
	if (c->n_publishers == CORE_PUBLISHERS_MAX || !bb_key_valid(name) || strchr(name, '/') ||
		strlen(name) >= sizeof(p->name))
		return NULL;
	p = &c->publishers[c->n_publishers++];
	*p = (struct publisher){ 0 };
	bb_copy(p->name, sizeof(p->name), name);
	snprintf(key, sizeof(key), "busbar/%s", name);
	p->own = device_new(c, 0, key);
	p->own->publisher = p;
	p->own->comm = COMM_OK;
	p->own->group = group_get(c->groups, "busbar");
	group_join(c->groups, p->own->group, p->own->share);
	return p;
}

/* ---- own-alarms ---- */

static bool is_ours(const char *code)
{
	static const char *const codes[] = { "collector_lost", "daemon_lost", "network_lost" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return false;
}

static bool code_valid(const char *code)
{
	size_t n = strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= 48 && code[n] == '\0';
}

static size_t count_alarms(const struct device *d)
{
	size_t n = 0;

	for (const struct alarm *a = d->alarms; a; a = a->next)
		n++;
	return n;
}

void own_set(struct core *c, struct publisher *p, const char *code, unsigned severity,
	const char *text, bool stands, uint64_t now_ns)
{
	struct alarm *a = alarm_of(p->own, code);

	if (!stands) {
		if (a)
			alarm_apply(c, a, ALARM_FALSE, NULL, now_ns);
		return;
	}
	if (!a && count_alarms(p->own) >= CORE_TROUBLES_MAX)
		return;
	if (!a) {
		a = alarm_new(c, p->own, code, NULL);
		a->severity = (uint8_t)severity;
	}
	replace_text(&a->subject, p->name);
	replace_text(&a->text, text);
	a->missing = 0;
	alarm_set_stale(c, a, false);
	alarm_set_severity(c, a, severity, now_ns);
	alarm_apply(c, a, ALARM_TRUE, NULL, now_ns);
}

void core_trouble(struct core *c, const char *code, unsigned severity, const char *text,
	uint64_t now_ns)
{
	struct publisher *p = publisher_get(c, "alarmd");

	if (p && c->is_live)
		own_set(c, p, code, severity, text, severity != 0, now_ns);
}

bool comm_clock_is_doubtful(struct core *c)
{
	static const char *const codes[] = { "clock_unsynced", "clock_not_set" };
	const struct publisher *p = publisher_find(c, "alarmd");

	for (size_t i = 0; p && i < sizeof(codes) / sizeof(codes[0]); i++) {
		const struct alarm *a = alarm_of(p->own, codes[i]);

		if (a && alarm_is_active(a->st.phase))
			return true;
	}
	return false;
}

void core_heartbeat(struct core *c, const Busbar__V1__Heartbeat *h, uint64_t now_ns)
{
	struct publisher *p = h->publisher ? publisher_get(c, h->publisher) : NULL;

	if (!p || !c->is_live)
		return;
	if (h->role && strcmp(h->role, "collector") == 0)
		p->is_collector = true;
	for (size_t i = 0; i < h->n_trouble; i++) {
		const Busbar__V1__Trouble *t = h->trouble[i];
		if (t->code && code_valid(t->code) && !is_ours(t->code))
			own_set(c, p, t->code, t->severity ? t->severity : UNKNOWN,
				t->text ? t->text : t->code, true, now_ns);
	}
	/* Gone from two heartbeats in a row: over. */
	for (struct alarm *a = p->own->alarms, *next; a; a = next) {
		bool listed = false;
		next = a->next;
		for (size_t i = 0; i < h->n_trouble; i++)
			listed |=
				h->trouble[i]->code && strcmp(h->trouble[i]->code, a->rule_id) == 0;
		if (!listed && !is_ours(a->rule_id) && ++a->missing >= 2)
			alarm_apply(c, a, ALARM_FALSE, NULL, now_ns);
	}
}

/* ---- publishers ---- */

static void each_device_of(struct core *c, struct publisher *p, bool lost, uint64_t now_ns)
{
	for (struct device *d = c->all; d; d = d->next) {
		if (!d->id || d->publisher != p)
			continue;
		d->heard_ms = now_ns / NS_PER_MS;
		if (lost) {
			device_waiting(c, d, ALARM_NOT_GOOD, now_ns);
			device_set_stale(c, d, true);
		}
		device_summarise(c, d);
	}
}

/* A collector no device needs may go without a word; any other daemon that was here is missed. */
static bool is_missed(const struct core *c, const struct publisher *p)
{
	if (p->is_collector && c->has_config)
		return p->is_expected;
	return p->is_expected || p->was_heard;
}

static void publisher_lost(struct core *c, struct publisher *p, uint64_t now_ns)
{
	char text[160];

	p->is_lost = true;
	each_device_of(c, p, true, now_ns);
	for (struct alarm *a = p->own->alarms; a; a = a->next)
		if (!is_ours(a->rule_id))
			alarm_set_stale(c, a, true);
	if (!is_missed(c, p))
		return;
	snprintf(text, sizeof(text),
		p->is_collector ? "%s gives no sign of life; the values of its %u devices are stale"
				: "%s gives no sign of life",
		p->name, p->devices);
	own_set(c, p, p->is_collector ? "collector_lost" : "daemon_lost",
		p->is_collector ? UNKNOWN : MAJOR, text, true, now_ns);
}

static void publisher_back(struct core *c, struct publisher *p, uint64_t now_ns)
{
	bool was_lost = p->is_lost;

	p->is_lost = false;
	p->was_heard = true;
	if (was_lost)
		each_device_of(c, p, false, now_ns);
	own_set(c, p, "collector_lost", UNKNOWN, NULL, false, now_ns);
	own_set(c, p, "daemon_lost", MAJOR, NULL, false, now_ns);
}

void core_peer(struct core *c, const char *publisher, enum bb_peer_state state, bool new_epoch,
	uint64_t now_ns)
{
	struct publisher *p = publisher_get(c, publisher);

	if (!p || !c->is_live)
		return;
	switch (state) {
	case BB_PEER_ALIVE: publisher_back(c, p, now_ns); break;
	case BB_PEER_SUSPECT: break;
	case BB_PEER_LOST:
		if (!p->is_lost)
			publisher_lost(c, p, now_ns);
		break;
	}
}

/* The configuration changed who is needed. */
void comm_expect(struct core *c, uint64_t now_ns)
{
	for (size_t i = 0; i < c->n_publishers; i++) {
		struct publisher *p = &c->publishers[i];
		struct alarm *a = alarm_of(p->own, "collector_lost");
		if (a && !is_missed(c, p))
			alarm_apply(c, a, ALARM_REMOVED, NULL, now_ns);
		if (p->is_lost && is_missed(c, p) && !alarm_of(p->own, "collector_lost") &&
			!alarm_of(p->own, "daemon_lost"))
			publisher_lost(c, p, now_ns);
	}
}

/* ---- devices ---- */

bool comm_is_trusted(const struct device *d)
{
	return d->publisher && !d->publisher->is_lost;
}

static void window_advance(struct publisher *p, uint64_t now_s)
{
	const size_t n = sizeof(p->window) / sizeof(p->window[0]);
	uint64_t gone = now_s - p->window_s;

	for (uint64_t i = 1; i <= gone && i <= n; i++)
		p->window[(p->window_s + i) % n] = 0;
	p->window_s = now_s;
}

static uint32_t window_sum(const struct publisher *p)
{
	const size_t n = sizeof(p->window) / sizeof(p->window[0]);
	uint32_t sum = 0;

	for (size_t i = 0; i < NETWORK_WINDOW_S; i++)
		sum += p->window[(p->window_s + n - i) % n];
	return sum;
}

/* Keep the publisher's counts of failing devices; a consequence of its parent does not count. */
static void set_failing(const struct core *c, struct device *d, bool failing, uint64_t now_s)
{
	struct publisher *p = d->publisher;
	const size_t n = sizeof(p->window) / sizeof(p->window[0]);

	if (!p || d->is_failing == failing)
		return;
	window_advance(p, now_s);
	d->is_failing = failing;
	if (failing) {
		d->fail_s = now_s;
		d->life.is_counted = !parent_is_failing(c, d);
		p->window[now_s % n] += d->life.is_counted;
	} else if (d->life.is_counted && now_s - d->fail_s < n) {
		p->window[d->fail_s % n]--;
	}
}

void comm_forget(struct core *c, struct device *d)
{
	set_failing(c, d, false,
		d->publisher && d->publisher->window_s > d->fail_s ? d->publisher->window_s
								   : d->fail_s);
}

static struct alarm *comm_alarm(const struct device *d)
{
	return rule_comm(d->rules) ? alarm_of(d, rule_comm(d->rules)->id) : NULL;
}

static bool is_by_network(const struct alarm *a)
{
	const char *cause = a->quiet[QUIET_SUPPRESSED];

	return cause && a->device->publisher && strcmp(cause, a->device->publisher->own->key) == 0;
}

/* Who is asked more often than the others was told before it was clear that it is the network. */
static void network_explain(struct core *c, struct publisher *p, uint64_t now_ns)
{
	for (struct device *d = c->all; d; d = d->next) {
		struct alarm *a = d->id && d->publisher == p ? comm_alarm(d) : NULL;

		if (a && alarm_is_active(a->st.phase) && !a->quiet[QUIET_SUPPRESSED] &&
			d->life.may_be_consequence && d->life.is_counted && d->is_failing &&
			p->window_s - d->fail_s < NETWORK_WINDOW_S)
			quiet_mark(c, a, QUIET_SUPPRESSED, p->own->key, now_ns);
	}
}

static void network_raise(struct core *c, struct publisher *p, uint64_t now_ns)
{
	uint32_t together = window_sum(p);
	char text[200];

	if (p->network_lost || together < NETWORK_MIN ||
		together * 100 <= p->devices * NETWORK_RAISE_PCT)
		return;
	p->network_lost = true;
	snprintf(text, sizeof(text),
		"%u of the %u devices of %s stopped answering within %d s: check its network",
		together, p->devices, p->name, NETWORK_WINDOW_S);
	own_set(c, p, "network_lost", UNKNOWN, text, true, now_ns);
	network_explain(c, p, now_ns);
}

static bool answers(const struct core *c, const struct device *d)
{
	if (d->missed)
		return false;
	for (size_t g = 0; g < CORE_POLL_GROUPS; g++)
		if (d->read_ns[g] > c->epoch_ns && (g == 0 || !d->has_status_group))
			return true;
	return false;
}

/* Over when few are silent that have no alarm of their own; who is still silent then gets one with
 * its next missed poll. After a restart nobody has answered yet, so the alarm stands until they
 * have. */
static void network_clear(struct core *c, struct publisher *p, uint64_t now_ns)
{
	uint32_t unexplained = 0;

	for (const struct device *d = c->all; d; d = d->next) {
		if (!d->id || d->publisher != p || answers(c, d) || parent_is_failing(c, d))
			continue;
		const struct alarm *a = comm_alarm(d);
		unexplained += !a || !alarm_is_active(a->st.phase) || is_by_network(a);
	}
	if (unexplained >= NETWORK_MIN && unexplained * 100 >= p->devices * NETWORK_CLEAR_PCT)
		return;
	p->network_lost = false;
	own_set(c, p, "network_lost", UNKNOWN, NULL, false, now_ns);
}

static void comm_set(struct core *c, struct device *d, enum comm comm, uint64_t now_ns)
{
	if (d->comm == comm)
		return;
	d->comm = comm;
	d->life.parent_back_ns = 0;
	if (comm == COMM_LOST) {
		d->life.lost_ns = now_ns;
		device_waiting(c, d, ALARM_NOT_GOOD, now_ns);
		device_set_stale(c, d, true);
	}
	device_summarise(c, d);
}

/* `cause`: key of what it is a consequence of, or NULL. */
static void comm_step(struct core *c, struct device *d, enum alarm_event ev, const char *reason,
	const char *cause, uint64_t now_ns)
{
	const struct rule *r = rule_comm(d->rules);
	struct alarm *a = r ? alarm_of(d, r->id) : NULL;
	char text[256];

	if (!r || (!a && ev != ALARM_TRUE))
		return;
	if (!a) {
		a = alarm_new(c, d, r->id, r);
		a->lead = (uint16_t)rule_first_term(d->rules, r);
		replace_text(&a->subject, r->term[0].point);
		snprintf(text, sizeof(text), "%s%s%s", r->term[0].text,
			reason && reason[0] ? ": " : "", reason ? reason : "");
		replace_text(&a->text, text);
	}
	if (ev == ALARM_TRUE && !alarm_is_open(a->st.phase)) {
		replace_text(&a->quiet[QUIET_SUPPRESSED], cause);
		d->life.may_be_consequence = !cause;
	}
	alarm_apply(c, a, ev, NULL, now_ns);
}

/* The device is lost; whether by itself or as a consequence, its parent must have said. */
static void comm_raise(struct core *c, struct device *d, const char *reason, uint64_t now_ns)
{
	struct alarm *a = comm_alarm(d);
	const char *cause = NULL;

	if (d->publisher->network_lost)
		return;
	/* The network is well again, this one is not. */
	if (a && is_by_network(a))
		quiet_mark(c, a, QUIET_SUPPRESSED, NULL, now_ns);
	if ((!a || !alarm_is_active(a->st.phase)) &&
		parent_verdict(c, d, now_ns, &cause) == PARENT_WAIT) {
		if (reason)
			replace_text(&d->life.lost_reason, reason);
		return;
	}
	comm_step(c, d, ALARM_TRUE, reason ? reason : d->life.lost_reason, cause, now_ns);
	replace_text(&d->life.lost_reason, NULL);
}

void comm_reading(struct core *c, struct device *d, uint32_t missed, const char *reason,
	uint64_t now_ns)
{
	struct publisher *p = d->publisher;

	d->missed = missed;
	set_failing(c, d, missed >= CORE_MISSED_FAILING, now_ns / NS_PER_S);
	d->life.parent_back_missed += missed != 0;
	if (!missed)
		comm_set(c, d, COMM_OK, now_ns);
	else if (missed >= CORE_MISSED_LOST)
		comm_set(c, d, COMM_LOST, now_ns);
	if (!c->is_live)
		return;
	if (missed == CORE_MISSED_FAILING)
		network_raise(c, p, now_ns);
	if (!missed)
		comm_step(c, d, ALARM_FALSE, NULL, NULL, now_ns);
	else if (missed < CORE_MISSED_LOST)
		comm_step(c, d, ALARM_BETWEEN, NULL, NULL, now_ns);
	else
		comm_raise(c, d, reason, now_ns);
}

/* What waits for the parent's verdict gets it; what is a consequence may cease to be one. */
static void tick_consequence(struct core *c, struct device *d, uint64_t now_ns)
{
	struct alarm *a = comm_alarm(d);

	if (d->comm != COMM_LOST)
		return;
	if (!a || !alarm_is_active(a->st.phase)) {
		if (d->missed >= CORE_MISSED_LOST && rule_comm(d->rules))
			comm_raise(c, d, NULL, now_ns);
	} else if (!is_by_network(a)) {
		parent_tick(c, d, a, now_ns);
	}
}

/* A living collector that no longer speaks of a device: silence is not health. */
void comm_tick_device(struct core *c, struct device *d, uint64_t now_ns)
{
	uint64_t limit_ms =
		d->comm == COMM_NEVER ? SILENT_NEW_MS : SILENT_MS + 5 * (uint64_t)d->interval_ms;

	if (!d->id || !d->is_configured || !comm_is_trusted(d) || !d->publisher->was_heard)
		return;
	if (now_ns / NS_PER_MS - d->heard_ms > limit_ms) {
		comm_set(c, d, COMM_LOST, now_ns);
		comm_raise(c, d, "its collector says nothing about it", now_ns);
	}
	tick_consequence(c, d, now_ns);
}

void comm_tick(struct core *c, uint64_t now_ns)
{
	uint64_t now_ms = now_ns / NS_PER_MS;

	for (size_t i = 0; i < c->n_publishers; i++) {
		struct publisher *p = &c->publishers[i];
		if (p->is_expected && !p->was_heard && !p->is_lost &&
			now_ms - p->waiting_since_ms > CORE_PUBLISHER_GRACE_MS)
			publisher_lost(c, p, now_ns);
		window_advance(p, now_ns / NS_PER_S);
		if (p->network_lost && !p->is_lost)
			network_clear(c, p, now_ns);
	}
}
