// SPDX-License-Identifier: Apache-2.0
#include "webd/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/str.h"

#define BACKLOG 128

union any_address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static bool is_loopback(const union any_address *a)
{
	if (a->sa.sa_family == AF_INET)
		return (ntohl(a->in.sin_addr.s_addr) >> 24) == 127;
	return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080". */
static int parse(const char *address, union any_address *a, socklen_t *len, struct bb_err *err)
{
	const char *colon = strrchr(address, ':');
	char host[64];
	uint64_t port;
	size_t n;

	memset(a, 0, sizeof(*a));
	if (!colon || (size_t)(colon - address) >= sizeof(host))
		return bb_err_set(err,
			"\"%s\" is not ADDRESS:PORT; set `listen` of group webd in busbar.conf",
			address);
	n = (size_t)(colon - address);
	memcpy(host, address, n);
	host[n] = '\0';
	if (bb_parse_u64(colon + 1, "port of `listen`", 0, 65535, &port, err) != 0)
		return -1;
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons((uint16_t)port);
		*len = sizeof(a->in6);
		if (inet_pton(AF_INET6, host + 1, &a->in6.sin6_addr) == 1)
			return 0;
	} else {
		a->in.sin_family = AF_INET;
		a->in.sin_port = htons((uint16_t)port);
		*len = sizeof(a->in);
		if (inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1",
			    &a->in.sin_addr) == 1)
			return 0;
	}
	return bb_err_set(err,
		"\"%s\" is not a numeric address; set `listen` of group webd in busbar.conf", host);
}

static int not_loopback(const char *address, struct bb_err *err)
{
	return bb_err_set(err,
		"cannot listen on \"%s\": without TLS only 127.0.0.1 and [::1] are allowed; reach it from elsewhere "
		"through an ssh tunnel or a TLS proxy on this host",
		address);
}

int listen_tcp(const char *address, struct bb_err *err)
{
	union any_address a;
	socklen_t len = 0;
	int one = 1, fd;

	if (parse(address, &a, &len, err) != 0)
		return -1;
	if (!is_loopback(&a))
		return not_loopback(address, err);
	fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return bb_err_errno(err, "cannot make a socket for \"%s\"", address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &a.sa, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	if (errno == EADDRINUSE)
		bb_err_set(err,
			"port %s is taken by another program; choose another one with `listen` of group webd in busbar.conf, "
			"or --http PORT of the stack",
			strrchr(address, ':') + 1);
	else
		bb_err_errno(err, "cannot listen on \"%s\"", address);
	close(fd);
	return -1;
}

int listen_inherited(int fd, struct bb_err *err)
{
	union any_address a;
	socklen_t len = sizeof(a);

	memset(&a, 0, sizeof(a));
	if (getsockname(fd, &a.sa, &len) != 0)
		return bb_err_errno(err, "the socket given by the service manager cannot be used");
	if (!is_loopback(&a))
		return not_loopback("the address of the socket unit", err);
	/* The service manager hands sockets over in blocking mode: accept() would hold the loop. */
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		return bb_err_errno(err, "cannot set up the socket given by the service manager");
	return 0;
}

int listen_unix(const char *path, struct bb_err *err)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (!bb_copy(sun.sun_path, sizeof(sun.sun_path), path))
		return bb_err_set(err, "the socket path \"%s\" is too long; use a shorter folder",
			path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return bb_err_errno(err, "cannot make a socket for \"%s\"", path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 && chmod(path, 0666) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	bb_err_errno(err, "cannot listen on \"%s\"", path);
	close(fd);
	return -1;
}

int listen_port(int fd)
{
	union any_address a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.sa, &len) != 0)
		return -1;
	return ntohs(a.sa.sa_family == AF_INET6 ? a.in6.sin6_port : a.in.sin_port);
}
