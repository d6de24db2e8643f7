// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/profile.h"
#include "common/arena.h"

/* libconfig 1.5 forgets the texts it had read when it refuses a file; that happens once a start. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\nleak:libconfig_yyparse\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_err err;
	char *text = bb_malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	/* Files named by @include are the host's, not the profile's. */
	if (!strstr(text, "@include")) {
		struct profile_set *s = profile_set_new();

		if (!profile_set_add(s, "fuzz", text, &err))
			profile_set_link(s);
		profile_set_free(s);
	}
	free(text);
	return 0;
}
