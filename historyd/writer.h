// SPDX-License-Identifier: Apache-2.0
/* Batches of rows on their way to PostgreSQL, or into the spool while it is away. A block holds the rows of at most FLUSH_MS or
 * BLOCK_BYTES in COPY form together with the layouts and text changes they need, so that it can be written at any later time.
 * One block is in flight; more than QUEUE_BLOCKS waiting means the database is too slow and the oldest goes to the spool. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "historyd/spool.h"

struct writer;
struct writer_options {
	const char *conninfo;
	const char *spool_dir;
	uint64_t spool_bytes;
	unsigned window_s;              /* length of a partition of sample_wide */
};

struct layout {
	int64_t id;                     /* hash of the names */
	size_t n;
	char **point, **idx;
};

struct writer_stats {
	uint64_t rows, values, rows_spooled, segments_dropped, blocks_refused, spool_bytes, queue_blocks;
	bool database_up;
};

struct writer *writer_new(struct bb_loop *loop, const struct writer_options *o, struct bb_err *err);
/* Puts what is in memory into the spool. */
void writer_free(struct writer *w);
/* `missing[i]`: not good. The layout must live as long as the writer. */
void writer_row(struct writer *w, const struct layout *l, uint64_t site_id, uint64_t device_id, uint64_t at_us, const float *value,
	const bool *missing);
/* A text or status word changed; NULL: unknown from here. */
void writer_text(struct writer *w, uint64_t site_id, uint64_t device_id, uint64_t at_us, const char *point, const char *idx,
	const char *value);
void writer_stats(const struct writer *w, struct writer_stats *out);
