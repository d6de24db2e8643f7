// SPDX-License-Identifier: Apache-2.0
/* SNMP v1 and v2c messages, coded and decoded by net-snmp; no session, no socket and no MIB of that
 * library is ever opened. Requests are packets built once; only the four bytes of the request id
 * change from sending to sending, which is why ids have bit 30 set (the shortest form of such a
 * number is four bytes). Not thread-safe, as net-snmp is not. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/profile.h"

#define CODEC_MAX_VARBINDS 64
#define CODEC_MAX_PACKET 8192
#define CODEC_ID_BIT 0x40000000U

enum codec_version { CODEC_V1 = 0, CODEC_V2C = 1 };
enum codec_op { CODEC_GET, CODEC_NEXT, CODEC_BULK, CODEC_SET };

/* Call once before anything else: keeps net-snmp from configuration files, MIBs, its state folder
 * and stderr. */
void codec_init(void);

struct packet {
	uint16_t len;
	uint16_t id_at;                 /* where the four bytes of the request id go */
	uint16_t pdu_at;                /* where the PDU begins */
	uint16_t first, n;              /* the caller's: which objects it asks for */
	bool by_place;                  /* the caller's: it needs no names in an answer that repeats those of the packet, see codec_take() */
	uint8_t data[];
};
/* One malloc; free() it. `repetitions` counts for CODEC_BULK only. NULL when it would pass
 * CODEC_MAX_PACKET. */
struct packet *codec_build(enum codec_op op, enum codec_version version, const char *community, const struct profile_oid *ask, size_t n,
	unsigned repetitions);
/* A SET, as above. */
struct codec_set {
	struct profile_oid oid;
	struct profile_oid object;      /* n > 0: this OBJECT IDENTIFIER is written */
	int32_t number;                 /* else this INTEGER */
};
struct packet *codec_build_set(enum codec_version version, const char *community, const struct codec_set *set, size_t n);
enum { CODEC_ID_BYTES = 4 };
/* Packets are shared, so the id is sent from elsewhere in their place. */
void codec_id(uint32_t id, uint8_t out[CODEC_ID_BYTES]);

/* What can be told without decoding: enough to find out whose answer it is before work is spent on
 * it. */
struct codec_head {
	uint32_t id;
	uint16_t id_at, pdu_at;
	uint8_t version;
	uint8_t pdu;                    /* tag */
	const uint8_t *community;
	size_t community_len;
};
int codec_peek(const uint8_t *data, size_t len, struct codec_head *h);
/* Where the contents of a value lie, without decoding. -1: not there, or not understood. */
struct codec_place {
	uint16_t at, n;
};
int codec_place(const uint8_t *data, size_t len, unsigned varbind, struct codec_place *out);

enum codec_type {
	CODEC_MISSING,                  /* noSuchObject, noSuchInstance */
	CODEC_END,                      /* endOfMibView */
	CODEC_NULL,
	CODEC_NUMBER,
	CODEC_TEXT,
	CODEC_OID,
	CODEC_OTHER,
};
struct codec_varbind {
	struct profile_oid oid;
	uint8_t type;                   /* enum codec_type */
	bool oid_too_long;              /* more numbers than struct profile_oid holds; never matches anything */
	int64_t whole;                  /* CODEC_NUMBER: exact for integers */
	double number;
	const uint8_t *text;            /* CODEC_TEXT: borrowed until codec_answer_free() */
	size_t text_len;
	struct profile_oid value;       /* CODEC_OID */
};
enum { CODEC_OK = 0, CODEC_TOOBIG = 1, CODEC_NOSUCHNAME = 2, CODEC_BADVALUE = 3, CODEC_READONLY = 4, CODEC_GENERR = 5 };
/* What an error-status is called. */
const char *codec_error_name(int error);
struct codec_answer {
	int error;                      /* error-status, above */
	unsigned index;                 /* error-index: 1 = first varbind, 0 = none */
	unsigned n;
	struct codec_varbind v[CODEC_MAX_VARBINDS];
	bool by_place;                  /* names are those of the request, and v[].oid is not set */
	void *pdu;                      /* net-snmp's */
	const uint8_t *raw;             /* as it came; borrowed like the rest */
	size_t raw_len;
};
/* Decode a response; `data` may be altered. -1: not a response, damaged, or more than
 * CODEC_MAX_VARBINDS. */
int codec_decode(uint8_t *data, size_t len, enum codec_version version, struct codec_answer *a);
/* The answer to a GET, which names what was asked for, byte for byte, and holds ordinary values: as codec_decode(), but without names,
 * net-snmp and memory. Texts are borrowed from `data`. -1: anything else, codec_decode() decides. */
int codec_take(const struct packet *asked, const uint8_t *data, size_t len, struct codec_answer *a);
void codec_answer_free(struct codec_answer *a);
/* One varbind as a line "OID|TAG|VALUE" of a .snmprec recording; texts that are not printable, or hold a '|', in hexadecimal. False: its
 * type has no place there. */
struct bb_buf;
bool codec_snmprec(const struct codec_answer *a, unsigned i, struct bb_buf *out);

/* Text as cards write it: blanks and NULs at both ends dropped. Returns the start, *n the new
 * length. */
const uint8_t *codec_trim(const uint8_t *text, size_t *n);
/* "00:0c:02:ab:cd:ef" from the six bytes of an address, or from an address written as text. False: it is none (loopback's
 * is empty, tunnels' are zero). */
#define CODEC_MAC_TEXT 18
bool codec_mac(const uint8_t *text, size_t n, char out[CODEC_MAC_TEXT]);
/* The number a varbind means. Numbers written as text are taken too; with `in_text` also one with
 * words behind it ("230.1 V"). */
bool codec_number(const struct codec_varbind *v, bool in_text, double *out);
/* The OID a varbind means, also when it is written as text. */
bool codec_oid(const struct codec_varbind *v, struct profile_oid *out);
