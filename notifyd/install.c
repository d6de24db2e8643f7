// SPDX-License-Identifier: Apache-2.0
#include "notifyd/install.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/str.h"

static int read_id(const char *path, char id[33])
{
	uint8_t raw[16];
	char text[33] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n != 32 || bb_unhex(raw, sizeof(raw), text) != (int)sizeof(raw))
		return -1;
	memcpy(id, text, 33);
	return 0;
}

static int write_id(const char *path, const char *temp, const char id[33])
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return -1;
	ok = write(fd, id, 32) == 32 && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok && rename(temp, path) == 0 ? 0 : -1;
}

void install_id_get(const char *lib, char id[33])
{
	char path[300], temp[310];
	struct bb_err err;
	uint8_t raw[16];

	snprintf(path, sizeof(path), "%s/install_id", lib);
	snprintf(temp, sizeof(temp), "%s.new", path);
	if (read_id(path, id) == 0)
		return;
	randombytes_buf(raw, sizeof(raw));
	bb_hex(id, raw, sizeof(raw));
	if (write_id(path, temp, id) == 0)
		return;
	/* A full disk must not keep us from telling people. Without the file a later start makes
	 * another id, and a message that is sent twice across it looks like two. */
	bb_err_errno(&err, "cannot keep \"%s\"", path);
	bb_log(EV_NOTE, BB_ERRTEXT(&err));
}
