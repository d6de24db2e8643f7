// SPDX-License-Identifier: Apache-2.0
/* SNMPv3. The sender of a trap is the authority: its user's key is fitted to the engine the message
 * names, so whoever knows the password proves it, and engines need not be known before. Informs are
 * addressed to our engine; a sender finds it out by a report, and is answered under the same key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmptrap/trapd.h"
#include "common/str.h"

#define TIME_WINDOW_S 150
#define REPORTABLE    4

enum usm_stat { STAT_LEVEL = 1, STAT_TIME = 2, STAT_USER = 3, STAT_ENGINE = 4, STAT_DIGEST = 5 };

static struct ber own_engine(const struct trapd *t)
{
	return (struct ber){ t->identity.id, t->identity.id + t->identity.n };
}

static bool is_own(const struct trapd *t, const struct ber *e)
{
	return ber_left(e) == t->identity.n && !memcmp(e->at, t->identity.id, t->identity.n);
}

static void refuse(struct trapd *t, const struct source *from, const char *reason)
{
	t->n.auth_failures++;
	handle_stranger(t, from, 3, NULL, reason);
}

/* Only to addresses of devices, and only when asked for: strangers get nothing to work with. */
static void report(struct trapd *t, const struct source *from, const struct message *m,
	enum usm_stat stat, const struct usm_keys *keys)
{
	uint8_t pdu[128], out[512];
	struct usm_reply r = { .engine_id = own_engine(t),
		.user = m->user,
		.boots = t->identity.boots,
		.time = identity_time(&t->identity),
		.msg_id = m->msg_id,
		.keys = keys,
		.pdu = pdu };

	if (!from->place || !(m->flags & REPORTABLE))
		return;
	r.pdu_len = usm_report(stat, (uint32_t)t->n.auth_failures + 1, 0, pdu, sizeof(pdu));
	size_t n = usm_seal(&r, out, sizeof(out));
	if (n)
		receive_send(t, from, out, n);
}

static bool has_user(const struct sender *d, const struct ber *user)
{
	return d->v3 && strlen(d->v3->user) == ber_left(user) &&
	       !memcmp(d->v3->user, user->at, ber_left(user));
}

static const struct usm_keys *own_keys(struct trapd *t, struct sender_v3 *d)
{
	const struct usm_user *u = sender_user(t->senders, d);
	struct ber engine = own_engine(t);

	if (!d->has_own && u && usm_localise(u, &engine, &d->own) == 0)
		d->has_own = true;
	return d->has_own ? &d->own : NULL;
}

/* The trap's own: kept while the device has this engine. */
static int trap_keys(struct trapd *t, struct sender_v3 *d, const struct ber *engine,
	struct usm_keys *out)
{
	const struct usm_user *u = sender_user(t->senders, d);

	if (d->engine.n == ber_left(engine) && !memcmp(d->engine.id, engine->at, d->engine.n)) {
		*out = d->engine.keys;
		return 0;
	}
	return u ? usm_localise(u, engine, out) : -1;
}

/* The first of these devices whose user and password fit. `best` is how far the others got. */
struct search {
	const uint8_t *data;
	size_t len;
	struct message *m;
	bool for_own; /* keys of our engine */
	enum usm_result best;
	bool user_known;
	const char *trouble;
	struct usm_keys keys; /* of the one found */
};

static bool try_device(struct trapd *t, struct sender *d, struct search *s)
{
	struct ber *engine = &s->m->engine_id;
	const struct usm_keys *own;

	if (!has_user(d, &s->m->user))
		return false;
	s->user_known = true;
	if (!s->for_own && d->v3->n_engine_id &&
		!(d->v3->n_engine_id == ber_left(engine) &&
			!memcmp(d->v3->engine_id, engine->at, d->v3->n_engine_id))) {
		s->trouble = "the engine is not the one set for the device";
		return false;
	}
	if (s->for_own) {
		own = own_keys(t, d->v3);
		if (own)
			s->keys = *own;
	} else {
		own = trap_keys(t, d->v3, engine, &s->keys) ? NULL : &s->keys;
	}
	if (!own) {
		s->trouble = d->v3->trouble ? d->v3->trouble : "no keys can be made for this engine";
		return false;
	}
	s->best = usm_open(&s->keys, s->data, s->len, s->m, t->plain, sizeof(t->plain));
	return s->best == USM_OK;
}

static struct sender *find(struct trapd *t, const struct source *from, struct search *s)
{
	for (struct sender *d = from->place ? from->place->first : NULL; d; d = d->next_here) {
		if (try_device(t, d, s))
			return d;
	}
	/* Behind a translated address: by the engine it proved before. */
	struct sender *d =
		from->place || s->for_own ? NULL : senders_by_engine(t->senders, &s->m->engine_id);
	return d && try_device(t, d, s) ? d : NULL;
}

static void not_found(struct trapd *t, const struct source *from, const struct search *s)
{
	if (!from->place && !s->user_known) {
		t->n.unknown++;
		handle_stranger(t, from, 3, NULL, "no device has this address");
	} else if (!s->user_known) {
		refuse(t, from, "no device at this address has this SNMPv3 user");
	} else if (s->trouble) {
		refuse(t, from, s->trouble);
	} else {
		refuse(t, from, usm_result_text(s->best));
	}
}

/* ---- traps ---- */

