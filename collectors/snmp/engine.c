// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/engine_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "collectors/snmp/socket.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"

/* ---- sockets ---- */

static int open_sockets(struct engine *e, struct bb_err *err)
{
	int granted = 0;

	for (int i = 0; i < SOCKETS; i++) {
		bool v6 = i >= 2;
		struct bb_err why = { { 0 } };

		e->sock[i].fd = socket_open(v6 ? AF_INET6 : AF_INET, e->opt.receive_buffer_bytes,
			&granted, &why);
		/* A host without IPv6 is no fault; its IPv6 devices will be refused. */
		if (e->sock[i].fd < 0 && !v6)
			return bb_err_set(err, "%s", why.text);
	}
	bb_log(EV_NOTE, BB_STR("text", "receive buffer of each socket"),
		BB_UINT("asked_bytes", (uint64_t)e->opt.receive_buffer_bytes),
		BB_UINT("granted_bytes", (uint64_t)granted));
	return 0;
}

struct engine *engine_new(struct collector *c, const struct engine_options *o,
	engine_answered answered, engine_echoes echoes, engine_silent silent, struct bb_err *err)
{
	struct engine *e = bb_calloc(1, sizeof(*e));

	e->host = c;
	e->opt = *o;
	e->answered = answered;
	e->echoes = echoes;
	e->silent = silent;
	for (int i = 0; i < SOCKETS; i++)
		e->sock[i].fd = -1;
	e->intake = bb_calloc(1, sizeof(*e->intake));
	for (int i = 0; i < BATCH; i++) {
		e->intake->iov[i] =
			(struct iovec){ .iov_base = e->intake->data[i], .iov_len = SLOT_BYTES };
		e->intake->msg[i].msg_hdr = (struct msghdr){ .msg_iov = &e->intake->iov[i],
			.msg_iovlen = 1,
			.msg_name = &e->intake->from[i] };
	}
	if (open_sockets(e, err)) {
		engine_free(e);
		return NULL;
	}
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	bb_loop_cancel(e->drain);
	for (int i = 0; i < SOCKETS; i++) {
		if (e->sock[i].fd >= 0)
			close(e->sock[i].fd);
	}
	free(e->intake);
	free(e->sealed);
	free(e->slot);
	free(e->generation);
	free(e->free_slot);
	free(e);
}

/* ---- peers ---- */

static int parse_address(struct peer *p, const char *address, uint16_t port, struct bb_err *err)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;

	if (!*address)
		return bb_err_set(err, "the device has no address");
	if (getaddrinfo(address, NULL, &hints, &found) || found->ai_addrlen > sizeof(p->to)) {
		if (found)
			freeaddrinfo(found);
		return bb_err_set(err,
			"address \"%.80s\" is no numeric IPv4 or IPv6 address; names are not looked up, enter the address",
			address);
	}
	memcpy(&p->to, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (p->to.sa.sa_family == AF_INET)
		p->to.in.sin_port = htons(port);
	else
		p->to.in6.sin6_port = htons(port);
	return 0;
}

static void grow_slots(struct engine *e)
{
	uint32_t old = e->n_slots, n = old ? old * 2 : 1024;

	e->slot = bb_realloc(e->slot, n * sizeof(struct peer *));
	e->generation = bb_realloc(e->generation, n * sizeof(*e->generation));
	e->free_slot = bb_realloc(e->free_slot, n * sizeof(*e->free_slot));
	/* Generations start anywhere, so that answers to a process that died do not fit. */
	if (getrandom(e->generation + old, (n - old) * sizeof(*e->generation), 0) < 0)
		memset(e->generation + old, 0x55, (n - old) * sizeof(*e->generation));
	for (uint32_t i = n; i > old; i--) {
		e->slot[i - 1] = NULL;
		e->free_slot[e->n_free++] = i - 1;
	}
	e->n_slots = n;
}

