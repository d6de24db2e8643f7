// SPDX-License-Identifier: Apache-2.0
/* From a datagram to an event: whose it is, whether it was there before, what it means, and what
 * follows: the record, the answer of an inform, the look at the device. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/events.h"
#include "collectors/snmptrap/trapd.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

#define INFO           BUSBAR__V1__SEVERITY__SEVERITY_INFO
#define INFORM_KEEP_MS 120000
#define UNKNOWN_SHOWN  12 /* varbinds of a trap nobody knows, in its text */

/* ---- who is not known ---- */

void handle_stranger(struct trapd *t, const struct source *from, unsigned version,
	const struct trap *trap, const char *reason)
{
	struct stranger s = { .from = from->address, .version = (uint8_t)version };
	char address[INET6_ADDRSTRLEN];
	uint64_t repeats;

	s.first_us = s.last_us = bb_clock_real_us();
	bb_copy(s.reason, sizeof(s.reason), reason);
	if (trap)
		message_oid_print(trap->id, trap->n_id, s.oid, sizeof(s.oid));
	if (strangers_hear(t->strangers, &s) == 1 && bb_log_due(&t->log_limit, reason, &repeats))
		bb_log(EV_NOTE, BB_STR("text", "a trap was not taken"),
			BB_STR("source", address_print(&from->address, address)),
			BB_STR("reason", reason), BB_UINT("repeats", repeats));
}

/* ---- answers ---- */

struct answer *answer_make(struct trapd *t, const struct source *to, const void *data, size_t len)
{
	struct answer *a = bb_malloc(sizeof(*a) + len);

	*a = (struct answer){ .t = t, .to = *to, .len = len };
	memcpy(a->data, data, len);
	return a;
}

static void send_answer(const struct answer *a)
{
	receive_send(a->t, &a->to, a->data, a->len);
	a->t->n.answered++;
}

/* The record of an inform is on disk, or cannot be: then the sender gets no answer and asks again. */
static void on_inform_stored(void *arg, bool durable)
{
	struct answer *a = arg;

	informs_settle(a->t->informs, &a->key, durable);
	if (durable)
		send_answer(a);
	a->t->n.stored += durable;
	a->t->n.not_stored += !durable;
	free(a);
}

static void on_trap_stored(void *arg, bool durable)
{
	struct trapd *t = arg;

	t->n.stored += durable;
	t->n.not_stored += !durable;
}

/* ---- the event ---- */

struct words {
	char code[64], text[600], comment[2000], oid[400], source[80];
	struct device_event_varbind varbind[MESSAGE_VARBINDS];
};

static void say_values(const struct trap *trap, char *out, size_t cap)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < trap->n_value && i < UNKNOWN_SHOWN && at < cap; i++)
		at += (size_t)snprintf(out + at, cap - at, "%s%s = %s", i ? ", " : "",
			trap->value[i].oid, trap->value[i].value);
}

static void say_clears(const struct meaning *m, char *out, size_t cap)
{
	size_t at = (size_t)snprintf(out, cap, "ends ");

	for (unsigned i = 0; i < m->n_clears && at < cap; i++)
		at += (size_t)snprintf(out + at, cap - at, "%s%s", i ? ", " : "", m->clears[i]);
}

static void find_words(const struct trap *trap, const struct meaning *m, struct words *w)
{
	message_oid_print(trap->id, trap->n_id, w->oid, sizeof(w->oid));
	w->comment[0] = '\0';
	if (m) {
		bb_copy(w->code, sizeof(w->code), m->code);
		snprintf(w->text, sizeof(w->text), "%s%s%.200s", m->text,
			trap->first_text ? ": " : "", trap->first_text ? trap->first_text : "");
		if (m->n_clears)
			say_clears(m, w->comment, sizeof(w->comment));
	} else {
		bb_copy(w->code, sizeof(w->code), "unknown");
		snprintf(w->text, sizeof(w->text), "trap %s, which no profile knows%s%.150s",
			w->oid, trap->first_text ? ": " : "",
			trap->first_text ? trap->first_text : "");
		say_values(trap, w->comment, sizeof(w->comment));
	}
	for (size_t i = 0; i < trap->n_value; i++)
		w->varbind[i] = (struct device_event_varbind){ trap->value[i].oid,
			trap->value[i].type, trap->value[i].value };
}

static void find_source(const struct source *from, const struct trap *trap, bool by_agent,
	struct words *w)
{
	char address[INET6_ADDRSTRLEN];

