// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/usm.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/keytools.h>
#include <net-snmp/library/scapi.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/seal.h"

#define MAC_MAX  48
#define SALT_LEN 8
#define BLOCK    8 /* of DES */

static const int auth_type[BB_V3_AUTHS] = {
	[BB_V3_NOAUTH] = NETSNMP_USMAUTH_NOAUTH,
	[BB_V3_MD5] = NETSNMP_USMAUTH_HMACMD5,
	[BB_V3_SHA1] = NETSNMP_USMAUTH_HMACSHA1,
	[BB_V3_SHA224] = NETSNMP_USMAUTH_HMAC128SHA224,
	[BB_V3_SHA256] = NETSNMP_USMAUTH_HMAC192SHA256,
	[BB_V3_SHA384] = NETSNMP_USMAUTH_HMAC256SHA384,
	[BB_V3_SHA512] = NETSNMP_USMAUTH_HMAC384SHA512,
};
static const int priv_type[BB_V3_PRIVS] = {
	[BB_V3_NOPRIV] = USM_CREATE_USER_PRIV_NONE,
	[BB_V3_DES] = USM_CREATE_USER_PRIV_DES,
	[BB_V3_AES128] = USM_CREATE_USER_PRIV_AES,
	[BB_V3_AES192] = USM_CREATE_USER_PRIV_AES192,
	[BB_V3_AES256] = USM_CREATE_USER_PRIV_AES256,
	[BB_V3_AES192_CISCO] = USM_CREATE_USER_PRIV_AES192_CISCO,
	[BB_V3_AES256_CISCO] = USM_CREATE_USER_PRIV_AES256_CISCO,
};

const char *usm_result_text(enum usm_result r)
{
	static const char *const text[USM_RESULTS] = {
		[USM_OK] = "good",
		[USM_WRONG_LEVEL] = "security level or protocols differ from the device's settings",
		[USM_WRONG_DIGEST] = "wrong digest: password or authentication protocol differ",
		[USM_DECRYPTION] = "cannot be decrypted: password or protocol differ",
	};

	return r < USM_RESULTS ? text[r] : "";
}

static int password_key(int auth, const char *password, struct usm_key *out)
{
	size_t n_oid, n = sizeof(out->bytes);
	oid *hash = sc_get_auth_oid(auth_type[auth], &n_oid);

	if (!hash || generate_Ku(hash, (u_int)n_oid, (const u_char *)password, strlen(password),
			     out->bytes, &n) != SNMPERR_SUCCESS)
		return -1;
	out->n = n;
	return 0;
}

int usm_user_make(int auth, const char *auth_password, int priv, const char *priv_password,
	struct usm_user *out, struct bb_err *err)
{
	*out = (struct usm_user){ .auth = auth, .priv = priv };
	if (auth < 0 || auth >= BB_V3_AUTHS || priv < 0 || priv >= BB_V3_PRIVS)
		return bb_err_set(err, "unknown protocol");
	if (auth && strlen(auth_password) < BB_V3_PASSWORD_MIN)
		return bb_err_set(err, "the authentication password has fewer than %d characters",
			BB_V3_PASSWORD_MIN);
	if (priv && strlen(priv_password) < BB_V3_PASSWORD_MIN)
		return bb_err_set(err, "the privacy password has fewer than %d characters",
			BB_V3_PASSWORD_MIN);
	if ((auth && password_key(auth, auth_password, &out->auth_ku)) ||
		(priv && password_key(auth, priv_password, &out->priv_ku)))
		return bb_err_set(err, "no key can be made of the password");
	return 0;
}

static int fit(int auth, const struct usm_key *ku, const struct ber *engine_id, struct usm_key *out)
{
	size_t n_oid, n = sizeof(out->bytes);
	oid *hash = sc_get_auth_oid(auth_type[auth], &n_oid);

	if (!hash || generate_kul(hash, (u_int)n_oid, engine_id->at, ber_left(engine_id), ku->bytes,
			     ku->n, out->bytes, &n) != SNMPERR_SUCCESS)
		return -1;
	out->n = n;
	return 0;
}

/* Ciphers that want more than the hash gives. */
static int extend(int auth, int priv, const struct ber *engine_id, struct usm_key *k)
{
	int need = sc_get_proper_priv_length_bytype(priv_type[priv]);
	size_t n_oid, n = k->n;
	oid *hash = sc_get_auth_oid(auth_type[auth], &n_oid);
	u_char *grown = malloc(USM_KEY_MAX * 2);
	int rc = -1;

	if (!grown || !hash || need <= 0 || need > USM_KEY_MAX)
		goto out;
	memcpy(grown, k->bytes, k->n);
	if (netsnmp_extend_kul((u_int)need, hash, (u_int)n_oid, priv_type[priv],
		    (u_char *)(uintptr_t)engine_id->at, (u_int)ber_left(engine_id), &grown, &n,
		    USM_KEY_MAX * 2) != SNMPERR_SUCCESS ||
		n < (size_t)need)
		goto out;
	memcpy(k->bytes, grown, (size_t)need);
	k->n = (size_t)need;
	rc = 0;
out:
	if (grown)
		bb_wipe(grown, USM_KEY_MAX * 2);
	free(grown);
	return rc;
}

