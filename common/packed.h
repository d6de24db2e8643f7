// SPDX-License-Identifier: Apache-2.0
/* Samples of a device in few bytes, as in the columns t, p and s of sample_day, sample_time and sample_part (deploy/migrations, samples
 * packed). Pure: no database, no clock. All numbers big-endian. A stream holds n whole numbers in blocks of 64 (the last one may be
 * shorter): a byte w (0 to 32), then the numbers in w bits each, filled up to whole bytes. Signed ones are zigzag: 0 -1 1 -2 ...
 *   times   u32 n, i32 first, i32 step, stream of n - 1: what each difference is more than step
 *   values  u8 form, [bitmap of n: 1 = there is a value], i32 first, stream of n: form 0 differences in units of 10^-scale, form 1 bits
 *           of the float XOR those before; 0x80 in the form: the bitmap is there. The first one and missing ones stand as 0 in the stream
 *   slots   u8 form, bitmap of 144 (slots of ten minutes with values), streams of as many: number of values (difference), minimum
 *           (difference; form 1: XOR), maximum less minimum, average less minimum in units of 10^-(scale + 3); form 1: the floats, XOR
 * Reading takes any bytes: what is not of this form is refused. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/day.h"
#include "common/str.h"

#define BB_SLOTS 144                       /* of a day */
#define BB_SLOT_STEPS (BB_DAY_STEPS / BB_SLOTS)

void bb_packed_times(struct bb_buf *out, const int32_t *t, size_t n);
/* Returns the number of times, or -1: not such bytes, more than `max`, or not growing within a day. */
long bb_packed_times_read(const uint8_t *p, size_t len, int32_t *t, size_t max);
/* `s` as left by bb_day_encode(). */
void bb_packed_values(struct bb_buf *out, const struct bb_day_series *s, size_t n);
/* NaN where missing. Returns 0, or -1: not such bytes. */
int bb_packed_values_read(const uint8_t *p, size_t len, int scale, float *value, size_t n);
void bb_packed_slots(struct bb_buf *out, int scale, const int32_t *t, const float *value, size_t n);
int bb_packed_slots_read(const uint8_t *p, size_t len, int scale, struct bb_hour slot[BB_SLOTS]);
