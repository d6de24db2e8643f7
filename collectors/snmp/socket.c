// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel grants at most net.core.rmem_max; how much it was is in the log, because too little
 * means lost answers. */
static int set_receive_buffer(int fd, int bytes)
{
	int granted = 0;
	socklen_t n = sizeof(granted);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	(void)getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &n);
	return granted / 2;
}

int socket_open(int family, int bytes, int *granted, struct bb_err *err)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;
	struct sockaddr_storage any = { .ss_family = (sa_family_t)family };

	if (fd < 0)
		return bb_err_errno(err, "cannot make a UDP socket");
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	*granted = set_receive_buffer(fd, bytes);
	if (bind(fd, (struct sockaddr *)&any,
		    family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6))) {
		bb_err_errno(err, "cannot bind a UDP socket");
		close(fd);
		return -1;
	}
	return fd;
}
