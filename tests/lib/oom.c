// SPDX-License-Identifier: Apache-2.0
/* Memory that runs out on order: oom.so by LD_PRELOAD in front of a daemon. The file named by OOM_FILE holds three int32: `skip` good
 * calls of malloc, calloc and realloc, then `count` that fail (0: none), and how many there were so far. Not for builds with a
 * sanitizer, which have a malloc of their own. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own, so that nothing is looked up while memory is asked for. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static int32_t *rules; /* skip, count, calls */

__attribute__((constructor)) static void map_rules(void)
{
	const char *name = getenv("OOM_FILE");
	int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
	void *p =
		fd < 0 ? MAP_FAILED
		       : mmap(NULL, 3 * sizeof(*rules), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (p != MAP_FAILED)
		rules = p;
}

static bool fails(void)
{
	if (!rules)
		return false;
	int32_t n = __atomic_add_fetch(&rules[2], 1, __ATOMIC_SEQ_CST) - rules[0];
	if (n <= 0 || n > rules[1])
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}
