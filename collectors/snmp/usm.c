// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/usm.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "collectors/ber.h"
#include "collectors/snmp/usm_keys.h"

#define DIGEST_MAX 48 /* SHA-512's, the longest */
#define SALT_BYTES 8
#define PLAIN_HEAD 9 /* of the v2c form: sequence, version, empty community */
#define MODEL_USM  3
#define VERSION_3  3

/* ---- writing ---- */

/* From the end to the front, as lengths come before what they count. */
struct writer {
	uint8_t *data;
	size_t at; /* first byte written */
	bool is_full;
};

static void put(struct writer *w, const void *p, size_t n)
{
	if (w->is_full || n > w->at) {
		w->is_full = true;
		return;
	}
	w->at -= n;
	memcpy(w->data + w->at, p, n);
}

static void put_head(struct writer *w, uint8_t tag, size_t n)
{
	uint8_t head[4] = { tag, (uint8_t)n };
	size_t k = 2;

	if (n > 255) {
		head[1] = 0x82;
		head[2] = (uint8_t)(n >> 8);
		head[3] = (uint8_t)n;
		k = 4;
	} else if (n > 127) {
		head[1] = 0x81;
		head[2] = (uint8_t)n;
		k = 3;
	}
	put(w, head, k);
}

static void put_bytes(struct writer *w, uint8_t tag, const void *p, size_t n)
{
	put(w, p, n);
	put_head(w, tag, n);
}

