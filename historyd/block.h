// SPDX-License-Identifier: Apache-2.0
/* A batch as it lies in memory and in the spool: layouts, text changes and rows. Reading checks every length, because spool files may
 * be damaged. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/str.h"
#include "historyd/writer.h"

#define BLOCK_MAX_POINTS 4096

struct block {
	struct bb_buf layouts;          /* { i64 id, u16 n, n x (str point, str idx) } */
	struct bb_buf texts;            /* { u64 site, u64 device, u64 at, str point, str idx, u8 known, str value } */
	struct bb_buf rows;             /* COPY rows of sample_wide */
	uint32_t n_rows, n_layouts, n_texts;
	uint64_t min_us, max_us;        /* of the rows */
	bool staged;                    /* may repeat rows: write with ON CONFLICT DO NOTHING */
};

struct block_text {
	uint64_t site_id, device_id, at_us;
	const char *point, *idx, *value;        /* value NULL: unknown */
};

struct block *block_new(void);
void block_free(struct block *b);
void block_add_layout(struct block *b, const struct layout *l);
void block_add_text(struct block *b, const struct block_text *t);
void block_save(const struct block *b, struct bb_buf *out);
/* NULL when the bytes are not a block. */
struct block *block_load(const uint8_t *p, size_t n);
/* Calls for each; return 0, or -1 when the bytes are damaged. Strings are borrowed until the callback returns. */
int block_each_layout(const struct block *b, void (*cb)(void *arg, const struct layout *l), void *arg);
int block_each_text(const struct block *b, void (*cb)(void *arg, const struct block_text *t), void *arg);
