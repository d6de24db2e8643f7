// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/usm_keys.h"

#include <openssl/provider.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/usm.h"
#include "common/arena.h"
#include "common/seal.h"
#include "common/table.h"

#define MEGABYTE 1048576
#define KUS_MAX  100000

/* ---- algorithms ---- */

static struct {
	const EVP_MD *hash[BB_V3_AUTHS];
	const EVP_CIPHER *cipher[BB_V3_PRIVS];
	EVP_CIPHER_CTX *ctx;
} algorithms;

/* DES is in a library context of its own: loading the legacy provider into the process's would change it for everybody. */
static const EVP_CIPHER *fetch_des(void)
{
	OSSL_LIB_CTX *own = OSSL_LIB_CTX_new();

	if (!own || !OSSL_PROVIDER_load(own, "legacy")) {
		OSSL_LIB_CTX_free(own);
		return NULL;
	}
	return EVP_CIPHER_fetch(own, "DES-CBC", NULL);
}

static void fetch_all(void)
{
	static const char *const hashes[BB_V3_AUTHS] = { [BB_V3_MD5] = "MD5",
		[BB_V3_SHA1] = "SHA1",
		[BB_V3_SHA224] = "SHA2-224",
		[BB_V3_SHA256] = "SHA2-256",
		[BB_V3_SHA384] = "SHA2-384",
		[BB_V3_SHA512] = "SHA2-512" };
	static const char *const ciphers[BB_V3_PRIVS] = { [BB_V3_AES128] = "AES-128-CFB",
		[BB_V3_AES192] = "AES-192-CFB",
		[BB_V3_AES256] = "AES-256-CFB",
		[BB_V3_AES192_CISCO] = "AES-192-CFB",
		[BB_V3_AES256_CISCO] = "AES-256-CFB" };

	for (int i = 0; i < BB_V3_AUTHS; i++)
		algorithms.hash[i] = hashes[i] ? EVP_MD_fetch(NULL, hashes[i], NULL) : NULL;
	for (int i = 0; i < BB_V3_PRIVS; i++)
		algorithms.cipher[i] = ciphers[i] ? EVP_CIPHER_fetch(NULL, ciphers[i], NULL) : NULL;
	algorithms.cipher[BB_V3_DES] = fetch_des();
	algorithms.ctx = EVP_CIPHER_CTX_new();
	bb_assert(algorithms.ctx && sodium_init() >= 0);
}

static void fetch_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch_all);
}

const EVP_MD *usm_hash(int auth)
{
	fetch_once();
	return auth >= 0 && auth < BB_V3_AUTHS ? algorithms.hash[auth] : NULL;
}

const EVP_CIPHER *usm_cipher(int priv)
{
	fetch_once();
	return priv >= 0 && priv < BB_V3_PRIVS ? algorithms.cipher[priv] : NULL;
}

EVP_CIPHER_CTX *usm_cipher_ctx(void)
{
	fetch_once();
	return algorithms.ctx;
}

bool usm_has(int auth, int priv)
{
	return (!auth || usm_hash(auth)) && (!priv || usm_cipher(priv));
}

size_t usm_key_size(int auth)
{
	const EVP_MD *md = usm_hash(auth);

	return md ? (size_t)EVP_MD_get_size(md) : 0;
}

/* ---- keys ---- */

/* A megabyte of the password, again and again. Handed over in large pieces, which is much faster than 64 bytes at a time. */
static bool stretch(const EVP_MD *md, const uint8_t *password, size_t n, uint8_t *out)
{
	size_t piece = n * (16384 / n + 1), left = MEGABYTE;
	uint8_t *many = bb_malloc(piece);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex2(ctx, md, NULL) == 1;

	for (size_t i = 0; i < piece; i += n)
		memcpy(many + i, password, n);
	for (; ok && left; left -= left < piece ? left : piece)
		ok = EVP_DigestUpdate(ctx, many, left < piece ? left : piece) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	bb_wipe(many, piece);
	free(many);
	return ok;
}

static int key_of(int auth, const uint8_t *password, size_t n, uint8_t ku[USM_KEY_MAX],
	struct bb_err *err)
{
	const EVP_MD *md = usm_hash(auth);

	if (!md)
		return bb_err_set(err, "this OpenSSL does not offer %s", bb_v3_auth_name(auth));
	if (!n || !stretch(md, password, n, ku))
		return bb_err_set(err, "cannot make a key of the SNMPv3 password");
	return 0;
}

int usm_password_key(int auth, const char *password, uint8_t ku[USM_KEY_MAX], struct bb_err *err)
{
	return key_of(auth, (const uint8_t *)password, strlen(password), ku, err);
}