static void put_integer(struct writer *w, uint32_t v)
{
	uint8_t b[5] = { 0, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	size_t first = 0;

	while (first < 4 && !b[first] && !(b[first + 1] & 0x80))
		first++;
	put_bytes(w, BER_INTEGER, b + first, 5 - first);
}

/* ---- encryption ---- */

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void iv_make(uint8_t iv[16], const struct usm_keys *k, const uint8_t salt[SALT_BYTES],
	uint32_t boots, uint32_t time)
{
	if (k->priv == BB_V3_DES) {
		/* RFC 3414 8.1.1.1: the second half of the key is the pre-IV. */
		for (int i = 0; i < SALT_BYTES; i++)
			iv[i] = k->priv_key[8 + i] ^ salt[i];
		return;
	}
	put32(iv, boots);
	put32(iv + 4, time);
	memcpy(iv + 8, salt, SALT_BYTES);
}

/* In place; n is a multiple of the block for DES. */
static bool run_cipher(const struct usm_keys *k, const uint8_t *iv, bool encrypt, uint8_t *data,
	size_t n)
{
	EVP_CIPHER_CTX *ctx = usm_cipher_ctx();
	const EVP_CIPHER *cipher = usm_cipher(k->priv);
	int done = 0;

	return cipher && EVP_CipherInit_ex2(ctx, cipher, k->priv_key, iv, encrypt, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	       EVP_CipherUpdate(ctx, data, &done, data, (int)n) == 1 && (size_t)done == n;
}

/* ---- sealing ---- */

/* SHA-1 has 96 bits for MD5's sake, the others half of their hash (RFC 7860). */
static size_t digest_size(int auth)
{
	static const uint8_t size[BB_V3_AUTHS] = { [BB_V3_MD5] = 12,
		[BB_V3_SHA1] = 12,
		[BB_V3_SHA224] = 16,
		[BB_V3_SHA256] = 24,
		[BB_V3_SHA384] = 32,
		[BB_V3_SHA512] = DIGEST_MAX };

	return size[auth];
}

static void put_pdu(struct writer *w, const struct usm_message *m)
{
	put(w, m->pdu, m->pdu_n);
	if (!w->is_full)
		memcpy(w->data + w->at + m->id_at, m->id, 4);
}

/* The scoped PDU, encrypted where the keys say so. Written into place, so that `w` stands before it. */
static bool put_scoped(struct writer *w, const struct usm_message *m, uint8_t salt[SALT_BYTES])
{
	const struct usm_keys *k = m->keys;
	size_t end = w->at, block = k && k->priv == BB_V3_DES ? 8 : 1;
	uint8_t iv[16], zero[8] = { 0 };
	size_t n = m->pdu_n;

	put_pdu(w, m);
	put_bytes(w, BER_OCTETS, m->context, strlen(m->context));
	put_bytes(w, BER_OCTETS, m->engine_id, m->engine_id_n);
	put_head(w, BER_SEQUENCE, end - w->at);
	if (!k || !k->priv)
		return !w->is_full;
	n = end - w->at;
	/* Padding goes behind; how much is known only now that the rest stands. */
	size_t pad = (block - n % block) % block;
	if (w->is_full || pad > w->at)
		return false;
	memmove(w->data + w->at - pad, w->data + w->at, n);
	memcpy(w->data + end - pad, zero, pad);
	w->at -= pad;
	put32(salt, k->priv == BB_V3_DES ? m->boots : (uint32_t)(m->salt >> 32));
	put32(salt + 4, (uint32_t)m->salt);
	iv_make(iv, k, salt, m->boots, m->time);
	if (!run_cipher(k, iv, true, w->data + w->at, n + pad))
		return false;
	put_head(w, BER_OCTETS, n + pad);
	return !w->is_full;
}

/* Returns where the digest goes, counted from the end of the message. */
static size_t put_security(struct writer *w, const struct usm_message *m,
	const uint8_t salt[SALT_BYTES], size_t end)
{
	static const uint8_t zero[DIGEST_MAX];
	size_t digest = m->keys ? digest_size(m->keys->auth) : 0, from, inner = w->at;

	put_bytes(w, BER_OCTETS, salt, m->keys && m->keys->priv ? SALT_BYTES : 0);
	put(w, zero, digest);
	from = end - w->at;
	put_head(w, BER_OCTETS, digest);
	put_bytes(w, BER_OCTETS, m->user, strlen(m->user));
	put_integer(w, m->time);
	put_integer(w, m->boots);
	put_bytes(w, BER_OCTETS, m->engine_id, m->engine_id_n);
	put_head(w, BER_SEQUENCE, inner - w->at);
	put_head(w, BER_OCTETS, inner - w->at);
	return from;
}

static void put_global(struct writer *w, const struct usm_message *m)
{
	uint8_t flags = (uint8_t)((m->keys && m->keys->auth ? USM_AUTH : 0) |
				  (m->keys && m->keys->priv ? USM_PRIV : 0) |
				  (m->is_reportable ? USM_REPORTABLE : 0));
	size_t end = w->at;

	put_integer(w, MODEL_USM);
	put_bytes(w, BER_OCTETS, &flags, 1);
	put_integer(w, USM_MAX_MESSAGE);
	put_integer(w, m->msg_id);
	put_head(w, BER_SEQUENCE, end - w->at);
}

static bool digest(const struct usm_keys *k, const uint8_t *data, size_t n,
	uint8_t out[EVP_MAX_MD_SIZE])
{
	unsigned len = 0;

	return HMAC(usm_hash(k->auth), k->auth_key, (int)usm_key_size(k->auth), data, n, out,
		       &len) != NULL;
}

long usm_seal(const struct usm_message *m, uint8_t *out, size_t cap)
{
	struct writer w = { .data = out, .at = cap };
	uint8_t salt[SALT_BYTES], mac[EVP_MAX_MD_SIZE];

	if (!put_scoped(&w, m, salt))
		return -1;
	size_t digest_from_end = put_security(&w, m, salt, cap);
	put_global(&w, m);
	put_integer(&w, VERSION_3);
	put_head(&w, BER_SEQUENCE, cap - w.at);
	if (w.is_full)
		return -1;
	size_t n = cap - w.at;
	if (m->keys && m->keys->auth) {
		if (!digest(m->keys, out + w.at, n, mac))
			return -1;
		memcpy(out + cap - digest_from_end, mac, digest_size(m->keys->auth));
	}
	memmove(out, out + w.at, n);
	return (long)n;
}

/* ---- opening ---- */

static int peek_security(struct ber c, struct usm_head *h)
{
	size_t at;
	long n = ber_expect(&c, BER_SEQUENCE);

	if (n < 0)
		return -1;
	n = ber_bytes(&c, BER_OCTETS, &h->engine_id);
	if (n < 0 || n > BB_V3_ENGINE_MAX)
		return -1;
	h->engine_id_n = (size_t)n;
	if (ber_integer(&c, &h->boots, &at) || ber_integer(&c, &h->time, &at))
		return -1;
	n = ber_bytes(&c, BER_OCTETS, &h->user);
	if (n < 0 || n > BB_V3_USER_MAX)
		return -1;
	h->user_n = (size_t)n;
	n = ber_bytes(&c, BER_OCTETS, &h->auth);
	if (n < 0 || n > DIGEST_MAX)
		return -1;
	h->auth_n = (size_t)n;
	n = ber_bytes(&c, BER_OCTETS, &h->salt);
	if (n < 0)
		return -1;
	h->salt_n = (size_t)n;
	return 0;
}

static int peek_global(struct ber c, struct usm_head *h)
{
	uint32_t most, model;
	const uint8_t *flags;
	size_t at;

	if (ber_integer(&c, &h->msg_id, &at) || ber_integer(&c, &most, &at) ||
		ber_bytes(&c, BER_OCTETS, &flags) != 1 || ber_integer(&c, &model, &at) ||
		model != MODEL_USM)
		return -1;
	h->flags = flags[0];
	return (h->flags & USM_PRIV) && !(h->flags & USM_AUTH) ? -1 : 0;
}

int usm_peek(const uint8_t *data, size_t len, struct usm_head *h)
{
	struct ber c = { .data = data, .len = len };
	uint32_t version;
	uint8_t tag;
	size_t at;
	long n = ber_expect(&c, BER_SEQUENCE);

	if (n < 0)
		return -1;
	c.len = c.at + (size_t)n;
	if (ber_integer(&c, &version, &at) || version != VERSION_3)
		return -1;
	n = ber_expect(&c, BER_SEQUENCE);
	if (n < 0 || peek_global((struct ber){ data, c.at, c.at + (size_t)n }, h))
		return -1;
	c.at += (size_t)n;
	n = ber_expect(&c, BER_OCTETS);
	if (n < 0 || peek_security((struct ber){ data, c.at, c.at + (size_t)n }, h))
		return -1;
	c.at += (size_t)n;
	size_t start = c.at;
	n = ber_enter(&c, &tag);
	h->is_encrypted = h->flags & USM_PRIV;
	if (n < 0 || tag != (h->is_encrypted ? BER_OCTETS : BER_SEQUENCE))
		return -1;
	h->data = data + (h->is_encrypted ? c.at : start);
	h->data_n = h->is_encrypted ? (size_t)n : (size_t)n + c.at - start;
	return 0;
}

/* The digest is counted over the message with zeros in its place; its length is ours, never the message's. */
static bool is_authentic(uint8_t *data, size_t len, const struct usm_head *h,
	const struct usm_keys *k)
{
	uint8_t theirs[DIGEST_MAX], mac[EVP_MAX_MD_SIZE];
	size_t n = k ? digest_size(k->auth) : 0, at = (size_t)(h->auth - data);

	if (!n || h->auth_n != n)
		return false;
	memcpy(theirs, data + at, n);
	memset(data + at, 0, n);
	bool ok = digest(k, data, len, mac) && CRYPTO_memcmp(mac, theirs, n) == 0;
	memcpy(data + at, theirs, n);
	return ok;
}

static bool decrypt(uint8_t *data, const struct usm_head *h, const struct usm_keys *k)
{
	uint8_t iv[16];

	if (!k->priv || h->salt_n != SALT_BYTES || !h->data_n ||
		(k->priv == BB_V3_DES && h->data_n % 8))
		return false;
	iv_make(iv, k, h->salt, h->boots, h->time);
	return run_cipher(k, iv, false, data + (h->data - data), h->data_n) &&
	       h->data[0] == BER_SEQUENCE;
}

enum usm_result usm_open(uint8_t *data, size_t len, const struct usm_head *h,
	const struct usm_keys *keys, uint8_t **plain, size_t *plain_n)
{
	const uint8_t *skipped;

	/* Bytes behind the message are not part of it. */
	struct ber whole = { .data = data, .len = len };
	long n = ber_expect(&whole, BER_SEQUENCE);
	if (n < 0)
		return USM_DAMAGED;
	len = whole.at + (size_t)n;
	if (h->flags & USM_AUTH && !is_authentic(data, len, h, keys))
		return USM_BAD_DIGEST;
	if (h->is_encrypted && !decrypt(data, h, keys))
		return USM_BAD_DECRYPTION;
	struct ber c = { .data = data, .at = (size_t)(h->data - data), .len = len };
	c.len = c.at + h->data_n;
	n = ber_expect(&c, BER_SEQUENCE);
	if (n < 0)
		return USM_BAD_DECRYPTION;
	c.len = c.at + (size_t)n;
	if (ber_bytes(&c, BER_OCTETS, &skipped) < 0 || ber_bytes(&c, BER_OCTETS, &skipped) < 0)
		return USM_DAMAGED;
	size_t rest = c.len - c.at;
	if (rest < 2 || rest > USM_MAX_MESSAGE || c.at < PLAIN_HEAD)
		return USM_DAMAGED;
	/* The header was longer than the one that takes its place. */
	uint8_t *head = data + c.at - PLAIN_HEAD;
	const uint8_t v2c[PLAIN_HEAD] = { BER_SEQUENCE, 0x82, (uint8_t)((rest + 5) >> 8),
		(uint8_t)(rest + 5), BER_INTEGER, 1, 1, BER_OCTETS, 0 };
	memcpy(head, v2c, PLAIN_HEAD);
	*plain = head;
	*plain_n = rest + PLAIN_HEAD;
	return USM_OK;
}

/* ---- reports ---- */

enum usm_report usm_report(const uint8_t *plain, size_t n)
{
	/* 1.3.6.1.6.3.15.1.1.<n>.0 and 1.3.6.1.6.3.12.1.<n>.0 */
	static const uint8_t usm_stats[] = { 0x2b, 6, 1, 6, 3, 15, 1, 1 };
	static const uint8_t targets[] = { 0x2b, 6, 1, 6, 3, 12, 1 };
	static const enum usm_report by_number[] = { USM_OTHER_REPORT, USM_LEVEL, USM_TIME,
		USM_USER, USM_ENGINE, USM_DIGEST, USM_DECRYPTION };
	struct ber c = { .data = plain, .len = n };
	const uint8_t *bytes, *oid;
	long len;

	if (ber_expect(&c, BER_SEQUENCE) < 0 || ber_bytes(&c, BER_INTEGER, &bytes) < 0 ||
		ber_bytes(&c, BER_OCTETS, &bytes) < 0 || ber_expect(&c, BER_REPORT) < 0)
		return USM_NO_REPORT;
	for (int i = 0; i < 3; i++) {
		if (ber_bytes(&c, BER_INTEGER, &bytes) < 0)
			return USM_OTHER_REPORT;
	}
	if (ber_expect(&c, BER_SEQUENCE) < 0 || ber_expect(&c, BER_SEQUENCE) < 0)
		return USM_OTHER_REPORT;
	len = ber_bytes(&c, BER_OID, &oid);
	if (len == sizeof(usm_stats) + 2 && !memcmp(oid, usm_stats, sizeof(usm_stats)) &&
		oid[len - 2] < sizeof(by_number) / sizeof(by_number[0]))
		return by_number[oid[len - 2]];
	if (len == sizeof(targets) + 2 && !memcmp(oid, targets, sizeof(targets)))
		return USM_CONTEXT;
	return USM_OTHER_REPORT;
}