int usm_localise(const struct usm_user *u, const struct ber *engine_id, struct usm_keys *out)
{
	*out = (struct usm_keys){ .auth = u->auth, .priv = u->priv };
	if (u->auth && fit(u->auth, &u->auth_ku, engine_id, &out->auth_key))
		return -1;
	if (u->priv && (fit(u->auth, &u->priv_ku, engine_id, &out->priv_key) ||
			       extend(u->auth, u->priv, engine_id, &out->priv_key)))
		return -1;
	return 0;
}

/* ---- digest and cipher ---- */

static size_t mac_len(int auth)
{
	int n = sc_get_auth_maclen(auth_type[auth]);

	return n > 0 && n <= MAC_MAX ? (size_t)n : 0;
}

static bool digest_is_good(const struct usm_keys *k, const uint8_t *data, size_t len,
	const struct message *m)
{
	size_t n = mac_len(k->auth), n_oid;
	oid *hash = sc_get_auth_oid(auth_type[k->auth], &n_oid);
	uint8_t want[MAC_MAX], *copy;
	size_t made = sizeof(want);
	bool good = false;

	if (!n || ber_left(&m->auth) != n || !hash || !(copy = malloc(len)))
		return false;
	/* The digest was made with zeros in its own place. */
	memcpy(copy, data, len);
	memset(copy + m->auth_at, 0, n);
	made = n;
	if (sc_generate_keyed_hash(hash, n_oid, k->auth_key.bytes, (u_int)k->auth_key.n, copy,
		    (u_int)len, want, &made) == SNMPERR_SUCCESS)
		good = made >= n && sodium_memcmp(want, m->auth.at, n) == 0;
	free(copy);
	return good;
}

/* DES: salt against the second half of the key. AES: boots, time, salt. */
static size_t make_iv(const struct usm_keys *k, int64_t boots, int64_t time, const uint8_t *salt,
	uint8_t iv[16])
{
	if (k->priv == BB_V3_DES) {
		for (int i = 0; i < SALT_LEN; i++)
			iv[i] = salt[i] ^ k->priv_key.bytes[8 + i];
		return SALT_LEN;
	}
	for (int i = 0; i < 4; i++) {
		iv[i] = (uint8_t)(boots >> (24 - 8 * i));
		iv[4 + i] = (uint8_t)(time >> (24 - 8 * i));
	}
	memcpy(iv + 8, salt, SALT_LEN);
	return 16;
}

static size_t decrypt(const struct usm_keys *k, const struct message *m, uint8_t *out, size_t cap)
{
	size_t n = ber_left(&m->scoped), got = cap, n_oid;
	oid *cipher = sc_get_priv_oid(priv_type[k->priv], &n_oid);
	uint8_t iv[16];

	if (!cipher || !n || n > cap || ber_left(&m->salt) != SALT_LEN ||
		(k->priv == BB_V3_DES && n % BLOCK))
		return 0;
	size_t n_iv = make_iv(k, m->boots, m->time, m->salt.at, iv);
	if (sc_decrypt(cipher, n_oid, (u_char *)(uintptr_t)k->priv_key.bytes, (u_int)k->priv_key.n,
		    iv, (u_int)n_iv, (u_char *)(uintptr_t)m->scoped.at, (u_int)n, out,
		    &got) != SNMPERR_SUCCESS)
		return 0;
	return got;
}

static bool take_scoped(struct message *m, struct ber scoped)
{
	struct ber body, inside;
	uint8_t tag;

	if (!ber_enter(&scoped, BER_SEQUENCE, &body) ||
		!ber_enter(&body, BER_STRING, &m->context_engine) ||
		!ber_enter(&body, BER_STRING, &m->context))
		return false;
	m->pdu = body;
	if (!ber_next(&body, &tag, &inside))
		return false;
	m->pdu.end = body.at;
	return true;
}

enum usm_result usm_open(const struct usm_keys *k, const uint8_t *data, size_t len,
	struct message *m, uint8_t *scratch, size_t cap)
{
	struct ber scoped = m->scoped;

	/* Less encryption than agreed is the sender's affair; less proof is none. */
	if (!(m->flags & 1) != !k->auth || (m->flags & 2 && !k->priv))
		return USM_WRONG_LEVEL;
	if (k->auth && !digest_is_good(k, data, len, m))
		return USM_WRONG_DIGEST;
	if (m->flags & 2) {
		size_t n = decrypt(k, m, scratch, cap);

		scoped = (struct ber){ scratch, scratch + n };
	}
	return take_scoped(m, scoped) ? USM_OK : USM_DECRYPTION;
}

/* ---- sending ---- */

static void put_scoped(struct ber_out *o, const struct usm_reply *r)
{
	const struct ber *engine = r->context_engine.at ? &r->context_engine : &r->engine_id;
	size_t before = o->used;

	ber_put(o, r->pdu, r->pdu_len);
	ber_put_string(o, r->context.at, ber_left(&r->context));
	ber_put_string(o, engine->at, ber_left(engine));
	ber_put_head(o, BER_SEQUENCE, o->used - before);
}

