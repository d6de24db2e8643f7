// SPDX-License-Identifier: Apache-2.0
/* See faultfs.h. */
#include "tests/lib/faultfs.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct faultfs own_rules;
static struct faultfs *rules = &own_rules;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void map_rules(void)
{
	const char *name = getenv("FAULTFS_FILE");
	int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*rules), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		rules = p;
}

struct faultfs *faultfs_rules(void)
{
	pthread_once(&once, map_rules);
	return rules;
}

static bool matches(const char *path, const char *rule)
{
	size_t n = strlen(path), m = strlen(rule);

	if (m == 0 || rule[m - 1] != '$')
		return strstr(path, rule);
	return n >= m - 1 && memcmp(path + n - (m - 1), rule, m - 1) == 0;
}

/* 0, or the error this call has to fail with. */
static int verdict(size_t op, int fd)
{
	struct faultfs *f = faultfs_rules();
	struct faultfs_op *o = op ? &f->write : &f->sync;
	char link[64], path[4096];
	ssize_t n;

	if (!__atomic_load_n(&o->err, __ATOMIC_SEQ_CST))
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	if (!matches(path, f->path))
		return 0;
	if (__atomic_load_n(&o->skip, __ATOMIC_SEQ_CST) > 0) {
		__atomic_sub_fetch(&o->skip, 1, __ATOMIC_SEQ_CST);
		return 0;
	}
	if (__atomic_load_n(&o->count, __ATOMIC_SEQ_CST) == 0)
		return 0;
	if (__atomic_load_n(&o->count, __ATOMIC_SEQ_CST) > 0)
		__atomic_sub_fetch(&o->count, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&o->err, __ATOMIC_SEQ_CST) == FAULTFS_KILL)
		kill(getpid(), SIGKILL);
	return __atomic_load_n(&o->err, __ATOMIC_SEQ_CST);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL_IF(op, fd, bad)                                                                       \
	do {                                                                                       \
		int e = verdict((op), (fd));                                                       \
		if (e) {                                                                           \
			errno = e;                                                                 \
			return (bad);                                                              \
		}                                                                                  \
	} while (0)

int fsync(int fd)
{
	FAIL_IF(0, fd, -1);
	return NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	FAIL_IF(0, fd, -1);
	return NEXT(fdatasync)(fd);
}

ssize_t write(int fd, const void *p, size_t n)
{
	FAIL_IF(1, fd, -1);
	return NEXT(write)(fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	FAIL_IF(1, fd, -1);
	return NEXT(pwrite)(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	FAIL_IF(1, fd, -1);
	return NEXT(pwrite64)(fd, p, n, at);
}

int posix_fallocate(int fd, off_t at, off_t n)
{
	int e = verdict(1, fd);

	return e ? e : NEXT(posix_fallocate)(fd, at, n);
}