	snprintf(w->source, sizeof(w->source), "%s", address_print(&from->address, address));
	if (by_agent) {
		size_t n = strlen(w->source);
		snprintf(w->source + n, sizeof(w->source) - n, " for %u.%u.%u.%u", trap->agent[0],
			trap->agent[1], trap->agent[2], trap->agent[3]);
	}
}

/* The same for the same message sent twice, for an inform also by another process of ours. */
static void event_key(const struct source *from, const struct trap *trap, uint8_t key[32])
{
	struct {
		struct address from;
		int64_t request_id;
		uint64_t hash, oid;
		uint64_t uptime_cs;
	} what = { .from = from->address,
		.request_id = trap->request_id,
		.hash = trap->hash,
		.oid = bb_hash(trap->id, trap->n_id * sizeof(*trap->id)),
		.uptime_cs = trap->uptime_cs };

	bb_blake2b_256(&what, sizeof(what), key);
}

static bool is_repetition(struct trapd *t, const struct source *from, const struct sender *d,
	const struct trap *trap, const struct meaning *m, const struct words *w)
{
	uint64_t name = bb_hash(trap->id, trap->n_id * sizeof(*trap->id));
	struct repeat r = {
		.device_id =
			d ? d->id : bb_hash(&from->address, sizeof(from->address)) | 1ULL << 63,
		/* What a device says again each minute has other values each minute. */
		.hash = m && m->repeats_s ? name : name * 1099511628211U ^ trap->hash,
		.keep_ms = (uint64_t)t->set.repeat_ms,
	};

	if (m && m->repeats_s && r.keep_ms < m->repeats_s * 1500U)
		r.keep_ms = m->repeats_s * 1500U;
	bb_copy(r.code, sizeof(r.code), w->code);
	snprintf(r.oid, sizeof(r.oid), "%.255s", w->oid);
	snprintf(r.source, sizeof(r.source), "%.47s", w->source);
	return repeats_hear(t->repeats, &r, bb_loop_now_ms(t->loop));
}

void handle_trap(struct trapd *t, const struct source *from, struct sender *d,
	const struct trap *trap, bool is_authenticated, const char *user, struct answer *answer)
{
	const struct meaning *m = meanings_find(t->meanings, trap->id, trap->n_id);
	struct words w;
	uint8_t key[32];

	find_words(trap, m, &w);
	find_source(from, trap, d && memcmp(&d->address, &from->address, sizeof(d->address)), &w);
	if (d && (!m || m->poll))
		hint(t, d);
	for (struct sender *x = d || !from->place ? NULL : from->place->first; x; x = x->next_here)
		hint(t, x);
	if (!answer && is_repetition(t, from, d, trap, m, &w)) {
		t->n.duplicates++;
		return;
	}
	bool is_test =
		d && windows_trap(t->windows, d->id, (int64_t)(bb_clock_real_us() / 1000000));
	event_key(from, trap, key);
	const struct device_event ev = {
		.device_id = d ? d->id : 0,
		.site_id = d ? d->site_id : 0,
		.key = d ? d->key : "",
		.kind = answer ? "inform" : "trap",
		.code = w.code,
		.text = w.text,
		.comment = w.comment,
		.source = w.source,
		.user = user,
		.oid = w.oid,
		.severity = is_test || !m ? INFO : m->severity,
		.event_key = key,
		.is_authenticated = is_authenticated,
		.is_test = is_test || (m && m->test),
		.varbind = w.varbind,
		.n_varbind = trap->n_value,
	};
	if (answer)
		events_put(t->events, &ev, on_inform_stored, answer);
	else
		events_put(t->events, &ev, on_trap_stored, t);
}

/* A run of repetitions, told as one number. */
void on_repeats(void *arg, const struct repeat *r)
{
	struct trapd *t = arg;
	const struct sender *d =
		r->device_id >> 63 ? NULL : senders_by_id(t->senders, r->device_id);
	char text[160];

	snprintf(text, sizeof(text), "%.63s came %u more time%s", r->code, r->count,
		r->count == 1 ? "" : "s");
	const struct device_event ev = {
		.device_id = d ? d->id : 0,
		.site_id = d ? d->site_id : 0,
		.key = d ? d->key : "",
		.kind = "trap",
		.code = r->code,
		.text = text,
		.source = r->source,
		.oid = r->oid,
		.severity = INFO,
		.count = r->count,
	};
	events_put(t->events, &ev, on_trap_stored, t);
}

