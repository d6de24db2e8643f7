// SPDX-License-Identifier: Apache-2.0
/* The user-based security model for received messages (RFC 3414), without net-snmp's process-wide list
 * of users: keys belong to whoever holds them, and each refusal has its own name. Passwords are turned
 * into keys once (some ms); fitting keys to an engine takes microseconds. */
#pragma once
#include "collectors/snmptrap/message.h"
#include "common/snmpv3.h"

enum usm_result {
	USM_OK,
	USM_WRONG_LEVEL, /* the user has other protocols than the message */
	USM_WRONG_DIGEST,
	USM_DECRYPTION,
	USM_RESULTS
};
const char *usm_result_text(enum usm_result r);

#define USM_KEY_MAX 64
struct usm_key {
	uint8_t bytes[USM_KEY_MAX];
	size_t n;
};
/* A user's password keys, not yet fitted to an engine. Secret: wipe. */
struct usm_user {
	int auth, priv; /* enum bb_v3_auth, bb_v3_priv */
	struct usm_key auth_ku, priv_ku;
};
/* Passwords to keys; slow on purpose (1 MiB is hashed). -1 when the passwords do not do. */
int usm_user_make(int auth, const char *auth_password, int priv, const char *priv_password,
	struct usm_user *out, struct bb_err *err);
/* The same for one engine. */
struct usm_keys {
	int auth, priv;
	struct usm_key auth_key, priv_key;
};
int usm_localise(const struct usm_user *u, const struct ber *engine_id, struct usm_keys *out);

/* Check the digest over the whole datagram and decrypt; `scratch` receives the plain scoped PDU. On
 * USM_OK m->pdu is set. */
enum usm_result usm_open(const struct usm_keys *k, const uint8_t *data, size_t len,
	struct message *m, uint8_t *scratch, size_t cap);

/* An outgoing message of our own engine: report or response. */
struct usm_reply {
	struct ber engine_id, user;
	int64_t boots, time, msg_id;
	const struct usm_keys *keys; /* NULL: neither authenticated nor encrypted */
	bool encrypt;
	struct ber context_engine, context; /* of the message answered; none: our engine */
	const uint8_t *pdu;                 /* with its tag */
	size_t pdu_len;
};
/* Length in `out` (from its start), or 0 when it does not fit. */
size_t usm_seal(const struct usm_reply *r, uint8_t *out, size_t cap);
/* A report PDU that says counter `which` (1 unsupportedSecLevels 2 notInTimeWindows 3 unknownUserNames
 * 4 unknownEngineIDs 5 wrongDigests) of usmStats has this value. */
size_t usm_report(unsigned which, uint32_t value, int64_t request_id, uint8_t *out, size_t cap);