int engine_attach(struct engine *e, struct peer *p, const char *address, uint16_t port,
	struct bb_err *err)
{
	if (parse_address(p, address, port, err))
		return -1;
	if (!e->n_free && e->n_slots >= ENGINE_MAX_PEERS)
		return bb_err_set(err, "more than %u devices", ENGINE_MAX_PEERS);
	if (!e->n_free)
		grow_slots(e);
	p->engine = e;
	p->slot = e->free_slot[--e->n_free];
	e->slot[p->slot] = p;
	p->sock = (uint8_t)((p->to.sa.sa_family == AF_INET6 ? 2 : 0) + (p->slot & 1));
	e->sock[p->sock].n_peers++;
	if (e->sock[p->sock].fd >= 0)
		return 0;
	engine_detach(e, p);
	return bb_err_set(err, "address \"%.80s\" is IPv6, which this host does not have", address);
}

int engine_secure(struct engine *e, struct peer *p, const struct v3_settings *settings,
	struct bb_err *err)
{
	p->v3 = v3_new(settings, err);
	if (!p->v3)
		return -1;
	p->version = CODEC_V2C;
	p->community = "";
	if (!e->sealed)
		e->sealed = bb_malloc(BATCH * sizeof(*e->sealed));
	e->n_v3++;
	return 0;
}

void engine_unqueue(struct peer *p)
{
	struct peer_queue *q = p->queue;
	struct peer *before = NULL;

	if (!q)
		return;
	for (struct peer *at = q->first; at != p; at = at->next_queued)
		before = at;
	if (before)
		before->next_queued = p->next_queued;
	else
		q->first = p->next_queued;
	if (q->last == p)
		q->last = before;
	p->queue = NULL;
}

void engine_detach(struct engine *e, struct peer *p)
{
	wheel_cancel(&p->timer);
	engine_unqueue(p);
	p->packet = NULL;
	e->sock[p->sock].n_peers--;
	e->slot[p->slot] = NULL;
	e->free_slot[e->n_free++] = p->slot;
	if (!p->v3)
		return;
	v3_free(p->v3);
	p->v3 = NULL;
	e->n_v3--;
	e->ids_changed = true;
}

void engine_each(struct engine *e, void (*f)(void *arg, struct peer *p), void *arg)
{
	for (uint32_t i = 0; i < e->n_slots; i++) {
		if (e->slot[i])
			f(arg, e->slot[i]);
	}
}

bool engine_ids_changed(struct engine *e)
{
	bool changed = e->ids_changed;

	e->ids_changed = false;
	return changed;
}

void engine_reason(const struct peer *p, char *buf, size_t cap)
{
	char who[80];

	engine_peer_text(p, who, sizeof(who));
	if (p->send_errno)
		snprintf(buf, cap, "cannot send to %s: %s", who, strerror(p->send_errno));
	else if (p->v3)
		v3_reason(p->v3, who, p->tries, buf, cap);
	else
		snprintf(buf, cap,
			"no answer from %s to SNMP v%s, tries: %u; check address, community and access list of the card",
			who, p->version == CODEC_V1 ? "1" : "2c", p->tries);
}

char *engine_peer_text(const struct peer *p, char *buf, size_t cap)
{
	char host[INET6_ADDRSTRLEN] = "";
	bool v6 = p->to.sa.sa_family == AF_INET6;

	inet_ntop(p->to.sa.sa_family,
		v6 ? (const void *)&p->to.in6.sin6_addr : (const void *)&p->to.in.sin_addr, host,
		sizeof(host));
	snprintf(buf, cap, v6 ? "[%s]:%u" : "%s:%u", host,
		ntohs(v6 ? p->to.in6.sin6_port : p->to.in.sin_port));
	return buf;
}

/* ---- sending ---- */

uint32_t engine_id_of(const struct engine *e, const struct peer *p)
{
	return CODEC_ID_BIT | (uint32_t)(p->generation & GENERATION_MASK) << SLOT_BITS | p->slot;
}

void engine_enqueue(struct peer_queue *q, struct peer *p)
{
	p->next_queued = NULL;
	p->queue = q;
	if (q->last)
		q->last->next_queued = p;
	else
		q->first = p;
	q->last = p;
}