void on_window(void *arg, const struct window *w, enum window_result r)
{
	struct trapd *t = arg;
	const struct sender *d = senders_by_id(t->senders, w->device_id);
	char text[200], source[40], when[32], start[40];

	if (!d)
		return;
	bb_clock_rfc3339((uint64_t)w->start_s * 1000000, when);
	snprintf(source, sizeof(source), "window/%" PRIu64, w->id);
	snprintf(start, sizeof(start), "start %" PRId64, w->start_s);
	if (r == WINDOW_MISSED)
		snprintf(text, sizeof(text), "no test trap came in the %u minutes from %s%s%.60s",
			w->minutes, when, *w->name ? ": " : "", w->name);
	else
		snprintf(text, sizeof(text), "the test trap expected from %s came%s%.60s", when,
			*w->name ? ": " : "", w->name);
	const struct device_event ev = {
		.device_id = d->id,
		.site_id = d->site_id,
		.key = d->key,
		.kind = "test_window",
		.code = r == WINDOW_PASSED ? "passed" : "missed",
		.text = text,
		.comment = start,
		.source = source,
		.severity = r == WINDOW_PASSED ? INFO : BUSBAR__V1__SEVERITY__SEVERITY_MINOR,
		.is_test = true,
	};
	events_put(t->events, &ev, on_trap_stored, t);
}

/* ---- v1 and v2c ---- */

/* The device by the address the datagram came from; behind a translated address by the one the agent
 * gave. NULL with *several: the address is shared. */
static struct sender *find_device(struct trapd *t, const struct source *from,
	const struct trap *trap, bool *several)
{
	const struct place *p = from->place;

	*several = false;
	if (!p && trap->has_agent && t->agent_policy == AGENT_FALLBACK) {
		struct address a = { .b = { [10] = 0xff, [11] = 0xff } };
		memcpy(a.b + 12, trap->agent, 4);
		p = senders_at(t->senders, &a);
	}
	*several = p && p->n > 1;
	return p && p->n == 1 ? p->first : NULL;
}

/* False: it came before; it was answered if it is on disk. */
static bool is_first_inform(struct trapd *t, struct answer *a, const struct message *m,
	const struct trap *trap)
{
	a->key = (struct inform_key){ .from = a->to.address,
		.port = a->to.name.ss_family == AF_INET6
				? ((const struct sockaddr_in6 *)&a->to.name)->sin6_port
				: ((const struct sockaddr_in *)&a->to.name)->sin_port,
		.version = m->version,
		.request_id = (uint32_t)trap->request_id,
		.hash = trap->hash };
	enum inform_state s =
		informs_hear(t->informs, &a->key, bb_loop_now_ms(t->loop), INFORM_KEEP_MS);

	if (s == INFORM_NEW)
		return true;
	t->n.duplicates++;
	if (s == INFORM_STORED)
		send_answer(a);
	return false;
}

bool handle_inform_first(struct trapd *t, struct answer *a, const struct message *m,
	const struct trap *trap)
{
	if (is_first_inform(t, a, m, trap))
		return true;
	free(a);
	return false;
}

static void community_datagram(struct trapd *t, const struct source *from, const uint8_t *data,
	size_t len, const struct message *m)
{
	struct trap *trap = &t->trap;
	struct answer *a = NULL;
	const char *why;
	bool several;

	if (message_read(&m->pdu, trap, &why)) {
		t->n.malformed++;
		handle_stranger(t, from, m->version, NULL, why);
		return;
	}
	struct sender *d = find_device(t, from, trap, &several);
	if (!d && !several) {
		t->n.unknown++;
		handle_stranger(t, from, m->version, trap, "no device has this address");
		return;
	}
	if (trap->pdu_tag == BER_INFORM) {
		a = answer_make(t, from, data, len);
		if (!message_make_response(a->data + m->pdu_at, len - m->pdu_at)) {
			free(a);
			return;
		}
		if (!handle_inform_first(t, a, m, trap))
			return;
	}
	handle_trap(t, from, d, trap, false, "", a);
}

void handle_datagram(struct trapd *t, const struct source *from, const uint8_t *data, size_t len)
{
	struct message m;
	const char *why;

	if (message_peek(data, len, &m, &why)) {
		t->n.malformed++;
		handle_stranger(t, from, m.version, NULL, why);
		return;
	}
	if (m.version == 3)
		v3_datagram(t, from, data, len, &m);
	else
		community_datagram(t, from, data, len, &m);
}
