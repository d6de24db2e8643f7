// SPDX-License-Identifier: Apache-2.0
/* SNMPv3 messages with user-based security (RFC 3412, 3414, 3826, 7860; longer AES keys after draft-blumenthal-aes-usm-04 or
 * draft-reeder-snmpv3-usm-3desede) over OpenSSL. Messages only: no sockets, no engines, no user list, so that keys belong to whom the
 * caller says, and two devices with one engine id cannot disturb each other. The PDU inside is the one a v2c message has, which is
 * how the rest of the collector goes on seeing it. Not thread-safe; nothing blocks, except that usm_password_key() hashes a megabyte. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/snmpv3.h"

#define USM_KEY_MAX 64                  /* SHA-512 */
#define USM_OVERHEAD 256                /* most that a message has around its PDU */
#define USM_MAX_MESSAGE 8192

/* False: this OpenSSL does not offer it (DES needs the legacy provider). */
bool usm_has(int auth, int priv);
/* Ku of RFC 3414 A.2, and how long it is for this authentication. */
size_t usm_key_size(int auth);
int usm_password_key(int auth, const char *password, uint8_t ku[USM_KEY_MAX], struct bb_err *err);

/* Keys localised to one engine. */
struct usm_keys {
	uint8_t auth, priv;             /* enum bb_v3_auth, bb_v3_priv */
	uint8_t auth_key[USM_KEY_MAX];
	uint8_t priv_key[32];
};
/* Cheap (two hashes), except for Cisco's long keys of short hashes, which take a megabyte again. ku_priv is unused without privacy. */
int usm_localise(struct usm_keys *out, int auth, int priv, const uint8_t *ku_auth, const uint8_t *ku_priv, const uint8_t *engine_id,
	size_t n, struct bb_err *err);

/* Keys of passwords, kept, because they cost a thousand times what everything else does. Passwords are kept as a keyed hash only. */
struct usm_kus;
struct usm_kus *usm_kus_new(void);
void usm_kus_free(struct usm_kus *k);
/* NULL: not computed yet, and `compute` is false, or OpenSSL cannot. Valid until usm_kus_free(). */
const uint8_t *usm_ku(struct usm_kus *k, int auth, const char *password, bool compute);

enum usm_flag { USM_AUTH = 1, USM_PRIV = 2, USM_REPORTABLE = 4 };

struct usm_message {
	uint32_t msg_id;
	const struct usm_keys *keys;    /* NULL: neither authenticated nor encrypted */
	const uint8_t *engine_id;       /* of the authoritative side; also the context's */
	size_t engine_id_n;
	uint32_t boots, time;
	const char *user, *context;
	uint64_t salt;                  /* never the same twice with one key */
	bool is_reportable;
	const uint8_t *pdu;             /* a whole PDU, but with these four bytes as its request id */
	size_t pdu_n, id_at;
	const uint8_t *id;              /* four bytes */
};
/* Returns the length, or -1: it does not fit into cap, or OpenSSL refused. */
long usm_seal(const struct usm_message *m, uint8_t *out, size_t cap);

/* Borrowed from the message. */
struct usm_head {
	uint32_t msg_id, boots, time;
	uint8_t flags;                  /* enum usm_flag */
	const uint8_t *engine_id, *user, *auth, *salt, *data;
	size_t engine_id_n, user_n, auth_n, salt_n, data_n;
	bool is_encrypted;              /* data are the octets of the encrypted form */
};
/* -1: no v3 message with this security model, damaged, or flags that contradict each other. */
int usm_peek(const uint8_t *data, size_t len, struct usm_head *h);

enum usm_result { USM_OK, USM_BAD_DIGEST, USM_BAD_DECRYPTION, USM_DAMAGED };
/* What the message says, as a v2c message with an empty community: it lies in `data`, which is altered. Authenticated
 * and decrypted as the flags say; whether these are what the caller asks for, and engine, user and time, are the caller's to check.
 * `keys` may be NULL for messages without either. */
enum usm_result usm_open(uint8_t *data, size_t len, const struct usm_head *h, const struct usm_keys *keys, uint8_t **plain, size_t *plain_n);

/* Reports (RFC 3414 3.2, RFC 3412 7.2.14), by what they say. */
enum usm_report { USM_NO_REPORT, USM_LEVEL, USM_TIME, USM_USER, USM_ENGINE, USM_DIGEST, USM_DECRYPTION, USM_CONTEXT, USM_OTHER_REPORT };
/* Of the v2c form. */
enum usm_report usm_report(const uint8_t *plain, size_t n);
