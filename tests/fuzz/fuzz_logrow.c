// SPDX-License-Identifier: Apache-2.0
/* A rest out of a table somebody may have changed; and any bytes as a record: it always comes back. */
#include <stdlib.h>
#include <string.h>

#include "common/logrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t journal[16] = { 1 };
	struct bb_logrow row = { .device = "d",
		.alarm_id = "a-1",
		.rule = "r",
		.subject = "",
		.kind = "raise" };
	struct bb_arena *a = bb_arena_new(65536, 0);
	size_t len, rest_len;

	bb_logrow_record(a, &row, journal, data, n, &len, NULL);
	if (n <= BB_WIRE_MAX) {
		const Busbar__V1__Transition *t = bb_unpack_transition(a, data, n, NULL);
		const uint8_t *rest = bb_logrow_rest(a, data, n, &rest_len), *back, *id = journal;

		if (t && t->alarm)
			bb_logrow_of(t, &row);
		if (t && t->journal_id.len == 16)
			id = t->journal_id.data;
		back = bb_logrow_record(a, &row, id, rest, rest_len, &len, NULL);
		bb_assert(back && len == n && memcmp(back, data, n) == 0);
	}
	bb_arena_free(a);
	return 0;
}
