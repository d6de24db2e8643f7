// SPDX-License-Identifier: Apache-2.0
/* busbar.conf: whatever the file holds, it loads or is refused, and settings that load stay within
 * their ranges. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/conf.h"

struct settings {
	char *text;
	int64_t number;
	bool flag;
};

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "text", BB_CONF_STR, offsetof(struct settings, text), "", 0, 20, "x", "a text" },
	{ "number", BB_CONF_INT, offsetof(struct settings, number), "ms", 1, 10, "3", "a number" },
	{ "flag", BB_CONF_BOOL, offsetof(struct settings, flag), "", 0, 0, "true", "a flag" },
	BB_CONF_END
};
// clang-format on

/* libconfig 1.5 forgets the texts it had read when it refuses a file; a daemon ends then anyway. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\nleak:libconfig_yyparse\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct settings s = { 0 };
	struct bb_err err;
	char file[32];
	int fd;

	/* libconfig would open what it names, and the fuzzer would find /dev/stdin. */
	if (memmem(data, n, "@inc", 4))
		return 0;
	fd = memfd_create("conf", MFD_CLOEXEC);
	bb_assert(write(fd, data, n) == (ssize_t)n);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	if (bb_conf_load(file, "alarmd", schema, &s, &err) == 0)
		bb_assert(strlen(s.text) <= 20 && s.number >= 1 && s.number <= 10);
	bb_conf_free(schema, &s);
	close(fd);
	return 0;
}
