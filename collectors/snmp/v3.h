// SPDX-License-Identifier: Apache-2.0
/* The SNMPv3 side of one peer: finds out its engine id and time, seals requests, opens answers. Discovery, time synchronisation and
 * NotInTime are states of the one request that is out, so a card that is slow or lies delays nobody else. Engine id, boots, time and
 * keys belong to the peer, not to the engine id: cards that were cloned with their engine id do not disturb each other.
 *
 * Nothing is kept over a restart: finding out costs one exchange per device, spread like the first polls. Reports that nobody
 * authenticated teach us where to look and are told to people; they never make an answer. */
#pragma once
#include "collectors/snmp/codec.h"
#include "collectors/snmp/usm.h"

struct v3_settings {
	/* Borrowed until v3_free(). NULL counts as "". */
	const char *user, *auth, *priv, *context, *auth_password, *priv_password;
	const uint8_t *engine_id;       /* copied */
	size_t engine_id_n;             /* 0: ask */
};

enum v3_state {
	V3_KEYS,        /* its passwords have not been turned into keys yet */
	V3_PROBE,       /* engine id unknown */
	V3_SYNC,        /* time unknown, or known from somebody unauthenticated */
	V3_READY,
	V3_STATES
};

struct v3_peer {
	const char *user, *context, *auth_password, *priv_password;
	uint8_t auth, priv;
	uint8_t state;                  /* enum v3_state */
	uint8_t problem;                /* enum usm_report: what the card said against the request that is out */
	uint8_t turns;                  /* reports followed in this request */
	uint8_t engine_id_n, wanted_id_n;
	uint8_t engine_id[BB_V3_ENGINE_MAX], wanted_id[BB_V3_ENGINE_MAX];
	uint32_t boots, time;           /* of the card, when at_ns was */
	uint64_t at_ns, salt;
	const uint8_t *ku_auth, *ku_priv;
	struct usm_keys keys;
};

struct v3_counts {
	uint64_t probes, resyncs, bad_digests, undecryptable, out_of_window, mismatched, reports;
};

/* Returns NULL with the reason when the settings cannot be used: a password of fewer than eight characters, for one. */
struct v3_peer *v3_new(const struct v3_settings *s, struct bb_err *err);
void v3_free(struct v3_peer *v);

/* True when the keys are there. With `compute`, it may take milliseconds. */
bool v3_keys(struct v3_peer *v, struct usm_kus *kus, bool compute);
/* A new request is asked. */
void v3_begin(struct v3_peer *v);
/* What to send now, for `packet` (as for v2c, empty community) with these four bytes as its request id. Returns the length or -1. */
long v3_seal(struct v3_peer *v, struct v3_counts *n, uint32_t msg_id, const struct packet *packet, const uint8_t *id, uint64_t now_ns,
	uint8_t *out, size_t cap);

enum v3_verdict {
	V3_DROP,        /* nothing usable: as if nothing had come */
	V3_AGAIN,       /* something was learnt: send the request again at once */
	V3_REFUSED,     /* the card says no; nobody authenticated it, so wait for an answer, but do not repeat */
	V3_ANSWER       /* plain holds it */
};
enum v3_verdict v3_take(struct v3_peer *v, struct v3_counts *n, uint8_t *data, size_t len, const struct usm_head *h, const uint8_t *id,
	uint64_t now_ns, uint8_t **plain, size_t *plain_n);
/* No answer to any try: what is known of its engine may be old. */
void v3_silent(struct v3_peer *v);
/* Why there is no answer: what the card said and what to check. `who`: its address. */
void v3_reason(const struct v3_peer *v, const char *who, unsigned tries, char *buf, size_t cap);
