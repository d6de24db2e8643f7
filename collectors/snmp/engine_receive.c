// SPDX-License-Identifier: Apache-2.0
/* What comes in: whose answer it is, how old, and whether it counts. */
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "collectors/snmp/engine_priv.h"
#include "common/clock.h"

static bool same_address(const struct peer *p, const struct sockaddr_storage *from)
{
	const struct sockaddr_in *in = (const void *)from;
	const struct sockaddr_in6 *in6 = (const void *)from;

	if (from->ss_family != p->to.sa.sa_family)
		return false;
	if (from->ss_family == AF_INET)
		return in->sin_port == p->to.in.sin_port &&
		       in->sin_addr.s_addr == p->to.in.sin_addr.s_addr;
	return in6->sin6_port == p->to.in6.sin6_port &&
	       !memcmp(&in6->sin6_addr, &p->to.in6.sin6_addr, sizeof(in6->sin6_addr));
}

/* Who has a request with this number out, at this address? NULL: nobody. */
static struct peer *asker(struct engine *e, int sock, uint32_t id,
	const struct sockaddr_storage *from)
{
	if (!(id & CODEC_ID_BIT) || id & 0x80000000U)
		return NULL;
	uint32_t slot = id & ((1U << SLOT_BITS) - 1);
	struct peer *p = slot < e->n_slots ? e->slot[slot] : NULL;
	if (!p || !p->packet || engine_id_of(e, p) != id || p->sock != sock || !p->tries ||
		!same_address(p, from))
		return NULL;
	return p;
}

/* Whose answer is it? NULL: nobody's. */
static struct peer *match(struct engine *e, int sock, const uint8_t *data, size_t len,
	const struct sockaddr_storage *from)
{
	struct codec_head h;
	struct peer *p = codec_peek(data, len, &h) ? NULL : asker(e, sock, h.id, from);

	/* Nothing without a signature counts for those who speak SNMPv3. */
	if (!p || p->v3)
		return NULL;
	if (h.version != p->version || h.community_len != strlen(p->community) ||
		memcmp(h.community, p->community, h.community_len))
		return NULL;
	return p;
}

static void note_round_trip(struct peer *p, uint64_t rtt_us)
{
	uint32_t rtt = rtt_us > 60000000 ? 60000000 : (uint32_t)rtt_us;

	if (!p->samples) {
		p->srtt_us = rtt;
		p->rttvar_us = rtt / 2;
	} else {
		uint32_t off = rtt > p->srtt_us ? rtt - p->srtt_us : p->srtt_us - rtt;

		p->rttvar_us = (uint32_t)((3ULL * p->rttvar_us + off) / 4);
		p->srtt_us = (uint32_t)((7ULL * p->srtt_us + rtt) / 8);
	}
	if (p->samples < UINT16_MAX)
		p->samples++;
}

/* Now, once in both clocks, so that the kernel's time stamps can be turned into BOOTTIME. */
struct stamps {
	uint64_t boot_ns, real_ns;
};

/* How long the datagram waited for us. A wall clock that jumps meanwhile makes it 0 or too old;
 * both are safe. */
static uint64_t age_ns(struct engine *e, struct sock *s, struct msghdr *h, const struct stamps *now)
{
	uint64_t age = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec t;

			memcpy(&t, CMSG_DATA(c), sizeof(t));
			uint64_t at = (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
			age = now->real_ns > at ? now->real_ns - at : 0;
		} else if (c->cmsg_type == SO_RXQ_OVFL) {
			uint32_t drops;

			memcpy(&drops, CMSG_DATA(c), sizeof(drops));
			e->drops += (uint32_t)(drops - s->kernel_drops);
			s->kernel_drops = drops;
		}
	}
	return age;
}

/* The request has its answer. */
static void settle(struct engine *e, struct peer *p, uint64_t sampled_ns)
{
	/* Which try was answered cannot be told. Counting from the first may take a lost request
	 * for a slow answer; the other way round every answer that is slower than the time-out
	 * would be repeated for ever, and never measured. */
	if (sampled_ns > p->sent_ns)
		note_round_trip(p, (sampled_ns - p->sent_ns) / 1000);
	engine_note_loss(p, false);
	wheel_cancel(&p->timer);
	engine_unqueue(p);
	p->packet = NULL;
}

