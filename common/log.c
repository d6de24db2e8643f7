// SPDX-License-Identifier: Apache-2.0
#include "common/log.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "common/clock.h"
#include "common/str.h"

enum { LINE_MAX_BYTES = 4096, FIELDS_MAX = 24, REPEAT_MS = 3600 * 1000 };

static const struct {
	enum bb_level level;
	const char *name;
} events[] = {
#define EVENT(id, level, name, meaning, action) { level, name },
#include "common/event.def"
#undef EVENT
};

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[BB_ERR] = { "error", LOG_ERR },
	[BB_WARN] = { "warning", LOG_WARNING },
	[BB_INFO] = { "info", LOG_INFO },
	[BB_DEBUG] = { "debug", LOG_DEBUG },
};

/* Written by bb_log_open() before threads start, read by all. */
static struct {
	const char *name;
	enum bb_level min;
	bool to_journal;
} log_to = { .name = "busbar", .min = BB_INFO };

/* The variable alone proves nothing: a process started below a service inherits it with its output
 * redirected. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void bb_log_open(const char *name, enum bb_level min)
{
	log_to.name = name;
	log_to.min = min;
	log_to.to_journal = stderr_is_journal();
}

/* A fixed line, silently cut when full: logging must not allocate or fail. */
struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

static void line_add(struct line *l, const char *s, size_t n)
{
	size_t room = sizeof(l->text) - 1 - l->len;

	n = n < room ? n : room;
	memcpy(l->text + l->len, s, n);
	l->len += n;
	l->text[l->len] = '\0';
}

static void line_str(struct line *l, const char *s)
{
	line_add(l, s, strlen(s));
}

static bool needs_quotes(const char *s)
{
	return !*s || s[strcspn(s, " \"=\\")];
}

/* Control characters, C1 among them, and bytes that are no UTF-8 as \xNN: the reader's terminal
 * must not obey a device. */
static void line_value(struct line *l, const char *s)
{
	bool is_utf8 = bb_utf8_valid(s, strlen(s));
	bool quotes = needs_quotes(s);
	unsigned char before = 0;

	if (quotes)
		line_add(l, "\"", 1);
	for (; *s; before = (unsigned char)*s++) {
		unsigned char c = (unsigned char)*s;
		bool is_c1 = is_utf8 && before == 0xc2 && c < 0xa0;
		bool leads_c1 = is_utf8 && c == 0xc2 && (unsigned char)s[1] < 0xa0;
		char escaped[5];

		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !is_utf8) || is_c1 || leads_c1)
			snprintf(escaped, sizeof(escaped), "\\x%02x", c);
		else if (quotes && (c == '"' || c == '\\'))
			snprintf(escaped, sizeof(escaped), "\\%c", c);
		else
			snprintf(escaped, sizeof(escaped), "%c", c);
		line_str(l, escaped);
	}
	if (quotes)
		line_add(l, "\"", 1);
}

/* The bare value of a field; strings are returned as they are, numbers printed into buf. */
static const char *field_text(const struct bb_field *f, char *buf, size_t cap)
{
	switch (f->type) {
	case BB_FIELD_STR: return f->s ? f->s : "";
	case BB_FIELD_UINT: snprintf(buf, cap, "%" PRIu64, f->u); return buf;
	case BB_FIELD_INT: snprintf(buf, cap, "%" PRId64, f->i); return buf;
	case BB_FIELD_DOUBLE: snprintf(buf, cap, "%.6g", f->d); return buf;
	}
	return "";
}

static void line_message(struct line *l, enum bb_event_id id, const struct bb_field *fields,
	size_t n)
{
	char number[32];

	line_str(l, events[id].name);
	for (size_t i = 0; i < n; i++) {
		line_str(l, " ");
		line_str(l, fields[i].name);
		line_str(l, "=");
		line_value(l, field_text(&fields[i], number, sizeof(number)));
	}
}

/* Journal fields: BUSBAR_<NAME>, as letters, digits and underscores. */
static size_t journal_field(char *out, size_t cap, const char *name, const char *value)
{
	int n = snprintf(out, cap, "BUSBAR_%s=%s", name, value);

	for (char *p = out; *p && *p != '='; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return (size_t)n < cap ? (size_t)n : cap - 1;
}

static int journal_send(enum bb_event_id id, const struct bb_field *fields, size_t n)
{
	struct line message = { .len = 0 };
	char priority[16], identifier[80], event[64], texts[FIELDS_MAX][256], number[32];
	struct iovec iov[FIELDS_MAX + 4];
	size_t n_iov = 0;

	line_str(&message, "MESSAGE=");
	line_message(&message, id, fields, n);
	snprintf(priority, sizeof(priority), "PRIORITY=%d", levels[events[id].level].priority);
	snprintf(identifier, sizeof(identifier), "SYSLOG_IDENTIFIER=%s", log_to.name);
	journal_field(event, sizeof(event), "event", events[id].name);
	iov[n_iov++] = (struct iovec){ .iov_base = message.text, .iov_len = message.len };
	iov[n_iov++] = (struct iovec){ .iov_base = priority, .iov_len = strlen(priority) };
	iov[n_iov++] = (struct iovec){ .iov_base = identifier, .iov_len = strlen(identifier) };
	iov[n_iov++] = (struct iovec){ .iov_base = event, .iov_len = strlen(event) };
	for (size_t i = 0; i < n && i < FIELDS_MAX; i++) {
		const char *value = field_text(&fields[i], number, sizeof(number));
		size_t len = journal_field(texts[i], sizeof(texts[i]), fields[i].name, value);

		iov[n_iov++] = (struct iovec){ .iov_base = texts[i], .iov_len = len };
	}
	return sd_journal_sendv(iov, (int)n_iov);
}

void bb_log_fields(enum bb_event_id id, const struct bb_field *fields, size_t n)
{
	struct line l = { .len = 0 };
	char at[32];

	bb_assert((size_t)id < EV_COUNT);
	if (events[id].level > log_to.min)
		return;
	if (log_to.to_journal && journal_send(id, fields, n) == 0)
		return;
	line_str(&l, bb_clock_rfc3339(bb_clock_real_us(), at));
	line_str(&l, " ");
	line_str(&l, levels[events[id].level].name);
	line_str(&l, " ");
	line_str(&l, log_to.name);
	line_str(&l, " ");
	line_message(&l, id, fields, n);
	/* In place of the NUL, so a cut line ends in it too. One write keeps the lines of several
	 * processes apart. */
	l.text[l.len] = '\n';
	if (write(STDERR_FILENO, l.text, l.len + 1) < 0)
		return; /* there is nobody left to tell */
}

bool bb_log_due(struct bb_log_limit *l, const char *text, uint64_t *repeats)
{
	uint64_t now_ms = bb_clock_boot_ms();
	uint64_t hash = bb_hash(text, strlen(text)) | 1; /* 0 means never logged */

	if (l->hash == hash && now_ms - l->last_ms < REPEAT_MS) {
		l->swallowed++;
		return false;
	}
	if (repeats)
		*repeats = l->swallowed;
	*l = (struct bb_log_limit){ .last_ms = now_ms, .hash = hash };
	return true;
}