/* With SNMPv3 the slot is in the message id, and the request id inside, which nobody sees, is random. */
static void choose_id(struct engine *e, struct peer *p)
{
	p->generation = ++e->generation[p->slot];
	if (p->v3)
		codec_id(CODEC_ID_BIT | (randombytes_random() & (CODEC_ID_BIT - 1)), p->id);
	else
		codec_id(engine_id_of(e, p), p->id);
}

void engine_ask(struct engine *e, struct peer *p, const struct packet *packet, unsigned max_tries)
{
	bb_assert(!p->packet && packet);
	p->packet = packet;
	p->tries = 0;
	p->max_tries = (uint8_t)(max_tries < ENGINE_TRIES ? max_tries : ENGINE_TRIES);
	choose_id(e, p);
	if (p->v3)
		v3_begin(p->v3);
	if (p->v3 && !v3_keys(p->v3, e->opt.kus, false))
		engine_enqueue(&e->keyless, p);
	else
		engine_enqueue(&e->sock[p->sock].queue, p);
}

/* The configured time-out of this try until the peer's round trips are known; then what they allow,
 * doubled with each try. An answer to an earlier try still counts while a later one waits. */
static uint64_t timeout_ms(const struct engine *e, const struct peer *p)
{
	unsigned again = p->tries ? p->tries - 1U : 0;
	uint64_t limit = e->opt.timeout_ms[again];
	uint64_t smooth = (p->srtt_us + 4ULL * p->rttvar_us) / 1000 + 2 * WHEEL_TICK_MS;

	if (p->samples < WARM_SAMPLES)
		return limit;
	if (smooth > limit)
		return smooth < MAX_TIMEOUT_MS ? smooth : MAX_TIMEOUT_MS;
	uint64_t ms = (smooth > MIN_TIMEOUT_MS ? smooth : MIN_TIMEOUT_MS) << again;
	return ms < limit ? ms : limit;
}

void engine_note_loss(struct peer *p, bool lost)
{
	p->loss_permille = (uint16_t)((p->loss_permille * 15U + (lost ? 1000U : 0U)) / 16U);
}

static void give_up(struct engine *e, struct peer *p)
{
	e->timed_out++;
	p->packet = NULL;
	if (p->v3)
		v3_silent(p->v3);
	e->silent(p);
}

static void on_timeout(void *arg)
{
	struct peer *p = arg;
	struct engine *e = p->engine;

	engine_note_loss(p, true);
	if (p->tries < p->max_tries) {
		e->retried++;
		engine_enqueue(&e->sock[p->sock].queue, p);
		return;
	}
	give_up(e, p);
}

static void mark_sent(struct engine *e, struct peer *p, uint64_t now_ns, int failed)
{
	p->queue = NULL;
	p->send_errno = failed;
	if (!p->tries++)
		p->sent_ns = now_ns;
	e->sent++;
	e->send_failed += failed != 0;
	wheel_set(collector_wheel(e->host), &p->timer, timeout_ms(e, p), on_timeout, p);
}

/* The packet with the peer's own request id in its place. Returns the number of pieces; 0: it cannot be sent. */
static unsigned pieces(struct engine *e, struct peer *p, unsigned i, struct iovec iov[PIECES])
{
	uint8_t *data = (uint8_t *)(uintptr_t)p->packet->data; /* sendmmsg only reads */
	size_t id_at = p->packet->id_at, behind = id_at + CODEC_ID_BYTES;

	if (p->v3) {
		long n = v3_seal(p->v3, &e->v3_counts, engine_id_of(e, p), p->packet, p->id,
			bb_clock_boot_ns(), e->sealed[i], sizeof(e->sealed[i]));

		iov[0] = (struct iovec){ .iov_base = e->sealed[i],
			.iov_len = n > 0 ? (size_t)n : 0 };
		return n > 0;
	}
	iov[0] = (struct iovec){ .iov_base = data, .iov_len = id_at };
	iov[1] = (struct iovec){ .iov_base = p->id, .iov_len = CODEC_ID_BYTES };
	iov[2] = (struct iovec){ .iov_base = data + behind, .iov_len = p->packet->len - behind };
	return PIECES;
}

