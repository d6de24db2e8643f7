// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/echo.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "collectors/snmp/codec.h"
#include "common/arena.h"

enum { ID_BYTES = 4, NUMBER_BYTES = 5 };

static unsigned char secret[crypto_shorthash_KEYBYTES];

static void secret_make(void)
{
	bb_assert(sodium_init() >= 0);
	randombytes_buf(secret, sizeof(secret));
}

/* Of everything but the bytes that may differ. */
static uint64_t hash_of(const struct echo *e, const uint8_t *data, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint8_t copy[CODEC_MAX_PACKET];
	uint64_t h;

	_Static_assert(sizeof(h) == crypto_shorthash_BYTES, "the hash is 64 bits wide");
	pthread_once(&once, secret_make);
	memcpy(copy, data, len);
	memset(copy + e->id_at, 0, ID_BYTES);
	memset(copy + e->free_at, 0, e->free_n);
	crypto_shorthash((unsigned char *)&h, copy, len, secret);
	return h;
}

void echo_keep(struct echo *e, const uint8_t *data, size_t len, int varbind)
{
	struct codec_head h;
	struct codec_place place = { .n = 0 };

	*e = (struct echo){ .len = 0 };
	if (len > CODEC_MAX_PACKET || codec_peek(data, len, &h) || (size_t)h.id_at + ID_BYTES > len)
		return;
	if (varbind >= 0 &&
		(codec_place(data, len, (unsigned)varbind, &place) || place.n > NUMBER_BYTES))
		return;
	e->len = (uint16_t)len;
	e->id_at = h.id_at;
	e->free_at = place.at;
	e->free_n = place.n;
	e->hash = hash_of(e, data, len);
}

bool echo_is(const struct echo *e, const uint8_t *data, size_t len)
{
	return e->len && e->len == len && hash_of(e, data, len) == e->hash;
}

uint32_t echo_number(const struct echo *e, const uint8_t *data)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < e->free_n; i++)
		v = v << 8 | data[e->free_at + i];
	return v;
}