/* The plain scoped PDU at the end of `o` becomes an encrypted string. */
static bool encrypt_scoped(struct ber_out *o, const struct usm_reply *r,
	const uint8_t salt[SALT_LEN])
{
	const struct usm_keys *k = r->keys;
	size_t n = o->used, padded = n, n_oid;
	oid *cipher = sc_get_priv_oid(priv_type[k->priv], &n_oid);
	uint8_t iv[16], plain[4096 + BLOCK] = { 0 }, sealed[4096 + 2 * BLOCK];
	size_t got = sizeof(sealed);

	if (k->priv == BB_V3_DES)
		padded = (n + BLOCK - 1) / BLOCK * BLOCK;
	if (!cipher || padded > sizeof(plain))
		return false;
	memcpy(plain, ber_out_start(o), n);
	size_t n_iv = make_iv(k, r->boots, r->time, salt, iv);
	if (sc_encrypt(cipher, n_oid, (u_char *)(uintptr_t)k->priv_key.bytes, (u_int)k->priv_key.n,
		    iv, (u_int)n_iv, plain, (u_int)padded, sealed, &got) != SNMPERR_SUCCESS)
		return false;
	o->used = 0;
	ber_put_string(o, sealed, got);
	return true;
}

/* Returns where the digest goes, counted from the end of the buffer; 0: none. */
static size_t put_params(struct ber_out *o, const struct usm_reply *r, const uint8_t salt[SALT_LEN])
{
	static const uint8_t zeros[MAC_MAX];
	size_t before = o->used, mac = r->keys && r->keys->auth ? mac_len(r->keys->auth) : 0;

	ber_put_string(o, salt, r->encrypt ? SALT_LEN : 0);
	ber_put(o, zeros, mac);
	size_t mac_from_end = mac ? o->used : 0;
	ber_put_head(o, BER_STRING, mac);
	ber_put_string(o, r->user.at, ber_left(&r->user));
	ber_put_int(o, BER_INT, (uint64_t)r->time);
	ber_put_int(o, BER_INT, (uint64_t)r->boots);
	ber_put_string(o, r->engine_id.at, ber_left(&r->engine_id));
	ber_put_head(o, BER_SEQUENCE, o->used - before);
	ber_put_head(o, BER_STRING, o->used - before);
	return mac_from_end;
}

size_t usm_seal(const struct usm_reply *r, uint8_t *out, size_t cap)
{
	struct ber_out o = { .buf = out, .cap = cap };
	uint8_t salt[SALT_LEN],
		flags = (uint8_t)((r->keys && r->keys->auth) | (r->encrypt ? 2 : 0));

	randombytes_buf(salt, sizeof(salt));
	put_scoped(&o, r);
	if (r->encrypt && !encrypt_scoped(&o, r, salt))
		return 0;
	size_t mac_from_end = put_params(&o, r, salt), before = o.used;
	ber_put_int(&o, BER_INT, 3);
	ber_put_string(&o, &flags, 1);
	ber_put_int(&o, BER_INT, MESSAGE_MAX);
	ber_put_int(&o, BER_INT, (uint64_t)r->msg_id);
	ber_put_head(&o, BER_SEQUENCE, o.used - before);
	ber_put_int(&o, BER_INT, 3);
	ber_put_head(&o, BER_SEQUENCE, o.used);
	if (o.is_full)
		return 0;
	if (mac_from_end) {
		size_t n_oid, mac = mac_len(r->keys->auth), made = mac;
		oid *hash = sc_get_auth_oid(auth_type[r->keys->auth], &n_oid);
		uint8_t digest[MAC_MAX];
		if (!hash || sc_generate_keyed_hash(hash, n_oid, r->keys->auth_key.bytes,
				     (u_int)r->keys->auth_key.n, ber_out_start(&o), (u_int)o.used,
				     digest, &made) != SNMPERR_SUCCESS)
			return 0;
		memcpy(out + cap - mac_from_end, digest, mac);
	}
	memmove(out, ber_out_start(&o), o.used);
	return o.used;
}

size_t usm_report(unsigned which, uint32_t value, int64_t request_id, uint8_t *out, size_t cap)
{
	const uint8_t name[] = { 0x2b, 6, 1, 6, 3, 15, 1, 1, (uint8_t)which, 0 };
	struct ber_out o = { .buf = out, .cap = cap };

	ber_put_int(&o, 0x41, value); /* Counter32 */
	ber_put(&o, name, sizeof(name));
	ber_put_head(&o, BER_OID, sizeof(name));
	ber_put_head(&o, BER_SEQUENCE, o.used);
	ber_put_head(&o, BER_SEQUENCE, o.used);
	ber_put_int(&o, BER_INT, 0);
	ber_put_int(&o, BER_INT, 0);
	ber_put_int(&o, BER_INT, request_id > 0 ? (uint64_t)request_id : 0);
	ber_put_head(&o, BER_REPORT, o.used);
	if (o.is_full)
		return 0;
	memmove(out, ber_out_start(&o), o.used);
	return o.used;
}
