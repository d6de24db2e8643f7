// SPDX-License-Identifier: Apache-2.0
/* SNMPv3 messages from the network: the first byte chooses the state of the peer and whether the digest is made right first, so that
 * what lies behind it is reached, too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/v3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct v3_peer *peer_new(struct usm_kus *kus)
{
	static const uint8_t engine[] = { 0x80, 0, 0x1f, 0x88, 4, 1, 2, 3 };
	const struct v3_settings s = { .user = "ops",
		.auth = "SHA",
		.priv = "AES",
		.auth_password = "authentic",
		.priv_password = "encrypted",
		.engine_id = engine,
		.engine_id_n = sizeof(engine) };
	struct v3_peer *v = v3_new(&s, NULL);

	v3_keys(v, kus, true);
	return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct usm_kus *kus;
	static const uint8_t id[CODEC_ID_BYTES] = { 0x40, 0, 0, 1 };
	struct v3_counts n = { 0 };
	struct codec_answer a = { 0 };
	struct usm_head h;
	uint8_t *plain = NULL;
	size_t plain_n = 0;

	if (!kus) {
		codec_init();
		kus = usm_kus_new();
	}
	if (size < 1 || size > CODEC_MAX_PACKET)
		return 0;
	struct v3_peer *v = peer_new(kus);
	uint8_t *copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	v3_begin(v);
	v->state = data[0] & 1 ? V3_PROBE : data[0] & 2 ? V3_READY : V3_SYNC;
	/* Without authentication the same parser takes everything else. */
	if (data[0] & 4)
		v->auth = v->priv = 0;
	if (!usm_peek(copy, size - 1, &h) &&
		v3_take(v, &n, copy, size - 1, &h, id, 1000000000, &plain, &plain_n) == V3_ANSWER &&
		!codec_decode(plain, plain_n, CODEC_V2C, &a))
		codec_answer_free(&a);
	free(copy);
	v3_free(v);
	return 0;
}
