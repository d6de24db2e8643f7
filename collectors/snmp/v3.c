// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/v3.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/ber.h"
#include "common/arena.h"
#include "common/seal.h"
#include "common/str.h"

#define WINDOW_S  150 /* RFC 3414 2.2.3 */
#define MAX_TURNS 4   /* engine id, time, both again; then the card lies */
#define NS_PER_S  1000000000ULL

/* ---- settings ---- */

static const char *text(const char *s)
{
	return s ? s : "";
}

static int check_passwords(const struct v3_peer *v, struct bb_err *err)
{
	if (v->auth && strlen(v->auth_password) < BB_V3_PASSWORD_MIN)
		return bb_err_set(err,
			"the SNMPv3 authentication password has fewer than %d characters; enter a longer one",
			BB_V3_PASSWORD_MIN);
	if (v->priv && strlen(v->priv_password) < BB_V3_PASSWORD_MIN)
		return bb_err_set(err,
			"the SNMPv3 privacy password has fewer than %d characters; enter a longer one",
			BB_V3_PASSWORD_MIN);
	return 0;
}

struct v3_peer *v3_new(const struct v3_settings *s, struct bb_err *err)
{
	const struct bb_v3_input in = { .user = text(s->user),
		.auth = text(s->auth),
		.priv = text(s->priv),
		.context = text(s->context) };
	const char *field;
	struct v3_peer *v;

	if (bb_v3_check(&in, &field, err))
		return NULL;
	if (!*in.user)
		return bb_err_null(err, "the device has no SNMPv3 user");
	v = bb_calloc(1, sizeof(*v));
	v->user = in.user;
	v->context = in.context;
	v->auth = (uint8_t)bb_v3_auth_find(in.auth);
	v->priv = (uint8_t)bb_v3_priv_find(in.priv);
	v->auth_password = text(s->auth_password);
	v->priv_password = text(s->priv_password);
	if (check_passwords(v, err)) {
		free(v);
		return NULL;
	}
	if (!usm_has(v->auth, v->priv)) {
		bb_err_set(err, "this OpenSSL does not offer %s%s%s", bb_v3_auth_name(v->auth),
			v->priv ? " with " : "", bb_v3_priv_name(v->priv));
		free(v);
		return NULL;
	}
	if (s->engine_id_n && s->engine_id_n <= BB_V3_ENGINE_MAX) {
		memcpy(v->wanted_id, s->engine_id, s->engine_id_n);
		v->wanted_id_n = (uint8_t)s->engine_id_n;
	}
	randombytes_buf(&v->salt, sizeof(v->salt));
	v->state = V3_KEYS;
	return v;
}

void v3_free(struct v3_peer *v)
{
	if (!v)
		return;
	bb_wipe(v, sizeof(*v));
	free(v);
}

/* ---- keys and engine ---- */

static bool localise(struct v3_peer *v)
{
	return !usm_localise(&v->keys, v->auth, v->priv, v->ku_auth, v->ku_priv, v->engine_id,
		v->engine_id_n, NULL);
}

static void forget_time(struct v3_peer *v)
{
	v->boots = v->time = 0;
	v->at_ns = 0;
}

static bool take_engine_id(struct v3_peer *v, const uint8_t *id, size_t n)
{
	if (n < BB_V3_ENGINE_MIN || n > BB_V3_ENGINE_MAX)
		return false;
	memcpy(v->engine_id, id, n);
	v->engine_id_n = (uint8_t)n;
	forget_time(v);
	return localise(v);
}

bool v3_keys(struct v3_peer *v, struct usm_kus *kus, bool compute)
{
	if (v->state != V3_KEYS)
		return true;
	if (v->auth && !v->ku_auth)
		v->ku_auth = usm_ku(kus, v->auth, v->auth_password, compute);
	if (v->auth && !v->ku_auth)
		return false;
	if (v->priv && !v->ku_priv)
		v->ku_priv = usm_ku(kus, v->auth, v->priv_password, compute);
	if (v->priv && !v->ku_priv)
		return false;
	v->state = v->wanted_id_n && take_engine_id(v, v->wanted_id, v->wanted_id_n) ? V3_SYNC
										     : V3_PROBE;
	return true;
}

