// SPDX-License-Identifier: Apache-2.0
/* The socket: datagrams by the batch, and the limit of their address before anything is looked into. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "collectors/events.h"
#include "collectors/snmptrap/trapd.h"
#include "common/log.h"
#include "common/str.h"

#define BATCH         256
#define BATCHES       16 /* in one turn of the loop */
#define DATAGRAM_MAX  8192
#define CONTROL_BYTES 64

struct batch {
	struct mmsghdr m[BATCH];
	struct iovec io[BATCH];
	struct sockaddr_storage name[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_BYTES];
	uint8_t data[BATCH][DATAGRAM_MAX];
};

/* ---- opening ---- */

/* "host:port", "[v6]:port". */
static int parse_listen(const char *text, struct sockaddr_storage *out, socklen_t *n,
	struct bb_err *err)
{
	char host[64];
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	struct address a;
	uint64_t port;

	if (!colon || len >= sizeof(host) || bb_parse_u64(colon + 1, "port", 0, 65535, &port, err))
		return bb_err_set(err, "listen \"%.80s\" is not of the form 127.0.0.1:162", text);
	memcpy(host, text, len);
	host[len] = '\0';
	if (host[0] == '[' && len > 2 && host[len - 1] == ']') {
		host[len - 1] = '\0';
		memmove(host, host + 1, len);
	}
	if (!address_parse(host, &a))
		return bb_err_set(err, "listen \"%.80s\" does not begin with an address", text);
	memset(out, 0, sizeof(*out));
	if (strchr(host, ':')) {
		struct sockaddr_in6 *s = (struct sockaddr_in6 *)out;
		*s = (struct sockaddr_in6){ .sin6_family = AF_INET6,
			.sin6_port = htons((uint16_t)port) };
		memcpy(&s->sin6_addr, a.b, 16);
		*n = sizeof(*s);
	} else {
		struct sockaddr_in *s = (struct sockaddr_in *)out;
		*s = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = htons((uint16_t)port) };
		memcpy(&s->sin_addr, a.b + 12, 4);
		*n = sizeof(*s);
	}
	return 0;
}

