// SPDX-License-Identifier: Apache-2.0
/* Growing text buffer, strict number reading, UTF-8 check, hex, JSON output. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/* Owned bytes, always NUL-terminated behind `len`. Zero-initialise; bb_buf_fini frees. */
struct bb_buf {
	char *data;
	size_t len, cap;
};
void bb_buf_fini(struct bb_buf *b);
void bb_buf_reset(struct bb_buf *b);
void bb_buf_add(struct bb_buf *b, const void *p, size_t n);
void bb_buf_str(struct bb_buf *b, const char *s);
void bb_buf_printf(struct bb_buf *b, const char *fmt, ...) BB_PRINTF(2, 3);

/* JSON writer: commas are set by itself. `key` NULL inside arrays and at the top. Non-finite numbers become null; invalid UTF-8
 * becomes U+FFFD; numbers are printed with as few digits as give the same double (at most 17). */
struct bb_json {
	struct bb_buf *out;
	bool comma;
};
void bb_json_obj(struct bb_json *j, const char *key);
void bb_json_arr(struct bb_json *j, const char *key);
void bb_json_end_obj(struct bb_json *j);
void bb_json_end_arr(struct bb_json *j);
void bb_json_str(struct bb_json *j, const char *key, const char *value);      /* NULL value: null */
void bb_json_num(struct bb_json *j, const char *key, double value);
void bb_json_int(struct bb_json *j, const char *key, int64_t value);
void bb_json_bool(struct bb_json *j, const char *key, bool value);
void bb_json_null(struct bb_json *j, const char *key);
void bb_json_raw(struct bb_json *j, const char *key, const char *json);       /* trusted JSON text */
void bb_json_time(struct bb_json *j, const char *key, uint64_t unix_us);      /* RFC 3339; 0: null */

/* Whole string must be the number and lie in [min, max]. Return 0 or -1 (err names `what`). */
int bb_parse_u64(const char *s, const char *what, uint64_t min, uint64_t max, uint64_t *v, struct bb_err *err);
int bb_parse_double(const char *s, double *v);
bool bb_utf8_valid(const char *s, size_t n);
/* Copy at most cap-1 bytes, cutting at a UTF-8 border, control characters and invalid bytes replaced by '?'. */
void bb_text_clean(char *dst, size_t cap, const char *src, size_t n);
void bb_hex(char *dst, const void *p, size_t n);                              /* 2n+1 bytes */
int bb_unhex(void *dst, size_t cap, const char *hex);                         /* bytes written, or -1 */
uint64_t bb_hash(const void *p, size_t n);                                    /* FNV-1a 64 */
/* Key of a device or site: segments [a-z0-9._-]+ joined by '/', at most 200 bytes. */
bool bb_key_valid(const char *key);
/* strlcpy: returns false when cut. */
bool bb_copy(char *dst, size_t cap, const char *src);
