// SPDX-License-Identifier: Apache-2.0
/* A mail made of any transition is ASCII in short CRLF lines, and its head holds the fields we
 * write and no other. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "notifyd/template.h"

static const char *const fields[] = { "Date:", "From:", "To:", "Subject:", "Message-ID:",
	"X-Busbar-Attempt:", "In-Reply-To:", "References:", "X-Busbar-Alarm:", "X-Busbar-Kind:",
	"Auto-Submitted:", "MIME-Version:", "Content-Type:", "Content-Transfer-Encoding:" };

static void check_field(const char *line)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strncmp(line, fields[i], strlen(fields[i])) == 0)
			return;
	bb_assert(*line == ' ');
}

static void check_mail(const struct bb_buf *mail)
{
	bool in_head = true;
	char *end;

	bb_assert(strlen(mail->data) == mail->len);
	for (char *line = mail->data; *line; line = end + 2) {
		end = strstr(line, "\r\n");
		bb_assert(end && end - line <= 120);
		for (char *p = line; p < end; p++)
			bb_assert(*p >= 0x20 && *p < 0x7f);
		*end = '\0';
		if (in_head && *line)
			check_field(line);
		if (!*line)
			in_head = false;
	}
	bb_assert(!in_head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t key[16];
	struct bb_arena *a = bb_arena_new(4096, 0);
	const Busbar__V1__Transition *t = bb_unpack_transition(a, data, n, NULL);
	struct bb_buf mail = { 0 };

	if (t && t->alarm) {
		template_render(&(struct letter){ .transition = t,
					.from = "busbar@example.net",
					.kind = route_kind(t) == ROUTE_CLEAR ? ROUTE_CLEAR
									     : ROUTE_RAISE,
					.to = "ops@example.org",
					.to_name = t->alarm->text,
					.key = key,
					.install_id = "0011",
					.attempt = t->from + 1 },
			&mail);
		check_mail(&mail);
	}
	bb_buf_fini(&mail);
	bb_arena_free(a);
	return 0;
}
