// SPDX-License-Identifier: Apache-2.0
#include "webd/static.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/str.h"
#include "webd/request.h"

#define FILE_MAX (32 << 20)

struct statics {
	char dir[320];
	int fd; /* -1 until the folder is there */
};

static const struct {
	const char *ending, *type;
	// clang-format off
} types[] = {
	{ ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
	{ ".svg", "image/svg+xml" }, { ".png", "image/png" }, { ".ico", "image/x-icon" }, { ".json", "application/json" },
	{ ".webmanifest", "application/manifest+json" }, { ".woff2", "font/woff2" }, { ".txt", "text/plain; charset=utf-8" },
	{ ".mp3", "audio/mpeg" }, { ".wav", "audio/wav" }, { ".ogg", "audio/ogg" }, { ".map", "application/json" },
};
// clang-format on

struct statics *statics_new(const char *share)
{
	struct statics *s = bb_calloc(1, sizeof(*s));

	snprintf(s->dir, sizeof(s->dir), "%s/web", share);
	s->fd = open(s->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s;
}

void statics_free(struct statics *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

/* One step of a path: the next folder or, at its end, the file. Takes `dir` over unless it is the
 * top one. */
static int step(const struct statics *s, int dir, const char *name, int flags)
{
	int fd = -1;

	if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (dir != s->fd)
		close(dir);
	return fd;
}

/* Open a regular file below the folder; symbolic links and ".." cannot lead out. Step by step,
 * because openat2() does not exist under RestrictSUIDSGID=, which cannot look into its arguments.
 */
static int open_below(struct statics *s, const char *name, struct stat *st)
{
	char path[URI_PATH_MAX + 4], *rest = path, *part;
	int fd;

	if (s->fd < 0)
		s->fd = open(s->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = s->fd;
	if (fd < 0 || !bb_copy(path, sizeof(path), name))
		return -1;
	while ((part = strsep(&rest, "/")) && rest && fd >= 0)
		fd = step(s, fd, part, O_PATH | O_DIRECTORY);
	if (fd >= 0)
		fd = step(s, fd, part, O_RDONLY);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_size <= FILE_MAX)
		return fd;
	close(fd);
	return -1;
}

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].ending, dot) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* "app-3FA9C2D1.js": at least 8 letters and digits, one of them a digit or capital, between '-'
 * or '.' and the last dot. */
static bool has_hash(const char *name)
{
	const char *base = strrchr(name, '/'), *dot, *p;
	bool has_mark = false;

	base = base ? base + 1 : name;
	dot = strrchr(base, '.');
	for (p = dot; p && p > base && isalnum((unsigned char)p[-1]); p--)
		has_mark |= isdigit((unsigned char)p[-1]) || isupper((unsigned char)p[-1]);
	return dot && p > base && (p[-1] == '-' || p[-1] == '.') && dot - p >= 8 && has_mark;
}

static bool takes_gzip(const struct request *rq)
{
	const char *accept = http_header(rq->http, "Accept-Encoding");

	return accept && strstr(accept, "gzip");
}

static void send_file(struct request *rq, const char *name, int fd, const struct stat *st,
	bool is_gzip)
{
	const char *have = http_header(rq->http, "If-None-Match");
	char etag[64];

	snprintf(etag, sizeof(etag), "\"%llx-%llx-%llx%s\"", (unsigned long long)st->st_ino,
		(unsigned long long)st->st_size,
		(unsigned long long)st->st_mtim.tv_sec * 1000000000ull +
			(unsigned long long)st->st_mtim.tv_nsec,
		is_gzip ? "z" : "");
	http_set_header(rq->http, "ETag", etag);
	http_set_header(rq->http, "Vary", "Accept-Encoding");
	http_set_header(rq->http, "Cache-Control",
		has_hash(name) ? "public, max-age=31536000, immutable" : "no-cache");
	if (have && strcmp(have, etag) == 0) {
		close(fd);
		http_reply(rq->http, 304, NULL, NULL);
		return;
	}
	if (is_gzip)
		http_set_header(rq->http, "Content-Encoding", "gzip");
	http_reply_file(rq->http, type_of(name), fd, (size_t)st->st_size);
}

void static_serve(struct statics *s, struct request *rq)
{
	const char *name = rq->http->uri.path + 1;
	const char *base = strrchr(name, '/');
	char zipped[URI_PATH_MAX + 4];
	struct stat st;
	int fd;

	if (!*name || !strchr(base ? base : name, '.'))
		name = "index.html";
	snprintf(zipped, sizeof(zipped), "%s.gz", name);
	if (takes_gzip(rq) && (fd = open_below(s, zipped, &st)) >= 0) {
		send_file(rq, name, fd, &st, true);
		return;
	}
	fd = open_below(s, name, &st);
	if (fd >= 0)
		send_file(rq, name, fd, &st, false);
	else if (strcmp(name, "index.html") == 0)
		reply_problem(rq, PROBLEM_NOT_FOUND,
			"the interface is not installed in \"%s\"; build it with make", s->dir);
	else
		reply_problem(rq, PROBLEM_NOT_FOUND, "there is no such file");
}
