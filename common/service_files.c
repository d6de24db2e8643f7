// SPDX-License-Identifier: Apache-2.0
#include "common/service_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/service.h"
#include "common/str.h"

enum { PATH_BYTES = 512 };

/* ---- where things lie ---- */

static int place(char *out, size_t cap, struct bb_err *err, const char *dir, const char *sub,
	const char *name)
{
	if ((size_t)snprintf(out, cap, "%s%s%s%s", dir, sub, *name ? "/" : "", name) >= cap)
		return bb_err_set(err, "path \"%s%s\" is too long; choose a folder nearer to /",
			dir, sub);
	return 0;
}

/* DIR/run.path names a short folder when DIR/run would be too long for a socket's name. */
static int run_place(const char *dir, struct bb_dirs *out, struct bb_err *err)
{
	char file[PATH_BYTES], text[sizeof(out->run) + 1] = "";
	FILE *f;

	if (place(file, sizeof(file), err, dir, "/run.path", "") < 0)
		return -1;
	f = fopen(file, "re");
	if (!f)
		return place(out->run, sizeof(out->run), err, dir, "/run", "");
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	if (text[0] != '/' || !bb_copy(out->run, sizeof(out->run), text))
		return bb_err_set(err,
			"\"%s\" does not name a folder by a path of at most %zu bytes", file,
			sizeof(out->run) - 1);
	return 0;
}

static int stack_dirs(const char *dir, const char *name, struct bb_dirs *out, struct bb_err *err)
{
	const char *share = getenv("BUSBAR_SHARE");
	char *real = realpath(dir, NULL);
	int rc = -1;

	if (!real)
		return bb_err_errno(err, "cannot use --dir \"%s\"", dir);
	if (place(out->etc, sizeof(out->etc), err, real, "/etc", "") < 0 ||
		place(out->lib, sizeof(out->lib), err, real, "/lib", name) < 0 ||
		run_place(real, out, err) < 0)
		goto out;
	if (share && !bb_copy(out->share, sizeof(out->share), share)) {
		bb_err_set(err, "BUSBAR_SHARE \"%s\" is too long", share);
		goto out;
	}
	if (!share && (place(out->share, sizeof(out->share), err, real, "/opt/share", "") < 0 ||
			      access(out->share, R_OK) != 0))
		bb_copy(out->share, sizeof(out->share), BUSBAR_PREFIX "/share/busbar");
	rc = 0;
out:
	free(real);
	return rc;
}

int bb_dirs_find(const char *dir, const char *name, struct bb_dirs *out, struct bb_err *err)
{
	if (dir)
		return stack_dirs(dir, name, out, err);
	bb_copy(out->etc, sizeof(out->etc), "/etc/busbar");
	bb_copy(out->run, sizeof(out->run), "/run/busbar");
	bb_copy(out->share, sizeof(out->share), BUSBAR_PREFIX "/share/busbar");
	return place(out->lib, sizeof(out->lib), err, "/var/lib/busbar", "", name);
}

int service_folder_make(const char *dir, unsigned mode, struct bb_err *err)
{
	char path[PATH_BYTES];

	if (!bb_copy(path, sizeof(path), dir))
		return bb_err_set(err, "path \"%s\" is too long", dir);
	for (char *p = path + 1;; p++) {
		char end = *p;

		if (end && end != '/')
			continue;
		*p = '\0';
		if (mkdir(path, mode) < 0 && errno != EEXIST)
			return bb_err_errno(err, "cannot make folder \"%s\"", path);
		if (!end)
			return 0;
		*p = end;
	}
}

/* ---- lock ---- */

static int lock_refused(int fd, const char *file, const char *name, struct bb_err *err)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	if (errno != EWOULDBLOCK)
		return bb_err_errno(err, "cannot lock \"%s\"", file);
	pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
	return bb_err_set(err,
		"%s already runs on \"%s\" as process %s; stop it, or use another folder", name,
		file, *pid ? pid : "unknown");
}

int service_lock_take(const char *lib, const char *name, struct bb_err *err)
{
	char file[PATH_BYTES], pid[16];
	int fd, n;

	if (place(file, sizeof(file), err, lib, "/lock", "") < 0)
		return -1;
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return bb_err_errno(err, "cannot open lock file \"%s\"", file);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		lock_refused(fd, file, name, err);
		close(fd);
		return -1;
	}
	/* The pid is for people; the lock itself needs no byte of the disk, so a full one must not
	 * keep the daemon from starting. */
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n)
		return fd;
	return fd;
}

/* ---- epoch ---- */

static uint64_t count_read(const char *file)
{
	char text[32] = "";
	uint64_t count = 0;
	FILE *f = fopen(file, "re");

	if (!f)
		return 0;
	if (fgets(text, sizeof(text), f)) {
		text[strcspn(text, "\n")] = '\0';
		if (bb_parse_u64(text, "epoch", 0, UINT32_MAX, &count, NULL) < 0)
			count = 0;
	}
	fclose(f);
	return count;
}

/* Whole or not at all, and on the disk before it is used. */
static void count_write(const char *lib, const char *file, uint64_t count)
{
	char temp[PATH_BYTES];
	FILE *f;
	int dir_fd;

	if (place(temp, sizeof(temp), NULL, lib, "/epoch.new", "") < 0)
		return;
	f = fopen(temp, "we");
	if (!f)
		return;
	fprintf(f, "%" PRIu64 "\n", count);
	if (fflush(f) != 0 || fsync(fileno(f)) < 0 || rename(temp, file) < 0)
		unlink(temp);
	fclose(f);
	dir_fd = open(lib, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return;
	fsync(dir_fd);
	close(dir_fd);
}

/* The larger of count and wall clock: with a good file the count decides when the clock went back,
 * on a full disk the clock decides when the count could not be kept. 32 bits of seconds last until
 * 2106. */
uint64_t service_epoch_next(const char *lib)
{
	char file[PATH_BYTES];
	uint64_t count = 0, now_s = bb_clock_real_us() / 1000000;
	bool has_place = place(file, sizeof(file), NULL, lib, "/epoch", "") == 0;

	if (has_place)
		count = count_read(file) + 1;
	if (count < now_s)
		count = now_s;
	if (has_place)
		count_write(lib, file, count);
	bb_assert(sodium_init() >= 0);
	return count << 32 | randombytes_random();
}

FILE *service_dump_open(const char *run, const char *name, struct bb_err *err)
{
	char file[PATH_BYTES];
	FILE *f = NULL;
	int fd;

	if ((size_t)snprintf(file, sizeof(file), "%s/%s.dump", run, name) >= sizeof(file))
		return bb_err_null(err, "path \"%s\" is too long", run);
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd >= 0)
		f = fdopen(fd, "w");
	if (!f)
		bb_err_errno(err, "cannot write \"%s\"", file);
	return f;
}
