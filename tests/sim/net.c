// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "tests/sim/rng.h"

#define BATCH            64
#define BATCHES_PER_TURN 16
#define MAX_REQUEST      4096
#define ANSWER_ROOM      (BER_HEADROOM + BER_MAX_MESSAGE)
#define SOCKET_BYTES     (16 * 1024 * 1024)
#define MAX_DELAYED      100000

union pktinfo {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

struct net {
	struct bb_loop *loop;
	struct fleet *fleet;
	struct bb_watch *watch;
	int fd;
	uint16_t port;
	struct rng rng;
	struct net_stats stats;
	size_t n_delayed;
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_iov[BATCH], out_iov[BATCH];
	struct sockaddr_in peer[BATCH];
	union pktinfo in_control[BATCH], out_control[BATCH];
	uint8_t request[BATCH][MAX_REQUEST];
	uint8_t *answer; /* BATCH x ANSWER_ROOM; untouched pages cost nothing */
};

/* An answer that waits for its time. */
struct delayed {
	struct net *net;
	uint32_t from;
	struct sockaddr_in to;
	size_t len;
	uint8_t data[];
};

static void pktinfo_put(struct msghdr *m, union pktinfo *control, uint32_t from)
{
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(from) };
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	m->msg_control = control;
	m->msg_controllen = sizeof(control->room);
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static uint32_t asked_address(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return ntohl(info.ipi_addr.s_addr);
	}
	return 0;
}

static void delayed_send(void *arg)
{
	struct delayed *d = arg;
	struct net *n = d->net;
	struct iovec iov = { .iov_base = d->data, .iov_len = d->len };
	struct msghdr m = { .msg_name = &d->to,
		.msg_namelen = sizeof(d->to),
		.msg_iov = &iov,
		.msg_iovlen = 1 };
	union pktinfo control;

	pktinfo_put(&m, &control, d->from);
	if (sendmsg(n->fd, &m, MSG_DONTWAIT) >= 0)
		n->stats.answers++;
	n->n_delayed--;
	free(d);
}

static void delay(struct net *n, const struct agent *a, const struct sockaddr_in *to,
	const uint8_t *data, size_t len)
{
	struct delayed *d;

	if (n->n_delayed == MAX_DELAYED)
		return;
	d = bb_malloc(sizeof(*d) + len);
	*d = (struct delayed){ .net = n, .from = a->address, .to = *to, .len = len };
	memcpy(d->data, data, len);
	n->n_delayed++;
	n->stats.delayed++;
	bb_loop_after(n->loop, a->delay_ms + a->slow_ms, delayed_send, d);
}

/* Answer request i; an answer due now becomes number `at` of the batch to send. Returns whether it
 * did. */
static bool serve(struct net *n, size_t i, size_t at)
{
	struct agent *a = fleet_find(n->fleet, asked_address(&n->in[i].msg_hdr));
	const uint8_t *data;
	size_t len;

	n->stats.requests++;
	if (!a || (n->in[i].msg_hdr.msg_flags & MSG_TRUNC)) {
		n->stats.ignored++;
		return false;
	}
	if (a->is_silent || (a->loss_pct > 0 && rng_unit(&n->rng) * 100 < a->loss_pct)) {
		n->stats.lost++;
		return false;
	}
	data = agent_answer(a, n->request[i], n->in[i].msg_len, n->answer + at * ANSWER_ROOM, &len);
	if (!data) {
		n->stats.ignored++;
		return false;
	}
	if (a->delay_ms + a->slow_ms) {
		delay(n, a, &n->peer[i], data, len);
		return false;
	}
	n->out_iov[at] = (struct iovec){ .iov_base = (void *)data, .iov_len = len };
	n->out[at].msg_hdr = (struct msghdr){
		.msg_name = &n->peer[i],
		.msg_namelen = sizeof(n->peer[i]),
		.msg_iov = &n->out_iov[at],
		.msg_iovlen = 1,
	};
	pktinfo_put(&n->out[at].msg_hdr, &n->out_control[at], a->address);
	return true;
}

static void flush(struct net *n, size_t count)
{
	size_t done = 0;

	while (done < count) {
		int k = sendmmsg(n->fd, n->out + done, (unsigned)(count - done), 0);

		/* One that cannot be sent (peer's port closed, address gone) must not hold up the
		 * others. */
		if (k > 0)
			n->stats.answers += (unsigned)k;
		done += k > 0 ? (size_t)k : 1;
	}
}

static void prepare(struct net *n)
{
	for (size_t i = 0; i < BATCH; i++) {
		n->in_iov[i] = (struct iovec){ .iov_base = n->request[i], .iov_len = MAX_REQUEST };
		n->in[i].msg_hdr = (struct msghdr){
			.msg_name = &n->peer[i],
			.msg_namelen = sizeof(n->peer[i]),
			.msg_iov = &n->in_iov[i],
			.msg_iovlen = 1,
			.msg_control = &n->in_control[i],
			.msg_controllen = sizeof(n->in_control[i].room),
		};
	}
}

static void readable(void *arg, int fd, int what)
{
	struct net *n = arg;

	agent_clock(bb_clock_boot_ns());
	for (int turn = 0; turn < BATCHES_PER_TURN; turn++) {
		size_t ready = 0;
		int got;

		prepare(n);
		got = recvmmsg(fd, n->in, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < got; i++)
			ready += serve(n, (size_t)i, ready);
		flush(n, ready);
		if (got < BATCH)
			return;
	}
}

static int socket_open(struct net *n, uint16_t port, struct bb_err *err)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t len = sizeof(sa);
	int on = 1, bytes = SOCKET_BYTES;

	n->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd < 0)
		return bb_err_errno(err, "cannot make a UDP socket");
	/* As root beyond net.core.rmem_max; otherwise as much as it allows. */
	if (setsockopt(n->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(n->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (setsockopt(n->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(n->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	if (setsockopt(n->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
		return bb_err_errno(err, "cannot ask for IP_PKTINFO");
	if (bind(n->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return bb_err_errno(err, "cannot bind UDP port %u; choose another with --port",
			port);
	if (getsockname(n->fd, (struct sockaddr *)&sa, &len) < 0)
		return bb_err_errno(err, "cannot learn the port");
	n->port = ntohs(sa.sin_port);
	return 0;
}

struct net *net_open(struct bb_loop *loop, struct fleet *f, uint16_t port, uint64_t seed,
	struct bb_err *err)
{
	struct net *n = bb_calloc(1, sizeof(*n));

	n->loop = loop;
	n->fleet = f;
	n->rng.state = seed;
	n->answer = bb_malloc((size_t)BATCH * ANSWER_ROOM);
	if (socket_open(n, port, err) < 0) {
		net_close(n);
		return NULL;
	}
	n->watch = bb_loop_add_fd(loop, n->fd, BB_READ, readable, n);
	return n;
}

void net_close(struct net *n)
{
	if (!n)
		return;
	bb_loop_cancel(n->watch);
	if (n->fd >= 0)
		close(n->fd);
	free(n->answer);
	free(n);
}

uint16_t net_port(const struct net *n)
{
	return n->port;
}

const struct net_stats *net_stats(const struct net *n)
{
	return &n->stats;
}
