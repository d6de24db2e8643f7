// SPDX-License-Identifier: Apache-2.0
/* BER of SNMP v1 and v2c, as an agent needs it: read a request, write an answer. Written apart
 * from net-snmp on purpose, so that the collector under test and its simulator do not share a
 * codec. Nothing allocates or blocks; lengths are bytes. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_NULL = 0x05,
	BER_OID = 0x06,
	BER_SEQUENCE = 0x30,
	BER_IPADDRESS = 0x40,
	BER_COUNTER32 = 0x41,
	BER_GAUGE32 = 0x42,
	BER_TIMETICKS = 0x43,
	BER_OPAQUE = 0x44,
	BER_COUNTER64 = 0x46,
	BER_NO_SUCH_OBJECT = 0x80,
	BER_NO_SUCH_INSTANCE = 0x81,
	BER_END_OF_MIB = 0x82,
	BER_GET = 0xa0,
	BER_GETNEXT = 0xa1,
	BER_RESPONSE = 0xa2,
	BER_SET = 0xa3,
	BER_GETBULK = 0xa5,
};

enum {
	SNMP_V1 = 0,
	SNMP_V2C = 1,
	SNMP_NO_ERROR = 0,
	SNMP_TOO_BIG = 1,
	SNMP_NO_SUCH_NAME = 2,
	SNMP_GEN_ERR = 5,
	SNMP_NOT_WRITABLE = 17,
};

#define BER_OID_ARCS      128
#define BER_MAX_VARBINDS  128
#define BER_MAX_COMMUNITY 255

struct ber_oid {
	uint32_t n;
	uint32_t arc[BER_OID_ARCS];
};

int ber_oid_compare(const uint32_t *a, size_t na, const uint32_t *b, size_t nb);
void ber_oid_copy(struct ber_oid *dst, const uint32_t *arc, size_t n);
/* "1.3.6.1", a leading dot is allowed. Returns 0, or -1: not an OID of at least two arcs. */
int ber_oid_parse(struct ber_oid *dst, const char *text);
/* Content octets of an OID. `cap` bytes at `out`; returns the length, 0 when it does not fit or is
 * no OID. */
size_t ber_oid_pack(uint8_t *out, size_t cap, const uint32_t *arc, size_t n);
int ber_oid_unpack(struct ber_oid *dst, const uint8_t *p, size_t n);

/* A request as received. The pointers borrow the datagram. */
struct ber_request {
	int32_t version;
	const uint8_t *community;
	size_t community_len;
	uint8_t type;
	int32_t request_id;
	int32_t non_repeaters;   /* error-status of other requests */
	int32_t max_repetitions; /* error-index of other requests */
	const uint8_t *varbinds; /* content of the list, for answers that repeat it */
	size_t varbinds_len;
	size_t n;
	struct ber_oid name[BER_MAX_VARBINDS];
};
/* Returns 0, or -1 when the datagram is not exactly one well-formed request (then it is dropped,
 * as RFC 3417 wants). */
int ber_request_read(struct ber_request *rq, const uint8_t *p, size_t n);

/* A value: content octets when `bytes` is set, else the number `num` in the width of the tag.
 * `text` is room for what must be made up; `bytes` may point into it. */
struct ber_value {
	uint8_t tag;
	const uint8_t *bytes;
	size_t len;
	int64_t num;
	uint8_t text[64];
};
void ber_value_number(struct ber_value *v, uint8_t tag, int64_t num);
void ber_value_bytes(struct ber_value *v, uint8_t tag, const void *p, size_t n); /* borrowed */

/* An answer under construction: varbinds grow upwards from BER_HEADROOM, the header is put in
 * front at the end. */
#define BER_HEADROOM    512
#define BER_MAX_MESSAGE 65000
struct ber_answer {
	uint8_t *buf;    /* BER_HEADROOM + BER_MAX_MESSAGE bytes of the caller */
	size_t limit;    /* largest message allowed */
	size_t end;      /* behind the last varbind */
	size_t overhead; /* header of this answer */
};
void ber_answer_begin(struct ber_answer *a, uint8_t *buf, size_t limit,
	const struct ber_request *rq);
/* Returns false, and adds nothing, when the message would become larger than the limit. */
bool ber_answer_add(struct ber_answer *a, const struct ber_oid *name, const struct ber_value *v);
/* Drop what was added and repeat the request's varbinds, as an SNMPv1 error does. False: larger
 * than the limit. */
bool ber_answer_repeat(struct ber_answer *a, const struct ber_request *rq);
/* Drop what was added. */
void ber_answer_clear(struct ber_answer *a);
/* Returns the first byte of the message; *len is its length. */
const uint8_t *ber_answer_end(struct ber_answer *a, const struct ber_request *rq, int status,
	int index, size_t *len);
