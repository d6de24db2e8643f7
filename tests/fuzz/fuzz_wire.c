// SPDX-License-Identifier: Apache-2.0
/* Every unpacker: the first byte chooses the message, the rest is the frame. What passes can be
 * packed and passes again. */
#include <string.h>

#include "common/wire.h"

typedef const void *(
	*unpacker)(struct bb_arena *a, const void *data, size_t len, struct bb_err *err);

// clang-format off
#define ENTRY(fn) (unpacker)(void (*)(void))bb_unpack_##fn
static const unpacker unpackers[] = {
	ENTRY(envelope), ENTRY(reading), ENTRY(heartbeat), ENTRY(device_state), ENTRY(group_state), ENTRY(alarm), ENTRY(transition),
	ENTRY(log_pull), ENTRY(log_batch), ENTRY(command_request), ENTRY(command_reply), ENTRY(command_hello), ENTRY(snap_request),
	ENTRY(snap_end), ENTRY(config_get), ENTRY(config_generation), ENTRY(config), ENTRY(confirm), ENTRY(redundancy_state),
};
// clang-format on

static int visit(void *arg, const struct bb_value *v)
{
	*(size_t *)arg += strlen(v->name) + strlen(v->index) + strlen(v->text);
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bb_arena *a = bb_arena_new(4096, 16 * 1024 * 1024);
	struct bb_err err;
	size_t sum = 0, len;
	unpacker f;
	const void *m;
	uint8_t *again;

	if (n) {
		f = unpackers[data[0] % (sizeof(unpackers) / sizeof(unpackers[0]))];
		m = f(a, data + 1, n - 1, &err);
		if (m && f == ENTRY(reading))
			bb_reading_each(m, visit, &sum);
		again = m ? bb_pack(a, m, &len) : NULL;
		if (again && len <= BB_WIRE_MAX)
			bb_assert(f(a, again, len, &err));
	}
	bb_arena_free(a);
	return 0;
}