static int bind_own(const char *listen, struct bb_err *err)
{
	struct sockaddr_storage name;
	socklen_t n = 0;

	if (parse_listen(listen, &name, &n, err))
		return -1;
	int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, n) != 0) {
		bb_err_errno(err, "cannot listen on \"%.80s\"", listen);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* The privileged way first: the limit of the kernel is for those who may not. */
static void set_buffer(struct trapd *t)
{
	int want = (int)t->set.receive_buffer_bytes, have = 0, on = 1;
	socklen_t n = sizeof(have);

	if (setsockopt(t->fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof(want)) != 0)
		setsockopt(t->fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want));
	getsockopt(t->fd, SOL_SOCKET, SO_RCVBUF, &have, &n);
	/* The kernel counts its own overhead in and doubles what was asked for. */
	t->granted_bytes = (uint64_t)have / 2;
	setsockopt(t->fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
}

static void name_socket(struct trapd *t)
{
	struct sockaddr_storage name;
	socklen_t n = sizeof(name);
	char text[INET6_ADDRSTRLEN];

	if (getsockname(t->fd, (struct sockaddr *)&name, &n) != 0)
		return;
	struct address a = address_of(&name);
	unsigned port = ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
							 : ((struct sockaddr_in *)&name)->sin_port);
	snprintf(t->listening, sizeof(t->listening),
		name.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", address_print(&a, text), port);
}

static void on_readable(void *arg, int fd, int what);

int receive_open(struct trapd *t, struct bb_err *err)
{
	const char *from_env = getenv("BUSBAR_TRAP_LISTEN");
	const char *listen = *t->set.listen ? t->set.listen : from_env ? from_env : "";
	int given = sd_listen_fds(0);

	t->fd = -1;
	if (given > 1)
		return bb_err_set(err, "%d sockets were handed over, one is expected", given);
	if (given == 1) {
		t->fd = SD_LISTEN_FDS_START;
		if (sd_is_socket(t->fd, AF_UNSPEC, SOCK_DGRAM, -1) <= 0)
			return bb_err_set(err, "the socket handed over is not for datagrams");
		fcntl(t->fd, F_SETFL, fcntl(t->fd, F_GETFL) | O_NONBLOCK);
	} else if (*listen && (t->fd = bind_own(listen, err)) < 0) {
		return -1;
	}
	if (t->fd < 0) {
		bb_copy(t->listening, sizeof(t->listening), "off");
		bb_log(EV_NOTE,
			BB_STR("text",
				"no socket was given and \"listen\" is empty: no traps are received"));
		return 0;
	}
	set_buffer(t);
	name_socket(t);
	bb_log(EV_NOTE, BB_STR("text", "receiving traps"), BB_STR("address", t->listening),
		BB_UINT("granted_buffer_bytes", t->granted_bytes));
	if (t->granted_bytes < (uint64_t)t->set.receive_buffer_bytes)
		bb_log(EV_NOTE,
			BB_STR("text",
				"the kernel grants a smaller receive buffer: raise net.core.rmem_max"),
			BB_INT("wanted_bytes", t->set.receive_buffer_bytes),
			BB_UINT("granted_bytes", t->granted_bytes));
	t->batch = bb_calloc(1, sizeof(*t->batch));
	t->watch = bb_loop_add_fd(t->loop, t->fd, BB_READ, on_readable, t);
	return 0;
}

void receive_close(struct trapd *t)
{
	bb_loop_cancel(t->watch);
	t->watch = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	free(t->batch);
	t->batch = NULL;
}

void receive_send(struct trapd *t, const struct source *to, const void *data, size_t len)
{
	/* Lost like any datagram when the kernel has no room: the sender asks again. */
	if (t->fd >= 0)
		(void)!sendto(t->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL,
			(const struct sockaddr *)&to->name, to->n_name);
}

/* ---- the limit ---- */

static bool may_speak(struct trapd *t, const struct source *s, uint64_t now_ms)
{
	if (s->place) {
		if (bucket_take(&s->place->bucket, &t->known, now_ms))
			return true;
		s->place->limited++;
	} else {
		/* However many addresses somebody makes up, together they get no more than this. */
		struct bucket *b = &t->crowd[bb_hash(&s->address, sizeof(s->address)) % CROWD];

		if (bucket_take(b, &t->unknown, now_ms) &&
			bucket_take(&t->everybody, &t->all_unknown, now_ms))
			return true;
	}
	t->n.limited++;
	return false;
}

/* ---- receiving ---- */

static void count_drops(struct trapd *t, struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		uint32_t total;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&total, CMSG_DATA(c), sizeof(total));
		uint32_t fresh = total - (t->has_overflow ? t->overflow : 0);
		t->overflow = total;
		t->has_overflow = true;
		t->n.kernel_drops += fresh;
	}
}

static int fill(struct trapd *t)
{
	struct batch *b = t->batch;

	for (size_t i = 0; i < BATCH; i++) {
		b->io[i] = (struct iovec){ b->data[i], DATAGRAM_MAX };
		b->m[i].msg_hdr = (struct msghdr){ .msg_name = &b->name[i],
			.msg_namelen = sizeof(b->name[i]),
			.msg_iov = &b->io[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
			.msg_controllen = CONTROL_BYTES };
	}
	return recvmmsg(t->fd, b->m, BATCH, MSG_DONTWAIT, NULL);
}

static void take_batch(struct trapd *t, int n, uint64_t now_ms)
{
	struct batch *b = t->batch;
	struct source s = { .place = NULL };

	for (int i = 0; i < n; i++) {
		struct msghdr *h = &b->m[i].msg_hdr;
		struct address a = address_of(&b->name[i]);

		if (!i || memcmp(&a, &s.address, sizeof(a))) {
			s.address = a;
			s.place = senders_at(t->senders, &a);
		}
		t->n.received++;
		count_drops(t, h);
		if (!may_speak(t, &s, now_ms))
			continue;
		s.name = b->name[i];
		s.n_name = h->msg_namelen;
		if (h->msg_flags & MSG_TRUNC) {
			t->n.malformed++;
			handle_stranger(t, &s, 0, NULL, "the message is longer than 8192 bytes");
			continue;
		}
		handle_datagram(t, &s, b->data[i], b->m[i].msg_len);
	}
}

static void on_readable(void *arg, int fd, int what)
{
	struct trapd *t = arg;

	for (int k = 0; k < BATCHES; k++) {
		int n = fill(t);

		if (n <= 0)
			return;
		take_batch(t, n, bb_loop_now_ms(t->loop));
		if (n < BATCH)
			return;
	}
}