/* H(Ku engine-id Ku) */
static bool localise(const EVP_MD *md, const uint8_t *ku, const uint8_t *engine_id, size_t n,
	uint8_t *out)
{
	uint8_t buf[2 * USM_KEY_MAX + BB_V3_ENGINE_MAX];
	size_t size = (size_t)EVP_MD_get_size(md);

	memcpy(buf, ku, size);
	memcpy(buf + size, engine_id, n);
	memcpy(buf + size + n, ku, size);
	bool ok = EVP_Digest(buf, 2 * size + n, out, NULL, md, NULL) == 1;
	bb_wipe(buf, sizeof(buf));
	return ok;
}

/* Keys that are longer than the hash. Blumenthal: Kul, H(Kul), H(Kul H(Kul)) ...; Reeder, which Cisco follows: the
 * localised key of the key before, taken as a password. */
static int extend(uint8_t key[2 * USM_KEY_MAX], size_t have, size_t need, int auth, bool cisco,
	const uint8_t *engine_id, size_t n, struct bb_err *err)
{
	const EVP_MD *md = usm_hash(auth);
	size_t size = have;
	uint8_t ku[USM_KEY_MAX];

	for (; have < need; have += size) {
		if (cisco && key_of(auth, key + have - size, size, ku, err))
			return -1;
		bool ok = cisco ? localise(md, ku, engine_id, n, key + have)
				: EVP_Digest(key, have, key + have, NULL, md, NULL) == 1;
		if (!ok)
			return bb_err_set(err, "cannot lengthen the SNMPv3 privacy key");
	}
	bb_wipe(ku, sizeof(ku));
	return 0;
}

int usm_localise(struct usm_keys *out, int auth, int priv, const uint8_t *ku_auth,
	const uint8_t *ku_priv, const uint8_t *engine_id, size_t n, struct bb_err *err)
{
	static const uint8_t need[BB_V3_PRIVS] = { [BB_V3_DES] = 16,
		[BB_V3_AES128] = 16,
		[BB_V3_AES192] = 24,
		[BB_V3_AES256] = 32,
		[BB_V3_AES192_CISCO] = 24,
		[BB_V3_AES256_CISCO] = 32 };
	bool cisco = priv == BB_V3_AES192_CISCO || priv == BB_V3_AES256_CISCO;
	uint8_t key[2 * USM_KEY_MAX];
	const EVP_MD *md = usm_hash(auth);
	int rc = 0;

	*out = (struct usm_keys){ .auth = (uint8_t)auth, .priv = (uint8_t)priv };
	if (!auth)
		return 0;
	if (!usm_has(auth, priv))
		return bb_err_set(err, "this OpenSSL does not offer %s",
			usm_has(auth, 0) ? bb_v3_priv_name(priv) : bb_v3_auth_name(auth));
	if (n > BB_V3_ENGINE_MAX || !localise(md, ku_auth, engine_id, n, out->auth_key))
		return bb_err_set(err, "cannot localise the SNMPv3 key");
	if (priv) {
		if (!localise(md, ku_priv, engine_id, n, key))
			return bb_err_set(err, "cannot localise the SNMPv3 key");
		rc = extend(key, usm_key_size(auth), need[priv], auth, cisco, engine_id, n, err);
		memcpy(out->priv_key, key, need[priv]);
		bb_wipe(key, sizeof(key));
	}
	return rc;
}

/* ---- kept keys ---- */

struct usm_kus {
	struct bb_table *keys;
	uint8_t secret[crypto_generichash_KEYBYTES];
};

struct usm_kus *usm_kus_new(void)
{
	struct usm_kus *k = bb_calloc(1, sizeof(*k));

	fetch_once();
	k->keys = bb_table_new();
	randombytes_buf(k->secret, sizeof(k->secret));
	return k;
}

static void ku_free(void *ku)
{
	bb_wipe(ku, USM_KEY_MAX);
	free(ku);
}

void usm_kus_free(struct usm_kus *k)
{
	if (!k)
		return;
	bb_table_free(k->keys, ku_free);
	bb_wipe(k->secret, sizeof(k->secret));
	free(k);
}

const uint8_t *usm_ku(struct usm_kus *k, int auth, const char *password, bool compute)
{
	uint8_t name[33] = { (uint8_t)auth };
	uint8_t *ku;

	crypto_generichash(name + 1, 32, (const uint8_t *)password, strlen(password), k->secret,
		sizeof(k->secret));
	ku = bb_table_get_n(k->keys, name, sizeof(name));
	if (ku || !compute || bb_table_count(k->keys) >= KUS_MAX)
		return ku;
	ku = bb_calloc(1, USM_KEY_MAX);
	if (usm_password_key(auth, password, ku, NULL)) {
		free(ku);
		return NULL;
	}
	bb_table_put_n(k->keys, name, sizeof(name), ku);
	return ku;
}
