// SPDX-License-Identifier: Apache-2.0
/* pollfloor: what polling costs at least. One UDP socket, one pre-encoded GET of the 24 bench
 * objects whose request id is patched, sendmmsg and recvmmsg, every answer decoded down to its
 * numbers and nothing else done. The poll bench divides by it. It shares only the list of objects
 * with the simulator and nothing with the collector.
 *
 *   pollfloor ADDR-ADDR PORT RATE SECONDS [--read-at-ticks]
 *
 * RATE requests/s in ticks of 10 ms, 0 = as fast as answers come. By default it wakes for answers,
 * as a collector that alarms at once must; --read-at-ticks reads them with the next tick. Prints
 * one JSON line. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/str.h"
#include "tests/sim/fleet.h"
#include "tests/sim/ups.h"

#define BATCH         64
#define WINDOW        256 /* outstanding requests when saturated */
#define TICK_NS       10000000ull
#define LOST_AFTER_NS 300000000ull
#define REQUEST_MAX   1024
#define ANSWER_MAX    2048

struct floor {
	int fd;
	uint32_t first, last, next;
	uint16_t port;
	uint64_t rate, seconds;
	bool reads_at_ticks;
	uint64_t sent, answered, values, bad, outstanding, last_answer_ns;
	int64_t sum; /* keeps the decoder honest */
	size_t request_len, id_at;
	uint8_t request[BATCH][REQUEST_MAX], answer[BATCH][ANSWER_MAX];
	struct sockaddr_in to[BATCH];
	struct iovec out_iov[BATCH], in_iov[BATCH];
	struct mmsghdr out[BATCH], in[BATCH];
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- the request, encoded once from its end ---- */

static size_t wrap(uint8_t *buf, size_t at, size_t end, uint8_t tag)
{
	size_t n = end - at;

	buf[--at] = (uint8_t)n;
	if (n > 0xff) {
		buf[--at] = (uint8_t)(n >> 8);
		buf[--at] = 0x82;
	} else if (n > 0x7f) {
		buf[--at] = 0x81;
	}
	buf[--at] = tag;
	return at;
}

static size_t put(uint8_t *buf, size_t at, const char *bytes, size_t n)
{
	memcpy(buf + at - n, bytes, n);
	return at - n;
}

static void request_make(struct floor *f)
{
	uint8_t buf[REQUEST_MAX];
	size_t end = sizeof(buf), at = end;

	for (size_t i = UPS_BENCH_OBJECTS; i-- > 0;) {
		struct ber_oid oid;
		uint8_t content[64];
		size_t stop = at, n;

		ups_bench_oid(i, &oid);
		n = ber_oid_pack(content, sizeof(content), oid.arc, oid.n);
		at = put(buf, at, "\x05\x00", 2);
		at = put(buf, at, (const char *)content, n);
		at = wrap(buf, at, at + n, BER_OID);
		at = wrap(buf, at, stop, BER_SEQUENCE);
	}
	at = wrap(buf, at, end, BER_SEQUENCE);
	at = put(buf, at, "\x02\x01\x00\x02\x01\x00", 6);
	at = put(buf, at, "\x02\x04\x00\x00\x00\x00", 6);
	f->id_at = at + 2;
	at = wrap(buf, at, end, BER_GET);
	at = put(buf, at, "\x02\x01\x01\x04\x06public", 11);
	at = wrap(buf, at, end, BER_SEQUENCE);
	f->request_len = end - at;
	f->id_at -= at;
	for (size_t i = 0; i < BATCH; i++)
		memcpy(f->request[i], buf + at, f->request_len);
}

/* ---- the answer ---- */

struct span {
	const uint8_t *p, *end;
};

static int take(struct span *s, struct span *content)
{
	size_t n;
	int tag;

	if (s->end - s->p < 2)
		return -1;
	tag = *s->p++;
	n = *s->p++;
	for (size_t k = n & 0x80 ? n & 0x7f : 0, first = 1; k; k--, first = 0) {
		if (s->p == s->end)
			return -1;
		n = (first ? 0 : n << 8) | *s->p++;
	}
	if (n > (size_t)(s->end - s->p))
		return -1;
	*content = (struct span){ s->p, s->p + n };
	s->p += n;
	return tag;
}

static bool decode(struct floor *f, const uint8_t *p, size_t n)
{
	struct span in = { p, p + n }, msg, pdu, list, x;

	if (take(&in, &msg) != BER_SEQUENCE || take(&msg, &x) < 0 || take(&msg, &x) < 0 ||
		take(&msg, &pdu) != BER_RESPONSE)
		return false;
	if (take(&pdu, &x) < 0 || take(&pdu, &x) < 0 || (x.p != x.end && *x.p))
		return false;
	if (take(&pdu, &x) < 0 || take(&pdu, &list) != BER_SEQUENCE)
		return false;
	while (list.p < list.end) {
		struct span pair, value;
		int64_t v = 0;

		if (take(&list, &pair) != BER_SEQUENCE || take(&pair, &x) != BER_OID ||
			take(&pair, &value) < 0)
			return false;
		if (value.p < value.end && (*value.p & 0x80))
			v = -1;
		while (value.p < value.end)
			v = (int64_t)((uint64_t)v << 8 | *value.p++);
		f->sum += v;
		f->values++;
	}
	return true;
}

/* ---- in and out ---- */

static int socket_make(struct floor *f)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int bytes = 8 * 1024 * 1024;

	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -1;
	if (setsockopt(f->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	for (size_t i = 0; i < BATCH; i++) {
		f->to[i] =
			(struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(f->port) };
		f->out_iov[i] = (struct iovec){ f->request[i], f->request_len };
		f->out[i].msg_hdr = (struct msghdr){
			.msg_name = &f->to[i],
			.msg_namelen = sizeof(f->to[i]),
			.msg_iov = &f->out_iov[i],
			.msg_iovlen = 1,
		};
		f->in_iov[i] = (struct iovec){ f->answer[i], ANSWER_MAX };
		f->in[i].msg_hdr = (struct msghdr){ .msg_iov = &f->in_iov[i], .msg_iovlen = 1 };
	}
	return 0;
}

static void send_some(struct floor *f, size_t n)
{
	int k;

	for (size_t i = 0; i < n; i++) {
		uint32_t id = (uint32_t)(f->sent + i) & 0x7fffffff;

		for (size_t b = 0; b < 4; b++)
			f->request[i][f->id_at + b] = (uint8_t)(id >> (24 - 8 * b));
		f->to[i].sin_addr.s_addr = htonl(f->next);
		f->next = f->next == f->last ? f->first : f->next + 1;
	}
	k = sendmmsg(f->fd, f->out, (unsigned)n, 0);
	if (k > 0) {
		f->sent += (unsigned)k;
		f->outstanding += (unsigned)k;
	}
}

static void receive_all(struct floor *f)
{
	int k;

	do {
		k = recvmmsg(f->fd, f->in, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < k; i++) {
			if (decode(f, f->answer[i], f->in[i].msg_len))
				f->answered++;
			else
				f->bad++;
			f->outstanding -= f->outstanding > 0;
		}
		if (k > 0)
			f->last_answer_ns = now_ns();
	} while (k == BATCH);
}

static void saturated(struct floor *f)
{
	uint64_t end_ns = now_ns() + f->seconds * 1000000000u;

	f->last_answer_ns = now_ns();
	while (now_ns() < end_ns) {
		struct pollfd p = { .fd = f->fd, .events = POLLIN };

		if (now_ns() - f->last_answer_ns > LOST_AFTER_NS)
			f->outstanding = 0;
		if (f->outstanding + BATCH <= WINDOW)
			send_some(f, BATCH);
		else
			poll(&p, 1, 100);
		receive_all(f);
	}
}

static void wait_until(struct floor *f, uint64_t due_ns)
{
	for (uint64_t now = now_ns(); now < due_ns; now = now_ns()) {
		struct timespec left = { .tv_nsec = (long)(due_ns - now) };
		struct pollfd p = { .fd = f->fd, .events = POLLIN };

		if (ppoll(&p, f->reads_at_ticks ? 0 : 1, &left, NULL) > 0)
			receive_all(f);
	}
}

static void paced(struct floor *f)
{
	uint64_t start_ns = now_ns(), ticks = f->seconds * (1000000000u / TICK_NS);

	for (uint64_t t = 0; t < ticks; t++) {
		uint64_t due = f->rate * (t + 1) * TICK_NS / 1000000000u;

		while (f->sent < due) {
			uint64_t n = due - f->sent, before = f->sent;

			send_some(f, n > BATCH ? BATCH : n);
			if (f->sent == before)
				break;
		}
		wait_until(f, start_ns + (t + 1) * TICK_NS);
		receive_all(f);
	}
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int arguments(struct floor *f, int argc, char **argv, struct bb_err *err)
{
	uint64_t port;

	if (argc < 5 || argc > 6 || (argc == 6 && strcmp(argv[5], "--read-at-ticks") != 0))
		return bb_err_set(err,
			"usage: pollfloor ADDR-ADDR PORT RATE SECONDS [--read-at-ticks]");
	f->reads_at_ticks = argc == 6;
	if (fleet_range(argv[1], &f->first, &f->last, err) < 0 ||
		bb_parse_u64(argv[2], "port", 1, 65535, &port, err) < 0 ||
		bb_parse_u64(argv[3], "rate", 0, 1000000, &f->rate, err) < 0 ||
		bb_parse_u64(argv[4], "seconds", 1, 3600, &f->seconds, err) < 0)
		return -1;
	f->port = (uint16_t)port;
	f->next = f->first;
	return 0;
}

int main(int argc, char **argv)
{
	static struct floor f;
	struct bb_err err;
	double cpu, wall;

	if (arguments(&f, argc, argv, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	request_make(&f);
	if (socket_make(&f) < 0) {
		fprintf(stderr, "pollfloor: cannot open a UDP socket: %s\n", strerror(errno));
		return 1;
	}
	cpu = cpu_s();
	wall = (double)now_ns() / 1e9;
	if (f.rate)
		paced(&f);
	else
		saturated(&f);
	cpu = cpu_s() - cpu;
	wall = (double)now_ns() / 1e9 - wall;
	printf("{\"mode\": \"%s\", \"wall_s\": %.2f, \"sent\": %llu, \"answered\": %llu, \"bad\": %llu, "
	       "\"values\": %llu, "
	       "\"checksum\": %lld, \"cpu_s\": %.4f, \"cpu_s_per_million_values\": %.4f}\n",
		f.rate ? "paced" : "saturated", wall, (unsigned long long)f.sent,
		(unsigned long long)f.answered, (unsigned long long)f.bad,
		(unsigned long long)f.values, (long long)f.sum, cpu,
		f.values ? cpu * 1e6 / (double)f.values : 0.0);
	close(f.fd);
	return f.answered && !f.bad ? 0 : 1;
}
