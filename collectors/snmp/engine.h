// SPDX-License-Identifier: Apache-2.0
/* Requests and answers of tens of thousands of SNMP agents over two UDP sockets per address family.
 *
 * A peer has at most one request outstanding (many cards drop parallel ones), its own retry clock
 * and its own smoothed round trip, so a slow, dead or lying one delays nobody else. Requests are
 * queued by engine_ask() and leave in batches (engine_flush, from the tick). An answer counts only
 * if request id (slot and generation), our socket, source address and port, version and community
 * all fit (with SNMPv3: message id, user, level, engine, digest, time window and a random request id); the rest is counted and
 * dropped before it is decoded. Datagrams that waited in the
 * kernel while we were stopped keep their true age. One thread; nothing blocks. */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/snmp/codec.h"
#include "collectors/snmp/echo.h"
#include "collectors/snmp/v3.h"

#define ENGINE_TRIES 3
#define ENGINE_MAX_PEERS (1U << 20)

struct engine_options {
	uint64_t timeout_ms[ENGINE_TRIES];
	int receive_buffer_bytes;
	struct usm_kus *kus;            /* borrowed; keys of SNMPv3 passwords */
};

struct engine;
struct peer {
	struct engine *engine;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} to;
	const char *community;          /* borrowed from the device's settings */
	struct v3_peer *v3;             /* NULL: v1, v2c. Else version is CODEC_V2C and the community empty: that is how the PDUs look */
	struct wheel_entry timer;
	struct peer *next_queued;
	struct peer_queue *queue;       /* it stands in; NULL: none */
	const struct packet *packet;    /* outstanding, borrowed from the owner; NULL: idle */
	struct echo echo;               /* the owner's: the answer it knows already */
	uint64_t sent_ns;               /* BOOTTIME of the first sending of this request */
	uint32_t slot;
	uint16_t generation;            /* ten bits of the request id */
	uint8_t id[CODEC_ID_BYTES];
	uint8_t version;                /* enum codec_version */
	uint8_t sock;
	uint8_t tries, max_tries;
	int send_errno;                 /* of the last sending; 0: went out */
	/* Learnt, RFC 6298. 0: nothing known. */
	uint32_t srtt_us, rttvar_us;
	uint16_t samples;
	uint16_t loss_permille;         /* sendings without an answer, smoothed */
};

/* Called from the loop. `a` is borrowed until the call returns, which may ask again. NULL: the echo, which engine_echoes
 * agreed to take. */
typedef void (*engine_answered)(struct peer *p, const struct codec_answer *a, uint64_t sampled_boot_ns);
/* What came is the echo. True: it need not be decoded. Must change nothing. */
typedef bool (*engine_echoes)(const struct peer *p, const uint8_t *data);
/* No usable answer to any of the tries. */
typedef void (*engine_silent)(struct peer *p);

struct engine *engine_new(struct collector *c, const struct engine_options *o, engine_answered answered, engine_echoes echoes,
	engine_silent silent, struct bb_err *err);
void engine_free(struct engine *e);
/* Give the peer a slot. `address` is a numeric IPv4 or IPv6 address ("fe80::1%eth0" too). */
int engine_attach(struct engine *e, struct peer *p, const char *address, uint16_t port, struct bb_err *err);
/* The peer speaks SNMPv3. After engine_attach(), before the first engine_ask(). The strings are borrowed until engine_detach(). */
int engine_secure(struct engine *e, struct peer *p, const struct v3_settings *s, struct bb_err *err);
/* Forget it and its outstanding request. The slot's next owner begins with another generation. */
void engine_detach(struct engine *e, struct peer *p);
/* Send `packet` (kept by the caller until answered or silent) up to max_tries times. The peer must
 * be idle. */
void engine_ask(struct engine *e, struct peer *p, const struct packet *packet, unsigned max_tries);
static inline bool engine_busy(const struct peer *p)
{
	return p->packet;
}
/* Send what is queued. The answers are read a millisecond later by themselves, and by engine_receive(). */
void engine_flush(struct engine *e);
/* Read what has come. Called at the begin of every tick, before the time-outs. */
void engine_receive(struct engine *e);
/* "10.0.0.5:161" */
char *engine_peer_text(const struct peer *p, char *buf, size_t cap);
/* Why it was silent, in one sentence with what to check. */
void engine_reason(const struct peer *p, char *buf, size_t cap);
/* Since the last call, engine ids of peers were learnt or forgotten. */
bool engine_ids_changed(struct engine *e);
/* All peers, in no order. */
void engine_each(struct engine *e, void (*f)(void *arg, struct peer *p), void *arg);
void engine_metrics(struct engine *e, collector_metric emit, void *arg);
