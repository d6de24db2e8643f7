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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct codec_answer a;
	struct codec_head h;

	if (size < 1)
		return 0;
	uint8_t *copy = bb_malloc(size);
	memcpy(copy, data + 1, size - 1);
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
