// SPDX-License-Identifier: Apache-2.0
/* A datagram from the network: what the engine does with it before and after it knows whose it is.
 * The first byte picks the version. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/codec.h"
#include "collectors/snmp/echo.h"
#include "common/arena.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	codec_init();
	return 0;
}

static void look_at(const struct codec_varbind *v)
{
	struct profile_oid o;
	double number;
	size_t n = v->text_len;

	(void)codec_number(v, false, &number);
	(void)codec_number(v, true, &number);
	(void)codec_oid(v, &o);
	if (v->type == CODEC_TEXT && v->text)
		(void)codec_trim(v->text, &n);
}

/* What is understood by place, net-snmp understands, and alike. */
static void take(const uint8_t *data, size_t n)
{
	static const struct profile_oid asked = { .n = 11,
		.id = { 1, 3, 6, 1, 2, 1, 33, 1, 2, 4, 0 } };
	static struct codec_answer a, b;
	static struct packet *p;

	if (!p)
		p = codec_build(CODEC_GET, CODEC_V2C, "public", &asked, 1, 0);
	if (codec_take(p, data, n, &a))
		return;
	uint8_t *copy = bb_malloc(n);
	memcpy(copy, data, n);
	bb_assert(!codec_decode(copy, n, CODEC_V2C, &b) && a.n == 1 && b.n == 1);
	bb_assert(a.v[0].type == b.v[0].type && !profile_oid_compare(&b.v[0].oid, &asked));
	bb_assert(a.v[0].type != CODEC_NUMBER || a.v[0].number == b.v[0].number);
	bb_assert(a.v[0].type != CODEC_TEXT || a.v[0].text_len == b.v[0].text_len);
	look_at(&a.v[0]);
	codec_answer_free(&b);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct codec_answer a;
	struct codec_head h;

	if (size < 1)
		return 0;
	uint8_t *copy = bb_malloc(size);
	memcpy(copy, data + 1, size - 1);
	take(copy, size - 1);
	for (int k = -1; k < 3; k++) {
		struct echo e;

		echo_keep(&e, copy, size - 1, k);
		bb_assert(!e.len || echo_is(&e, copy, size - 1));
		if (e.len)
			(void)echo_number(&e, copy);
	}
	if (!codec_peek(copy, size - 1, &h) && h.id_at + 4UL <= size - 1 &&
		!codec_decode(copy, size - 1, data[0] & 1 ? CODEC_V2C : CODEC_V1, &a)) {
		for (unsigned i = 0; i < a.n; i++)
			look_at(&a.v[i]);
		codec_answer_free(&a);
	}
	free(copy);
	return 0;
}