/* The card's clock, as far as we know it. */
static uint32_t time_now(const struct v3_peer *v, uint64_t now_ns)
{
	uint64_t t = v->time + (v->at_ns && now_ns > v->at_ns ? (now_ns - v->at_ns) / NS_PER_S : 0);

	return t > INT32_MAX ? INT32_MAX : (uint32_t)t;
}

static void set_time(struct v3_peer *v, const struct usm_head *h, uint64_t now_ns)
{
	v->boots = h->boots;
	v->time = h->time;
	v->at_ns = now_ns;
}

/* ---- sending ---- */

void v3_begin(struct v3_peer *v)
{
	v->turns = 0;
	v->problem = USM_NO_REPORT;
}

/* Who are you? No user, no keys, no engine id, and a GET of nothing; the answer is a report. */
static long seal_probe(uint32_t msg_id, const uint8_t *id, uint8_t *out, size_t cap)
{
	static const uint8_t get_nothing[] = { 0xa0, 14, BER_INTEGER, 4, 0, 0, 0, 0, BER_INTEGER, 1,
		0, BER_INTEGER, 1, 0, BER_SEQUENCE, 0 };
	const struct usm_message m = { .msg_id = msg_id,
		.engine_id = (const uint8_t *)"",
		.user = "",
		.context = "",
		.is_reportable = true,
		.pdu = get_nothing,
		.pdu_n = sizeof(get_nothing),
		.id_at = 4,
		.id = id };

	return usm_seal(&m, out, cap);
}

long v3_seal(struct v3_peer *v, struct v3_counts *n, uint32_t msg_id, const struct packet *packet,
	const uint8_t *id, uint64_t now_ns, uint8_t *out, size_t cap)
{
	if (v->state == V3_PROBE) {
		n->probes++;
		return seal_probe(msg_id, id, out, cap);
	}
	const struct usm_message m = { .msg_id = msg_id,
		.keys = v->auth ? &v->keys : NULL,
		.engine_id = v->engine_id,
		.engine_id_n = v->engine_id_n,
		.boots = v->auth ? v->boots : 0,
		.time = v->auth ? time_now(v, now_ns) : 0,
		.user = v->user,
		.context = v->context,
		.salt = v->salt++,
		.is_reportable = true,
		.pdu = packet->data + packet->pdu_at,
		.pdu_n = packet->len - packet->pdu_at,
		.id_at = packet->id_at - packet->pdu_at,
		.id = id };

	return usm_seal(&m, out, cap);
}

/* ---- reports ---- */

static bool same(const uint8_t *a, size_t n, const void *b, size_t m)
{
	return n == m && (!n || !memcmp(a, b, n));
}

static bool may_turn(struct v3_peer *v)
{
	return v->turns++ < MAX_TURNS;
}

static enum v3_verdict ignore(struct v3_peer *v, const struct usm_head *h, uint64_t now_ns)
{
	return V3_DROP;
}

static enum v3_verdict refused(struct v3_peer *v, const struct usm_head *h, uint64_t now_ns)
{
	return V3_REFUSED;
}

/* Who it is. Its clock comes along, unauthenticated: good enough to be sent back, not to judge answers by. */
static enum v3_verdict learn_engine(struct v3_peer *v, const struct usm_head *h, uint64_t now_ns)
{
	if (v->wanted_id_n && !same(h->engine_id, h->engine_id_n, v->wanted_id, v->wanted_id_n))
		return V3_REFUSED;
	if (same(h->engine_id, h->engine_id_n, v->engine_id, v->engine_id_n) &&
		v->state != V3_PROBE)
		return V3_DROP;
	if (!may_turn(v) || !take_engine_id(v, h->engine_id, h->engine_id_n))
		return V3_DROP;
	set_time(v, h, now_ns);
	v->state = V3_SYNC;
	v->problem = USM_NO_REPORT;
	return V3_AGAIN;
}

