// SPDX-License-Identifier: Apache-2.0
/* Blocks read back from a spool file that may be damaged. */
#include "historyd/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_layout(void *arg, const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		*(size_t *)arg += __builtin_strlen(l->point[i]) + __builtin_strlen(l->idx[i]);
}

static void on_text(void *arg, const struct block_text *t)
{
	*(size_t *)arg += __builtin_strlen(t->point) + (t->value ? __builtin_strlen(t->value) : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct block *b = block_load(data, size);
	size_t sum = 0;

	if (b) {
		block_each_layout(b, on_layout, &sum);
		block_each_text(b, on_text, &sum);
	}
	block_free(b);
	return 0;
}
