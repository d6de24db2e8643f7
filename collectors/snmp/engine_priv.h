// SPDX-License-Identifier: Apache-2.0
/* Between engine.c (peers, sending) and engine_receive.c. */
#pragma once
#include <sys/socket.h>

#include "collectors/snmp/engine.h"
#include "common/arena.h"
#include "common/log.h"

#define SOCKETS         4 /* two of IPv4, two of IPv6 */
#define BATCH           64
#define SLOT_BYTES      CODEC_MAX_PACKET
#define BATCHES_A_TURN  32 /* then others may have the loop */
#define DRAIN_MS        1
#define KEYS_NS         3000000
#define PIECES          3 /* of a packet: before the request id, the id, behind it */
#define SLOT_BITS       20
#define GENERATION_MASK 0x3ffU
#define MAX_AGE_NS      10000000000ULL /* older answers tell nothing about now */
#define MIN_TIMEOUT_MS  300
#define MAX_TIMEOUT_MS  6000
#define WARM_SAMPLES    8 /* round trips before the smoothed one is trusted */

struct peer_queue {
	struct peer *first, *last;
};

struct sock {
	int fd;
	unsigned n_peers;
	struct peer_queue queue; /* waiting to be sent */
	uint32_t kernel_drops;
};

/* Buffers of one recvmmsg call. */
struct intake {
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage from[BATCH];
	char control[BATCH][128];
	uint8_t data[BATCH][SLOT_BYTES];
};

struct engine {
	struct collector *host;
	struct engine_options opt;
	engine_answered answered;
	engine_echoes echoes;
	engine_silent silent;
	struct sock sock[SOCKETS];
	struct peer **slot;
	uint16_t *generation; /* per slot, survives its owners */
	uint32_t n_slots, *free_slot, n_free;
	struct intake *intake;
	struct peer_queue keyless; /* SNMPv3 peers waiting for the keys of their passwords */
	uint8_t (*sealed)[USM_MAX_MESSAGE]; /* one per message of a batch; NULL while no peer speaks SNMPv3 */
	unsigned n_v3;
	bool ids_changed;
	struct v3_counts v3_counts;
	struct bb_watch *drain;
	struct codec_answer answer;
	uint64_t echoed;
	uint64_t sent, received, retried, timed_out, rejected, too_old, truncated, undecodable,
		send_failed;
	uint64_t drops;
	struct bb_log_limit drop_log;
};

uint32_t engine_id_of(const struct engine *e, const struct peer *p);
void engine_enqueue(struct peer_queue *q, struct peer *p);
void engine_unqueue(struct peer *p);
void engine_note_loss(struct peer *p, bool lost);