/* Our idea of its clock is wrong: it has started anew, or we know it from somebody else. */
static enum v3_verdict learn_time(struct v3_peer *v, const struct usm_head *h, uint64_t now_ns)
{
	if (!same(h->engine_id, h->engine_id_n, v->engine_id, v->engine_id_n) || !may_turn(v))
		return V3_DROP;
	set_time(v, h, now_ns);
	v->state = h->flags & USM_AUTH ? V3_READY : V3_SYNC;
	return V3_AGAIN;
}

/* [state][report] */
// clang-format off
static enum v3_verdict (*const on_report[V3_STATES][USM_OTHER_REPORT + 1])(struct v3_peer *, const struct usm_head *, uint64_t) = {
	[V3_KEYS] = { ignore, ignore, ignore, ignore, ignore, ignore, ignore, ignore, ignore },
	/*             none    level         time          user          engine        digest        decryption    context       other */
	[V3_PROBE] = { ignore, learn_engine, learn_engine, learn_engine, learn_engine, learn_engine, learn_engine, learn_engine, learn_engine },
	[V3_SYNC] =  { ignore, refused,      learn_time,   refused,      learn_engine, refused,      refused,      refused,      ignore },
	[V3_READY] = { ignore, refused,      learn_time,   refused,      learn_engine, refused,      refused,      refused,      ignore },
};
// clang-format on

/* ---- answers ---- */

/* RFC 3414 3.2 7 b: may an authentic message of this age be new? Then it sets the clock. Until there is an authentic
 * clock to compare with, any authentic message is. */
static bool in_window(struct v3_peer *v, const struct usm_head *h, uint64_t now_ns)
{
	if (v->state == V3_READY) {
		uint32_t now = time_now(v, now_ns);

		if (h->boots == INT32_MAX || h->boots < v->boots ||
			(h->boots == v->boots && h->time + (uint64_t)WINDOW_S < now))
			return false;
		if (h->boots == v->boots && h->time <= v->time)
			return true;
	}
	set_time(v, h, now_ns);
	v->state = V3_READY;
	return true;
}

/* Has it the request id that only this request had, and is it a response? */
static bool answers(const uint8_t *plain, size_t n, const uint8_t *id)
{
	struct codec_head h;
	uint8_t seen[CODEC_ID_BYTES];

	if (codec_peek(plain, n, &h) || h.pdu != BER_RESPONSE)
		return false;
	codec_id(h.id, seen);
	return !memcmp(seen, id, sizeof(seen));
}

static enum v3_verdict take_answer(struct v3_peer *v, struct v3_counts *n, const struct usm_head *h,
	const uint8_t *id, uint64_t now_ns, const uint8_t *plain, size_t plain_n)
{
	uint8_t level = (uint8_t)((v->auth ? USM_AUTH : 0) | (v->priv ? USM_PRIV : 0));

	if (v->state < V3_SYNC || (h->flags & (USM_AUTH | USM_PRIV)) != level ||
		!same(h->user, h->user_n, v->user, strlen(v->user)) ||
		!same(h->engine_id, h->engine_id_n, v->engine_id, v->engine_id_n) ||
		!answers(plain, plain_n, id)) {
		n->mismatched++;
		return V3_DROP;
	}
	if (v->auth && !in_window(v, h, now_ns)) {
		n->out_of_window++;
		return V3_DROP;
	}
	return V3_ANSWER;
}

