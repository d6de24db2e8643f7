// SPDX-License-Identifier: Apache-2.0
/* One received datagram: what kind of message it is (message_peek, cheap, for all versions), and what
 * a trap or inform says (message_read, values by net-snmp's parser). A trap of SNMPv1 is given the
 * name it has in v2c (RFC 3584 3.1). Input is hostile; nothing here blocks or logs. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/events.h"
#include "collectors/snmptrap/ber.h"

#define MESSAGE_MAX       65507
#define MESSAGE_OID_MAX   64
#define MESSAGE_VARBINDS  EVENTS_VARBINDS_MAX
#define MESSAGE_VALUE_MAX 256

/* Call once: net-snmp reads and writes no files, no environment and no stderr. */
void message_init(void);

/* What stands around the PDU. Everything borrowed from the datagram. */
struct message {
	uint8_t version; /* 0: v1, 1: v2c, 3 */
	struct ber pdu;  /* with its tag; v1, v2c: at once, v3: from usm_open() */
	size_t pdu_at;   /* v1, v2c: where it begins in the datagram */
	/* SNMPv3 only. */
	int64_t msg_id, boots, time;
	uint8_t flags; /* 1 authenticated, 2 encrypted, 4 wants a report */
	struct ber engine_id, user, auth, salt;
	size_t auth_at;                     /* where the authentication field's bytes are */
	struct ber context_engine, context; /* from usm_open(); an answer repeats them */
	struct ber scoped; /* contents: plain scoped PDU with its tag, or what is encrypted */
};
/* 0, or -1 with a word for what is wrong in *why. */
int message_peek(const uint8_t *data, size_t len, struct message *m, const char **why);

struct trap_value {
	char oid[MESSAGE_OID_MAX * 4 + 160];
	const char *type;
	char value[MESSAGE_VALUE_MAX];
};
struct trap {
	uint8_t pdu_tag;              /* BER_TRAP1, BER_TRAP2, BER_INFORM */
	uint32_t id[MESSAGE_OID_MAX]; /* snmpTrapOID */
	size_t n_id;
	uint32_t uptime_cs;
	int64_t request_id;
	bool has_agent; /* v1, or snmpTrapAddress.0 of a proxy */
	uint8_t agent[4];
	uint64_t hash; /* of the varbinds without sysUpTime.0 and snmpTrapOID.0 */
	size_t n_value;
	struct trap_value value[MESSAGE_VARBINDS];
	const char *first_text; /* first value that is a text with letters, or NULL */
};
/* `pdu` as in struct message. 0 or -1. */
int message_read(const struct ber *pdu, struct trap *t, const char **why);
/* Dotted, without a leading dot. */
char *message_oid_print(const uint32_t *id, size_t n, char *out, size_t cap);
/* An inform becomes its answer: another tag, no error. `pdu` is the inform's own copy. False: it is
 * not one. */
bool message_make_response(uint8_t *pdu, size_t len);