/* RFC 3414 3.2 7b: our notion of the sender's time only goes on. */
static bool in_time(struct sender *d, const struct message *m)
{
	struct engine_clock *c = &d->v3->engine;

	if (c->n != ber_left(&m->engine_id) || memcmp(c->id, m->engine_id.at, c->n))
		return true;
	return m->boots > c->boots || (m->boots == c->boots && m->time + TIME_WINDOW_S >= c->time);
}

static void learn_clock(struct trapd *t, struct sender *d, const struct search *s)
{
	struct engine_clock *c = &d->v3->engine;
	const struct message *m = s->m;
	bool is_new = c->n != ber_left(&m->engine_id) || memcmp(c->id, m->engine_id.at, c->n);

	if (is_new) {
		c->n = ber_left(&m->engine_id);
		memcpy(c->id, m->engine_id.at, c->n);
		c->boots = c->time = 0;
	}
	c->keys = s->keys;
	if (m->boots > c->boots || (m->boots == c->boots && m->time > c->time)) {
		c->boots = m->boots;
		c->time = m->time;
	}
}

static void check_twice(struct trapd *t, const struct source *from, struct sender *d,
	const struct message *m)
{
	struct sender *other = senders_engine_set(t->senders, d, &m->engine_id);
	char text[160];

	if (!other)
		return;
	t->n.engines_twice++;
	snprintf(text, sizeof(text), "SNMP engine is used twice: %.60s and %.60s", other->key,
		d->key);
	handle_stranger(t, from, 3, NULL, text);
}

static void trap_from(struct trapd *t, const struct source *from, struct sender *d,
	struct search *s)
{
	const char *why;

	if ((s->m->flags & 1) && !in_time(d, s->m)) {
		refuse(t, from, "outside of the time window: an old or repeated message");
		return;
	}
	if (message_read(&s->m->pdu, &t->trap, &why)) {
		t->n.malformed++;
		handle_stranger(t, from, 3, NULL, why);
		return;
	}
	if (t->trap.pdu_tag != BER_TRAP2) {
		t->n.malformed++;
		handle_stranger(t, from, 3, &t->trap, "neither a trap nor an inform");
		return;
	}
	if (s->m->flags & 1) {
		check_twice(t, from, d, s->m);
		learn_clock(t, d, s);
	}
	handle_trap(t, from, d, &t->trap, s->m->flags & 1, d->v3->user, NULL);
}

/* ---- informs ---- */

static struct answer *response(struct trapd *t, const struct source *from, const struct search *s)
{
	static uint8_t pdu[8192], out[MESSAGE_MAX];
	size_t n = ber_left(&s->m->pdu);
	struct usm_reply r = { .engine_id = own_engine(t),
		.user = s->m->user,
		.boots = t->identity.boots,
		.time = identity_time(&t->identity),
		.msg_id = s->m->msg_id,
		.keys = &s->keys,
		.encrypt = s->m->flags & 2,
		.context_engine = s->m->context_engine,
		.context = s->m->context,
		.pdu = pdu,
		.pdu_len = n };

	if (n > sizeof(pdu))
		return NULL;
	memcpy(pdu, s->m->pdu.at, n);
	if (!message_make_response(pdu, n))
		return NULL;
	size_t len = usm_seal(&r, out, sizeof(out));
	return len ? answer_make(t, from, out, len) : NULL;
}

static void inform_from(struct trapd *t, const struct source *from, struct sender *d,
	struct search *s)
{
	int64_t now = identity_time(&t->identity);
	const char *why;

	if (s->m->flags & 1 &&
		(s->m->boots != t->identity.boots || s->m->time < now - TIME_WINDOW_S ||
			s->m->time > now + TIME_WINDOW_S)) {
		/* The first message of every sender: it learns our time by this. */
		report(t, from, s->m, STAT_TIME, &s->keys);
		return;
	}
	if (message_read(&s->m->pdu, &t->trap, &why)) {
		t->n.malformed++;
		handle_stranger(t, from, 3, NULL, why);
		return;
	}
	struct answer *a = response(t, from, s);
	if (!a) {
		t->n.malformed++;
		handle_stranger(t, from, 3, &t->trap, "not an inform, or too long to be answered");
		return;
	}
	if (handle_inform_first(t, a, s->m, &t->trap))
		handle_trap(t, from, d, &t->trap, s->m->flags & 1, d->v3->user, a);
}

void v3_datagram(struct trapd *t, const struct source *from, const uint8_t *data, size_t len,
	struct message *m)
{
	struct search s = { .data = data, .len = len, .m = m, .for_own = is_own(t, &m->engine_id) };

	/* Who asks for a report takes us for the authority, and must know our engine first. */
	if (!s.for_own && (m->flags & REPORTABLE || !ber_left(&m->engine_id))) {
		if (from->place) {
			report(t, from, m, STAT_ENGINE, NULL);
		} else {
			t->n.unknown++;
			handle_stranger(t, from, 3, NULL, "no device has this address");
		}
		return;
	}
	struct sender *d = find(t, from, &s);
	if (!d) {
		not_found(t, from, &s);
		if (s.for_own && s.user_known && !s.trouble)
			report(t, from, m, s.best == USM_WRONG_LEVEL ? STAT_LEVEL : STAT_DIGEST,
				NULL);
		else if (s.for_own)
			report(t, from, m, STAT_USER, NULL);
	} else if (s.for_own) {
		inform_from(t, from, d, &s);
	} else {
		trap_from(t, from, d, &s);
	}
	bb_wipe(&s.keys, sizeof(s.keys));
}
