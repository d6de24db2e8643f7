// SPDX-License-Identifier: Apache-2.0
#include "shutdownd/rccmd.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"

#define GREETING "CONNECT TO RCCMD (SEND) "

struct rccmd {
	int fd[2]; /* IPv4, IPv6; -1: this family is not there */
};

/* ---- the line ---- */

static void words_put(struct bb_buf *out, const char *text, const struct rccmd_words *w)
{
	char run[24];
	const struct {
		const char *name, *value;
	} words[] = { { "#DEVICE", w->device }, { "#PLAN", w->plan }, { "#RUN", run } };

	snprintf(run, sizeof(run), "%llu", (unsigned long long)w->run);
	while (*text) {
		size_t used = 0;

		for (size_t i = 0; !used && i < sizeof(words) / sizeof(words[0]); i++) {
			if (strncmp(text, words[i].name, strlen(words[i].name)) != 0)
				continue;
			bb_buf_str(out, words[i].value);
			used = strlen(words[i].name);
		}
		if (!used)
			bb_buf_add(out, text, used = 1);
		text += used;
	}
}

int rccmd_line(char *out, size_t cap, bool is_shutdown, bool allow_unverified, const char *text,
	const struct rccmd_words *w, struct bb_err *err)
{
	char clean[RCCMD_TEXT_MAX + 1];
	struct bb_buf b = { 0 };
	int n;

	if (is_shutdown && !allow_unverified)
		return bb_err_set(err,
			"the template \"shutdown\" is not verified against a real client; use \"message\", or set "
			"allow_unverified_templates in busbar.conf");
	if (is_shutdown) {
		n = snprintf(out, cap, GREETING "SHUTDOWN");
	} else {
		words_put(&b, text, w);
		bb_text_clean(clean, sizeof(clean), b.data ? b.data : "", b.len);
		bb_buf_fini(&b);
		n = snprintf(out, cap, GREETING "MSG_EXECUTE MSG_TEXT %s", clean);
	}
	return n < (int)cap ? 0
			    : bb_err_set(err, "the RCCMD line is longer than %zu bytes", cap - 1);
}

/* ---- the socket ---- */

static struct addrinfo *resolve(const char *address, uint16_t port, struct bb_err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV },
			*ai = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(address, service, &hints, &ai) == 0)
		return ai;
	bb_err_set(err, "target address \"%s\" is not a numeric IP address", address);
	return NULL;
}

int rccmd_address_check(const char *address, struct bb_err *err)
{
	struct addrinfo *ai = resolve(address, 1, err);

	if (!ai)
		return -1;
	freeaddrinfo(ai);
	return 0;
}

static int source_bind(struct rccmd *r, const char *source, struct bb_err *err)
{
	struct addrinfo *ai = resolve(source, 0, err);
	int rc = 0;

	if (!ai)
		return bb_err_prefix(err, "source_address");
	if (bind(r->fd[ai->ai_family == AF_INET6], ai->ai_addr, ai->ai_addrlen) < 0)
		rc = bb_err_errno(err, "cannot send from source_address \"%s\"", source);
	freeaddrinfo(ai);
	return rc;
}

struct rccmd *rccmd_new(const char *source, struct bb_err *err)
{
	struct rccmd *r = bb_calloc(1, sizeof(*r));

	r->fd[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r->fd[1] = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r->fd[0] < 0 && r->fd[1] < 0) {
		bb_err_errno(err, "cannot make a UDP socket");
		rccmd_free(r);
		return NULL;
	}
	if (*source && source_bind(r, source, err) < 0) {
		rccmd_free(r);
		return NULL;
	}
	return r;
}

void rccmd_free(struct rccmd *r)
{
	if (!r)
		return;
	for (int i = 0; i < 2; i++) {
		if (r->fd[i] >= 0)
			close(r->fd[i]);
	}
	free(r);
}

int rccmd_send(struct rccmd *r, const char *address, uint16_t port, const char *line,
	struct bb_err *err)
{
	struct addrinfo *ai = resolve(address, port, err);
	ssize_t n;

	if (!ai)
		return -1;
	n = sendto(r->fd[ai->ai_family == AF_INET6], line, strlen(line),
		MSG_DONTWAIT | MSG_NOSIGNAL, ai->ai_addr, ai->ai_addrlen);
	freeaddrinfo(ai);
	if (n == (ssize_t)strlen(line))
		return 0;
	return bb_err_errno(err, "cannot send to %s port %u", address, port);
}
