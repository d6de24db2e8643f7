// SPDX-License-Identifier: Apache-2.0
/* A storm of traps: one address sends as fast as it is told, many others say one a second each.
 *   trapstorm PORT RATE SECONDS OTHERS
 * Everything goes to 127.0.0.1:PORT. The storm comes from 127.8.0.1, the others from 127.9.x.y. Prints
 * one line of JSON: what was sent and at which rate. Each trap has its own request id and uptime, so
 * that none is a repetition. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH      64
#define OTHERS_MAX 1000

/* A v2c trap: upsTrapOnBattery of APC with one number; the numbers at the end differ. */
static const uint8_t model[] = {
	0x30, 0x4f, 0x02, 0x01, 0x01, 0x04, 0x06, 'p', 'u', 'b', 'l', 'i', 'c', 0xa7, 0x42, 0x02, 0x04, 0x40, 0, 0, 0,
	0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x34, 0x30, 0x10, 0x06, 0x08, 0x2b, 6, 1, 2, 1, 1, 3, 0, 0x43, 0x04,
	0x10, 0, 0, 0, 0x30, 0x16, 0x06, 0x0a, 0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0, 0x06, 0x08, 0x2b, 6, 1, 4, 1, 0x82, 0x3e,
	0x05, 0x30, 0x08, 0x06, 0x01, 0x2b, 0x42, 0x03, 0x10, 0, 0,
};
enum { REQUEST_AT = 17, VALUE_AT = sizeof(model) - 3 };

static void fill(uint8_t *out, uint32_t n)
{
	memcpy(out, model, sizeof(model));
	for (int i = 1; i < 4; i++)
		out[REQUEST_AT + i] = (uint8_t)(n >> (24 - 8 * i));
	out[VALUE_AT] = 0x10 | (n >> 16 & 0xf);
	out[VALUE_AT + 1] = (uint8_t)(n >> 8);
	out[VALUE_AT + 2] = (uint8_t)n;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int open_from(uint32_t address, uint16_t port)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(address) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		perror("trapstorm");
		exit(1);
	}
	return fd;
}

struct storm {
	int fd;
	uint8_t data[BATCH][sizeof(model)];
	struct iovec io[BATCH];
	struct mmsghdr m[BATCH];
	uint64_t sent;
};

static void storm_init(struct storm *s, uint16_t port)
{
	s->fd = open_from(0x7f080001, port);
	for (int i = 0; i < BATCH; i++) {
		s->io[i] = (struct iovec){ s->data[i], sizeof(model) };
		s->m[i].msg_hdr = (struct msghdr){ .msg_iov = &s->io[i], .msg_iovlen = 1 };
	}
}

static void storm_send(struct storm *s)
{
	for (int i = 0; i < BATCH; i++)
		fill(s->data[i], (uint32_t)(s->sent + (uint64_t)i));
	int n = sendmmsg(s->fd, s->m, BATCH, 0);

	s->sent += n > 0 ? (uint64_t)n : 0;
}

int main(int argc, char **argv)
{
	static struct storm storm;
	static int fd[OTHERS_MAX];

	if (argc != 5) {
		fprintf(stderr, "usage: trapstorm PORT RATE SECONDS OTHERS\n");
		return 2;
	}
	uint16_t port = (uint16_t)atoi(argv[1]);
	double rate = atof(argv[2]), seconds = atof(argv[3]);
	int others = atoi(argv[4]);
	uint64_t said = 0;
	/* Not what a run a minute ago said: that would be a repetition. */
	uint32_t first = (uint32_t)time(NULL) * 64;

	if (others < 1 || others > OTHERS_MAX)
		return 2;
	storm_init(&storm, port);
	for (int i = 0; i < others; i++)
		fd[i] = open_from(0x7f090000 + (uint32_t)i + 1, port);
	double start = now_s(), end = start + seconds;
	uint64_t due = (uint64_t)(seconds * others);
	for (double now = start; now < end || said < due; now = now_s()) {
		uint8_t one[sizeof(model)];
		while (said < due && (double)said < (now - start) * others) {
			fill(one, first + (uint32_t)(said / (uint64_t)others));
			if (send(fd[said % (uint64_t)others], one, sizeof(one), 0) > 0 || errno != EINTR)
				said++;
		}
		if (now < end && (double)storm.sent < (now - start) * rate)
			storm_send(&storm);
		else
			usleep(200);
	}
	double took = now_s() - start;
	printf("{\"storm\": %llu, \"rate\": %.0f, \"others\": %d, \"said\": %llu, \"seconds\": %.2f}\n", (unsigned long long)storm.sent,
		(double)storm.sent / seconds, others, (unsigned long long)said, took);
	return 0;
}