/* What stands in front of the queue has left it, or failed to. */
static void leave_queue(struct engine *e, struct sock *s, int n, int failed)
{
	uint64_t now = bb_clock_boot_ns();

	for (int i = 0; i < n; i++) {
		struct peer *p = s->queue.first;

		s->queue.first = p->next_queued;
		mark_sent(e, p, now, failed);
	}
	if (!s->queue.first)
		s->queue.last = NULL;
}

/* Send the front of the queue. Returns how many left it; 0: the socket is full. */
static int send_batch(struct engine *e, struct sock *s)
{
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH][PIECES];
	unsigned n = 0;

	for (struct peer *p = s->queue.first; p && n < BATCH; p = p->next_queued, n++) {
		unsigned k = pieces(e, p, n, iov[n]);

		if (!k)
			break;
		msg[n] = (struct mmsghdr){ .msg_hdr = {
						   .msg_iov = iov[n],
						   .msg_iovlen = k,
						   .msg_name = &p->to,
						   .msg_namelen = p->to.sa.sa_family == AF_INET
									  ? sizeof(p->to.in)
									  : sizeof(p->to.in6),
					   } };
	}
	int done = n ? sendmmsg(s->fd, msg, n, 0) : -1;
	int failed = 0;
	if (done < 0) {
		if (n && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR))
			return 0;
		/* The first one cannot be sent (no route, say): it waits for its time-out as if it
		 * had been. */
		failed = n ? errno : EMSGSIZE;
		done = 1;
	}
	leave_queue(e, s, done, failed);
	return done;
}

/* A key takes a millisecond or more, so only so many are made in a turn; meanwhile everybody else is polled. */
static void make_keys(struct engine *e)
{
	uint64_t end = bb_clock_boot_ns() + KEYS_NS;

	while (e->keyless.first) {
		struct peer *p = e->keyless.first;

		engine_unqueue(p);
		if (v3_keys(p->v3, e->opt.kus, true))
			engine_enqueue(&e->sock[p->sock].queue, p);
		else
			give_up(e, p);
		if (bb_clock_boot_ns() >= end)
			break;
	}
}

static void on_drain(void *arg)
{
	struct engine *e = arg;

	e->drain = NULL;
	engine_receive(e);
	engine_flush(e);
}

/* Wake-ups cost more than answers: what a batch of requests brings back is read together, a
 * millisecond after it left; later answers wait for the next tick. The kernel's time stamps keep
 * round trips true. */
void engine_flush(struct engine *e)
{
	uint64_t sent = e->sent;

	if (e->keyless.first)
		make_keys(e);
	for (int i = 0; i < SOCKETS; i++) {
		while (e->sock[i].queue.first && send_batch(e, &e->sock[i]) > 0)
			;
	}
	if (e->sent != sent && !e->drain)
		e->drain = bb_loop_after(collector_loop(e->host), DRAIN_MS, on_drain, e);
}

void engine_metrics(struct engine *e, collector_metric emit, void *arg)
{
	// clang-format off
	const struct {
		const char *name;
		uint64_t value;
	} all[] = {
		{ "snmp_requests_sent", e->sent },         { "snmp_answers_received", e->received },
		{ "snmp_answers_unchanged", e->echoed },
		{ "snmp_requests_retried", e->retried },   { "snmp_requests_unanswered", e->timed_out },
		{ "snmp_answers_rejected", e->rejected },  { "snmp_answers_too_old", e->too_old },
		{ "snmp_answers_truncated", e->truncated }, { "snmp_answers_undecodable", e->undecodable },
		{ "snmp_send_failed", e->send_failed },    { "snmp_socket_drops", e->drops },
		{ "snmp_v3_probes", e->v3_counts.probes }, { "snmp_v3_resyncs", e->v3_counts.resyncs },
		{ "snmp_v3_reports", e->v3_counts.reports }, { "snmp_v3_bad_digests", e->v3_counts.bad_digests },
		{ "snmp_v3_undecryptable", e->v3_counts.undecryptable }, { "snmp_v3_out_of_window", e->v3_counts.out_of_window },
		{ "snmp_v3_mismatched", e->v3_counts.mismatched },
	};
	// clang-format on

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		emit(arg, all[i].name, (double)all[i].value);
}