enum v3_verdict v3_take(struct v3_peer *v, struct v3_counts *n, uint8_t *data, size_t len,
	const struct usm_head *h, const uint8_t *id, uint64_t now_ns, uint8_t **plain,
	size_t *plain_n)
{
	const struct usm_keys *keys = v->state >= V3_SYNC && v->auth ? &v->keys : NULL;

	switch (usm_open(data, len, h, keys, plain, plain_n)) {
	case USM_OK: break;
	case USM_BAD_DIGEST: n->bad_digests++; return V3_DROP;
	case USM_BAD_DECRYPTION: n->undecryptable++; return V3_DROP;
	default: n->mismatched++; return V3_DROP;
	}
	enum usm_report report = usm_report(*plain, *plain_n);
	if (report == USM_NO_REPORT)
		return take_answer(v, n, h, id, now_ns, *plain, *plain_n);
	n->reports++;
	enum v3_verdict verdict = on_report[v->state][report](v, h, now_ns);
	if (verdict == V3_REFUSED)
		v->problem = (uint8_t)report;
	n->resyncs += verdict == V3_AGAIN && report == USM_TIME;
	return verdict;
}

/* Cards that count their boots from one again, or have another engine id since, need to be asked anew. A replayed answer still
 * lacks the request id. */
void v3_silent(struct v3_peer *v)
{
	if (v->state < V3_SYNC)
		return;
	forget_time(v);
	v->state = v->wanted_id_n ? V3_SYNC : V3_PROBE;
}

/* ---- for people ---- */

static const char *level_of(const struct v3_peer *v)
{
	return v->priv ? "authPriv" : v->auth ? "authNoPriv" : "noAuthNoPriv";
}

static void reason_silent(const struct v3_peer *v, const char *who, unsigned tries, char *buf,
	size_t cap)
{
	if (v->turns)
		snprintf(buf, cap,
			"%s tells its engine id, but does not answer user \"%s\"%s%s%s: check %saddress restrictions and view of this user on the card",
			who, v->user, *v->context ? " in context \"" : "", v->context,
			*v->context ? "\"" : "", v->priv ? "privacy password and protocol, " : "");
	else
		snprintf(buf, cap,
			"no answer from %s to SNMP v3, tries: %u; check address, whether SNMPv3 is switched on, and the access list of the card",
			who, tries);
}

void v3_reason(const struct v3_peer *v, const char *who, unsigned tries, char *buf, size_t cap)
{
	const char *auth = bb_v3_auth_name(v->auth), *priv = bb_v3_priv_name(v->priv);
	char hex[2 * BB_V3_ENGINE_MAX + 1];

	switch (v->problem) {
	case USM_USER:
		snprintf(buf, cap,
			"%s does not know the SNMPv3 user \"%s\" (unknownUserNames): check the user's name on the card",
			who, v->user);
		break;
	case USM_DIGEST:
		snprintf(buf, cap,
			"%s refuses the authentication of SNMPv3 user \"%s\" (wrongDigests): check authentication password and protocol (%s)",
			who, v->user, auth);
		break;
	case USM_DECRYPTION:
		snprintf(buf, cap,
			"%s cannot decrypt the requests of SNMPv3 user \"%s\" (decryptionErrors): check privacy password and protocol (%s)",
			who, v->user, priv);
		break;
	case USM_LEVEL:
		snprintf(buf, cap,
			"%s does not take security level %s from SNMPv3 user \"%s\" (unsupportedSecLevels): check which protocols the card has for this user",
			who, level_of(v), v->user);
		break;
	case USM_CONTEXT:
		snprintf(buf, cap, "%s does not know the SNMPv3 context \"%s\": check the context",
			who, v->context);
		break;
	case USM_ENGINE:
		bb_hex(hex, v->wanted_id, v->wanted_id_n);
		snprintf(buf, cap,
			"%s has another SNMPv3 engine id than %s: correct it, or leave it empty to have it asked for",
			who, hex);
		break;
	default: reason_silent(v, who, tries, buf, cap);
	}
}
