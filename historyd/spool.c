// SPDX-License-Identifier: Apache-2.0
#include "historyd/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"

struct head {
	uint32_t len;
	uint32_t check;                 /* low half of bb_hash() of the block */
};

struct spool {
	char dir[PATH_MAX - 64];
	uint64_t limit, bytes, dropped;
	uint64_t first, last;           /* segment numbers; first > last: empty */
	int write_fd;                   /* of segment `last`, or -1 */
	uint64_t write_size;
	uint64_t read_pos;              /* in segment `first` */
	uint64_t pending;               /* size of the block handed out */
};

static void segment_path(const struct spool *s, uint64_t n, char *out, size_t cap)
{
	snprintf(out, cap, "%s/%016llx.seg", s->dir, (unsigned long long)n);
}

static uint64_t segment_size(const struct spool *s, uint64_t n)
{
	char path[PATH_MAX];
	struct stat st;

	segment_path(s, n, path, sizeof(path));
	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

struct spool *spool_open(const char *dir, uint64_t limit, struct bb_err *err)
{
	struct spool *s = bb_calloc(1, sizeof(*s));
	struct dirent *e;
	DIR *d;

	s->write_fd = -1;
	s->limit = limit;
	s->first = UINT64_MAX;
	bb_copy(s->dir, sizeof(s->dir), dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		bb_err_errno(err, "cannot make the spool folder \"%s\"", dir);
		free(s);
		return NULL;
	}
	d = opendir(dir);
	if (!d) {
		bb_err_errno(err, "cannot read the spool folder \"%s\"", dir);
		free(s);
		return NULL;
	}
	while ((e = readdir(d))) {
		char *end;
		uint64_t n = strtoull(e->d_name, &end, 16);

		if (end != e->d_name + 16 || strcmp(end, ".seg") != 0)
			continue;
		s->first = n < s->first ? n : s->first;
		s->last = n > s->last ? n : s->last;
		s->bytes += segment_size(s, n);
	}
	closedir(d);
	if (s->first == UINT64_MAX)
		s->first = s->last + 1;
	return s;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	if (s->write_fd >= 0)
		close(s->write_fd);
	free(s);
}

static void remove_first(struct spool *s)
{
	char path[PATH_MAX];
	uint64_t size = segment_size(s, s->first);

	if (s->first == s->last && s->write_fd >= 0) {
		close(s->write_fd);
		s->write_fd = -1;
	}
	segment_path(s, s->first, path, sizeof(path));
	unlink(path);
	s->bytes -= size < s->bytes ? size : s->bytes;
	s->first++;
	s->read_pos = 0;
	s->pending = 0;
}

/* A new segment never continues an old one: a torn end stays where it is. */
static int next_segment(struct spool *s, struct bb_err *err)
{
	char path[PATH_MAX];

	if (s->write_fd >= 0)
		close(s->write_fd);
	s->last++;
	segment_path(s, s->last, path, sizeof(path));
	s->write_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	s->write_size = 0;
	if (s->write_fd < 0) {
		s->last--;
		return bb_err_errno(err, "cannot make the spool file \"%s\"", path);
	}
	return 0;
}

int spool_put(struct spool *s, const void *block, size_t len, struct bb_err *err)
{
	struct head h = { .len = (uint32_t)len, .check = (uint32_t)bb_hash(block, len) };
	bool ok;

	if (len > SPOOL_BLOCK_MAX)
		return bb_err_set(err, "a spool block of %zu bytes is larger than %u", len, SPOOL_BLOCK_MAX);
	while (s->bytes + len > s->limit && s->first < s->last) {
		remove_first(s);
		s->dropped++;
	}
	if ((s->write_fd < 0 || s->write_size > SPOOL_SEGMENT_BYTES) && next_segment(s, err) != 0)
		return -1;
	ok = write(s->write_fd, &h, sizeof(h)) == (ssize_t)sizeof(h) && write(s->write_fd, block, len) == (ssize_t)len;
	s->write_size += sizeof(h) + len;
	s->bytes += sizeof(h) + len;
	if (!ok) {
		bb_err_errno(err, "cannot write to the spool in \"%s\"; free space there", s->dir);
		close(s->write_fd);
		s->write_fd = -1;
		s->dropped++;
		return -1;
	}
	return 0;
}

/* 1: read, 0: end or torn. */
static int read_block(struct spool *s, uint8_t **block, size_t *len)
{
	char path[PATH_MAX];
	struct head h;
	int fd, rc = 0;

	segment_path(s, s->first, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (pread(fd, &h, sizeof(h), (off_t)s->read_pos) == (ssize_t)sizeof(h) && h.len <= SPOOL_BLOCK_MAX) {
		*block = bb_malloc(h.len + 1);
		if (pread(fd, *block, h.len, (off_t)(s->read_pos + sizeof(h))) == (ssize_t)h.len &&
			(uint32_t)bb_hash(*block, h.len) == h.check) {
			*len = h.len;
			s->pending = sizeof(h) + h.len;
			rc = 1;
		} else {
			free(*block);
		}
	}
	close(fd);
	return rc;
}

int spool_first(struct spool *s, uint8_t **block, size_t *len)
{
	while (s->first <= s->last) {
		if (read_block(s, block, len) == 1)
			return 1;
		remove_first(s);
	}
	return 0;
}

void spool_drop_first(struct spool *s)
{
	s->read_pos += s->pending;
	s->pending = 0;
	if (s->read_pos >= segment_size(s, s->first))
		remove_first(s);
}

uint64_t spool_bytes(const struct spool *s)
{
	return s->bytes;
}

uint64_t spool_dropped(const struct spool *s)
{
	return s->dropped;
}
