// SPDX-License-Identifier: Apache-2.0
/* Rows in PostgreSQL's binary COPY form (manual, COPY, "Binary Format"): written into a bb_buf, and read back field by field. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/str.h"

#define BB_PG_EPOCH_US 946684800000000LL      /* 2000-01-01 in Unix microseconds */
#define BB_PG_EPOCH_DAYS 10957                /* the same in days */

void bb_bin_begin(struct bb_buf *b);              /* header */
void bb_bin_end(struct bb_buf *b);                /* trailer */
void bb_bin_row(struct bb_buf *b, unsigned fields);
void bb_bin_null(struct bb_buf *b);
void bb_bin_int2(struct bb_buf *b, int16_t v);
void bb_bin_int4(struct bb_buf *b, int32_t v);
void bb_bin_int8(struct bb_buf *b, int64_t v);
void bb_bin_bytes(struct bb_buf *b, const void *p, size_t n);  /* bytea */
void bb_bin_time(struct bb_buf *b, uint64_t unix_us);
void bb_bin_date(struct bb_buf *b, int32_t unix_days);
/* Arrays of one dimension. Element i is NULL where missing[i] (missing may be NULL). */
void bb_bin_float4s(struct bb_buf *b, const float *v, const bool *missing, size_t n);
void bb_bin_int2s(struct bb_buf *b, const int16_t *v, const bool *missing, size_t n);
void bb_bin_int4s(struct bb_buf *b, const int32_t *v, size_t n);

int16_t bb_bin_get16(const void *p);
int32_t bb_bin_get32(const void *p);
int64_t bb_bin_get64(const void *p);
/* An array field of elements of `size` bytes (2, 4 or 8): calls each(arg, i, element or NULL). Returns the number of elements, or -1 when
 * the bytes are not such an array or longer than `max`. */
long bb_bin_read_array(const uint8_t *p, size_t len, size_t size, size_t max, void (*each)(void *arg, size_t i, const uint8_t *element),
	void *arg);
