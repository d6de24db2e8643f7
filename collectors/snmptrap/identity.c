// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"

#define BOOTS_MAX 2147483646 /* RFC 3414 2.2.2: 2147483647 is never used for anything */

/* RFC 3411: the first bit, an enterprise number (net-snmp's, as this engine is made with it), format 5
 * (octets), then what is ours alone. */
static void make_id(struct identity *i)
{
	static const uint8_t head[5] = { 0x80, 0x00, 0x1f, 0x88, 0x05 };

	memcpy(i->id, head, sizeof(head));
	randombytes_buf(i->id + sizeof(head), 12);
	i->n = sizeof(head) + 12;
	i->boots = 0;
}

static int read_file(const char *path, struct identity *i)
{
	char hex[2 * sizeof(i->id) + 1];
	FILE *f = fopen(path, "re");
	int got = 0;

	if (!f)
		return -1;
	got = fscanf(f, "%34s %" SCNd64, hex, &i->boots);
	fclose(f);
	int n = got == 2 ? bb_unhex(i->id, sizeof(i->id), hex) : -1;
	i->n = n > 0 ? (size_t)n : 0;
	return n >= 5 && i->boots >= 0 && i->boots < BOOTS_MAX ? 0 : -1;
}

static int write_file(const char *lib, const char *path, const struct identity *i,
	struct bb_err *err)
{
	char temp[420], text[80], hex[2 * sizeof(i->id) + 1];
	int fd, dir, rc = -1;

	bb_hex(hex, i->id, i->n);
	int n = snprintf(text, sizeof(text), "%s %" PRId64 "\n", hex, i->boots);
	snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dir = open(lib, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && dir >= 0 && write(fd, text, (size_t)n) == n && fsync(fd) == 0 &&
		rename(temp, path) == 0 && fsync(dir) == 0)
		rc = 0;
	if (rc)
		bb_err_errno(err, "cannot keep the SNMP engine in \"%s\"", path);
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return rc;
}

int identity_load(const char *lib, struct identity *out, struct bb_err *err)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/engine", lib);
	memset(out, 0, sizeof(*out));
	if (read_file(path, out))
		make_id(out);
	out->boots++;
	out->start_ms = bb_clock_boot_ms();
	return write_file(lib, path, out, err);
}

int64_t identity_time(const struct identity *i)
{
	return (int64_t)((bb_clock_boot_ms() - i->start_ms) / 1000);
}