static void deliver(struct engine *e, struct peer *p, uint8_t *data, size_t len, bool truncated,
	uint64_t sampled_ns)
{
	if (truncated) {
		e->truncated++;
		e->answer = (struct codec_answer){ .error = CODEC_TOOBIG };
	} else if (echo_is(&p->echo, data, len) && e->echoes(p, data)) {
		e->echoed++;
		p->echo.number = echo_number(&p->echo, data);
		settle(e, p, sampled_ns);
		e->answered(p, NULL, sampled_ns);
		return;
	} else if ((!p->packet->by_place || codec_take(p->packet, data, len, &e->answer)) &&
		   codec_decode(data, len, (enum codec_version)p->version, &e->answer)) {
		/* As if nothing had come: the next try may bring something better. */
		e->undecodable++;
		return;
	}
	settle(e, p, sampled_ns);
	e->answered(p, &e->answer, sampled_ns);
	codec_answer_free(&e->answer);
}

/* The same request again, now that more is known about the card; its tries begin anew. v3.c bounds how often. */
static void ask_again(struct engine *e, struct peer *p)
{
	e->ids_changed = true;
	wheel_cancel(&p->timer);
	engine_unqueue(p);
	p->tries = 0;
	engine_enqueue(&e->sock[p->sock].queue, p);
}

/* False: nobody's. */
static bool take_v3(struct engine *e, int sock, uint8_t *data, size_t len,
	const struct sockaddr_storage *from, uint64_t sampled_ns)
{
	struct usm_head h;
	struct peer *p = usm_peek(data, len, &h) ? NULL : asker(e, sock, h.msg_id, from);
	uint8_t *plain;
	size_t plain_n;

	if (!p || !p->v3)
		return false;
	switch (v3_take(p->v3, &e->v3_counts, data, len, &h, p->id, sampled_ns, &plain, &plain_n)) {
	case V3_DROP: return false;
	case V3_AGAIN: ask_again(e, p); break;
	case V3_REFUSED: p->max_tries = p->tries; break;
	case V3_ANSWER: deliver(e, p, plain, plain_n, false, sampled_ns); break;
	}
	return true;
}

static void take(struct engine *e, int sock, unsigned i, const struct stamps *now)
{
	struct mmsghdr *m = &e->intake->msg[i];
	uint64_t age = age_ns(e, &e->sock[sock], &m->msg_hdr, now);
	uint8_t *data = e->intake->data[i];
	struct peer *p = match(e, sock, data, m->msg_len, &e->intake->from[i]);

	e->received++;
	if (age > MAX_AGE_NS)
		e->too_old++;
	else if (p)
		deliver(e, p, data, m->msg_len, m->msg_hdr.msg_flags & MSG_TRUNC,
			now->boot_ns - age);
	else if (!e->n_v3 ||
		 !take_v3(e, sock, data, m->msg_len, &e->intake->from[i], now->boot_ns - age))
		e->rejected++;
}

static int receive_batch(struct engine *e, int sock)
{
	struct intake *in = e->intake;
	struct timespec t;

	for (int i = 0; i < BATCH; i++) {
		in->msg[i].msg_hdr.msg_namelen = sizeof(in->from[i]);
		in->msg[i].msg_hdr.msg_control = in->control[i];
		in->msg[i].msg_hdr.msg_controllen = sizeof(in->control[i]);
	}
	int n = recvmmsg(e->sock[sock].fd, in->msg, BATCH, MSG_DONTWAIT, NULL);
	if (n <= 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &t);
	const struct stamps now = {
		.boot_ns = bb_clock_boot_ns(),
		.real_ns = (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec,
	};
	for (int i = 0; i < n; i++)
		take(e, sock, (unsigned)i, &now);
	return n;
}

void engine_receive(struct engine *e)
{
	uint64_t repeats, drops = e->drops;

	for (int s = 0; s < SOCKETS; s++) {
		if (!e->sock[s].n_peers)
			continue;
		for (int k = 0; k < BATCHES_A_TURN && receive_batch(e, s) == BATCH; k++)
			;
	}
	if (e->drops != drops && bb_log_due(&e->drop_log, "receive buffer full", &repeats))
		bb_log(EV_SOCKET_DROP, BB_UINT("datagrams", e->drops), BB_UINT("repeats", repeats));
}
